"""Where a programme stands: its parts together, as far as they are given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import attrs

from crmusage.adoptability import Balance, Response, Scores, score
from crmusage.knowledge import Close, Judged, Outlook, PlanFile, needs_attention, outlook, overdue
from crmusage.maturity import Assessment, Sheet, assess
from crmusage.model import MIN_GROUP, Finding, Kind, Severity
from crmusage.programme._observed import Observed
from crmusage.programme._steps import Step, steps

_SEVERITIES = tuple(Severity)


def _by_weight(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(
        sorted(findings, key=lambda one: (_SEVERITIES.index(one.severity), one.code, one.scope.unit or ""))
    )


@attrs.frozen
class Overview:
    """A programme on one page. A part that is None was not given, and nothing is said of it."""

    scores: Scores | None = None
    balance: Balance | None = None
    maturity: Assessment | None = None
    knowledge: Outlook | None = None
    closes: tuple[Close, ...] = ()
    """By period."""
    observed: Observed | None = None
    findings: tuple[Finding, ...] | None = attrs.field(
        default=None, converter=attrs.converters.optional(_by_weight)
    )
    """What a verification found, the most serious first; None: there was none."""
    on: dt.date | None = None
    """The day on which it is looked at: months not closed by then are overdue."""

    @property
    def given(self) -> bool:
        """Whether there is anything to tell of."""
        parts = (self.scores, self.balance, self.maturity, self.knowledge, self.findings)
        return any(part is not None for part in parts) or bool(self.closes)

    @property
    def next(self) -> tuple[Step, ...]:
        """What to do, in order; see `crmusage.programme.steps`."""
        return steps(self)

    @property
    def harmful(self) -> tuple[Finding, ...]:
        """The findings that are not promising."""
        return tuple(one for one in self.findings or () if one.kind is not Kind.PROMISING)

    @property
    def late(self) -> tuple[str, ...]:
        """The months that should be closed and signed by `on`, and are not."""
        return () if self.on is None else tuple(str(one) for one in overdue(self.closes, self.on))

    @property
    def disturbed(self) -> bool:
        """Whether the last close asks to be looked at."""
        return bool(self.closes) and needs_attention(self.closes, self.on)


def overview(
    *,
    survey: Iterable[Response] | None = None,
    balance: Balance | None = None,
    sheets: Sequence[Sheet] = (),
    plan: PlanFile | None = None,
    closes: Iterable[Close] = (),
    observed: Observed | None = None,
    report: Judged | None = None,
    on: dt.date | None = None,
    min_group: int = MIN_GROUP,
) -> Overview:
    """Put together what is there. Answer sheets alone are enough to begin with; a history adds evidence to them.

    Args:
        survey: of `load_survey`.
        balance: of `load_balance`.
        sheets: of `load_sheets`, one an assessor.
        plan: of `load_plan`.
        closes: of months.
        observed: of `crmusage.observe`.
        report: of `crmusage.verify`.
        on: the day on which it is looked at; by default that of what was observed.
        min_group: units of fewer answers are not shown.
    """
    seen = observed or Observed(dt.datetime.min.replace(tzinfo=dt.UTC))
    if on is None and observed is not None:
        on = observed.as_of.date()
    return Overview(
        scores=None if survey is None else score(survey, min_group=min_group, indicators=seen.indicators),
        balance=balance,
        maturity=assess(sheets, observations=seen.observations) if sheets else None,
        knowledge=None
        if plan is None
        else outlook(attrs.evolve(plan, readings=(*plan.readings, *seen.readings))),
        closes=tuple(sorted(closes, key=lambda one: one.period)),
        observed=observed,
        findings=None if report is None else tuple(report.findings),
        on=on,
    )
