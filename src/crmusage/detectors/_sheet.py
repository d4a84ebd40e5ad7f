"""Opportunities by unit and month, with what says nothing of people's work left out."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np

from crmusage.detectors._columns import Columns
from crmusage.detectors._deals import REASONS, Bool, Deals, Int64

BURST = 10
"""So many entries of one creator …"""
BURST_MINUTES = 5
"""… within so many minutes were not typed in: ten in five minutes leave half a minute for each. Guessed."""

_MINUTES_OF_DAY = 24 * 60
_FEWEST_DAYS = 20

CLOCKLESS = 0.2
"""A time of day at which so great a part of the entries stands, on so great a part of the days, is no time: the
source knows days only (in two such times where a summer time shifts them). Guessed."""


@attrs.frozen(eq=False)
class Entries:
    """What was entered, one row for each unit, creator, minute of entry and month of closing."""

    unit: Int64
    """A row of the sheet."""
    minute: Int64
    """Since 1970, in UTC."""
    month: Int64
    """Of entry, as a column of the sheet; likewise `closed`, -1 for what is open."""
    closed: Int64
    n: Int64
    won: Int64
    lost: Int64
    late: Int64
    """Won when they were entered."""
    logs: Int64
    """Fixed-point logarithms of the days from entry to closing, of those that were won; and their squares."""
    squares: Int64
    span: Int64
    """Microseconds from entry to closing, of those that were won."""


@attrs.frozen(eq=False)
class Sheet:
    """The opportunities of a history, laid out: what was left out, and matrices of units by months.

    The last row is of what belongs to no unit. Months are in sequence, from the first to the last in which
    anything was entered or closed; they are counted from January 1970.
    """

    units: tuple[str, ...]
    months: Int64
    entries: Entries
    entered: Int64
    """By month of entry, likewise the next four."""
    late: Int64
    won: Int64
    lost: Int64
    logs: Int64
    closed_won: Int64
    """By month of closing, likewise the next two."""
    closed_lost: Int64
    closed_span: Int64
    left_out: Mapping[str, Int64]
    """By reason, one number a row."""
    opened: Int64
    """Cents, by month of entry."""
    ended: Int64
    """Cents of what was open, by month of closing."""
    earned: Int64
    """Cents of what was won, by month of closing."""
    currency: str | None
    """Of the amounts."""
    other_currencies: int
    """How many others there are, whose amounts are not counted."""
    opportunities: bool
    """Whether the history says which cases are opportunities; else all that were won or lost are taken."""
    bursts: frozenset[tuple[int, int]]
    """Creators and minutes that are part of a burst."""
    clockless: int
    """Entries of which only the day is known, so that bursts cannot be told among them."""

    @property
    def has_pipeline(self) -> bool:
        """Whether there are amounts, also of what is open (only opportunities are known while they are)."""
        return self.opportunities and bool(self.opened.any())

    def out(self, unit: int | None = None) -> dict[str, int]:
        """How many entries were left out, by reason: of one unit, or of all."""
        counted = {reason: int(n.sum() if unit is None else n[unit]) for reason, n in self.left_out.items()}
        return {reason: n for reason, n in counted.items() if n}


def sheet_of(deals: Deals) -> Sheet:
    """Lay out the tally of a whole history."""
    entries = Columns.of_deals(deals.entries)
    money, currency, others = _of_one_currency(Columns.of_deals(deals.money))
    units = tuple(sorted({*entries.placed("unit")[0], *money.placed("unit")[0]}))
    row, paid_row = entries.rows_among("unit", units), money.rows_among("unit", units)
    month = _month_of_minute(entries["minute"])
    closed = entries["closed"]
    every = np.concatenate([month, closed[closed >= 0], money["month"]])
    first, end = (int(every.min()), int(every.max()) + 1) if len(every) else (0, 0)

    clockless = without_clock(entries["minute"], entries["n"])
    out = entries.having("reason", "deleted") | clockless
    burst = in_burst(entries["creator"], entries["minute"], entries["n"], but=out)
    use = (entries["reason"] < 0) & ~burst
    left_out = {one: np.zeros(len(units) + 1, dtype=np.int64) for one in (*REASONS, "burst")}
    left_out |= entries.at(~burst).totals("reason", row[~burst], len(units) + 1)
    np.add.at(left_out["burst"], row[burst], entries["n"][burst])
    kept = Entries(
        unit=row[use],
        month=month[use] - first,
        closed=np.where(closed[use] >= 0, closed[use] - first, -1),
        **{
            name: entries[name][use]
            for name in ("minute", "n", "won", "lost", "late", "logs", "squares", "span")
        },
    )

    def laid(values: Int64, rows: Int64, columns: Int64) -> Int64:
        # Not bincount: its sums are floating-point, and microseconds would lose digits.
        matrix = np.zeros((len(units) + 1, end - first), dtype=np.int64)
        np.add.at(matrix, (rows, columns), values)
        return matrix

    ended = kept.closed >= 0
    return Sheet(
        units=units,
        months=np.arange(first, end),
        entries=kept,
        entered=laid(kept.n, kept.unit, kept.month),
        late=laid(kept.late, kept.unit, kept.month),
        won=laid(kept.won, kept.unit, kept.month),
        lost=laid(kept.lost, kept.unit, kept.month),
        logs=laid(kept.logs, kept.unit, kept.month),
        closed_won=laid(kept.won[ended], kept.unit[ended], kept.closed[ended]),
        closed_lost=laid(kept.lost[ended], kept.unit[ended], kept.closed[ended]),
        closed_span=laid(kept.span[ended], kept.unit[ended], kept.closed[ended]),
        left_out=left_out,
        opened=laid(money["opened"], paid_row, money["month"] - first),
        ended=laid(money["closed"], paid_row, money["month"] - first),
        earned=laid(money["won"], paid_row, money["month"] - first),
        currency=currency,
        other_currencies=others,
        opportunities=bool(entries["deal"].any()),
        bursts=frozenset(
            zip(entries["creator"][burst].tolist(), entries["minute"][burst].tolist(), strict=True)
        ),
        clockless=int(entries["n"][clockless].sum()),
    )


def _of_one_currency(money: Columns) -> tuple[Columns, str | None, int]:
    """Only the currency of most rows, for two do not add up; its name; how many others there are."""
    names, code = money.placed("currency")
    if not len(code):
        return money, None, 0
    known = np.bincount(code, minlength=len(names) + 1)
    # Of equally many, the first in text order, and none before any.
    first = min(range(len(names) + 1), key=lambda one: (-known[one], (one + 1) % (len(names) + 1)))
    name = names[first] if first < len(names) else None
    return money.at(code == first), name, int(np.count_nonzero(known)) - 1


def _month_of_minute(minute: Int64) -> Int64:
    return minute.astype("datetime64[m]").astype("datetime64[M]").astype(np.int64)


def without_clock(minutes: Int64, n: Int64) -> Bool:
    """Which entries, `n` of each minute since 1970, have a day and no time of day."""
    days, of_day = np.divmod(minutes, _MINUTES_OF_DAY)
    times, place = np.unique(of_day, return_inverse=True)
    count = np.zeros(len(times), dtype=np.int64)
    np.add.at(count, place, n)
    first, last = (int(days.min()), int(days.max())) if len(days) else (0, 0)
    on_days = np.unique(place * (last - first + 1) + days - first) // (last - first + 1)
    days_with = np.bincount(on_days, minlength=len(times))
    everything, every_day = max(int(count.sum()), 1), max(len(np.unique(days)), 1)
    clockless: Bool = (count >= CLOCKLESS * everything) & (days_with >= CLOCKLESS * every_day)
    # A history of a few days tells nothing of what is usual.
    return clockless[place] & (every_day >= _FEWEST_DAYS)


def in_burst(creators: Int64, minutes: Int64, n: Int64, *, but: Bool) -> Bool:
    """Which entries are part of a burst of one creator (a number; 0: not known), `but` those that cannot be."""
    marked = np.zeros(len(n), dtype=bool)
    rows = np.flatnonzero(~but & (creators != 0))
    if not len(rows):
        return marked
    _, creator = np.unique(creators[rows], return_inverse=True)
    minute = minutes[rows]
    minute = minute - minute.min()
    key = creator * (int(minute.max()) + BURST_MINUTES + 1) + minute
    order = np.argsort(key, kind="stable")
    rows, key = rows[order], key[order]
    until = np.concatenate([[0], np.cumsum(n[rows])])
    begin = np.searchsorted(key, key, side="left")
    end = np.searchsorted(key, key + BURST_MINUTES, side="left")
    dense = until[end] - until[begin] >= BURST
    edges = np.zeros(len(rows) + 1, dtype=np.int64)
    np.add.at(edges, begin[dense], 1)
    np.add.at(edges, end[dense], -1)
    marked[rows] = np.cumsum(edges)[:-1] > 0
    return marked
