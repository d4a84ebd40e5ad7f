from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest

from crmusage.detectors.logging._batch_logging import BatchLogging
from crmusage.history import History
from crmusage.model import Outcome

from .acts import act, company, week_of
from .company import judged, of_unit, only, silent
from .life import FAR, Record

CU202 = BatchLogging()
DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)


def calls(case: Record, number: int) -> list[Record]:
    """A call in the afternoon of Monday, Tuesday, Wednesday and Thursday, and on Friday at noon."""
    return [act(case, "call", week_of(number) + day * DAY + (day < 4) * 3 * HOUR) for day in range(5)]


def at_once(_: str, case: Record, number: int) -> Iterable[Record]:
    return [one | {"recorded_at": one["at"] + 20 * MINUTE} for one in calls(case, number)]


def on_friday(_: str, case: Record, number: int) -> Iterable[Record]:
    """The week's calls, one every two minutes."""
    friday = week_of(number) + 4 * DAY + 5 * HOUR
    return [one | {"recorded_at": friday + 2 * i * MINUTE} for i, one in enumerate(calls(case, number))]


def shown() -> History:
    """A history in which it finds something."""
    return company(at_once, on_friday)


def test_it_names_the_unit_that_enters_the_week_on_friday() -> None:
    found = only(judged(CU202, shown()))
    assert found.scope.unit == FAR
    # Friday's call is hours old; Thursday's was made at three and is entered at five the day after.
    assert found.measure.value == pytest.approx(4 / 5, abs=0.03)
    assert found.norm is not None
    assert found.norm.value < 0.01
    assert "100% were entered in sittings in which one person made up for several days" in found.text.en
    assert "saisies d’une traite" in found.text.fr


def test_it_tells_since_when() -> None:
    def later(team: str, case: Record, number: int) -> Iterable[Record]:
        return on_friday(team, case, number) if number >= 24 else at_once(team, case, number)

    found = only(judged(CU202, company(at_once, later)))
    assert found.onset is not None
    assert found.onset.value == week_of(24).date().replace(day=1)


def by_program(team: str, case: Record, number: int) -> Iterable[Record]:
    return [one | {"origin": "api"} for one in on_friday(team, case, number)]


def over_the_weekend(_: str, case: Record, number: int) -> Iterable[Record]:
    friday = week_of(number) + 4 * DAY + 5 * HOUR
    monday = friday + 2 * DAY + 16 * HOUR
    return [
        one | {"at": friday - i * HOUR, "recorded_at": monday} for i, one in enumerate(calls(case, number))
    ]


def the_next_morning(_: str, case: Record, number: int) -> Iterable[Record]:
    return [one | {"recorded_at": one["at"] + 17 * HOUR} for one in calls(case, number)]


def all_at_one_go(team: str, case: Record, number: int) -> Iterable[Record]:
    day = week_of(39) + 5 * HOUR + number * 2 * dt.timedelta(seconds=1)
    return [one | {"recorded_at": max(day, one["at"])} for one in calls(case, number)]


def changes_dated_back(team: str, case: Record, number: int) -> Iterable[Record]:
    late = [one | {"activity": "stage_changed"} for one in on_friday(team, case, number)]
    return [*at_once(team, case, number), *late]


@pytest.mark.parametrize(
    "far", [at_once, by_program, over_the_weekend, the_next_morning, all_at_one_go, changes_dated_back]
)
def test_it_stays_silent(far: object) -> None:
    assert silent(judged(CU202, company(at_once, far)))  # type: ignore[arg-type]


def test_late_entries_one_by_one_are_no_sitting() -> None:
    def days_later(team: str, case: Record, number: int) -> Iterable[Record]:
        return [one | {"recorded_at": one["at"] + 7 * DAY} for one in calls(case, number)]

    found = only(judged(CU202, company(at_once, days_later)))
    assert "Of these, 0% were entered in sittings" in found.text.en


def test_a_unit_whose_entries_bear_the_time_of_the_act_is_not_clear() -> None:
    def same(team: str, case: Record, number: int) -> Iterable[Record]:
        return [one | {"recorded_at": one["at"]} for one in calls(case, number)]

    ended = of_unit(judged(CU202, company(at_once, same)), FAR)
    assert ended.outcome is Outcome.NOT_ASSESSABLE
    assert ended.reason is not None
    assert "nothing tells when it enters things" in ended.reason.en


def test_what_one_person_does_is_no_usage_of_the_unit() -> None:
    def by_one_owner(team: str, case: Record, number: int) -> Iterable[Record]:
        return (on_friday if number % 6 == 0 else at_once)(team, case, number)

    whole = company(at_once, by_one_owner)
    assert silent(judged(CU202, whole))
    assert only(judged(CU202, whole, min_group=1)).scope.unit == FAR
