from __future__ import annotations

import datetime as dt
import json
import uuid

import pytest

from crmusage.adapters import dynamics
from crmusage.errors import ContractError
from crmusage.model import Finding, Kind, Measure, Scope, Severity, Text
from crmusage.rules import Notice, Why

ANN = "10000000-0000-4000-8000-000000000001"


def finding(value: float = 0.5, severity: Severity = Severity.HIGH, unit: str = "North") -> Finding:
    return Finding(
        "CU112", "late-creation", Kind.PARASITIC, severity, Scope(unit), Measure("late_creation", value, 5, 10),
        Text(en=f"Half of them <b>late</b> ({value}).", fr=f"La moitié en retard ({value})."),
    )  # fmt: skip


def notice(to: str = ANN) -> Notice:
    return Notice(
        rule="alternative-offers", version=3, to=to, why=Why.NEW, title=Text(en="Two offers", fr="Deux offres"),
        reason=Text(en="It is new.", fr="C'est nouveau."), guidance=None, request=Text(en="Please read.", fr="À lire."),
        due=dt.date(2026, 5, 1),
    )  # fmt: skip


def test_a_second_run_with_other_figures_writes_the_same_rows_again() -> None:
    one, other = dynamics.tasks([finding(0.5)]), dynamics.tasks([finding(0.6)])
    assert [record.external_id for record in one] == [record.external_id for record in other]
    assert one[0].fields["description"] != other[0].fields["description"]
    assert dynamics.tasks([finding(unit="South")])[0].external_id != one[0].external_id


def test_the_id_of_a_task_is_a_guid() -> None:
    for record in dynamics.tasks([finding(), notice()]):
        assert uuid.UUID(record.external_id).hex == record.external_id


@pytest.mark.parametrize(("severity", "code"), [(Severity.HIGH, 2), (Severity.MEDIUM, 1), (Severity.LOW, 0)])
def test_a_grave_finding_is_a_task_of_high_priority_which_is_2(severity: Severity, code: int) -> None:
    assert dynamics.tasks([finding(severity=severity)])[0].fields["prioritycode"] == code


def test_a_notice_goes_to_its_person_and_a_finding_to_who_owns_the_unit() -> None:
    told, found = dynamics.tasks([notice(), finding()], owners={"North": ANN.upper()})
    assert told.fields["ownerid@odata.bind"] == found.fields["ownerid@odata.bind"] == f"/systemusers({ANN})"
    assert told.fields["scheduledend"] == "2026-05-01T12:00:00Z"
    assert "ownerid@odata.bind" not in dynamics.tasks([finding()])[0].fields


def test_a_pseudonym_cannot_be_written_back() -> None:
    with pytest.raises(ContractError, match="no id of a user"):
        dynamics.tasks([notice(to="a1b2c3")])


def test_whoever_took_over_an_account_is_written_to_by_that_account() -> None:
    assert dynamics.tasks([notice(to=f"{ANN}/2")])[0].fields["ownerid@odata.bind"] == f"/systemusers({ANN})"


def test_a_task_that_was_completed_is_not_opened_again() -> None:
    assert not {"statecode", "statuscode"} & set(dynamics.tasks([finding()])[0].fields)


def test_texts_are_plain_and_fit_their_columns() -> None:
    (record,) = dynamics.tasks([finding(unit="N" * 300)])
    assert len(record.fields["subject"]) <= 200
    assert "<b>" not in record.fields["description"]


def requests(batch: dynamics.Upsert) -> list[tuple[str, dict[str, object]]]:
    boundary = batch.content_type.partition('boundary="')[2].rstrip('"')
    first, *parts, last = batch.body.split(f"--{boundary}")
    assert (first, last) == ("", "--\r\n")
    found = []
    for part in parts:
        outer, inner, body = part.strip("\r\n").split("\r\n\r\n")
        assert outer.split("\r\n") == ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
        found.append((inner.split("\r\n")[0], json.loads(body)))
    return found


def test_a_batch_upserts_by_guid() -> None:
    rows = dynamics.tasks([finding(), notice()])
    (batch,) = dynamics.upserts(rows)
    lines = requests(batch)
    assert [line for line, _ in lines] == [
        f"PATCH /api/data/v9.2/tasks({uuid.UUID(row.external_id)}) HTTP/1.1" for row in rows
    ]
    assert [body["subject"] for _, body in lines] == [row.fields["subject"] for row in rows]
    assert "If-Match" not in batch.body
    assert batch.headers["Content-Type"] == batch.content_type
    assert (batch.method, batch.path) == ("POST", "/api/data/v9.2/$batch")
    assert dynamics.upserts(rows) == (batch,)


def test_rows_of_a_table_of_ones_own_are_written_by_their_alternate_key() -> None:
    columns = {"code": "new_code", "unit": "new_unit", "body": "new_text", "severity": "new_severity"}
    rows = dynamics.records([finding(), notice()], table="new_usagefinding", columns=columns)
    (batch,) = dynamics.upserts(
        rows, keys={"new_usagefinding": "new_key"}, sets={"new_usagefinding": "new_usagefindings"}
    )
    line, body = requests(batch)[0]
    assert line == f"PATCH /api/data/v9.2/new_usagefindings(new_key='{rows[0].external_id}') HTTP/1.1"
    assert set(body) == set(columns.values())
    assert (body["new_code"], body["new_unit"], body["new_severity"]) == ("CU112", "North", "high")


def test_names_that_are_none_are_refused() -> None:
    with pytest.raises(ContractError, match="is no logical name"):
        dynamics.records([finding()], table="x'y", columns={})
    with pytest.raises(ContractError, match="nothing called 'person'"):
        dynamics.records([finding()], table="new_x", columns={"person": "new_person"})
    with pytest.raises(ContractError, match="is no logical name"):
        dynamics.upserts(dynamics.tasks([finding()]), keys={"task": "a')/x"})


def test_more_than_a_thousand_rows_are_several_batches() -> None:
    rows = dynamics.tasks([finding(unit=f"u{number}") for number in range(1001)])
    assert [len(requests(batch)) for batch in dynamics.upserts(rows)] == [1000, 1]


def test_the_same_finding_told_twice_is_one_row() -> None:
    assert len(dynamics.tasks([finding(0.5), finding(0.6)])) == 1


def test_tasks_speak_french_when_asked_to() -> None:
    assert "La moitié" in dynamics.tasks([finding()], lang="fr")[0].fields["description"]
