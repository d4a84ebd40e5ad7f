"""The nightly job for Salesforce, end to end over a server of this machine."""

from __future__ import annotations

import functools
import json
import re
import stat
from pathlib import Path
from types import SimpleNamespace

import attrs
import pytest
from simple_salesforce.exceptions import (
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
)

from crmusage.history import History
from crmusage.report import Report
from crmusage.testing import simulate
from crmusage.verification import verify
from tests.adapters import salesforce_simulated
from tests.adapters.salesforce_org import OPP, as_rest, org

from .loopback import EXAMPLES, example, served
from .salesforce_server import EXPIRED, HOST, NOT_NOW, TOO_MANY_AT_ONCE, TOO_MANY_TODAY, Org

job = example("salesforce_nightly/job.py")
SECRETS = {
    "SALESFORCE_DOMAIN": "acme.my",
    "SALESFORCE_CLIENT_ID": "3MVG9",
    "SALESFORCE_CLIENT_SECRET": "not a secret",
}


class Night:
    """What one run asked for and left: the whole job, or (`only_fetch`) its first half."""

    def __init__(self, server: Org, data: Path, *words: str, only_fetch: bool = True) -> None:
        session = job.Polite()
        with served(server, session) as self.asked:
            if only_fetch:
                job.fetch(job.login(SECRETS, session), data, job.salesforce.Mapping())
            else:
                self.code = job.main(["--data", str(data), *words], SECRETS, session)
        self.state = json.loads((data / "state.json").read_text())

    def soql(self, table: str) -> list[str]:
        asked = (one.query.get("q", "") for one in self.asked)
        return [one for one in asked if re.search(rf" FROM {table}\b", one)]


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the job waited, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr(job, "time", SimpleNamespace(sleep=waited.append))
    return waited


@pytest.fixture
def server() -> Org:
    return Org({**as_rest(org()), "Quote": []}, page=2)


def slices(data: Path) -> list[Path]:
    return sorted((data / "slices").iterdir())


def history(data: Path, lacking: tuple[str, ...] = ()) -> History:
    return job.history_of(data, list(lacking), job.salesforce.Mapping(), None)


@pytest.mark.filterwarnings("ignore::crmusage.errors.CrmUsageWarning")  # rules on what did not happen
def test_a_night_leaves_a_slice_a_state_and_a_report(server: Org, tmp_path: Path):
    data = tmp_path / "data"
    words = ("--rules", str(EXAMPLES / "usages"), "--lang", "fr")
    server.hidden = frozenset({"Opportunity.NextStep"})

    night = Night(server, data, *words, only_fetch=False)

    assert night.code == 0
    assert len(json.loads((slices(data)[0] / "OpportunityHistory.json").read_text())) == 5
    assert night.state["last"]["Opportunity"] == "2026-03-12T15:00:00.000+0000"
    assert stat.S_IMODE(data.stat().st_mode) & 0o077 == 0
    assert json.loads((data / "report.json").read_text())["schema"] == 1
    page = (data / "report.html").read_text()
    assert '<html lang="fr"' in page
    assert "Opportunity.NextStep\xa0: ce compte n" in page
    assert not server.written


def test_every_page_is_fetched_from_where_the_last_one_points(server: Org, tmp_path: Path):
    night = Night(server, tmp_path)

    pages = [one.path for one in night.asked if "01gOpportunityHistory" in one.path]
    assert [page.rpartition("-")[2] for page in pages] == ["2", "4"]
    assert history(tmp_path).events.filter(job.pl.col("activity") == "won").height == 1


def test_deleted_records_are_asked_for(server: Org, tmp_path: Path):
    Night(server, tmp_path)

    assert history(tmp_path).cases["is_deleted"].sum() == 1


def test_the_next_night_asks_for_what_changed_and_adds_it(server: Org, tmp_path: Path):
    Night(server, tmp_path)
    server.tables["Opportunity"][1] |= {
        "StageName": "Proposal",
        "SystemModstamp": "2026-03-14T08:00:00.000+0000",
    }

    night = Night(server, tmp_path)

    assert night.soql("Opportunity")[0].endswith("WHERE SystemModstamp >= 2026-03-12T14:00:00Z")
    assert "WHERE" not in night.soql("OpportunityStage")[0]
    assert len(slices(tmp_path)) == 2
    stages = dict(history(tmp_path).cases.select("case_id", "stage").iter_rows())
    assert stages == {OPP: "Closed Won", "0060X0000000002AAA": "Proposal", "5000X0000000001AAA": "Closed"}


def test_a_night_on_which_nothing_changed_changes_nothing(server: Org, tmp_path: Path):
    first = Night(server, tmp_path)
    before = history(tmp_path)

    second = Night(server, tmp_path)

    assert second.state == first.state
    assert history(tmp_path).cases.equals(before.cases)
    assert history(tmp_path).events.equals(before.events)


def test_it_waits_as_long_as_it_is_told_to_and_a_little_longer(
    server: Org, tmp_path: Path, waits: list[float]
):
    server.faults = [NOT_NOW, NOT_NOW]

    Night(server, tmp_path)

    assert len(waits) == 2
    assert all(7 <= wait <= 7 + 1 + 7 / 4 for wait in waits)


def test_without_a_time_it_waits_longer_and_longer(server: Org, tmp_path: Path, waits: list[float]):
    server.faults = [TOO_MANY_AT_ONCE] * 3

    Night(server, tmp_path)

    assert [int(wait >= bound) for wait, bound in zip(waits, (1, 2, 4), strict=True)] == [1, 1, 1]


def test_nobody_waits_for_an_hour(server: Org, tmp_path: Path, waits: list[float]):
    server.faults = [attrs.evolve(NOT_NOW, headers={"Retry-After": "3600"})]

    with pytest.raises(SalesforceGeneralError, match="503"):
        Night(server, tmp_path)

    assert waits == []


def test_it_does_not_ask_for_ever(server: Org, tmp_path: Path, waits: list[float]):
    server.faults = [NOT_NOW] * 100

    with pytest.raises(SalesforceGeneralError, match="503"):
        Night(server, tmp_path)

    assert len(server.faults) == 100 - job.TRIES
    assert len(waits) == job.TRIES - 1
    assert not (tmp_path / "state.json").exists()


def test_when_the_day_is_used_up_it_ends_at_once_and_the_next_run_begins_there(
    server: Org, tmp_path: Path, waits: list[float]
):
    server.faults = [TOO_MANY_TODAY]
    with pytest.raises(SalesforceRefusedRequest, match="TotalRequests"):
        Night(server, tmp_path)
    assert [folder.suffix for folder in slices(tmp_path)] == [".part"]

    Night(server, tmp_path)

    assert waits == []
    assert history(tmp_path).cases.height == 3


def test_an_expired_session_logs_in_again(server: Org, tmp_path: Path):
    server.faults = [EXPIRED]

    night = Night(server, tmp_path)

    logins = [one for one in night.asked if one.path == "/services/oauth2/token"]
    assert len(logins) == 2
    assert {one.host for one in logins} == {HOST}
    assert len(slices(tmp_path)) == 1


def test_a_field_that_may_not_be_read_is_left_out_and_told(server: Org, tmp_path: Path):
    server.hidden = frozenset({"Opportunity.NextStep", "Opportunity.Amount"})

    night = Night(server, tmp_path)

    assert night.state["lacking"] == sorted(
        ["Opportunity.Amount", "Opportunity.NextStep", *missing_tables(server)]
    )
    assert len(night.soql("Opportunity")) == 3
    made = history(tmp_path, ("Opportunity.NextStep",))
    unseen = {(row["entity"], row["field"]) for row in made.coverage.to_dicts() if row["complete"] is False}
    assert ("Opportunity", "NextStep") in unseen
    assert made.notes[-1].en == "Opportunity.NextStep: this login may not read it."


def missing_tables(server: Org) -> list[str]:
    return [query.name for query in job.salesforce.queries() if query.name not in server.tables]


def test_a_table_that_is_not_there_is_left_out_and_told(server: Org, tmp_path: Path):
    del server.tables["Quote"]

    night = Night(server, tmp_path)

    assert "Quote" in night.state["lacking"]
    assert "Quote: this login may not read it." in [note.en for note in history(tmp_path, ("Quote",)).notes]


def test_a_table_that_may_be_read_at_last_is_fetched_as_a_whole(server: Org, tmp_path: Path):
    quotes = server.tables.pop("Quote")
    Night(server, tmp_path)
    server.tables["Quote"] = quotes

    assert "Quote" not in Night(server, tmp_path).state["lacking"]


def test_a_field_that_may_be_read_at_last_is_told_until_its_table_was_fetched_anew(
    server: Org, tmp_path: Path
):
    server.hidden = frozenset({"Opportunity.Amount"})
    Night(server, tmp_path)
    server.hidden = frozenset()
    second = Night(server, tmp_path)
    assert "Opportunity.Amount" in second.state["lacking"]
    del second.state["last"]["Opportunity"]
    (tmp_path / "state.json").write_text(json.dumps(second.state))

    assert "Opportunity.Amount" not in Night(server, tmp_path).state["lacking"]
    assert history(tmp_path).cases["amount"].null_count() == 1  # the case's, which has none


def test_another_error_of_a_query_is_an_error(server: Org, tmp_path: Path):
    server.hidden = frozenset({"Opportunity.Id"})  # without it there is nothing to fetch

    with pytest.raises(SalesforceMalformedRequest, match="No such column 'Id'"):
        Night(server, tmp_path)


@pytest.fixture(scope="module")
def written_back(tmp_path_factory: pytest.TempPathFactory) -> tuple[Org, Night, Report]:
    """A night in a company that has something to tell, with its findings written back."""
    company = simulate("late-creation", seed=7, opportunities=1200).history()
    server = Org(as_rest(salesforce_simulated.tables(company, salesforce_simulated.Ids())))
    data = tmp_path_factory.mktemp("salesforce")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job.cu, "verify", functools.partial(verify, only=["CU112"]))
        night = Night(server, data, "--write-back", only_fetch=False)
    return server, night, Report.from_json((data / "report.json").read_text())


def test_findings_are_written_back_as_rows(written_back: tuple[Org, Night, Report]):
    server, night, report = written_back

    assert night.code == 0
    assert {row["Code__c"] for row in server.written.values()} == {"CU112"}
    assert len(server.written) == len(report.findings) > 0
    (request,) = [one for one in night.asked if one.method == "PATCH"]
    assert request.path == "/services/data/v60.0/composite/sobjects/Usage_Finding__c/Crmusage_Key__c"


def again(server: Org, report: Report) -> list[str]:
    session = job.Polite()
    with served(server, session):
        return job.write_back(job.login(SECRETS, session), report, "en")


def test_findings_that_are_there_are_updated(written_back: tuple[Org, Night, Report]):
    server, _, report = written_back
    before = dict(server.written)

    assert again(server, report) == []
    assert server.written == before


def test_what_salesforce_refuses_is_told(written_back: tuple[Org, Night, Report]):
    _, _, report = written_back

    told = again(Org({}, refused=frozenset({"Text__c"})), report)

    assert len(told) == len(report.findings)
    assert "INVALID_FIELD_FOR_INSERT_UPDATE" in told[0]
