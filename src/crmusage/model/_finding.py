from __future__ import annotations

import datetime as dt
import enum

import attrs

from crmusage.model._measure import Measure
from crmusage.model._text import Text
from crmusage.model._time import Period


class Kind(enum.StrEnum):
    """What sort of thing was found."""

    PARASITIC = "parasitic"
    PROMISING = "promising"
    NONCONFORMITY = "nonconformity"
    GAP = "gap"
    RISK = "risk"


class Severity(enum.StrEnum):
    """How much it matters to the company's figures and people."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Outcome(enum.StrEnum):
    """How an assessment ended. What could not be assessed is not clear."""

    FOUND = "found"
    CLEAR = "clear"
    NOT_ASSESSABLE = "not_assessable"


class Verb(enum.StrEnum):
    """What can be done about a finding."""

    AMEND = "amend"
    ADOPT = "adopt"
    FORBID = "forbid"
    ANNOUNCE = "announce"
    TRAIN = "train"
    RETIRE = "retire"


@attrs.frozen
class Scope:
    """What a finding or an assessment is about. All None: the whole company, the whole time."""

    unit: str | None = None
    profile: str | None = None
    period: Period | None = None


@attrs.frozen
class Norm:
    """What the peers do: the middle and the limits between which a unit of this size is like its peers."""

    value: float
    low: float
    high: float
    units: int
    """How many peers the norm was made of."""
    method: str
    """How: the name of the statistic, as docs/ explain it."""


@attrs.frozen
class Evidence:
    """One figure of a unit held against its peers. `p_value` is the chance of it if the unit were like them."""

    measure: Measure
    norm: Norm | None = None
    p_value: float | None = None
    q_value: float | None = None
    """`p_value` adjusted for all units and patterns tried together (Benjamini-Hochberg)."""


@attrs.frozen
class Distortion:
    """What a unit does to a figure of the whole company.

    `spread` is the figure's own change from period to period (one standard deviation), in the measure's unit;
    `hidden` says that the difference the unit makes is inside 1.96 of them, so nobody could have seen it.
    """

    measure: str
    with_unit: float
    without_unit: float
    hidden: bool
    spread: float | None = None
    unit: str = "share"
    label: Text | None = None
    """As a measure's."""

    @property
    def shift(self) -> float:
        """With minus without: what the unit adds to the figure."""
        return self.with_unit - self.without_unit


@attrs.frozen
class Onset:
    """Since when. `value` None: for as long as the data go back."""

    value: dt.date | None
    low: dt.date | None = None
    high: dt.date | None = None
    before: float | None = None
    """The share before."""
    after: float | None = None
    """The share since."""


@attrs.frozen
class Proposal:
    """A typed next step."""

    verb: Verb
    text: Text
    rule: str | None = None


@attrs.frozen
class FunnelPoint:
    """One unit in a funnel plot. Peers have no name there."""

    n: float
    value: float
    name: str | None = None


@attrs.frozen
class FunnelFigure:
    """A funnel plot: units by size, the norm, and the limits as (n, low, high)."""

    title: Text
    unit: str
    points: tuple[FunnelPoint, ...]
    centre: float
    limits: tuple[tuple[float, float, float], ...]


@attrs.frozen
class SeriesFigure:
    """A figure month by month: the unit (numerator, denominator) and its peers, with the onset if there is one."""

    title: Text
    unit: str
    periods: tuple[Period, ...]
    numerators: tuple[float, ...]
    denominators: tuple[float, ...]
    peers: tuple[float | None, ...] = ()
    onset: dt.date | None = None


@attrs.frozen
class MapPoint:
    """A group on a map: where it lies, how many cases it has, and which way of working it has (0: the most usual)."""

    name: Text
    x: float
    y: float
    n: float
    way: int


@attrs.frozen
class MapFigure:
    """Groups on a plane on which distances stand for how unlike their ways of working are."""

    title: Text
    points: tuple[MapPoint, ...]


Figure = FunnelFigure | SeriesFigure | MapFigure


@attrs.frozen
class Finding:
    """Something that was found, why, and what could be done: a value, never an exception."""

    code: str
    name: str
    kind: Kind
    severity: Severity
    scope: Scope
    measure: Measure
    text: Text
    """One or two sentences, with the numbers."""
    norm: Norm | None = None
    q_value: float | None = None
    rule: str | None = None
    onset: Onset | None = None
    distortions: tuple[Distortion, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    cases: tuple[str, ...] = ()
    """Ids of cases that show it, a sample of at most 20 in id order."""
    proposals: tuple[Proposal, ...] = ()
    reasoning: Text | None = None
    """Why it was concluded and what was ruled out, a longer text."""
    figures: tuple[Figure, ...] = ()
    title: Text | None = None
    """What was found, in a few words without the unit's name; None: the project's own words for `name`, or
    `name` itself."""

    def explain(self, lang: str = "en") -> str:
        """What it rests on, as plain text in `lang` ("en" or "fr"): its figures, and the cases."""
        from crmusage.model._explain import explain

        return explain(self, lang)


@attrs.frozen
class Lack:
    """What the data would need for a check and do not have, as the data contract calls it.

    A table without rows (`people`), a column without any value (`cases.unit`), or a value that a column never has:
    an activity (`events.activity`, deferred), a kind of cases (`cases.kind`, request).
    """

    table: str
    column: str | None = None
    value: str | None = None


@attrs.frozen
class Assessment:
    """That a detector or a rule was held against something, and how that ended."""

    code: str
    scope: Scope
    outcome: Outcome
    reason: Text | None = None
    title: Text | None = None
    """As a finding's: what was looked for."""
    lacks: tuple[Lack, ...] = attrs.field(default=(), converter=tuple[Lack, ...])
    """What the data would need for it, where that is why it could not be assessed."""
