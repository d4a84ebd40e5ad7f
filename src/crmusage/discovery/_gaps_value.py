"""A situation that was met, and all that were looked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import attrs

from crmusage.discovery._gaps_catalogue import OWN
from crmusage.model import Assessment, Measure, Text, Wording, printable
from crmusage.rules import Constraint, GapReport, Situation, Status, UsageRule

FREQUENT = 0.01
"""A situation is frequent when the 95 % interval of its share of cases lies above this: one case in a hundred comes
round to everybody in a year. Guessed."""

ROUTINE = 0.20
"""An activity of the company's own that more than one case in five goes through is the daily work, and no situation
that was forgotten. Guessed."""

FEWEST = 20
"""With fewer cases it is no situation yet but an incident. Guessed."""


@attrs.frozen
class Gap:
    """A situation that cases of one kind get into, and how often."""

    situation: Situation
    kind: str
    cases: int
    """How many got into it."""
    share: Measure
    """Of the cases that could have: the denominator says how many."""
    units: tuple[tuple[str, Measure], ...] = ()
    """By unit, of those that have persons and cases enough."""
    examples: tuple[str, ...] = ()
    """Ids of cases, at most 20, in text order."""
    spoken_of_by: tuple[str, ...] = ()
    """Ids of the rules that speak of it; empty: it is a gap."""
    guidance: Text | None = None
    """What a rule for it would have to say."""
    expectation: Constraint | None = None
    """What a first draft could ask for."""
    zone: str | None = None
    rule_id: str | None = None
    """What a rule for it is to be called; None: as the situation."""

    @property
    def frequent(self) -> bool:
        """Whether it comes round often enough to be worth a rule."""
        if self.situation.id is not None and self.situation.id.startswith(OWN) and self.share.value > ROUTINE:
            return False
        return self.cases >= FEWEST and (self.share.low or 0.0) > FREQUENT

    @property
    def text(self) -> Text:
        """One sentence, with the figures."""
        return Text(en=_told(self, Wording("en")), fr=_told(self, Wording("fr")))

    def as_rule(self) -> UsageRule:
        """A draft of a rule for it, to be completed by those who know: `book.propose(gap, …)` takes the gap itself.

        `book.forbid(gap, …)` files the other answer: that it is not to happen, and why.
        """
        expect = () if self.expectation is None else (self.expectation,)
        return UsageRule(
            id=self.rule_id or str(self.situation.id),
            situation=self.situation,
            status=Status.DRAFT,
            kind=self.kind,
            guidance=self.guidance,
            zone=self.zone,
            expect=expect,
        )

    def as_report(self, *, who: str, on: dt.date, lang: str = "en") -> GapReport:
        """The gap as a report like those that people file, to be answered by a rule or a stated refusal (`triage`).

        Raises:
            ValueError: for a language other than "en" and "fr".
        """
        rule = self.rule_id or str(self.situation.id)
        return GapReport(rule, self.text.into(lang), who, on, kind=self.kind, examples=self.examples)

    def __str__(self) -> str:
        """The sentence in English."""
        return self.text.en


@attrs.frozen
class Gaps:
    """What was looked for: gaps first, and all the rest too, so that silence is no riddle. Iterates over the gaps."""

    found: tuple[Gap, ...]
    """Frequent, and no rule speaks of them: the most frequent first."""
    spoken_of: tuple[Gap, ...]
    """Frequent, and there is a rule."""
    others: tuple[Gap, ...]
    """Not frequent, never met where it could have been, or daily work."""
    assessments: tuple[Assessment, ...]
    """One a situation: found, clear, or not assessable with the reason."""

    def __iter__(self) -> Iterator[Gap]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, situation: str) -> Gap:
        """What was counted of a situation, by its id, whether a gap or not (KeyError: nothing was)."""
        for gap in (*self.found, *self.spoken_of, *self.others):
            if gap.situation.id == situation:
                return gap
        raise KeyError(situation)


def _told(gap: Gap, w: Wording) -> str:
    value = w.value(gap.share.value, "share")
    of = gap.share.denominator or 0
    name = gap.situation.into(w.lang)
    rules = ", ".join(gap.spoken_of_by)
    told = w.pick(
        f"{name}: in {w.number(gap.cases)} of {w.number(of)} {w.noun('case', of)} ({value})",
        f"{name} : dans {w.number(gap.cases)} {w.noun('case', gap.cases)} sur {w.number(of)} ({value})",
    )
    if gap.spoken_of_by:
        return printable(told + w.pick(f"; rules: {rules}.", f" ; règles : {rules}."))
    return printable(told + w.pick("; no rule speaks of it.", " ; aucune règle n'en parle."))
