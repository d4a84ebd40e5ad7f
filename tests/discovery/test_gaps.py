from __future__ import annotations

import datetime as dt
from functools import reduce

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.discovery import CATALOGUE, Gaps, gaps, speaks, tally_situations
from crmusage.discovery._gaps import patterns
from crmusage.discovery._gaps_value import FEWEST
from crmusage.history import History
from crmusage.model import Outcome
from crmusage.rules import (
    Compare,
    Constraint,
    Duration,
    Op,
    Rulebook,
    Situation,
    Status,
    UsageRule,
    lint,
    triage,
)

START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
AS_OF = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
Event = tuple[float, str] | tuple[float, str, dict[str, object]]

SCENES: dict[str, tuple[list[Event], list[Event]]] = {
    # What shows the situation, and what comes near and does not: (day, activity, the event's own columns).
    "amount-changed-after-win": (
        [(1, "won"), (3, "amount_changed")],
        [(1, "amount_changed"), (3, "won"), (3.01, "amount_changed")],
    ),
    "asked-back-again": (
        [(1, "clarification_asked"), (2, "clarified"), (3, "clarification_asked")],
        [(1, "clarification_asked"), (2, "clarified")],
    ),
    "close-date-changed-after-closing": (
        [(1, "closed"), (3, "close_date_changed")],
        [(1, "closed"), (2, "reopened"), (3, "close_date_changed")],
    ),
    "closed-again": ([(1, "closed"), (3, "closed")], [(1, "closed"), (2, "reopened"), (3, "closed")]),
    "closed-unsettled": ([(1, "closed"), (2, "fulfilled")], [(1, "fulfilled"), (2, "closed")]),
    "given-on-eve-of-leave": (
        [(1, "owner_changed", {"old": "b", "new": "away"})],
        [(1, "owner_changed", {"old": "away", "new": "b"})],
    ),
    "handed-on-after-closing": ([(1, "closed"), (3, "rerouted")], [(1, "rerouted"), (3, "closed")]),
    "handed-on-often": (
        [(1, "rerouted"), (2, "owner_changed"), (3, "rerouted")],
        [(1, "rerouted"), (2, "owner_changed")],
    ),
    "parallel-offers": (
        [(1, "quote_sent"), (2, "quote_sent")],
        [(1, "quote_sent"), (2, "quote_declined"), (3, "quote_sent")],
    ),
    "priority-raised-after-submission": (
        [(1, "submitted"), (2, "priority_changed", {"old": "3", "new": "1"})],
        [(1, "submitted"), (2, "priority_changed", {"old": "1", "new": "3"})],
    ),
    "quote-sent-after-win": ([(1, "won"), (2, "quote_sent")], [(1, "quote_sent"), (2, "won")]),
    "reopened": ([(1, "closed"), (2, "reopened")], [(1, "closed")]),
    "settled-untaken": ([(1, "fulfilled"), (2, "accepted")], [(1, "accepted"), (2, "fulfilled")]),
    "taken-over": (
        [(1, "accepted", {"actor": "a"}), (2, "accepted", {"actor": "b"})],
        [(1, "accepted", {"actor": "a"}), (2, "accepted", {"actor": "a"})],
    ),
    "waiting-again": (
        [(1, "waiting"), (2, "call"), (3, "waiting")],
        [(1, "waiting"), (2, "resumed"), (3, "waiting"), (4, "resumed")],
    ),
    "waiting-long": ([(1, "waiting"), (40, "resumed")], [(1, "waiting"), (20, "resumed")]),
    "waiting-past-due": ([(1, "waiting"), (12, "resumed")], [(1, "waiting"), (9, "resumed")]),
    "won-without-quote": ([(1, "won"), (2, "quote_sent")], [(1, "quote_sent"), (2, "won")]),
    "worked-on-after-closing": (
        [(1, "closed"), (2, "accepted")],
        [(1, "accepted"), (2, "closed"), (2.01, "call")],
    ),
    "worked-on-after-settling": (
        [(1, "fulfilled"), (2, "accepted"), (3, "closed")],
        [(1, "accepted"), (2, "fulfilled"), (3, "returned"), (4, "accepted")],
    ),
}
PEOPLE = [{"person_id": f"p{k}", "unit": "big"} for k in range(6)] + [{"person_id": "q", "unit": "small"}]


def history_of(*scenes: list[Event], copies: int = 1, kind: str = "request", **tables: object) -> History:
    """Each scene as `copies` cases, in turn of a large and of a small unit."""
    cases, events = [], []
    for number, scene in enumerate(scene for scene in scenes for _ in range(copies)):
        name = f"c{number:04}"
        cases.append(
            {
                "case_id": name,
                "kind": kind,
                "created_at": START,
                "owner": "b",
                "due_at": START + dt.timedelta(days=10),
                "unit": "big" if number % 3 else "small",
            }
        )
        events += [
            {
                "case_id": name,
                "activity": activity,
                "at": START + dt.timedelta(days=day),
                **(more[0] if more else {}),
            }
            for day, activity, *more in scene
        ]
    absences = [{"person_id": "away", "starts_at": START + dt.timedelta(days=1.5), "ends_at": AS_OF}]
    return History.from_records(
        **{"cases": cases, "events": events, "people": PEOPLE, "absences": absences, **tables}, as_of=AS_OF
    )


def outcome(found: Gaps, situation: str) -> Outcome:
    (one,) = (a for a in found.assessments if a.code == f"gaps:{situation}")
    return one.outcome


def test_every_situation_has_its_scene() -> None:
    assert list(SCENES) == [pattern.id for pattern in CATALOGUE]


@pytest.mark.parametrize("situation", SCENES)
def test_a_situation_is_met_where_it_is_and_not_where_something_comes_near(situation: str) -> None:
    shown, near = SCENES[situation]
    gap = gaps(history_of(shown, near))[situation]
    assert gap.cases == 1
    assert gap.examples == ("c0000",)


@pytest.mark.parametrize("situation", SCENES)
def test_a_frequent_situation_is_a_gap_until_a_draft_for_it_is_in_the_book(situation: str) -> None:
    history = history_of(*SCENES[situation], copies=FEWEST)
    gap = next(gap for gap in gaps(history) if gap.situation.id == situation)
    rule = gap.as_rule()
    assert rule.status is Status.DRAFT
    assert lint(Rulebook([rule])) == ()
    after = gaps(history, Rulebook([rule]))
    assert situation not in {one.situation.id for one in after}
    assert after[situation].spoken_of_by == (situation,)
    # Also under another id and situation: what it expects is enough.
    renamed = attrs.evolve(rule, id="other", situation=Situation("x", "y"))
    assert gaps(history, Rulebook([renamed]))[situation].spoken_of_by == ("other",)


@pytest.mark.parametrize("situation", SCENES)
def test_a_draft_judges_the_case_that_shows_the_situation_otherwise(situation: str) -> None:
    from crmusage.conformance import judge_rule, unseen
    from crmusage.rules import Verdict

    history = history_of(*SCENES[situation])
    rule = gaps(history)[situation].as_rule()
    assert rule.zone is None, "nobody's time zone is known"
    assert unseen(history, rule) == ()
    (judged,) = judge_rule(history, rule)
    broken = {int(case) for case in judged.case[judged.verdict == Verdict.VIOLATED]}
    # By when something is to be done again, or was due, a first draft cannot know.
    if situation not in {"reopened", "waiting-past-due", "priority-raised-after-submission"}:
        assert 0 in broken


def test_rare_situations_are_no_gaps_and_are_listed_all_the_same() -> None:
    shown, near = SCENES["reopened"]
    found = gaps(history_of(*[shown] * (FEWEST - 1), *[near] * 5))
    assert "reopened" not in {gap.situation.id for gap in found}
    assert "reopened" in {gap.situation.id for gap in found.others}
    one_in_a_thousand = gaps(history_of(*[shown] * FEWEST, *[near] * 3000))
    assert "reopened" not in {gap.situation.id for gap in one_in_a_thousand}


def test_what_the_data_cannot_show_is_not_said_to_be_clear() -> None:
    found = gaps(history_of([(1, "created"), (2, "closed")], absences=[]))
    assert outcome(found, "reopened") is Outcome.NOT_ASSESSABLE
    assert outcome(found, "given-on-eve-of-leave") is Outcome.NOT_ASSESSABLE
    seen = [{"entity": "event", "field": "reopened", "seen_from": START}]
    assert outcome(gaps(history_of([(2, "closed")], coverage=seen)), "reopened") is Outcome.CLEAR
    waits = [(1, "waiting"), (40, "resumed")]
    cases = [{"case_id": "c", "kind": "request", "created_at": START}]
    events = [{"case_id": "c", "activity": a, "at": START + dt.timedelta(days=d)} for d, a in waits]
    no_due = History.from_records(cases=cases, events=events, as_of=AS_OF)
    reason = next(a.reason for a in gaps(no_due).assessments if a.code == "gaps:waiting-past-due")
    assert reason is not None
    assert "cases.due_at is empty" in reason.en
    assert "cases.due_at est vide" in reason.fr


def test_what_machines_do_is_nobodys_situation() -> None:
    shown = [
        (1, "closed"),
        (3, "owner_changed", {"origin": "cascade"}),
        (4, "owner_changed", {"origin": "ui"}),
    ]
    found = gaps(history_of(shown, shown[:2], shown[:1]))
    assert found["handed-on-after-closing"].examples == ("c0000",)


def test_events_at_one_instant_in_no_known_order_show_nothing() -> None:
    found = gaps(history_of([(1, "won"), (1, "quote_sent")], [(1, "won"), (2, "quote_sent")]))
    assert found["quote-sent-after-win"].examples == ("c0001",)
    assert found["won-without-quote"].examples == ("c0001",)


def test_a_closing_time_of_the_case_counts_where_no_event_tells_it() -> None:
    cases = [
        {"case_id": f"c{k}", "kind": "deal", "created_at": START, "closed_at": START + dt.timedelta(days=2)}
        for k in range(2)
    ]
    events = [
        {"case_id": f"c{k}", "activity": "owner_changed", "at": START + dt.timedelta(days=1 + 3 * k)}
        for k in range(2)
    ]
    found = gaps(History.from_records(cases=cases, events=events, as_of=AS_OF))
    assert found["handed-on-after-closing"].examples == ("c1",)


def test_an_activity_of_the_companys_own_that_no_rule_names_is_a_gap_unless_it_is_daily_work() -> None:
    odd, plain = [(1, "accepted"), (2, "Require upgrade")], [(1, "accepted"), (2, "Check file")]
    history = history_of(*[odd] * FEWEST, *[plain] * 200)
    found = {gap.situation.id: gap for gap in gaps(history)}
    assert "own.require-upgrade" in found
    assert "own.check-file" not in found
    rule = UsageRule(
        "upgrades", Situation("a", "b"), expect=(Constraint("response", "accepted", "Require upgrade"),)
    )
    assert gaps(history, Rulebook([rule]))["own.require-upgrade"].spoken_of_by == ("upgrades",)
    draft = found["own.require-upgrade"].as_rule()
    assert draft.expect == ()
    assert lint(Rulebook([draft])) == ()


@pytest.mark.parametrize(
    ("situation", "constraint", "speaks_of_it"),
    [
        ("worked-on-after-closing", Constraint("not_succession", "closed", "accepted"), True),
        ("worked-on-after-closing", Constraint("end", "closed"), True),
        ("worked-on-after-closing", Constraint("response", "accepted", "closed"), False),
        ("worked-on-after-closing", Constraint("precedence", "closed", "accepted"), False),
        ("closed-unsettled", Constraint("precedence", "closed", "fulfilled"), True),
        ("closed-unsettled", Constraint("response", "fulfilled", "closed"), False),
        ("closed-unsettled", Constraint("succession", "fulfilled", "closed"), True),
        ("closed-again", Constraint("absence", "closed", n=2), True),
        ("closed-again", Constraint("existence", "closed", n=1), False),
        ("waiting-again", Constraint("alternate_precedence", "waiting", "accepted"), True),
        ("waiting-again", Constraint("response", "waiting", "fulfilled"), False),
        ("waiting-long", Constraint("response", "waiting", "fulfilled", within=Duration(days=30)), True),
        ("waiting-long", Constraint("response", "waiting", "fulfilled"), False),
        ("reopened", Constraint("absence", "reopened"), True),
        ("parallel-offers", Constraint("response", "quote_accepted", "quote_declined"), True),
        ("parallel-offers", Constraint("precedence", "quote_accepted", "quote_sent"), False),
        ("parallel-offers", Constraint("not_succession", "quote_sent", "quote_sent"), True),
        ("given-on-eve-of-leave", Constraint("response", "owner_changed", "call"), False),
        (
            "given-on-eve-of-leave",
            Constraint(
                "response",
                "owner_changed",
                "call",
                where=Compare("owner.working_days_before_leave", Op.LE, 0),
            ),
            True,
        ),
    ],
)
def test_a_rule_speaks_of_a_situation_by_what_it_expects_and_in_which_order(
    situation: str, constraint: Constraint, speaks_of_it: bool
) -> None:
    pattern = next(pattern for pattern in CATALOGUE if pattern.id == situation)
    rule = UsageRule("r", Situation("a", "b"), kind="request", expect=(constraint,))
    assert speaks(rule, pattern, "request") is speaks_of_it
    assert not speaks(rule, pattern, "opportunity")
    assert not speaks(attrs.evolve(rule, status="retired"), pattern, "request")
    assert speaks(attrs.evolve(rule, status="forbidden"), pattern, "request") is speaks_of_it


def test_units_that_are_too_small_have_no_line_of_their_own() -> None:
    found = gaps(history_of(*SCENES["reopened"], copies=40))
    assert [unit for unit, _ in found["reopened"].units] == ["big"]
    everybody = gaps(history_of(*SCENES["reopened"], copies=40), min_group=1)
    assert [unit for unit, _ in everybody["reopened"].units] == ["big", "small"]
    assert sum(measure.numerator for _, measure in everybody["reopened"].units) == everybody["reopened"].cases


def test_each_kind_of_case_has_its_own_gap_and_its_own_rule() -> None:
    shown, near = SCENES["reopened"]
    requests, deals = history_of(shown, near, copies=30), history_of(shown, near, copies=30, kind="Big deal")
    cases = [
        *requests.cases.to_dicts(),
        *deals.cases.with_columns(case_id="x" + deals.cases["case_id"]).to_dicts(),
    ]
    events = [
        *requests.events.to_dicts(),
        *deals.events.with_columns(case_id="x" + deals.events["case_id"]).to_dicts(),
    ]
    found = gaps(History.from_records(cases=cases, events=events, as_of=AS_OF))
    mine = [gap for gap in found if gap.situation.id == "reopened"]
    assert sorted(gap.kind for gap in mine) == ["Big deal", "request"]
    book = Rulebook(gap.as_rule() for gap in mine)
    assert [rule.id for rule in book] == ["reopened.big-deal", "reopened.request"]
    assert not list(gaps(History.from_records(cases=cases, events=events, as_of=AS_OF), book))


@given(
    st.lists(
        st.lists(
            st.tuples(
                st.integers(0, 60),
                st.sampled_from([one[1] for shown, _ in SCENES.values() for one in shown] + ["Own step"]),
            ),
            max_size=6,
        ),
        min_size=1,
        max_size=5,
    ),
    st.integers(1, 3),
)
def test_parts_merge_to_the_tally_of_the_whole(traces: list[list[Event]], parts: int) -> None:
    history = history_of(*traces)
    whole = tally_situations(history)
    tallies = [tally_situations(part) for part in history.parts(parts)]
    merged = reduce(lambda one, other: one.merge(other), reversed(tallies))
    assert merged.counts == whole.counts
    assert merged.examples == whole.examples


def test_a_gap_is_told_in_both_languages_and_can_be_proposed_or_refused() -> None:
    history = history_of(*SCENES["reopened"], copies=30)
    gap = next(iter(gaps(history)))
    assert gap.text.en == "A closed case is opened again: in 30 of 60 cases (50%); no rule speaks of it."
    assert gap.text.fr.startswith("Un dossier clos est rouvert")
    assert "aucune règle n’en parle" in gap.text.fr
    filed = gap.as_report(who="sales-ops", on=dt.date(2026, 9, 1), lang="fr")
    book, answered = triage(
        Rulebook(), filed, who="sales-ops", on=dt.date(2026, 9, 2), refuse="on en crée un autre"
    )
    assert (filed.id, filed.is_open, answered.is_open, len(book)) == ("reopened", True, False, 0)
    assert filed.examples == gap.examples
    proposed = Rulebook().propose(gap, who="sales-ops", why="met in the data")
    refused = Rulebook().forbid(gap, who="sales-ops", why="a new case is opened instead")
    for book, status in ((proposed, Status.DRAFT), (refused, Status.FORBIDDEN)):
        assert book["reopened"].status is status
        assert "reopened" not in {one.situation.id for one in gaps(history, book)}


def test_names_that_differ_in_signs_only_are_one_situation() -> None:
    assert [p.id for p in patterns(["Own step", "own step!", "won"])][len(CATALOGUE) :] == ["own.own-step"]
