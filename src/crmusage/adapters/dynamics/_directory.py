"""Who people are, which unit they belong to, and what owns a record."""

from __future__ import annotations

import attrs
import polars as pl

from crmusage.adapters._core import Job, Logins, Table
from crmusage.adapters.dynamics._changes import Changes, of
from crmusage.adapters.dynamics._options import UNATTENDED
from crmusage.adapters.dynamics._rows import ids, latest
from crmusage.model import Text

BUILT_IN = ("system", "integration")
"""Names of the accounts in which Dataverse itself works; they have no login of a domain. From memory."""

TEAM = "team"
"""What `unit` of a mapping says where a person's unit is the team, and not the business unit."""

PERSONAL = Text(
    en="tells who a person is; an id is enough, and nobody is named",
    fr="désigne la personne ; un identifiant suffit, et personne n'est nommé",
)
ABOUT_THEM = Text(
    en="about the person and not the work; name it in the mapping if a rule needs it",
    fr="concerne la personne et non son travail ; à nommer dans la correspondance si une règle en a besoin",
)


@attrs.frozen(eq=False)
class Directory:
    """People and units, looked up by the ids that records have."""

    logins: Logins
    unit_of_user: pl.DataFrame
    """Columns id, unit."""
    kinds: pl.DataFrame
    """Columns id, kind: what each known owner is."""
    units: pl.DataFrame
    """Columns id, name: of business units."""
    machines: frozenset[str]
    """Users that no human works as."""

    def person(self, login: pl.Series, at: pl.Series | None = None) -> pl.Series:
        """The persons behind ids of users."""
        return self.logins.person(login, at)

    def unit(self, login: pl.Series) -> pl.Series:
        """The units of users, teams and queues."""
        return _looked_up(login, self.unit_of_user, "unit")

    def unit_name(self, unit: pl.Series) -> pl.Series:
        """What a business unit is called; its id, where the table of units did not come."""
        return pl.select(pl.coalesce(_looked_up(unit, self.units, "name"), unit)).to_series()

    def kind(self, owner: pl.Series, told: pl.Series) -> pl.Series:
        """What owns a record: what the column beside the id says, else the table in which the id stands."""
        word = told.str.to_lowercase()
        said = word.replace_strict(_KINDS, default=None, return_dtype=pl.String)
        return pl.select(pl.coalesce(said, _looked_up(owner, self.kinds, "kind"))).to_series()

    def is_machine(self, login: pl.Series) -> pl.Series:
        """Which users are programs."""
        return login.is_in(sorted(self.machines)).fill_null(False)


_KINDS = {"systemuser": "user", "8": "user", "team": "team", "9": "team", "queue": "queue", "2020": "queue"}
"""Logical names, and the numbers that older tools write instead."""


def _looked_up(keys: pl.Series, table: pl.DataFrame, column: str) -> pl.Series:
    if not table.height:
        return pl.Series(keys.name, [None], dtype=pl.String).new_from_index(0, len(keys))
    return keys.replace_strict(table["id"], table[column], default=None, return_dtype=pl.String)


def directory(job: Job, changed: Changes) -> Directory:
    """Read the tables of people and units, and put the people."""
    units = _units(job)
    users = latest(job.table("systemuser"))
    login = ids(users.id("systemuserid", to="people.person_id"))
    logins = _logins(job, users, login, changed)
    teams = latest(job.table("team"))
    team = pl.DataFrame(
        {
            "id": ids(teams.id("teamid", to="cases.owner_kind")),
            "unit": ids(teams.id("businessunitid", to="cases.unit")),
        }
    )
    teams.ignore(teams.frame.columns, NOT_OF_CASES)
    queues = latest(job.table("queue"))
    queue = ids(queues.id("queueid", to="cases.owner_kind"))
    queues.ignore(queues.frame.columns, NOT_OF_CASES)
    named = Directory(
        logins, pl.DataFrame(schema=_UNITS), pl.DataFrame(schema=_KIND_COLUMNS), units, frozenset()
    )
    unit = _unit_of_people(job, users, login, named)
    machine, known = _machines(job, users, login)
    kinds = [
        _kind(login, "user"), _kind(team["id"], "team"), _kind(queue, "queue"),
    ]  # fmt: skip
    found = Directory(
        logins,
        pl.concat(
            [
                pl.DataFrame({"id": login, "unit": unit}, schema=_UNITS),
                pl.DataFrame({"id": team["id"], "unit": named.unit_name(team["unit"])}, schema=_UNITS),
            ]
        )
        .drop_nulls()
        .unique("id", keep="first", maintain_order=True),
        pl.concat(kinds).drop_nulls().unique("id", keep="first", maintain_order=True),
        units,
        frozenset(login.filter(machine).drop_nulls().to_list()),
    )
    if users.came:
        _put_people(job, users, login, unit, machine, known, found, changed)
    if not job.table("businessunit").came and users.came:
        job.note(
            "The table businessunit did not come: units are called by their ids.",
            "La table businessunit n'a pas été fournie : les unités sont désignées par leur identifiant.",
        )
    return found


NOT_OF_CASES = Text(
    en="says nothing of cases or of who works on them", fr="ne dit rien des dossiers ni de qui y travaille"
)
_UNITS = {"id": pl.String, "unit": pl.String}
_KIND_COLUMNS = {"id": pl.String, "kind": pl.String}


def _kind(ids_: pl.Series, kind: str) -> pl.DataFrame:
    return pl.DataFrame({"id": ids_}, schema={"id": pl.String}).with_columns(kind=pl.lit(kind))


def _units(job: Job) -> pl.DataFrame:
    """Business units by their names; two of one name go by their ids."""
    table = latest(job.table("businessunit"))
    frame = pl.DataFrame(
        {
            "id": ids(table.id("businessunitid", to="cases.unit")),
            "name": table.text("name", to=("cases.unit", "people.unit")).str.strip_chars().replace("", None),
        }
    ).filter(pl.col("id").is_not_null())
    table.ignore(table.frame.columns, NOT_OF_CASES)
    frame = frame.unique("id", keep="first", maintain_order=True)
    alone = ~frame["name"].is_duplicated()
    return frame.with_columns(name=pl.when(alone).then("name").otherwise("id")).drop_nulls()


def _unit_of_people(job: Job, users: Table, login: pl.Series, named: Directory) -> pl.Series:
    chosen = job.mapping.unit
    if chosen == TEAM:
        return _team_of_people(job, login)
    if chosen is not None:
        return users.text(chosen, to="people.unit")
    return named.unit_name(ids(users.id("businessunitid", to="people.unit")))


def _team_of_people(job: Job, login: pl.Series) -> pl.Series:
    """The first owner team by name of each user: whoever is in several belongs to one here."""
    members, teams = job.table("teammembership"), latest(job.table("team"))
    team = pl.DataFrame(
        {
            "team": ids(teams.id("teamid")),
            "name": teams.text("name", to="people.unit"),
            "type": teams.whole("teamtype", to="people.unit"),
        }
    ).filter(pl.col("type").fill_null(0) == 0)
    pairs = pl.DataFrame(
        {
            "id": ids(members.id("systemuserid", to="people.unit")),
            "team": ids(members.id("teamid", to="people.unit")),
        }
    ).join(team, on="team")
    first = pairs.drop_nulls("name").sort("id", "name").unique("id", keep="first", maintain_order=True)
    return _looked_up(login, first.select("id", "name"), "name")


def _logins(job: Job, users: Table, login: pl.Series, changed: Changes) -> Logins:
    """A login is not a person: an account that is handed on gets another identity, and the audit log tells when."""
    field = job.mapping.identity or "azureactivedirectoryobjectid"
    identity = users.text(field, to="people.person_id")
    before = of(changed.values, "systemuser", [field.lower()])
    logins = Logins.of(
        pl.concat([before["record"], before["record"], login]),
        pl.concat([before["old"], before["new"], identity]),
        pl.concat(
            [
                before["at"].dt.offset_by("-100y"),
                before["at"],
                users.time("modifiedon", to="people.person_id"),
            ]
        )
        if before.height
        else users.time("modifiedon", to="people.person_id"),
    )
    if logins.reused:
        job.note(
            f"Accounts that were handed on from one person to another: {logins.reused}. Each person is "
            "counted apart.",
            f"Comptes passés d'une personne à une autre : {logins.reused}. Chaque personne est comptée à part.",
        )
    return logins


def _machines(job: Job, users: Table, login: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Which users are programs, and of which that is known."""
    name = users.text("fullname", to="people.is_human").str.to_lowercase()
    domain = users.text("domainname", to="people.is_human")
    program = users.text("applicationid", to="people.is_human").is_not_null()
    mode = users.whole("accessmode", to="people.is_human")
    told = [one.lower() for one in job.mapping.machines]
    machine = (
        program
        | mode.is_in(sorted(UNATTENDED)).fill_null(False)
        | (name.is_in(BUILT_IN).fill_null(False) & domain.is_null())
        | login.is_in(told).fill_null(False)
        | name.is_in(told).fill_null(False)
        | domain.str.to_lowercase().is_in(told).fill_null(False)
    )
    return machine, machine | mode.is_not_null() | pl.Series([users.has("applicationid")]).new_from_index(
        0, len(login)
    )


def _put_people(
    job: Job,
    users: Table,
    login: pl.Series,
    unit: pl.Series,
    machine: pl.Series,
    known: pl.Series,
    found: Directory,
    changed: Changes,
) -> None:
    disabled = users.flag("isdisabled", to="people.is_disabled").fill_null(False)
    off = of(changed.values, "systemuser", ["isdisabled"])
    off = off.filter(off["new"].str.to_lowercase().is_in(["true", "1"]).fill_null(False))
    left = (
        off.sort("at")
        .unique("record", keep="last")
        .select(id="record", day=pl.col("at").dt.date().cast(pl.String))
    )
    ends = (
        pl.select(pl.when(disabled).then(_looked_up(login, left, "day")))
        .to_series()
        .str.to_date(strict=False)
    )
    columns = {
        "person_id": found.person(login),
        "unit": unit,
        "profile": users.text(job.mapping.field("systemuser", "profile", "title"), to="people.profile"),
        "manager": found.person(ids(users.id("parentsystemuserid", to="people.manager"))),
        "ends_on": ends,
        "is_human": pl.select(pl.when(known).then(~machine)).to_series(),
        "is_disabled": disabled,
    }
    for column in ("region", "starts_on", "time_zone"):
        field = job.mapping.fields.get("systemuser", {}).get(column)
        if field is not None:
            columns[column] = (
                users.day(field, to="people.starts_on")
                if column == "starts_on"
                else users.text(field, to=f"people.{column}")
            )
    users.ignore(["fullname", "domainname", "internalemailaddress"], PERSONAL)
    users.ignore(users.frame.columns, ABOUT_THEM)
    rows = pl.DataFrame(columns).filter(pl.col("person_id").is_not_null() & ~users.gone())
    job.aside("people", "no systemuserid", int(login.is_null().sum()))
    # Who has several accounts is told once, by one that is in use.
    rows = rows.sort(
        "person_id", "is_disabled", *(name for name in columns if name not in {"person_id", "is_disabled"})
    )
    rows = rows.unique("person_id", keep="first", maintain_order=True)
    before = found.logins.spans.sort("login", "since", nulls_last=False).with_columns(
        until=pl.col("since").shift(-1).over("login").dt.date()
    )
    before = before.filter(
        pl.col("until").is_not_null() & ~pl.col("person").is_in(rows["person_id"].implode())
    )
    gone = before.sort("until").unique("person", keep="last", maintain_order=True)
    rows = pl.concat(
        [rows, gone.select(person_id="person", ends_on="until", is_human=pl.lit(True))],
        how="diagonal_relaxed",
    )
    job.put("people", rows)
    job.cover("people", complete="systemuser" not in job.partial)
