from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from crmusage.detectors.requests._no_right_doer import NoRightDoer
from crmusage.history import History
from crmusage.model import Outcome

from .company import END, judged, only, silent
from .life import FAR, TEAMS, Record, deals, event
from .requests_company import simulated

CU403 = NoRightDoer()
LEAVER = f"{FAR}.left"


def shown() -> History:
    """A history in which it finds something."""
    return simulated("wrong-desk", 2).history()


def test_it_names_the_desk_whose_requests_lie_with_nobody() -> None:
    simulation = simulated("no-right-doer", 2)
    found = only(judged(CU403, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert "had no right doer" in found.text.en
    assert "chez la bonne personne" in found.text.fr


def test_it_tells_the_skills_for_want_of_which_requests_were_refused() -> None:
    simulation = simulated("wrong-desk", 2)
    found = only(judged(CU403, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert "for want of a skill, most often " in found.text.en
    assert "contract law" in found.text.en
    assert "à une compétence manquante" in found.text.fr


@pytest.mark.parametrize("scenario", ["no-requests-planted", "shared-queue"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(judged(CU403, simulated(scenario).history()))


def company(far: Callable[[Record], list[Record]], **of_far: str | None) -> History:
    """Ten teams that take each request within a day and end it within a week, and one that does as told."""
    others = [case for team in TEAMS for case in deals(team, kind="request", days=7)]
    cases = [case | of_far for case in deals(FAR, kind="request", days=20)]
    events = [event(case, "accepted", 1) for case in others]
    for case in cases:
        owned = case if case["owner"] else case | {"owner": f"{FAR}.1"}
        events += far(owned)
    people = [{"person_id": f"{team}.{k}", "unit": team} for team in (*TEAMS, FAR) for k in range(6)]
    people.append({"person_id": LEAVER, "unit": FAR, "ends_on": dt.date(2023, 12, 29)})
    kept = [one for one in events if one["at"] <= END]
    return History.from_records(as_of=END, cases=[*others, *cases], events=kept, people=people)


def taken_late(case: Record) -> list[Record]:
    return [event(case | {"owner": f"{FAR}.2"}, "accepted", 9)]


def taken_at_once(case: Record) -> list[Record]:
    return [event(case | {"owner": f"{FAR}.2"}, "accepted", 1)]


def refused(case: Record) -> list[Record]:
    return [event(case, "accepted", 1), event(case, "refused", 2, reason="responsibility")]


def handed_to_queue(case: Record) -> list[Record]:
    handed = event(case, "owner_changed", 2, old=case["owner"], new=None)
    return [event(case, "accepted", 1), handed, event(case, "started", 10)]


def deferred(case: Record) -> list[Record]:
    return [event(case | {"owner": f"{FAR}.2"}, "deferred", 1), *taken_late(case)]


@pytest.mark.parametrize(
    ("far", "owner", "said"),
    [
        (taken_late, None, "with nobody: 40"),
        (taken_late, LEAVER, "with somebody who had left: 40"),
        (refused, f"{FAR}.1", "refused as not theirs: 40"),
    ],
)
def test_each_way_of_having_no_right_doer_counts(
    far: Callable[[Record], list[Record]], owner: str | None, said: str
) -> None:
    found = only(judged(CU403, company(far, owner=owner)))
    assert (found.scope.unit, found.measure.numerator) == (FAR, 40)
    assert said in found.text.en


@pytest.mark.parametrize(
    ("far", "owner"),
    [
        (taken_at_once, None),
        (taken_at_once, LEAVER),
        (taken_late, f"{FAR}.1"),
        (deferred, None),
    ],
)
def test_it_stays_silent(far: Callable[[Record], list[Record]], owner: str | None) -> None:
    assert silent(judged(CU403, company(far, owner=owner)))


def test_a_queue_is_nobody_and_a_team_that_takes_its_requests_is_not() -> None:
    queue = company(taken_late, owner="Line 1", owner_kind="queue")
    assert only(judged(CU403, queue)).measure.numerator == 40
    assert silent(judged(CU403, company(taken_at_once, owner="Line 1", owner_kind="team")))


def test_what_is_handed_to_nobody_lies_with_nobody_from_then_on() -> None:
    # The last owner of the row is nobody, so the hand-over is the only thing that tells.
    found = only(judged(CU403, company(handed_to_queue, owner=None)))
    assert "with nobody: 40" in found.text.en


def test_a_source_without_owners_cannot_show_it() -> None:
    bare = company(taken_late, owner=None)
    cases = bare.cases.drop("owner")
    history = History.from_frames(cases=cases, events=bare.events, as_of=END)
    (one,) = judged(CU403, history).assessments
    assert one.outcome is Outcome.NOT_ASSESSABLE
