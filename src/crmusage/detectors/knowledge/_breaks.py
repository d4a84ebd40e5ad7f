"""What upsets a company's knowledge, many departures or a release, and what fell when it came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.detectors._words import said
from crmusage.history import Counts, History
from crmusage.metrics import Change, change_point, share
from crmusage.model import Measure

FEWEST_LEAVING = 3
"""People who leave a unit within two months: less is the usual coming and going. Guessed."""

PART_LEAVING = 0.20
"""And of the unit's people, so many. Guessed."""

AROUND = 12
"""Months that are looked at on each side."""

SOON = 4
"""Months after the first departures, or the release, in which a fall is put down to them. Guessed."""

FEWEST_UNITS_FALL = 0.5
"""Of the units with cases enough, so many fall after a release: else it is a matter of some units. Guessed."""

_Thing = tuple[str, str, int]
"""Rule or step, its name, and the place of the expectation."""
Ints = npt.NDArray[np.int64]


@attrs.frozen(order=True)
class Upset:
    """Something after which people may know less."""

    month: int
    """The first one, since January 1970."""
    unit: str | None
    """None: the whole company."""
    left: int = 0
    of: int = 0
    label: str = ""


@attrs.frozen
class Break:
    """One thing that fell, or did not, about the time of an upset."""

    upset: Upset
    what: str
    name: str
    expect: int
    at: int
    """The first month of the time since."""
    low: int
    high: int
    first: int
    last: int
    """The months that were looked at."""
    before: float
    measure: Measure
    """Since then."""
    peers_before: float | None
    peers_after: float | None
    p_value: float
    matters: bool

    @property
    def fall(self) -> float:
        """How much less it is done."""
        return self.before - self.measure.value


_LABEL = said(en="still done as before", fr="encore fait comme avant")


def waves(part: History) -> tuple[Upset, ...]:
    """Months in which many left a unit; half a year passes before the next one counts. It needs no cases."""
    rows = part.people.select("unit", "starts_on", "ends_on", "is_human").to_dicts()
    by_unit: dict[str, list[tuple[int, int]]] = {}
    for row in rows:
        if row["unit"] is None or row["is_human"] is False:
            continue
        begins = -(10**6) if row["starts_on"] is None else _month(row["starts_on"])
        ends = (
            10**6 if row["ends_on"] is None or row["ends_on"] > part.as_of.date() else _month(row["ends_on"])
        )
        by_unit.setdefault(row["unit"], []).append((begins, ends))
    found = []
    for unit, people in sorted(by_unit.items()):
        after = -(10**6)
        for month in sorted({end for _, end in people if end < 10**6}):
            here = sum(begin < month <= end for begin, end in people)
            left = sum(begin < month <= end <= month + 1 for begin, end in people)
            if month >= after and left >= FEWEST_LEAVING and left >= PART_LEAVING * here:
                found.append(Upset(month, unit, left, here))
                after = month + 6
    return tuple(found)


def releases(part: History) -> tuple[Upset, ...]:
    """Releases in the calendar."""
    rows = part.calendar.select("kind", "starts_at", "label").to_dicts()
    found = {
        Upset(_month(row["starts_at"].date()), None, label=row["label"] or "")
        for row in rows
        if row["kind"] is not None
        and row["starts_at"] is not None
        and row["kind"].lower() in {"release", "version"}
    }
    return tuple(sorted(found))


def _month(day: dt.date) -> int:
    return day.year * 12 + day.month - 1 - 1970 * 12


@attrs.frozen(eq=False)
class Months:
    """Kept and decided, by thing: units (the last row is of what belongs to none) by months."""

    units: tuple[str, ...]
    months: Ints
    things: Mapping[_Thing, tuple[Ints, Ints]]

    @classmethod
    def of(cls, counts: Counts) -> Months:
        """The tally of the whole history, laid out."""
        rows = counts.rows()
        units = tuple(sorted({row["unit"] for row in rows if row["unit"] is not None}))
        place = {unit: k for k, unit in enumerate(units)}
        first = min((row["month"] for row in rows), default=0)
        last = max((row["month"] for row in rows), default=-1)
        shape = len(units) + 1, last - first + 1
        things: dict[_Thing, tuple[Ints, Ints]] = {}
        for row in rows:
            thing = row["what"], row["name"], row["expect"]
            if thing not in things:
                things[thing] = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
            cell = place.get(row["unit"], len(units)), row["month"] - first
            things[thing][0][cell] += row["kept"]
            things[thing][1][cell] += row["n"]
        return cls(units, np.arange(first, last + 1), things)

    def breaks(self, upset: Upset, *, fewest: int, apart: float, seed: int) -> Iterator[Break]:
        """What can be judged about the time of an upset."""
        for thing in sorted(self.things):
            found = self._break(upset, thing, fewest, apart, seed)
            if found is not None:
                yield found

    def series(self, one: Break) -> list[tuple[int, int, int, int, int]]:
        """Month by month: kept and decided, and the same of the others."""
        kept, n = self.things[one.what, one.name, one.expect]
        rows = self._rows(one.upset)
        near = self._near(one.upset)
        columns = (
            self.months[near],
            *(table[rows].sum(axis=0)[near] for table in (kept, n)),
            *(table[~rows].sum(axis=0)[near] for table in (kept, n)),
        )
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def _rows(self, upset: Upset) -> npt.NDArray[np.bool_]:
        rows = np.ones(len(self.units) + 1, dtype=bool)
        if upset.unit is not None:
            rows[:] = False
            if upset.unit in self.units:
                rows[self.units.index(upset.unit)] = True
        return rows

    def _near(self, upset: Upset) -> npt.NDArray[np.bool_]:
        near: npt.NDArray[np.bool_] = (self.months >= upset.month - AROUND) & (
            self.months < upset.month + AROUND
        )
        return near

    def _break(self, upset: Upset, thing: _Thing, fewest: int, apart: float, seed: int) -> Break | None:
        kept, n = self.things[thing]
        rows, near = self._rows(upset), self._near(upset)
        own_kept, own_n = kept[rows].sum(axis=0), n[rows].sum(axis=0)
        change = change_point(self.months[near], own_kept[near], own_n[near], direction="down", seed=seed)
        if not isinstance(change, Change):
            return None
        # Judged is the time since the change if it came soon after, else since the upset: then it was not that.
        soon = upset.month <= change.at <= upset.month + SOON
        since = near & (self.months >= (change.at if soon else upset.month))
        until = near & ~since
        measure = share(int(own_kept[since].sum()), int(own_n[since].sum()), name="kept_since")
        if own_n[until].sum() < fewest or own_n[since].sum() < fewest or not isinstance(measure, Measure):
            return None
        before = float(own_kept[until].sum() / own_n[until].sum())
        peers = _peers(kept[~rows], n[~rows], until, since, fewest) if upset.unit is not None else None
        fall = before - measure.value
        own_fall = fall - (peers[0] - peers[1] if peers is not None else 0.0)
        falls = soon and fall >= apart and own_fall >= apart
        if upset.unit is None:
            falls = (
                falls
                and self._most_fall(kept, n, until, since, fewest)
                and _below_last_year(own_kept, own_n, since, fewest)
            )
        return Break(
            upset,
            *thing,
            at=change.at,
            low=change.low,
            high=change.high,
            first=int(self.months[near][0]),
            last=int(self.months[near][-1]),
            before=before,
            measure=attrs.evolve(measure, label=_LABEL),
            peers_before=None if peers is None else peers[0],
            peers_after=None if peers is None else peers[1],
            p_value=change.p_value if soon else 1.0,
            matters=falls,
        )

    def _most_fall(
        self, kept: Ints, n: Ints, until: npt.NDArray[np.bool_], since: npt.NDArray[np.bool_], fewest: int
    ) -> bool:
        before, after = n[:, until].sum(axis=1), n[:, since].sum(axis=1)
        known = (before >= fewest) & (after >= fewest)
        if known.sum() < 2:
            return True
        fell = (
            kept[known][:, since].sum(axis=1) / after[known]
            < kept[known][:, until].sum(axis=1) / before[known]
        )
        return bool(fell.mean() > FEWEST_UNITS_FALL)


def _peers(
    kept: Ints, n: Ints, until: npt.NDArray[np.bool_], since: npt.NDArray[np.bool_], fewest: int
) -> tuple[float, float] | None:
    """The others' shares before and since; None: there are too few to say."""
    sides = [(int(kept[:, side].sum()), int(n[:, side].sum())) for side in (until, since)]
    if min(size for _, size in sides) < fewest:
        return None
    before, after = (hits / size for hits, size in sides)
    return before, after


def _below_last_year(kept: Ints, n: Ints, since: npt.NDArray[np.bool_], fewest: int) -> bool:
    """Whether the months since are below the same ones a year before, as far as that year is known."""
    months = np.flatnonzero(since)
    year_before = months - 12
    pairs = (year_before >= 0) & ~since[np.maximum(year_before, 0)]
    now, then = months[pairs], year_before[pairs]
    if not len(now) or min(n[now].sum(), n[then].sum()) < fewest:
        return True
    return bool(kept[now].sum() / n[now].sum() < kept[then].sum() / n[then].sum())
