"""Logs that were published by others: what their publishers say of them must come out."""

from __future__ import annotations

import pytest

from crmusage.history import History, LogMapping
from tests.history.rows import aside


@pytest.mark.parametrize(
    ("file", "cases", "events"),
    [
        # 4TU.ResearchData, as counted in the folder's README.
        ("bpic2013_problems/pm4py_06_bpic2013_closed.xes.gz", 1_487, 6_660),
        ("bpic2013_problems/hk_BPIC13_open_problems.xes.gz", 819, 2_351),
        ("helpdesk_italy/helpdesk.xes.gz", 4_580, 21_348),
        ("declare/sepsis.xes.gz", 1_050, 15_214),
    ],
)
def test_a_published_log_has_the_cases_and_events_that_its_publisher_counts(real_logs, file, cases, events):
    history = History.read(real_logs / file)
    assert (history.cases.height, history.events.height) == (cases, events)
    assert aside(history) == {}
    assert history.events["at"].null_count() == 0
    assert history.index.n_events == events
    assert sum(part.events.height for part in history.parts(4)) == events


def test_the_loan_applications_of_2012_come_with_amounts_outcomes_and_resources(real_logs):
    mapping = LogMapping(
        columns={"activity": ("concept:name", "lifecycle:transition")},
        cases={"amount": "AMOUNT_REQ"},
        meanings={"A_SUBMITTED+COMPLETE": "submitted", "A_ACTIVATED+COMPLETE": "won"},
        closing={"A_DECLINED+COMPLETE": "declined", "A_CANCELLED+COMPLETE": "cancelled"},
        kind="loan",
    )
    history = History.read(real_logs / "bpic2012/bpic2012.xes.gz", mapping=mapping)
    assert (history.cases.height, history.events.height) == (13_087, 262_200)
    assert history.events["actor"].n_unique() - 1 == 68
    assert history.cases["amount"].null_count() == 0
    assert history.events.filter(activity="submitted").height == 13_087
    outcomes = dict(history.cases["outcome"].value_counts().iter_rows())
    # As published: 7,635 declined, 2,807 cancelled, 2,246 activated, the rest undecided.
    assert outcomes == {"declined": 7_635, "cancelled": 2_807, "won": 2_246, None: 399}
    assert aside(history) == {}


def test_a_pipeline_of_opportunities_comes_with_its_open_ones_told(real_logs):
    history = History.from_log(
        real_logs / "maven_crm_sales_opportunities/sales_pipeline.csv",
        case="opportunity_id",
        activity="deal_stage",
        at="close_date",
        actor="sales_agent",
        zone="America/New_York",
        meanings={"Won": "won", "Lost": "lost"},
        cases={"amount": "close_value", "created_at": "engage_date"},
    )
    assert history.cases.height == 6_711
    assert aside(history) == {"events: no time": 2_089}
    assert dict(history.cases["outcome"].value_counts().iter_rows()) == {"won": 4_238, "lost": 2_473}
    assert history.cases["amount"].null_count() == 0
    assert (history.cases["created_at"] <= history.cases["closed_at"]).all()


def test_an_export_of_opportunities_without_zones_asks_for_one(real_logs):
    from crmusage.errors import ContractError

    path = real_logs / "salesforce_data_export_devorg/OpportunityHistory.csv"
    columns = {"case": "OpportunityId", "activity": "StageName", "at": "CreatedDate", "actor": "CreatedById"}
    with pytest.raises(ContractError, match=r"OpportunityHistory\.csv: column CreatedDate \(as at\)"):
        History.from_log(path, **columns)
    history = History.from_log(path, **columns, zone="UTC")
    assert (history.cases.height, history.events.height) == (31, 62)
