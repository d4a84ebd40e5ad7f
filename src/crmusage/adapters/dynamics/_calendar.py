"""Fiscal periods as the organisation has set them, and public holidays."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crmusage.adapters._core import Job
from crmusage.adapters.dynamics._directory import NOT_OF_CASES
from crmusage.adapters.dynamics._rows import latest
from crmusage.history import typed

MONTHS = {2000: 12, 2001: 6, 2002: 3, 2003: 1}
"""`organization.fiscalperiodtype`: how many months a period has. Periods of four weeks (2004) are not told. From
memory."""

_WORDS = {12: "fiscal_year", 6: "fiscal_half", 3: "fiscal_quarter", 1: "fiscal_month"}


def put_calendar(job: Job, first: dt.datetime | None, last: dt.datetime | None) -> None:
    """Put fiscal periods from the first to the last instant of anything, and the holidays that came."""
    organization = latest(job.table("organization"))
    starts = organization.day("fiscalcalendarstart", to="calendar.starts_at").drop_nulls()
    length = organization.whole("fiscalperiodtype", to="calendar.kind").drop_nulls()
    organization.ignore(organization.frame.columns, NOT_OF_CASES)
    months = MONTHS.get(int(length[0])) if len(length) else None
    if len(starts) and months is not None and first is not None and last is not None:
        _put(job, _periods(starts[0], months, first.date(), last.date()))
    rules = latest(job.table("calendarrule"))
    if not rules.came:
        return
    frame = pl.DataFrame(
        {
            "starts_at": rules.time("effectiveintervalstart", to="calendar.starts_at"),
            "ends_at": rules.time("effectiveintervalend", to="calendar.ends_at"),
            "label": rules.text("name", to="calendar.label"),
        }
    )
    rules.ignore(rules.frame.columns, NOT_OF_CASES)
    # Rules of working hours have no name and no end; a holiday has both.
    named = frame.drop_nulls().filter(pl.col("label").str.strip_chars() != "")
    if named.height:
        job.put("calendar", named.with_columns(kind=pl.lit("holiday")).unique(maintain_order=True))


def _periods(start: dt.date, months: int, first: dt.date, last: dt.date) -> pl.DataFrame:
    """The periods of the fiscal years that begin on the month and day of `start`."""
    rows: list[tuple[str, dt.date, dt.date, str]] = []
    for year in range(first.year - 1, last.year + 1):
        for place in range(12 // months):
            begin, end = _after(start, year, place * months), _after(start, year, (place + 1) * months)
            if end > first and begin <= last:
                rows.append((_WORDS[months], begin, end, f"{year}-P{place + 1}"))
    return pl.DataFrame(rows, schema=["kind", "starts_at", "ends_at", "label"], orient="row")


def _after(start: dt.date, year: int, months: int) -> dt.date:
    number = start.month - 1 + months
    # A year that begins on a day which some months lack begins on their last one.
    day = start.day
    while True:
        try:
            return dt.date(year + number // 12, number % 12 + 1, day)
        except ValueError:
            day -= 1


def _put(job: Job, periods: pl.DataFrame) -> None:
    if periods.height:
        job.put(
            "calendar",
            periods.with_columns(
                [
                    typed(periods[name].cast(pl.String), "time", zone=job.zone or "UTC").values.alias(name)
                    for name in ("starts_at", "ends_at")
                ]
            ),
        )
