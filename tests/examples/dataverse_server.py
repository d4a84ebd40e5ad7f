"""An organisation of Dataverse as far as its Web API shows it, and Entra ID's login, with what goes wrong on a bad night."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import attrs

from crmusage.adapters import dynamics

from .loopback import Answer, Asked

HOST, LOGIN = "acme.crm4.dynamics.com", "login.microsoftonline.com"
TENANT = "99999999-0000-4000-8000-000000000001"
SETS = {
    query.text.split("/")[1].partition("?")[0]: query.name
    for query in dynamics.queries()
    if "<" not in query.text
}


def fault(status: int, code: str, message: str, **headers: str) -> Answer:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer({"error": {"code": code, "message": message}}, status, told)


TOO_MANY = fault(
    429,
    "0x80072322",
    "Number of requests exceeded the limit of 6000 over time window of 300 seconds.",
    Retry_After="11",
)
BUSY = fault(503, "0x80072326", "The server is busy.")
EXPIRED = Answer("", 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'})


@attrs.define
class Organisation:
    tables: dict[str, list[dict[str, Any]]]
    page: int = 5000
    faults: list[Answer] = attrs.field(factory=list)
    """What the next questions are answered, before anything else is."""
    unknown: frozenset[str] = frozenset()
    """Columns, as audit.changedata, that are not there."""
    forbidden: frozenset[str] = frozenset()
    """Tables that the login may not read."""
    refuses_tasks: bool = False
    written: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    tokens: itertools.count[int] = attrs.field(factory=itertools.count)
    _token: str = ""

    def __call__(self, asked: Asked) -> Answer:
        if asked.host == LOGIN:
            return self._login(asked)
        assert asked.host == HOST
        if self.faults:
            told = self.faults.pop(0)
            self._token = "" if told is EXPIRED else self._token
            return told
        if asked.headers["Authorization"] != f"Bearer {self._token}":
            return EXPIRED
        if asked.path == "/api/data/v9.2/$batch":
            return self._batch(asked)
        assert asked.path.startswith("/api/data/v9.2/")
        assert asked.headers["OData-Version"] == "4.0"
        return self._query(asked)

    def _login(self, asked: Asked) -> Answer:
        root = f"https://{LOGIN}/{TENANT}"
        if asked.path.endswith("/.well-known/openid-configuration"):
            return Answer(
                {
                    "issuer": f"{root}/v2.0",
                    "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{root}/oauth2/v2.0/token",
                }
            )
        if asked.path == "/common/discovery/instance":
            aliases = [{"preferred_network": LOGIN, "preferred_cache": LOGIN, "aliases": [LOGIN]}]
            return Answer({"metadata": aliases})
        assert asked.path == f"/{TENANT}/oauth2/v2.0/token", asked.path
        if "client_secret=wrong" in asked.body:
            return Answer(
                {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."}, 401
            )
        self._token = f"eyJ{next(self.tokens)}"
        return Answer({"token_type": "Bearer", "expires_in": 3599, "access_token": self._token})

    def _query(self, asked: Asked) -> Answer:
        segment = asked.path.rpartition("/")[2]
        table = SETS[segment]
        if table in self.forbidden:
            told = f"Principal user (Id=1, type=8) is missing prvRead{table} privilege (Id=2) on OTC=4567"
            return fault(403, "0x80040220", told)
        if table not in self.tables and table != "calendarrule":
            return fault(404, "0x80060888", f"Resource not found for the segment '{segment}'.")
        columns = asked.query["$select"].split(",")
        for column in columns:
            if f"{table}.{column}" in self.unknown:
                told = f"Could not find a property named '{column}' on type 'Microsoft.Dynamics.CRM.{table}'."
                return fault(400, "0x80060888", told)
        if table == "calendarrule":
            rules = self.tables.get(table, [])
            return Answer({"value": [{"calendarid": "1", "calendar_calendar_rules": rules}]})
        since = re.search(r"(\w+) ge (\S+)", asked.query.get("$filter", ""))
        rows = [
            {"@odata.etag": 'W/"1"'} | {name: row.get(name) for name in columns}
            for row in self.tables[table]
            if since is None or row[since[1]] >= since[2]
        ]
        start = int(asked.query.get("$skiptoken", "0"))
        told = {"@odata.context": f"https://{HOST}/api/data/v9.2/$metadata#{segment}"}
        if start + self.page < len(rows):
            query = "&".join(f"{name}={value}" for name, value in asked.query.items() if name != "$skiptoken")
            told["@odata.nextLink"] = (
                f"https://{HOST}{asked.path}?{query}&$skiptoken={start + self.page}".replace(" ", "%20")
            )
        return Answer(told | {"value": rows[start : start + self.page]})

    def _batch(self, asked: Asked) -> Answer:
        assert asked.method == "POST"
        assert asked.headers["Content-Type"].startswith("multipart/mixed; boundary=")
        lines = []
        for part in re.split(r"--batch_\w+(?:--)?\r\n", asked.body)[1:-1]:
            path = re.search(r"PATCH /api/data/v9.2/tasks\((.+)\) HTTP/1.1", part)
            assert path is not None
            lines += [
                "--batchresponse_1",
                "Content-Type: application/http",
                "Content-Transfer-Encoding: binary",
                "",
            ]
            if self.refuses_tasks:
                told = {"error": {"code": "0x80040220", "message": "is missing prvCreateActivity privilege"}}
                lines += ["HTTP/1.1 403 Forbidden", "Content-Type: application/json", "", json.dumps(told)]
            else:
                self.written[path[1]] = json.loads(part.strip().rpartition("\r\n")[2])
                lines += ["HTTP/1.1 204 No Content", "OData-Version: 4.0", "", ""]
        body = "\r\n".join([*lines, "--batchresponse_1--", ""])
        return Answer(body, headers={"Content-Type": "multipart/mixed; boundary=batchresponse_1"})
