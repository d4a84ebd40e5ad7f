"""Whose acts and whose rules stand behind what a history shows of the practices of maturity."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

import crmusage as cu
from crmusage.knowledge import Reading
from crmusage.maturity import Observation
from crmusage.model import Assessment, Kind, Measure, Outcome, RuleTally, Scope, Severity, Undefined
from crmusage.rules import Constraint, Rulebook, Status, Template, UsageRule
from crmusage.signals import acts, readings
from tests.signals.company import DAY, END, RULE, case, entry, history, login, of, people, person


def share(seen: Observation) -> tuple[float | None, float | None]:
    assert isinstance(seen.measure, Measure)
    return seen.measure.numerator, seen.measure.denominator


# --- newcomers


def read(who: str, ago: int, rule: str = RULE.id) -> dict[str, Any]:
    return {"rule_id": rule, "version": 1, "person_id": who, "at": END - ago * DAY}


def newcomers(n: int, came: int = 100, **more: Any) -> list[dict[str, Any]]:
    return [{**row, "starts_on": (END - came * DAY).date(), **more} for row in people(n, managers=())]


@pytest.mark.parametrize(
    "more",
    [
        {"is_human": False},
        {"ends_on": (END - 30 * DAY).date()},
        # Whoever came a month ago has a month left to read it; whoever came two years ago is new no more.
        {"starts_on": (END - 30 * DAY).date()},
        {"starts_on": (END - 700 * DAY).date()},
        {"starts_on": None},
    ],
    ids=str,
)
def test_only_colleagues_who_are_new_and_here_are_asked_what_they_have_read(more: dict[str, Any]):
    crew = [*newcomers(10), {**newcomers(1)[0], "person_id": "odd", **more}]
    told = [read(row["person_id"], 90) for row in crew[:10]]
    assert share(of("knowledge-kept", history(people=crew, acknowledgements=told))) == (10, 10)


def test_the_first_and_the_last_day_on_which_somebody_is_new_count():
    crew = [
        {**row, "starts_on": (END - days * DAY).date()}
        for row, days in zip(people(6, managers=()), (59, 60, 60, 365, 365, 366), strict=True)
    ]
    seen = of("knowledge-kept", history(people=crew, acknowledgements=[read("nobody", 1)]))
    assert isinstance(seen.measure, Undefined)
    more = [{**crew[1], "person_id": "one more"}]
    seen = of("knowledge-kept", history(people=[*crew, *more], acknowledgements=[read("nobody", 1)]))
    assert share(seen) == (0, 5)


def test_of_fewer_newcomers_than_the_minimum_nothing_is_told():
    told = [read(person(k), 90) for k in range(4)]
    seen = of("knowledge-kept", history(people=newcomers(4), acknowledgements=told))
    assert isinstance(seen.measure, Undefined)
    assert seen.holds is None


def test_a_few_newcomers_more_or_less_decide_nothing():
    # Nine of eleven are more than enough, and six of thirteen too few, but neither is sure.
    for n, told in ((11, 9), (13, 6)):
        rows = [read(person(k), 90) for k in range(told)]
        seen = of("knowledge-kept", history(people=newcomers(n), acknowledgements=rows))
        assert share(seen) == (told, n)
        assert seen.holds is None


# --- managers


@pytest.mark.parametrize(
    ("managers", "weeks", "holds"),
    [(20, 13, True), (20, 1, False), (5, 10, None), (5, 9, None)],
)
def test_managers_lead_or_do_not_only_where_chance_cannot_have_made_the_difference(
    managers: int, weeks: int, holds: bool | None
):
    # Three weeks of four are asked for, of thirteen.
    rows = [login(k, END - (7 * week + 1) * DAY) for k in range(managers) for week in range(weeks)]
    crew = people(40, managers=range(managers))
    seen = of("leaders-lead", history(people=crew, sessions=rows))
    assert share(seen) == (managers * weeks, managers * 13)
    assert seen.holds is holds


# --- rules that are kept


def judged(kept: dict[int, tuple[int, int]]) -> Observation:
    """By month of 2026, how many calls were followed by a mail, of how many."""
    rows = []
    for month, (good, all_) in kept.items():
        for k in range(all_):
            at = dt.datetime(2026, month, 5, 9, k % 60, k // 60, tzinfo=dt.UTC)
            rows.append({**entry(k % 40, k % 20, at), "activity": "call"})
            if k < good:
                rows.append({**entry(k % 40, k % 20, at + dt.timedelta(seconds=1)), "activity": "email"})
    one, book = (
        history(people=people(), cases=[case(k, k % 20) for k in range(40)], events=rows),
        Rulebook((RULE,)),
    )
    return of("care-asked-for", one, book, cu.verify(one, book, detectors=()))


@pytest.mark.parametrize(
    ("before", "now"),
    [
        # Ten points fewer of ten are no sure fall.
        ((10, 10), (9, 10)),
        # Half kept, or nearly all, of twelve: no sure failing and no sure care.
        ((6, 12), (6, 12)),
        ((12, 13), (12, 13)),
    ],
)
def test_what_chance_may_have_done_decides_nothing_on_care(before: tuple[int, int], now: tuple[int, int]):
    months = {**dict.fromkeys((1, 2), before), 3: now}
    assert judged(months).holds is None


# --- rules that are dead, or nobody's


def test_only_findings_of_dead_rules_count_as_dead_rules():
    other = cu.Finding(
        "CU001",
        "not-kept",
        Kind.NONCONFORMITY,
        Severity.LOW,
        Scope(),
        Measure("kept", 0.4),
        cu.Text("a", "b"),
        rule=RULE.id,
    )
    report = cu.Report(
        END,
        findings=[other],
        assessments=[Assessment("CU603", Scope(), Outcome.CLEAR)],
        rules=[RuleTally(RULE.id, 1, 0, "response(call, email)", activations=1, fulfilled=1)],
    )
    seen = of("obsolete-dropped", history(people=people()), Rulebook((RULE,)), report)
    assert share(seen) == (0, 1)
    assert seen.holds is None


def test_a_draft_without_an_owner_is_no_loop_left_open():
    draft = attrs.evolve(RULE, id="draft", owner=None, status=Status.DRAFT)
    book = Rulebook((RULE, draft, attrs.evolve(RULE, id="other", owner="gone")))
    assert share(of("loop-closed", history(people=people()), book)) == (1, 2)


# --- readings


def gathered(events: list[dict[str, Any]], told: list[dict[str, Any]], rule: UsageRule, **more: Any) -> Any:
    one = history(events=events, acknowledgements=told, **{"cases": None, **more})
    return readings(one, Rulebook((rule,)), acts(one)).readings


def called(who: str, ago: float, number: int = 1) -> list[dict[str, Any]]:
    row = {**entry(number, 0, END - ago * DAY), "actor": who, "activity": "call"}
    return [row, {**row, "activity": "email", "at": row["at"] + dt.timedelta(hours=1)}]


def test_what_somebody_does_on_the_day_of_reading_is_done_with_fresh_knowledge():
    assert gathered(called("a", 10), [read("a", 10)], RULE) == (Reading(0, 1, 1),)


def test_a_program_forgets_nothing():
    rows, told = [*called("a", 10, 1), *called("robot", 10, 2)], [read("a", 40), read("robot", 40)]
    crew = [{"person_id": "a"}, {"person_id": "robot", "is_human": False}]
    assert gathered(rows, told, RULE, people=crew) == (Reading(1, 1, 1),)


def test_of_drafts_and_of_rules_that_the_history_cannot_show_nothing_is_read():
    rows, told = called("a", 10), [read("a", 40)]
    assert gathered(rows, told, RULE) == (Reading(1, 1, 1),)
    assert gathered(rows, told, attrs.evolve(RULE, status=Status.DRAFT)) == ()
    visit = Constraint(Template.RESPONSE, activity="call", target="visit", within=cu.Duration(days=2))
    assert gathered(rows, told, attrs.evolve(RULE, expect=(visit,))) == ()


def test_what_a_case_lacks_or_has_as_a_whole_is_its_owners():
    rule = attrs.evolve(RULE, expect=(Constraint(Template.EXISTENCE, activity="email"),))
    ended = {**case(1, 3, won=False), "closed_at": END - 20 * DAY}
    rows = [entry(1, 3, END - 60 * DAY), *called(person(4), 10, 2)]
    told = [read(person(3), 50), read(person(4), 132)]
    # The one was closed without it a month after the reading, the other has it four months after.
    found = gathered(rows, told, rule, cases=[ended, case(2, 4)])
    assert found == (Reading(1, 0, 1), Reading(4, 1, 1))
