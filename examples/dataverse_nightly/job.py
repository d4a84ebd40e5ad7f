"""Every night: fetch what changed in Dataverse, judge all that was ever fetched, and leave a report.

    DATAVERSE_URL=https://acme.crm4.dynamics.com DATAVERSE_TENANT=… … python job.py --rules usages

The README beside this file says what has to be set up in Dataverse, and what is where in the folder of data.
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
import msal
import polars as pl
import requests

import crmusage as cu
from crmusage.adapters import dynamics

API = "9.2"
OVERLAP = dt.timedelta(hours=1)
"""Asked for once more: a long transaction is seen late with an early time. Rows that come twice do no harm."""
TRIES, LONGEST, TIMEOUT = 6, 300, 120
"""Times to ask, seconds to wait at most, seconds after which silence is an error. Guessed."""
RULES = "calendar_calendar_rules"
"""Where the answer on calendars has their rules."""


class Dataverse:
    """An organisation's Web API: logs in, waits when it is told to, and does neither for ever."""

    def __init__(self, secrets: Mapping[str, str], session: requests.Session) -> None:
        self.url, self.session = secrets["DATAVERSE_URL"].rstrip("/"), session
        self.app = msal.ConfidentialClientApplication(
            secrets["DATAVERSE_CLIENT_ID"],
            client_credential=secrets["DATAVERSE_CLIENT_SECRET"],
            authority=f"https://login.microsoftonline.com/{secrets['DATAVERSE_TENANT']}",
            http_client=session,
        )

    def token(self) -> str:
        """From msal's memory while it is valid, else a new one."""
        told = self.app.acquire_token_for_client(scopes=[f"{self.url}/.default"])
        if "access_token" not in told:
            raise PermissionError(f"Entra ID refuses the login: {told.get('error_description', told)}")
        return str(told["access_token"])

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """One request; `path` is below the organisation, or an address of it as its answers give them."""
        headers, url = options.pop("headers", {}), path if path.startswith("https:") else self.url + path
        if not url.startswith(f"{self.url}/"):
            raise ValueError(f"{url} is not of {self.url}: the token is not for it")
        for turn in range(TRIES):
            head = {**headers, "Authorization": f"Bearer {self.token()}"}
            answer = self.session.request(method, url, headers=head, timeout=TIMEOUT, **options)
            if answer.status_code == 401 and turn == 0:
                self.app.remove_tokens_for_client()
                continue
            wait = wanted_wait(answer, turn)
            if wait is None or wait > LONGEST or turn == TRIES - 1:
                break
            time.sleep(wait + random.uniform(0, 1 + wait / 4))  # noqa: S311 - so that jobs do not come back all at once
        return answer


def wanted_wait(answer: requests.Response, turn: int) -> float | None:
    """Seconds after which asking again makes sense; None: the answer is what it is."""
    if answer.status_code not in {429, 502, 503, 504}:
        return None
    told = answer.headers.get("Retry-After", "")
    return float(told) if told.isdigit() else float(2**turn)


def rows_of(org: Dataverse, query: dynamics.Query, lacking: set[str]) -> list[dict[str, Any]] | None:
    """All pages of an answer, without the columns that are not there for this login; None: nor is the table."""
    rows: list[dict[str, Any]] = []
    path: str | None = f"/api/data/{query.text}"
    while path is not None:
        answer = org.send("GET", path, headers=dict(query.headers))
        if answer.ok:
            page = answer.json()
            rows += page["value"]
            path = page.get("@odata.nextLink")
            continue
        told = answer.text
        column = re.search(r"Could not find a property named '(\w+)'", told)
        if re.search(r"is missing prv\w+ privilege|Resource not found for the segment", told):
            lacking.add(query.name)
            return None
        fewer = path if column is None else re.sub(rf"(?<=[=,]){column[1]}(,|(?=&|$))", "", path, count=1)
        if column is None or fewer == path:
            raise requests.HTTPError(f"{answer.status_code} for {query.name}: {told[:500]}", response=answer)
        lacking.add(f"{query.name}.{column[1]}")
        path = fewer.replace(",&", "&").rstrip(",")
    return [rule for one in rows for rule in one[RULES]] if query.name == "calendarrule" else rows


def fetch(org: Dataverse, data: Path, mapping: dynamics.Mapping) -> dict[str, Any]:
    """A slice of what changed, written to disk; then the state, so that a run that fails is simply run again."""
    file = data / "state.json"
    state = json.loads(file.read_text("utf-8")) if file.exists() else {"last": {}, "lacking": []}
    lacking = set(state["lacking"])
    part = data / "slices" / f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S%fZ}.part"
    part.mkdir(parents=True)
    for query in questions(state["last"], mapping):
        if query.name not in state["last"]:  # all of it is asked for: what was lacking may come now
            lacking = {one for one in lacking if one.partition(".")[0] != query.name}
        rows = rows_of(org, query, lacking)
        if rows is None:
            continue
        (part / f"{query.name}.json").write_text(json.dumps(rows), "utf-8")
        stamp = "createdon" if query.name == "audit" else "modifiedon"
        if stamps := [one[stamp] for one in rows if one.get(stamp)]:
            state["last"][query.name] = max(stamps)
    part.rename(part.with_suffix(""))
    state["lacking"] = sorted(lacking)
    replace(file, json.dumps(state, indent=1))
    return state


def questions(last: Mapping[str, str], mapping: dynamics.Mapping) -> Iterator[dynamics.Query]:
    for query in dynamics.queries(API, custom=mapping):
        if query.name == "activitypointer" or "<" in query.text:
            continue  # what other tables hold as well, and what is asked about one record
        since = dt.datetime.fromisoformat(last[query.name]) - OVERLAP if query.name in last else None
        later = dynamics.queries(API, since=since, custom=mapping)
        yield next(one for one in later if one.name == query.name)


def history_of(data: Path, lacking: list[str], mapping: dynamics.Mapping, secret: str | None) -> cu.History:
    """All slices as one history, which says what could not be seen."""
    tables: dict[str, list[Path]] = {}
    for file in sorted((data / "slices").glob("*Z/*.json")):
        tables.setdefault(file.stem, []).append(file)
    history = dynamics.read(tables, mapping=mapping).history(pseudonymise=secret)
    parts = [one.partition(".") for one in lacking]
    rows = [{"entity": table, "field": column or None, "complete": False} for table, _, column in parts]
    coverage = pl.concat([history.coverage, pl.DataFrame(rows, schema=history.coverage.schema)])
    said = ("not there for this login.", "absent pour ce compte.")
    notes = [cu.Text(f"{one}: {said[0]}", f"{one} : {said[1]}") for one in lacking]
    return attrs.evolve(history, coverage=coverage, notes=(*history.notes, *notes))


def write_back(org: Dataverse, report: cu.Report, lang: str) -> list[str]:
    """Findings as tasks: a second run updates them. Returns what Dataverse refused."""
    refused = []
    for batch in dynamics.upserts(dynamics.tasks(report.findings, lang=lang), api=API):
        answer = org.send(batch.method, batch.path, headers=dict(batch.headers), data=batch.body.encode())
        answer.raise_for_status()
        refused += re.findall(r"^HTTP/1\.1 [45].*?(?=^--|\Z)", answer.text, re.DOTALL | re.MULTILINE)
    return refused


def replace(file: Path, text: str) -> None:
    """Write a file so that nobody ever sees half of it."""
    part = file.with_name(file.name + ".part")
    part.write_text(text, "utf-8")
    part.replace(file)


def main(
    words: list[str], secrets: Mapping[str, str] = os.environ, session: requests.Session | None = None
) -> int:
    """Returns 0, or 1 when Dataverse refused some findings. Everything else that goes wrong is an exception."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, default=Path("dataverse"), help="what is kept from run to run")
    asked.add_argument("--rules", type=Path, help="a folder of usages")
    asked.add_argument("--mapping", type=Path, help="what only you know of your organisation, as TOML")
    asked.add_argument("--write-back", action="store_true", help="upsert the findings as tasks")
    asked.add_argument("--lang", choices=("en", "fr"), default="en")
    told = asked.parse_args(words)
    told.data.mkdir(0o700, parents=True, exist_ok=True)  # names are in there: only this account reads them
    mapping = dynamics.Mapping.load(told.mapping) if told.mapping else dynamics.Mapping()
    with session or requests.Session() as door:
        org = Dataverse(secrets, door)
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
