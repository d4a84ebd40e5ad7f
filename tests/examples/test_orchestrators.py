"""The snippets for Airflow and Dagster, with stand-ins for the few names that they use of these large packages."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from .loopback import EXAMPLES, example


class Job:
    """In the place of a nightly job: leaves a report, as the real one does."""

    def __init__(self, folder: Path, code: int = 0) -> None:
        self.folder, self.code = folder, code
        self.words: list[str] = []

    def main(self, words: list[str]) -> int:
        self.words = words
        findings = [
            {"code": "CU112", "severity": "high", "text": {"en": "Entered late."}},
            {"code": "CU101", "severity": "low", "text": {"en": "Round amounts."}},
        ]
        (self.folder / "report.json").write_text(json.dumps({"findings": findings}))
        return self.code


def module(name: str, **names: Any) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(names)
    return made


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """`dag` and `task` as decorators that note what they were given; tasks run when they are called."""
    seen: dict[str, Any] = {"tasks": {}, "runs": []}

    def dag(**options: Any) -> Callable[[Callable[[], None]], Callable[[], None]]:
        seen["dag"] = options

        def made(function: Callable[[], None]) -> Callable[[], None]:
            return lambda: seen["runs"].append(function)

        return made

    def task(function: Any = None, **options: Any) -> Any:
        if function is None:
            return lambda later: task(later, **options)
        seen["tasks"][function.__name__] = options
        return function

    monkeypatch.setitem(sys.modules, "airflow", module("airflow"))
    monkeypatch.setitem(sys.modules, "airflow.sdk", module("airflow.sdk", dag=dag, task=task))
    return seen


def test_airflow_reads_one_dag_and_nothing_heavy_with_it(airflow: dict[str, Any]):
    before = set(sys.modules)

    example("orchestrators/airflow_dag.py")

    assert len(airflow["runs"]) == 1
    assert airflow["dag"]["max_active_runs"] == 1
    assert airflow["dag"]["catchup"] is False
    assert {name for name in set(sys.modules) - before if not name.startswith("example_")} == set()


def test_the_tasks_of_airflow_run_the_job_and_tell_what_matters(
    airflow: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    job = Job(tmp_path)
    monkeypatch.setitem(sys.modules, "salesforce_nightly", module("salesforce_nightly", job=job))
    read = example("orchestrators/airflow_dag.py")
    monkeypatch.setattr(read, "DATA", tmp_path)

    airflow["runs"][0]()

    assert airflow["tasks"]["judge"]["retries"] == 3
    assert job.words[:2] == ["--data", str(tmp_path)]
    assert capsys.readouterr().out == "CU112 Entered late.\n"


def test_a_task_of_airflow_fails_when_findings_were_refused(
    airflow: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setitem(sys.modules, "salesforce_nightly", module("salesforce_nightly", job=Job(tmp_path, 1)))
    example("orchestrators/airflow_dag.py")

    with pytest.raises(RuntimeError, match="refused"):
        airflow["runs"][0]()


@pytest.fixture
def dagster(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The names of Dagster that the snippet uses: values that keep what they were given."""

    class Failure(Exception):  # noqa: N818 - so Dagster calls it
        pass

    def asset(**options: Any) -> Callable[[Any], Any]:
        return lambda function: function

    names = ("RetryPolicy", "MaterializeResult", "Definitions", "ScheduleDefinition")
    made = module(
        "dagster",
        asset=asset,
        Failure=Failure,
        Backoff=SimpleNamespace(EXPONENTIAL="exponential"),
        MetadataValue=SimpleNamespace(path=str),
        define_asset_job=lambda name, **options: SimpleNamespace(name=name, **options),
        **dict.fromkeys(names, SimpleNamespace),
    )
    monkeypatch.setitem(sys.modules, "dagster", made)
    return made


def test_dagster_reads_an_asset_and_its_schedule(dagster: ModuleType):
    read = example("orchestrators/dagster_definitions.py")

    assert read.defs.assets == [read.usage_report]
    (schedule,) = read.defs.schedules
    assert read.nightly.selection == [read.usage_report]
    assert (schedule.job, schedule.cron_schedule) == (read.nightly, "0 3 * * *")


def test_the_asset_of_dagster_runs_the_job_and_tells_its_figures(
    dagster: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setitem(sys.modules, "dataverse_nightly", module("dataverse_nightly", job=Job(tmp_path)))
    read = example("orchestrators/dagster_definitions.py")
    monkeypatch.setattr(read, "DATA", tmp_path)

    told = read.usage_report().metadata

    assert told == {"findings": 2, "high": 1, "page": str(tmp_path / "report.html")}


def test_the_asset_of_dagster_fails_when_findings_were_refused(
    dagster: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setitem(sys.modules, "dataverse_nightly", module("dataverse_nightly", job=Job(tmp_path, 1)))
    read = example("orchestrators/dagster_definitions.py")

    with pytest.raises(dagster.Failure, match="refused"):
        read.usage_report()


@pytest.mark.parametrize("crm", ["salesforce", "dataverse"])
def test_the_jobs_are_where_the_snippets_import_them_from(crm: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    name = f"{crm}_nightly.job"
    try:
        assert callable(importlib.import_module(name).main)
    finally:
        del sys.modules[name]
