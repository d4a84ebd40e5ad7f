from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from crmusage.metrics import wilson
from crmusage.model import Measure, Text, Undefined

Numbers = Sequence[float] | npt.NDArray[Any]


def share_of_persons(
    name: str, numerators: Numbers, denominators: Numbers, least: int, label: Text | None = None
) -> Measure | Undefined:
    """A share whose parts come in lots, a lot for each person: sessions, weeks, entries.

    Args:
        name: what it is called.
        numerators: of each person.
        denominators: of each person; who has 0 does not count.
        least: fewer persons than this are not told of.
        label: what a reader is told that it is.

    The interval is Wilson's for as many independent parts as the spread between persons leaves (Cochran 1977,
    section 6): a thousand entries of one person are no thousand witnesses. Never more parts than there are; where all
    or none of the parts did, nothing shows how persons differ, and each counts once.
    """
    n, d = np.asarray(numerators, dtype=np.float64), np.asarray(denominators, dtype=np.float64)
    n, d = n[d > 0], d[d > 0]
    persons, total = len(d), float(d.sum())
    if persons < max(least, 2):
        return Undefined(
            name,
            Text(
                f"fewer than {max(least, 2)} people to tell it of",
                f"moins de {max(least, 2)} personnes concernées : chiffre non communiqué",
            ),
        )
    value = float(n.sum()) / total
    spread = float(((n - value * d) ** 2).sum()) * persons / (persons - 1) / total**2
    if value in {0.0, 1.0}:
        parts = min(float(persons), total)
    else:
        parts = min(max(value * (1 - value) / spread, 1.0), total) if spread > 0 else total
    low, high = wilson(value * parts, parts)
    return Measure(name, value, float(n.sum()), total, low, high, label=label)
