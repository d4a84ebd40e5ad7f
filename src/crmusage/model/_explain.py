from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from crmusage.model._telling import Telling
from crmusage.model._wording import Wording, printable

if TYPE_CHECKING:
    from crmusage.model._finding import Finding


@attrs.frozen
class Passage:
    """One part of an explanation, in one language."""

    topic: str
    """peers, onset, company, visibility, proposals, reasoning or cases."""
    heading: str
    lines: tuple[str, ...]
    listed: bool = False
    """Whether the lines are items of a list (else sentences that follow each other)."""


def explain(finding: Finding, lang: str = "en") -> str:
    """What a finding rests on, as plain text: its figures, and the cases.

    Raises:
        ValueError: for a language other than "en" and "fr".
    """
    words = Wording(lang)
    telling = Telling(finding, words)
    blocks = [f"{telling.title}\n{telling.byline}", words.of(finding.text)]
    for passage in passages(finding, lang):
        lines = [f"- {line}" for line in passage.lines] if passage.listed else passage.lines
        blocks.append("\n".join([passage.heading, *lines]))
    return printable("\n\n".join(blocks)) + "\n"


def passages(finding: Finding, lang: str = "en") -> tuple[Passage, ...]:
    """The parts of an explanation in reading order; a part with nothing to say is left out.

    Raises:
        ValueError: for a language other than "en" and "fr".
    """
    w = Wording(lang)
    telling = Telling(finding, w)
    parts = (
        Passage(
            "peers",
            telling.evidence_heading,
            tuple(telling.evidence_line(evidence) for evidence in telling.evidence),
            listed=True,
        ),
        _sentence("onset", w.pick("Since when", "Depuis quand"), telling.onset),
        Passage(
            "company",
            w.pick(
                "What it does to the company's figures",
                "Ce que cela change dans les chiffres de l'entreprise",
            ),
            tuple(telling.distortion_line(distortion) for distortion in finding.distortions),
            listed=True,
        ),
        _sentence(
            "visibility", w.pick("Could anyone have seen it?", "Aurait-on pu le voir ?"), telling.visibility
        ),
        Passage(
            "proposals",
            w.pick("What can be done", "Que faire"),
            tuple(telling.proposal_line(proposal) for proposal in finding.proposals),
            listed=True,
        ),
        _sentence(
            "reasoning",
            w.pick("Why this conclusion", "Pourquoi cette conclusion"),
            w.of(finding.reasoning) if finding.reasoning is not None else "",
        ),
        _sentence(
            "cases", w.pick("Cases that show it", "Dossiers qui le montrent"), ", ".join(finding.cases)
        ),
    )
    return tuple(part for part in parts if part.lines)


def _sentence(topic: str, heading: str, text: str) -> Passage:
    return Passage(topic, heading, (text,) if text else ())
