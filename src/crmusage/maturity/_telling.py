"""An assessment as plain text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from crmusage.maturity import _words
from crmusage.maturity._catalogue import Stage
from crmusage.maturity._levels import GateState
from crmusage.maturity._sheet import Answer
from crmusage.model import Text, Undefined, Wording, printable

if TYPE_CHECKING:
    from crmusage.maturity._assess import Assessment
    from crmusage.maturity._plan import Step

SIGNS = {GateState.MET: "+", GateState.MISSING: "-", GateState.NOT_ASSESSABLE: "?"}


def told(assessment: Assessment, lang: str, width: int) -> str:
    """The assessment in one language, in lines of `width`."""
    teller = Teller(assessment, Wording(lang))
    lines = [teller.headline, "", *teller.grid(), ""]
    for heading, items in teller.sections():
        lines += [heading, *(_wrapped(item, width, "- ") for item in items), ""]
    lines.append(teller.plan_heading)
    for number, step in enumerate(assessment.plan, 1):
        first, *rest = teller.step(step)
        mark = f"{number}. "
        lines.append(_wrapped(first, width, mark))
        lines += [_wrapped(line, width, " " * len(mark)) for line in rest]
    if not assessment.plan:
        lines.append(teller.nothing_to_do)
    return printable("\n".join(lines)) + "\n"


def _wrapped(text: str, width: int, mark: str) -> str:
    return textwrap.fill(
        text, width, initial_indent=mark, subsequent_indent=" " * len(mark), break_on_hyphens=False
    )


class Teller:
    """The parts of an assessment in words, for text and page alike."""

    def __init__(self, assessment: Assessment, words: Wording) -> None:
        self.assessment = assessment
        self.w = words

    def of(self, text: Text) -> str:
        """A text as print has it."""
        return self.w.pick(text.en, text.fr)

    @property
    def headline(self) -> str:
        """Where the programme stands, in one line."""
        one = self.assessment
        level = _words.level_of(one.reached)
        if one.certain:
            return self.w.pick(
                f"The programme stands at: {level.en} (its lowest dimension counts).",
                f"Le programme en est à : {level.fr} (la dimension la plus basse compte).",
            )
        return self.w.pick(
            f"The programme stands at: {level.en}, or further: not assessable as long as something is unknown.",
            f"Le programme en est à : {level.fr}, ou plus loin : non évaluable tant que tout n'est pas connu.",
        )

    def grid(self) -> list[str]:
        """A row for each dimension, a column for each stage; below, what the signs mean."""
        rows = [("", *(self.of(stage.text) for stage in Stage))]
        rows += [
            (self.of(level.dimension.text), *(SIGNS[gate.state] for gate in level.gates))
            for level in self.assessment.levels
        ]
        widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
        lines = [
            "  ".join(f"{cell:<{size}}" for cell, size in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        legend = self.w.pick(
            "+ all in place   - something is missing   ? not assessable",
            "+ tout est en place   - il manque quelque chose   ? non évaluable",
        )
        return [*lines, legend]

    def sections(self) -> list[tuple[str, list[str]]]:
        """Headings with their sentences; what has none is left out."""
        w, one = self.w, self.assessment
        found = [
            (
                w.pick("What does not go together", "Ce qui ne va pas ensemble"),
                [self._risk(each.risk.value, each.text) for each in one.inconsistencies],
            ),
            (
                w.pick("Too early, or no longer needed", "Trop tôt, ou devenu inutile"),
                [self._risk(each.kind.value, each.text) for each in one.risks],
            ),
            (
                w.pick("What is ready for the next stage", "Ce qui est prêt pour le stade suivant"),
                [
                    f"{self.of(each.dimension.text).capitalize()}{w.pick(': ', ' : ')}{self.of(each.reason)}"
                    for each in one.readiness
                ],
            ),
            (w.pick("How far the assessors agree", "Accord entre les évaluateurs"), [self.agreement]),
            (
                w.pick("What a history shows, beside the answers", "Ce que montre l'historique, en regard"),
                [self.of(seen.text) for seen in one.observations],
            ),
            (
                w.pick("Where answers and history differ", "Où réponses et historique divergent"),
                [self.of(text) for _, text in one.contradictions],
            ),
            (
                w.pick("In place by word alone: no evidence was noted", "Affirmé sans preuve notée"),
                [self.of(each.practice.text) for each in one.unbacked],
            ),
        ]
        return [(heading, lines) for heading, lines in found if lines]

    def _risk(self, kind: str, text: Text) -> str:
        return f"{self.of(_words.RISKS[kind]).capitalize()}{self.w.pick(': ', ' : ')}{self.of(text)}"

    @property
    def agreement(self) -> str:
        """Kappa with its interval, or why there is none."""
        w, value = self.w, self.assessment.agreement
        roles = ", ".join(self.assessment.roles)
        if isinstance(value, Undefined):
            return w.pick(
                f"{roles}: no figure ({value.reason.en}).",
                f"{roles} : pas de chiffre ({value.reason.fr}).",
            )
        kappa = w.number(value.value, 2)
        if value.low is None or value.high is None:
            return f"{roles}{w.pick(': ', ' : ')}kappa {kappa}"
        low, high = w.number(value.low, 2), w.number(value.high, 2)
        return w.pick(
            f"{roles}: weighted kappa {kappa} (95% interval {low} to {high}); 1 is full agreement, 0 is chance.",
            f"{roles} : kappa pondéré {kappa} (intervalle à 95 % : {low} à {high}) ; 1 = accord complet, 0 = hasard.",
        )

    @property
    def plan_heading(self) -> str:
        """What stands over the plan."""
        return self.w.pick("The plan, in this order", "Le plan, dans cet ordre")

    @property
    def nothing_to_do(self) -> str:
        """What stands in place of a plan without steps."""
        return self.of(_words.grown_up())

    def verb(self, step: Step) -> str:
        """What a step asks for, in a word or two."""
        return self.of(_words.VERBS[step.verb.value])

    def step(self, step: Step) -> list[str]:
        """A step with its reason, what it needs and what would show that it is done."""
        w, practice = self.w, step.practice
        where = self.of(practice.dimension.text)
        lines = [
            f"{self.verb(step)}{w.pick(': ', ' : ')}{self.of(practice.text)} ({where}, {self.of(practice.stage.text)})",
            f"{w.pick('Why: ', 'Pourquoi : ')}{self.of(step.reason)}",
        ]
        if step.needs:
            needs = " ; ".join(self.of(one.text) for one in step.needs)
            lines.append(f"{w.pick('After: ', 'Après : ')}{needs}")
        lines.append(f"{w.pick('Shown by: ', 'Preuve : ')}{self.of(practice.shown_by)}")
        return lines

    def notes(self) -> list[tuple[str, str, str, str]]:
        """Every reply that has a note: what it is about, the role, the answer and the note."""
        return [
            (self.of(one.practice.text), role, self.of(_words.ANSWERS[reply.answer]), reply.note)
            for one in (*self.assessment.standings, *self.assessment.wheels)
            for role, reply in one.given
            if reply.note and reply.answer is not Answer.UNKNOWN
        ]
