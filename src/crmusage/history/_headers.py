"""Columns whose header is blank: row numbers that data frames write first, cells that spreadsheets leave last."""

from __future__ import annotations

from collections.abc import Iterable


def all_named(names: Iterable[str]) -> tuple[str, ...]:
    """`names`, with `unnamed_1` and so on, by its place, for each that is blank."""
    given = tuple(names)
    taken = {name.strip() for name in given}
    named: list[str] = []
    for place, name in enumerate(given, 1):
        if name.strip():
            named.append(name)
            continue
        free = f"unnamed_{place}"
        while free in taken:
            free += "_"
        taken.add(free)
        named.append(free)
    return tuple(named)
