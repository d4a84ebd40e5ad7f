"""Activities called by what they mean, whatever the source calls them."""

from __future__ import annotations

import polars as pl

from crmusage.history._column import emptied
from crmusage.history._mapping import LogMapping
from crmusage.history._set_aside import Ledger
from crmusage.model import MEANINGS, Text

RAW_ACTIVITY = "activity_raw"
"""The attribute that keeps an activity's own name where a meaning took its place."""

LISTED = 10
"""Names that a note lists."""


def with_known_meanings(vocabulary: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """The vocabulary without meanings that do not exist."""
    meaning = vocabulary["meaning"]
    foreign = (meaning.is_not_null() & ~meaning.is_in(list(MEANINGS))).fill_null(False)
    ledger.add(
        "vocabulary", "unknown meaning", vocabulary.filter(foreign), key="raw", value="meaning", kept=True
    )
    return vocabulary.with_columns(emptied(meaning, foreign)) if foreign.any() else vocabulary


def with_meanings(
    events: pl.DataFrame, vocabulary: pl.DataFrame, mapping: LogMapping, notes: list[Text]
) -> pl.DataFrame:
    """Events with the meanings that the vocabulary and the mapping give; the mapping's go first."""
    spoken = vocabulary.filter(
        (pl.col("entity") == "event") & (pl.col("field") == "activity") & pl.col("meaning").is_not_null()
    ).sort("raw", "meaning", descending=[False, True])
    meanings = dict(spoken.select("raw", "meaning").iter_rows()) | dict(mapping.meanings)
    raw = events["activity"]
    seen = set(raw.unique().to_list())
    if events.height:
        notes.extend(_idle(mapping, seen, set(meanings.values())))
    used = {name: meaning for name, meaning in meanings.items() if name in seen and name != meaning}
    if not used:
        return events
    events = events.with_columns(raw.replace(list(used), list(used.values())))
    return events if RAW_ACTIVITY in events.columns else events.with_columns(raw.alias(RAW_ACTIVITY))


def _idle(mapping: LogMapping, seen: set[str], meanings: set[str]) -> list[Text]:
    """A note on activities that the caller named and that never occur: most often one is misspelt."""
    # A closing activity may be named by its meaning.
    named = set(mapping.meanings) | (set(mapping.closing or ()) - meanings)
    idle = sorted(named - seen)
    if not idle:
        return []
    listed = ", ".join(idle[:LISTED]) + (" …" if len(idle) > LISTED else "")
    return [
        Text(
            en=f"The mapping names activities that never occur in the data: {listed}.",
            fr=f"La correspondance nomme des activités absentes des données : {listed}.",
        )
    ]
