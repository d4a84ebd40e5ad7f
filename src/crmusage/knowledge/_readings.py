"""From what was seen of people to readings that no longer know them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import attrs

from crmusage.knowledge._fit import Reading
from crmusage.model import Acknowledgement

_MONTH = 365.25 / 12
"""Days in a month, on average."""


@attrs.frozen
class Gathered:
    """Readings by whole months since the training, and how many sights could not become one."""

    readings: tuple[Reading, ...]
    untrained: int
    """Of people of whom no training is known: colleagues told them, or nobody."""
    too_early: int
    """From before the training."""
    repeated: int
    """Earlier sights of people who were seen again: each counts once, as last seen."""


def gather(trained: Mapping[str, dt.date], seen: Iterable[tuple[str, dt.date, bool]]) -> Gathered:
    """Pool what was seen of people by months since their training.

    Args:
        trained: by person, the day of their (last) training.
        seen: a person, a day, and whether they knew: a test, a feature used when it was called for, a rule kept
            or broken.
    """
    last: dict[str, tuple[dt.date, bool]] = {}
    untrained = too_early = repeated = 0
    for person, day, knew in seen:
        if person not in trained:
            untrained += 1
        elif day < trained[person]:
            too_early += 1
        else:
            repeated += person in last
            # Seen twice on a day: who failed once does not surely know.
            last[person] = min(
                last.get(person, (day, knew)), (day, knew), key=lambda one: (-one[0].toordinal(), one[1])
            )
    by_month: dict[int, tuple[int, int]] = {}
    for person, (day, knew) in last.items():
        months = round((day - trained[person]).days / _MONTH)
        known, n = by_month.get(months, (0, 0))
        by_month[months] = known + knew, n + 1
    readings = tuple(Reading(months, *by_month[months]) for months in sorted(by_month))
    return Gathered(readings, untrained, too_early, repeated)


def trained_by(acknowledgements: Iterable[Acknowledgement], rule: str) -> dict[str, dt.date]:
    """By person, the day on which they last read a rule: reading it is a training in it."""
    days: dict[str, dt.date] = {}
    for one in acknowledgements:
        if one.rule == rule:
            days[one.person] = max(one.day, days.get(one.person, one.day))
    return days
