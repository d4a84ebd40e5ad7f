from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from crmusage.history._column import as_texts
from crmusage.model import SetAside

EXAMPLES = 5
"""How many examples a reason keeps."""
LONGEST_EXAMPLE = 80
"""Characters of a value that an example shows."""


class Ledger:
    """Collects what is set aside while a history is made."""

    def __init__(self) -> None:
        """Begin with nothing set aside."""
        self._entries: dict[tuple[str, str, bool], tuple[int, tuple[str, ...]]] = {}

    def add(
        self,
        table: str,
        what: str,
        rows: pl.DataFrame,
        *,
        key: str,
        value: str | None = None,
        kept: bool = False,
    ) -> None:
        """Count `rows` under the reason `<table>: <what>`; examples show the columns `key` and `value`."""
        if not rows.height:
            return
        self.put(SetAside(table, f"{table}: {what}", rows.height, _examples(rows, key, value), kept))

    def put(self, entry: SetAside) -> None:
        """Add one entry; the same reason adds up."""
        place = (entry.table, entry.reason, entry.kept)
        count, examples = self._entries.get(place, (0, ()))
        self._entries[place] = (count + entry.count, tuple(sorted((*examples, *entry.examples))[:EXAMPLES]))

    def __iter__(self) -> Iterator[SetAside]:
        for (table, reason, kept), (count, examples) in sorted(self._entries.items()):
            yield SetAside(table, reason, count, examples, kept)


def _examples(rows: pl.DataFrame, key: str, value: str | None) -> tuple[str, ...]:
    # The first in text order, not in row order: the same rows in another order tell the same.
    shown = [
        as_texts(rows[name]).str.slice(0, LONGEST_EXAMPLE).fill_null("(none)")
        for name in (key, value)
        if name is not None and name in rows.columns
    ]
    text = shown[0] if len(shown) == 1 else shown[0] + ": " + shown[1]
    return tuple(text.bottom_k(EXAMPLES).sort().to_list())
