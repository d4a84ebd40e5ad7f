from __future__ import annotations

import datetime as dt
from itertools import permutations

from crmusage.knowledge import Reading, gather, trained_by
from crmusage.model import Acknowledgement

DAY = dt.date(2026, 1, 15)


def later(months: int) -> dt.date:
    return DAY + dt.timedelta(days=round(months * 365.25 / 12))


def test_people_are_pooled_by_months_since_their_own_training():
    trained = {"ann": DAY, "bob": later(2), "eve": DAY}
    found = gather(trained, [("ann", later(6), True), ("bob", later(8), False), ("eve", later(12), True)])
    assert found.readings == (Reading(6, 1, 2), Reading(12, 1, 1))


def test_who_was_seen_often_counts_once_as_last_seen_in_any_order():
    seen = [("ann", later(3), True), ("ann", later(9), False), ("ann", later(6), True)]
    for order in permutations(seen):
        found = gather({"ann": DAY}, order)
        assert found.readings == (Reading(9, 0, 1),)
        assert found.repeated == 2


def test_who_fails_and_succeeds_on_one_day_does_not_surely_know():
    both = [("ann", later(3), True), ("ann", later(3), False)]
    assert (
        gather({"ann": DAY}, both).readings
        == gather({"ann": DAY}, both[::-1]).readings
        == (Reading(3, 0, 1),)
    )


def test_what_cannot_be_a_reading_is_counted():
    found = gather({"ann": DAY}, [("ann", DAY - dt.timedelta(days=1), True), ("zoe", later(3), True)])
    assert found.readings == ()
    assert (found.untrained, found.too_early, found.repeated) == (1, 1, 0)


def test_reading_a_rule_is_a_training_in_it_and_the_last_one_counts():
    def read(person: str, day: int, rule: str = "quotes") -> Acknowledgement:
        return Acknowledgement(rule, 1, person, dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC))

    found = trained_by([read("ann", 9), read("ann", 2), read("bob", 5), read("eve", 1, "other")], "quotes")
    assert found == {"ann": dt.date(2026, 3, 9), "bob": dt.date(2026, 3, 5)}
