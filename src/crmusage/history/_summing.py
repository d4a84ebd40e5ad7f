"""Sums by keys over parallel arrays of whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]

_ROOM = 2**62
"""Names of combinations stay below it, well within 64 bits."""

_DENSE = 2
"""Up to so many possible combinations an item, each has a place of its own and nothing is sorted (measured)."""


def summed(keys: Sequence[Int64], sums: Sequence[Int64 | None]) -> tuple[list[Int64], list[Int64]]:
    """Add up items by their keys.

    Args:
        keys: parallel arrays, one entry an item; at least one.
        sums: what to add up for each item; None: count the items.

    Returns:
        The combinations of keys that occur, ascending (the first key weighs most), and their sums.
    """
    if not len(keys[0]):
        return [key[:0] for key in keys], [np.zeros(0, dtype=np.int64) for _ in sums]
    name, names = _named(keys)
    if names <= _DENSE * len(name):
        return _by_place(keys, sums, name, names)
    order = np.argsort(name)
    ordered = name[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    sizes = np.diff(np.append(starts, len(name)))
    one = order[starts]
    return [key[one] for key in keys], [
        sizes if values is None else np.add.reduceat(values[order], starts) for values in sums
    ]


def _by_place(
    keys: Sequence[Int64], sums: Sequence[Int64 | None], name: Int64, names: int
) -> tuple[list[Int64], list[Int64]]:
    one = np.full(names, -1, dtype=np.int64)
    one[name] = np.arange(len(name))
    used = np.flatnonzero(one >= 0)
    found: list[Int64] = []
    for values in sums:
        if values is None:
            found.append(np.bincount(name, minlength=names)[used])
            continue
        total = np.zeros(names, dtype=np.int64)
        np.add.at(total, name, values)
        found.append(total[used])
    return [key[one[used]] for key in keys], found


def _named(keys: Sequence[Int64]) -> tuple[Int64, int]:
    """One number for each item, in the order of its keys, and a bound that the numbers stay below."""
    name, names = _from_zero(keys[0])
    for key in keys[1:]:
        code, codes = _from_zero(key)
        if names * codes > _ROOM:
            code, codes = _ranked(code)
        if names * codes > _ROOM:
            name, names = _ranked(name)
        name, names = name * codes + code, names * codes
    return name, names


def _from_zero(key: Int64) -> tuple[Int64, int]:
    low, high = int(key.min()), int(key.max())
    if high - low >= _ROOM:
        return _ranked(key)
    return key - low, high - low + 1


def _ranked(key: npt.NDArray[Any]) -> tuple[Int64, int]:
    known, rank = np.unique(key, return_inverse=True)
    return rank.astype(np.int64), len(known)
