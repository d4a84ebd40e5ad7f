from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.model import Measure, Text, Undefined
from crmusage.rules import Coverage, Rulebook, Status, coverage

from .tellings import RULE, day, draft, in_force, read, rep

TODAY = day("2026-06-10")


def people(**sizes: int):
    return [rep(f"{unit}-{n}", unit=unit) for unit, size in sizes.items() for n in range(size)]


def rows(crowd, acknowledgements=(), *, min_group: int = 5, book: Rulebook | None = None):
    return {
        "pooled" if row.pooled else row.unit: (row.told, row.should_know)
        for row in coverage(book or in_force(), crowd, acknowledgements, TODAY, min_group=min_group)
    }


def test_coverage_is_told_for_everybody_and_unit_by_unit() -> None:
    crowd = people(north=6, south=5)
    acknowledgements = [read(f"north-{n}", "2026-02-01") for n in range(3)]
    assert rows(crowd, acknowledgements) == {None: (3, 11), "north": (3, 6), "south": (0, 5)}


def test_the_share_comes_with_its_interval() -> None:
    crowd = people(north=20)
    acknowledgements = [read(f"north-{n}", "2026-02-01") for n in range(10)]
    (everybody, north) = coverage(in_force(), crowd, acknowledgements, TODAY)
    share = everybody.share
    assert isinstance(share, Measure)
    assert (share.value, share.numerator, share.denominator) == (0.5, 10, 20)
    # Wilson's interval for 10 of 20, from tables.
    assert (round(share.low or 0, 3), round(share.high or 0, 3)) == (0.299, 0.701)
    assert north.share == share


def test_who_has_read_it_too_long_ago_or_an_older_version_is_not_told() -> None:
    crowd = people(north=5)
    old = [read(f"north-{n}", "2026-02-01") for n in range(5)]
    amended = in_force().amend(RULE, who="ops", why="why", at=day("2026-05-04"), zone="person")
    assert rows(crowd, old) == {None: (5, 5), "north": (5, 5)}
    assert rows(crowd, old, book=amended) == {None: (0, 5), "north": (0, 5)}
    long_ago = [read(f"north-{n}", "2025-02-01") for n in range(5)]
    assert rows(crowd, long_ago) == {None: (0, 5), "north": (0, 5)}


def test_units_that_are_too_small_are_taken_together_without_their_names() -> None:
    crowd = [*people(north=6, a=3, b=2), rep("nowhere", unit=None)]
    assert rows(crowd) == {None: (0, 12), "north": (0, 6), "pooled": (0, 6)}


def test_a_single_small_unit_takes_a_larger_one_with_it_so_that_no_subtraction_tells_of_it() -> None:
    assert rows(people(north=9, south=7, tiny=2)) == {None: (0, 18), "north": (0, 9), "pooled": (0, 9)}
    # Nothing is left to be named: then everybody says it all.
    assert rows(people(north=7, tiny=2)) == {None: (0, 9)}


def test_a_rule_for_fewer_people_than_a_group_says_nothing_of_them() -> None:
    (row,) = coverage(in_force(), people(north=4), [read("north-0", "2026-02-01")], TODAY)
    few = Text("fewer than 5 people should know this rule", "cette règle s'adresse à moins de 5 personnes")
    assert row == Coverage(RULE, 1, None, 0, 0, Undefined("coverage", few))
    (nobody,) = coverage(in_force(), [], [], TODAY)
    none = Text("nobody should know this rule", "cette règle ne s'adresse à personne")
    assert nobody.share == Undefined("coverage", none)


def test_only_rules_that_people_need_to_know_are_covered() -> None:
    book = Rulebook([draft(str(status), status=status) for status in Status])
    found = {row.rule for row in coverage(book, people(north=5), [], TODAY)}
    assert found == {"active", "forbidden"}


def test_a_group_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one person, not 0"):
        coverage(in_force(), [], [], TODAY, min_group=0)


SIZES = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 12), max_size=8)


@given(SIZES, st.integers(0, 8), st.integers(1, 7), st.sets(st.integers(0, 60)))
def test_no_row_and_no_difference_of_rows_tells_of_fewer_than_a_group(
    sizes: dict[str, int], nowhere: int, min_group: int, readers: set[int]
) -> None:
    crowd = [*people(**sizes), *(rep(f"nowhere-{n}", unit=None) for n in range(nowhere))]
    acknowledgements = [read(crowd[n].id, "2026-02-01") for n in readers if n < len(crowd)]
    everybody, *units = coverage(in_force(), crowd, acknowledgements, TODAY, min_group=min_group)
    assert all(row.should_know >= min_group for row in units)
    rest = everybody.should_know - sum(row.should_know for row in units)
    assert rest == 0 or (not units and rest >= min_group)
    if everybody.should_know:
        assert everybody.told == len(acknowledgements)
        assert not units or everybody.told == sum(row.told for row in units)


def test_coverage_of_a_day_counts_what_was_read_until_then() -> None:
    crowd = people(north=5)
    acknowledgements = [read(f"north-{n}", f"2026-02-0{n + 1}") for n in range(5)]
    told = [
        coverage(in_force(), crowd, acknowledgements, day("2026-02-01") + dt.timedelta(days=n))[0].told
        for n in range(-1, 6)
    ]
    assert told == [0, 1, 2, 3, 4, 5, 5]
