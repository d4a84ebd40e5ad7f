from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from typing import Any

import attrs
import pytest

from crmusage import Finding, Measure, Period, Text
from crmusage.adoptability import Better, Criterion, Indicator, coercion, load_balance, load_survey
from crmusage.knowledge import (
    Close,
    Concern,
    Control,
    ControlKind,
    ControlResult,
    Fit,
    Reading,
    Worry,
    close,
    load_plan,
)
from crmusage.maturity import Observation, load_sheets
from crmusage.model import Kind, Outcome, Proposal, Scope, Severity, Undefined, Verb, Wording
from crmusage.programme import Observed, Overview, Part, Teller, Turn, as_json, overview
from crmusage.report import programme_page

FOLDER = "examples/programme"
NOW = dt.datetime(2026, 10, 31, 18, 0, tzinfo=dt.UTC)


def finding(unit: str | None = "West", **more: Any) -> Finding:
    given: dict[str, Any] = {
        "code": "CU112",
        "name": "late-creation",
        "kind": Kind.PARASITIC,
        "severity": Severity.HIGH,
        "scope": Scope(unit),
        "measure": Measure("late_share", 0.8),
        "text": Text(f"{unit}: seen.", f"{unit} : vu."),
        "proposals": (Proposal(Verb.ANNOUNCE, Text(f"Tell {unit} again.", f"Redites-le à {unit}.")),),
    }
    return Finding(**{**given, **more})


@attrs.frozen
class Told:
    """A report, as far as an overview reads it."""

    findings: tuple[Finding, ...] = ()
    assessments: tuple[Any, ...] = ()
    rules: tuple[Any, ...] = ()
    set_aside: tuple[Any, ...] = ()


def pressed(*units: str) -> Observed:
    around = Measure("around_controls", 0.8, low=0.7, high=0.9)
    return Observed(
        NOW,
        indicators=(
            Indicator(
                Criterion.AVAILABILITY,
                Measure("uptime", 0.9),
                Better.HIGH,
                0.99,
                Text("working time without an outage: 90%", "temps de travail sans panne : 90 %"),
            ),
        ),
        coercion=coercion(around, Undefined("by_product", "no entry says"), units),
        observations=(
            Observation(
                "leaders-lead", False, Measure("managers_use", 0.3), Text("managers: 30%", "managers : 30 %")
            ),
        ),
        orphans=(
            Concern(
                Worry.NO_OWNER,
                Text("No owner.", "Pas de responsable."),
                Text("Name one.", "Nommez-en un."),
                ("a",),
            ),
        ),
    )


def closed(month: int, found: dict[str, float], previous: Close | None = None) -> Close:
    period = Period.month(2026, month)
    control = Control(ControlKind.DETECTOR, "CU112")
    result = ControlResult(Outcome.FOUND if found else Outcome.CLEAR, found)
    return close([control], {control: result}.get, period, on=period.end, previous=previous).sign(
        "sales director", period.end
    )


def everything() -> Overview:
    august = closed(8, {})
    return overview(
        survey=load_survey(f"{FOLDER}/survey.csv"),
        balance=load_balance(f"{FOLDER}/balance.toml"),
        sheets=load_sheets(f"{FOLDER}/answers.toml"),
        plan=load_plan(f"{FOLDER}/plan.toml"),
        closes=[closed(9, {"West": 3}, august), august],
        observed=pressed("West"),
        report=Told(
            (finding("East", severity=Severity.LOW), finding(), finding("North", kind=Kind.PROMISING))
        ),
    )


def test_answer_sheets_alone_are_enough():
    one = overview(sheets=load_sheets(f"{FOLDER}/answers.toml"))
    assert {step.part for step in one.next} == {Part.MATURITY}
    assert one.findings is None
    told = Teller(one, Wording("en")).text()
    assert "Nothing was found" not in told
    assert "Not given: a history" in told


def test_of_nothing_nothing_is_told():
    one = overview()
    assert not one.given
    assert one.next == ()
    text = Teller(one, Wording("en")).text()
    assert "Nothing has been given yet" in text
    assert "Nothing asks for anything now" not in text
    assert "\n\n\n" not in text


def test_steps_come_turn_by_turn_and_every_part_has_its_say():
    steps = everything().next
    assert [step.turn for step in steps] == sorted(step.turn for step in steps)
    assert {step.part for step in steps} == set(Part)
    assert {step.turn for step in steps} == set(Turn)


def test_a_part_puts_two_steps_of_a_turn_on_the_page_at_most():
    many = overview(report=Told(tuple(finding(f"U{k}") for k in range(9))))
    assert [step.what.en for step in many.next if step.part is Part.USAGES] == [
        "Tell U0 again.",
        "Tell U1 again.",
    ]


def test_a_unit_is_talked_to_once_however_much_was_found_there():
    report = Told((finding("West"), finding("West", code="CU502", severity=Severity.MEDIUM), finding("East")))
    usages = [step for step in overview(report=report).next if step.part is Part.USAGES]
    assert [step.what.en for step in usages] == ["Tell East again.", "Tell West again."]
    assert (
        "3 usages work against it, 2 of them seriously"
        in Teller(overview(report=report), Wording("en")).headline
    )


def test_readings_of_a_history_join_those_of_the_plan():
    plan = load_plan(f"{FOLDER}/plan.toml")
    seen = Observed(NOW, readings=(Reading(6, 30, 40),))
    alone, joined = overview(plan=plan).knowledge, overview(plan=plan, observed=seen).knowledge
    assert alone is not None
    assert joined is not None
    assert isinstance(alone.fitted, Fit)
    assert isinstance(joined.fitted, Fit)
    assert joined.fitted.n == alone.fitted.n + 40


def test_what_works_against_users_is_stopped_before_anything_is_asked_of_them():
    steps = everything().next
    stop = [step for step in steps if step.turn is Turn.STOP]
    assert [step.part for step in stop] == [Part.USAGES, Part.ADOPTABILITY]
    assert "West" in stop[1].why.en
    assert next(step for step in steps if step.turn is Turn.GIVE).part is Part.ADOPTABILITY


def test_minor_and_promising_findings_ask_for_nothing():
    one = overview(
        report=Told((finding(severity=Severity.LOW), finding(kind=Kind.PROMISING))), closes=[closed(9, {})]
    )
    assert one.next == ()


def test_where_answers_and_history_disagree_it_is_the_first_thing_to_find_out():
    steps = everything().next
    first = [step for step in steps if step.turn is Turn.FIND_OUT]
    assert [step.part for step in first[:2]] == [Part.ADOPTABILITY, Part.MATURITY]
    assert "availability" in first[0].why.en
    assert "run their own meetings" in first[1].what.en
    assert "history says otherwise" in first[1].why.en


def test_evidence_changes_no_answer():
    with_, without = (
        everything(),
        overview(survey=load_survey(f"{FOLDER}/survey.csv"), sheets=load_sheets(f"{FOLDER}/answers.toml")),
    )
    assert with_.scores is not None
    assert without.scores is not None
    assert with_.scores.overall == without.scores.overall
    assert with_.maturity is not None
    assert without.maturity is not None
    assert with_.maturity.levels == without.maturity.levels


def test_a_month_that_nobody_closed_is_a_step():
    one = overview(closes=[closed(8, {})], on=dt.date(2026, 10, 20))
    assert [step.what.en for step in one.next] == ["Close 2026-09."]
    assert overview(closes=[closed(8, {})], on=dt.date(2026, 9, 30)).next == ()


def test_a_history_without_a_close_asks_for_the_first_one():
    assert [step.part for step in overview(report=Told()).next] == [Part.CLOSE]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_everything_is_told_in_both_languages_within_the_width(lang: str):
    told = Teller(everything(), Wording(lang)).text(90)
    assert max(map(len, told.splitlines())) <= 90
    for part in {"en": ("What next", "newborn", "21.7%"), "fr": ("La suite", "nouveau-né", "21,7")}[lang]:
        assert part in told


def test_the_page_has_a_picture_of_each_part_and_loads_nothing():
    page = programme_page(everything(), "fr")
    assert page.count("<svg") == 4
    assert page.count("<html") == 1
    assert not any(word in page for word in ("<script", "http://", "https://", "@import"))


def test_what_a_crm_calls_its_units_is_escaped_on_the_page():
    page = programme_page(overview(report=Told((finding("<b>x"),))))
    assert "<b>x" not in page
    assert "&lt;b&gt;x" in page


def test_json_holds_every_part_as_its_own_command_writes_it():
    value = json.loads(as_json(everything()))
    assert value["maturity"]["schema"] == value["knowledge"]["schema"] == value["close"]["schema"] == 1
    assert value["adoptability"]["coercion"]["units"] == ["West"]
    assert [step["part"] for step in value["next"]][-1] == "close"
    assert value["observed"]["observations"][0]["holds"] is False
    assert json.loads(as_json(overview()))["maturity"] is None


def test_the_room_loads_nothing_heavy():
    code = (
        "import sys, crmusage.programme as p\n"
        "for name in p.__all__: getattr(p, name)\n"
        "print([m for m in ('polars', 'numpy', 'scipy', 'click') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
