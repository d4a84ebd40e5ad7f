"""The acts of a part, and which of them people did by hand."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.detectors import _guard as guard
from crmusage.detectors._acts import reasons_of_acts
from crmusage.detectors._deals import Bool, Int64, actors
from crmusage.history import History, months_of

DAY = 86_400_000_000
"""Microseconds. What a case shows within a day of its entry may have been loaded with it."""


@attrs.frozen(eq=False)
class Acts:
    """All events of a part, one entry each."""

    part: History
    reason: npt.NDArray[np.int32]

    @classmethod
    def of(cls, part: History) -> Acts:
        """Those of a part."""
        return cls(part, reasons_of_acts(part, np.arange(part.index.n_events)))

    @property
    def by_hand(self) -> Bool:
        """Which people did."""
        kept: Bool = self.reason == guard.KEPT
        return kept

    @property
    def left_out(self) -> Int64:
        """Where those stand that nobody did by hand."""
        return np.flatnonzero(~self.by_hand)

    def by(self, at: npt.NDArray[Any]) -> Int64:
        """A number for who did each of the acts that stand there; 0: not known."""
        persons: Int64 = actors(self.part)[at]
        return persons

    def with_left_out(
        self,
        case: npt.NDArray[Any],
        unit: npt.NDArray[Any],
        month: npt.NDArray[Any],
        of: Any,
        value: Int64,
        person: Int64 | None = None,
    ) -> dict[str, Any]:
        """Values of acts or cases, and one entry for each act that is left out: what `tally_values` takes."""
        index, out = self.part.index, self.left_out
        codes, labels = of
        nobody = np.zeros(len(out), dtype=np.int64)
        return {
            "person": np.concatenate(
                [np.zeros(len(case), dtype=np.int64) if person is None else person, nobody]
            ),
            "case": np.concatenate([case, index.case[out]]),
            "unit": np.concatenate([unit, index.unit[out]]),
            "month": np.concatenate([month, months_of(index.at[out])]),
            "of": (np.concatenate([codes, np.zeros(len(out), dtype=np.int64)]), labels),
            "value": np.concatenate([value, np.zeros(len(out), dtype=np.int64)]),
            "reason": np.concatenate([np.full(len(case), guard.KEPT, dtype=np.int32), self.reason[out]]),
        }

    def counted(self, at: Int64, of: Int64) -> tuple[Int64, Int64, Int64, Int64, Int64]:
        """How many acts there are for each case, unit and thing: case, unit, thing, count, where the first stands."""
        index = self.part.index
        units, things = len(index.units) + 1, int(of.max()) + 1 if len(of) else 1
        key = (index.case[at].astype(np.int64) * units + index.unit[at] + 1) * things + of
        found, first, count = np.unique(key, return_index=True, return_counts=True)
        return found // things // units, found // things % units - 1, found % things, count, at[first]
