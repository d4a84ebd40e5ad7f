from __future__ import annotations

import datetime as dt

import pytest
from acme_detectors import RoundAmounts

from crmusage import History, verify
from crmusage.testing import DETECTOR_CHECKS, check_detector

AS_OF = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def company(round_ones: int) -> History:
    """Nine branches of forty opportunities, some with round amounts, and one with so many of them."""
    shares = [2 + branch % 4 for branch in range(9)] + [round_ones]
    return History.from_records(
        as_of=AS_OF,
        cases=[
            {
                "case_id": f"{branch}-{i:02}",
                "kind": "opportunity",
                "created_at": AS_OF - dt.timedelta(days=200 - i),
                "created_by": f"rep {branch}.{i % 6}",
                "unit": f"branch {branch}",
                "amount": 20_000.0 if i < many else 18_437.5 + i,
            }
            for branch, many in enumerate(shares)
            for i in range(40)
        ],
    )


def test_it_keeps_the_contract_of_detectors() -> None:
    check_detector(RoundAmounts(), company(30))


def test_the_contract_asks_more_than_a_few_things() -> None:
    assert len(DETECTOR_CHECKS) > 10


def test_it_is_installed() -> None:
    found = verify(company(30), only=["ACME101"]).findings
    assert [finding.scope.unit for finding in found] == ["branch 9"]


@pytest.mark.parametrize("usual", [2, 6])
def test_a_branch_like_the_others_is_left_alone(usual: int) -> None:
    assert not verify(company(usual), detectors=[RoundAmounts()]).findings
