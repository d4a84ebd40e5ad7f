"""What misleads in Odoo's tables, one test each."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from crmusage.adapters import odoo
from crmusage.errors import ContractError
from crmusage.history import History
from crmusage.testing import check_adapter

from .odoo_database import database, lead, message, tracked


def made() -> History:
    return odoo.read(database()).history()


def told(history: History, case: str) -> list[tuple[str, str | None]]:
    events = history.events.filter(pl.col("case_id") == case)
    return list(events.select("activity", "actor").rows())


def test_odoo_keeps_the_contract_of_adapters() -> None:
    check_adapter(odoo, database())


def test_a_lead_and_a_ticket_of_one_number_are_two_cases() -> None:
    assert made().cases["case_id"].to_list() == ["crm.lead,7", "crm.lead,8", "helpdesk.ticket,7"]


def test_what_happened_is_told_by_tracked_fields_messages_and_the_calendar() -> None:
    assert told(made(), "crm.lead,7") == [
        ("created", "res.users,2"), ("call", "res.users,2"), ("email", "res.users,2"), ("email", None),
        ("stage_changed", "res.users,2"), ("close_date_changed", "res.users,2"), ("meeting", "res.users,2"),
        ("owner_changed", "res.users,2"), ("stage_changed", "res.users,3"), ("won", "res.users,3"),
    ]  # fmt: skip


def test_an_author_is_a_contact_and_a_customer_is_no_user() -> None:
    mails = made().events.filter(pl.col("activity") == "email")
    assert mails["actor"].to_list() == ["res.users,2", None]


def test_a_note_that_only_colleagues_see_is_no_mail() -> None:
    assert made().events.filter(pl.col("activity") == "email").height == 2


def test_lost_is_archived_with_a_reason_and_archived_alone_is_put_away() -> None:
    tables = database()
    tables["crm.lead"].append(lead(id=9, active=False))
    put_away = odoo.read(tables).history().cases.filter(pl.col("kind") == "opportunity")
    assert put_away.select("outcome", "is_deleted").rows() == [("won", False), ("lost", False), (None, True)]


def test_without_any_archived_lead_it_is_said_that_lost_ones_may_be_hidden() -> None:
    tables = database() | {"crm.lead": database()["crm.lead"][:1]}
    history = odoo.read(tables).history()
    assert any("active_test" in note.en for note in history.notes)
    assert ("events", "lost", False) in history.coverage.select("entity", "field", "complete").rows()


def test_false_is_nothing_but_in_fields_that_are_true_or_false() -> None:
    history = made()
    assert history.set_aside == ()
    assert history.cases["closed_at"].null_count() == 0
    assert history.cases.filter(pl.col("case_id") == "helpdesk.ticket,7")["owner"].to_list() == [None]
    assert history.people["time_zone"].to_list() == [None, "Europe/Paris", None]


def test_times_are_utc_though_they_do_not_say_so() -> None:
    assert made().cases["created_at"][0] == dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def test_three_stars_are_the_first_priority() -> None:
    history = made()
    ranks = dict(history.cases.select("case_id", "priority_rank").rows())
    assert ranks["helpdesk.ticket,7"] == 1
    assert ranks["crm.lead,7"] == 3


def test_tracked_fields_go_by_their_ids_and_without_them_by_english_labels() -> None:
    tables = database()
    tables["mail.tracking.value"] = [
        row | {"field_id": [row["field_id"][0], "Étape (crm.lead)"]} for row in tables["mail.tracking.value"]
    ]
    assert made().events.height == odoo.read(tables).history().events.height
    del tables["ir.model.fields"]
    lost = odoo.read(tables).history()
    assert "stage_changed" not in lost.events["activity"].to_list()
    assert any("6 tracked changes do not tell of which field" in note.en for note in lost.notes)
    english = database()
    del english["ir.model.fields"]
    assert odoo.read(english).history().events.height == made().events.height


def test_a_lead_that_comes_back_from_the_archive_is_reopened() -> None:
    tables = database()
    tables["mail.message"].append(message(10, "2026-03-11 09:00:00", res_id=8))
    tables["mail.tracking.value"].append(
        tracked(7, 10, (14, "Active (crm.lead)"), old_value_integer=0, new_value_integer=1)
    )
    tables["crm.lead"][1] |= {"active": True, "probability": 20.0, "lost_reason_id": False}
    history = odoo.read(tables).history()
    assert [name for name, _ in told(history, "crm.lead,8")] == ["created", "lost", "reopened"]
    again = history.cases.filter(pl.col("case_id") == "crm.lead,8")
    assert again.select("outcome", "closed_at").rows() == [(None, None)]


def test_a_name_of_a_person_is_no_attribute_and_that_of_a_source_is() -> None:
    tables = database()
    tables["crm.lead"] = [
        row | {"source_id": [3, "Salon d'été"], "x_expert": [3, "Bob Birch"]} for row in tables["crm.lead"]
    ]
    cases = odoo.read(tables).history().cases
    assert cases["source_id"].drop_nulls().to_list() == ["Salon d'été"] * 2
    assert "Birch" not in str(cases.to_dicts())


def test_the_system_is_no_colleague() -> None:
    assert dict(made().people.select("person_id", "is_human").rows()) == {
        "res.users,1": False,
        "res.users,2": True,
        "res.users,3": True,
    }


def test_names_in_all_languages_are_read_in_one() -> None:
    stages = [
        row | {"name": f'{{"fr_FR": "Étape {row["id"]}", "en_US": "{row["name"]}"}}'}
        for row in database()["crm.stage"]
    ]
    history = odoo.read(database() | {"crm.stage": stages}).history()
    assert history.cases["stage"].to_list()[:2] == ["Won", "New"]


def test_without_messages_nothing_that_changed_is_said_to_be_seen() -> None:
    history = odoo.read({"crm.lead": database()["crm.lead"]}).history()
    assert ("events", None, False) in history.coverage.select("entity", "field", "complete").rows()


def test_tables_of_something_else_are_refused() -> None:
    with pytest.raises(ContractError, match="in no dialect of Odoo"):
        odoo.read({"crm.lead": [{"id": 1}]})
