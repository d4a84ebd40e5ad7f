from __future__ import annotations

import itertools
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.adoptability import (
    Balance,
    Feature,
    Group,
    Irritant,
    Kind,
    Return,
    Verdict,
    coercion,
    load_balance,
)
from crmusage.model import Measure, Text, Undefined

EXAMPLE = Path(__file__).parents[2] / "examples" / "programme" / "balance.toml"
NAME = Text("x", "x")
USERS, OTHERS = Group("users", NAME, 10, users=True), Group("others", NAME, 2)
PAPER = Irritant("paper", NAME, "users", 30)


def feature(id_: str, gains=None, costs=None, relieves=(), *, in_place: bool = False) -> Feature:
    return Feature(id_, NAME, Kind.CAPABILITY, Return.DATA, gains or {}, costs or {}, relieves, in_place)


def balance(*features: Feature) -> Balance:
    return Balance((USERS, OTHERS), (PAPER,), features)


def ids(found: Balance) -> list[str]:
    return [one.feature.id for one in found.backlog()]


def test_an_account_is_minutes_of_all_people_of_the_group() -> None:
    found = balance(feature("a", {"others": 15}, {"users": 4}, in_place=True)).today
    assert [(one.gains, one.costs, one.net) for one in found] == [(0, 40, -40), (30, 0, 30)]


def test_relief_of_an_irritant_is_a_gain_of_those_it_annoys() -> None:
    (users, others) = balance(feature("a", relieves=("paper",), in_place=True)).today
    assert (users.gains, others.gains) == (300, 0)


def test_an_irritant_is_relieved_once() -> None:
    found = balance(feature("a", relieves=("paper",)), feature("b", {"users": 1}, relieves=("paper",)))
    assert [one.users_after for one in found.backlog()] == [310, 310]
    done = balance(feature("a", relieves=("paper",), in_place=True), feature("b", relieves=("paper",)))
    assert done.backlog()[0].users_after == 300
    assert "Nobody gains" in done.backlog()[0].reason.en


def test_users_gain_first_then_what_costs_them_nothing_then_what_they_pay() -> None:
    found = balance(
        feature("report", {"others": 500}, {"users": 1}),
        feature("by-product", {"others": 50}),
        feature("little-help", {"users": 1}),
        feature("great-help", relieves=("paper",), costs={"users": 5}),
    )
    assert ids(found) == ["great-help", "little-help", "by-product", "report"]
    assert "comes first" in found.backlog()[0].reason.en
    assert "What they have gained before pays for it" in found.backlog()[-1].reason.en


def test_what_users_cannot_afford_yet_is_said() -> None:
    found = balance(feature("report", {"others": 500}, {"users": 1}))
    (only,) = found.backlog()
    assert only.users_after == -10
    assert "Not yet" in only.reason.en
    assert "Pas encore" in only.reason.fr


def test_who_pays_for_whom_is_a_conflict_of_interest() -> None:
    found = balance(
        feature("fields", {"others": 10}, {"users": 5}, in_place=True),
        feature("help", {"users": 3}, {"users": 1}),
    )
    assert [one.id for one, _ in found.conflicts] == ["fields"]
    assert "users pay 50 min a week more than they gain, and others gain 20 min" in found.conflict.en
    assert [one.id for one, _ in found.burdens] == ["fields"]


def test_a_whole_that_serves_users_too_is_no_conflict() -> None:
    found = balance(feature("fields", {"others": 10, "users": 6}, {"users": 5}, in_place=True))
    assert found.conflict is None
    assert not found.conflicts
    assert not found.burdens


def test_irritants_that_nothing_relieves_are_named() -> None:
    assert balance(feature("a")).unrelieved == (PAPER,)
    assert balance(feature("a", relieves=("paper",))).unrelieved == ()


minutes = st.dictionaries(st.sampled_from(["users", "others"]), st.integers(0, 9))
features = st.lists(
    st.builds(
        feature, st.just("?"), minutes, minutes, st.sampled_from([(), ("paper",)]), in_place=st.booleans()
    ),
    max_size=7,
).map(lambda some: [attrs.evolve(one, id=f"f{i}") for i, one in enumerate(some)])


@given(features)
def test_nothing_that_users_pay_for_comes_before_what_they_gain_by(some) -> None:
    found = balance(*some)
    backlog = found.backlog()
    assert sorted(ids(found)) == sorted(one.id for one in some if not one.in_place)
    steps = [found.users_today, *(one.users_after for one in backlog)]
    changes = [after - before for before, after in itertools.pairwise(steps)]
    signs = [(change > 0) - (change < 0) for change in changes]
    assert signs == sorted(signs, reverse=True)


@given(features)
def test_at_the_end_of_the_backlog_users_stand_where_all_of_it_in_place_puts_them(some) -> None:
    found = balance(*some)
    done = balance(*(attrs.evolve(one, in_place=True) for one in some))
    end = found.backlog()[-1].users_after if found.backlog() else found.users_today
    assert end == pytest.approx(done.users_today)


@given(features, st.randoms())
def test_the_order_of_the_file_does_not_matter(some, rng) -> None:
    mixed = list(some)
    rng.shuffle(mixed)
    assert ids(balance(*some)) == ids(balance(*mixed))


def test_the_two_returns_are_told_apart() -> None:
    returns = load_balance(EXAMPLE).returns()
    assert returns[Return.PERFORMANCE] == ()
    assert [one.id for one in returns[Return.DATA]] == ["pipeline-report", "visit-fields"]


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.6, 0.8, "poor"), (0.1, 0.3, "good"), (0.4, 0.6, "open")]
)
def test_use_around_controls_only_is_use_under_pressure(low: float, high: float, verdict: str) -> None:
    found = coercion(
        Measure("around controls", (low + high) / 2, low=low, high=high), Undefined("x", "unknown")
    )
    assert found.verdict == verdict


def test_without_a_share_nobody_is_accused() -> None:
    assert coercion(Undefined("x", "no sessions"), Measure("y", 0.1)).verdict is Verdict.OPEN


def test_forms_are_named_as_the_place_to_begin() -> None:
    share = Measure("around controls", 0.9)
    assert "forms" in coercion(share, Measure("by-product", 0.2)).text.en
    assert "forms" not in coercion(share, Measure("by-product", 0.8)).text.en
