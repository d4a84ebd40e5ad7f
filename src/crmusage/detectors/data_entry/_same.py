"""A text that one unit types into a free field all the time, while those of the others differ."""

from __future__ import annotations

import numpy as np

from crmusage.detectors._deals import Int64
from crmusage.detectors._grid import Grid
from crmusage.history import Counts

OFTEN = 0.3
"""A text is a unit's formula when it is so great a part of its short texts in the field, and ten of them. Guessed."""
FEWEST = 10

SELDOM = 0.02
"""And no more of the others' there: what many write is a usual answer. Guessed."""

FREE = 100
"""A field in which the others have written at least so many different texts is a free one; in one of a few values
a unit may have one market, one rival, one supplier. Guessed."""


def same_text(texts: Counts, grid: Grid) -> dict[str, Int64]:
    """By field, how often each unit typed its formula: units by months, as in the grid."""
    found: dict[str, Int64] = {}
    columns = {name: texts.column(name) for name in ("unit", "month", "field", "bucket", "n")}
    row_of = {name: row for row, name in enumerate(grid.units)}
    row = np.array([row_of.get(unit, len(row_of)) for unit in columns["unit"]], dtype=np.int64)
    for name in sorted({*columns["field"].tolist()}):
        use = columns["field"] == name
        buckets, bucket = np.unique(columns["bucket"][use], return_inverse=True)
        table = np.zeros((len(grid.units) + 1, len(buckets)), dtype=np.int64)
        np.add.at(table, (row[use], bucket), columns["n"][use])
        of_all, all_of = table.sum(axis=0), table.sum()
        for place in range(len(grid.units)):
            own, total = table[place], int(table[place].sum())
            others = of_all - own
            if total == 0 or (others > 0).sum() < FREE:
                continue
            most = int(own.argmax())
            often = own[most] >= max(FEWEST, OFTEN * total)
            if often and others[most] <= SELDOM * (all_of - total):
                matrix = found.setdefault(name, np.zeros_like(grid.sums["n"]))
                rows = np.flatnonzero(use)[(row[use] == place) & (bucket == most)]
                np.add.at(matrix, (place, columns["month"][rows] - grid.months[0]), columns["n"][rows])
    return found
