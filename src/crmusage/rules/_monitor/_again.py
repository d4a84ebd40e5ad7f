"""A second judgement: of an instant that turns out to have more events, or of a case that took in a late one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from crmusage.rules._monitor._core import Core
from crmusage.rules._monitor._layout import (
    ALARM,
    BASE,
    CLOSED,
    COUNT,
    CREATED,
    FIRST,
    HEAD,
    ID,
    MARKS,
    NEVER,
    OPENED,
    PAST,
    WATCH,
    Case,
    Row,
    Several,
    Stack,
    instants_between,
    rows_at,
)
from crmusage.rules._monitor._part import P, Told
from crmusage.rules._template import Verdict


class Again:
    """Judges with a core that says everything, so that what was said and what is to be said can be compared."""

    def __init__(self, core: Core, said: list[Told]) -> None:
        """`core` says its verdicts into `said`."""
        self.core, self._said = core, said

    def rebuilt(self, case: Case, upto: Stack) -> Case:
        """The case as it stood when it knew the instants in `upto`, which lie above its base."""
        base: Case | None = case[BASE]
        made = self._blank(case) if base is None else base.copy()
        self.core.replay(made, instants_between(made[PAST], upto))
        self.forget()
        made[PAST] = upto
        return made

    def _blank(self, case: Case) -> Case:
        made, _ = self.core.begin(case[ID], case[CREATED], case[HEAD])
        made[OPENED] = case[OPENED]
        return made

    def move_base(self, case: Case) -> Case:
        """Let the case as it stood before its last instant be its base; that."""
        below = case[PAST][1]
        base: Case | None = case[BASE]
        if base is None or base[PAST] is not below:
            base = self.rebuilt(case, below)
            case[BASE], case[COUNT] = base, 0
        return base

    def back(self, case: Case, at: int) -> None:
        """Undo what an event at an instant did before it turned out that it cannot be judged."""
        made = self.rebuilt(case, case[PAST])
        self.core.wake(made, at)
        self.forget()
        for slot in (WATCH, MARKS, ALARM):
            case[slot] = made[slot]
        case[FIRST:] = made[FIRST:]

    def instant(self, case: Case, row: Row) -> Iterator[Told]:
        """Take in another event at the instant of the case's last ones; what changes by it."""
        base = self.move_base(case).copy()
        self.core.wake(base, row[2])
        self.forget()
        old = rows_at(case[PAST][0])
        was = self._taken(base.copy(), old)
        now = self._taken(base, [*old, row])
        for slot in (WATCH, MARKS, ALARM):
            case[slot] = base[slot]
        case[FIRST:] = base[FIRST:]
        return changes(was, now)

    def _taken(self, case: Case, rows: Sequence[Row]) -> list[Told]:
        self.core.take(case, rows)
        return self._drained()

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
        core = self.core
        case, soonest = core.begin(like[ID], created, head)
        case[OPENED], case[CLOSED] = like[OPENED], end
        instants = [list(group) for _, group in groupby(rows, key=_at)]
        core.replay(case, [one[0] if len(one) == 1 else Several(one) for one in instants])
        if rows:
            soonest = case[ALARM]
        if soonest < clock:
            soonest = core.ring(case, clock)
            if rows:
                case[ALARM] = soonest
        if end is not None:
            core.finish(case, end)
        return case, soonest, self._drained()

    def forget(self) -> None:
        """Drop what was said in a judgement that failed."""
        self._said.clear()

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
