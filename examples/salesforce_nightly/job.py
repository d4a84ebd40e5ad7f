"""Every night: fetch what changed in Salesforce, judge all that was ever fetched, and leave a report.

    SALESFORCE_DOMAIN=acme.my SALESFORCE_CLIENT_ID=… SALESFORCE_CLIENT_SECRET=… python job.py --rules usages

The README beside this file says what has to be set up in Salesforce, and what is where in the folder of data.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import re
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import polars as pl
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest

import crmusage as cu
from crmusage.adapters import salesforce

API = "60.0"
STAMPS = ("SystemModstamp", "CreatedDate", "LoginTime")
"""The fields by which `salesforce.queries(since=…)` cuts, in the order in which it prefers them."""
OVERLAP = dt.timedelta(hours=1)
"""Asked for once more: a long transaction is seen late with an early stamp. Rows that come twice do no harm."""
TRIES, LONGEST, TIMEOUT = 6, 300, 120
"""Times to ask, seconds to wait at most, seconds after which silence is an error. Guessed."""
FINDINGS = "Usage_Finding__c"
COLUMNS = {
    "code": "Code__c",
    "unit": "Unit__c",
    "subject": "Subject__c",
    "body": "Text__c",
    "severity": "Severity__c",
}


class Polite(requests.Session):
    """Asks again when Salesforce says "not now", after the time that it asks for, and not for ever."""

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        options.setdefault("timeout", TIMEOUT)
        for turn in range(TRIES):
            answer = super().request(method, url, **options)
            wait = wanted_wait(answer, turn)
            if wait is None or wait > LONGEST or turn == TRIES - 1:
                break
            time.sleep(wait + random.uniform(0, 1 + wait / 4))  # noqa: S311 - so that jobs do not come back all at once
        return answer


def wanted_wait(answer: requests.Response, turn: int) -> float | None:
    """Seconds after which asking again makes sense; None: the answer is what it is."""
    if answer.status_code == 403:
        # The day's allowance comes back in hours. Tomorrow's run takes up where this one ends.
        again = "REQUEST_LIMIT_EXCEEDED" in answer.text and "TotalRequests" not in answer.text
    else:
        again = answer.status_code in {429, 503}
    if not again:
        return None
    told = answer.headers.get("Retry-After", "")
    return float(told) if told.isdigit() else float(2**turn)


def login(secrets: Mapping[str, str], session: requests.Session) -> Salesforce:
    """By OAuth's client credentials. When the session expires, simple-salesforce logs in again by itself."""
    return Salesforce(
        consumer_key=secrets["SALESFORCE_CLIENT_ID"],
        consumer_secret=secrets["SALESFORCE_CLIENT_SECRET"],
        domain=secrets["SALESFORCE_DOMAIN"],
        version=API,
        session=session,
    )


def rows_of(org: Salesforce, soql: str, lacking: set[str]) -> list[dict[str, Any]] | None:
    """The answer, without the fields that this login may not read; None: it may not read the table at all."""
    table = re.search(r" FROM (\w+)", soql)[1]  # type: ignore[index] - every query has one
    while True:
        try:
            return org.query_all(soql, include_deleted=True)["records"]
        except SalesforceMalformedRequest as error:
            told = error.content[0]
            field = re.search(r"No such column '(\w+)'", told["message"])
            if told["errorCode"] == "INVALID_TYPE":
                lacking.add(table)
                return None
            fewer = "" if field is None else re.sub(rf", {field[1]}\b", "", soql, count=1)
            if field is None or fewer == soql:
                raise
            lacking.add(f"{table}.{field[1]}")
            soql = fewer


def fetch(org: Salesforce, data: Path, mapping: salesforce.Mapping) -> dict[str, Any]:
    """A slice of what changed, written to disk; then the state, so that a run that fails is simply run again."""
    file = data / "state.json"
    state = json.loads(file.read_text("utf-8")) if file.exists() else {"last": {}, "lacking": []}
    lacking = set(state["lacking"])
    part = data / "slices" / f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S%fZ}.part"
    part.mkdir(parents=True)
    for name, soql in questions(state["last"], mapping):
        if name not in state["last"]:  # all of it is asked for: what was lacking may come now
            lacking = {one for one in lacking if one.partition(".")[0] != name}
        rows = rows_of(org, soql, lacking)
        if rows is None:
            continue
        (part / f"{name}.json").write_text(json.dumps(rows), "utf-8")
        if stamps := [max(told) for one in STAMPS if (told := [row[one] for row in rows if row.get(one)])]:
            state["last"][name] = stamps[0]
    part.rename(part.with_suffix(""))
    state["lacking"] = sorted(lacking)
    replace(file, json.dumps(state, indent=1))
    return state


def questions(last: Mapping[str, str], mapping: salesforce.Mapping) -> Iterator[tuple[str, str]]:
    for query in salesforce.queries(API, custom=mapping):
        if query.name not in last:
            yield query.name, query.text
            continue
        since = dt.datetime.fromisoformat(last[query.name]) - OVERLAP
        later = {one.name: one.text for one in salesforce.queries(API, since=since, custom=mapping)}
        yield query.name, later[query.name]


def history_of(data: Path, lacking: list[str], mapping: salesforce.Mapping, secret: str | None) -> cu.History:
    """All slices as one history, which says what could not be seen."""
    tables: dict[str, list[Path]] = {}
    for file in sorted((data / "slices").glob("*Z/*.json")):
        tables.setdefault(file.stem, []).append(file)
    history = salesforce.read(tables, mapping=mapping).history(pseudonymise=secret)
    parts = [one.partition(".") for one in lacking]
    rows = [{"entity": table, "field": field or None, "complete": False} for table, _, field in parts]
    coverage = pl.concat([history.coverage, pl.DataFrame(rows, schema=history.coverage.schema)])
    notes = [
        cu.Text(f"{one}: this login may not read it.", f"{one} : ce compte n'a pas le droit de le lire.")
        for one in lacking
    ]
    return attrs.evolve(history, coverage=coverage, notes=(*history.notes, *notes))


def write_back(org: Salesforce, report: cu.Report, lang: str) -> list[str]:
    """Findings as rows of an object of your own: a second run updates them. Returns what Salesforce refused."""
    rows = salesforce.records(report.findings, table=FINDINGS, columns=COLUMNS, lang=lang)
    refused = []
    for request in salesforce.upserts(rows, api=API):
        path = request.path.removeprefix(f"/services/data/v{API}/")
        answers = org.restful(path, method=request.method, data=request.body.encode()) or []
        refused += [str(one["errors"]) for one in answers if not one["success"]]
    return refused


def replace(file: Path, text: str) -> None:
    """Write a file so that nobody ever sees half of it."""
    part = file.with_name(file.name + ".part")
    part.write_text(text, "utf-8")
    part.replace(file)


def main(
    words: list[str], secrets: Mapping[str, str] = os.environ, session: requests.Session | None = None
) -> int:
    """Returns 0, or 1 when Salesforce refused some findings. Everything else that goes wrong is an exception."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, default=Path("salesforce"), help="what is kept from run to run")
    asked.add_argument("--rules", type=Path, help="a folder of usages")
    asked.add_argument("--mapping", type=Path, help="what only you know of your org, as TOML")
    asked.add_argument("--write-back", action="store_true", help=f"upsert the findings as {FINDINGS}")
    asked.add_argument("--lang", choices=("en", "fr"), default="en")
    told = asked.parse_args(words)
    told.data.mkdir(0o700, parents=True, exist_ok=True)  # names are in there: only this account reads them
    mapping = salesforce.Mapping.load(told.mapping) if told.mapping else salesforce.Mapping()
    with session or Polite() as door:
        org = login(secrets, door)
        state = fetch(org, told.data, mapping)
        history = history_of(told.data, state["lacking"], mapping, secrets.get("CRMUSAGE_SECRET"))
        report = cu.verify(history, cu.Rulebook.load(told.rules) if told.rules else cu.Rulebook())
        replace(told.data / "report.json", report.to_json())
        report.to_html(told.data / "report.html", lang=told.lang)
        refused = write_back(org, report, told.lang) if told.write_back else []
    print(f"{len(report.findings)} findings, report in {told.data / 'report.html'}")
    for one in refused:
        print(f"not written back: {one}", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
