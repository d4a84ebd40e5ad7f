from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest

from crmusage.detectors.logging._proxy_entry import ProxyEntry
from crmusage.history import History
from crmusage.model import Outcome

from .acts import act, company, people, week_of
from .company import END, judged, of_unit, only, silent
from .life import FAR, Record

CU203 = ProxyEntry()
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
HELPER = f"{FAR}.0"


def upkeep(case: Record, number: int) -> list[Record]:
    return [act(case, "stage_changed", week_of(number) + day * DAY + (number % 7) * HOUR) for day in range(3)]


def by_the_owner(_: str, case: Record, number: int) -> Iterable[Record]:
    return upkeep(case, number)


def by_one(_: str, case: Record, number: int) -> Iterable[Record]:
    return [one | {"actor": HELPER} for one in upkeep(case, number)]


def shown() -> History:
    """A history in which it finds something."""
    return company(by_the_owner, by_one, tables={"people": people()})


def test_it_names_the_unit_and_nobody() -> None:
    found = only(judged(CU203, shown()))
    assert found.scope.unit == FAR
    # A sixth of the records are the helper's own.
    assert found.measure.value == pytest.approx(5 / 6, abs=0.03)
    assert found.norm is not None
    assert found.norm.value < 0.01
    assert HELPER not in found.explain("en")
    assert "by one and the same person" in found.text.en
    assert "par une seule et même personne" in found.text.fr


def test_it_tells_since_when() -> None:
    def later(team: str, case: Record, number: int) -> Iterable[Record]:
        return by_one(team, case, number) if number >= 24 else upkeep(case, number)

    found = only(judged(CU203, company(by_the_owner, later)))
    assert found.onset is not None
    assert found.onset.value == week_of(24).date().replace(day=1)


def by_program(team: str, case: Record, number: int) -> Iterable[Record]:
    return [one | {"origin": "automation"} for one in by_one(team, case, number)]


def by_anybody(_: str, case: Record, number: int) -> Iterable[Record]:
    return [one | {"actor": f"{FAR}.{(number + turn) % 6}"} for turn, one in enumerate(upkeep(case, number))]


def two_share(_: str, case: Record, number: int) -> Iterable[Record]:
    partner = {f"{FAR}.0": f"{FAR}.1", f"{FAR}.1": f"{FAR}.0"}
    return [one | {"actor": partner.get(one["actor"], one["actor"])} for one in upkeep(case, number)]


def calls_for_others(_: str, case: Record, number: int) -> Iterable[Record]:
    return [
        *upkeep(case, number),
        *(one | {"activity": "call", "actor": HELPER} for one in upkeep(case, number)),
    ]


def mass_update(_: str, case: Record, number: int) -> Iterable[Record]:
    at = week_of(20) + number * dt.timedelta(seconds=2)
    return [
        *upkeep(case, number),
        *(act(case, "updated", at + turn * DAY, actor=HELPER) for turn in range(3)),
    ]


@pytest.mark.parametrize(
    "far", [by_the_owner, by_program, by_anybody, two_share, calls_for_others, mass_update]
)
def test_it_stays_silent(far: object) -> None:
    assert silent(judged(CU203, company(by_the_owner, far)))  # type: ignore[arg-type]


def test_whose_profile_says_that_he_enters_for_others_is_no_proxy() -> None:
    helping = people(lambda team, number: "sales-support" if (team, number) == (FAR, 0) else "seller")
    whole = company(by_the_owner, by_one, tables={"people": helping})
    assert only(judged(CU203, whole)).scope.unit == FAR
    assert silent(judged(ProxyEntry(assistants=("sales-support",)), whole))


def test_whoever_stands_in_for_the_absent_is_no_proxy() -> None:
    away = [
        {"person_id": one["person_id"], "starts_at": END - dt.timedelta(days=900), "ends_at": END}
        for one in people()
        if one["person_id"] != HELPER
    ]
    whole = company(by_the_owner, by_one, tables={"people": people(), "absences": away})
    assert silent(judged(CU203, whole))
    left = [
        one | {"ends_on": dt.date(2023, 12, 1) if one["person_id"] != HELPER else None} for one in people()
    ]
    assert silent(judged(CU203, company(by_the_owner, by_one, tables={"people": left})))


def test_records_without_an_owner_are_not_clear() -> None:
    whole = shown()
    cases = [case | {"owner": None} if case["unit"] == FAR else case for case in whole.cases.to_dicts()]
    unowned = History.from_records(as_of=END, cases=cases, events=whole.events.to_dicts(), people=people())
    assert of_unit(judged(CU203, unowned), FAR).outcome is Outcome.NOT_ASSESSABLE
