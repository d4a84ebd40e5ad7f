"""What rows of a table say against each other, against other tables and against the instant of the look."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from crmusage.history._column import emptied
from crmusage.history._order import STRETCH, sortable
from crmusage.history._set_aside import Ledger
from crmusage.model import Text

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

STRAGGLERS = 0.001
"""The share of events that may stand alone at the end because somebody mistyped a year. Guessed."""
ALONE = dt.timedelta(days=31)
"""How far they must stand from the others to be told of. Guessed."""

AS_THEY_STAND = Text(
    en="The history is looked at as of an earlier instant than the data's last: what happened later was "
    "taken away, but columns of cases such as stage, amount and owner tell how things stood when the data "
    "were exported.",
    fr="L'historique est arrêté à un instant antérieur aux dernières données : ce qui est survenu ensuite a "
    "été retiré, mais des colonnes des dossiers comme l'étape, le montant ou le propriétaire reflètent "
    "l'état au moment de l'export.",
)


def unlike(cases: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """One row a case: copies become one, rows that contradict each other all go."""
    twice = cases["case_id"].is_duplicated()
    if not twice.any():
        return cases
    again = cases.filter(twice)
    compared = [name for name, dtype in cases.schema.items() if sortable(dtype)]
    distinct = again.unique(compared, keep="first", maintain_order=True)
    copies = (
        again.group_by(compared)
        .agg(pl.len().alias(" copies"))
        .filter(pl.col(" copies") > 1)
        .select("case_id", pl.col(" copies") - 1)
    )
    ledger.add(
        "cases",
        "same row more than once",
        copies.select(pl.col("case_id").repeat_by(" copies").explode()),
        key="case_id",
        kept=True,
    )
    torn = distinct["case_id"].is_duplicated()
    ledger.add("cases", "same id, different rows", distinct.filter(torn), key="case_id")
    return pl.concat([cases.filter(~twice), distinct.filter(~torn)])


def until(name: str, table: pl.DataFrame, as_of: dt.datetime | None, ledger: Ledger) -> pl.DataFrame:
    """What had happened by `as_of`."""
    if as_of is None:
        return table
    later = table["at"] > as_of
    if not later.any():
        return table
    ledger.add(name, "after as_of", table.filter(later), key=table.columns[0], value="at")
    return table.filter(~later)


def forwards(name: str, table: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """Stretches of time, such as absences, that do not end before they start."""
    if "starts_at" not in table.columns:
        return table
    backwards = (table["ends_at"] < table["starts_at"]).fill_null(False)
    ledger.add(name, "end before start", table.filter(backwards), key=table.columns[0], value="ends_at")
    return table.filter(~backwards)


def sound_cases(
    cases: pl.DataFrame, as_of: dt.datetime | None, ledger: Ledger
) -> tuple[pl.DataFrame, pl.Series]:
    """Cases that do not contradict themselves and existed by `as_of`; ids of those closed only later."""
    backwards = (cases["closed_at"] < cases["created_at"]).fill_null(False)
    if backwards.any():
        ledger.add(
            "cases", "closed before created", cases.filter(backwards), key="case_id", value="closed_at"
        )
        cases = cases.filter(~backwards)
    if as_of is None:
        return cases, cases["case_id"].clear()
    later = cases["created_at"] > as_of
    ledger.add("cases", "created after as_of", cases.filter(later), key="case_id", value="created_at")
    cases = cases.filter(~later)
    undone = (cases["closed_at"] > as_of).fill_null(False)
    ledger.add(
        "cases", "closed after as_of", cases.filter(undone), key="case_id", value="closed_at", kept=True
    )
    still = cases.with_columns(emptied(cases["closed_at"], undone), emptied(cases["outcome"], undone))
    return still, cases["case_id"].filter(undone)


def of_known_cases(
    events: pl.DataFrame, cases: pl.DataFrame, came: pl.Series | None, ledger: Ledger
) -> pl.DataFrame:
    """Events whose case is there. `came`: the ids of all cases that came, those set aside too."""
    stray = events.join(cases.select("case_id"), on="case_id", how="anti")
    if not stray.height:
        return events
    of_lost = stray["case_id"].is_in((cases["case_id"].clear() if came is None else came).unique().implode())
    ledger.add("events", "of a case set aside", stray.filter(of_lost), key="case_id", value="activity")
    ledger.add("events", "of an unknown case", stray.filter(~of_lost), key="case_id", value="activity")
    return events.join(cases.select("case_id"), on="case_id", how="semi", maintain_order="left")


def latest(tables: Mapping[str, pl.DataFrame]) -> dt.datetime:
    """The latest instant in the data: what the source had seen when it was read."""
    told = (("events", "at"), ("events", "recorded_at"), ("cases", "created_at"), ("cases", "closed_at"))
    # A column taken out of its table is written out in memory, though it may be nothing but missing values.
    seen = [tables[table].select(pl.col(column).max()).item() for table, column in told]
    found = max((one for one in seen if isinstance(one, dt.datetime)), default=EPOCH)
    return found.astimezone(dt.UTC)


def straggling(at: pl.Series, as_of: dt.datetime) -> list[Text]:
    """A note when the latest instant stands far from nearly all events: a slip would make everything late."""
    few = max(1, int(len(at) * STRAGGLERS))
    if len(at) <= few:
        return []
    # Some rows at a time: what finds the latest makes a copy.
    late = pl.concat(at.slice(row, STRETCH).top_k(few + 1) for row in range(0, len(at), STRETCH))
    usual = late.top_k(few + 1).min()
    if not isinstance(usual, dt.datetime) or as_of - usual <= ALONE:
        return []
    days, last = (as_of - usual).days, f"{as_of:%Y-%m-%d}"
    return [
        Text(
            en=f"The history ends at its latest instant, {last}, {days} days after nearly all events. If "
            "that is a slip or a plan, give as_of (--as-of): else what is open counts as late.",
            fr=f"L'historique s'arrête à son dernier instant, le {last}, {days} jours après presque tous les "
            "événements. S'il s'agit d'une faute de frappe ou d'une prévision, indiquez as_of (--as-of) : sinon ce "
            "qui est ouvert passera pour en retard.",
        )
    ]
