"""What people do, counted for the unit of who did it, and when it was written down."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.detectors import _guard as guard
from crmusage.detectors._deals import REASONS, Bool, Int64
from crmusage.detectors._once import once
from crmusage.history import History

OUTSIDE = ("call", "email", "meeting", "quote_sent", "quote_accepted", "quote_declined")
"""What happens with the customer, and is written down at another time. Only `recorded_at` tells when."""

INSIDE = (
    "created", "updated", "stage_changed", "amount_changed", "close_date_changed", "owner_changed",
    "priority_changed", "won", "lost", "reopened",
)  # fmt: skip
"""What happens in the CRM itself, at the very instant at which it is written down."""


SEVERAL = 3
"""So many people must have a part in what is called a usage of their unit, where it is known whose doing it is.
Guessed."""

MOST = 2 / 3
"""And no one of them more than this part. Guessed."""


@attrs.frozen(eq=False)
class _Pairs:
    """A part in which what each unit did for a case is a case of its own: what tallies of cases take."""

    index: Any
    cases: Any


def by_unit_of_act(part: History, at: npt.NDArray[np.integer[Any]]) -> tuple[Any, Int64]:
    """Count acts for the unit of each act, not of its case.

    Args:
        part: the part.
        at: where the acts stand.

    Returns:
        What `tally_items` takes instead of the part, and for each act its row in it: one for each case and unit.
    """
    index = part.index
    units = len(index.units) + 1
    key = index.case[at].astype(np.int64) * units + index.unit[at] + 1
    pairs, row = np.unique(key, return_inverse=True)
    case, unit = pairs // units, pairs % units - 1
    # Only what the tally reads is taken along: the cases of the pairs, in the order of their ids.
    counted = attrs.evolve(
        index, created=index.created[case], closed=index.closed[case], case_unit=unit.astype(np.int32)
    )
    return _Pairs(counted, part.cases[case]), row.astype(np.int64)


def reasons_of_acts(part: History, at: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.int32]:
    """Why acts are left out: nobody did them by hand, or their record was deleted (places in `REASONS`)."""
    reason: npt.NDArray[np.int32] = _of_all_acts(part)[at]
    return reason


@once
def _of_all_acts(part: History) -> npt.NDArray[np.int32]:
    reason = guard.of_events(part, np.arange(part.index.n_events))
    deleted = part.cases["is_deleted"].fill_null(False).to_numpy().astype(bool)
    reason[deleted[part.index.case]] = REASONS.index("deleted")
    return reason


def is_one_of(part: History, *activities: str) -> Bool:
    """Which events are of one of these activities."""
    codes = [code for code, name in enumerate(part.index.activities) if name in activities]
    found: Bool = np.isin(part.index.activity, codes)
    return found


def recorded(part: History) -> tuple[Int64, Bool]:
    """When each event was written down (its own instant where nobody says), and whether somebody says."""
    known: Bool = part.events["recorded_at"].is_not_null().to_numpy()
    instant = part.events["recorded_at"].to_physical().fill_null(0).to_numpy()
    return np.where(known, instant, part.index.at), known


def of_several(person: Int64, n: Int64) -> bool:
    """Whether acts are the doing of several people (`n` of each number), or of most nobody knows whose (0)."""
    hits: dict[int, int] = {}
    for one, count in zip(person.tolist(), n.tolist(), strict=True):
        hits[one] = hits.get(one, 0) + count
    unknown = hits.pop(0, 0)
    if unknown >= sum(hits.values()):
        return True
    return len(hits) >= SEVERAL and max(hits.values()) <= MOST * sum(hits.values())
