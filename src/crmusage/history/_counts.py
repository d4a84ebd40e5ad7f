from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
import polars as pl

from crmusage.history._summing import Int64, summed

Codes = npt.NDArray[np.integer[Any]]
Key = Codes | tuple[Codes, Sequence[str | None]]


@attrs.frozen(eq=False, repr=False)
class Counts:
    """A table of integer sums by keys, which adds up: the form in which parts of a history are brought together.

    One row a combination of keys, sorted by them (missing first), so that equal sums are equal tables whatever
    the parts were and whatever their order. Sums are 64-bit integers (counts, microseconds, cents, fixed-point
    logarithms): they merge to the same bit, which floating-point sums do not.
    """

    keys: tuple[str, ...]
    sums: tuple[str, ...]
    values: Mapping[str, Int64]
    """By key and sum; of text keys the places in `texts`, -1: missing."""
    texts: Mapping[str, tuple[str, ...]]
    """By text key, the texts that occur, ascending."""

    @classmethod
    def of(cls, keys: Mapping[str, Key], sums: Mapping[str, Codes | None]) -> Counts:
        """Add up what stands in parallel arrays, one entry an item.

        Args:
            keys: by name, an integer array; or a pair (codes, labels) to have `labels[code]` as the key, and a
                missing key where the code is negative.
            sums: by name, the integers to add up, or None to count the items.

        Raises:
            TypeError: when something to add up is not made of integers.
        """
        columns: dict[str, Int64] = {}
        labels: dict[str, tuple[str, ...]] = {}
        for name, key in keys.items():
            if isinstance(key, tuple):
                columns[name], labels[name] = _ordered(*key)
            else:
                columns[name] = np.asarray(key, dtype=np.int64)
        added: list[Int64 | None] = []
        for name, values in sums.items():
            given = None if values is None else np.asarray(values)
            if given is not None and not (np.issubdtype(given.dtype, np.integer) or given.dtype == bool):
                raise TypeError(f"{name}: only integers add up exactly, not {given.dtype}")
            added.append(None if given is None else given.astype(np.int64, copy=False))
        return cls._tidy(tuple(keys), tuple(sums), list(columns.values()), added, labels)

    @classmethod
    def empty(cls, keys: Mapping[str, type[str | int]], sums: Iterable[str]) -> Counts:
        """A table without rows, to start from."""
        names = tuple(sums)
        nothing = np.zeros(0, dtype=np.int64)
        labels: dict[str, tuple[str, ...]] = {name: () for name, sort in keys.items() if sort is str}
        return cls(tuple(keys), names, dict.fromkeys((*keys, *names), nothing), labels)

    @classmethod
    def of_rows(
        cls,
        rows: Iterable[Mapping[str, Any]],
        keys: Mapping[str, type[str | int]],
        sums: Iterable[str],
    ) -> Counts:
        """The table that `rows` told, its rows in any order and several for the same keys: they are added up.

        Raises:
            TypeError: when an integer is missing in a row.
        """
        names = tuple(sums)
        schema: dict[str, Any] = {name: pl.String if sort is str else pl.Int64 for name, sort in keys.items()}
        schema.update(dict.fromkeys(names, pl.Int64))
        frame = pl.DataFrame(list(rows), schema=schema)
        whole: dict[str, Int64] = {}
        for name in schema:
            if keys.get(name) is not str:
                if frame[name].null_count():
                    raise TypeError(f"{name}: a row without this integer does not add up")
                whole[name] = frame[name].to_numpy()
        found: dict[str, Key] = {}
        for name, sort in keys.items():
            if sort is str:
                texts = frame[name].to_list()
                found[name] = np.arange(len(texts)), texts
            else:
                found[name] = whole[name]
        return cls.of(found, {name: whole[name] for name in names})

    @classmethod
    def _tidy(
        cls,
        keys: tuple[str, ...],
        sums: tuple[str, ...],
        columns: Sequence[Int64],
        added: Sequence[Int64 | None],
        labels: Mapping[str, tuple[str, ...]],
    ) -> Counts:
        """`labels` ascend; those that do not occur are dropped."""
        tidy = dict(
            zip((*keys, *sums), (part for some in summed(columns, added) for part in some), strict=True)
        )
        used: dict[str, tuple[str, ...]] = {}
        for name, texts in labels.items():
            occurs = np.bincount(tidy[name] + 1, minlength=len(texts) + 1)[1:] > 0
            used[name] = tuple(text for text, there in zip(texts, occurs.tolist(), strict=True) if there)
            if len(used[name]) < len(texts):
                tidy[name] = np.append(np.cumsum(occurs) - 1, -1)[tidy[name]]
        for values in tidy.values():
            # Columns are handed out as they are.
            values.setflags(write=False)
        return cls(keys, sums, tidy, used)

    def merge(self, other: Counts) -> Counts:
        """The sums of both.

        Raises:
            ValueError: when the tables have other keys or sums.
        """
        if (self.keys, self.sums, self.texts.keys()) != (other.keys, other.sums, other.texts.keys()):
            raise ValueError(
                f"tables of other shape: {self.keys}, {self.sums} and {other.keys}, {other.sums}"
            )
        columns = []
        labels: dict[str, tuple[str, ...]] = {}
        for name in (*self.keys, *self.sums):
            both = [self.values[name], other.values[name]]
            if name in self.texts:
                labels[name] = tuple(sorted({*self.texts[name], *other.texts[name]}))
                place = {text: code for code, text in enumerate(labels[name])}
                both = [
                    np.array([*(place[text] for text in one.texts[name]), -1], dtype=np.int64)[codes]
                    for one, codes in zip((self, other), both, strict=True)
                ]
            columns.append(np.concatenate(both))
        n = len(self.keys)
        return self._tidy(self.keys, self.sums, columns[:n], columns[n:], labels)

    def by(self, *keys: str) -> Counts:
        """The same sums, by fewer keys."""
        columns, added = ([self.values[name] for name in names] for names in (keys, self.sums))
        labels = {name: texts for name, texts in self.texts.items() if name in keys}
        return self._tidy(keys, self.sums, columns, list(added), labels)

    def column(self, name: str) -> npt.NDArray[Any]:
        """One column: int64 for sums and integer keys, an object array (str or None) for text keys."""
        if name not in self.texts:
            return self.values[name]
        return np.array([*self.texts[name], None], dtype=object)[self.values[name]]

    def codes(self, name: str) -> tuple[Int64, tuple[str, ...]]:
        """A text key as places (-1: missing) in the texts that occur, which ascend: quicker than their `column`."""
        return self.values[name], self.texts[name]

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Every `column` by its name, the keys first."""
        return {name: self.column(name) for name in (*self.keys, *self.sums)}

    @property
    def frame(self) -> pl.DataFrame:
        """The table as a Polars frame: String and Int64 columns, the keys first."""
        return pl.DataFrame(
            [
                pl.Series(name, values.tolist(), pl.String)
                if name in self.texts
                else pl.Series(name, values, pl.Int64)
                for name, values in self.columns().items()
            ]
        )

    def to_arrow(self) -> Any:
        """The table as a PyArrow table of plain `string` and `int64` columns, as Spark takes it."""
        import pyarrow as pa

        return pa.table(
            {
                name: pa.array(self.column(name), type=pa.string() if name in self.texts else pa.int64())
                for name in (*self.keys, *self.sums)
            }
        )

    def rows(self) -> list[dict[str, Any]]:
        """Every row as a dict."""
        columns = {name: values.tolist() for name, values in self.columns().items()}
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same sums by the same keys."""
        if not isinstance(other, Counts):
            return NotImplemented
        return (
            (self.keys, self.sums, self.texts) == (other.keys, other.sums, other.texts)
            and len(self) == len(other)
            and all(np.array_equal(values, other.values[name]) for name, values in self.values.items())
        )

    __hash__ = None  # type: ignore[assignment]  # it holds arrays; mypy knows no other way to say so

    def __repr__(self) -> str:
        """Its keys and sums, and how many rows it has."""
        return f"Counts(keys={self.keys}, sums={self.sums}, {len(self):,} rows)"

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.values[self.keys[0]])


def _ordered(codes: Codes, texts: Sequence[str | None]) -> tuple[Int64, tuple[str, ...]]:
    """Codes for which the texts ascend, each text once; missing ones are -1."""
    ascending = tuple(sorted({text for text in texts if text is not None}))
    place = {text: code for code, text in enumerate(ascending)}
    table = np.array([*(-1 if text is None else place[text] for text in texts), -1], dtype=np.int64)
    return table[np.where(codes < 0, len(texts), codes)], ascending
