"""A pattern of workarounds: in one unit more cases or acts lie far out than among its peers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.detectors._acts import of_several
from crmusage.detectors._against_peers import AgainstPeers, _Reading
from crmusage.detectors._against_peers_told import OF_CHANGES, Seen, finding
from crmusage.detectors._base import Context, Judgement
from crmusage.detectors._deals import Bool, Int64
from crmusage.detectors._grid import Grid
from crmusage.detectors._peers import FEWEST_OF_PEER
from crmusage.detectors._words import TOO_FEW_PEERS, said
from crmusage.detectors.workarounds._values import STEPS, Table, Values, medians
from crmusage.metrics import FEWEST_PEERS, benjamini_hochberg
from crmusage.model import Assessment, Kind, Outcome, Scope, Severity, Text, Wording

FAR = 3.5
"""So many robust standard deviations from the unit's own middle are far out (Iglewicz and Hoaglin 1993). The published
patterns take 3 plain ones, which the very outliers widen."""

FEWEST_OF_MONTH = 5
"""Of fewer values a month has no middle of its own. Guessed."""

FEWEST_HITS = 5
"""Of fewer cases nothing is said, however few the others have. Guessed."""

WIDESPREAD = 0.2
"""A workaround in so great a part of the cases is worth a talk soon, a rarer one when there is time. Guessed."""

Floats = npt.NDArray[np.float64]

_MAD = 1.4826  # from the median of distances to a standard deviation, for normal values


@attrs.frozen(eq=False)
class FarOut(Grid):
    """The grid, and whose doing it is what lies far out: unit, month, person, how often."""

    hands: Any = None

    def of_several(self, unit: int, months: Bool | None) -> bool:
        """Whether several people have a part in it, or nobody knows."""
        of, month, person, n = self.hands
        use = of == unit
        if months is not None:
            use &= months[month]
        return of_several(person[use], n[use])


@attrs.frozen(eq=False)
class SeenOf(Seen):
    """A unit that stands out, and in what."""

    of: str = ""


@attrs.frozen
class Pattern(AgainstPeers):
    """The common part of the patterns: values, how far they are out, and one test a unit over all that they are of.

    Each unit's values are held against its own middle, or that of the month where it is farther out: a unit whose work
    is of another kind or pace, or a campaign that is, is not far out for that. The spread is that of all units
    together, by the median of distances. What lies beyond `FAR` of it counts, and the share of a unit is held against
    that of its peers. Of several things that values are of (activities), the one that tells most counts, its chance
    multiplied by how many were tried.
    """

    kind: ClassVar[Kind] = Kind.RISK
    upwards: ClassVar[bool] = True
    """Great values are looked for; else small ones."""
    least_spread: ClassVar[float] = 0.5
    """A spread is at least this, in natural units of the scale."""
    widest: ClassVar[float] = 1.5
    """So far may the middles of honest units lie apart: a unit's own is taken up to this distance from the others'."""
    # Eight patterns are tried on every company: each may be wrong more seldom than a detector of its own.
    sure: ClassVar[float] = 0.01
    apart: ClassVar[float] = 0.05
    times: ClassVar[float] = 2.0

    # --- what is far out

    def grids(self, tally: Values, context: Context) -> dict[str, Grid]:
        """For each thing that values are of: how many there are by unit and month, and how many are far out."""
        del context
        table = Table.laid(tally)
        return {of: self._grid(table, of, rows) for of, rows in table.by_thing()}

    def _grid(self, table: Table, of: str, rows: Int64) -> Grid:
        unit, month, value, n = (each[rows] for each in (table.unit, table.month, table.value, table.n))
        sign = 1 if self.upwards else -1
        middle = self._middles(table, unit, month, value, n)
        away = np.rint(np.abs(value - middle[unit, month])).astype(np.int64)
        _, (middle_away,), _ = medians(np.zeros_like(away), away, n)
        spread = max(_MAD * int(middle_away), self.least_spread * STEPS)
        limit = sign * middle + FAR * spread
        far = sign * value > limit[unit, month]
        place = {name: row for row, name in enumerate(table.units)}

        def is_far(name: str, when: int, out: int) -> bool:
            return -out > float(limit[place[name], when - table.months[0]])

        return laid(table, of, rows, far, is_far)

    def _middles(self, table: Table, unit: Int64, month: Int64, value: Int64, n: Int64) -> Floats:
        """Around what values lie, by unit and month: the unit's middle, or its month's where that is farther out."""
        units, months = len(table.units), len(table.months)
        own = np.zeros(units + 1)
        known = np.zeros(units + 1, dtype=bool)
        one, its, size = medians(unit, value, n)
        own[one], known[one] = its, size >= FEWEST_OF_PEER
        middle = np.repeat(own[:, None], months, axis=1)
        farther = np.maximum if self.upwards else np.minimum
        cell, its, size = medians(unit * months + month, value, n)
        of_month = divmod(cell[size >= FEWEST_OF_MONTH], months)
        middle[of_month] = farther(middle[of_month], its[size >= FEWEST_OF_MONTH])
        if known[:-1].any():
            # A unit in which the workaround is the rule has made it its middle.
            usual, widest = float(np.median(own[:-1][known[:-1]])), self.widest * STEPS
            middle = np.clip(middle, usual - widest, usual + widest)
        return middle

    # --- how it is judged

    def judge(self, tally: Any, context: Context) -> Judgement:
        """Which units stand out, each in what tells most."""
        grids = self.grids(tally, context)
        some = next(iter(grids.values()), None)
        if some is None or not some.units:
            return self.none_at_all(context)
        assessments, tested = [], []
        for place, name in enumerate(some.units):
            reason = context.unreportable(name)
            best = self._best(grids, place, context) if reason is None else reason
            if isinstance(best, Text):
                assessments.append(
                    Assessment(self.code, Scope(name), Outcome.NOT_ASSESSABLE, best, self.short)
                )
            else:
                tested.append((name, *best))
        for name in sorted(set(context.units) - set(some.units)):
            reason = context.unreportable(name) or self.too_few()
            assessments.append(Assessment(self.code, Scope(name), Outcome.NOT_ASSESSABLE, reason, self.short))
        q_values = benjamini_hochberg([p for _, _, _, p in tested]).tolist()
        findings = []
        for (name, of, reading, _), q in zip(tested, q_values, strict=True):
            stands = reading is not None and q < self.sure and self._is_told(grids[of], reading, context)
            if reading is not None and stands:
                grid = grids[of]
                seen = self._seen(grid, reading, q, len(tested), context)
                fields = {field.name: getattr(seen, field.name) for field in attrs.fields(Seen)}
                told = finding(self, grid, SeenOf(**fields, of=of), context)
                # No figure that others rely on is bent by it, so only how far it has spread counts.
                much = reading.measure.value >= WIDESPREAD
                findings.append(attrs.evolve(told, severity=Severity.MEDIUM if much else Severity.LOW))
            outcome = Outcome.FOUND if stands else Outcome.CLEAR
            assessments.append(Assessment(self.code, Scope(name), outcome, None, self.short))
        assessments.sort(key=lambda assessment: assessment.scope.unit or "")
        return Judgement(tuple(findings), tuple(assessments))

    def _best(
        self, grids: Mapping[str, Grid], unit: int, context: Context
    ) -> tuple[str, _Reading | None, float] | Text:
        """In what the unit stands out most, with the chance for all that was tried; None: in nothing."""
        tried, enough = 0, False
        readings: list[tuple[bool, float, str, _Reading]] = []
        for of, grid in grids.items():
            n, hits = grid.total("n"), grid.total("hits")
            if n[unit] < self.fewest:
                continue
            enough = True
            peers = n >= FEWEST_OF_PEER
            peers[unit] = False
            if np.count_nonzero(peers) < FEWEST_PEERS:
                continue
            tried += 1
            # Who has no greater share than the others together is not looked at again: it takes most of the time.
            if hits[unit] < FEWEST_HITS or hits[unit] * n[peers].sum() <= hits[peers].sum() * n[unit]:
                continue
            reading = self._read(grid, [1.0] * len(grid.units), unit, context)
            if isinstance(reading, _Reading):
                readings.append((not self._is_told(grid, reading, context), reading.p_value, of, reading))
        if not tried:
            return TOO_FEW_PEERS if enough else self.too_few()
        if not readings:
            return "", None, 1.0
        _, p_value, of, reading = min(readings, key=lambda one: one[:3])
        return of, reading, min(1.0, p_value * tried)

    def _is_told(self, grid: Grid, reading: _Reading, context: Context) -> bool:
        if not self._matters(reading):
            return False
        # Who wants to see single persons is told what only one of them does.
        alone = isinstance(grid, FarOut) and not grid.of_several(reading.unit, reading.months)
        return context.min_group <= 1 or not alone

    # --- what is said of it

    def words_of_reasons(self) -> Mapping[str, Text]:
        """Why values were left out."""
        return {**OF_CHANGES, "burst": said("of records entered in a burst", "de fiches saisies en rafale")}

    def in_what(self, w: Wording, seen: Seen) -> str:
        """What the finding is of, in the words of the data."""
        del w
        return seen.of if isinstance(seen, SeenOf) else ""


def laid(table: Table, of: str, rows: Int64, far: Bool, is_far: Any) -> Grid:
    """The grid of some rows of a table, some of them far out; `is_far(unit, month, out)` tells which examples are."""
    units, months = len(table.units) + 1, len(table.months)
    cell = table.unit[rows] * months + table.month[rows]
    sums = {}
    for name, n in (("n", table.n[rows]), ("hits", np.where(far, table.n[rows], 0))):
        flat = np.zeros(units * months, dtype=np.int64)
        np.add.at(flat, cell, n)
        sums[name] = flat.reshape(units, months)
    examples: dict[tuple[str, int], tuple[str, ...]] = {}
    for unit in table.units:
        for out, case_id, month, who, minute in table.examples.get((unit, of), ()):
            if is_far(unit, month, out) and (who, minute) not in table.bursts:
                examples[unit, month] = tuple(sorted({*examples.get((unit, month), ()), case_id}))
    hits = rows[far]
    hands = (table.unit[hits], table.month[hits], table.person[hits], table.n[hits])
    return FarOut(table.units, table.months, sums, table.left_out, {}, examples, hands=hands)
