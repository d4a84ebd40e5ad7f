"""What events tell about their cases: when they began and ended, how, and whose they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs
import numpy as np
import numpy.typing as npt
import polars as pl

from crmusage.errors import ContractError
from crmusage.history._cells import convert
from crmusage.history._column import Unusable, missing
from crmusage.history._contract import INSTANT, columns_of
from crmusage.history._order import runs
from crmusage.history._set_aside import Ledger
from crmusage.model import CLOSING, Text, Wording

FIRST_TOLD = frozenset({"created_at", "created_by"})
"""Of these the first value in a case counts; of all others the last, which is how things stand."""

REOPENED = "reopened"

# Columns made on the way; no source's header begins with a blank (the door takes those off).
_CLOSING, _ENDING, _TOLD = " closing", " ending", " told"

ALL_ENDED = Text(
    en="Nothing says how a case ends (no closing activity was named or found): every case is taken as "
    "ended at its last event.",
    fr="Rien n'indique comment un dossier se termine (aucune activité de clôture nommée ni trouvée) : chaque "
    "dossier est considéré comme terminé à son dernier événement.",
)
DERIVED = Text(
    en="There is no table of cases: each case is put together from its events and begins with the first one.",
    fr="Aucune table de dossiers n'est fournie : chaque dossier est reconstitué à partir de ses événements "
    "et commence au premier.",
)


@attrs.frozen
class Ending:
    """Which activities end a case, with the outcome that each gives."""

    outcomes: Mapping[str, str | None]
    named: bool
    """The caller named some."""

    @classmethod
    def of(cls, named: Mapping[str, str | None] | None) -> Ending:
        """The meanings that end a case, and what the caller named."""
        return cls({**CLOSING, **(named or {})}, named is not None)

    def last(self, events: pl.DataFrame) -> pl.DataFrame:
        """The last closing event of each case that was not reopened after it: its case, time and outcome."""
        closing = pl.col("activity").is_in(list(self.outcomes))
        return (
            events.lazy()
            .filter(closing | (pl.col("activity") == REOPENED))
            .select("case_id", "activity", "at")
            .unique("case_id", keep="last", maintain_order=True)
            .filter(closing)
            .select(
                "case_id",
                pl.col("at").alias(_CLOSING),
                pl.col("activity")
                .replace_strict(list(self.outcomes), list(self.outcomes.values()), return_dtype=pl.String)
                .alias(_ENDING),
            )
            .collect()
        )


def derive(
    events: pl.DataFrame,
    attributes: pl.DataFrame | None,
    *,
    kind: str,
    ending: Ending,
    told: Mapping[str, str],
    zone: str | None,
    ledger: Ledger,
    notes: list[Text],
) -> pl.DataFrame:
    """Cases from their events (sorted by case, at, seq), with the attributes that came with them.

    `told` names the events' column that tells a column of cases. What closing events end is still open here.

    Raises:
        ContractError: when a column of the events cannot be the column of cases that it is said to tell.
    """
    bounds = runs(events["case_id"])
    cases = (
        events.select("case_id", "at", "actor")
        .filter(_only(bounds[:-1], events.height))
        .select("case_id", kind=pl.lit(kind, dtype=pl.String), created_at="at", created_by="actor")
    )
    cases = cases.with_columns(
        _of_case(events["unit"], bounds, keep="first"),
        _of_case(events["actor"], bounds, keep="last").alias("owner"),
    )
    cases = cases.with_columns(_as_told(cases, events, bounds, told, zone, ledger))
    if attributes is not None:
        cases = _with_attributes(cases, attributes, ledger)
    for name, dtype in (("closed_at", INSTANT), ("outcome", pl.String())):
        if name not in cases.columns:
            cases = cases.with_columns(pl.lit(None, dtype=dtype).alias(name))
    untold = not ending.named and cases["closed_at"].null_count() == cases.height
    if untold and cases.height and not events["activity"].is_in([*ending.outcomes]).any():
        last = events.select("case_id", closed_at="at").filter(_only(bounds[1:] - 1, events.height))
        cases = cases.drop("closed_at").join(last, on="case_id", how="left", maintain_order="left")
        notes.append(ALL_ENDED)
    return cases


def _of_case(told: pl.Series, bounds: npt.NDArray[np.int64], *, keep: Literal["first", "last"]) -> pl.Series:
    """The first or last value that the events of each case tell; case c has those from bound c to the next one."""
    begin, end = bounds[:-1], bounds[1:]
    if not told.null_count():
        return told.filter(_only(begin if keep == "first" else end - 1, len(told)))
    rows = told.is_not_null().arg_true().to_numpy().astype(np.int64)
    if not len(rows):
        return missing(told.name, told.dtype, len(begin))
    if keep == "first":
        row = np.append(rows, bounds[-1])[np.searchsorted(rows, begin)]
        found = row < end
    else:
        row = np.append(rows, -1)[np.searchsorted(rows, end) - 1]
        found = row >= begin
    picked = told.filter(_only(row[found], len(told)))
    if len(picked) == len(begin):
        return picked
    place = pl.Series(np.maximum(np.cumsum(found) - 1, 0))
    return picked.gather(place).zip_with(pl.Series(found), missing(told.name, told.dtype, len(begin)))


def _only(rows: npt.NDArray[np.int64], height: int) -> pl.Series:
    """A mask of rows. To filter by it takes no copy of what is in several chunks, to gather rows does."""
    mask = np.zeros(height, dtype=bool)
    mask[rows] = True
    return pl.Series(mask)


def _as_told(
    cases: pl.DataFrame,
    events: pl.DataFrame,
    bounds: npt.NDArray[np.int64],
    told: Mapping[str, str],
    zone: str | None,
    ledger: Ledger,
) -> list[pl.Series]:
    columns, faults = [], []
    for name, source in told.items():
        column = columns_of("cases")[name]
        raw = _of_case(events[source], bounds, keep="first" if name in FIRST_TOLD else "last")
        try:
            cells = convert(raw, column, zone=zone)
        except Unusable as unusable:
            faults.append(f"column {source} (as the cases' {name}): {unusable}")
            continue
        for what, mask in cells.bad.items():
            rows = cases.select("case_id").with_columns(raw.alias(_TOLD)).filter(mask)
            ledger.add("cases", column.reason(what), rows, key="case_id", value=_TOLD, kept=True)
        values = cells.values.alias(name)
        if name in cases.columns:
            values = values.zip_with(values.is_not_null(), cases[name])
        columns.append(values)
    if faults:
        raise ContractError("\n".join(faults))
    return columns


def _with_attributes(cases: pl.DataFrame, attributes: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """What came with the cases goes before what their events tell; a case without events has no time."""
    alone = attributes.join(cases.select("case_id"), on="case_id", how="anti")
    ledger.add("cases", "no events and no creation time", alone, key="case_id")
    joined = cases.join(attributes, on="case_id", how="left", suffix=_TOLD, maintain_order="left")
    both = [name for name in cases.columns if f"{name}{_TOLD}" in joined.columns]
    return joined.with_columns(pl.coalesce(f"{name}{_TOLD}", name).alias(name) for name in both).drop(
        f"{name}{_TOLD}" for name in both
    )


def close_by_events(
    cases: pl.DataFrame, events: pl.DataFrame, ending: Ending, *, but: pl.Series, ledger: Ledger
) -> tuple[pl.DataFrame, int]:
    """Cases with the closing time that their events tell where they have none of their own; how many took it.

    `but` are ids of cases that stay open whatever their events tell.
    """
    joined = cases.join(ending.last(events), on="case_id", how="left", maintain_order="left")
    taken = (
        joined["closed_at"].is_null()
        & joined[_CLOSING].is_not_null()
        & ~joined["case_id"].is_in(but.implode())
    )
    cases = joined.with_columns(
        # A case entered after its customer's yes is not closed before it exists.
        closed_at=pl.when(taken)
        .then(pl.max_horizontal(_CLOSING, "created_at"))
        .otherwise("closed_at")
        .cast(INSTANT),
        outcome=pl.when(taken).then(pl.coalesce("outcome", _ENDING)).otherwise("outcome"),
    ).drop(_CLOSING, _ENDING)
    untimed = cases.filter(pl.col("outcome").is_not_null() & pl.col("closed_at").is_null())
    ledger.add("cases", "outcome without a closing time", untimed, key="case_id", value="outcome", kept=True)
    return cases, int(taken.sum())


def closed_by_events(count: int) -> Text:
    """The note on closing times that were taken from events."""
    en, fr = Wording("en"), Wording("fr")
    return Text(
        en=f"{en.count(count, 'case')} {en.agree(count, 'has', 'have')} no closing time of "
        f"{en.agree(count, 'its', 'their')} own: that of the event which closed {en.agree(count, 'it', 'them')} is "
        "taken.",
        fr=f"{fr.count(count, 'case')} {fr.agree(count, 'n’a', 'n’ont')} pas de date de clôture propre : celle de "
        f"l'événement qui {fr.agree(count, 'l’a', 'les a')} clos est retenue.",
    )
