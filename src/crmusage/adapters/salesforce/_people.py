"""Persons, logins, roles, queues, and who used the CRM when."""

from __future__ import annotations

import datetime as dt

import attrs
import polars as pl

from crmusage.adapters._core import Job, Logins, Table
from crmusage.model import Text

PERSONAL = Text(
    en="tells something private of a person that no history needs",
    fr="donnée personnelle dont aucun historique n'a besoin",
)
SETTINGS = Text(
    en="a setting of the login that no history needs",
    fr="réglage du compte dont aucun historique n'a besoin",
)
USEFUL = frozenset({"CompanyName", "Department", "Division", "Title"})
"""Standard fields of a user that rules and detectors may want to name; of the others only an org's own are kept."""

_PRIVATE = (
    "AboutMe",
    "Alias",
    "City",
    "CommunityNickname",
    "Email",
    "EmployeeNumber",
    "Fax",
    "FederationIdentifier",
    "FirstName",
    "IndividualId",
    "LastName",
    "MobilePhone",
    "Name",
    "Phone",
    "PostalCode",
    "State",
    "Street",
    "Username",
)

IDENTITIES = ("FederationIdentifier", "EmployeeNumber")
"""Fields that tell a person from others, whatever the login; the first that has values is taken."""

MACHINES = frozenset(
    {
        "automated process",
        "analytics cloud integration user",
        "analytics cloud security user",
        "b2bma integration",
        "chatter expert",
        "data.com clean",
        "insights integration",
        "integration user",
        "platform integration user",
        "salesforce administrator",
        "security user",
        "slackbot",
    }
)
"""Names of the logins that Salesforce makes for itself."""

PROCESSES = frozenset({"AutomatedProcess"})
"""Kinds of users that are Salesforce's own flows and jobs."""

NOT_HUMAN = frozenset({*PROCESSES, "CloudIntegrationUser", "SelfService"})
"""Kinds of users with which no colleague works."""

BY_HAND = frozenset(
    {
        "Application",
        "SAML Sfdc Initiated SSO",
        "SAML Idp Initiated SSO",
        "SAML Chatter Communities External User SSO",
        "OpenID Connect Provider",
        "Third Party SSO",
        "Multi-Factor Application",
        "Remote Access 2.0",
        "Lightning Login",
    }
)
"""Ways to log in that a person takes; all others are programs'. Remote Access 2.0 is the mobile app too."""


@attrs.frozen(eq=False)
class People:
    """Who has which login, and the unit of each person and queue."""

    logins: Logins
    units: pl.DataFrame
    """Columns person_id, unit."""
    queues: pl.DataFrame
    """Columns id, unit (the queue's name)."""
    processes: frozenset[str] = frozenset()
    """Persons that are processes of Salesforce itself."""
    programs: frozenset[str] = frozenset()
    """Persons that are other programs."""

    def person(self, login: pl.Series, at: pl.Series | None = None) -> pl.Series:
        """The person behind a login at an instant."""
        return self.logins.person(login, at)

    def unit_of(self, person: pl.Series) -> pl.Series:
        """The unit of each person; missing where unknown."""
        if not self.units.height:
            return pl.Series(person.name, [None], dtype=pl.String).new_from_index(0, len(person))
        return person.replace_strict(
            self.units["person_id"], self.units["unit"], default=None, return_dtype=pl.String
        )

    def unit_of_owner(self, owner: pl.Series) -> pl.Series:
        """The unit of each owner, which for a queue is the queue."""
        unit = self.unit_of(owner)
        if not self.queues.height:
            return unit
        queue = owner.replace_strict(
            self.queues["id"], self.queues["unit"], default=None, return_dtype=pl.String
        )
        return unit.zip_with(unit.is_not_null(), queue)


def owner_kind(owner: pl.Series, people: People) -> pl.Series:
    """What sort of owner an id is: the first three signs of an id tell, or the table of groups."""
    return pl.select(
        pl.when(owner.str.starts_with("00G") | owner.is_in(people.queues["id"].implode()))
        .then(pl.lit("queue"))
        .when(owner.str.starts_with("005") | owner.is_in(people.units["person_id"].implode()))
        .then(pl.lit("user"))
        .alias("owner_kind")
    ).to_series()


def read_people(job: Job) -> People:
    """Put persons into the history, and keep what tells them."""
    users = job.table("User")
    queues = _queues(job.table("Group"))
    if not users.came:
        job.cover("people", complete=False)
        job.cover("User", complete=False)
        logins = Logins.of(pl.Series("login", [], dtype=pl.String))
        _sessions(job, logins)
        units = pl.DataFrame(schema={"person_id": pl.String, "unit": pl.String})
        return People(logins, units, queues)
    changed = _changed(users)
    login = users.id("Id", ("people.person_id", "events.actor"))
    identity = _identity(job, users, login, changed)
    logins = Logins.of(login, identity, changed)
    if logins.reused:
        job.note(
            f"{logins.reused} logins had more than one owner in turn: each owner is a person of their own, from "
            "when the change was seen.",
            f"{logins.reused} identifiants de connexion ont eu plusieurs titulaires successifs : chacun est une "
            "personne distincte, à partir du moment où le changement a été vu.",
        )
    person_of = logins.person(login, changed)
    frame = pl.DataFrame(
        {
            "person_id": person_of,
            "changed": changed,
            "unit": _units(job, users),
            "profile": _profile(job, users),
            "region": users.text("Country", "people.region"),
            "manager": users.id("ManagerId", "people.manager"),
            "starts_on": users.time("CreatedDate", "people.starts_on"),
            "last_login": users.time("LastLoginDate", "people.ends_on"),
            "active": users.flag("IsActive", "people.ends_on"),
            "is_human": ~_machines(job, users, login),
            "time_zone": users.text("TimeZoneSidKey", "people.time_zone"),
        }
    )
    users.ignore(_PRIVATE, PERSONAL)
    users.ignore(
        (name for name in users.frame.columns if name not in USEFUL and not name.endswith("_c")), SETTINGS
    )
    kept = users.kept("people", but=frame.columns)
    frame = frame.hstack(list(kept.values())).sort(
        "person_id", "changed", *sorted(set(frame.columns) - {"person_id", "changed"})
    )
    gone = ~pl.col("active").fill_null(True)
    persons = (
        frame.group_by("person_id", maintain_order=True)
        .agg(
            pl.col(name).drop_nulls().last()
            if name not in {"starts_on", "active", "changed"}
            else pl.col(name).last()
            for name in frame.columns
            if name != "person_id"
        )
        .with_columns(
            manager=logins.person(pl.Series(dtype=pl.String)) if not frame.height else pl.col("manager"),
            starts_on=pl.col("starts_on").dt.date(),
            ends_on=pl.when(gone).then(pl.coalesce("last_login", "changed").dt.date()),
        )
    )
    persons = persons.with_columns(logins.person(persons["manager"]).alias("manager")).drop(
        "changed", "last_login", "active"
    )
    persons = _left_by_successor(persons, logins)
    # Nobody leaves before they came; the day of a login that was taken over belongs to who had it before.
    persons = persons.with_columns(
        pl.when(pl.col("ends_on") >= pl.col("starts_on")).then("ends_on").alias("ends_on")
    )
    job.put("people", persons)
    job.cover("people", complete=False if "User" in job.partial else None)
    _sessions(job, logins)
    machines = persons.filter(~pl.col("is_human"))["person_id"].to_list()
    processes = frozenset(
        person_of.filter(users.text("UserType").is_in(list(PROCESSES)).fill_null(False)).to_list()
    )
    return People(
        logins,
        persons.select("person_id", "unit").drop_nulls(),
        queues,
        processes,
        frozenset(machines) - processes,
    )


def _left_by_successor(persons: pl.DataFrame, logins: Logins) -> pl.DataFrame:
    """Whose login passed on to somebody else has left, at the latest on that day."""
    if not logins.reused:
        return persons
    turns = logins.spans.sort("login", "since", nulls_last=False).select(
        "person", passed=pl.col("since").shift(-1).over("login").dt.date()
    )
    left = turns.drop_nulls().group_by("person").agg(pl.col("passed").max())
    joined = persons.join(left, left_on="person_id", right_on="person", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("ends_on", "passed").alias("ends_on")).drop("passed")


def _changed(table: Table) -> pl.Series:
    """When each row's state came to be, as well as it can be told."""
    from_ = table.valid_from()
    for field in ("SystemModstamp", "LastModifiedDate", "CreatedDate"):
        if table.has(field):
            stamp = table.time(field)
            from_ = from_.zip_with(from_.is_not_null(), stamp)
    return from_.alias("changed")


def _identity(job: Job, users: Table, login: pl.Series, changed: pl.Series) -> pl.Series:
    """What tells persons apart. Without a number of theirs, a login is another's when name and mail both changed."""
    for field in (job.mapping.identity,) if job.mapping.identity else IDENTITIES:
        if users.has(field):
            told = users.text(field, "people.person_id")
            if told.null_count() < len(told):
                return told
    states = pl.DataFrame(
        {
            "login": login,
            "changed": changed,
            "name": users.text("Name", "people.person_id").str.to_lowercase(),
            "mail": users.text("Email", "people.person_id").str.to_lowercase(),
        }
    ).with_row_index("row")
    other = [pl.col(one).ne(pl.col(one).shift(1)).fill_null(False) for one in ("name", "mail")]
    taken_over = pl.all_horizontal(other) & (pl.col("login") == pl.col("login").shift(1))
    ordered = states.sort("login", "changed", "name", "mail", "row", nulls_last=False)
    ordered = ordered.with_columns(turn=taken_over.fill_null(False).cum_sum())
    return ordered.sort("row").select(pl.format("{} {}", "login", "turn").alias("identity")).to_series()


def _units(job: Job, users: Table) -> pl.Series:
    if job.mapping.unit:
        return users.text(job.mapping.unit, "people.unit")
    roles = job.table("UserRole")
    role = users.id("UserRoleId", "people.unit")
    unit = pl.Series("unit", [None], dtype=pl.String).new_from_index(0, users.height)
    if roles.came:
        names = pl.DataFrame({"id": roles.id("Id", "people.unit"), "name": roles.text("Name", "people.unit")})
        names = names.drop_nulls().sort("id", "name").unique("id", keep="last")
        unit = role.replace_strict(names["id"], names["name"], default=None, return_dtype=pl.String)
    for field in ("Department", "Division"):
        told = users.text(field, "people.unit")
        unit = unit.zip_with(unit.is_not_null(), told)
    unit = unit.zip_with(unit.is_not_null(), role)
    if len(unit) and unit.null_count() == len(unit):
        job.note(
            "No role, department or division tells the unit of the users: name the field as `unit` in the mapping.",
            "Ni rôle, ni service, ni division ne donne l'unité des utilisateurs : indiquez le champ dans `unit` de la "
            "correspondance.",
        )
    return unit.alias("unit")


def _profile(job: Job, users: Table) -> pl.Series:
    profiles = job.table("Profile")
    profile = users.id("ProfileId", "people.profile")
    if not profiles.came:
        return profile
    names = pl.DataFrame(
        {"id": profiles.id("Id", "people.profile"), "name": profiles.text("Name", "people.profile")}
    )
    names = names.drop_nulls().sort("id", "name").unique("id", keep="last")
    return profile.replace(names["id"], names["name"])


def _machines(job: Job, users: Table, login: pl.Series) -> pl.Series:
    named = [one.strip().casefold() for one in job.mapping.machines]
    kind = users.text("UserType", "people.is_human")
    name = users.text("Name", "people.is_human").str.strip_chars().str.to_lowercase()
    username = users.text("Username", "people.is_human").str.to_lowercase()
    found = kind.is_in(list(NOT_HUMAN)).fill_null(False)
    found |= name.is_in(list(MACHINES)).fill_null(False)
    for told in (name, username, login.str.to_lowercase()):
        found |= told.is_in(named).fill_null(False)
    return found


def _queues(groups: Table) -> pl.DataFrame:
    if not groups.came:
        return pl.DataFrame(schema={"id": pl.String, "unit": pl.String})
    frame = pl.DataFrame(
        {
            "id": groups.id("Id", "cases.owner"),
            "unit": groups.text("Name", "cases.unit"),
            "also": groups.text("DeveloperName", "cases.unit"),
            "type": groups.text("Type", "cases.owner_kind"),
        }
    )
    queue = (pl.col("type") == "Queue") | (pl.col("type").is_null() & pl.col("id").str.starts_with("00G"))
    frame = frame.filter(queue & pl.col("id").is_not_null())
    return (
        frame.select("id", unit=pl.coalesce("unit", "also", "id"))
        .sort("id", "unit")
        .unique("id", keep="last")
    )


def _sessions(job: Job, logins: Logins) -> None:
    """Logins that a person made; of programs, and failed ones, the count is told."""
    table = job.table("LoginHistory")
    if not table.came:
        job.cover("sessions", complete=False)
        return
    at = table.time("LoginTime", "sessions.at")
    way = table.text("LoginType", "sessions")
    status = table.text("Status", "sessions")
    table.ignore(("SourceIp",), PERSONAL)
    by_hand = (way.is_null() | way.is_in(list(BY_HAND))) & (status.is_null() | (status == "Success"))
    frame = pl.DataFrame(
        {
            "person_id": logins.person(table.id("UserId", "sessions.person_id"), at),
            "at": at,
            "client": table.text("Application", "sessions.client"),
            "login_type": way,
            **table.kept("sessions", but=("login_type",)),
        }
    )
    by_hand = by_hand.fill_null(False)
    job.put("sessions", frame.filter(by_hand))
    left = int((~by_hand).sum())
    if left:
        job.note(
            f"{left} logins of programs, or that failed, are no sessions of persons.",
            f"{left} connexions de programmes, ou refusées, ne sont pas des sessions de personnes.",
        )
    first = at.min()
    job.cover("sessions", seen_from=first if isinstance(first, dt.datetime) else None)
