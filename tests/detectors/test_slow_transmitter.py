from __future__ import annotations

from collections.abc import Callable

import pytest

from crmusage.detectors.requests._slow_transmitter import SlowTransmitter
from crmusage.history import History
from crmusage.model import Outcome

from .company import judged, of_unit, only, silent
from .life import FAR, TEAMS, Record, deals, event, told
from .requests_company import simulated

CU411 = SlowTransmitter()


def shown() -> History:
    """A history in which it finds something."""
    return simulated("slow-transmitter").history()


def test_it_names_the_desk_whose_requests_arrive_late() -> None:
    simulation = simulated("slow-transmitter")
    found = only(judged(CU411, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert "arrived more than four working hours later or not at all" in found.text.en
    assert "plus de quatre heures ouvrées" in found.text.fr
    assert "nine in ten within" in found.text.en


@pytest.mark.parametrize("scenario", ["no-requests-planted", "asked-at-night"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(judged(CU411, simulated(scenario).history()))


def sent(case: Record, after: float | None, channel: str | None = None) -> list[Record]:
    made = [event(case, "submitted", 0, channel=channel)]
    return made if after is None else [*made, event(case, "delivered", after)]


def company(far: Callable[[Record], list[Record]]) -> History:
    """Ten teams whose requests arrive at once, and one whose requests do as told."""
    others = [case for team in TEAMS for case in deals(team, kind="request")]
    cases = deals(FAR, kind="request", days=None)
    events = [one for case in others for one in sent(case, 0.01)]
    return told([*others, *cases], [*events, *(one for case in cases for one in far(case))])


def lost(case: Record) -> list[Record]:
    # A unit to which nothing was ever delivered is one of which the source shows no deliveries.
    return sent(case, 0.01 if case["case_id"].endswith("000") else None)


def unrecorded(case: Record) -> list[Record]:
    return [*lost(case), event(case, "accepted", 2)]


def test_what_never_arrives_is_lost() -> None:
    found = only(judged(CU411, company(lost)))
    assert (found.scope.unit, found.measure.numerator) == (FAR, 39)
    assert "39 of them lost" in found.text.en


def test_what_was_worked_on_has_arrived() -> None:
    ended = of_unit(judged(CU411, company(unrecorded)), FAR)
    assert ended.outcome is Outcome.NOT_ASSESSABLE


def test_a_unit_without_any_delivery_is_not_called_slow() -> None:
    ended = of_unit(judged(CU411, company(lambda case: sent(case, None))), FAR)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert ended.reason is not None
    assert "no delivery" in ended.reason.en


def by_channels(mail: int) -> History:
    """Eleven teams; what comes by mail is late half of the time everywhere, and FAR gets so many in ten by mail."""
    cases = [case for team in (*TEAMS, FAR) for case in deals(team, 60, every=10, kind="request")]
    events = []
    for place, case in enumerate(cases):
        by_mail = place % 10 < (mail if case["unit"] == FAR else 2)
        late = by_mail and place % 3 > 0
        events += sent(case, 4 if late else 0.01, "e-mail" if by_mail else "portal")
    return told(cases, events)


def test_a_channel_that_is_slow_for_everybody_is_told_for_the_company_and_of_no_unit() -> None:
    found = only(judged(CU411, by_channels(8)))
    assert found.scope.unit is None
    assert found.text.en.startswith("e-mail:")
    assert "95% interval" in found.text.en
    assert "par ce canal" in found.text.fr


def test_channels_that_are_all_alike_are_clear() -> None:
    cases = [case for team in TEAMS for case in deals(team, kind="request")]
    events = [
        one for place, case in enumerate(cases) for one in sent(case, 0.01, ("portal", "mail")[place % 2])
    ]
    ended = of_unit(judged(CU411, told(cases, events)), None)
    assert ended.outcome is Outcome.CLEAR
