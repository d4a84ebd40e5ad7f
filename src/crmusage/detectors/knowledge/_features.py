"""Steps of the tool that people take by choice, as a part of the cases in which they are taken early on."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import numpy.typing as npt

from crmusage.detectors._deals import Bool, Int64
from crmusage.detectors._guard import KEPT, of_cases, of_events, positions
from crmusage.detectors.knowledge._kept import NO_WAY_OF_WORKING
from crmusage.history import History, months_of

FEATURE = "feature"
EARLY = 30
"""Days of a case in which a step is looked for: all cases that are older were given the same time. Guessed."""

_DAY = 86_400_000_000


def features(
    part: History, without: Collection[str]
) -> Iterator[tuple[str, npt.NDArray[np.int32], Int64, Bool]]:
    """Of each step the unit and the month of every case that people entered, and whether the step was taken in it.

    Args:
        part: a part of a history.
        without: steps that rules speak of: they are judged as rules.
    """
    index = part.index
    created = index.created
    use = np.flatnonzero((of_cases(part) == KEPT) & (created <= index.as_of - EARLY * _DAY))
    unit, month = index.case_unit[use], months_of(created[use]).astype(np.int64)
    for name in index.activities:
        if name in NO_WAY_OF_WORKING or name in without:
            continue
        at = positions(part, name)
        at = at[of_events(part, at) == KEPT]
        case = index.case[at]
        early = (index.at[at] >= created[case]) & (index.at[at] < created[case] + EARLY * _DAY)
        taken = np.zeros(index.n_cases, dtype=bool)
        taken[case[early]] = True
        yield name, unit, month, taken[use]
