from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
import polars as pl

Codes = npt.NDArray[np.integer[Any]]
Key = Codes | tuple[Codes, Sequence[str | None]]


@attrs.frozen(eq=False)
class Counts:
    """A table of integer sums by keys, which adds up: the form in which parts of a history are brought together.

    One row a combination of keys, sorted by them (missing first), so that equal sums are equal tables whatever
    the parts were and whatever their order. Sums are 64-bit integers (counts, microseconds, cents, fixed-point
    logarithms): they merge to the same bit, which floating-point sums do not.
    """

    keys: tuple[str, ...]
    sums: tuple[str, ...]
    frame: pl.DataFrame = attrs.field(repr=False)

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
        columns: dict[str, Any] = {}
        labels: dict[str, Sequence[str | None]] = {}
        length = 0
        for name, key in keys.items():
            codes = key[0] if isinstance(key, tuple) else key
            if isinstance(key, tuple):
                labels[name] = key[1]
            columns[name] = np.asarray(codes, dtype=np.int64)
            length = len(codes)
        counting = []
        for name, values in sums.items():
            if values is None:
                counting.append(name)
                continue
            if not np.issubdtype(np.asarray(values).dtype, np.integer) and np.asarray(values).dtype != bool:
                raise TypeError(f"{name}: only integers add up exactly, not {np.asarray(values).dtype}")
            columns[name] = np.asarray(values, dtype=np.int64)
            length = len(values)
        columns.update({name: np.ones(length, dtype=np.int64) for name in counting})
        grouped = pl.DataFrame(columns).group_by(list(keys)).agg(pl.col(list(sums)).sum())
        for name, texts in labels.items():
            table = pl.Series(name, [*texts, None], dtype=pl.String)
            codes = grouped[name].to_numpy()
            row = np.where(codes < 0, len(texts), codes)
            grouped = grouped.with_columns(table.gather(row).alias(name))
        return cls._tidy(tuple(keys), tuple(sums), grouped)

    @classmethod
    def empty(cls, keys: Mapping[str, type[str | int]], sums: Iterable[str]) -> Counts:
        """A table without rows, to start from."""
        names = tuple(sums)
        schema: dict[str, Any] = {name: pl.String if sort is str else pl.Int64 for name, sort in keys.items()}
        schema.update(dict.fromkeys(names, pl.Int64))
        return cls(tuple(keys), names, pl.DataFrame(schema=schema))

    @classmethod
    def of_rows(
        cls,
        rows: Iterable[Mapping[str, Any]],
        keys: Mapping[str, type[str | int]],
        sums: Iterable[str],
    ) -> Counts:
        """The table that `rows` told, its rows in any order and several for the same keys: they are added up."""
        empty = cls.empty(keys, sums)
        return cls._tidy(empty.keys, empty.sums, pl.DataFrame(list(rows), schema=empty.frame.schema))

    @classmethod
    def _tidy(cls, keys: tuple[str, ...], sums: tuple[str, ...], frame: pl.DataFrame) -> Counts:
        tidy = frame.group_by(list(keys)).agg(pl.col(list(sums)).sum()).sort(list(keys), nulls_last=False)
        return cls(keys, sums, tidy.select([*keys, *sums]))

    def merge(self, other: Counts) -> Counts:
        """The sums of both.

        Raises:
            ValueError: when the tables have other keys or sums.
        """
        if (self.keys, self.sums) != (other.keys, other.sums):
            raise ValueError(
                f"tables of other shape: {self.keys}, {self.sums} and {other.keys}, {other.sums}"
            )
        return self._tidy(self.keys, self.sums, pl.concat([self.frame, other.frame]))

    def by(self, *keys: str) -> Counts:
        """The same sums, by fewer keys."""
        return self._tidy(keys, self.sums, self.frame)

    def column(self, name: str) -> npt.NDArray[Any]:
        """One column: int64 for sums and integer keys, an object array (str or None) for text keys."""
        series = self.frame[name]
        if series.dtype == pl.String:
            return np.array(series.to_list(), dtype=object)
        return series.to_numpy()

    def to_arrow(self) -> Any:
        """The table as a PyArrow table of plain `string` and `int64` columns, as Spark takes it."""
        import pyarrow as pa

        plain = {
            name: pa.string() if dtype == pl.String else pa.int64()
            for name, dtype in self.frame.schema.items()
        }
        return self.frame.to_arrow().cast(pa.schema(plain.items()))

    def rows(self) -> list[dict[str, Any]]:
        """Every row as a dict."""
        return self.frame.to_dicts()

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same sums by the same keys."""
        if not isinstance(other, Counts):
            return NotImplemented
        same = (self.keys, self.sums) == (other.keys, other.sums)
        return same and self.frame.equals(other.frame, null_equal=True)

    __hash__ = None  # type: ignore[assignment]  # it holds a frame

    def __len__(self) -> int:
        """The number of rows."""
        return self.frame.height
