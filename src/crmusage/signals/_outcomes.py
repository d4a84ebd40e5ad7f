from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from crmusage.history import NEVER, History
from crmusage.model import Measure, Text, Undefined
from crmusage.signals._use import WEEK, Use, codes

MOST_WEEKS = 0.5
"""Who uses the tool in half of their weeks or more is a user. Guessed."""
_NAME = "users_won_more"
_LABEL = Text("won by users less won by others", "taux de succès des utilisateurs, moins celui des autres")

Floats = npt.NDArray[np.float64]


def users_against_others(history: History, weeks: Use, least: int) -> Measure | Undefined:
    """How many points more is won by owners who use the tool most weeks than by others of their unit.

    Differences within units are weighted as Mantel and Haenszel do (n1 n0 / (n1 + n0)), so that what differs between
    units does not count; the 95 % interval is the jackknife's over persons. It says that two things go together, not
    that one makes the other: who sells well may also be who enters well.
    """
    index = history.index
    owner = codes(history.cases["owner"], weeks.persons)
    outcome = history.cases["outcome"]
    won = (outcome == "won").fill_null(False).to_numpy()
    decided = won | (outcome == "lost").fill_null(False).to_numpy()
    decided &= ~history.cases["is_deleted"].fill_null(False).to_numpy()
    decided &= (owner >= 0) & (index.case_unit >= 0)
    closed = index.closed
    decided &= (closed != NEVER) & (closed >= index.as_of - weeks.here.shape[1] * WEEK)
    if not decided.any():
        return Undefined(
            _NAME,
            Text(
                "no case that was won or lost in the last year has an owner and a unit",
                "aucun dossier gagné ou perdu dans l'année n'indique à la fois un propriétaire et une unité",
            ),
        )
    # A person may have cases in several units: each pair is a lot, and the person is left out with all of them.
    pair = owner[decided] * len(index.units) + index.case_unit[decided]
    pairs, inverse = np.unique(pair, return_inverse=True)
    wins = np.bincount(inverse, weights=won[decided]).astype(np.float64)
    cases = np.bincount(inverse).astype(np.float64)
    person, unit = pairs // len(index.units), pairs % len(index.units)
    here, used = weeks.weeks_here[person], weeks.weeks_used[person]
    kept = here > 0
    person, unit, wins, cases = person[kept], unit[kept], wins[kept], cases[kept]
    users = used[kept] >= MOST_WEEKS * here[kept]
    both = np.intersect1d(unit[users], unit[~users])
    compared = np.isin(unit, both)
    person, unit, wins, cases, users = (one[compared] for one in (person, unit, wins, cases, users))
    for side in (users, ~users):
        if len(np.unique(person[side])) < max(least, 2):
            return Undefined(
                _NAME,
                Text(
                    f"fewer than {max(least, 2)} people on one side, in units that have users and others",
                    f"moins de {max(least, 2)} personnes d'un côté, dans les unités qui comptent à la fois des "
                    "utilisateurs réguliers et d'autres",
                ),
            )
    _, row = np.unique(unit, return_inverse=True)
    value = _difference(row, wins, cases, users)
    everyone = np.unique(person)
    again = [_difference(*(one[person != left] for one in (row, wins, cases, users))) for left in everyone]
    n = len(again)
    mean = math.fsum(again) / n
    half = 1.96 * math.sqrt((n - 1) / n * math.fsum((one - mean) ** 2 for one in again))
    low, high = max(-1.0, value - half), min(1.0, value + half)
    return Measure(
        _NAME, 100 * value, None, float(cases.sum()), 100 * low, 100 * high, unit="points", label=_LABEL
    )


def _difference(
    row: npt.NDArray[np.int64], wins: Floats, cases: Floats, users: npt.NDArray[np.bool_]
) -> float:
    size = int(row.max()) + 1
    n1, n0 = (np.bincount(row[side], weights=cases[side], minlength=size) for side in (users, ~users))
    w1, w0 = (np.bincount(row[side], weights=wins[side], minlength=size) for side in (users, ~users))
    tells = (n1 > 0) & (n0 > 0)
    n1, n0, w1, w0 = n1[tells], n0[tells], w1[tells], w0[tells]
    weight = n1 * n0 / (n1 + n0)
    return float((weight * (w1 / n1 - w0 / n0)).sum() / weight.sum())
