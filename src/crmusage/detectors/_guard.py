"""What says nothing of people's work: told apart before anybody is judged."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from crmusage.detectors._deals import REASONS, Bool, creators
from crmusage.detectors._once import once
from crmusage.history import NEVER, History

Codes = npt.NDArray[np.int32]

KEPT = -1
"""The code of what is not left out; else a place in `REASONS`."""

_OF_ORIGIN = {
    "automation": "machine",
    "api": "machine",
    "cascade": "cascade",
    "merge": "merge",
    "import": "import",
}


def of_cases(part: History) -> Codes:
    """Why each case is left out: deleted, or made by an import, a merge, another change or a program."""
    return creators(part)[1]


def of_events(part: History, at: npt.NDArray[Any]) -> Codes:
    """Why the events at these positions are left out: nobody did them by hand.

    What came through an interface (origin "api") counts as a program's: a person may stand behind it, but a
    wrong finding about people is worse than a missing one.
    """
    reason: Codes = _of_all_events(part)[at]
    return reason


@once
def _of_all_events(part: History) -> Codes:
    events, people = part.events, part.people
    reason = np.full(events.height, KEPT, dtype=np.int32)
    for word, why in _OF_ORIGIN.items():
        reason[_truths(events["origin"] == word)] = REASONS.index(why)
    machines = people["person_id"].filter((people["is_human"] == False).fill_null(False))  # noqa: E712 - a column
    by_machine = _truths(events["actor"].is_in(machines.implode()))
    reason[by_machine & (reason == KEPT)] = REASONS.index("machine")
    return reason


def positions(part: History, *activities: str) -> npt.NDArray[np.int32]:
    """Where the events of some activities stand, ascending."""
    found = [part.index.positions(one) for one in activities if one in part.index.activities]
    return np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.int32)


@once
def is_deal(part: History) -> Bool:
    """Which cases are said to be opportunities."""
    return _truths(part.cases["kind"] == "opportunity")


def is_open(part: History) -> Bool:
    """Which cases have not ended by the last instant."""
    found: Bool = (part.index.closed == NEVER) & _truths(part.cases["outcome"].is_null())
    return found


def _truths(series: Any) -> Bool:
    found: Bool = series.fill_null(False).to_numpy()
    return found.astype(bool, copy=False)
