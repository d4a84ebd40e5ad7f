"""Fiscal periods, holidays, and the picklists in their order."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crmusage.adapters._core import Job, Table

PERIODS = {"Month": "fiscal_month", "Quarter": "fiscal_quarter", "Year": "fiscal_year", "Week": "fiscal_week"}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
LONGEST = 30
"""Years over which a holiday without an end is told."""


def put_calendar(job: Job, seen: tuple[dt.datetime | None, dt.datetime | None]) -> None:
    """Put fiscal periods and holidays."""
    _periods(job)
    _holidays(job, seen)


def _periods(job: Job) -> None:
    table = job.table("Period")
    if not table.came:
        return
    kind = table.text("Type", "calendar.kind")
    starts, ends = table.day("StartDate", "calendar.starts_at"), table.day("EndDate", "calendar.ends_at")
    label = table.text("FullyQualifiedLabel", "calendar.label")
    for field in ("PeriodLabel", "QuarterLabel"):
        told = table.text(field, "calendar.label")
        label = label.zip_with(label.is_not_null(), told)
    number = table.whole("Number", "calendar.label")
    frame = pl.DataFrame({"type": kind, "starts": starts, "ends": ends, "label": label, "number": number})
    frame = frame.select(
        kind=pl.col("type").replace_strict(
            list(PERIODS), list(PERIODS.values()), default="fiscal_period", return_dtype=pl.String
        ),
        starts_at=_midnight(pl.col("starts")),
        # The end is the last day of the period, and the contract's is the first instant after it.
        ends_at=_midnight(pl.col("ends") + pl.duration(days=1)),
        label=pl.coalesce("label", pl.format("{} {}", "type", "number")),
    )
    job.put("calendar", frame.unique(maintain_order=True))
    job.cover("calendar", "fiscal", complete=True)


def _midnight(day: pl.Expr) -> pl.Expr:
    return day.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _holidays(job: Job, seen: tuple[dt.datetime | None, dt.datetime | None]) -> None:
    table = job.table("Holiday")
    if not table.came:
        return
    rows = pl.DataFrame(
        {
            "name": table.text("Name", "calendar.label"),
            "day": table.day("ActivityDate", "calendar.starts_at"),
            "all_day": table.flag("IsAllDay", "calendar.ends_at"),
            "first_minute": table.whole("StartTimeInMinutes", "calendar.starts_at"),
            "last_minute": table.whole("EndTimeInMinutes", "calendar.ends_at"),
            "again": table.flag("IsRecurrence", "calendar.starts_at").fill_null(False),
            "way": table.text("RecurrenceType", "calendar.starts_at"),
            "month": table.text("RecurrenceMonthOfYear", "calendar.starts_at"),
            "day_of_month": table.whole("RecurrenceDayOfMonth", "calendar.starts_at"),
            "from": table.day("RecurrenceStartDate", "calendar.starts_at"),
            "to": table.day("RecurrenceEndDateOnly", "calendar.ends_at"),
        }
    )
    told, strange = [], 0
    for row in rows.sort(rows.columns).to_dicts():
        days = _days(row, seen)
        if days is None:
            strange += 1
            continue
        for day in days:
            begin = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
            whole = row["all_day"] is not False or row["first_minute"] is None or row["last_minute"] is None
            first, last = (0, 24 * 60) if whole else (row["first_minute"], row["last_minute"])
            told.append(
                {
                    "kind": "holiday",
                    "starts_at": begin + dt.timedelta(minutes=first),
                    "ends_at": begin + dt.timedelta(minutes=last),
                    "label": row["name"],
                }
            )
    if strange:
        job.note(
            f"{strange} holidays recur in a way that is not read here (the last Monday of a month, for one): give "
            "them as days.",
            f"{strange} jours fériés reviennent selon une règle non lue ici (le dernier lundi d'un mois, par "
            "exemple) : indiquez-les jour par jour.",
        )
    if told:
        instant = pl.Datetime("us", "UTC")
        job.put(
            "calendar",
            pl.DataFrame(
                told, schema={"kind": pl.String, "starts_at": instant, "ends_at": instant, "label": pl.String}
            ),
        )


def _days(
    row: dict[str, object], seen: tuple[dt.datetime | None, dt.datetime | None]
) -> list[dt.date] | None:
    """The days of a holiday; None: how it recurs is not known here."""
    if not row["again"]:
        day = row["day"]
        return [day] if isinstance(day, dt.date) else None
    month, day_of_month = row["month"], row["day_of_month"]
    if row["way"] != "RecursYearly" or month not in _MONTHS or not isinstance(day_of_month, int):
        return None
    first, last = row["from"], row["to"]
    begin = first if isinstance(first, dt.date) else None
    end = last if isinstance(last, dt.date) else None
    years = [one.year for one in seen if one is not None]
    from_year = max(begin.year if begin else min(years, default=1970), min(years, default=1970))
    to_year = min(end.year if end else max(years, default=from_year) + 1, max(years, default=from_year) + 1)
    found = []
    for year in range(from_year, min(to_year, from_year + LONGEST) + 1):
        try:
            day = dt.date(year, _MONTHS.index(str(month)) + 1, day_of_month)
        except ValueError:
            continue
        if (begin is None or day >= begin) and (end is None or day <= end):
            found.append(day)
    return found


def put_vocabulary(job: Job) -> None:
    """Put the stages and statuses in their order."""
    opportunities = job.table("Opportunity")
    stages = job.table("OpportunityStage")
    if stages.came:
        job.put("vocabulary", _picklist(stages, "opportunity", "stage"))
    elif opportunities.has("StageName", "StageSortOrder"):
        frame = pl.DataFrame(
            {
                "raw": opportunities.text("StageName", "vocabulary.raw"),
                "order": opportunities.whole("StageSortOrder", "vocabulary.order"),
            }
        ).drop_nulls()
        # A stage that was moved in its picklist has an old place in records that were not touched since.
        frame = frame.sort("raw", "order").unique("raw", keep="last", maintain_order=True)
        job.put(
            "vocabulary",
            frame.with_columns(entity=pl.lit("opportunity"), field=pl.lit("stage"), label=pl.col("raw")),
        )
    else:
        job.note(
            "The order of the stages is not told: deliver OpportunityStage.",
            "L'ordre des étapes n'est pas connu : fournissez OpportunityStage.",
        ) if opportunities.came else None
    statuses = job.table("CaseStatus")
    if statuses.came:
        job.put("vocabulary", _picklist(statuses, "request", "stage"))


def _picklist(table: Table, entity: str, field: str) -> pl.DataFrame:
    label = table.text("MasterLabel", ("vocabulary.raw", "vocabulary.label"))
    name = table.text("ApiName", "vocabulary.raw")
    frame = pl.DataFrame(
        {
            "label": label,
            "name": name,
            "order": table.whole("SortOrder", "vocabulary.order"),
            "is_default": table.flag("IsDefault", "vocabulary.is_default"),
            "is_active": table.flag("IsActive", "vocabulary.is_active"),
        }
    )
    # History rows hold the label, records the name where an administrator renamed the value.
    both = [
        frame.select(
            raw=one,
            label=pl.coalesce("label", "name"),
            order="order",
            is_default="is_default",
            is_active="is_active",
        )
        for one in ("label", "name")
    ]
    return (
        pl.concat(both)
        .filter(pl.col("raw").is_not_null())
        .unique()
        .sort("raw", "label", "order", "is_default", "is_active")
        .unique("raw", keep="first", maintain_order=True)
        .with_columns(entity=pl.lit(entity), field=pl.lit(field))
    )
