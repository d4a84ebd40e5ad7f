from __future__ import annotations

import enum
import hashlib
import re
import unicodedata

import attrs

from crmusage.discovery._group import Group
from crmusage.discovery._told import explained, guidance, reasoning, situation
from crmusage.discovery._weigh import Between, Phase, Series
from crmusage.metrics import Contrast, Odds
from crmusage.model import Distortion, Measure, Norm, Onset, Period, Text, Undefined
from crmusage.rules import AppliesTo, Constraint, Status, UsageRule


class Nature(enum.StrEnum):
    """What a usage is worth."""

    PARASITIC = "parasitic"
    """It contradicts a written rule, bends a figure that others rely on, or goes with worse outcomes."""
    PROMISING = "promising"
    """It goes with better outcomes and bends nothing."""
    HABIT = "habit"
    """A way of one's own; nothing speaks for or against it."""


@attrs.frozen
class UnwrittenUsage:
    """A rule that a group keeps, that its peers do not keep, and that is written nowhere."""

    group: Group
    constraint: Constraint
    """What the group keeps."""
    others: tuple[Constraint, ...]
    """Its other sides: what follows from it, and what the same cases show."""
    measure: Measure
    """Of the group's cases in which it was put to the test, the share that keep it throughout."""
    peers: Measure
    """The same of all others together."""
    norm: Norm | None
    """The peers' middle and the limits for a group of this size; None: too few peers for a norm."""
    contrast: Contrast
    """How far the group is from its peers, with the interval."""
    p_value: float
    q_value: float
    """`p_value` adjusted for everything that was tried in all groups."""
    period: Period
    """Of the entry of the cases that were looked at."""
    onset: Onset | Undefined
    phase: Phase
    distortions: tuple[Distortion, ...]
    """The company's figures with the group and without it."""
    inside: Odds | Undefined
    """Within the group, outcomes of the cases with it against those without, layers of size and kind held apart. An
    association, no effect."""
    inside_q: float | None
    """Its p-value, adjusted for all usages found."""
    outside: Odds | Undefined
    """Outcomes of the group's cases since the usage began against those of all others, layers of size, kind and month
    held apart: what goes with outcomes inside the group alone may only tell how far a case has come."""
    between: Between | None
    """Between the groups. An association, too."""
    nature: Nature
    reason: Text
    """Why it is of that nature."""
    contradicts: tuple[str, ...]
    """Ids of the written rules that it contradicts."""
    cases: tuple[str, ...]
    """Ids of cases that show it, the first 20 in id order."""
    series: Series
    kind: str | None = None
    """Of its cases, where all of the history are of one."""

    @property
    def title(self) -> Text:
        """Who keeps what, on a line."""
        return situation(self)

    @property
    def reasoning(self) -> Text:
        """What it stands on: the peers, its other sides, the outcomes that go with it."""
        return reasoning(self)

    def explain(self, lang: str = "en") -> str:
        """The usage with its figures and the reasons, as plain text in `lang` ("en" or "fr")."""
        return explained(self, lang)

    def as_rule(self) -> UsageRule:
        """The usage as a rule with the status `observed`, its evidence in the guidance: to adopt, forbid or keep.

        A rule is not made for people by their time in post: that part of a group is in the words only.
        """
        unit, profile, region = (
            () if value is None else (value,)
            for value in (self.group.unit, self.group.profile, self.group.region)
        )
        return UsageRule(
            id=_id(self.group, self.constraint),
            situation=situation(self),
            status=Status.OBSERVED,
            kind=self.kind,
            guidance=guidance(self),
            applies_to=AppliesTo(unit, profile, region),
            expect=(self.constraint,),
        )


def _id(group: Group, constraint: Constraint) -> str:
    """`observed-grand-ouest-response-created-won-within-1-day`, and what tells it apart where letters were lost."""
    text = f"{group} {constraint}"
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if plain != text.lower():
        slug = f"{slug}-{hashlib.blake2b(text.encode(), digest_size=2).hexdigest()}"
    return f"observed-{slug}"
