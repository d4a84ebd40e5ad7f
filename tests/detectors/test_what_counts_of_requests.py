"""Whose fault it is where a request lies, and from when on: the detectors of requests, one doubt at a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crmusage.detectors.requests._keepers import misfits, received, unkept
from crmusage.detectors.requests._no_right_doer import NoRightDoer
from crmusage.detectors.requests._reactive_mode import ReactiveMode
from crmusage.detectors.requests._slow_transmitter import SlowTransmitter
from crmusage.history import History

from .company import END
from .life import FAR, Record, event

CU403, CU409, CU411 = NoRightDoer(), ReactiveMode(), SlowTransmitter()
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
MONDAY = dt.datetime(2024, 6, 3, 9, tzinfo=dt.UTC)
A, B = f"{FAR}.a", f"{FAR}.b"


def request(name: str = "r1", **more: Any) -> Record:
    return {
        "case_id": name,
        "kind": "request",
        "created_at": MONDAY,
        "closed_at": MONDAY + 30 * DAY,
        "outcome": "fulfilled",
        "owner": A,
        "unit": FAR,
        "priority_rank": 2,
        **more,
    }


def step(case: Record, activity: str, after: float, who: str | None = A, **more: Any) -> Record:
    return event(case | {"owner": who}, activity, after, unit=FAR, **more)


def history(cases: list[Record], events: list[Record], **more: Any) -> History:
    people = [{"person_id": A, "unit": FAR, **more.pop("of_a", {})}, {"person_id": B, "unit": FAR}]
    return History.from_records(as_of=more.pop("as_of", END), cases=cases, events=events, people=people)


# --- the right doer


def kept(
    events: list[tuple[str, float, Any]], case: Record | None = None, **more: Any
) -> tuple[bool, bool, bool]:
    """Whether one request lay too long with nobody, or with a leaver, and whether that can be told."""
    one = case or request(owner=None)
    rows = [step(one, name, after, **who) for name, after, who in events]
    part = history([one], rows or [step(one, "updated", 0.01, None)], **more)
    return tuple(bool(found[0]) for found in unkept(part, received(part)))


BY_A: dict[str, Any] = {"who": A}


def test_three_working_days_with_nobody_are_too_many_from_the_fourth_on() -> None:
    # From Monday on: Thursday is the third day after, and its end the last instant.
    assert kept([("accepted", 3.5, BY_A)]) == (False, False, True)
    assert kept([("accepted", 4.1, BY_A)]) == (True, False, True)
    # From Friday on a weekend lies between.
    friday = request(owner=None, created_at=MONDAY + 4 * DAY)
    assert kept([("accepted", 5.5, BY_A)], friday) == (False, False, True)
    assert kept([("accepted", 6.1, BY_A)], friday) == (True, False, True)


def test_what_a_program_accepts_lies_with_nobody_still() -> None:
    program: dict[str, Any] = {"who": A, "origin": "automation"}
    assert kept([("accepted", 1, program), ("accepted", 9, BY_A)]) == (True, False, True)


def test_a_step_of_which_nobody_knows_whose_it_was_was_somebodys() -> None:
    assert kept([("accepted", 1, {"who": None})]) == (False, False, True)


def test_what_was_put_off_on_purpose_does_not_lie_about() -> None:
    assert kept([("accepted", 1, BY_A), ("owner_changed", 2, BY_A | {"old": A, "new": None})]) == (
        True,
        False,
        True,
    )
    assert kept([("deferred", 1, BY_A), ("accepted", 25, BY_A)]) == (False, False, True)


def test_only_the_last_owner_is_known_to_be_a_queue() -> None:
    team = request(owner="Line 1", owner_kind="team")
    assert kept([("accepted", 9, BY_A)], team) == (True, False, True)
    handed = {"who": A, "old": A, "new": "Line 1"}
    assert kept([("owner_changed", 9, handed), ("accepted", 10, BY_A)], team) == (False, False, True)


def test_a_request_that_came_yesterday_may_yet_be_taken() -> None:
    young = request(owner=None, closed_at=None, outcome=None)
    assert kept([], young, as_of=MONDAY + 3 * DAY) == (False, False, False)
    assert kept([], young, as_of=MONDAY + 4 * DAY) == (True, False, True)


@pytest.mark.parametrize(("left", "late"), [(9, False), (3, True), (2, True)])
def test_whoever_leaves_keeps_what_is_theirs_until_the_end_of_their_last_day(left: int, late: bool) -> None:
    # It is taken over on the tenth day after: of the third on it lay for too long, of the ninth on it did not.
    gone = {"ends_on": (MONDAY + left * DAY).date()}
    found = kept([("accepted", 1, BY_A), ("accepted", 10, {"who": B})], request(), of_a=gone)
    assert found == (False, late, True)


def test_on_the_last_day_itself_somebody_is_still_there() -> None:
    # Left on Monday: Thursday is the third day after the first without them, Tuesday.
    gone = {"ends_on": MONDAY.date()}
    for day, late in ((4.2, False), (5.2, True)):
        found = kept([("accepted", day, {"who": B})], request(), of_a=gone)
        assert found == (False, late, True)


def test_a_request_came_when_it_was_delivered_else_when_it_was_submitted() -> None:
    cases = [request(name) for name in ("r1", "r2", "r3")]
    rows = [
        step(cases[0], "delivered", 1), step(cases[0], "submitted", 2), step(cases[0], "delivered", 3),
        step(cases[1], "submitted", 2),
        step(cases[2], "accepted", 5),
    ]  # fmt: skip
    came = received(history(cases, rows))
    assert [(int(one) - int(came[2])) // 3_600_000_000 for one in came] == [24, 48, 0]


def test_what_was_handed_on_for_want_of_a_role_or_a_skill_was_with_the_wrong_one() -> None:
    cases = [request(name) for name in ("r1", "r2", "r3", "r4", "r5")]
    rows = [
        step(cases[0], "refused", 1),
        step(cases[1], "rerouted", 1, reason="role", old=A, new=B),
        step(cases[2], "rerouted", 1, reason="skill", skill="law", old=A, new=B),
        step(cases[3], "rerouted", 1, reason="load", old=A, new=B),
        step(cases[4], "refused", 1, origin="automation"),
    ]
    part = history(cases, rows)
    at, lacking = misfits(part)
    assert [part.cases["case_id"][int(part.index.case[one])] for one in at] == ["r1", "r2", "r3"]
    assert lacking == [None, None, "law"]


def test_skills_of_deleted_requests_and_of_deals_are_missed_by_nobody() -> None:
    cases = [request("r1"), request("r2", is_deleted=True), request("r3", kind="opportunity")]
    rows = [step(case, "refused", 1, reason="skill", skill="law") for case in cases]
    assert [row["n"] for row in CU403.tally(history(cases, rows)).skills.rows()] == [1]


# --- what is begun first


def queue(cases: list[Record], events: list[Record]) -> list[tuple[int, float, float]]:
    """Rank, arrival and beginning, in days, of the requests that are looked at."""
    found = CU409.tally(history(cases, events)).queue
    start = int(MONDAY.timestamp()) // 60
    return [
        (row["rank"], (row["came"] - start) / 1440, (row["begun"] - start) / 1440) for row in found.rows()
    ]


def test_only_requests_with_a_rank_that_nobody_deleted_wait_in_the_queue() -> None:
    cases = [
        request("r1"),
        request("r2", priority_rank=None),
        request("r3", is_deleted=True),
        request("r4", kind="opportunity"),
    ]
    assert queue(cases, [step(case, "started", 2) for case in cases]) == [(2, 0, 2)]


def test_what_was_handed_on_came_when_its_last_holder_got_it_and_not_when_it_was_handed_on_later() -> None:
    case = request()
    handed = {"old": B, "new": A}
    rows = [
        step(case, "rerouted", 1, **handed),
        step(case, "started", 2),
        step(case, "rerouted", 3, **handed),
    ]
    assert queue([case], rows) == [(2, 1, 2)]


def test_what_was_put_off_before_it_was_begun_was_no_choice() -> None:
    case = request()
    assert queue([case], [step(case, "deferred", 1), step(case, "started", 2)]) == []
    assert queue([case], [step(case, "started", 1), step(case, "deferred", 2)]) == [(2, 0, 1)]


# --- how long it takes to arrive


def arrived(events: list[tuple[str, dt.timedelta]], as_of: dt.datetime = END) -> tuple[int, int, int]:
    """Requests that arrived late or not at all, those that did not, and all."""
    open_ = request(closed_at=None, outcome=None)
    rows = [event(open_, name, 0, at=MONDAY + after, unit=FAR) for name, after in events]
    grid = CU411.lay(CU411.tally(history([open_], rows, as_of=as_of)))
    return tuple(int(grid.sums[name].sum()) for name in ("hits", "lost", "n"))


SENT = ("submitted", 0 * HOUR)


def test_a_request_arrives_late_after_half_a_working_day() -> None:
    assert arrived([SENT, ("delivered", 4 * HOUR)]) == (0, 0, 1)
    assert arrived([SENT, ("delivered", 6 * HOUR)]) == (1, 0, 1)


def test_what_has_not_arrived_is_late_at_first_and_lost_after_five_working_days() -> None:
    assert [arrived([SENT], MONDAY + after) for after in (HOUR, 2 * DAY, 4 * DAY, 9 * DAY)] == [
        (0, 0, 0), (1, 0, 1), (1, 0, 1), (1, 1, 1),
    ]  # fmt: skip


def test_what_was_delivered_or_done_before_it_was_sent_tells_nothing_of_the_way() -> None:
    early = [("delivered", -2 * HOUR), ("started", -HOUR)]
    assert arrived([*early, SENT]) == (1, 1, 1)
    assert arrived([*early, SENT, ("started", 2 * DAY)]) == (0, 0, 0)
