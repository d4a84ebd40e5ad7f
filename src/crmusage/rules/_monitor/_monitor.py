from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from crmusage.errors import ContractError, RuleError
from crmusage.rules._book import Rulebook
from crmusage.rules._calendar import WorkCalendar
from crmusage.rules._duration import Duration
from crmusage.rules._monitor._cadences import Cadences, CadenceSide
from crmusage.rules._monitor._case import FAR_PAST, NEVER, Case, Row
from crmusage.rules._monitor._compiled import Compiled
from crmusage.rules._monitor._door import Door, micros
from crmusage.rules._monitor._engine import Engine, Late
from crmusage.rules._monitor._judge import F, T, V, activations, if_ended, judge, stream
from crmusage.rules._monitor._side import Kind, Side
from crmusage.rules._monitor._tests import People
from crmusage.rules._monitor._verdict import LiveVerdict, State, Verdicts
from crmusage.rules._template import Verdict

_NOTHING = Verdicts(())


class Monitor:
    """The active rules of a book held against events as they come, one at a time.

    What it says of an activation is what the batch reading says of it: at any moment, of the events so far, as
    of the clock (`advance`) or the case's last event, whichever is later.

    A case begins with `open_case`, or else with its first event, and ends with `close_case` or with an activity
    in `closing`. Open cases are kept in memory: with `late="refuse"`, what their rules still wait for; with
    `late="place"`, every event besides. Nothing else grows. A case that has ended stays for `linger` longer, by
    the clock and the ends of other cases; after that, an event with its id begins a new case.

    Args:
        book: the rules.
        calendar: working hours and holidays, for windows in working time.
        people: unit, profile, region and time_zone of persons (mappings or attrs values), by their id.
        absences: person_id, starts_at and ends_at of each, for cadences.
        late: an event older than the last one of its case (or than the clock) is put in its place and the case
            judged again ("place"), or refused ("refuse").
        ordered: events of one case at one instant happened in the order in which they come. Else `seq` tells, and
            where it does not they are a tie.
        report: which verdicts are reported, of fulfilled, violated and tied. What corrects a reported verdict is
            always reported.
        closing: activities that end their case, such as those of `crmusage.model.CLOSING`.
        linger: how long an ended case can still take in late events.
        kind: the kind of cases that nobody opened.
        carry: attributes of events that verdicts shall carry though no rule names them, such as an event's id.

    Raises:
        RuleError: when `report` or `late` is none of those words.
    """

    def __init__(
        self,
        book: Rulebook,
        *,
        calendar: WorkCalendar | None = None,
        people: Mapping[str, Any] | None = None,
        absences: Iterable[Mapping[str, Any]] = (),
        late: Late = "place",
        ordered: bool = False,
        report: Collection[str] = ("violated", "tied"),
        closing: Iterable[str] = (),
        linger: Duration | None = None,
        kind: str | None = None,
        carry: Iterable[str] = (),
    ) -> None:
        if late not in {"place", "refuse"}:
            raise RuleError(f"late events are placed or refused (late='place', late='refuse'), not {late!r}")
        for word in report:
            if word not in {"fulfilled", "violated", "tied"}:
                raise RuleError(f"fulfilled, violated and tied can be reported, not {word!r}")
        self._rules = book.active
        self._options: dict[str, Any] = {
            "late": late,
            "ordered": ordered,
            "report": sorted(report),
            "closing": sorted(closing := tuple(closing)),
            "linger": 0 if linger is None else linger.microseconds,
            "kind": kind,
            "carry": sorted(carry := tuple(carry)),
        }
        self._door = Door(self._rules, carry, kind)
        known = People(people)
        self._compiled = Compiled(self._rules, known, calendar)
        n_sides = len(self._compiled.sides)
        self._engine = Engine(
            self._compiled,
            lambda oldest: Cadences(self._rules, n_sides, known, calendar, absences, oldest),
            late=late,
            ordered=ordered,
            report=[Verdict[word.upper()] for word in report],
            closing=closing,
            linger=self._options["linger"],
            first_head=self._door.first_head,
        )

    # --- what happens

    def observe(self, event: Any) -> Sequence[LiveVerdict]:
        """Take in one event: a mapping or an attrs value with case_id, activity, at, and what else it tells.

        `at` is a datetime with a zone, or microseconds since 1970. `seq`, `actor`, `unit` and every attribute that
        rules name are read where they are there.

        Returns:
            What it settled, mostly nothing. A violation at an instant can be taken back by another event of that
            instant, and by events that come late.

        Raises:
            ContractError: when the event is not one.
            LateEventError: when it comes late and late events are refused.
            RuleError: when a value is of another sort than the one that a rule compares it with.
            In each case nothing was changed.
        """
        self._engine.take((self._door.row(event),))
        return self._said()

    def observe_many(self, rows: Iterable[Row]) -> Sequence[LiveVerdict]:
        """Take in many events, in order: the fast way, for those who have them as plain tuples.

        Args:
            rows: (case id, activity, microseconds since 1970 in UTC, attributes), the last a mapping that is kept
                as it is; `seq`, `actor` and `unit` stand in it like any attribute.

        Raises:
            As `observe`, at the first event that cannot be taken in; those before it are, and what they settled is
            returned by the next call.
        """
        self._engine.take(rows)
        return self._said()

    def open_case(self, case_id: str, at: dt.datetime | int, **attributes: Any) -> Sequence[LiveVerdict]:
        """A case begins, with what is known of it: kind, owner, unit, amount, and whatever rules name.

        For a case that has begun already, this corrects its beginning and adds to its attributes.

        Raises:
            ContractError: when it has ended; or when it has begun and late events are refused.
        """
        created = micros(at, f"case {case_id!r}")
        engine = self._engine
        if case_id in engine.closed:
            raise ContractError(f"case {case_id!r} has ended already: it cannot begin")
        case = engine.cases.get(case_id)
        if case is None:
            engine.open(case_id, created, self._door.head(case_id, created, attributes), opened=True)
        elif engine.late == "refuse":
            raise ContractError(
                f"case {case_id!r} has begun already: open it before its first event, or take late='place'"
            )
        else:
            head = {**case.head, **self._door.head(case_id, created, attributes)}
            engine.rejudge(case, case.rows, NEVER, (created, head))
        return self._said()

    def close_case(self, case_id: str, at: dt.datetime | int) -> Sequence[LiveVerdict]:
        """A case ends: what waits is settled, and the case leaves memory.

        Raises:
            ContractError: when there is no such open case.
            LateEventError: when it comes late for a cadence and late events are refused.
        """
        case = self._engine.cases.get(case_id)
        if case is None:
            raise _no_case(case_id)
        self._engine.close(case, micros(at, f"case {case_id!r}"))
        return self._said()

    def advance(self, to: dt.datetime | int) -> Sequence[LiveVerdict]:
        """The clock moves: everything before `to` has come in. An earlier instant than the last changes nothing.

        Returns:
            The verdicts of deadlines that have passed: those before `to`.
        """
        self._engine.advance(micros(to, "advance"))
        return self._said()

    # --- what outlives the process

    def snapshot(self) -> dict[str, Any]:
        """All that the monitor knows, as values that JSON can hold: the open cases with their events, and the clock.

        Times in attributes come as their text. Of each event, only what rules name and `carry` is kept.
        """
        # What reads and writes snapshots takes a while to load, which who needs none is spared.
        from crmusage.rules._monitor._snapshot import (
            MonitorState,
            ToldState,
            case_state,
            event_state,
            packed,
        )

        engine, names = self._engine, self._door.names
        state = MonitorState(
            options=self._options,
            clock=engine.clock,
            newest=engine.newest,
            cases=[case_state(case, names) for case in (*engine.cases.values(), *engine.closed.values())],
            unsaid=[
                ToldState(
                    side=side.number,
                    case_id=case_id,
                    activation=None if row is None else event_state(row, names),
                    verdict=int(verdict),
                    decider=None if by is None else event_state(by, names),
                    deadline=deadline,
                    was=None if was is None else int(was),
                )
                for side, case_id, row, verdict, by, deadline, was in engine.said
            ],
        )
        return packed(state, self._rules)

    @classmethod
    def restore(
        cls,
        book: Rulebook,
        state: Mapping[str, Any],
        *,
        calendar: WorkCalendar | None = None,
        people: Mapping[str, Any] | None = None,
        absences: Iterable[Mapping[str, Any]] = (),
    ) -> Monitor:
        """The monitor that `state` is a snapshot of: it says from now on what that one would have said.

        Options are those of that one. `calendar`, `people` and `absences` are not in a snapshot: give the same again.

        Raises:
            SourceError: when the snapshot is of another format, of other rules, or damaged.
        """
        from crmusage.rules._monitor._snapshot import head_of, row_of, unpacked

        told = unpacked(state, book.active)
        options = dict(told.options)
        linger = options.pop("linger")
        monitor = cls(book, calendar=calendar, people=people, absences=absences, **options)
        engine = monitor._engine
        engine.linger = monitor._options["linger"] = linger
        engine.clock, engine.newest = told.clock, told.newest
        for case in told.cases:
            engine.put_back(
                case.id,
                [row_of(case.id, event) for event in case.events],
                NEVER if case.closed is None else case.closed,
                case.created,
                head_of(case),
                opened=case.is_opened,
            )
        for one in told.unsaid:
            rows = [None if e is None else row_of(one.case_id, e) for e in (one.activation, one.decider)]
            sides: list[Side | CadenceSide] = [*monitor._compiled.sides, *engine.cadences.sides]
            was = None if one.was is None else Verdict(one.was)
            engine.said.append(
                (sides[one.side], one.case_id, rows[0], Verdict(one.verdict), rows[1], one.deadline, was)
            )
        return monitor

    # --- how things stand

    @property
    def open_cases(self) -> Collection[str]:
        """The ids of the open cases."""
        return self._engine.cases.keys()

    def states(self, case_id: str) -> dict[tuple[str, int], State]:
        """How each expectation stands in a case: by rule and position in the rule.

        Raises:
            ContractError: when the case is not in memory.
        """
        case = self._find(case_id)
        found: dict[tuple[str, int], State] = {}
        for side in self._compiled.sides:
            key = (side.rule.id, side.position)
            state = self._state(side, case)
            found[key] = min(found.get(key, state), state, key=_BY_WEIGHT.index)
        cadences = self._engine.cadences
        for one in cadences.sides:
            dues = cadences.settled(one, case, FAR_PAST, self._engine.clock)
            broken = any(verdict is V for _, verdict, _ in dues)
            kept = State.POSSIBLY_FULFILLED if case.closed == NEVER else State.PERMANENTLY_FULFILLED
            found[one.rule.id, one.position] = State.PERMANENTLY_VIOLATED if broken else kept
        return found

    def _state(self, side: Side, case: Case) -> State:
        clock = self._engine.clock
        now = [(row, judge(side, case, row, clock)) for row in activations(side, case)]
        settled = {verdict for _, (verdict, _, _, is_final) in now if is_final}
        if V in settled:
            return State.PERMANENTLY_VIOLATED
        if T in settled:
            return State.TIED
        waiting = [row for row, (*_, is_final) in now if not is_final]
        ended = {
            if_ended(side, case, row, clock, max(case.rows[-1][2] if case.rows else case.created, clock))[0]
            for row in waiting
        }
        if T in ended:
            return State.TIED
        if V in ended:
            return State.POSSIBLY_VIOLATED
        safe = not waiting and (case.closed != NEVER or _is_safe(side, case))
        return State.PERMANENTLY_FULFILLED if safe else State.POSSIBLY_FULFILLED

    def pending(self, case_id: str) -> Iterator[LiveVerdict]:
        """What is not settled yet in a case: pending, or tied so far, with the deadline if there is one.

        Raises:
            ContractError: when the case is not in memory.
        """
        case = self._find(case_id)
        for side in self._compiled.sides:
            found = [(row, judge(side, case, row, self._engine.clock)) for row in activations(side, case)]
            for row, (verdict, _, deadline, is_final) in reversed(found):
                if not is_final:
                    yield LiveVerdict((side, case_id, row, verdict, None, deadline, None))

    def _find(self, case_id: str) -> Case:
        case = self._engine.cases.get(case_id) or self._engine.closed.get(case_id)
        if case is None:
            raise _no_case(case_id)
        return case

    def _said(self) -> Sequence[LiveVerdict]:
        said = self._engine.said
        if not said:
            return _NOTHING
        verdicts = Verdicts(said.copy())
        said.clear()
        return verdicts


def _no_case(case_id: str) -> ContractError:
    return ContractError(
        f"there is no case {case_id!r} in memory: it has not begun, or it has ended and left"
    )


def _is_safe(side: Side, case: Case) -> bool:
    """Whether no activation that may still come can break it."""
    if side.is_of_case or side.place in case.foreign:
        return True
    looks_anywhere_back = side.kind is Kind.BACK or (side.kind is Kind.BOTH_WAYS and side.hit is F)
    return looks_anywhere_back and side.any_will_do and bool(stream(case, side.aims))


_BY_WEIGHT = list(State)
