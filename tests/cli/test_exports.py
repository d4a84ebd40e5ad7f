"""What commands read besides tables of the contract."""

from __future__ import annotations

import pkgutil
from pathlib import Path

import pytest

import crmusage.adapters
from crmusage.cli._export import CRMS
from crmusage.history import History
from crmusage.testing import simulate

from .conftest import Run


def test_every_crm_that_there_is_an_adapter_for_can_be_named() -> None:
    rooms = {room.name for room in pkgutil.iter_modules(crmusage.adapters.__path__)}
    assert set(CRMS) == {room for room in rooms if not room.startswith("_")}


@pytest.fixture
def salesforce(tmp_path: Path) -> Path:
    """A folder as the Data Export service writes it."""
    folder = tmp_path / "export"
    folder.mkdir()
    owner = "005000000000001AAA"
    (folder / "Opportunity.csv").write_text(
        "Id,Name,StageName,Amount,CloseDate,IsClosed,IsWon,OwnerId,CreatedDate,CreatedById,LastModifiedDate,"
        "SystemModstamp,IsDeleted\n"
        + "".join(
            f"00600000000000{n}AAA,Deal,Closed Won,1000,2026-02-01,1,1,{owner},2026-01-0{n} 09:00:00,{owner},"
            "2026-02-01 09:00:00,2026-02-01 09:00:00,0\n"
            for n in (1, 2, 3)
        ),
        encoding="utf-8",
    )
    return folder


def test_a_folder_of_salesforce_tables_is_checked_in_one_command(run: Run, salesforce: Path) -> None:
    ran = run("check", salesforce, "--crm", "salesforce", "--zone", "Europe/Paris")
    assert ran.code == 0, ran.err
    assert "3\N{NO-BREAK SPACE}cases" in ran.out


def test_what_a_crm_tells_by_itself_cannot_be_told_beside_it(run: Run, salesforce: Path) -> None:
    for more in (["--ordered"], ["--objects", "order"]):
        ran = run("check", salesforce, "--crm", "salesforce", *more)
        assert ran.code == 2
        assert more[0] in ran.err
        assert "leave it out" in ran.err


def test_a_folder_that_is_none_of_the_crm_is_one_clear_error(run: Run, planted: Path) -> None:
    ran = run("check", planted, "--crm", "dynamics")
    assert ran.code == 2
    assert ran.err.count("\n") <= 3
    assert "Traceback" not in ran.err


def test_in_an_ocel_log_the_type_that_is_meant_is_named(run: Run, tmp_path: Path) -> None:
    log = tmp_path / "log.sqlite"
    history: History = simulate("none", departments=5, months=3, opportunities=200).history()
    history.write_ocel(log)
    assert run("check", log).code == 2
    ran = run("check", log, "--objects", "opportunity", "--zone", "UTC")
    assert ran.code in {0, 1}, ran.err
    assert f"{history.cases.height}\N{NO-BREAK SPACE}cases" in ran.out
