"""A rule that is changed in some units on a known day, with an effect that is known too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
import polars as pl

from crmusage.history import History
from crmusage.model import Text
from crmusage.rules import Constraint, Duration, Template, UsageRule
from crmusage.testing._scenario import SimulationError

START = dt.datetime(2025, 1, 6, tzinfo=dt.UTC)
BEFORE, AFTER = 196, 196
"""Days: seven times four weeks on each side of the change."""

# Guessed: how far units lie apart, how a unit comes and goes by itself, how persons differ.
KEPT, KEPT_SPREAD = 0.60, 0.08
WON, WON_SPREAD = 0.45, 0.06
DAYS, DAYS_SPREAD = 20.0, 0.25
SHOCK = 0.05
"""Standard deviation of what a unit does in a month of its own, in points of share / 100."""
LASTING = 0.5
"""How much of a month's own is still there in the next: figures of one unit hang together over time."""
PERSON = 0.06

RULE = UsageRule(
    "decide-within-two-days",
    Text("A request has come in", "Une demande est arrivée"),
    version=2,
    expect=(Constraint(Template.RESPONSE, "submitted", "decided", within=Duration(days=2)),),
)

_INSTANT = pl.Datetime("us", "UTC")
_DAY = 86_400_000_000


@attrs.frozen(eq=False)
class Intervention:
    """What was done to whom and when, what it truly did, and the CRM that shows it."""

    tables: Mapping[str, pl.DataFrame]
    """In the contract's columns: cases, events, people."""
    rule: UsageRule
    changed_on: dt.datetime
    units: tuple[str, ...]
    """Where the rule was changed."""
    kept: float
    """What was added to the share of activations kept, there and from then on."""
    won: float
    """What was added to the win rate."""
    cycle: float
    """What was added to the logarithm of the time from creation to closing."""
    as_of: dt.datetime

    def history(self) -> History:
        """The tables as a history."""
        frames: dict[str, Any] = dict(self.tables)
        return History.from_frames(as_of=self.as_of, **frames)


def simulate_intervention(
    seed: int = 0,
    *,
    kept: float = 0.12,
    won: float = 0.0,
    cycle: float = 0.0,
    units: int = 20,
    changed: int = 6,
    cases: int = 150,
    uneven: float = 0.6,
    drift: float = 0.0,
    shock: float = SHOCK,
) -> Intervention:
    """A company in which a rule is changed in some units, half-way through a year.

    Units differ, each has its own ups and downs that last for a while, the whole company has a season, and
    persons differ within their unit. `kept`, `won` and `cycle` are added in the changed units, to cases that are
    created from the change on (outcomes: closed from then on).

    Args:
        seed: the same seed gives the same company.
        kept: the effect on the share of requests decided within two days.
        won: the effect on the win rate.
        cycle: the effect on the logarithm of durations; -0.1 shortens them by a tenth.
        units: how many units there are.
        changed: in how many of them the rule is changed.
        cases: how many the middle unit has in all.
        uneven: how unequal units are in size (standard deviation of the logarithm).
        drift: what the changed units gain on the others in a month even without a change: then they never moved
            alike, and no comparison can be right.
        shock: how much a unit comes and goes by itself.

    Raises:
        SimulationError: when there are not more units than changed ones.
    """
    if not 0 < changed < units:
        raise SimulationError(
            f"some units change and some do not: 0 < changed < units, not {changed} of {units}"
        )
    rng = np.random.default_rng(seed)
    size = np.maximum(12, np.rint(cases * rng.lognormal(0, uneven, units))).astype(np.int64)
    # Which units change has nothing to do with their size: by chance, as their place in the list.
    unit = np.repeat(np.arange(units), size)
    n = len(unit)
    created = rng.uniform(0, BEFORE + AFTER - 7, n)
    treated = unit < changed
    share = KEPT + rng.normal(0, KEPT_SPREAD, units)[unit]
    share += _ups_and_downs(rng, units, shock)[unit, (created // 28).astype(np.int64)]
    share += 0.04 * np.sin(created / 60) + drift * treated * (created - BEFORE) / 30.4
    share += rng.normal(0, PERSON, (units, 8))[unit, rng.integers(0, 8, n)]
    in_time = rng.random(n) < np.clip(share + kept * (treated & (created >= BEFORE)), 0, 1)
    decided = created + np.where(in_time, rng.uniform(0.1, 1.9, n), rng.uniform(2.1, 6.0, n))

    # Outcomes are drawn when a case is closed, so that what is asked of them is known exactly.
    lasts = np.exp(np.log(DAYS) + rng.normal(0, DAYS_SPREAD, units)[unit] + rng.normal(0, 0.6, n))
    closed = rng.uniform(0, BEFORE + AFTER, n)
    late = treated & (closed >= BEFORE)
    lasts = lasts * np.exp(
        cycle * late + _ups_and_downs(rng, units, shock)[unit, (closed // 28).astype(np.int64)]
    )
    rate = WON + rng.normal(0, WON_SPREAD, units)[unit] + won * late
    rate += _ups_and_downs(rng, units, shock)[unit, (closed // 28).astype(np.int64)]
    outcome = np.where(rng.random(n) < np.clip(rate, 0, 1), "won", "lost")
    return Intervention(
        tables=_tables(unit, size, created, decided, closed, lasts, outcome),
        rule=RULE,
        changed_on=START + dt.timedelta(days=BEFORE),
        units=tuple(_name(k) for k in range(changed)),
        kept=kept,
        won=won,
        cycle=cycle,
        as_of=START + dt.timedelta(days=BEFORE + AFTER),
    )


def _name(k: int) -> str:
    return f"unit {k + 1:02}"


def _ups_and_downs(rng: np.random.Generator, units: int, size: float) -> np.ndarray:
    """A figure a unit and month that hangs together from month to month."""
    months = (BEFORE + AFTER) // 28 + 1
    own = rng.normal(0, size * np.sqrt(1 - LASTING**2), (units, months))
    own[:, 0] /= np.sqrt(1 - LASTING**2)
    for month in range(1, months):
        own[:, month] += LASTING * own[:, month - 1]
    return own


def _tables(
    unit: np.ndarray,
    size: np.ndarray,
    created: np.ndarray,
    decided: np.ndarray,
    closed: np.ndarray,
    lasts: np.ndarray,
    outcome: np.ndarray,
) -> dict[str, pl.DataFrame]:
    """Requests with their decision, and opportunities with their outcome: two kinds of case in one CRM."""
    names = [_name(k) for k in range(len(size))]
    of_unit = [names[k] for k in unit]
    n = len(unit)
    requests = pl.DataFrame(
        {
            "case_id": [f"r{k:06}" for k in range(n)],
            "kind": ["request"] * n,
            "created_at": _instants(created),
            "closed_at": pl.Series([None] * n, dtype=_INSTANT),
            "outcome": pl.Series([None] * n, dtype=pl.String),
            "unit": of_unit,
        }
    )
    deals = pl.DataFrame(
        {
            "case_id": [f"s{k:06}" for k in range(n)],
            "kind": ["opportunity"] * n,
            "created_at": _instants(closed - lasts),
            "closed_at": _instants(closed),
            "outcome": outcome.tolist(),
            "unit": of_unit,
        }
    )
    steps = [("submitted", created), ("decided", decided)]
    end = float(BEFORE + AFTER)
    events = pl.concat(
        pl.DataFrame(
            {
                "case_id": requests["case_id"],
                "activity": [activity] * n,
                "at": _instants(at),
            }
        ).filter(pl.Series(at <= end))
        for activity, at in steps
    )
    people = pl.DataFrame(
        {
            "person_id": [f"{name}.{k}" for name in names for k in range(8)],
            "unit": [name for name in names for _ in range(8)],
        }
    )
    return {"cases": pl.concat([requests, deals]), "events": events, "people": people}


def _instants(days: np.ndarray) -> pl.Series:
    first = round(START.timestamp() * 1_000_000)
    return pl.Series((first + np.rint(days * _DAY)).astype(np.int64)).cast(_INSTANT)
