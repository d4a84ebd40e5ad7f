from __future__ import annotations

import datetime as dt

import attrs
import numpy as np
import polars as pl

from crmusage.testing._clock import DAY, Ints, epoch_day, holidays
from crmusage.testing._company import ALWAYS, PROFILES, Company
from crmusage.testing._deals import INTEGRATION
from crmusage.testing._life import Cases
from crmusage.testing._names import REGIONS
from crmusage.testing._sheet import (
    ACTIVITIES,
    AMOUNT,
    CLOSE_DATE,
    FIELDS,
    NEVER,
    ORIGINS,
    OWNER,
    STAGE,
    STAGES,
    Events,
)

KIND = "opportunity"
WEBSITE = "svc-website"

INSTANT = pl.Datetime("us", "UTC")


@attrs.frozen(eq=False)
class Part:
    """What one department leaves in the CRM; persons are numbered within the department."""

    unit: int
    first_person: int
    cases: Cases
    """In the order in which they were created."""
    events: Events
    """By case and time."""


def tables(company: Company, parts: list[Part]) -> dict[str, pl.DataFrame]:
    """The tables of the data contract."""
    people = _people(company)
    persons = people["person_id"]
    cases = _cases(company, parts, persons)
    return {
        "cases": cases,
        "events": _events(company, parts, cases["case_id"], persons),
        "people": people,
        "absences": _absences(company, persons),
        "calendar": _calendar(company),
        "vocabulary": _vocabulary(),
        "coverage": _coverage(company),
    }


def _instants(values: Ints) -> pl.Series:
    series = pl.Series(values)
    return series.set(series == NEVER, None).cast(INSTANT)


def _dates(company: Company, days: Ints) -> pl.Series:
    return pl.Series((days + epoch_day(company.start)).astype(np.int32)).cast(pl.Date)


def _person(persons: pl.Series, local: Ints, first: Ints | int) -> pl.Series:
    # The website is the last of the people.
    return persons.gather(np.where(local == INTEGRATION, len(persons) - 1, local + first))


def _ids(prefix: str, unit: Ints, number: Ints) -> pl.Series:
    return pl.select(
        pl.concat_str(
            pl.lit(f"{prefix}-"),
            pl.Series(unit + 1).cast(pl.String).str.zfill(3),
            pl.lit("-"),
            pl.Series(number + 1).cast(pl.String).str.zfill(6),
        ).alias("id")
    )["id"]


def _words(words: tuple[str | None, ...], codes: Ints) -> pl.Series:
    return pl.Series(words, dtype=pl.String).gather(codes.astype(np.int64))


def _spread(parts: list[Part], name: str) -> Ints:
    """A number of each part, once for each of its cases."""
    return np.repeat([getattr(part, name) for part in parts], [len(part.cases.created) for part in parts])


def _cases(company: Company, parts: list[Part], persons: pl.Series) -> pl.DataFrame:
    unit, first = _spread(parts, "unit"), _spread(parts, "first_person")
    number = np.concatenate([np.arange(len(part.cases.created)) for part in parts])

    def column(name: str) -> Ints:
        return np.concatenate([getattr(part.cases, name) for part in parts])

    closed = column("closed")
    n = len(closed)
    names = tuple(department.name for department in company.departments)
    return pl.DataFrame(
        {
            "case_id": _ids("OPP", unit, number),
            "kind": pl.repeat(KIND, n, eager=True),
            "created_at": _instants(column("created")),
            "created_by": _person(persons, column("created_by"), first),
            "closed_at": _instants(closed),
            "outcome": _words(("lost", "won", None), np.where(closed == NEVER, 2, column("won"))),
            "owner": _person(persons, column("owner"), first),
            "owner_kind": pl.repeat("user", n, eager=True),
            "unit": _words(names, unit),
            "amount": pl.Series(column("amount")).cast(pl.Float64),
            "currency": pl.repeat("EUR", n, eager=True),
            "close_date": _dates(company, column("close_date")),
            "stage": _words(STAGES, column("stage")),
            "account_id": _ids("ACC", unit, column("account")),
        }
    )


def _events(company: Company, parts: list[Part], case_ids: pl.Series, persons: pl.Series) -> pl.DataFrame:
    before = np.cumsum([0] + [len(part.cases.created) for part in parts])
    lengths = [len(part.events.deal) for part in parts]
    events = Events.joined([part.events for part in parts])
    deal = events.deal + np.repeat(before[:-1], lengths)
    first = np.repeat([part.first_person for part in parts], lengths)
    unit = np.repeat([part.unit for part in parts], lengths)
    names = (*(department.name for department in company.departments), None)
    case = case_ids.gather(deal)
    frame = pl.DataFrame(
        {
            "case_id": case,
            "activity": _words(ACTIVITIES, events.activity),
            "at": _instants(events.at),
            "actor": _person(persons, events.actor, first),
            "unit": _words(names, np.where(events.actor == INTEGRATION, len(names) - 1, unit)),
            "recorded_at": _instants(events.recorded),
            "origin": _words(ORIGINS, events.origin),
            "field": _words(FIELDS, events.field),
            "old": _values(company, events.field, events.old, first, persons),
            "new": _values(company, events.field, events.new, first, persons),
            "quote": pl.Series(events.quote),
            "alternative": pl.Series(events.alternative),
        }
    )
    return frame.with_columns(
        pl.when(pl.col("quote") > 0)
        .then(pl.concat_str(pl.col("case_id"), pl.lit("-Q"), pl.col("quote").cast(pl.String)))
        .alias("quote_id"),
        pl.when(pl.col("alternative") >= 0).then(pl.col("alternative") == 1).alias("alternative"),
    ).select(pl.exclude("quote", "alternative"), "alternative")


def _values(company: Company, field: Ints, code: Ints, first: Ints, persons: pl.Series) -> pl.Series:
    """`old` or `new` as the texts that a CRM keeps."""
    texts = [pl.Series([None], dtype=pl.String)]
    place = np.zeros(len(field), dtype=np.int64)
    used = 1
    for which in (STAGE, AMOUNT, CLOSE_DATE, OWNER):
        rows = np.flatnonzero(field == which)
        codes = code[rows]
        if which == STAGE:
            told = _words(STAGES, codes)
        elif which == AMOUNT:
            told = pl.Series(codes).cast(pl.String)
        elif which == CLOSE_DATE:
            told = _dates(company, codes).cast(pl.String)
        else:
            told = _person(persons, codes, first[rows])
        texts.append(told)
        place[rows] = np.arange(used, used + len(rows))
        used += len(rows)
    return pl.concat([text.alias("text") for text in texts]).gather(place)


def _people(company: Company) -> pl.DataFrame:
    departments = company.departments
    counts = [len(d.people.unit) for d in departments]
    total = sum(counts)
    website = total

    def column(name: str) -> Ints:
        return np.concatenate([getattr(d.people, name) for d in departments])

    def repeated(values: list[str]) -> pl.Series:
        return pl.Series(values, dtype=pl.String).gather(np.repeat(np.arange(len(values)), counts))

    first = np.repeat([d.first_person for d in departments], counts)
    ids = pl.Series([f"u{number + 1:05d}" for number in range(total)] + [WEBSITE], dtype=pl.String)
    is_manager = np.arange(total) == first
    ends = column("ends")
    last_day = _dates(company, np.where(ends == ALWAYS, 0, ends - 1))
    humans = pl.DataFrame(
        {
            "person_id": ids[:total],
            "unit": repeated([d.name for d in departments]),
            "profile": _words(PROFILES, column("profile")),
            "region": repeated([d.region for d in departments]),
            "manager": ids.gather(first).set(pl.Series(is_manager), None),
            "starts_on": _dates(company, column("starts")),
            "ends_on": pl.select(pl.when(pl.Series(ends != ALWAYS)).then(last_day)).to_series(),
            "is_human": pl.repeat(True, total, eager=True),
            "time_zone": repeated([REGIONS[d.region] for d in departments]),
        }
    )
    machine = pl.DataFrame({"person_id": ids[website:], "is_human": [False]})
    return pl.concat([humans, machine], how="diagonal")


def _absences(company: Company, persons: pl.Series) -> pl.DataFrame:
    rows = [(d, d.people.absence) for d in company.departments]
    person = np.concatenate([absence[:, 0] + d.first_person for d, absence in rows])
    starts = np.concatenate([d.clock.midnight(absence[:, 1]) for d, absence in rows])
    ends = np.concatenate([d.clock.midnight(absence[:, 2]) for d, absence in rows])
    return pl.DataFrame(
        {"person_id": persons.gather(person), "starts_at": _instants(starts), "ends_at": _instants(ends)}
    ).sort("person_id", "starts_at")


def _calendar(company: Company) -> pl.DataFrame:
    """Holidays and fiscal quarters as whole days, and the sales meeting of every Monday, all in UTC."""
    rows: list[tuple[str, int, int, str]] = []
    for year in range(company.start.year, company.end.year + 1):
        for day, name in holidays(year).items():
            rows.append(("holiday", epoch_day(day) * DAY, (epoch_day(day) + 1) * DAY, name))
        for quarter in range(4):
            first = dt.date(year, 3 * quarter + 1, 1)
            following = dt.date(year + (quarter == 3), (3 * quarter + 3) % 12 + 1, 1)
            label = f"{year}-Q{quarter + 1}"
            rows.append(("fiscal_quarter", epoch_day(first) * DAY, epoch_day(following) * DAY, label))
    closed = {day for year in range(company.start.year, company.end.year + 1) for day in holidays(year)}
    for number in range(company.days):
        day = company.date(number)
        if day.weekday() == 0 and day not in closed:
            noon = epoch_day(day) * DAY + DAY // 2
            rows.append(("meeting", noon, noon + DAY // 24, "weekly sales meeting"))
    frame = pl.DataFrame(rows, schema=["kind", "starts_at", "ends_at", "label"], orient="row")
    first_day, end = epoch_day(company.start) * DAY, epoch_day(company.end) * DAY
    return (
        frame.filter((pl.col("ends_at") > first_day) & (pl.col("starts_at") < end))
        .with_columns(pl.col("starts_at", "ends_at").cast(INSTANT))
        .sort("starts_at", "kind")
    )


def _vocabulary() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "entity": [KIND] * len(STAGES),
            "field": ["stage"] * len(STAGES),
            "raw": list(STAGES),
            "label": [stage.capitalize() for stage in STAGES],
            "order": list(range(1, len(STAGES) + 1)),
            "is_default": [stage == STAGES[0] for stage in STAGES],
        }
    )


def _coverage(company: Company) -> pl.DataFrame:
    seen = ["cases", "events", "people", "absences"]
    return pl.DataFrame(
        {
            "entity": seen,
            "field": pl.Series([None] * len(seen), dtype=pl.String),
            "seen_from": _instants(np.full(len(seen), epoch_day(company.start) * DAY)),
            "seen_to": _instants(np.full(len(seen), epoch_day(company.end) * DAY)),
            "complete": [True] * len(seen),
            "includes_deleted": [False] * len(seen),
        }
    )
