"""Who asks: the unit from which a request came."""

from __future__ import annotations

import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._deals import Int64
from crmusage.history import History


def asker_units(part: History) -> Int64:
    """The unit (its place in `index.units`, -1: not known) of who submitted each request, else of who created it."""
    index = part.index
    place = {unit: number for number, unit in enumerate(index.units)}
    of_person = dict(part.people.select("person_id", "unit").drop_nulls().iter_rows())
    by = [place.get(of_person.get(person, ""), -1) for person in part.cases["created_by"].to_list()]
    found = np.array(by, dtype=np.int64)
    at = guard.positions(part, "submitted").astype(np.int64)[::-1]
    units = part.events["unit"].gather(at).to_list()
    code = np.array([-1 if unit is None else place.get(unit, -1) for unit in units], dtype=np.int64)
    # The first of each case is written last.
    found[index.case[at[code >= 0]]] = code[code >= 0]
    return found
