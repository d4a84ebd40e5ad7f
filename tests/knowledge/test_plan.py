from __future__ import annotations

from itertools import combinations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.errors import RuleError
from crmusage.knowledge import (
    Departure,
    Erosion,
    Group,
    Happening,
    If,
    Programme,
    Refresher,
    Release,
    Topic,
    curve,
    effects,
    plan,
)
from crmusage.model import Text

FORECAST = Topic("forecast", Text("Forecast", "Prévision"), hours=1.5, preparation=4)
QUOTES = Topic("quotes", Text("Quotes", "Devis"), hours=1, floor=0.3)
NORTH, SOUTH = Group("north", 12), Group("south", 8, turnover_a_year=0.6)
PROGRAMME = Programme((FORECAST, QUOTES), (NORTH, SOUTH, Group("tiny", 4)), floor=0.6)


def fewest(erosion, events, months, floor):
    """All sets of months tried, the smallest first."""
    for n in range(months + 1):
        held = [
            chosen
            for chosen in combinations(range(1, months + 1), n)
            if min(curve(erosion, months, (*events, *map(Refresher, chosen)))[1:]) >= floor
        ]
        if held:
            return n
    return None


@given(
    st.builds(Erosion, st.floats(0.3, 1), st.floats(0, 1), st.floats(0, 0.9), st.floats(0, 0.9)),
    st.lists(
        st.one_of(
            st.builds(Release, st.integers(1, 8), st.floats(0, 1)),
            st.builds(Departure, st.integers(1, 8), st.floats(0, 1), st.booleans()),
        ),
        max_size=2,
    ),
    st.floats(0, 0.95),
)
def test_no_plan_with_fewer_sessions_holds_the_floor(erosion, events, floor):
    programme = Programme([FORECAST], [NORTH], erosion, map(Happening, events), months=8, floor=floor)
    (strand,) = plan(programme).strands
    needed = fewest(erosion, events, 8, floor)
    if needed is None:
        assert strand.out_of_reach
        assert strand.sessions == ()
    else:
        assert len(strand.sessions) == needed
        assert min(strand.known[1:]) >= floor


def test_the_floor_of_each_topic_holds_in_every_month_and_would_not_without_sessions():
    for strand in plan(PROGRAMME).strands:
        assert min(strand.known[1:]) >= strand.floor
        if strand.sessions:
            assert strand.falls_below is not None
    assert {one.floor for one in plan(PROGRAMME).strands} == {0.6, 0.3}


def test_a_session_costs_the_hours_of_all_who_attend_and_of_who_prepares():
    schedule = plan(PROGRAMME)
    first = next(one for one in schedule.sessions if (one.group, one.topic) == (NORTH, FORECAST))
    assert first.hours == 12 * 1.5 + 4
    assert schedule.hours == sum(one.hours for one in schedule.sessions)
    assert first.before < first.after


def test_sessions_are_told_in_the_order_of_months():
    months = [one.month for one in plan(PROGRAMME).sessions]
    assert months == sorted(months)
    assert months


def test_nothing_is_told_of_a_group_that_is_too_small():
    schedule = plan(PROGRAMME)
    assert [one.id for one in schedule.set_aside] == ["tiny"]
    assert {strand.group.id for strand in schedule.strands} == {"north", "south"}
    opted_in = plan(attrs.evolve(PROGRAMME, min_group=1))
    assert opted_in.set_aside == ()


def test_a_group_with_more_turnover_needs_more_sessions():
    hours = {
        name: sum(
            strand.hours / strand.group.people
            for strand in plan(PROGRAMME).strands
            if strand.group.id == name
        )
        for name in ("north", "south")
    }
    assert hours["south"] > hours["north"]


def test_a_floor_that_no_training_reaches_is_out_of_reach_and_said_so():
    weak = attrs.evolve(PROGRAMME, erosion=Erosion(training_keeps=0.2), floor=0.9)
    schedule = plan(weak)
    assert [one.topic.id for one in schedule.out_of_reach] == ["forecast", "forecast"]
    assert all(one.known == one.without for one in schedule.out_of_reach)


def test_a_champion_saves_hours_and_a_release_and_a_departure_cost_some():
    found = {one.what: one for one in effects(PROGRAMME)}
    assert set(found) == {If.CHAMPION, If.RELEASE, If.DEPARTURE}
    assert found[If.CHAMPION].hours <= 0
    assert found[If.CHAMPION].known > 0
    assert found[If.RELEASE].hours >= 0
    assert found[If.RELEASE].known < 0
    assert found[If.DEPARTURE].known < 0
    assert {one.out_of_reach for one in found.values()} == {0}


def test_where_there_is_a_champion_already_it_is_told_what_would_go_with_them():
    there = attrs.evolve(PROGRAMME, erosion=Erosion(champion_tells=1.0))
    found = {one.what: one for one in effects(there)}
    assert If.CHAMPION not in found
    assert found[If.NO_CHAMPION].known < 0


def test_a_release_of_one_topic_leaves_the_others_alone():
    released = attrs.evolve(PROGRAMME, happenings=[Happening(Release(6, 0.5), topic="quotes")])
    before, after = plan(PROGRAMME), plan(released)
    for old, new in zip(before.strands, after.strands, strict=True):
        assert (old.without == new.without) == (old.topic is not QUOTES)


def test_the_average_weighs_groups_by_their_people():
    schedule = plan(attrs.evolve(PROGRAMME, topics=[FORECAST]))
    north, south = schedule.strands
    expected = (12 * north.without[-1] + 8 * south.without[-1]) / 20
    assert schedule.average(refreshed=False)[-1] == pytest.approx(expected)


def test_without_a_group_that_is_large_enough_there_is_nothing_to_plan():
    none = attrs.evolve(PROGRAMME, groups=[Group("tiny", 3)])
    assert plan(none).strands == ()
    assert plan(none).average() == ()
    assert effects(none) == ()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Group("a", 0), "people is a whole number from 1"),
        (lambda: Group("a", 5, 1.5), "turnover_a_year"),
        (lambda: Topic("a", Text("a", "a"), 0), "hours is more than 0"),
        (lambda: Topic("a", Text("a", "a"), 1, -1), "preparation"),
        (lambda: Topic("a", Text("a", "a"), 1, floor=1.0), "floor is a share"),
        (lambda: Programme([FORECAST, FORECAST], [NORTH]), "'forecast' is there more than once"),
        (
            lambda: Programme([FORECAST], [NORTH], happenings=[Happening(Release(1, 1), topic="x")]),
            "no topic 'x'",
        ),
    ],
)
def test_what_cannot_be_planned_is_refused_with_its_field(make, said):
    with pytest.raises(RuleError, match=said):
        make()
