from __future__ import annotations

import pytest

from crmusage.detectors.data_entry._untouched_default import UntouchedDefault
from crmusage.history import History
from crmusage.model import Outcome

from .company import END, judged, only, silent
from .life import FAR, TEAMS, Record, deals, event
from .records_company import simulated

CU302 = UntouchedDefault()


def shown() -> History:
    """A history in which it finds something."""
    return simulated("untouched-default").history()


def test_it_names_the_unit_that_leaves_the_lists_alone() -> None:
    simulation = simulated("untouched-default")
    found = only(judged(CU302, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert "most picklists stand as the form proposed them" in found.text.en
    assert "restées sur la valeur proposée" in found.text.fr


@pytest.mark.parametrize("scenario", ["no-entries-planted", "one-market"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(judged(CU302, simulated(scenario).history()))


def company(
    far: Record, *, changed: bool = False, lists: tuple[str, ...] = ("industry", "source")
) -> History:
    """Ten teams that choose, and one whose records stand as given."""
    others = [case | {"industry": "Food", "source": "Fair"} for team in TEAMS for case in deals(team)]
    cases = [case | far for case in deals(FAR)]
    events = (
        [event(case, "updated", 2, field="source") for case in cases]
        if changed
        else [event(cases[0], "call", 1)]
    )
    vocabulary = [
        {"entity": "opportunity", "field": field, "raw": raw, "is_default": raw == "Other"}
        for field in lists
        for raw in ("Other", "Food", "Fair")
    ]
    return History.from_records(as_of=END, cases=[*others, *cases], events=events, vocabulary=vocabulary)


def test_lists_that_all_hold_what_the_form_proposed_count() -> None:
    found = only(judged(CU302, company({"industry": "Other", "source": "Other"})))
    assert (found.scope.unit, found.measure.numerator, found.measure.denominator) == (FAR, 40, 40)


@pytest.mark.parametrize(
    "far", [{"industry": "Other", "source": "Fair"}, {"industry": "Other", "source": None}]
)
def test_one_list_alone_may_be_right(far: Record) -> None:
    assert silent(judged(CU302, company(far)))


def test_a_list_that_was_changed_and_changed_back_was_touched() -> None:
    assert silent(judged(CU302, company({"industry": "Other", "source": "Other"}, changed=True)))


def test_where_only_one_list_has_a_default_nobody_can_tell() -> None:
    history = company({"industry": "Other", "source": "Other"}, lists=("industry",))
    (one,) = judged(CU302, history).assessments
    assert one.outcome is Outcome.NOT_ASSESSABLE
    assert one.reason is not None
    assert "fewer than two picklists" in one.reason.en
