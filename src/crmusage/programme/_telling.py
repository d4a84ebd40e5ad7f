"""A programme on one page, in words."""

from __future__ import annotations

import textwrap

from crmusage.adoptability import Teller as OfScores
from crmusage.adoptability import Verdict
from crmusage.knowledge import CloseTeller
from crmusage.knowledge import Teller as OfOutlook
from crmusage.maturity import Teller as OfAssessment
from crmusage.model import Severity, Telling, Text, Undefined, Wording, printable
from crmusage.programme._overview import Overview
from crmusage.programme._steps import Part, Step

_SHOWN = 4
"""Findings named on the page; guessed. `crmusage check` has them all."""


class Teller:
    """The parts of the page, for text and HTML alike."""

    def __init__(self, one: Overview, words: Wording) -> None:
        self.one = one
        self.w = words
        self._colon = words.pick(": ", " : ")

    @property
    def title(self) -> str:
        """With the day, where there is one."""
        w, on = self.w, self.one.on
        title = w.pick("Where the CRM programme stands", "Où en est le programme CRM")
        return title if on is None else f"{title}, {w.date(on)}"

    @property
    def headline(self) -> str:
        """A sentence a part, then how many steps come next."""
        parts = [
            self._usages_in_short(),
            self._people_in_short(),
            self._stage_in_short(),
            self._known_in_short(),
        ]
        return " ".join(part for part in parts if part)

    def sections(self) -> list[tuple[Part, str, list[str]]]:
        """What stands where, part by part; what was not given is left out."""
        return [(part, heading, lines) for part, heading, lines in self._every() if lines]

    def _every(self) -> list[tuple[Part, str, list[str]]]:
        w = self.w
        return [
            (Part.USAGES, w.pick("How it is used", "Comment il est utilisé"), self._usages()),
            (
                Part.ADOPTABILITY,
                w.pick("Would people use it of themselves?", "Serait-il utilisé de plein gré ?"),
                self._adoptability(),
            ),
            (Part.MATURITY, w.pick("How grown up it is", "Sa maturité"), self._maturity()),
            (
                Part.KNOWLEDGE,
                w.pick("What stays known, and who carries it", "Ce qu'on en sait encore, et qui le porte"),
                self._knowledge(),
            ),
            (Part.CLOSE, w.pick("The monthly close", "La clôture du mois"), self._close()),
        ]

    @property
    def next_heading(self) -> str:
        """What stands over the steps."""
        return self.w.pick("What next, in this order", "La suite, dans cet ordre")

    @property
    def nothing_next(self) -> str:
        """What stands in place of steps."""
        if not self.one.given:
            return self.w.pick(
                "Nothing has been given yet: fill in a sheet (--begin writes them) or give a history.",
                "Rien n'a encore été fourni : remplissez une fiche (--begin les crée) ou donnez un historique.",
            )
        return self.w.pick("Nothing asks for anything now.", "Rien ne demande d'action pour l'instant.")

    def step(self, one: Step) -> tuple[str, str, str]:
        """What to do, why, and where it comes from; with what would show that it is done."""
        w = self.w
        why = self.of(one.why)
        if one.shown_by is not None:
            why = f"{why} {w.pick('Shown by: ', 'Preuve : ')}{self.of(one.shown_by)}."
        return self.of(one.what), why, f"{self.of(one.turn.text)} · {self.of(one.part.text)}"

    @property
    def missing(self) -> str:
        """What was not given, and how to begin with it; empty: all was given."""
        w, one = self.w, self.one
        lacking = [
            told
            for part, told in (
                (one.findings, w.pick("a history (--export)", "un historique (--export)")),
                (
                    one.scores,
                    w.pick("a survey (adoptability --questions)", "une enquête (adoptability --questions)"),
                ),
                (one.balance, w.pick("a benefit balance", "une balance des bénéfices")),
                (
                    one.maturity,
                    w.pick("answers on maturity (maturity --blank)", "des réponses (maturity --blank)"),
                ),
                (one.knowledge, w.pick("a plan of refreshers", "un plan de rappels")),
                (one.closes or None, w.pick("a monthly close (close --run)", "une clôture (close --run)")),
            )
            if part is None
        ]
        if not lacking:
            return ""
        return f"{w.pick('Not given', 'Non fourni')}{self._colon}{', '.join(lacking)}."

    def of(self, text: Text) -> str:
        """A text as print has it."""
        return self.w.pick(text.en, text.fr)

    def text(self, width: int = 100) -> str:
        """All of it."""
        lines = [self.title, ""]
        if self.headline:
            lines += [textwrap.fill(self.headline, width), ""]
        for _, heading, items in self.sections():
            lines += [heading, *(_wrapped(item, width, "- ") for item in items), ""]
        lines.append(self.next_heading)
        for number, step in enumerate(self.one.next, 1):
            what, why, where = self.step(step)
            lines.append(_wrapped(f"{what} [{where}]", width, f"{number}. "))
            lines.append(textwrap.fill(why, width, initial_indent="   ", subsequent_indent="   "))
        if not self.one.next:
            lines.append(self.nothing_next)
        if self.missing:
            lines += ["", textwrap.fill(self.missing, width)]
        return printable("\n".join(lines)) + "\n"

    # --- in short

    def _usages_in_short(self) -> str:
        w, one = self.w, self.one
        if one.findings is None:
            return ""
        n = len(one.harmful)
        if not n:
            return w.pick("No usage works against it.", "Aucun usage ne joue contre lui.")
        serious = sum(finding.severity is Severity.HIGH for finding in one.harmful)
        if n == 1:
            return w.pick(
                f"One usage works against it{', seriously' if serious else ''}.",
                f"Un usage joue contre lui{', gravement' if serious else ''}.",
            )
        return w.pick(
            f"{n} usages work against it{f', {serious} of them seriously' if serious else ''}.",
            f"{n} usages jouent contre lui{f', dont {serious} gravement' if serious else ''}.",
        )

    def _people_in_short(self) -> str:
        w, scores = self.w, self.one.scores
        weakest = None if scores is None else scores.weakest
        if weakest is None or isinstance(weakest.value, Undefined):
            return ""
        name, value = weakest.criterion.text, w.number(weakest.value.value, 1)
        return w.pick(
            f"What holds people back most is {name.en} ({value} of 5).",
            f"Ce qui retient le plus les utilisateurs : {name.fr} ({value} sur 5).",
        )

    def _stage_in_short(self) -> str:
        one = self.one.maturity
        return "" if one is None else OfAssessment(one, self.w).headline

    def _known_in_short(self) -> str:
        one = self.one.knowledge
        return "" if one is None else OfOutlook(one, self.w).headline

    # --- part by part

    def _usages(self) -> list[str]:
        w, one = self.w, self.one
        lines = []
        for finding in one.harmful[:_SHOWN]:
            told = Telling(finding, w)
            where = finding.scope.unit or w.pick("the company", "l'entreprise")
            rule = f"{finding.rule}, " if finding.rule else ""
            lines.append(f"{where}{self._colon}{told.name} ({rule}{finding.code}), {told.severity}")
        more = len(one.harmful) - _SHOWN
        if more > 0:
            lines.append(w.pick(f"and {more} more", f"et {more} de plus"))
        if one.findings is not None and not one.harmful:
            lines.append(
                w.pick("Nothing was found that works against it.", "Rien trouvé qui joue contre lui.")
            )
        promising = [] if one.findings is None else [f for f in one.findings if f not in one.harmful]
        lines += [
            w.pick("Promising: ", "Prometteur : ")
            + f"{finding.scope.unit or ''} {Telling(finding, w).name}".strip()
            for finding in promising[:1]
        ]
        return lines

    def _adoptability(self) -> list[str]:
        w, one = self.w, self.one
        lines = []
        if one.scores is not None:
            teller = OfScores(w)
            for score in one.scores.overall:
                row = teller.row(score)
                lines.append(f"{row[0]}{self._colon}{row[1]}, {row[2]}")
        if one.balance is not None:
            net = w.number(one.balance.users_today)
            lines.append(
                w.pick(
                    f"users' account today: {net} minutes a week",
                    f"solde des utilisateurs aujourd'hui : {net} minutes par semaine",
                )
            )
        if one.observed is not None:
            known = [i for i in one.observed.indicators if not isinstance(i.measure, Undefined)]
            lines += [
                w.pick("in the history, ", "dans l'historique, ") + line
                for line in OfScores(w).indicators(known)
            ]
            unknown = len(one.observed.indicators) - len(known)
            if unknown:
                lines.append(
                    w.pick(
                        f"{unknown} more {self.w.agree(unknown, 'figure', 'figures')} cannot be told from the history "
                        "(crmusage adoptability --export says why)",
                        f"{unknown} {self.w.agree(unknown, 'autre chiffre', 'autres chiffres')} que l'historique ne "
                        "montre pas (crmusage adoptability --export dit pourquoi)",
                    )
                )
            coercion = one.observed.coercion
            if coercion is not None and (coercion.verdict is not Verdict.OPEN or coercion.units):
                lines.append(self.of(coercion.text))
        return lines

    def _maturity(self) -> list[str]:
        w, one = self.w, self.one.maturity
        if one is None:
            return []
        nothing = w.pick("newborn", "nouveau-né")
        lines = [
            f"{self.of(level.dimension.text)}{self._colon}"
            + (nothing if level.reached is None else self.of(level.reached.text))
            + (
                ""
                if level.certain
                else w.pick(", or further: something is unknown", ", ou plus loin : inconnue")
            )
            for level in one.levels
        ]
        lines += [self.of(each.text) for each in one.inconsistencies[:1]]
        return lines

    def _knowledge(self) -> list[str]:
        w, one = self.w, self.one.knowledge
        if one is None:
            return []
        lines = []
        without, known = one.schedule.average(refreshed=False), one.schedule.average()
        if known:
            months = w.count(one.programme.months, "month")
            ends = tuple(w.value(shares[-1], "share") for shares in (without, known))
            lines.append(
                w.pick(
                    f"known after {months}: {ends[0]} without refreshers, {ends[1]} with those planned",
                    f"connu après {months} : {ends[0]} sans rappels, {ends[1]} avec les rappels prévus",
                )
            )
        lines.append(
            w.pick(
                f"weak points of the ownership: {len(one.concerns)}; if the sponsor left: {len(one.without_sponsor)}",
                f"fragilités du portage : {len(one.concerns)} ; si le parrain partait : {len(one.without_sponsor)}",
            )
        )
        return lines

    def _close(self) -> list[str]:
        one = self.one
        if not one.closes:
            return []
        teller = CloseTeller(one.closes, self.w, one.on)
        lines = [teller.headline]
        lines += [f"{heading}{self._colon}{len(items)}" for heading, items in teller.sections()]
        return lines


def _wrapped(text: str, width: int, mark: str) -> str:
    return textwrap.fill(
        text, width, initial_indent=mark, subsequent_indent=" " * len(mark), break_on_hyphens=False
    )
