"""Who counts and what counts before a usage is told: people and not programs, grown-up cases, outcomes that agree."""

from __future__ import annotations

import datetime as dt
import random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from crmusage.discovery import Group
from crmusage.discovery._family import _inside, _same
from crmusage.discovery._group import grouped, sizes
from crmusage.discovery._guard import guarded
from crmusage.discovery._judge import _about, _nature
from crmusage.discovery._log import ANSWERS, log_of
from crmusage.discovery._pattern import Reach
from crmusage.discovery._screen import Results, screen
from crmusage.discovery._sweep import sweep
from crmusage.history import History
from crmusage.metrics import Odds
from crmusage.model import Text
from crmusage.rules import AppliesTo, UsageRule

from .company import START, Row, company, usual

DAY = dt.timedelta(days=1)


def case(name: str, created: dt.datetime = START, **more: Any) -> dict[str, Any]:
    return {
        "case_id": name,
        "kind": "opportunity",
        "created_at": created,
        "closed_at": created + 20 * DAY,
        "outcome": "won",
        "owner": "a",
        "unit": "East",
        **more,
    }


def call(of: dict[str, Any], who: str | None, after: float = 1) -> dict[str, Any]:
    return {"case_id": of["case_id"], "activity": "call", "at": of["created_at"] + after * DAY, "actor": who}


def test_a_program_is_none_of_the_people_of_a_group() -> None:
    crew = [{"person_id": name, "profile": "seller"} for name in "abcd"]
    crew.append({"person_id": "robot", "profile": "seller", "is_human": False})
    cases = [case(name, owner=name) for name in ("a", "b", "c", "d", "robot")]
    past = History.from_records(cases=cases, events=[call(one, one["owner"]) for one in cases], people=crew)
    assert sizes(past, ("profile",), grouped(past, ("profile",))) == {Group(profile="seller"): 4}


def test_whoever_lacks_one_of_two_traits_belongs_to_no_group_of_both() -> None:
    crew = [
        {"person_id": "a", "profile": "seller", "region": "north"},
        {"person_id": "b", "profile": "seller", "region": None},
        {"person_id": "c", "profile": None, "region": "north"},
    ]
    cases = [case(name, owner=name) for name in "abc"]
    past = History.from_records(cases=cases, events=[call(one, one["owner"]) for one in cases], people=crew)
    found = grouped(past, ("profile", "region"))
    assert found.groups == (Group(profile="seller", region="north"),)
    assert found.of_cases.tolist() == [0, -1, -1]


def test_half_a_year_to_the_day_makes_a_newcomer_settled() -> None:
    days = (181, 182, 729, 730)
    crew = [{"person_id": f"p{days_}", "starts_on": (START - days_ * DAY).date()} for days_ in days]
    cases = [case(str(days_), owner=f"p{days_}") for days_ in days]
    past = History.from_records(cases=cases, events=[call(one, one["owner"]) for one in cases], people=crew)
    found = grouped(past, ("tenure",))
    named = [found.groups[code].tenure for code in found.of_cases]
    assert dict(zip(past.cases["case_id"].to_list(), named, strict=True)) == {
        "181": "newcomer",
        "182": "settled",
        "729": "settled",
        "730": "senior",
    }


def left_out(cases: list[dict[str, Any]], as_of: dt.datetime) -> dict[str, int]:
    past = History.from_records(cases=cases, events=[call(one, one["owner"]) for one in cases], as_of=as_of)
    _, out = guarded(log_of(past, ("unit",)))
    return dict(out)


def test_what_was_entered_too_lately_to_show_how_it_is_worked_is_left_out() -> None:
    # Half of the cases take no longer than twenty days.
    cases = [case(f"old {k}", START + k * DAY) for k in range(30)]
    young = [case(f"young {k}", START + (80 + k) * DAY, closed_at=None, outcome=None) for k in range(19)]
    assert left_out([*cases, *young], START + 100 * DAY) == {"young": 18}


def test_ten_cases_of_one_person_in_five_minutes_were_not_typed_in() -> None:
    old = [case(f"old {k}", START + k * DAY + k * dt.timedelta(minutes=7), owner=f"p{k}") for k in range(60)]

    def at_once(n: int, apart: int) -> list[dict[str, Any]]:
        begun = START + 5 * DAY + dt.timedelta(hours=20)
        made = [case(f"new {k}", begun + k * dt.timedelta(seconds=apart)) for k in range(n)]
        return [one | {"created_by": "a"} for one in made]

    end = START + 400 * DAY
    assert left_out([*old, *at_once(10, 30)], end) == {"burst": 10}
    assert left_out([*old, *at_once(9, 30)], end) == {}
    assert left_out([*old, *at_once(10, 40)], end) == {}


def odds(ratio: float, p: float) -> Odds:
    return Odds(ratio, ratio / 2, ratio * 2, p, 100, 3)


@pytest.mark.parametrize(
    ("inside", "outside", "q", "nature"),
    [
        (odds(0.4, 0.001), odds(0.5, 0.01), 0.01, "parasitic"),
        (odds(2.5, 0.001), odds(2.0, 0.01), 0.01, "promising"),
        (
            odds(0.4, 0.001),
            odds(2.0, 0.01),
            0.01,
            "habit",
        ),  # within the group one way, against others the other
        (odds(0.4, 0.001), odds(0.5, 0.2), 0.01, "habit"),  # by chance against the others
        (odds(0.4, 0.001), odds(0.5, 0.01), 0.2, "habit"),  # of so many tried, by chance within
        (odds(0.4, 0.001), odds(0.5, 0.01), None, "habit"),
    ],
)
def test_only_outcomes_within_and_without_that_agree_make_more_of_a_usage_than_a_habit(
    inside: Odds, outside: Odds, q: float | None, nature: str
) -> None:
    usage: Any = SimpleNamespace(inside=inside, outside=outside, inside_q=q)
    assert _nature(usage, (), (), None)[0].value == nature


def test_a_rule_is_about_a_group_unless_it_is_said_to_be_about_others() -> None:
    def about(group: Group, **applies: Any) -> bool:
        rule = UsageRule("r", situation=Text("a", "b"), applies_to=AppliesTo(**applies))
        return _about(SimpleNamespace(group=group, kind=None), rule)

    assert about(Group(unit="East"), unit=("East", "West"))
    assert not about(Group(unit="North"), unit=("East", "West"))
    # Of a group of profiles nobody knows which unit it is in: it may be meant.
    assert about(Group(profile="seller"), unit=("East", "West"))


def test_signs_are_of_one_usage_where_four_in_five_of_the_cases_show_both() -> None:
    def shown(first: int, last: int) -> Any:
        place = np.arange(30)
        return (place >= first) & (place < last)

    assert _same(shown(0, 10), shown(2, 20))
    assert not _same(shown(0, 10), shown(3, 20))
    assert _inside(shown(0, 10), shown(2, 20))
    assert not _inside(shown(0, 10), shown(3, 20))


def test_that_customers_of_a_unit_refuse_less_is_a_result_and_no_usage_of_the_unit() -> None:
    def answered(draw: random.Random, case: Row) -> list[tuple[str, float]]:
        refused = draw.random() < (0.05 if case["unit"] == "team 0" else 0.4)
        return (
            [*usual(draw, case), ("quote_declined", draw.uniform(21, 24))] if refused else usual(draw, case)
        )

    log = log_of(company(answered, everywhere=True), ("unit",))
    swept, refusal = sweep(log), log.activities.index("quote_declined")
    whoever = np.ones(len(log.groups), dtype=bool)

    def refusals_to_come(results: Results) -> set[Reach]:
        signs = screen(swept, whoever, results=results).signs
        ahead = (Reach.AHEAD, Reach.ANYWHERE, Reach.BEFORE_NEXT, Reach.NEXT)
        return {s.pattern.reach for s in signs if s.target == refusal and s.pattern.reach in ahead}

    assert refusals_to_come(Results()) >= {Reach.AHEAD, Reach.ANYWHERE}
    assert refusals_to_come(Results(answers=frozenset({refusal}))) == set()
    assert "quote_declined" in ANSWERS
