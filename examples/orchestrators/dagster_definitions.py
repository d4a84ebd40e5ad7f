"""The nightly Dataverse job in Dagster: an asset that is made anew every night."""

import json
from pathlib import Path

import dagster as dg

DATA, RULES = Path("/var/lib/crmusage/dataverse"), Path("/etc/crmusage/usages")


@dg.asset(
    group_name="crm",
    retry_policy=dg.RetryPolicy(max_retries=3, delay=1200, backoff=dg.Backoff.EXPONENTIAL),
)
def usage_report() -> dg.MaterializeResult:
    """How the CRM is used, by what was fetched up to now."""
    from dataverse_nightly import job

    if job.main(["--data", str(DATA), "--rules", str(RULES), "--write-back"]) != 0:
        raise dg.Failure("Dataverse refused some findings: the log says which and why")
    report = json.loads((DATA / "report.json").read_text("utf-8"))
    return dg.MaterializeResult(
        metadata={
            "findings": len(report["findings"]),
            "high": sum(one["severity"] == "high" for one in report["findings"]),
            "page": dg.MetadataValue.path(str(DATA / "report.html")),
        }
    )


nightly = dg.define_asset_job("crm_usages", selection=[usage_report], tags={"dagster/max_runtime": 3 * 3600})

defs = dg.Definitions(
    assets=[usage_report],
    jobs=[nightly],
    schedules=[
        dg.ScheduleDefinition(job=nightly, cron_schedule="0 3 * * *", execution_timezone="Europe/Paris")
    ],
)
