"""A unit's opportunities held against those of its peers over the same time."""

from __future__ import annotations

import attrs
import numpy as np

from crmusage.detectors._deals import Bool, Int64
from crmusage.detectors._sheet import Sheet
from crmusage.metrics import Funnel, Standing, deviation_of_logs, mean_of_logs, share, typical_duration
from crmusage.model import Measure, Undefined

FEWEST_OF_PEER = 10
"""A unit of fewer cases says nothing of the norm. Guessed: below it the arc-sine scale is no longer even."""


@attrs.frozen(eq=False)
class Totals:
    """What all units entered in some time."""

    entered: Int64
    late: Int64
    won: Int64
    lost: Int64
    logs: Int64
    squares: Int64

    @classmethod
    def of(cls, sheet: Sheet, use: Bool | None = None) -> Totals:
        """Those of each unit that has a name, from the entries in `use` (None: all)."""
        entries = sheet.entries
        unit = entries.unit if use is None else entries.unit[use]
        sums = []
        for values in (entries.n, entries.late, entries.won, entries.lost, entries.logs, entries.squares):
            total = np.zeros(len(sheet.units) + 1, dtype=np.int64)
            np.add.at(total, unit, values if use is None else values[use])
            sums.append(total[:-1])
        return cls(*sums)

    @property
    def decided(self) -> Int64:
        """Won or lost."""
        return self.won + self.lost

    @property
    def late_shares(self) -> Funnel:
        """Already won when entered, of everything entered."""
        known = self.entered >= FEWEST_OF_PEER
        return Funnel.of_shares(self.late * known, self.entered * known)

    @property
    def win_rates(self) -> Funnel:
        """Won, of what was decided."""
        known = self.decided >= FEWEST_OF_PEER
        return Funnel.of_shares(self.won * known, self.decided * known)

    @property
    def cycles(self) -> Funnel:
        """The typical time from entry to closing of what was won, in days."""
        counts = np.where(self.won >= FEWEST_OF_PEER, self.won, 0)
        rows = list(
            zip(np.maximum(counts, 1).tolist(), self.logs.tolist(), self.squares.tolist(), strict=True)
        )
        return Funnel.of_durations(
            counts,
            [mean_of_logs(n, total) for n, total, _ in rows],
            [deviation_of_logs(*row) for row in rows],
        )

    def late_share(self, unit: int) -> Measure | Undefined:
        """The unit's share of entries that were already won."""
        return share(int(self.late[unit]), int(self.entered[unit]), name="late_share")

    def win_rate(self, unit: int) -> Measure | Undefined:
        """The unit's win rate."""
        return share(int(self.won[unit]), int(self.decided[unit]), name="win_rate")

    def cycle(self, unit: int) -> Measure | Undefined:
        """The unit's typical cycle: the geometric mean."""
        return typical_duration(
            int(self.won[unit]),
            int(self.logs[unit]),
            int(self.squares[unit]),
            name="typical_cycle",
            unit="days",
        )


@attrs.frozen
class Held:
    """One figure of a unit, and where it stands."""

    measure: Measure
    standing: Standing


def held(measure: Measure | Undefined, standing: Standing | None) -> Held | None:
    """Both, if there are both."""
    return Held(measure, standing) if isinstance(measure, Measure) and standing is not None else None
