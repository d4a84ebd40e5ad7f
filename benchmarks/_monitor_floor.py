"""The twenty rules of `monitor.py` written out by hand, to see how near to such a loop the Monitor comes.

It says what the Monitor says of a log in order and without events of one instant (`--floor` compares them). It leaves
out what makes the Monitor's rules a matter of data and its verdicts a matter of record: other rules; conditions and
correlation of any sort but these; ties; late events and corrected beginnings; cases opened and closed by the caller;
snapshots, states and pending verdicts; the fulfilled ones; values that cannot be compared, and events that are refused
with nothing changed. It has no deadlines but those that come in order, and forgets a case at its end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from crmusage.rules import Verdict

Row = tuple[str, str, int, dict[str, Any]]
HOUR = 3_600_000_000
DAY = 24 * HOUR
NEVER = 2**63 - 1
V = Verdict.VIOLATED
WINDOWS = {10: 2 * DAY, 11: 36 * HOUR, 17: 20 * DAY, 19: 3 * DAY}
"""By rule, how long what waits can wait."""


class Case:
    """What the twenty rules need to know of a case: an attribute each."""

    __slots__ = (
        "accepted",
        "at",
        "call",
        "calls",
        "closed",
        "created",
        "declined",
        "documented",
        "email",
        "id",
        "meeting",
        "owners",
        "quote",
        "rows",
        "submitted",
        "updated",
        "w0",
        "w2",
        "w3",
        "w4",
        "w4_mirrored",
        "w5",
        "w9",
        "w16",
        "waits",
    )  # fmt: skip

    def __init__(self, row: Row) -> None:
        self.id, self.created = row[0], row[2]
        self.rows: list[Row] = []
        self.closed = False
        self.updated = False
        self.calls = self.owners = 0
        self.accepted = self.call = self.declined = self.documented = None
        self.email = self.meeting = self.quote = self.submitted = None
        self.w0 = self.w2 = self.w3 = self.w4 = self.w4_mirrored = self.w5 = self.w9 = self.w16 = None
        self.waits: dict[int, list[Row]] = {}


class Floor:
    """Takes events in, in order, and has said who broke which rule: in `said`, laid out as the Monitor does."""

    def __init__(self) -> None:
        self.said: list[tuple[Any, ...]] = []
        self.cases: dict[str, Case] = {}
        self._due: dict[int, deque[tuple[Case, Row]]] = {rule: deque() for rule in WINDOWS}
        self._calls_due: deque[Case] = deque()
        names = (
            "quote_sent", "quote_accepted", "waiting", "resumed", "submitted", "quote_declined", "documented",
            "meeting", "call", "email", "updated", "owner_changed", "close_date_changed", "amount_changed", "task_due",
            "won",
        )  # fmt: skip
        self._ways = {name: getattr(self, f"_{name}") for name in names}

    def take(self, rows: Iterable[Row]) -> None:
        """Events in order of time, no two of a case at one instant."""
        find, way_of = self.cases.get, self._ways.get
        for row in rows:
            case = find(row[0])
            if case is None:
                case = self.cases[row[0]] = Case(row)
                if row[1] != "created":
                    self._tell(8, case, None, row)
                self._calls_due.append(case)
            case.at = row[2]
            case.rows.append(row)
            if case.w3 is not None:
                submitted, case.w3 = case.w3, None
                if row[1] != "accepted":
                    self._tell(3, case, submitted, row)
            way = way_of(row[1])
            if way is not None:
                way(case, row)

    def advance(self, to: int) -> None:
        """Everything before `to` has happened."""
        for rule, line in self._due.items():
            within = WINDOWS[rule]
            while line and line[0][1][2] + within < to:
                case, row = line.popleft()
                waits = case.waits.get(rule)
                if waits and waits[0] is row:
                    del waits[0]
                    self._tell(rule, case, row, None, row[2] + within)
        line = self._calls_due
        while line and line[0].created + 10 * DAY < to:
            case = line.popleft()
            if not case.closed and case.calls < 2:
                case.calls = 2
                self._tell(18, case, None, None, case.created + 10 * DAY)

    def _tell(self, rule: int, case: Case, row: Row | None, by: Row | None, at: int = NEVER) -> None:
        self.said.append((rule, case.id, row, V, by, at, None))

    def _wait(self, rule: int, case: Case, row: Row) -> None:
        waits = case.waits.get(rule)
        if waits is None:
            case.waits[rule] = [row]
        else:
            waits.append(row)
        self._due[rule].append((case, row))

    def _meet(self, rule: int, case: Case, row: Row) -> None:
        waits, since = case.waits.get(rule), row[2] - WINDOWS[rule]
        while waits and waits[-1][2] >= since:
            waits.pop()

    # --- what an event of each activity does

    def _quote_sent(self, case: Case, row: Row) -> None:
        if case.w0 is None:
            case.w0 = [row]
        else:
            case.w0.append(row)
        if row[3]["amount"] >= 10_000:
            self._wait(10, case, row)
        self._wait(17, case, row)
        case.quote = row

    def _quote_accepted(self, case: Case, row: Row) -> None:
        case.w0 = None
        quote, before = case.quote, case.accepted
        if quote is None:
            self._tell(1, case, row, row)
        if quote is None or row[2] - quote[2] > 30 * DAY or (before is not None and before[2] > quote[2]):
            self._tell(14, case, row, before or row)
        if case.w16 is None:
            case.w16 = [row]
        else:
            case.w16.append(row)
        case.accepted = row

    def _waiting(self, case: Case, row: Row) -> None:
        if case.w2 is not None:
            self._tell(2, case, case.w2, row)
        case.w2 = row

    def _resumed(self, case: Case, row: Row) -> None:
        case.w2 = None
        before = case.rows[-2] if len(case.rows) > 1 else None
        if before is None or before[1] != "waiting" or before[3]["channel"] != "phone":
            self._tell(15, case, row, before or row)

    def _submitted(self, case: Case, row: Row) -> None:
        case.w3 = case.submitted = row
        if case.w9 is None:
            case.w9 = [row]
        else:
            case.w9.append(row)

    def _quote_declined(self, case: Case, row: Row) -> None:
        if case.documented is not None:
            self._tell(4, case, row, case.documented)
        elif case.w4 is None:
            case.w4 = [row]
        else:
            case.w4.append(row)
        for one in case.w4_mirrored or ():
            self._tell(4, case, one, row)
        case.w4_mirrored = None
        case.declined = row
        waits = case.waits.get(17)
        if waits:
            quote, since = row[3]["quote_id"], row[2] - WINDOWS[17]
            case.waits[17] = [one for one in waits if one[3]["quote_id"] != quote or one[2] < since]

    def _documented(self, case: Case, row: Row) -> None:
        if case.declined is not None:
            self._tell(4, case, row, case.declined)
        elif case.w4_mirrored is None:
            case.w4_mirrored = [row]
        else:
            case.w4_mirrored.append(row)
        for one in case.w4 or ():
            self._tell(4, case, one, row)
        case.w4 = None
        case.documented = row
        case.w9 = None
        if case.submitted is None:
            self._tell(9, case, row, row)

    def _meeting(self, case: Case, row: Row) -> None:
        if case.call is None:
            if case.w5 is None:
                case.w5 = [row]
            else:
                case.w5.append(row)
        case.meeting = row

    def _call(self, case: Case, row: Row) -> None:
        case.w5 = None
        case.call = row
        self._meet(10, case, row)
        if row[3]["amount"] >= 10_000 and row[2] - case.created <= 10 * DAY:
            case.calls += 1

    def _email(self, case: Case, row: Row) -> None:
        if row[3]["channel"] == "phone":
            self._wait(11, case, row)
        case.email = row
        self._meet(19, case, row)

    def _updated(self, case: Case, row: Row) -> None:
        case.updated = True
        self._meet(11, case, row)

    def _owner_changed(self, case: Case, row: Row) -> None:
        case.owners += 1
        if case.owners == 3:
            self._tell(7, case, None, row)

    def _close_date_changed(self, case: Case, row: Row) -> None:
        if case.call is None or row[2] - case.call[2] > 7 * DAY:
            self._tell(12, case, row, row)

    def _amount_changed(self, case: Case, row: Row) -> None:
        if case.meeting is None and row[3]["amount"] >= 10_000:
            self._tell(13, case, row, row)
        for one in case.w16 or ():
            if row[2] - one[2] <= 5 * DAY:
                self._tell(16, case, one, row)
        case.w16 = None

    def _task_due(self, case: Case, row: Row) -> None:
        email = case.email
        if row[3]["amount"] >= 10_000 and (email is None or row[2] - email[2] > WINDOWS[19]):
            self._wait(19, case, row)

    def _won(self, case: Case, row: Row) -> None:
        at = row[2]
        for rule, waits in ((0, case.w0), (5, case.w5), (9, case.w9)):
            for one in waits or ():
                self._tell(rule, case, one, None, at)
        if case.w2 is not None:
            self._tell(2, case, case.w2, None, at)
        if not case.updated:
            self._tell(6, case, None, None, at)
        for rule, waits in case.waits.items():
            for one in waits:
                self._tell(rule, case, one, None, min(at, one[2] + WINDOWS[rule]))
        if case.calls < 2:
            self._tell(18, case, None, None, min(at, case.created + 10 * DAY))
        case.closed = True
        case.waits = {}
        del self.cases[case.id]
