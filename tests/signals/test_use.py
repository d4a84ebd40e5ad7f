from __future__ import annotations

import datetime as dt
import random

import pytest

from crmusage.model import Measure, Text, Undefined
from crmusage.signals import acts, share_of_persons, use
from tests.signals.company import DAY, END, case, entry, history, people, person


def test_a_week_counts_once_however_much_was_entered_in_it():
    one = history(
        people=people(2, managers=()),
        events=[entry(0, 0, END - 200 * DAY), *(entry(0, 1, END - k * DAY / 10) for k in range(20))],
    )
    weeks = use(one, acts(one), 13)
    assert dict(zip(weeks.persons, weeks.weeks_used.tolist(), strict=True)) == {person(0): 0, person(1): 1}
    assert weeks.weeks_here.tolist() == [13, 13]


def test_sessions_tell_the_use_where_there_are_any():
    one = history(
        people=people(2, managers=()),
        events=[entry(0, 0, END - k * DAY) for k in range(0, 200, 5)],
        sessions=[{"person_id": person(1), "at": END - DAY}],
    )
    done = acts(one)
    assert done.sessions
    assert use(one, done, 13).weeks_used.tolist() == [0, 1]


def test_what_programs_and_imports_enter_is_nobodys_use():
    rows = [entry(0, 0, END - 200 * DAY, "import"), entry(0, 0, END - DAY, "api"), entry(0, 1, END - DAY)]
    crew = [*people(2, managers=()), {"person_id": "robot", "is_human": False}]
    one = history(people=crew, events=[*rows, {**entry(0, 0, END - DAY), "actor": "robot"}])
    done = acts(one)
    assert done.persons == (person(0), person(1))
    assert done.person.tolist() == [1]


def test_nobody_is_expected_before_they_came_after_they_left_or_on_leave():
    crew = [
        {"person_id": "came", "starts_on": (END - 22 * DAY).date()},
        {"person_id": "left", "ends_on": (END - 22 * DAY).date()},
        {"person_id": "away"},
        {"person_id": "stayed"},
    ]
    one = history(
        people=crew,
        absences=[{"person_id": "away", "starts_at": END - 14 * DAY, "ends_at": END}],
    )
    weeks = use(one, acts(one), 13)
    here = dict(zip(weeks.persons, weeks.weeks_here.tolist(), strict=True))
    # Weeks count back from the last instant: three whole ones lie after the 22nd day, nine before it.
    assert here == {"came": 3, "left": 9, "away": 11, "stayed": 13}


def test_weeks_before_anything_happened_do_not_count():
    one = history(
        people=people(2, managers=()),
        cases=[{**case(0, 0), "created_at": END - 30 * DAY}],
        events=[entry(0, 0, END - 30 * DAY)],
    )
    assert use(one, acts(one), 13).here.shape == (2, 4)


def test_the_interval_of_a_share_of_persons_holds_the_truth_about_as_often_as_it_says():
    rng = random.Random(7)
    held = 0
    for _ in range(300):
        chances = [rng.betavariate(1, 2) for _ in range(30)]
        n = [sum(rng.random() < chance for _ in range(40)) for chance in chances]
        measure = share_of_persons("use", n, [40] * 30, 5)
        assert isinstance(measure, Measure)
        held += measure.low <= 1 / 3 <= measure.high
    assert 0.91 <= held / 300 <= 0.985


def test_a_thousand_entries_of_two_people_who_differ_are_no_thousand_witnesses():
    measure = share_of_persons("use", [1000, 0], [1000, 1000], 2)
    assert isinstance(measure, Measure)
    assert measure.value == 0.5
    assert measure.high - measure.low > 0.8


def test_fewer_people_than_the_minimum_are_not_told_of():
    measure = share_of_persons("use", [1, 1, 1, 1, 0], [2, 2, 2, 2, 0], 5)
    few = Text(
        "fewer than 5 people to tell it of", "moins de 5 personnes concernées : chiffre non communiqué"
    )
    assert measure == Undefined("use", few)


@pytest.mark.parametrize("all_of_them", [0.0, 1.0])
def test_where_all_or_none_did_each_person_counts_once(all_of_them: float):
    measure = share_of_persons("use", [100 * all_of_them] * 8, [100] * 8, 5)
    assert isinstance(measure, Measure)
    assert measure.value == all_of_them
    assert measure.high - measure.low > 0.3


def test_no_people_table_takes_those_who_act():
    one = history(events=[entry(0, 3, END - dt.timedelta(hours=1))])
    assert acts(one).persons == (person(3),)
