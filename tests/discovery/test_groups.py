"""Whose usage it is: units, profiles, regions, cohorts and what people have in common of several of them."""

from __future__ import annotations

import datetime as dt
import random

import polars as pl
import pytest

from crmusage.discovery import Group, _sweep, discover
from crmusage.history import History

from .company import START, Row, calls_never, company, quotes_at_once, usual

NEWCOMERS = START + dt.timedelta(days=182 - 10)
"""Until then those who came ten days before the first day are new."""


def by_sellers(draw: random.Random, case: Row) -> list[tuple[str, float]]:
    """Sellers never call; the manager does as elsewhere."""
    return usual(draw, case) if case["owner"].endswith(".0") else calls_never(draw, case)


def by_newcomers(draw: random.Random, case: Row) -> list[tuple[str, float]]:
    new = int(case["owner"].rpartition(".")[2]) >= 3 and case["created_at"] < NEWCOMERS
    return quotes_at_once(draw, case) if new else usual(draw, case)


def of_team_0(trait: str) -> History:
    """A company in which the people of `team 0` have a trait of their own, and nobody is told a unit."""
    past = company(calls_never)
    people = past.people.with_columns(past.people["unit"].str.replace("team 0", "field").alias(trait))
    return History.from_frames(cases=past.cases, events=past.events, people=people, as_of=past.as_of)


@pytest.mark.parametrize("trait", ["profile", "region"])
def test_a_usage_of_those_with_one_profile_or_region_is_found_and_named_by_it(trait: str) -> None:
    (usage,) = discover(of_team_0(trait), by=trait)
    assert usage.group == Group(**{trait: "field"})
    assert "call" in {*usage.constraint.activities, *usage.constraint.targets}
    assert getattr(usage.as_rule().applies_to, trait) == ("field",)


def test_a_usage_of_newcomers_is_found_in_their_cohort_and_leaves_with_it() -> None:
    past = company(by_newcomers, cases=400, everywhere=True)
    (usage,) = discover(past, by="tenure")
    assert usage.group == Group(tenure="newcomer")
    assert "quote_sent" in {*usage.constraint.activities, *usage.constraint.targets}
    assert "arrivants" in usage.title.fr


def test_an_intersection_is_told_of_down_to_the_minimum_size_and_no_further() -> None:
    past = company(by_sellers, cases=200)
    sellers, manager = (Group(unit="team 0", profile=name) for name in ("seller", "manager"))
    found = discover(past, by=("unit", "profile"))
    assert [usage.group for usage in found] == [sellers]
    assert sellers in found.assessed
    assert "fewer than 5 persons" in found.not_assessable[manager].en
    # There are five of them: where six are asked for nothing is said.
    assert list(discover(past, by=("unit", "profile"), min_group=6)) == []


def with_desks(*, theirs: bool) -> History:
    """A company whose log has an anonymised value: `team 0` has always the same; of others it is a person's, or any."""
    draw = random.Random(2)
    past = company(cases=200)
    desks = [
        "Value 3"
        if unit == "team 0"
        else f"Value {int(owner[-1]) % 2}"
        if theirs
        else draw.choice(["Value 1", "Value 3"])
        for unit, owner in past.cases.select("unit", "owner").iter_rows()
    ]
    cases = past.cases.with_columns(pl.Series("desk", desks))
    return History.from_frames(cases=cases, events=past.events, people=past.people, as_of=past.as_of)


def test_a_value_that_nobody_ever_changes_says_who_they_are_and_is_no_usage() -> None:
    assert list(discover(with_desks(theirs=True))) == []
    # Where others choose it from case to case, having always the same is a usage.
    (usage,) = discover(with_desks(theirs=False))
    assert "desk = Value 3" in usage.title.en


def test_a_value_that_most_cases_of_a_team_have_says_which_cases_come_to_it() -> None:
    def often_urgent(draw: random.Random, case: Row) -> list[tuple[str, float]]:
        case["priority_rank"] = 1 if draw.random() < 0.75 else 3
        return usual(draw, case)

    # A sixth elsewhere: far apart, and yet no rule that the team keeps.
    assert list(discover(company(often_urgent, cases=200))) == []


def test_attributes_whose_values_are_too_many_to_count_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sweep, "MOST_CELLS", 1)
    found = discover(company(cases=60))
    assert found.untried == ("case.priority_rank",)
    assert "priority_rank" in found.explain("fr")
