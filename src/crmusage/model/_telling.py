from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from crmusage.model._measure import Measure, Undefined
from crmusage.model._text import Text
from crmusage.model._wording import NOTHING, Wording

if TYPE_CHECKING:
    from crmusage.model._finding import Distortion, Evidence, Finding, Norm, Proposal

_NAMES = {
    "dead-rule": Text("rule that does nothing", "règle sans effet"),
    "hidden-by-aggregate": Text("hidden by the company's figures", "masqué par les chiffres de l'entreprise"),
    "late-creation": Text("late creation", "création tardive"),
    "rule-not-kept": Text("rule not kept", "règle non respectée"),
}

_CODES = {
    "CU001": "rule-not-kept",
    "CU112": "late-creation",
    "CU501": "hidden-by-aggregate",
    "CU603": "dead-rule",
}

_KINDS = {
    "parasitic": Text("parasitic usage", "usage parasite"),
    "promising": Text("promising usage", "usage prometteur"),
    "nonconformity": Text("departure from a written rule", "écart à une règle écrite"),
    "gap": Text("gap in the rules", "lacune dans les règles"),
    "risk": Text("risk", "risque"),
}

_SEVERITIES = {
    "high": Text("serious", "grave"),
    "medium": Text("moderate", "modéré"),
    "low": Text("minor", "mineur"),
}

_VERBS = {
    "amend": Text("Amend", "Modifier"),
    "adopt": Text("Adopt", "Adopter"),
    "forbid": Text("Forbid", "Interdire"),
    "announce": Text("Announce", "Communiquer"),
    "train": Text("Train", "Former"),
    "retire": Text("Retire", "Retirer"),
}


USUAL = 1.96
"""A figure varies by itself within so many standard deviations (95 %), as `metrics.distortion` judges it."""


@attrs.frozen
class Telling:
    """A finding in the words of one language: every rendering takes its sentences from here."""

    finding: Finding
    words: Wording

    # --- what it is

    @property
    def name(self) -> str:
        """What was found, as words: `late creation`; a name not known here is read from its identifier."""
        title = self.finding.title
        return self.words.of(title) if title is not None else _spoken(self.finding.name, self.words)

    @staticmethod
    def name_of_code(code: str, words: Wording) -> str:
        """What a built-in detector looks for; empty for others."""
        return _spoken(_CODES[code], words) if code in _CODES else ""

    @property
    def kind(self) -> str:
        """What sort of thing was found."""
        return self.words.of(_KINDS[self.finding.kind])

    @property
    def severity(self) -> str:
        """How much it matters, in one word."""
        return self.words.of(_SEVERITIES[self.finding.severity])

    @property
    def who(self) -> str:
        """Whom it is about: the unit, the profile, or the whole company."""
        scope = self.finding.scope
        parts = [part for part in (scope.unit, scope.profile) if part is not None]
        return " · ".join(parts) or self.words.pick("The whole company", "L'ensemble de l'entreprise")

    @property
    def title(self) -> str:
        """Whom and what: `Grand Ouest: late creation`."""
        return f"{self.who}{self._colon} {self.name}"

    @property
    def byline(self) -> str:
        """Kind, severity, code, rule and period on one line."""
        w, finding = self.words, self.finding
        parts = [f"{self.kind}, {self.severity}", f"{finding.code} {finding.name}"]
        if finding.rule:
            parts.append(f"{w.pick('rule', 'règle')} {finding.rule}")
        if finding.scope.period is not None:
            parts.append(w.period(finding.scope.period))
        return " · ".join(parts)

    # --- held against its peers

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The finding's own measure and the rest of its evidence, none twice."""
        from crmusage.model._finding import Evidence

        finding = self.finding
        if finding.measure.name in {evidence.measure.name for evidence in finding.evidence}:
            return finding.evidence
        return (Evidence(finding.measure, finding.norm, None, finding.q_value), *finding.evidence)

    @property
    def evidence_heading(self) -> str:
        """What stands over the evidence."""
        if any(evidence.norm is not None for evidence in self.evidence):
            return self.words.pick("Held against its peers", "Par rapport à ses pairs")
        return self.words.pick("The figures", "Les chiffres")

    def made_of(self, measure: Measure) -> str:
        """What a figure was made of and how sure it is: `302 of 321; 95% interval 91.0 to 96.2%`."""
        w = self.words
        parts = []
        if measure.unit == "share" and measure.numerator is not None and measure.denominator is not None:
            parts.append(
                f"{w.number(measure.numerator)} {w.pick('of', 'sur')} {w.number(measure.denominator)}"
            )
        elif measure.denominator is not None:
            parts.append(f"n = {w.number(measure.denominator)}")
        interval = self._interval(measure.low, measure.high, measure.unit)
        if interval:
            parts.append(f"{w.pick('95% interval', 'intervalle à 95 %')} {interval}")
        return self._joined(parts)

    def usual(self, norm: Norm, unit: str) -> str:
        """What is usual among the peers: `26.1%, usual range 15.0 to 38.0% (43 peers)`."""
        w = self.words
        text = w.value(norm.value, unit)
        interval = self.usual_range(norm, unit)
        if interval:
            text += f", {w.pick('usual range', 'plage habituelle')} {interval}"
        return f"{text} ({w.count(norm.units, 'peer')})"

    def usual_range(self, norm: Norm, unit: str) -> str:
        """Between what a unit of this size is like its peers; empty where there are no such limits."""
        return self._interval(norm.low, norm.high, unit)

    def probability(self, evidence: Evidence) -> str:
        """The adjusted p as a number, else the plain one, said to be that; empty where nothing was tested."""
        w = self.words
        if evidence.q_value is not None:
            return w.chance(evidence.q_value)
        if evidence.p_value is not None:
            return f"{w.chance(evidence.p_value)} ({w.pick('not adjusted', 'non ajusté')})"
        return ""

    def chance(self, evidence: Evidence) -> str:
        """`adjusted p < 0.001`; empty where nothing was tested."""
        shown = self.probability(evidence)
        if not shown:
            return ""
        name = "p" if evidence.q_value is None else self.words.pick("adjusted p", "p ajusté")
        return f"{name} {shown}" if shown.startswith("<") else f"{name} = {shown}"

    def evidence_line(self, evidence: Evidence) -> str:
        """One figure of the unit, its norm, and how likely so large a gap would be by chance."""
        w, measure = self.words, evidence.measure
        if isinstance(measure, Undefined):
            return f"{w.measure(measure.name)}{self._colon} {NOTHING} ({self.reason(measure)})"
        line = f"{w.measure(measure.name, measure.label)}{self._colon} {w.value(measure.value, measure.unit)}"
        made_of = self.made_of(measure)
        parts = [f"{line} ({made_of})" if made_of else line]
        if evidence.norm is not None:
            parts.append(f"{w.pick('peers', 'ses pairs')} {self.usual(evidence.norm, measure.unit)}")
        parts.append(self.chance(evidence))
        return self._joined(parts)

    def reason(self, undefined: Undefined) -> str:
        """Why there is no figure, set as print sets it."""
        return self.words.pick(undefined.reason.en, undefined.reason.fr)

    @property
    def contrast(self) -> str:
        """The finding's own figure against its peers', in a few words: `94.1% against 4.3%`."""
        measure, norm = self.finding.measure, self.finding.norm
        if not isinstance(measure, Measure):
            return ""
        text = self.words.value(measure.value, measure.unit)
        if norm is None:
            return text
        return f"{text} {self.words.pick('against', 'contre')} {self.words.value(norm.value, measure.unit)}"

    # --- since when

    @property
    def onset(self) -> str:
        """Since when, with the range it lies in and the share before and since; empty if not dated."""
        w, onset = self.words, self.finding.onset
        if onset is None:
            return ""
        if onset.value is None:
            share = f"{self._colon} {w.value(onset.after, 'share')}" if onset.after is not None else ""
            return w.pick("For as long as the data go back", "Depuis le début des données") + f"{share}."
        text = w.pick(f"Since about {w.date(onset.value)}", f"Depuis le {w.date(onset.value)} environ")
        if onset.low is not None and onset.high is not None and onset.low != onset.high:
            text += w.pick(
                f" (between {w.date(onset.low)} and {w.date(onset.high)})",
                f" (entre le {w.date(onset.low)} et le {w.date(onset.high)})",
            )
        if onset.before is not None and onset.after is not None:
            before, after = w.value(onset.before, "share"), w.value(onset.after, "share")
            text += w.pick(f": {before} before, {after} since", f" : {before} avant, {after} depuis")
        return f"{text}."

    # --- what it does to the company's figures

    def distortion_line(self, distortion: Distortion) -> str:
        """A company figure with and without the unit, and whether the difference could be seen in it."""
        w, unit = self.words, distortion.unit
        with_unit, without = w.value(distortion.with_unit, unit), w.value(distortion.without_unit, unit)
        shift = w.difference(distortion.shift, unit)
        figures = w.pick(
            f"{with_unit} with the unit, {without} without it ({shift})",
            f"{with_unit} avec l'unité, {without} sans elle ({shift})",
        )
        return self._joined(
            (
                f"{w.measure(distortion.measure, distortion.label)}{self._colon} {figures}",
                self.seen(distortion),
            )
        )

    def seen(self, distortion: Distortion) -> str:
        """Whether one company figure could have shown what the unit does to it."""
        w = self.words
        usual = self.usual_variation(distortion)
        within = f" ({usual})" if usual else ""
        if distortion.hidden:
            return w.pick(
                f"lost in its usual ups and downs{within}", f"noyé dans ses variations habituelles{within}"
            )
        if not usual:
            return w.pick("too few periods to know its ups and downs", "trop peu de périodes pour en juger")
        return w.pick(
            f"more than its usual ups and downs{within}", f"au-delà de ses variations habituelles{within}"
        )

    def usual_variation(self, distortion: Distortion) -> str:
        """Within what the company's figure varies by itself: `±1.9 points`; empty where nobody knows."""
        if distortion.spread is None or not math.isfinite(distortion.spread):
            return ""
        return f"±{self.words.spread(USUAL * distortion.spread, distortion.unit)}"

    @property
    def visibility(self) -> str:
        """Whether the company's own figures could have shown it; empty where no such figure was looked at."""
        w = self.words
        bent = self.finding.distortions
        hidden = [distortion for distortion in bent if distortion.hidden]
        shown = [
            distortion for distortion in bent if not distortion.hidden and self.usual_variation(distortion)
        ]
        if not bent:
            return ""
        names = ", ".join(w.measure(distortion.measure, distortion.label) for distortion in shown)
        if hidden and shown:
            return w.pick(
                f"In part: it shows in some of the company's figures ({names}), not in the others.",
                f"En partie : visible dans certains chiffres de l'entreprise ({names}), non dans d'autres.",
            )
        if shown:
            return w.pick(
                f"Yes: the company's figures move by more than they vary anyway ({names}).",
                f"Oui : les chiffres de l'entreprise bougent plus que d'ordinaire ({names}).",
            )
        if not hidden:
            return w.pick(
                "Not known: there are too few periods to tell how much the company's figures vary anyway.",
                "On ne sait pas : trop peu de périodes pour connaître leurs variations habituelles.",
            )
        if len(hidden) == 1:
            return w.pick(
                "No: the company's figure moves by less than it does anyway from one period to the next.",
                "Non : l'effet sur le chiffre de l'entreprise est plus petit que ses variations habituelles d'une "
                "période à l'autre.",
            )
        n = len(hidden)
        return w.pick(
            f"No: of the {n} company figures it bends, none moves by more than it does anyway from one "
            "period to the next.",
            f"Non : des {n} chiffres de l'entreprise qu'il fausse, aucun ne bouge plus que d'ordinaire d'une "
            "période à l'autre.",
        )

    # --- what can be done

    def verb(self, proposal: Proposal) -> str:
        """What a proposal asks for, in one word."""
        return self.words.of(_VERBS[proposal.verb])

    def proposal_line(self, proposal: Proposal) -> str:
        """`Announce: tell the unit of … (rule first-contact).`"""
        w, text = self.words, self.words.of(proposal.text)
        if proposal.rule:
            bare = text.removesuffix(".")
            text = f"{bare} ({w.pick('rule', 'règle')} {proposal.rule}){text[len(bare) :]}"
        return f"{self.verb(proposal)}{self._colon} {text}"

    @property
    def _colon(self) -> str:
        return self.words.pick(":", " :")

    def _joined(self, parts: Iterable[str]) -> str:
        return self.words.pick("; ", " ; ").join(part for part in parts if part)

    def _interval(self, low: float | None, high: float | None, unit: str) -> str:
        if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
            return ""
        return self.words.interval(low, high, unit)


def _spoken(name: str, words: Wording) -> str:
    known = _NAMES.get(name)
    return words.pick(known.en, known.fr) if known else name.replace("-", " ").replace("_", " ")
