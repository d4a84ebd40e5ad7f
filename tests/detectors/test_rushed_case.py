from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import ClassVar

import pytest

from crmusage.detectors.workarounds._rushed_case import RushedCase
from crmusage.history import History
from crmusage.model import Outcome

from .company import DAYS, START, Record, history, judged, of_unit, only, peers, silent, team

CU708 = RushedCase()
FAR = "Grand Ouest"


class Easily(RushedCase):
    """Seven peers are few: at the usual 5 % they are enough to tell, at the 1 % of the patterns they are not."""

    sure: ClassVar[float] = 0.05


EASILY = Easily()
MINUTE = dt.timedelta(minutes=1)


def closed(cases: list[Record], after: dt.timedelta, every: int) -> list[Record]:
    """The same, of which every so-manieth was closed that soon."""
    return [
        case | {"closed_at": case["created_at"] + after, "outcome": "lost"} if number % every == 0 else case
        for number, case in enumerate(cases)
    ]


def shown() -> History:
    """A history in which it finds something."""
    return history(peers(n=200) + closed(team(FAR, n=200), 10 * MINUTE, 6))


def test_it_names_the_unit_in_which_some_cases_are_over_at_once() -> None:
    found = only(judged(CU708, shown()))
    assert found.scope.unit == FAR
    assert 0.15 < found.measure.value < 0.3
    assert found.norm is not None
    assert found.norm.value < 0.02
    assert "of the cases that ended as lost" in found.text.en
    assert "bien plus vite que le dossier médian" in found.text.fr
    assert all(int(case[-4:]) % 6 == 0 for case in found.cases)


@pytest.mark.parametrize(
    "far",
    [
        pytest.param(team(FAR, n=200), id="as the others"),
        pytest.param(team(FAR, n=60, win_rate=0.6, pace=5.0), id="a small team that is fast in all"),
        pytest.param(
            team(FAR, n=150) + team(FAR, n=120, win_rate=0.5, pace=3.0, since=300, until=360), id="a campaign"
        ),
        pytest.param(team(FAR, n=200, pace=200.0), id="long projects"),
        pytest.param(closed(team(FAR, n=200), 10 * MINUTE, 60), id="a few"),
    ],
)
def test_it_stays_silent(far: list[Record]) -> None:
    assert silent(judged(CU708, history(peers(n=200) + far)))


def test_old_cases_loaded_within_minutes_do_not_count() -> None:
    load = START + dt.timedelta(days=DAYS // 2)
    loaded = [
        case
        | {
            "case_id": f"{case['case_id']}-old",
            "created_at": load + number * dt.timedelta(seconds=3),
            "created_by": f"{FAR}.0",
            "closed_at": load + number * dt.timedelta(seconds=3) + MINUTE,
            "outcome": "lost",
        }
        for number, case in enumerate(team(FAR, n=60))
    ]
    assert silent(judged(CU708, history(peers(n=200) + team(FAR, n=200) + loaded)))


def test_a_unit_that_closed_little_is_not_clear() -> None:
    ended = of_unit(judged(CU708, history(peers(n=200) + team(FAR, n=20))), FAR)
    assert ended.outcome is Outcome.NOT_ASSESSABLE


def test_what_one_engineer_does_in_a_real_log_is_no_finding_about_his_line(real_logs: Path) -> None:
    # In BPI 2013 all problems of one line that were closed within the hour were closed by one and the same person.
    whole = History.read(real_logs / "bpic2013_problems" / "pm4py_06_bpic2013_closed.xes.gz")
    assert silent(judged(EASILY, whole))
    assert only(judged(EASILY, whole, min_group=1)).scope.unit == "Org line G3"
