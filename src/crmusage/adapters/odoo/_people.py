"""Users, the teams they sell in, and the contacts under whose names they write."""

from __future__ import annotations

import attrs
import polars as pl

from crmusage.adapters._core import Job
from crmusage.adapters.odoo._cells import ids, names
from crmusage.model import Text

USER = "res.users"
BUILT_IN = ("__system__", "public", "default", "portaltemplate")
"""Logins with which Odoo itself works."""

PERSONAL = Text(en="tells who a person is; the id is enough", fr="désigne la personne ; l'identifiant suffit")


@attrs.frozen(eq=False)
class People:
    """Who writes under which contact, and in which team each works."""

    of_contact: pl.DataFrame
    """Columns contact, person."""
    units: pl.DataFrame
    """Columns person, unit."""

    def author(self, contact: pl.Series) -> pl.Series:
        """The user who writes as a contact; missing for customers."""
        return _looked_up(contact, self.of_contact, "contact", "person")

    def unit(self, person: pl.Series) -> pl.Series:
        """The team of each person."""
        return _looked_up(person, self.units, "person", "unit")


def _looked_up(keys: pl.Series, table: pl.DataFrame, key: str, value: str) -> pl.Series:
    return keys.replace_strict(table[key], table[value], default=None, return_dtype=pl.String)


def named(job: Job, model: str, keys: pl.Series, beside: pl.Series, to: str = "cases.stage") -> pl.Series:
    """What records of a model are called: by its own table, else by the names beside their ids, else by their ids."""
    table = job.table(model)
    known = pl.DataFrame({"id": table.id("id"), "name": table.text("name", to)})
    known = known.drop_nulls().sort("id", "name").unique("id", keep="last")
    found = keys.replace_strict(known["id"], known["name"], default=None, return_dtype=pl.String)
    rows = pl.DataFrame({"found": found, "beside": beside, "id": keys})
    return rows.select(pl.coalesce("found", "beside", "id").alias("name")).to_series()


def read_people(job: Job) -> People:
    """Put the colleagues, and keep who writes under which contact."""
    users = job.table(USER)
    person = ids(USER, users.id("id", "people.person_id"))
    if not users.came:
        job.cover("people", complete=False)
        job.note(
            "The model res.users did not come: who wrote messages and made changes is not known.",
            "Le modèle res.users n'a pas été fourni : on ne sait pas qui a écrit et modifié.",
        )
    login = users.text("login", "people.is_human")
    team = users.id("sale_team_id", "people.unit")
    chosen = job.mapping.unit
    unit = (
        named(job, "crm.team", team, names(users, "sale_team_id"), "people.unit")
        if chosen is None
        else users.text(chosen, "people.unit")
    )
    active = users.flag("active", "people.ends_on").fill_null(True)
    last = users.time("login_date", "people.ends_on").dt.date()
    machines = [*BUILT_IN, *(one.lower() for one in job.mapping.machines)]
    machine = (login.str.to_lowercase().is_in(machines) | users.flag("share", "people.is_human")).fill_null(
        False
    )
    if users.came:
        contact = users.id("partner_id", "events.actor")
        job.put(
            "people",
            {
                "person_id": person,
                "unit": unit.alias("unit"),
                "starts_on": users.time("create_date", "people.starts_on").dt.date(),
                "ends_on": last.set(active, None).alias("ends_on"),
                "is_human": ~machine,
                "time_zone": users.text("tz", "people.time_zone"),
            },
        )
        users.ignore(users.frame.columns, PERSONAL)
        pairs = pl.DataFrame({"contact": contact, "person": person}).drop_nulls()
        job.cover("people", complete=None if USER not in job.partial else False)
    else:
        pairs = pl.DataFrame(schema={"contact": pl.String, "person": pl.String})
    units = pl.DataFrame({"person": person, "unit": unit}, schema={"person": pl.String, "unit": pl.String})
    return People(
        pairs.sort("contact", "person").unique("contact", keep="first", maintain_order=True),
        units.drop_nulls().unique("person", keep="last", maintain_order=True),
    )
