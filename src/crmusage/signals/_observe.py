from __future__ import annotations

import datetime as dt

from crmusage.adoptability import coercion
from crmusage.history import History, people_of
from crmusage.knowledge import Concern, Judged, orphans
from crmusage.model import MIN_GROUP, Period
from crmusage.programme import Observed
from crmusage.rules import Rulebook
from crmusage.signals._controls import around_controls
from crmusage.signals._indicators import by_product, indicators, leading
from crmusage.signals._practices import observations
from crmusage.signals._readings import readings
from crmusage.signals._use import DAY, acts, instants

_AROUND = "CU201"
_TIME_OF = {"cases": "created_at", "events": "at", "sessions": "at"}
"""Tables that have rows every month, and what places a row in it; of others all rows count: a month without a leave
is no gap."""


def observe(
    history: History,
    rulebook: Rulebook | None = None,
    report: Judged | None = None,
    *,
    min_group: int = MIN_GROUP,
) -> Observed:
    """What a history shows of the programme, to be held beside what people answer; it replaces no answer.

    Args:
        history: what happened.
        rulebook: the written rules; those in force are looked at.
        report: of `crmusage.verify` on both; without it, what needs the rules judged or a detector is left open.
        min_group: fewer persons than this are not told of.
    """
    done = acts(history)
    managers, caught = leading(history, done, min_group), by_product(history)
    seen = () if report is None else report.findings
    units = sorted({one.scope.unit for one in seen if one.code == _AROUND and one.scope.unit})
    return Observed(
        as_of=history.as_of,
        indicators=indicators(history, done, caught, managers, min_group),
        coercion=coercion(around_controls(history, done, min_group), caught, units),
        observations=observations(history, rulebook, report, managers, min_group),
        orphans=_orphans(history, rulebook),
        readings=() if rulebook is None else readings(history, rulebook, done).readings,
    )


def _orphans(history: History, book: Rulebook | None) -> tuple[Concern, ...]:
    if book is None or not history.people.height:
        return ()
    return orphans(book, people_of(history), history.as_of.date())


def rows_in(history: History, period: Period) -> dict[str, int]:
    """How many rows each table that the source gave has in a period (UTC days), as `results_of` asks it.

    Cases, events and sessions count by their times; other tables, such as people, as a whole. Cases that were put
    together from events are left out.
    """
    epoch = dt.date(1970, 1, 1)
    start, end = ((day - epoch).days * DAY for day in (period.start, period.end))
    found = {}
    for name in sorted(history.given):
        table = getattr(history, name)
        column = _TIME_OF.get(name)
        if column is None:
            found[name] = table.height
        else:
            at = instants(table[column].drop_nulls())
            found[name] = int(((at >= start) & (at < end)).sum())
    return found
