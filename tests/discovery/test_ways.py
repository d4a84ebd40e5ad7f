from __future__ import annotations

import random
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import distance

from crmusage.discovery import Group, ways
from crmusage.metrics import divergences
from crmusage.report import ways_chart

from .company import Row, calls_never, company, usual


def backwards(draw: random.Random, case: Row) -> list[tuple[str, float]]:
    """The same steps in another order."""
    steps = usual(draw, case)
    names, days = [name for name, _ in steps], [day for _, day in steps]
    return (
        list(zip([names[0], *names[1:-1][::-1], names[-1]], days, strict=True)) + [("call", days[-1] + 1)] * 2
    )


@given(st.lists(st.lists(st.integers(0, 30), min_size=4, max_size=4), min_size=2, max_size=5))
def test_the_divergence_is_the_square_of_the_distance_of_jensen_and_shannon(counts: list[list[int]]) -> None:
    found = divergences(counts)
    for i, one in enumerate(counts):
        for j, other in enumerate(counts):
            if not sum(one) or not sum(other):
                assert np.isnan(found[i, j])
                continue
            wanted = distance.jensenshannon(np.array(one) / sum(one), np.array(other) / sum(other), 2) ** 2
            assert found[i, j] == pytest.approx(0.0 if np.isnan(wanted) else wanted, abs=1e-9)


def test_teams_that_work_alike_are_one_way() -> None:
    found = ways(company())
    assert len(found.ways) == 1
    assert found.explain("en") == "All 9 groups work alike.\n"
    assert np.array(found.apart).max() < 0.05


def test_a_team_that_does_things_in_another_order_is_a_way_of_its_own() -> None:
    found = ways(company(backwards))
    assert found.ways[1:] == ((Group(unit="team 0"),),)
    assert "team 0" in found.explain("fr")
    assert "2 façons de travailler" in found.explain("fr")


def test_the_map_shows_every_group_and_escapes_what_people_typed() -> None:
    history = company(backwards)
    renamed = history.cases["unit"].replace({"team 0": "<b>&0"})
    people = history.people.with_columns(history.people["unit"].replace({"team 0": "<b>&0"}))
    odd = type(history).from_frames(
        cases=history.cases.with_columns(renamed), events=history.events, people=people, as_of=history.as_of
    )
    svg = ways_chart(ways(odd).figure(), "fr")
    root = ET.fromstring(svg)  # noqa: S314 - our own
    marks = [*root.findall("{*}circle"), *root.findall("{*}polygon"), *root.findall("{*}path")]
    assert len(marks) == 9
    # The one that works otherwise has another shape, not a colour alone.
    assert len(root.findall("{*}polygon")) == 1
    assert "<b>&0" in [text.text for text in root.findall("{*}text")]
    assert (root.findtext("{*}desc") or "").replace("\N{NO-BREAK SPACE}", " ").endswith("façon 2 : <b>&0")
    assert root.get("role") == "img"


def test_small_groups_are_not_compared_and_said_to_be_so() -> None:
    found = ways(company(calls_never, persons=4))
    assert found.groups == ()
    assert len(found.not_assessable) == 9
    assert "fewer than 5 persons" in found.explain("en")
