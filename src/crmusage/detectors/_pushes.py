"""Close dates that are put off."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt

from crmusage.detectors import _guard as guard
from crmusage.detectors._changes import UNKNOWN, days, stranger
from crmusage.detectors._deals import REASONS, Int64
from crmusage.history import History

CORRECTED = dt.timedelta(days=1)
"""Of several changes of one date within so long only the last counts: the others were slips. Guessed."""

REASONS_OF_PUSHES = (*REASONS, "corrected")
"""Why a change of a close date is left out."""

Codes = npt.NDArray[np.int32]


def pushes(part: History) -> tuple[Int64, Int64, Codes, Int64]:
    """Changes of the close dates of open cases.

    Returns:
        Where they stand; by how many days the date moved (0: not known); why they are left out; and a number for
        who changed the record of another (0: its owner did).
    """
    index = part.index
    at = guard.positions(part, "close_date_changed").astype(np.int64)
    at = at[index.at[at] < index.closed[index.case[at]]]
    old, new = (days(part.events[name].gather(at)) for name in ("old", "new"))
    by = np.where((old == UNKNOWN) | (new == UNKNOWN), 0, new - old)
    reason = guard.of_events(part, at)
    if len(at) > 1:
        again = np.zeros(len(at), dtype=bool)
        same = index.case[at[1:]] == index.case[at[:-1]]
        again[:-1] = same & (np.diff(index.at[at]) <= CORRECTED // dt.timedelta(microseconds=1))
        reason[again & (reason == guard.KEPT)] = REASONS_OF_PUSHES.index("corrected")
    return at, by, reason, np.where(reason == guard.KEPT, stranger(part, at), 0)


def left_out_pushes(part: History, at: Int64, reason: Codes) -> Codes:
    """Why changes are left out, those of records that are left out with them."""
    of_case = guard.of_cases(part)[part.index.case[at]]
    return np.where(of_case == guard.KEPT, reason, of_case).astype(np.int32)
