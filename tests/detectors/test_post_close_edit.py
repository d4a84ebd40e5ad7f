from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crmusage.detectors.close_dates._post_close_edit import PostCloseEdit
from crmusage.history import History
from crmusage.model import Outcome

from .company import judged, of_unit, only, silent
from .life import FAR, TEAMS, Record, deals, event, told

CU105 = PostCloseEdit()


def edit(case: Record, after: float, *, old: str = "1000", new: str = "1400", **more: Any) -> Record:
    """Its amount changed so many days after it was entered; deals are closed after 100."""
    return event(case, "amount_changed", after, field="amount", old=old, new=new, **more)


def company(far: Callable[[Record], list[Record]], cases: list[Record] | None = None) -> History:
    """Ten teams that hardly touch what is closed, and one that does as told."""
    others = [case for team in TEAMS for case in deals(team)]
    edits = [edit(case, 110 if i % 20 == 0 else 50) for i, case in enumerate(others)]
    cases = deals(FAR) if cases is None else cases
    return told([*others, *cases], [*edits, *(one for case in cases for one in far(case))])


def afterwards(case: Record) -> list[Record]:
    return [edit(case, 107)] if int(case["case_id"][-3:]) % 2 else [edit(case, 50)]


def shown() -> History:
    """A history in which it finds something."""
    return company(afterwards)


def test_it_names_the_unit_that_changes_what_is_closed() -> None:
    found = only(judged(CU105, shown()))
    assert found.scope.unit == FAR
    assert found.measure.value == pytest.approx(0.5, abs=0.03)
    assert found.norm is not None
    assert found.norm.value < 0.1
    assert [one.measure for one in found.distortions] == ["edited_after_closing", "moved_after_closing"]
    moved = found.distortions[1]
    # Every sixth deal of the unit is won and edited: +400 of 1,000 for half of what it wins.
    assert moved.with_unit > moved.without_unit > 0
    assert "more than a day after closing" in found.text.en
    assert "plus d’un jour après la clôture" in found.text.fr


def test_it_says_when_the_edits_follow_the_end_of_a_quarter() -> None:
    def at_the_start_of_a_quarter(case: Record) -> list[Record]:
        if case["closed_at"] is None:
            return []
        following = (
            next(
                at
                for at in (case["closed_at"].replace(month=m, day=3) for m in (4, 7, 10, 12))
                if at > case["closed_at"]
            )
            if case["closed_at"].month < 12
            else case["closed_at"]
        )
        return [edit(case, 0, at=following)]

    text = only(judged(CU105, company(at_the_start_of_a_quarter, deals(FAR, n=90, every=6)))).text
    assert "in the 10 days after the end of a fiscal period" in text.en
    assert "10 jours qui suivent la fin d’une période fiscale" in text.fr


def by_program(case: Record) -> list[Record]:
    return [edit(case, 50), edit(case, 107, origin="automation")]


def of_the_same_day(case: Record) -> list[Record]:
    return [edit(case, 100.4)]


def before(case: Record) -> list[Record]:
    return [edit(case, 99)]


def of_another_field(case: Record) -> list[Record]:
    return [edit(case, 50), event(case, "owner_changed", 110, field="owner")]


@pytest.mark.parametrize("far", [by_program, of_the_same_day, before, of_another_field])
def test_it_stays_silent(far: Callable[[Record], list[Record]]) -> None:
    assert silent(judged(CU105, company(far)))


def test_a_mass_update_of_other_peoples_records_does_not_count() -> None:
    cases = deals(FAR, every=0)

    def at_one_go(actor: str | None) -> Callable[[Record], list[Record]]:
        def far(case: Record) -> list[Record]:
            seconds = int(case["case_id"][-3:]) * (4 - 7 * 60) / 86_400
            return [edit(case, 130 + seconds, actor=actor or case["owner"])]

        return far

    assert silent(judged(CU105, company(at_one_go("administrator"), cases)))
    assert only(judged(CU105, company(at_one_go(None), cases)))


def test_where_no_change_is_recorded_nothing_is_clear() -> None:
    nothing = told([case for team in TEAMS for case in deals(team)], [event(deals(TEAMS[0])[0], "call", 1)])
    (one,) = judged(CU105, nothing).assessments
    assert (one.scope.unit, one.outcome) == (None, Outcome.NOT_ASSESSABLE)
    assert of_unit(judged(CU105, company(lambda _: [])), FAR).outcome is Outcome.NOT_ASSESSABLE
