from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

import crmusage as cu
from crmusage.maturity import assess, catalogue, load_sheets
from crmusage.model import Measure, Outcome, Period, Text, Undefined
from crmusage.rules import Rulebook, Status
from tests.signals.company import DAY, END, RULE, case, entry, history, login, of, people, person


def calls(kept: dict[int, tuple[int, int]]) -> list[dict[str, Any]]:
    """By month of 2026: how many calls were followed by a mail, of how many."""
    rows = []
    for month, (good, all_) in kept.items():
        for k in range(all_):
            at = dt.datetime(2026, month, 5, 9, k % 60, k // 60, tzinfo=dt.UTC)
            rows.append({**entry(k % 40, k % 20, at), "activity": "call"})
            if k < good:
                rows.append({**entry(k % 40, k % 20, at + dt.timedelta(seconds=1)), "activity": "email"})
    return rows


def followed(kept: dict[int, tuple[int, int]], **tables: Any) -> cu.History:
    return history(people=people(), cases=[case(k, k % 20) for k in range(40)], events=calls(kept), **tables)


def test_every_practice_that_a_history_can_show_is_looked_at_and_no_other():
    seen = [one.practice for one in cu.observe(history()).observations]
    assert sorted(seen) == sorted(one.id for one in catalogue().items if one.measurable)


@pytest.mark.parametrize(
    ("kept", "holds"),
    [
        (dict.fromkeys(range(1, 6), (39, 40)), True),
        (dict.fromkeys(range(1, 6), (10, 40)), False),
        (dict.fromkeys(range(1, 6), (30, 40)), None),
        ({**dict.fromkeys(range(1, 3), (40, 40)), **dict.fromkeys(range(3, 6), (32, 40))}, False),
    ],
)
def test_care_is_asked_for_where_rules_are_kept_and_kept_no_less_than_before(
    kept: dict[int, tuple[int, int]], holds: bool | None
):
    # Not all of January and February lie in the three months before the last three; both count there.
    one, book = followed(kept), Rulebook((RULE,))
    seen = of("care-asked-for", one, book, cu.verify(one, book, detectors=()))
    assert isinstance(seen.measure, Measure)
    assert seen.measure.denominator == 120
    assert seen.holds is holds


def test_without_judged_rules_nothing_is_said_of_care():
    seen = of("care-asked-for", followed({5: (1, 2)}))
    unjudged = Text("no written rule was judged", "aucune règle écrite n'a été évaluée")
    assert seen.measure == Undefined("kept", unjudged)
    assert seen.text.fr.endswith(f"non connu ({unjudged.fr})")
    assert seen.holds is None


def test_rows_that_cannot_be_used_speak_against_checks_of_the_data():
    bad = [{**entry(0, 0, END - DAY), "case_id": None} for _ in range(40)]
    fine = [entry(0, 0, END - k * DAY / 50) for k in range(400)]
    seen = of("data-checked", history(events=[*fine, *bad]))
    assert isinstance(seen.measure, Measure)
    assert seen.measure.numerator == 40
    assert seen.holds is False
    assert of("data-checked", history(events=fine)).holds is None


def test_what_happened_after_the_look_is_not_unusable():
    late = [entry(0, 0, END + k * DAY) for k in range(1, 100)]
    seen = of("data-checked", history(events=[entry(0, 0, END - DAY), *late]))
    assert isinstance(seen.measure, Measure)
    assert seen.measure.value == 0


def test_detectors_of_false_data_decide_on_the_checks_whichever_way_they_end():
    fine = history(
        events=[entry(k % 40, 0, END - k * DAY / 100) for k in range(4000)],
        cases=[case(k, 0) for k in range(40)],
    )
    scope = cu.verify(fine, detectors=()).assessments
    clear = cu.Report(END, assessments=[*scope, assessment("CU301", Outcome.CLEAR)])
    assert of("data-checked", fine, None, clear).holds is True
    unseen = cu.Report(END, assessments=[assessment("CU301", Outcome.NOT_ASSESSABLE)])
    assert of("data-checked", fine, None, unseen).holds is None
    found = cu.Report(END, findings=[finding("CU301")], assessments=[assessment("CU301", Outcome.FOUND)])
    seen = of("data-checked", fine, None, found)
    assert seen.holds is False
    assert "CU301" in seen.text.en


def test_dead_rules_in_force_speak_against_dropping_what_is_obsolete():
    one, book = followed({5: (20, 20)}), Rulebook((RULE,))
    judged = cu.verify(one, book, detectors=())
    dead = attrs.evolve(
        judged,
        findings=[attrs.evolve(finding("CU603"), rule=RULE.id)],
        assessments=[assessment("CU603", Outcome.FOUND)],
    )
    assert of("obsolete-dropped", one, book, dead).holds is False
    clear = attrs.evolve(judged, assessments=[assessment("CU603", Outcome.CLEAR)])
    assert of("obsolete-dropped", one, book, clear).holds is None
    old = attrs.evolve(RULE, id="old-form", status=Status.RETIRED)
    assert of("obsolete-dropped", one, Rulebook((RULE, old)), clear).holds is True


def test_an_owner_who_is_not_here_breaks_the_loop():
    one = followed({5: (20, 20)})
    seen = of("loop-closed", one, Rulebook((RULE, attrs.evolve(RULE, id="other", owner="gone"))))
    assert isinstance(seen.measure, Measure)
    assert (seen.measure.value, seen.measure.denominator) == (1, 2)
    assert seen.holds is False
    assert seen.text.en.endswith("1 of 2")


def test_newcomers_who_read_the_rules_show_that_knowledge_is_kept():
    start = (END - 100 * DAY).date()
    crew = [{**row, "starts_on": start} for row in people(30)]
    read = [
        {"rule_id": RULE.id, "version": 1, "person_id": person(k), "at": END - 90 * DAY} for k in range(30)
    ]
    assert of("knowledge-kept", history(people=crew, acknowledgements=read)).holds is True
    late = [{**row, "at": END - 10 * DAY} for row in read[1:]]
    seen = of("knowledge-kept", history(people=crew, acknowledgements=[read[0], *late]))
    assert seen.holds is False
    assert isinstance(seen.measure, Measure)
    assert seen.measure.numerator == 1


def test_evidence_goes_into_an_assessment_beside_the_answers():
    logins = [login(who, END - (7 * week + 1) * DAY) for who in range(5, 20) for week in range(13)]
    seen = cu.observe(history(people=people(), sessions=logins))
    found = assess(load_sheets("examples/programme/answers.toml"), observations=seen.observations)
    assert found.levels == assess(load_sheets("examples/programme/answers.toml")).levels
    assert [one.practice for one, _ in found.contradictions] == ["leaders-lead"]


def test_the_rows_of_a_month_are_counted_by_table():
    june, may = Period.month(2026, 6), Period.month(2026, 5)
    one = history(people=people(), events=[entry(0, 0, END - k * DAY) for k in range(10)])
    assert cu.rows_in(one, june) == {"cases": 0, "events": 10, "people": 20}
    assert cu.rows_in(one, may)["events"] == 0


def assessment(code: str, outcome: Outcome) -> Any:
    from crmusage.model import Assessment, Scope

    reason = cu.Text("no", "non") if outcome is Outcome.NOT_ASSESSABLE else None
    return Assessment(code, Scope(), outcome, reason)


def finding(code: str) -> cu.Finding:
    from crmusage.model import Kind, Scope, Severity

    return cu.Finding(
        code,
        "dummy-values",
        Kind.PARASITIC,
        Severity.MEDIUM,
        Scope("East"),
        Measure("share", 0.4),
        cu.Text("Values that nobody meant.", "Des valeurs que personne ne voulait."),
    )
