"""A second judgement: of an instant that turns out to have more events, or of a case that took in a late one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from crmusage.rules._monitor._core import Core
from crmusage.rules._monitor._layout import (
    ALARM,
    BEFORE,
    CLOSED,
    ID,
    MARKS,
    NEVER,
    OPENED,
    PAST,
    Case,
    Row,
)
from crmusage.rules._monitor._part import P, Told
from crmusage.rules._template import Verdict


class Again:
    """Judges with a core that says everything, so that what was said and what is to be said can be compared."""

    def __init__(self, core: Core, said: list[Told]) -> None:
        """`core` says its verdicts into `said`."""
        self._core, self._said = core, said

    def instant(self, case: Case, old: Sequence[Row], row: Row, stood: Mapping[int, Any]) -> Iterator[Told]:
        """Take in another event at the instant of the case's last ones, `old`; what changes by it."""
        below = case[PAST][1]

        def judge(rows: Sequence[Row]) -> list[Told]:
            for slot, value in stood.items():
                case[slot] = value
            case[PAST] = below
            self._core.take(case, rows)
            return self._drained()

        return changes(judge(old), judge([*old, row]))

    def some(
        self, case: Case, old: Sequence[Row], row: Row, stood: Mapping[int, Any], numbers: Iterable[int]
    ) -> Iterator[Told]:
        """The same for some parts only, none of which asks for its neighbours."""
        core = self._core
        parts = [core.parts[number] for number in sorted(numbers)]
        bits = sum(3 << 2 * part.number for part in parts)

        def judge(rows: Sequence[Row]) -> list[Told]:
            for part in parts:
                for slot in range(part.slot, part.slot + part.changing):
                    case[slot] = stood[slot]
            case[MARKS] = case[MARKS] & ~bits | stood[MARKS] & bits
            for run in core.voice.cut(rows):
                for part in parts:
                    part.step(case, run)
            return self._drained()

        return changes(judge(old), judge([*old, row]))

    def forget(self) -> None:
        """Drop what was said in a judgement that failed."""
        self._said.clear()

    def case(
        self,
        like: Case,
        rows: Sequence[Row],
        end: int | None,
        head: Mapping[str, Any],
        created: int,
        clock: int,
    ) -> tuple[Case, int, list[Told]]:
        """Judge a whole case, ended if `end` is not None, as of `clock`; also the first instant that settles more."""
        core = self._core
        case, soonest = core.begin(like[ID], created, head)
        case[OPENED], case[CLOSED] = like[OPENED], end
        start = 0
        while start < len(rows):
            at = rows[start][2]
            stop = bisect_right(rows, at, lo=start, key=_at)
            case[ALARM] = core.ring(case, at)
            case[BEFORE] = core.all_slots(case)
            core.take(case, rows[start:stop])
            start, soonest = stop, case[ALARM]
        if soonest < clock:
            soonest = core.ring(case, clock)
            if rows:
                case[ALARM] = soonest
        if end is not None:
            core.finish(case, end)
        return case, soonest, self._drained()

    def _drained(self) -> list[Told]:
        told = list(self._said)
        self._said.clear()
        return told


def changes(was: Sequence[Told], now: Sequence[Told]) -> Iterator[Told]:
    """What a second judgement found otherwise than the first."""
    before = {(told[0], id(told[2])): told for told in was}
    for told in now:
        old = before.pop((told[0], id(told[2])), None)
        if old is None:
            yield told
        elif old[3] is not told[3]:
            yield (*told[:6], old[3])
    for side, case_id, row, verdict, *_ in before.values():
        yield side, case_id, row, P, None, NEVER, verdict


def wanted(told: Told, report: frozenset[Verdict]) -> bool:
    """Whether the new verdict is to be reported, or the old one was."""
    return told[3] in report or told[6] in report


def placed(rows: Sequence[Row], row: Row) -> list[Row]:
    """Rows in order, with one more put after those of its instant."""
    found = list(rows)
    found.insert(bisect_right(found, row[2], key=_at), row)
    return found


def _at(row: Row) -> int:
    return row[2]
