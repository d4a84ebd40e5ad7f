from __future__ import annotations

import datetime as dt
import json

import attrs
import pytest

import crmusage as cu
from crmusage.errors import ContractError, RuleError, SourceError
from crmusage.model import Text
from crmusage.rules import (
    Compare,
    Constraint,
    Duration,
    LateEventError,
    Monitor,
    Op,
    Rulebook,
    State,
    UsageRule,
    Verdict,
)

SITUATION = Text("an offer is out", "une offre est partie")
CALL_BACK = UsageRule(
    "call-back",
    SITUATION,
    expect=(Constraint("response", "quote_sent", target=("call", "meeting"), within=Duration(days=2)),),
)
NO_GIFT = UsageRule("no-gift", SITUATION, expect=(Constraint("absence", "amount_changed", n=2),))
LARGE = UsageRule(
    "meet-first",
    SITUATION,
    expect=(Constraint("precedence", "quote_sent", target="meeting", where=Compare("amount", Op.GE, 1000)),),
)
BOOK = Rulebook([CALL_BACK, NO_GIFT, LARGE])


def at(day: int, hour: int = 9) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, tzinfo=dt.UTC)


def happens(activity: str, day: int, hour: int = 9, case: str = "c1", **more: object) -> dict[str, object]:
    return {"case_id": case, "activity": activity, "at": at(day, hour), **more}


def test_a_deadline_is_said_when_the_clock_has_passed_it() -> None:
    monitor = Monitor(BOOK)
    assert list(monitor.observe(happens("quote_sent", 2))) == []

    assert list(monitor.advance(at(4))) == []
    (late,) = monitor.advance(at(4, 10))

    assert (late.rule, late.verdict, late.case_id) == ("call-back", Verdict.VIOLATED, "c1")
    assert (late.activity, late.at, late.deadline, late.decided_by) == ("quote_sent", at(2), at(4), None)


def test_any_of_several_targets_will_do() -> None:
    monitor = Monitor(BOOK, report=("fulfilled",))
    monitor.observe(happens("quote_sent", 2))

    (kept,) = monitor.observe(happens("meeting", 3))

    assert (kept.verdict, kept.decided_by, kept.decided_at) == (Verdict.FULFILLED, "meeting", at(3))


def test_each_expectation_of_a_case_has_one_of_the_states() -> None:
    monitor = Monitor(BOOK)
    monitor.observe(happens("quote_sent", 2, amount=5000))

    assert monitor.states("c1") == {
        ("call-back", 0): State.POSSIBLY_VIOLATED,
        ("meet-first", 0): State.PERMANENTLY_VIOLATED,
        ("no-gift", 0): State.POSSIBLY_FULFILLED,
    }
    monitor.observe(happens("call", 3))
    assert monitor.states("c1")["call-back", 0] is State.POSSIBLY_FULFILLED


def test_an_event_at_the_same_instant_makes_a_verdict_a_tie() -> None:
    monitor = Monitor(BOOK)
    (broken,) = monitor.observe(happens("quote_sent", 2, amount=5000))
    (tied,) = monitor.observe(happens("meeting", 2))

    assert (broken.verdict, broken.was) == (Verdict.VIOLATED, None)
    assert (tied.verdict, tied.was, tied.decided_by) == (Verdict.TIED, Verdict.VIOLATED, None)


def test_a_late_event_takes_back_what_it_excuses() -> None:
    monitor = Monitor(BOOK)
    monitor.observe(happens("quote_sent", 2))
    monitor.advance(at(10))

    (excused,) = monitor.observe(happens("call", 3))

    assert (excused.verdict, excused.was) == (Verdict.FULFILLED, Verdict.VIOLATED)


def test_a_late_event_is_refused_where_that_is_the_policy_and_nothing_changes() -> None:
    monitor = Monitor(BOOK, late="refuse")
    monitor.observe(happens("quote_sent", 5))
    before = monitor.snapshot()

    with pytest.raises(LateEventError, match=r"'c1': 'call' at 2026-03-04 .* comes late"):
        monitor.observe(happens("call", 4))

    assert monitor.snapshot() == before


def test_an_event_that_cannot_be_judged_changes_nothing() -> None:
    monitor = Monitor(BOOK)
    monitor.observe(happens("call", 2))
    before = monitor.snapshot()

    with pytest.raises(RuleError, match="amount is a text"):
        monitor.observe(happens("quote_sent", 3, amount="a lot"))
    with pytest.raises(RuleError, match="amount is a text"):
        monitor.observe(happens("quote_sent", 3, case="new", amount="a lot"))
    with pytest.raises(ContractError, match="a datetime with a zone"):
        monitor.observe({"case_id": "c1", "activity": "call", "at": "yesterday"})

    assert monitor.snapshot() == before
    assert list(monitor.open_cases) == ["c1"]


def test_what_is_settled_before_a_bad_event_is_said_by_the_next_call_or_the_next_monitor() -> None:
    monitor = Monitor(BOOK)
    micros = int(at(2).timestamp()) * 1_000_000
    rows = [("c1", "quote_sent", micros, {"amount": 2000}), ("c1", "quote_sent", micros + 1, {"amount": "?"})]
    with pytest.raises(RuleError):
        monitor.observe_many(rows)

    again = Monitor.restore(BOOK, json.loads(json.dumps(monitor.snapshot())))

    assert [str(one) for one in again.advance(at(2))] == [str(one) for one in monitor.advance(at(2))]
    assert [one.rule for one in monitor.advance(at(3))] == []


def test_closed_cases_leave_and_their_deadlines_with_them() -> None:
    monitor = Monitor(BOOK, closing=["won"])
    for k in range(5000):
        monitor.observe(happens("quote_sent", 2, case=f"c{k}"))
        monitor.observe(happens("won", 3, case=f"c{k}"))
        if k % 100 == 0:
            monitor.observe(happens("won", 3, 10 + k // 500, case=f"later {k}"))

    assert list(monitor.open_cases) == []
    assert len(monitor.snapshot()["state"]["cases"]) <= 500
    assert list(monitor.advance(at(20))) == []


def test_a_snapshot_is_refused_with_other_rules_another_format_or_damage() -> None:
    monitor = Monitor(BOOK)
    monitor.observe(happens("quote_sent", 2))
    state = json.loads(json.dumps(monitor.snapshot()))

    other = Rulebook([attrs.evolve(CALL_BACK, version=2), NO_GIFT, LARGE])
    with pytest.raises(SourceError, match="under other rules"):
        Monitor.restore(other, state)
    with pytest.raises(SourceError, match="format 99, this version of crmusage reads format 1"):
        Monitor.restore(BOOK, {**state, "format": 99})
    damaged = json.loads(json.dumps(state).replace("quote_sent", "quote_lost"))
    with pytest.raises(SourceError, match="damaged"):
        Monitor.restore(BOOK, damaged)
    with pytest.raises(SourceError, match="no snapshot of a monitor"):
        Monitor.restore(BOOK, {"cases": []})


def test_a_rule_that_is_only_worded_anew_is_the_same_rule_to_a_snapshot() -> None:
    monitor = Monitor(BOOK)
    monitor.observe(happens("quote_sent", 2))
    worded = attrs.evolve(CALL_BACK, situation=Text("an offer went out", "une offre a été envoyée"))

    again = Monitor.restore(Rulebook([worded, NO_GIFT, LARGE]), monitor.snapshot())

    assert [one.rule for one in again.advance(at(9))] == ["call-back"]


def test_verdicts_are_a_sequence_and_equal_to_a_list_of_the_same() -> None:
    monitors = Monitor(BOOK), Monitor(BOOK)
    rows = [("c1", "quote_sent", k, {"amount": 5000}) for k in range(3)]
    one, other = [monitor.observe_many(rows) for monitor in monitors]

    assert len(one) == 3
    assert one == other
    assert one == list(one)
    assert one == tuple(one)
    assert one != list(one)[:2]
    assert one[-1] == list(one)[2]
    assert one[1:] == list(one)[1:]
    assert one[0] in other
    assert repr(one[:1]) == f"[{one[0]!r}]"
    assert monitors[0].observe_many(()) == []
    assert len(one) == 3, "what has been handed over stays what it is"


def test_a_tie_after_many_events_is_judged_by_all_of_them() -> None:
    rule = UsageRule("r", SITUATION, expect=(Constraint("alternate_response", "quote_sent", target="call"),))
    monitor = Monitor(Rulebook([rule]))
    rows = [("c1", ("quote_sent", "call")[k % 2], k, {}) for k in range(200)]
    assert monitor.observe_many(rows) == []

    (tied,) = monitor.observe_many([("c1", "quote_sent", 199, {})])
    assert (tied.verdict, tied.at) == (Verdict.TIED, dt.datetime(1970, 1, 1, 0, 0, 0, 198, tzinfo=dt.UTC))
    assert monitor.observe_many([("c1", "call", 200, {}), ("c1", "quote_sent", 201, {})]) == []
    (broken,) = monitor.observe_many([("c1", "quote_sent", 202, {})])
    assert (broken.verdict, broken.decided_by) == (Verdict.VIOLATED, "quote_sent")


def test_the_monitor_is_at_the_front_door() -> None:
    assert cu.Monitor is Monitor


def test_where_time_is_spoken_of_at_all_what_was_before_the_case_does_not_count() -> None:
    """No delay is one, too: the days are counted from the creation on."""
    at = [dt.datetime(2026, 1, 1, hour, tzinfo=dt.UTC) for hour in (0, 5)]
    said = {}
    for after in (None, Duration(seconds=0), Duration(working_days=0)):
        rule = UsageRule("r", Text("a", "b"), expect=(Constraint("existence", "call", n=2, after=after),))
        monitor = Monitor(Rulebook([rule]))
        monitor.open_case("c", at[1])
        for hour in (at[0], at[0], at[1]):
            monitor.observe({"case_id": "c", "activity": "call", "at": hour})
        said[str(after)] = monitor.states("c")["r", 0]
    assert list(said.values()) == [
        State.PERMANENTLY_FULFILLED,
        State.POSSIBLY_VIOLATED,
        State.POSSIBLY_VIOLATED,
    ]
