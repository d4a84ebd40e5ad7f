"""A tally as parallel arrays, from which units are laid out next to each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.detectors._deals import Bool, Int64
from crmusage.history import Counts


@attrs.frozen(eq=False)
class Columns:
    """The keys and sums of a tally, one entry a row of it."""

    values: Mapping[str, npt.NDArray[Any]]
    """By name; of texts their places in `texts`, -1: missing."""
    texts: Mapping[str, tuple[str, ...]]
    """By name, in text order; not all of them need occur."""

    @classmethod
    def of(cls, table: Counts) -> Columns:
        """All of a tally."""
        return cls(dict(table.values), table.texts)

    @classmethod
    def of_deals(cls, table: Counts) -> Columns:
        """Of a tally with a key "deal": what is said to be opportunities, or all where nothing is."""
        every = cls.of(table)
        deals = every["deal"] == 1
        return every.at(deals) if deals.any() else every

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """A column."""
        return self.values[name]

    def at(self, rows: Bool) -> Columns:
        """Some of the rows."""
        return Columns({name: values[rows] for name, values in self.values.items()}, self.texts)

    def placed(self, name: str) -> tuple[tuple[str, ...], Int64]:
        """The texts that occur, in text order, and each row's place among them; one beyond: it has none."""
        texts, codes = self.texts[name], self.values[name]
        there = np.bincount(codes + 1, minlength=len(texts) + 1)[1:] > 0
        found = tuple(text for text, occurs in zip(texts, there.tolist(), strict=True) if occurs)
        return found, np.append(np.cumsum(there) - 1, len(found))[codes]

    def rows_among(self, name: str, texts: tuple[str, ...]) -> Int64:
        """Each row's place among given texts; one beyond: it has another, or none."""
        found, place = self.placed(name)
        known = {text: row for row, text in enumerate(texts)}
        rows = np.array([*(known.get(text, len(texts)) for text in found), len(texts)], dtype=np.int64)
        row: Int64 = rows[place]
        return row

    def having(self, name: str, text: str) -> Bool:
        """Which rows have a text."""
        texts, codes = self.texts[name], self.values[name]
        there: Bool = codes == texts.index(text) if text in texts else np.zeros(len(codes), dtype=bool)
        return there

    def totals(self, name: str, row: Int64, n_rows: int, *, of: str = "n") -> dict[str, Int64]:
        """For each text of a column that occurs, what stands in the rows that have it, added up by `row`."""
        found = {}
        texts, place = self.placed(name)
        for code, text in enumerate(texts):
            found[text] = np.zeros(n_rows, dtype=np.int64)
            np.add.at(found[text], row[place == code], self.values[of][place == code])
        return found
