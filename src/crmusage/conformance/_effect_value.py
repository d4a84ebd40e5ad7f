from __future__ import annotations

import datetime as dt
import enum
import importlib

import attrs

from crmusage.model import Measure, Outcome, Text


class Design(enum.StrEnum):
    """What the change was held against."""

    COMPARED = "compared"
    """The units where the rule did not change, over the same weeks."""
    ALONE = "alone"
    """Nothing: every unit changed at once. Before and after are told, and no effect is claimed."""


@attrs.frozen
class Trend:
    """How the units were moving apart before anything changed.

    `drift`: what that alone, had it gone on, would have added to the difference by the middle of the time after;
    in the unit of `Shift.value`.
    """

    drift: float
    low: float
    high: float

    @property
    def apart(self) -> bool:
        """Whether they were surely moving apart: then what came after cannot be put down to the change."""
        return self.low > 0 or self.high < 0


@attrs.frozen
class Shift:
    """One figure before and after the change, and how much more it changed than elsewhere."""

    figure: str
    """kept, win_rate, fulfilled_share or cycle."""
    before: Measure
    """All units in question together, with an interval that knows of chance alone."""
    after: Measure
    others_before: Measure | None = None
    others_after: Measure | None = None
    value: float | None = None
    """The change less that of the others: a difference of shares (0.12: 12 points); for `cycle` the part by which
    durations grew (-0.08: shorter by 8 %). None where there is nothing to compare with."""
    low: float | None = None
    high: float | None = None
    """The 95 % interval of `value`, with units as what varies."""
    trend: Trend | None = None
    """None: too few steps before the change to see one."""
    units: int = 0
    """How many units that changed had cases enough on both sides."""
    others: int = 0
    expected: Measure | None = None
    """Without others: what the steps before, gone on as they went, would have led to; 95 % limits for one such mean."""

    @property
    def tells(self) -> bool:
        """Whether the interval leaves nothing (0) out of the question, and the units were not apart before."""
        if self.low is None or self.high is None:
            return False
        return (self.low > 0 or self.high < 0) and not (self.trend is not None and self.trend.apart)


@attrs.frozen
class Unjudged:
    """A figure that nothing can be said of, and why."""

    figure: str
    reason: Text


@attrs.frozen
class Step:
    """Four weeks: the rule kept, of how often it was kept or broken, in the units that changed and in the others."""

    start: dt.date
    kept: int
    judged: int
    others_kept: int = 0
    others_judged: int = 0


@attrs.frozen(repr=False)
class Effect:
    """Whether a change of a rule did anything, and how sure that is: a value.

    `str` gives the sentence in English, `text` in both languages, `explain` everything behind it.
    """

    rule: str
    version: int
    situation: Text
    changed_on: dt.datetime
    as_of: dt.datetime
    units: tuple[str, ...]
    """Where the rule changed; empty: everywhere."""
    design: Design
    kept: Shift | Unjudged
    """How often the rule is kept, by the rule as it reads now."""
    outcomes: tuple[Shift | Unjudged, ...] = ()
    """What became of the cases that were closed: win rate, fulfilled share, time from creation to closing."""
    steps: tuple[Step, ...] = ()
    notes: tuple[Text, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """found: the rule is kept more, or less, than it would have been; clear: no effect can be told; or
        not_assessable.
        """
        if isinstance(self.kept, Unjudged) or self.kept.value is None:
            return Outcome.NOT_ASSESSABLE
        if self.kept.trend is not None and self.kept.trend.apart:
            return Outcome.NOT_ASSESSABLE
        return Outcome.FOUND if self.kept.tells else Outcome.CLEAR

    @property
    def text(self) -> Text:
        """What may be concluded, in a sentence or two."""
        from crmusage.conformance._effect_told import concluded

        return concluded(self)

    def explain(self, lang: str = "en") -> str:
        """The figures behind it, what they were held against, and what could make them wrong, as plain text.

        Raises:
            ValueError: for a language other than "en" and "fr".
        """
        from crmusage.conformance._effect_told import explained

        return explained(self, lang)

    def __str__(self) -> str:
        """What may be concluded, in English."""
        return self.text.en

    def __repr__(self) -> str:
        """The rule, the day and how it ended."""
        return f"<Effect of {self.rule} v{self.version} on {self.changed_on:%Y-%m-%d}: {self.outcome}>"

    def _repr_html_(self) -> str:
        # Who measures does not depend on who draws: the picture is asked for where somebody looks at it.
        drawn: str = importlib.import_module("crmusage.report").effect_html(self)
        return drawn
