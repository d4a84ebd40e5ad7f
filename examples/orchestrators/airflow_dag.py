"""The nightly Salesforce job in Airflow 3: put this file into the folder of DAGs."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from airflow.sdk import dag, task

DATA, RULES = Path("/var/lib/crmusage/salesforce"), Path("/etc/crmusage/usages")


@dag(
    schedule="0 3 * * *",
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    catchup=False,  # one run fetches all that happened since the last one
    max_active_runs=1,  # two runs would write the same state
)
def crm_usages() -> None:
    """What changed in Salesforce is fetched and judged; what is found goes into the log."""

    @task(
        retries=3,
        retry_delay=dt.timedelta(minutes=20),
        retry_exponential_backoff=True,
        execution_timeout=dt.timedelta(hours=3),
    )
    def judge() -> list[str]:
        from salesforce_nightly import job  # not at the top: Airflow reads this file again and again

        if job.main(["--data", str(DATA), "--rules", str(RULES), "--write-back"]) != 0:
            raise RuntimeError("Salesforce refused some findings: the log says which and why")
        report = json.loads((DATA / "report.json").read_text("utf-8"))
        return [
            f"{one['code']} {one['text']['en']}" for one in report["findings"] if one["severity"] == "high"
        ]

    @task
    def tell(lines: list[str]) -> None:
        for line in lines:
            print(line)  # your mail or chat stands here

    tell(judge())


crm_usages()
