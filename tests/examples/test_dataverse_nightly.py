"""The nightly job for Dataverse, end to end over a server of this machine."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from types import SimpleNamespace

import attrs
import pytest
import requests

import crmusage as cu
from crmusage.history import History
from crmusage.testing import simulate
from tests.adapters.dynamics_company import DEAL, company, web_api

from .dataverse_server import BUSY, EXPIRED, HOST, LOGIN, TENANT, TOO_MANY, Organisation
from .loopback import example, served

job = example("dataverse_nightly/job.py")
SECRETS = {
    "DATAVERSE_URL": f"https://{HOST}/",
    "DATAVERSE_TENANT": TENANT,
    "DATAVERSE_CLIENT_ID": "11111111-0000-4000-8000-000000000001",
    "DATAVERSE_CLIENT_SECRET": "not a secret",
}


class Night:
    """What one run asked for and left: the whole job, or (`only_fetch`) its first half."""

    def __init__(self, server: Organisation, data: Path, *words: str, only_fetch: bool = True) -> None:
        session = requests.Session()
        with served(server, session) as self.asked:
            if only_fetch:
                job.fetch(job.Dataverse(SECRETS, session), data, job.dynamics.Mapping())
            else:
                self.code = job.main(["--data", str(data), *words], SECRETS, session)
        self.state = json.loads((data / "state.json").read_text())

    def queries(self, segment: str) -> list[dict[str, str]]:
        return [dict(one.query) for one in self.asked if one.path.endswith(f"/{segment}")]


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the job waited, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr(job, "time", SimpleNamespace(sleep=waited.append))
    return waited


@pytest.fixture
def server() -> Organisation:
    tables = {name: web_api(rows) for name, rows in company().items()}
    empty = {query.name: [] for query in job.dynamics.queries() if query.name not in tables}
    holiday = {"calendarruleid": "1", "name": "Toussaint", "effectiveintervalstart": "2026-11-01T00:00:00Z"}
    return Organisation({**empty, **tables, "calendarrule": [holiday]}, page=2)


def history(data: Path, lacking: tuple[str, ...] = ()) -> History:
    return job.history_of(data, list(lacking), job.dynamics.Mapping(zone="Europe/Paris"), None)


def test_a_night_leaves_a_slice_a_state_and_a_report(server: Organisation, tmp_path: Path):
    (tmp_path / "mapping.toml").write_text('zone = "Europe/Paris"\n')
    data = tmp_path / "data"
    server.unknown = frozenset({"opportunity.stepname"})
    words = ("--mapping", str(tmp_path / "mapping.toml"), "--lang", "fr", "--write-back")

    night = Night(server, data, *words, only_fetch=False)

    assert night.code == 0
    (slice_,) = (data / "slices").iterdir()
    assert len(json.loads((slice_ / "audit.json").read_text())) == 7
    assert night.state["last"]["opportunity"] == "2026-03-20T10:00:00Z"
    assert night.state["lacking"] == ["opportunity.stepname"]
    assert stat.S_IMODE(data.stat().st_mode) & 0o077 == 0
    assert json.loads((data / "report.json").read_text())["schema"] == 1
    page = (data / "report.html").read_text()
    assert '<html lang="fr"' in page
    assert "opportunity.stepname\xa0: absent pour ce compte." in page


def test_every_page_is_fetched_by_the_link_of_the_one_before(server: Organisation, tmp_path: Path):
    night = Night(server, tmp_path)

    assert [one.get("$skiptoken") for one in night.queries("audits")] == [None, "2", "4", "6"]
    made = history(tmp_path).events.filter(job.pl.col("case_id") == DEAL)
    assert {"stage_changed", "won"} <= set(made["activity"])


def test_holidays_are_taken_out_of_their_calendars(server: Organisation, tmp_path: Path):
    Night(server, tmp_path)

    (file,) = (tmp_path / "slices").glob("*/calendarrule.json")
    assert [rule["name"] for rule in json.loads(file.read_text())] == ["Toussaint"]


def test_the_next_night_asks_for_what_changed_and_adds_it(server: Organisation, tmp_path: Path):
    Night(server, tmp_path)
    server.tables["opportunity"][0] |= {"stepname": "4-Close", "modifiedon": "2026-03-21T08:00:00Z"}

    night = Night(server, tmp_path)

    assert night.queries("opportunities")[0]["$filter"] == "modifiedon ge 2026-03-20T09:00:00Z"
    assert night.queries("audits")[0]["$filter"].endswith("createdon ge 2026-03-20T09:00:00Z")
    assert "$filter" not in night.queries("systemusers")[0]
    made = history(tmp_path)
    assert made.cases.height == 2
    assert made.events.filter(job.pl.col("activity") == "won").height == 1


def test_a_night_on_which_nothing_changed_changes_nothing(server: Organisation, tmp_path: Path):
    first = Night(server, tmp_path)
    before = history(tmp_path)

    second = Night(server, tmp_path)

    assert second.state == first.state
    assert history(tmp_path).cases.equals(before.cases)
    assert history(tmp_path).events.equals(before.events)


def test_it_waits_as_long_as_it_is_told_to_and_a_little_longer(
    server: Organisation, tmp_path: Path, waits: list[float]
):
    server.faults = [TOO_MANY, TOO_MANY, BUSY]

    Night(server, tmp_path)

    assert all(11 <= wait <= 11 + 1 + 11 / 4 for wait in waits[:2])
    assert 4 <= waits[2] <= 4 + 1 + 4 / 4
    assert len(waits) == 3


def test_nobody_waits_for_an_hour(server: Organisation, tmp_path: Path, waits: list[float]):
    server.faults = [attrs.evolve(BUSY, headers={"Retry-After": "3600"})]

    with pytest.raises(requests.HTTPError, match="503"):
        Night(server, tmp_path)

    assert waits == []


def test_it_does_not_ask_for_ever(server: Organisation, tmp_path: Path, waits: list[float]):
    server.faults = [TOO_MANY] * 100

    with pytest.raises(requests.HTTPError, match="Number of requests exceeded the limit"):
        Night(server, tmp_path)

    assert len(server.faults) == 100 - job.TRIES
    assert len(waits) == job.TRIES - 1
    assert not (tmp_path / "state.json").exists()


def test_an_expired_token_is_replaced_by_a_new_one(server: Organisation, tmp_path: Path, waits: list[float]):
    server.faults = [EXPIRED]

    night = Night(server, tmp_path)

    logins = [one for one in night.asked if one.host == LOGIN and one.method == "POST"]
    assert len(logins) == 2
    assert waits == []


def test_a_login_that_is_refused_says_why(server: Organisation):
    session = requests.Session()
    with served(server, session), pytest.raises(PermissionError, match="AADSTS7000215"):
        job.Dataverse(SECRETS | {"DATAVERSE_CLIENT_SECRET": "wrong"}, session).send(
            "GET", "/api/data/v9.2/WhoAmI"
        )


def test_the_token_goes_to_nobody_else(server: Organisation):
    session = requests.Session()
    with served(server, session) as asked, pytest.raises(ValueError, match="the token is not for it"):
        job.Dataverse(SECRETS, session).send(
            "GET", "https://acme.crm4.dynamics.com.example.org/api/data/v9.2/audits"
        )
    assert {one.host for one in asked} == {LOGIN}


@pytest.mark.parametrize("column", ["opportunityid", "stepname", "overriddencreatedon"])
def test_a_column_that_is_not_there_is_left_out_wherever_it_stands(
    server: Organisation, tmp_path: Path, column: str
):
    server.unknown = frozenset({f"opportunity.{column}"})

    night = Night(server, tmp_path)

    assert night.state["lacking"] == [f"opportunity.{column}"]
    first, second = (one["$select"].split(",") for one in night.queries("opportunities"))
    assert second == [one for one in first if one != column]


def test_what_is_not_there_is_told(server: Organisation, tmp_path: Path):
    server.unknown, server.forbidden = frozenset({"audit.changedata"}), frozenset({"incident"})
    del server.tables["quote"]

    night = Night(server, tmp_path)

    assert night.state["lacking"] == ["audit.changedata", "incident", "quote"]
    made = history(tmp_path, tuple(night.state["lacking"]))
    unseen = {(row["entity"], row["field"]) for row in made.coverage.to_dicts() if row["complete"] is False}
    assert {("audit", "changedata"), ("incident", None), ("quote", None)} <= unseen
    assert made.notes[-1].en == "quote: not there for this login."


def test_a_column_that_is_there_at_last_is_told_until_its_table_was_fetched_anew(
    server: Organisation, tmp_path: Path
):
    server.unknown = frozenset({"opportunity.stepname"})
    Night(server, tmp_path)
    server.unknown = frozenset()
    second = Night(server, tmp_path)
    assert second.state["lacking"] == ["opportunity.stepname"]
    del second.state["last"]["opportunity"]
    (tmp_path / "state.json").write_text(json.dumps(second.state))

    assert Night(server, tmp_path).state["lacking"] == []
    assert history(tmp_path).cases["stage"].drop_nulls().to_list() == ["3-Propose"]


@pytest.fixture(scope="module")
def report() -> cu.Report:
    made = simulate("late-creation", seed=7, opportunities=1200).history()
    return cu.verify(made, only=["CU112"])


def write_back(server: Organisation, report: cu.Report) -> list[str]:
    session = requests.Session()
    with served(server, session):
        return job.write_back(job.Dataverse(SECRETS, session), report, "en")


def test_findings_become_tasks_once_and_are_updated_ever_after(server: Organisation, report: cu.Report):
    assert write_back(server, report) == []
    written = dict(server.written)
    assert len(written) == len(report.findings) > 0
    assert all(row["subject"].startswith("CU112") for row in written.values())

    assert write_back(server, report) == []
    assert server.written == written


def test_what_dataverse_refuses_is_told(server: Organisation, report: cu.Report):
    server.refuses_tasks = True

    told = write_back(server, report)

    assert len(told) == len(report.findings)
    assert "prvCreateActivity" in told[0]
