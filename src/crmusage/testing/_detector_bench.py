from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import attrs
import polars as pl

from crmusage.detectors import Context, Detector, Judgement, examine
from crmusage.history import History
from crmusage.model import RuleTally

TABLES = (
    "cases", "events", "people", "absences", "sessions", "acknowledgements", "vocabulary", "calendar", "coverage",
)  # fmt: skip

NEEDED: Mapping[str, tuple[str, ...]] = {
    "cases": ("case_id", "kind", "created_at"),
    "events": ("case_id", "activity", "at"),
}
"""What no row of these tables can be without."""


@attrs.frozen(eq=False, slots=False)
class Bench:
    """A detector, a history to hold it against, and the ways in which the checks change the history."""

    detector: Detector
    history: History
    rules: tuple[RuleTally, ...] = ()

    @cached_property
    def judgement(self) -> Judgement:
        """What it concludes from the history as it is."""
        return self.judged(self.history)

    def judged(self, history: History, **wishes: Any) -> Judgement:
        """What it concludes from a history."""
        return examine(self.detector, history, self.context(history, **wishes))

    def context(self, history: History, **wishes: Any) -> Context:
        """What it judges with."""
        usual: dict[str, Any] = {
            "as_of": history.as_of,
            "unit_sizes": history.unit_sizes(),
            "units": history.index.units,
            "rules": self.rules,
        }
        return Context(**(usual | wishes))

    def changed(self, change: Callable[[str, pl.DataFrame], pl.DataFrame], **wishes: Any) -> History:
        """The history made anew, with every table changed."""
        frames: dict[str, Any] = {name: change(name, getattr(self.history, name)) for name in TABLES}
        return History.from_frames(as_of=self.history.as_of, **frames, **wishes)

    def without_table(self, table: str) -> History:
        """The history without the rows of one table."""
        return self.changed(lambda name, frame: frame.head(0) if name == table else frame)

    def without_column(self, table: str, column: str) -> History:
        """The history without the values of one column."""
        return self.changed(lambda name, frame: _emptied(frame, [column]) if name == table else frame)

    def without_activity(self, activity: str) -> History:
        """The history without the events of one activity."""
        return self.changed(
            lambda name, frame: frame.filter(pl.col("activity") != activity) if name == "events" else frame
        )

    def only_cases(self, n: int) -> History:
        """The first cases of the history, with all that happened to them."""
        kept = self.history.cases["case_id"].head(n).implode()
        return self.changed(
            lambda name, frame: (
                frame.filter(pl.col("case_id").is_in(kept)) if name in {"cases", "events"} else frame
            )
        )

    def barest(self) -> History:
        """Cases and events with nothing but what every row must have."""

        def bare(name: str, frame: pl.DataFrame) -> pl.DataFrame:
            if name not in NEEDED:
                return frame.head(0)
            return _emptied(frame, [column for column in frame.columns if column not in NEEDED[name]])

        return self.changed(bare)


def _emptied(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    return frame.with_columns(pl.lit(None, dtype=frame.schema[name]).alias(name) for name in columns)
