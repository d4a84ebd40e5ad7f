"""What Dataverse's tables say twice, or not at all, and which word counts."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from crmusage.adapters import dynamics
from crmusage.adapters.dynamics import Mapping
from crmusage.history import History

from .dynamics_company import ANN, APP, BOB, DEAL, EURO, Row, ask, change, deal, users

OTHER = "a0000000-0000-4000-8000-000000000002"


def history(mapping: Any = None, **tables: list[Row]) -> History:
    return dynamics.read(tables, dialect="webapi", mapping=mapping).history()


def told(made: History, *activities: str) -> list[dict[str, Any]]:
    return made.events.filter(pl.col("activity").is_in(list(activities))).to_dicts()


@pytest.mark.parametrize(("state", "outcome"), [(0, None), (2, "cancelled")])
def test_what_a_status_means_for_the_outcome_it_means_only_once_it_is_over(
    state: int, outcome: str | None
) -> None:
    mapping = Mapping(outcomes={"opportunity": {"statuscode": {"4": "cancelled"}}})
    made = history(mapping, opportunity=[deal(statecode=state, statuscode=4)])
    assert made.cases["outcome"].to_list() == [outcome]


@pytest.mark.parametrize(
    ("marks", "origin"),
    [
        ({}, "unknown"),
        ({"importsequencenumber": 7}, "import"),
        ({"overriddencreatedon": "2026-04-01T09:00:00Z"}, "import"),
    ],
)
def test_a_record_that_an_import_made_was_entered_by_nobody(marks: Row, origin: str) -> None:
    (event,) = told(history(opportunity=[deal(**marks)]), "created")
    assert event["origin"] == origin


def test_a_case_that_is_there_is_not_told_again_by_its_log_of_deletion() -> None:
    rows = [
        change("2026-03-02T09:00:00Z", {"name": (None, "x")}, operation=1, action=1),
        change("2026-03-09T09:00:00Z", {"name": ("x", None)}, operation=3, action=3),
    ]
    gone = [row | {"objectid": OTHER, "auditid": f"{row['auditid']}-2"} for row in rows]
    made = history(opportunity=[deal()], audit=[*rows, *gone], systemuser=users())
    assert sorted(made.cases.select("case_id", "is_deleted").rows()) == [(DEAL, False), (OTHER, True)]


@pytest.mark.parametrize(("status", "activity"), [(4, "won"), (None, "won"), (99, "closed")])
def test_a_closing_whose_status_is_not_the_deals_is_only_a_closing(status: int | None, activity: str) -> None:
    # 4 is that of a lost one, as Microsoft ships it: its own word counts.
    close = {
        "opportunityid": DEAL,
        "createdon": "2026-03-19T10:00:00Z",
        "createdby": ANN,
        "opportunitystatuscode": status,
    }
    made = history(
        opportunity=[deal(statecode=1, statuscode=3)], opportunityclose=[{"activityid": "f1", **close}]
    )
    expected = "lost" if status == 4 else activity
    assert expected in {row["activity"] for row in told(made, "won", "lost", "closed")}


def test_what_a_user_or_a_program_did_is_told_apart() -> None:
    rows = [
        change(f"2026-03-{day:02}T09:00:00Z", {"stepname": (str(day), str(day + 1))}, userid=who, **more)
        for day, who, more in ((5, ANN, {}), (6, APP, {}), (7, ANN, {"callinguserid": APP}))
    ]
    made = history(opportunity=[deal()], audit=rows, systemuser=users())
    moved = sorted(told(made, "stage_changed"), key=lambda row: row["at"])
    assert [row["origin"] for row in moved] == ["unknown", "api", "api"]


def test_amounts_are_told_at_the_rate_of_their_record() -> None:
    dollar = "80000000-0000-4000-8000-000000000001"
    currencies = [
        {"transactioncurrencyid": EURO, "isocurrencycode": "EUR", "exchangerate": 1.0},
        {"transactioncurrencyid": dollar, "isocurrencycode": "USD", "exchangerate": 2.0},
    ]
    deals = [
        deal(transactioncurrencyid=EURO, exchangerate=1.0, estimatedvalue=100.0),
        deal(opportunityid=OTHER, transactioncurrencyid=dollar, exchangerate=1.25, estimatedvalue=100.0),
    ]
    made = history(
        opportunity=deals,
        transactioncurrency=currencies,
        organization=[{"organizationid": "1", "basecurrencyid": EURO}],
    )
    assert made.cases.select("amount", "currency", "amount_entered").rows() == [
        (100.0, "EUR", 100.0), (80.0, "EUR", 100.0),
    ]  # fmt: skip


def test_requests_keep_the_order_of_their_owners_priorities() -> None:
    cases = [
        ask(incidentid=f"b0000000-0000-4000-8000-00000000000{k}", prioritycode=k, ownerid=BOB)
        for k in (1, 2, 3)
    ]
    assert history(incident=cases).cases["priority_rank"].to_list() == [1, 2, 3]
