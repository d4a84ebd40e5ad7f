"""What events can be told apart by the conditions of rules: finitely many letters for infinitely many values.

The values of an attribute fall into cells: two values of a cell satisfy the same comparisons. Cells of all attributes
together make letters, of which only those are kept that differ in what they mean to a rule. Nothing that can happen
is left out; where it is not certain that a cell holds any value at all (a text that matches a pattern), its letters
are marked as not sure, and no example is told with them.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from crmusage.model import Text
from crmusage.rules._automata import TooLargeError
from crmusage.rules._condition import All, AnyOf, Compare, Condition, Not, Op, comparisons
from crmusage.rules._phrases import shown

MOST_STEPS = 20_000
"""Assignments of cells that are tried for one set of rules (guessed: a fraction of a second)."""
MOST_LETTERS = 400
"""Letters of one activity (guessed: no book that a person wrote comes near it)."""

Residual = Condition | bool


class MixedSortsError(Exception):
    """An attribute is compared with values of two sorts."""

    def __init__(self, attribute: str, sorts: Iterable[str]) -> None:
        super().__init__(attribute)
        self.attribute = attribute
        self.sorts = tuple(sorts)


@attrs.frozen
class Cell:
    """Values that satisfy the same comparisons."""

    satisfies: frozenset[Compare]
    label: Text
    missing: bool = False
    sure: bool = True
    """Whether there certainly is such a value."""


def cells(attribute: str, compares: Iterable[Compare]) -> tuple[Cell, ...]:
    """All cells of an attribute, the sure and simple ones first.

    Raises:
        MixedSortsError: when the comparisons are with several sorts.
    """
    given = list(compares)
    # Before equal ones are taken together: 1 and true are equal, and yet of two sorts.
    sorts = list(dict.fromkeys(c.sort for c in given if c.op is not Op.IS_NULL))
    found = list(dict.fromkeys(given))
    if len(sorts) > 1:
        raise MixedSortsError(attribute, sorts)
    made = list(_of_sort(attribute, found, sorts[0])) if sorts else [_there(attribute, found)]
    nothing = frozenset(c for c in found if c.op is Op.IS_NULL and c.value)
    name = _named(attribute)
    made.append(Cell(nothing, Text(f"no {name}", f"sans {name}"), missing=True))
    made.sort(key=lambda cell: not cell.sure)
    distinct: dict[tuple[frozenset[Compare], bool], Cell] = {}
    for cell in made:
        distinct.setdefault((cell.satisfies, cell.missing), cell)
    return tuple(distinct.values())


def _there(attribute: str, compares: list[Compare]) -> Cell:
    present = frozenset(c for c in compares if not c.value)
    return Cell(present, Text(f"with {_named(attribute)}", f"avec {_named(attribute)}"))


def _of_sort(attribute: str, compares: list[Compare], sort: str) -> Iterator[Cell]:
    present = frozenset(c for c in compares if c.op is Op.IS_NULL and not c.value)
    valued = [c for c in compares if c.op is not Op.IS_NULL]
    patterns = [c for c in valued if c.op is Op.MATCHES]
    plain = [c for c in valued if c.op is not Op.MATCHES]
    if sort == "truth":
        points: list[Any] = [True, False]
    else:
        points = sorted({v for c in plain for v in (c.value if isinstance(c.value, tuple) else (c.value,))})
    for point in points:
        holds = frozenset(c for c in valued if c.of(point))
        yield Cell(present | holds, _same(attribute, point))
    if sort == "truth":
        return
    ordered = any(c.op in _ORDERS for c in plain)
    for low, high in itertools.pairwise([None, *points, None]):
        if _is_empty(low, high, sort):
            continue
        holds = frozenset(c for c in plain if _holds_between(c, low, high))
        label = _between(attribute, low, high) if ordered else _other(attribute, points)
        if not patterns:
            yield Cell(present | holds, label, sure=not _is_narrow(low, high))
            continue
        for sample in _samples(low, high, patterns):
            matched = frozenset(c for c in patterns if c.of(sample))
            yield Cell(present | holds | matched, _same(attribute, sample))
        for picks in itertools.product((False, True), repeat=len(patterns)):
            matched = frozenset(itertools.compress(patterns, picks))
            yield Cell(present | holds | matched, label, sure=False)


_ORDERS = frozenset({Op.LT, Op.LE, Op.GT, Op.GE})


def _holds_between(compare: Compare, low: Any, high: Any) -> bool:
    match compare.op:
        case Op.NE:
            return True
        case Op.LT | Op.LE:
            return high is not None and bool(high <= compare.value)
        case Op.GT | Op.GE:
            return low is not None and bool(low >= compare.value)
        case _:
            return False


def _is_empty(low: Any, high: Any, sort: str) -> bool:
    """Whether certainly no value lies strictly between two (None: no bound)."""
    match sort:
        case "number":
            return (low is None and high == -math.inf) or (high is None and low == math.inf)
        case "text":
            return high == "" or (low is not None and high == low + "\0")
        case "date":
            return low is not None and high is not None and high - low <= dt.timedelta(days=1)
        case _:
            return low is not None and high is not None and high - low <= dt.timedelta(microseconds=1)


def _is_narrow(low: Any, high: Any) -> bool:
    """Whether two numbers are so near that there may be none between."""
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return False
    try:
        return math.nextafter(low, math.inf) >= high
    except OverflowError:  # an integer that no float can be
        return high - low <= 1


def _samples(low: str | None, high: str | None, patterns: list[Compare]) -> Iterator[str]:
    """A few texts between two, some of which may match."""
    tries = ["", "a", "A", "0", "?", *(str(c.value) for c in patterns)]
    if low is not None:
        tries += [low + "a", low + "~"]
    for text in tries:
        if (low is None or low < text) and (high is None or text < high):
            yield text


def _named(attribute: str) -> str:
    # Traits of persons are no columns of events or cases: their names are ours.
    return attribute.rpartition("@")[2]


def _same(attribute: str, value: Any) -> Text:
    name = _named(attribute)
    return Text(f"{name} = {shown(value)}", f"{name} = {shown(value, french=True)}")


def _other(attribute: str, points: list[Any]) -> Text:
    if not points:
        return _there(attribute, []).label
    en = ", ".join(shown(point) for point in points)
    fr = ", ".join(shown(point, french=True) for point in points)
    return Text(f"{_named(attribute)} other than {en}", f"{_named(attribute)} autre que {fr}")


def _between(attribute: str, low: Any, high: Any) -> Text:
    def said(*, french: bool) -> str:
        if low is None:
            return f"{attribute} < {shown(high, french=french)}" if high is not None else attribute
        if high is None:
            return f"{attribute} > {shown(low, french=french)}"
        return f"{shown(low, french=french)} < {attribute} < {shown(high, french=french)}"

    return Text(said(french=False), said(french=True))


def reduced(condition: Residual, attribute: str, satisfied: frozenset[Compare]) -> Residual:
    """What is left of a condition once it is known which comparisons of an attribute hold."""
    match condition:
        case Compare():
            return condition in satisfied if condition.attribute == attribute else condition
        case Not(part):
            left = reduced(part, attribute, satisfied)
            return not left if isinstance(left, bool) else Not(left)
        case All(parts) | AnyOf(parts):
            # All is decided by a part that fails, AnyOf by one that holds.
            decisive = isinstance(condition, AnyOf)
            kept: list[Condition] = []
            for part in parts:
                left = reduced(part, attribute, satisfied)
                if left is decisive:
                    return decisive
                if not isinstance(left, bool):
                    kept.append(left)
            if not kept:
                return not decisive
            return kept[0] if len(kept) == 1 else type(condition)(tuple(kept))
        case _:
            return condition


def settled(condition: Condition | None) -> Residual:
    """A condition without the parts that never depend on anything."""
    return True if condition is None else reduced(condition, "", frozenset())


@attrs.frozen
class Assigned:
    """One way to give every attribute a cell, and what is left of the conditions then."""

    residuals: tuple[Residual, ...]
    chosen: tuple[tuple[str, Cell], ...]

    @property
    def sure(self) -> bool:
        """Whether such values certainly exist."""
        return all(cell.sure for _, cell in self.chosen)


def assignments(
    conditions: tuple[Residual, ...], of: Mapping[str, tuple[Cell, ...]], keep: frozenset[str] = frozenset()
) -> list[Assigned]:
    """Every outcome that the conditions can have, one assignment for each (a sure one, where there is one).

    Only the attributes in `of` are assigned, and only where the outcome hangs on them. Outcomes that differ in whether
    an attribute of `keep` has a value are told apart.

    Raises:
        TooLargeError: when there are too many.
    """
    found: dict[object, Assigned] = {}
    steps = 0
    for only_sure in (True, False):
        seen: set[object] = set()
        stack: list[tuple[tuple[Residual, ...], int, tuple[tuple[str, Cell], ...]]] = [(conditions, 0, ())]
        names = list(of)
        while stack:
            residuals, place, chosen = stack.pop()
            steps += 1
            if steps > MOST_STEPS:
                raise TooLargeError("the conditions have too many outcomes")
            missing = frozenset(name for name, cell in chosen if name in keep and cell.missing)
            there = frozenset(name for name, cell in chosen if name in keep and not cell.missing)
            if (residuals, place, missing, there) in seen:
                continue
            seen.add((residuals, place, missing, there))
            named = {
                c.attribute for part in residuals if not isinstance(part, bool) for c in comparisons(part)
            }
            while place < len(names) and names[place] not in named:
                place += 1
            if place == len(names):
                found.setdefault((residuals, missing, there), Assigned(residuals, chosen))
                continue
            name = names[place]
            for cell in reversed(of[name]):
                if cell.sure or not only_sure:
                    left = tuple(reduced(part, name, cell.satisfies) for part in residuals)
                    stack.append((left, place + 1, (*chosen, (name, cell))))
    return list(found.values())
