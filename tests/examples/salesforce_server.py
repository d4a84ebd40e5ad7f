"""An org of Salesforce as far as its REST API shows it, with the faults that it has on a bad night."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import attrs

from .loopback import Answer, Asked

HOST = "acme.my.salesforce.com"
SOQL = re.compile(r"SELECT (.+) FROM (\w+)(?: WHERE .*?(\w+) >= (\S+)$)?")

NOT_NOW = Answer("<html>Service Unavailable</html>", 503, {"Retry-After": "7"})
TOO_MANY_AT_ONCE = Answer(
    [{"message": "ConcurrentPerOrgLongTxn Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}], 403
)
TOO_MANY_TODAY = Answer(
    [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}], 403
)
EXPIRED = Answer([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}], 401)


@attrs.define
class Org:
    tables: dict[str, list[dict[str, Any]]]
    page: int = 2000
    faults: list[Answer] = attrs.field(factory=list)
    """What the next questions are answered, before anything else is."""
    hidden: frozenset[str] = frozenset()
    """Fields, as Opportunity.NextStep, that the login may not read."""
    refused: frozenset[str] = frozenset()
    """Fields that may not be written."""
    written: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    tokens: itertools.count[int] = attrs.field(factory=itertools.count)
    _token: str = ""
    _cursors: dict[str, list[dict[str, Any]]] = attrs.field(factory=dict)

    def __call__(self, asked: Asked) -> Answer:
        assert asked.host == HOST
        if asked.path == "/services/oauth2/token":
            return self._login(asked)
        if self.faults:
            fault = self.faults.pop(0)
            self._token = "" if fault is EXPIRED else self._token
            return fault
        if asked.headers["Authorization"] != f"Bearer {self._token}":
            return EXPIRED
        if asked.path.startswith("/services/data/v60.0/composite/sobjects/"):
            return self._upsert(asked)
        assert asked.path.startswith("/services/data/v60.0/query")
        if asked.query:
            return self._query(asked.query["q"])
        return self._rows(self._cursors.pop(asked.path), asked.path)

    def _login(self, asked: Asked) -> Answer:
        assert asked.body == "grant_type=client_credentials"
        assert asked.headers["Authorization"].startswith("Basic ")
        self._token = f"00D!{next(self.tokens)}"
        return Answer(
            {"access_token": self._token, "instance_url": f"https://{HOST}", "token_type": "Bearer"}
        )

    def _query(self, soql: str) -> Answer:
        asked = SOQL.match(soql)
        assert asked is not None, soql
        fields, table, by, since = asked.groups()
        if table not in self.tables:
            return Answer(
                [{"message": f"sObject type '{table}' is not supported.", "errorCode": "INVALID_TYPE"}], 400
            )
        for field in fields.split(", "):
            if f"{table}.{field}" in self.hidden:
                told = f"\nSELECT {fields} FROM {table}\n ^\nERROR at Row:1:Column:8\nNo such column '{field}' on entity"
                return Answer([{"message": f"{told} '{table}'.", "errorCode": "INVALID_FIELD"}], 400)
        rows = [
            {
                "attributes": {
                    "type": table,
                    "url": f"/services/data/v60.0/sobjects/{table}/{row.get('Id')}",
                },
                **{field: row.get(field) for field in fields.split(", ")},
            }
            for row in self.tables[table]
            if by is None or row[by][:19] >= since[:19]
        ]
        return self._rows(rows, f"/services/data/v60.0/query/01g{table}-0")

    def _rows(self, rows: list[dict[str, Any]], path: str) -> Answer:
        told: dict[str, Any] = {"totalSize": len(rows), "done": True, "records": rows[: self.page]}
        if len(rows) > self.page:
            before, _, place = path.rpartition("-")
            told |= {"done": False, "nextRecordsUrl": f"{before}-{int(place) + self.page}"}
            self._cursors[told["nextRecordsUrl"]] = rows[self.page :]
        return Answer(told)

    def _upsert(self, asked: Asked) -> Answer:
        assert asked.method == "PATCH"
        key = asked.path.rpartition("/")[2]
        told = []
        for row in json.loads(asked.body)["records"]:
            bad = sorted(self.refused & set(row))
            created = row[key] not in self.written
            if bad:
                error = {"statusCode": "INVALID_FIELD_FOR_INSERT_UPDATE", "message": bad[0], "fields": bad}
                told.append({"success": False, "errors": [error]})
            else:
                self.written[row[key]] = row
                told.append({"id": "a00", "success": True, "errors": [], "created": created})
        return Answer(told)
