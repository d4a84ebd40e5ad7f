from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from crmusage.detectors.requests._ping_pong import PingPong
from crmusage.history import History
from crmusage.model import Outcome
from crmusage.testing import SimulationError
from crmusage.testing._scenarios_requests import simulate_requests

from .company import judged, of_unit, only, silent
from .life import FAR, TEAMS, Record, deals, event, told
from .requests_company import simulated

CU402 = PingPong()


def shown() -> History:
    """A history in which it finds something."""
    return simulated("ping-pong").history()


def test_it_names_the_desk_whose_requests_come_back() -> None:
    simulation = simulated("ping-pong")
    found = only(judged(CU402, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert found.measure.value == pytest.approx(0.62, abs=0.12)
    assert found.norm is not None
    assert found.norm.value < 0.1
    assert "came back to whoever had handed them on" in found.text.en
    assert "sont revenues à l’expéditeur" in found.text.fr
    assert found.distortions[0].with_unit > found.distortions[0].without_unit


@pytest.mark.parametrize("scenario", ["no-requests-planted", "answered-and-given-back", "router"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(judged(CU402, simulated(scenario).history()))


def move(case: Record, after: float, old: str, new: str, **more: Any) -> Record:
    return event(case, "rerouted", after, old=old, new=new, **more)


def forth_and_back(case: Record, *, back: float = 9, **more: Any) -> list[Record]:
    return [
        move(case, 5, "desk", f"team {int(case['case_id'][-3:]) % 3}"),
        move(case, back, f"team {int(case['case_id'][-3:]) % 3}", "desk", **more),
    ]


def onward(case: Record) -> list[Record]:
    number = int(case["case_id"][-3:])
    return [
        move(case, 5, "desk", f"team {number % 3}"),
        move(case, 9, f"team {number % 3}", f"team {(number + 1) % 3}"),
    ]


def company(far: Callable[[Record], list[Record]], **more: Any) -> History:
    """Ten teams whose requests go on from one to the next, and one whose requests go as told."""
    others = [case for team in TEAMS for case in deals(team, kind="request")]
    cases = deals(FAR, kind="request", **more)
    return told(
        [*others, *cases], [*(e for c in others for e in onward(c)), *(e for c in cases for e in far(c))]
    )


def test_what_is_handed_straight_back_counts() -> None:
    found = only(judged(CU402, company(forth_and_back)))
    assert (found.scope.unit, found.measure.numerator, found.measure.denominator) == (FAR, 40, 40)


def worked_on(case: Record) -> list[Record]:
    return [*forth_and_back(case), event(case, "started", 7)]


def asked_back(case: Record) -> list[Record]:
    return [*forth_and_back(case), event(case, "clarification_asked", 7)]


def slip(case: Record) -> list[Record]:
    return forth_and_back(case, back=5.02)


def by_program(case: Record) -> list[Record]:
    return forth_and_back(case, origin="automation")


@pytest.mark.parametrize("far", [worked_on, asked_back, slip, by_program])
def test_it_does_not_count_a_service_a_slip_or_a_program(far: Callable[[Record], list[Record]]) -> None:
    assert silent(judged(CU402, company(far)))


def test_what_a_deputy_gives_back_after_a_leave_does_not_count() -> None:
    whole = company(forth_and_back)
    leave = [{"person_id": "desk", "starts_at": dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
              "ends_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}]  # fmt: skip
    away = History.from_records(
        as_of=whole.as_of, cases=whole.cases.to_dicts(), events=whole.events.to_dicts(), absences=leave
    )
    assert silent(judged(CU402, away))


def test_a_return_that_any_order_would_give_is_no_sign() -> None:
    """Where the second line has one desk only to hand on to, its requests come back whatever it does."""

    def one_desk_only(case: Record) -> list[Record]:
        return [move(case, 5, "far desk", "far line"), move(case, 9, "far line", "far desk")]

    assert silent(judged(CU402, company(one_desk_only)))


def test_where_no_hand_over_is_recorded_the_units_of_the_steps_tell() -> None:
    def steps(case: Record, units: tuple[str, ...]) -> list[Record]:
        return [event(case, "accepted", 5.0 + 3 * k, unit=unit) for k, unit in enumerate(units)]

    others = [case for team in TEAMS for case in deals(team, kind="request")]
    far = deals(FAR, kind="request")
    events = [
        e for i, c in enumerate(others) for e in steps(c, ("desk", f"team {i % 3}", f"team {(i + 1) % 3}"))
    ]
    events += [e for i, c in enumerate(far) for e in steps(c, ("desk", f"team {i % 3}", "desk"))]
    assert only(judged(CU402, told([*others, *far], events))).scope.unit == FAR


def test_a_unit_without_any_hand_over_is_not_clear() -> None:
    ended = of_unit(judged(CU402, company(lambda _: [])), FAR)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert ended.reason is not None


def test_equal_seeds_give_equal_companies_and_others_others() -> None:
    one, again, other = (
        simulate_requests("ping-pong", seed=seed, desks=3, requests=60) for seed in (4, 4, 5)
    )
    assert all(one.tables[name].equals(again.tables[name]) for name in one.tables)
    assert not one.tables["events"].equals(other.tables["events"])


def test_an_unknown_scenario_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(SimulationError, match="ping-pong"):
        simulate_requests("pingpong")
