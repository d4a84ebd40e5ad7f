"""What a programme asks for next, and what it does not ask for."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from crmusage.adoptability import Response, items, load_balance
from crmusage.maturity import Verb, catalogue
from crmusage.programme import Overview, Part, Turn, overview
from tests.maturity.sheets import level, sheet
from tests.programme.test_overview import Told, closed, finding


def asked(one: Overview, part: Part) -> list[str]:
    return [step.what.en for step in one.next if step.part is part]


def test_findings_on_the_whole_company_are_each_told() -> None:
    report = Told((finding(None), finding(None, code="CU502")))
    assert asked(overview(report=report), Part.USAGES) == ["Tell None again."] * 2


GROUPS = """
[[group]]
id = "sellers"
name = { en = "the sellers", fr = "les vendeurs" }
people = 10
users = true

[[group]]
id = "board"
name = { en = "the board", fr = "la direction" }
people = 3
"""


def feature(name: str, costs: str, gains: str, *, there: bool) -> str:
    return (
        f'[[field]]\nid = "{name}"\nname = {{ en = "{name}", fr = "{name}" }}\n'
        f"costs = {{ {costs} }}\ngains = {{ {gains} }}\nin_place = {str(there).lower()}\n"
    )


def balance(folder: Path, *features: str) -> Overview:
    file = folder / "balance.toml"
    file.write_text(GROUPS + "".join(features), encoding="utf-8")
    return overview(balance=load_balance(file))


def test_only_what_users_gain_by_is_brought(tmp_path: Path) -> None:
    serves = feature("prices", "", "sellers = 5", there=False)
    even = feature("nothing", "sellers = 5", "sellers = 5", there=False)
    others = feature("report", "", "board = 50", there=False)
    assert asked(balance(tmp_path, serves, even, others), Part.ADOPTABILITY) == ["Bring: prices."]


def test_a_field_is_cut_down_only_where_others_live_at_the_users_cost(tmp_path: Path) -> None:
    heavy = feature("rival", "sellers = 5", "board = 10", there=True)
    gain = feature("prices", "", "sellers = 50", there=True)
    assert asked(balance(tmp_path, heavy), Part.ADOPTABILITY) == ["Cut down: rival."]
    assert asked(balance(tmp_path, heavy, gain), Part.ADOPTABILITY) == []


def answered(agree: int, n: int = 20, unit: str | None = None) -> list[Response]:
    """Answers that differ a little: about so much agreement, from 1 to 5, with what speaks for the tool."""
    said = [min(5, max(1, agree - k % 2)) for k in range(n)]
    return [
        Response({one.id: 6 - say if one.reversed else say for one in items()}, unit=unit) for say in said
    ]


@pytest.mark.parametrize(("agree", "steps"), [(5, 0), (2, 1)])
def test_of_a_tool_that_people_like_no_criterion_is_worked_on(agree: int, steps: int) -> None:
    assert len(asked(overview(survey=answered(agree)), Part.ADOPTABILITY)) == steps


def test_training_wheels_that_come_off_belong_to_growing_up() -> None:
    answers = level(3) | {one.id: "yes" for one in catalogue().wheels}
    one = overview(sheets=[sheet(answers)])
    assert one.maturity is not None
    wheels = [step.practice.text.en for step in one.maturity.plan if step.verb is Verb.TAKE_OFF]
    turns = {step.turn for step in one.next if any(name in step.what.en for name in wheels)}
    assert turns == {Turn.GROW}


def test_units_of_fewer_answers_than_the_minimum_have_no_score_of_their_own() -> None:
    def units(n: int, min_group: int) -> list[str]:
        survey = [*answered(4, 20, "East"), *answered(4, 20, "North"), *answered(4, n, "West")]
        found = overview(survey=survey, min_group=min_group).scores
        assert found is not None
        return [unit for unit, _ in found.units]

    assert "West" not in units(4, 5)
    assert "West" in units(5, 5)
    assert "West" in units(4, 4)


def test_a_close_that_is_late_is_asked_for_once() -> None:
    unsigned = closed(8, {"West": 3})
    one = overview(closes=[unsigned], on=dt.date(2026, 10, 20))
    assert one.disturbed
    assert asked(one, Part.CLOSE) == ["Close 2026-09."]


def test_closes_stand_by_month_however_they_came() -> None:
    august = closed(8, {})
    september = closed(9, {"West": 3}, august)
    assert overview(closes=[september, august]).closes == (august, september)
