from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from crmusage.model import Assessment, Kind, Outcome, RuleTally, SetAside, Telling, Text, Wording, wilson
from crmusage.report._glossary import glossary
from crmusage.report._lacking import MOST, SHORT, Missing, kinds, lacking
from crmusage.report._reasons import reason

if TYPE_CHECKING:
    from crmusage.report._report import Report

FAR = 0.9973
"""How sure it is that a unit keeps a rule less than the company, when it is pointed at: three deviations, the outer
limits of a funnel plot (Spiegelhalter 2005), so that few are pointed at by chance. It points, it does not judge."""

POINTED_AT = 3
"""Units pointed at for one rule; guessed: more is a table, and that is what the frame is for."""

NAMED = 6
"""Units named in one line; guessed."""

_KINDS: dict[Kind, tuple[str, str, str, str, bool]] = {
    # English one and many, French one and many, and whether the French is feminine.
    Kind.PARASITIC: ("parasitic usage", "parasitic usages", "usage parasite", "usages parasites", False),
    Kind.NONCONFORMITY: (
        "departure from the written rules",
        "departures from the written rules",
        "écart aux règles écrites",
        "écarts aux règles écrites",
        False,
    ),
    Kind.RISK: ("risk", "risks", "risque", "risques", False),
    Kind.GAP: (
        "gap in the rules",
        "gaps in the rules",
        "lacune dans les règles",
        "lacunes dans les règles",
        True,
    ),
    Kind.PROMISING: ("promising usage", "promising usages", "usage prometteur", "usages prometteurs", False),
}

_OF_KIND = {
    "opportunity": Text("opportunities", "opportunités"),
    "request": Text("requests", "demandes"),
}

_NUMBERS = {
    "en": ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "fr": ("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
}


@attrs.frozen
class RuleRow:
    """One expectation of a rule over the whole company and all time, and the units where it is less kept."""

    tally: RuleTally
    kept: float | None
    """None: nothing to judge."""
    behind: tuple[tuple[str, float, RuleTally], ...] = ()
    """(unit, share kept, tally), the one with most violations first."""


@attrs.frozen
class Group:
    """Assessments of one code that ended alike for one reason."""

    code: str
    reason: str
    count: int
    units: tuple[str, ...]


@attrs.frozen
class Digest:
    """A report made ready to be told in one language: the answer first, then what it rests on."""

    report: Report
    words: Wording

    @property
    def findings(self) -> tuple[Telling, ...]:
        """The findings, in words."""
        return tuple(Telling(finding, self.words) for finding in self.report.findings)

    # --- the answer

    @property
    def title(self) -> str:
        """What the report is."""
        return self.words.pick("How the CRM is really used", "Comment le CRM est vraiment utilisé")

    @property
    def as_of(self) -> str:
        """The instant that the report speaks of."""
        if self._empty:
            return self.words.pick("without any data", "sans aucune donnée")
        at = self.words.instant(self.report.as_of)
        return self.words.pick(f"as of {at}", f"au {at}")

    @property
    def extent(self) -> tuple[str, ...]:
        """What was looked at: cases, events, units, since when."""
        w, report = self.words, self.report
        parts = [w.count(report.n_cases, "case"), w.count(report.n_events, "event")]
        parts.append(w.count(report.n_units, "unit"))
        if report.first is not None:
            first = w.date(report.first.date())
            parts.append(w.pick(f"since {first}", f"depuis le {first}"))
        return tuple(parts)

    @property
    def headline(self) -> str:
        """The answer in one sentence."""
        w = self.words
        if not self.report.findings:
            if self._empty:
                return w.pick(
                    "The data hold neither a case nor an event.",
                    "Les données ne contiennent ni dossier ni événement.",
                )
            if not self.report.clear:
                return w.pick("Nothing could be assessed.", "Rien n'a pu être évalué.")
            return w.pick("Nothing out of the ordinary.", "Rien ne sort de l'ordinaire.")
        kinds = Counter(finding.kind for finding in self.report.findings)
        parts = [self._counted(kind, kinds[kind]) for kind in _KINDS if kinds[kind]]
        listed = self._listed(parts)
        units = {finding.scope.unit for finding in self.report.findings}
        unit = units.pop() if len(units) == 1 else None
        where = f" {w.pick('in', 'dans')} {unit}" if unit is not None else ""
        return f"{listed[0].upper()}{listed[1:]}{where}."

    @property
    def standfirst(self) -> tuple[str, ...]:
        """What else belongs to the answer: could it have been seen, and how much was looked at."""
        return tuple(sentence for sentence in (self._hidden, self._checked) if sentence)

    @property
    def _hidden(self) -> str:
        w = self.words
        bending = [finding.distortions for finding in self.report.findings if finding.distortions]
        hidden = sum(all(distortion.hidden for distortion in distortions) for distortions in bending)
        if not hidden:
            return ""
        if len(self.report.findings) == 1:
            return w.pick(
                "The company's own figures could not have shown it.",
                "Les chiffres de l'entreprise ne pouvaient pas le montrer.",
            )
        if hidden == len(self.report.findings):
            return w.pick(
                "The company's own figures could not have shown them.",
                "Les chiffres de l'entreprise ne pouvaient pas les montrer.",
            )
        some = self._number(hidden)
        return w.pick(
            f"{some.capitalize()} of them could not be seen in the company's own figures.",
            "L'un d'entre eux ne pouvait se voir dans les chiffres de l'entreprise."
            if hidden == 1
            else f"{some.capitalize()} d'entre eux ne pouvaient se voir dans les chiffres de l'entreprise.",
        )

    @property
    def _checked(self) -> str:
        w = self.words
        outcomes = Counter(assessment.outcome for assessment in self.report.assessments)
        total = sum(outcomes.values())
        if not total:
            return ""
        clear, blind = outcomes[Outcome.CLEAR], outcomes[Outcome.NOT_ASSESSABLE]
        if blind == total:
            return w.pick(
                f"None of {w.count(total, 'check')} could be made.",
                f"Aucun des {w.count(total, 'check')} n'a pu être mené.",
            )
        text = w.pick(
            f"Of {w.count(total, 'check')}, {w.number(clear)} found nothing to report",
            f"Sur {w.count(total, 'check')}, {w.number(clear)} sans rien à signaler",
        )
        if blind:
            text += w.pick(
                f" and {w.number(blind)} could not be made",
                f" et {w.number(blind)} impossible{'s' if blind > 1 else ''} à mener",
            )
        return f"{text}."

    # --- the written rules

    @property
    def rules(self) -> tuple[RuleRow, ...]:
        """Each expectation of each rule once, in the order of the report."""
        groups: dict[tuple[str, int, int], list[RuleTally]] = {}
        for tally in self.report.rules:
            groups.setdefault((tally.rule, tally.version, tally.expect), []).append(tally)
        return tuple(_rule_row(rows) for rows in groups.values())

    @property
    def rule_headers(self) -> tuple[str, str, str, str, str]:
        """What stands over the numbers of the rules: share kept, out of, broken, pending, tied."""
        w = self.words
        return (
            w.pick("kept", "respectée"),
            w.pick("out of", "sur"),
            w.pick("broken", "enfreinte"),
            w.pick("pending", "en attente"),
            w.pick("order unknown", "ordre inconnu"),
        )

    @property
    def less_kept(self) -> str:
        """What introduces the units where a rule is clearly less kept than in the company."""
        return self.words.pick("clearly less in", "nettement moins dans")

    # --- what was not seen, and what was

    @property
    def not_assessable(self) -> tuple[Group, ...]:
        """What could not be assessed, by detector and reason."""
        return self._grouped(self.report.not_assessable)

    @property
    def in_short(self) -> bool:
        """Whether what could not be assessed is so much that it is told by what is missing."""
        return len(self.not_assessable) > SHORT

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What is missing most: tables, columns and activities, by how many checks need them."""
        return lacking(self.report.not_assessable)[:MOST]

    @property
    def missing_heading(self) -> str:
        """What introduces them."""
        return self.words.pick(
            "Missing most, by the names of the data contract",
            "Ce qui manque le plus, sous les noms du contrat de données",
        )

    @property
    def missing_hint(self) -> str:
        """How to name what the data do have."""
        return self.words.pick(
            "Have you got some of it under other names? In tables of your own, call the columns so; for an event log, "
            "write such lines, with your names, into a file, and give it with --map. What the tables of a CRM "
            "(--crm) give is told in its guide.",
            "Vous en avez une partie sous d'autres noms ? Dans vos propres tables, nommez ainsi les colonnes ; pour un "
            "journal d'événements, écrivez de telles lignes, avec vos noms, dans un fichier à donner avec --map. "
            "Ce qui vient des tables d'un CRM (--crm) est indiqué dans son guide.",
        )

    @property
    def other_reasons(self) -> tuple[str, ...]:
        """Why else checks could not be made, the reason of most first."""
        w = self.words
        told = []
        names = [
            name for one in lacking(self.report.not_assessable)[MOST:] for name in (one.name, *one.values)
        ]
        if names:
            told.append(f"{w.pick('Also missing:', 'Manquent aussi :')} {', '.join(names)}.")
        for kind, checks in kinds(self.report.not_assessable):
            several = w.of(_OF_KIND.get(kind, Text(kind, kind)))
            told.append(
                w.pick(
                    f"{w.count(checks, 'check')} {w.agree(checks, 'is', 'are')} about {several}, and no case is of the "
                    f'kind {kind}. If yours are, say so: kind = "{kind}".',
                    f"{w.count(checks, 'check')} {w.agree(checks, 'porte', 'portent')} sur des {several}, et aucun "
                    f'dossier n\'est du type {kind}. Si les vôtres le sont, dites-le : kind = "{kind}".',
                )
            )
        by_reason: dict[str, list[Group]] = {}
        for group in self._grouped(one for one in self.report.not_assessable if not one.lacks):
            by_reason.setdefault(group.reason, []).append(group)
        rest = 0
        for reason_, groups in sorted(
            by_reason.items(), key=lambda item: (-sum(group.count for group in item[1]), item[0])
        ):
            many = sum(group.count for group in groups)
            units = tuple(sorted({unit for group in groups for unit in group.units}))
            if len(groups) == 1 and units:
                rest += many
            elif len(groups) == 1:
                # A rule that could not be judged, a detector that failed: never only counted.
                told.append(f"{self.code(groups[0].code)}{w.pick(':', ' :')} {reason_}.")
            else:
                of = self.named(units or tuple(group.code for group in groups))
                told.append(f"{w.count(many, 'check')}{w.pick(':', ' :')} {reason_} ({of}).")
        if rest:
            told.append(
                w.pick(
                    f"{w.count(rest, 'check')} of single units, for reasons of their own.",
                    f"{w.count(rest, 'check')} d'une unité, pour des raisons propres à chacun.",
                )
            )
        return tuple(told)

    @property
    def clear(self) -> tuple[Group, ...]:
        """What is as it should be, by detector."""
        return self._grouped(attrs.evolve(assessment, reason=None) for assessment in self.report.clear)

    def code(self, code: str) -> str:
        """A detector as words and code: `late creation (CU112)`."""
        titles = {one.code: self.words.of(one.title) for one in self.report.assessments if one.title}
        names = {telling.finding.code: telling.name for telling in self.findings}
        name = names.get(code) or Telling.name_of_code(code, self.words) or titles.get(code)
        return f"{name[0].upper()}{name[1:]} ({code})" if name else code

    def named(self, units: tuple[str, ...]) -> str:
        """Some of the units by name, and how many more."""
        text = ", ".join(units[:NAMED])
        more = len(units) - NAMED
        return (
            text if more <= 0 else f"{text} {self.words.pick('and', 'et')} {self.words.count(more, 'more')}"
        )

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        """What could not be used, the largest first."""
        return tuple(sorted(self.report.set_aside, key=lambda entry: (-entry.count, entry.reason)))

    def set_aside_line(self, entry: SetAside) -> str:
        """`12 rows set aside: events: no case (such as e-17)`."""
        w = self.words
        line = (
            f"{w.count(entry.count, 'row')} {self.done_with(entry)}{w.pick(':', ' :')} {self.reason(entry)}"
        )
        if not entry.examples:
            return line
        return f"{line} ({w.pick('such as', 'par exemple')} {', '.join(entry.examples)})"

    def reason(self, entry: SetAside) -> str:
        """Why an entry was set aside."""
        return reason(entry.reason, self.words)

    def done_with(self, entry: SetAside) -> str:
        """What became of the rows of an entry: set aside, or kept and put right."""
        s = "s" if entry.count > 1 else ""
        if entry.kept:
            return self.words.pick("kept, put right", f"conservée{s}, corrigée{s}")
        return self.words.pick("set aside", f"écartée{s}")

    def extent_of(self, group: Group) -> str:
        """How much a group of assessments covers: `41 units`, or the whole company."""
        if group.units:
            return self.words.count(len(group.units), "unit")
        return self.words.pick("the whole company", "toute l'entreprise")

    @property
    def glossary(self) -> tuple[tuple[str, str], ...]:
        """The few words that a reader needs to be told, each with its meaning."""
        return glossary(self.words)

    # --- parts

    @property
    def _empty(self) -> bool:
        # A report that was put together by hand tells nothing of its history.
        return bool(self.report.assessments) and not (self.report.n_cases or self.report.n_events)

    def _grouped(self, assessments: Iterable[Assessment]) -> tuple[Group, ...]:
        def key(assessment: Assessment) -> tuple[str, str]:
            return assessment.code, self.words.of(assessment.reason) if assessment.reason else ""

        groups = []
        for (code, why), members in itertools.groupby(sorted(assessments, key=key), key=key):
            scopes = [member.scope for member in members]
            units = sorted({scope.unit for scope in scopes if scope.unit is not None})
            groups.append(Group(code, why, len(scopes), tuple(units)))
        return tuple(groups)

    def _counted(self, kind: Kind, n: int) -> str:
        one, many, un, des, feminine = _KINDS[kind]
        number = self._number(n)
        if self.words.french and n == 1 and feminine:
            number = "une"
        return f"{number} {self.words.pick(one if n == 1 else many, un if n == 1 else des)}"

    def _number(self, n: int) -> str:
        return _NUMBERS[self.words.lang][n - 1] if 1 <= n <= 9 else self.words.number(n)

    def _listed(self, parts: list[str]) -> str:
        if len(parts) == 1:
            return parts[0]
        return f"{', '.join(parts[:-1])} {self.words.pick('and', 'et')} {parts[-1]}"


def _rule_row(rows: list[RuleTally]) -> RuleRow:
    whole = next((row for row in rows if row.unit is None and row.period is None), None) or _sum(rows)
    kept = whole.fulfilled / whole.judged if whole.judged else None
    behind = []
    for row in rows:
        if row.unit is None or row.period is not None or not row.violated or kept is None:
            continue
        if wilson(row.fulfilled, row.judged, level=FAR)[1] < kept:
            behind.append((row.unit, row.fulfilled / row.judged, row))
    behind.sort(key=lambda entry: (-entry[2].violated, entry[0]))
    return RuleRow(whole, kept, tuple(behind[:POINTED_AT]))


def _sum(rows: list[RuleTally]) -> RuleTally:
    # Without a row of the whole: the units' rows of all time, else the finest there are.
    parts = [row for row in rows if row.period is None] or [row for row in rows if row.unit is None] or rows
    names = ("activations", "fulfilled", "violated", "pending", "tied", "vacuous_cases")
    totals = {name: sum(getattr(row, name) for row in parts) for name in names}
    return attrs.evolve(parts[0], unit=None, period=None, **totals)
