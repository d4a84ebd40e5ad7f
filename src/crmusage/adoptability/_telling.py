"""Scores and balances as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from crmusage.adoptability import _words
from crmusage.adoptability._balance import Balance
from crmusage.adoptability._coercion import Coercion
from crmusage.adoptability._indicator import Indicator
from crmusage.adoptability._score import Score, Scores
from crmusage.model import Measure, Text, Undefined, Wording, printable


class Teller:
    """The parts of scores and balances in words, for text and page alike."""

    def __init__(self, words: Wording) -> None:
        self.w = words

    def of(self, text: Text) -> str:
        """A text as print has it."""
        return self.w.pick(text.en, text.fr)

    # --- scores

    def title(self, scores: Scores) -> str:
        """What was asked of how many."""
        return self.w.pick(
            f"Adoptability: {scores.people} {self.w.noun('answer', scores.people)}, from 1 (poor) to 5 (good)",
            f"Adoptabilité : {scores.people} {self.w.noun('answer', scores.people)}, de 1 (faible) à 5 (bon)",
        )

    def weakest(self, scores: Scores) -> str:
        """Where to begin; empty where nothing is known."""
        one = scores.weakest
        if one is None:
            return ""
        name, advice = one.criterion.text, _words.ADVICE[one.criterion]
        return self.w.pick(
            f"The weakest criterion is {name.en}. {advice.en}",
            f"Le critère le plus faible : {name.fr}. {advice.fr}",
        )

    def row(self, score: Score) -> tuple[str, str, str, str, str, str, str]:
        """Criterion, mean with interval and n, reading, product, project, alpha, omega."""
        aspects = [self.value(value) for _, value in score.aspects]
        return (
            self.of(score.criterion.text),
            self.sure(score.value),
            self.of(_words.VERDICTS[score.verdict.value]),
            aspects[0],
            aspects[1],
            self.value(score.alpha, 2),
            self.value(score.omega, 2),
        )

    def head(self) -> tuple[str, str, str, str, str, str, str]:
        """What stands over the rows."""
        w = self.w
        return (
            w.pick("criterion", "critère"),
            w.pick("mean (95% interval, n)", "moyenne (intervalle à 95 %, n)"),
            w.pick("reading", "lecture"),
            w.pick("product", "produit"),
            w.pick("project", "projet"),
            "alpha",
            "omega",
        )

    def sure(self, value: Measure | Undefined) -> str:
        """A mean with its interval and how many answered, or why there is none."""
        if isinstance(value, Undefined):
            return f"— ({self.of(value.reason)})"
        # Two decimals: an interval that ends at 2.98 must not read as if it touched the middle, 3.0.
        w = self.w
        text = w.number(value.value, 2)
        if value.low is None or value.high is None:
            return text
        ends = f"{w.number(value.low, 2)} {w.pick('to', 'à')} {w.number(value.high, 2)}"
        return f"{text} ({ends}{w.pick(', ', ' ; ')}n = {w.number(value.denominator or 0)})"

    def value(self, value: Measure | Undefined, digits: int = 1) -> str:
        """A figure alone."""
        return "—" if isinstance(value, Undefined) else self.w.number(value.value, digits)

    def notes(self, scores: Scores) -> list[str]:
        """What was not shown and not counted, and why there is no reliability."""
        w, found = self.w, []
        if scores.kept_back:
            found.append(
                w.pick(
                    f"Units kept back so that nobody can be made out: {scores.kept_back}.",
                    f"Unités non affichées pour que personne ne soit reconnaissable : {scores.kept_back}.",
                )
            )
        for aside in scores.set_aside:
            why = self.of(_words.set_aside(aside.reason))
            found.append(f"{w.pick('Set aside', 'Mis de côté')}{w.pick(': ', ' : ')}{why} ({aside.count}).")
        lacking = {
            (value.name, self.of(value.reason))
            for score in scores.overall
            for value in (score.alpha, score.omega)
            if isinstance(value, Undefined)
        }
        found += [f"{name}{w.pick(': ', ' : ')}{reason}." for name, reason in sorted(lacking)]
        return found

    def text(self, scores: Scores, width: int) -> str:
        """All of it."""
        w = self.w
        lines = [self.title(scores), "", *_columns([self.head(), *map(self.row, scores.overall)]), ""]
        weakest = self.weakest(scores)
        if weakest:
            lines += [_wrapped(weakest, width), ""]
        for heading, items in (
            (
                w.pick("What a history shows, beside the answers", "Ce que montre l'historique, en regard"),
                self.indicators(scores.indicators),
            ),
            (
                w.pick("Answers and figures differ", "Réponses et chiffres divergent"),
                self.disagreements(scores),
            ),
            (w.pick("Notes", "Remarques"), self.notes(scores)),
        ):
            if items:
                lines += [heading, *(_wrapped(item, width, "- ") for item in items), ""]
        for unit, of_unit in scores.units:
            lines += [unit, *_columns([(self.row(one)[0], *self.row(one)[1:3]) for one in of_unit], "  "), ""]
        return printable("\n".join(lines).rstrip()) + "\n"

    def indicator_head(self) -> tuple[str, str, str, str]:
        """What stands over the figures of a history."""
        w = self.w
        return (
            w.pick("criterion", "critère"),
            w.pick("what a history shows", "ce que montre l'historique"),
            w.pick("figure (95% interval)", "chiffre (intervalle à 95 %)"),
            w.pick("reading", "lecture"),
        )

    def indicator(self, one: Indicator) -> tuple[str, str, str, str]:
        """Criterion, what it is, the figure or why there is none, the reading."""
        return (
            self.of(one.criterion.text),
            self.of(one.text).partition(self.w.pick(": ", " : "))[0],
            self.figure(one.measure),
            self.of(_words.VERDICTS[one.verdict.value]),
        )

    def figure(self, measure: Measure | Undefined) -> str:
        """A figure of a history with its interval, or why there is none."""
        if isinstance(measure, Undefined):
            return f"— ({self.of(measure.reason)})"
        w = self.w
        value = w.value(measure.value, measure.unit)
        if measure.low is None or measure.high is None:
            return value
        return f"{value} ({w.interval(measure.low, measure.high, measure.unit)})"

    def indicators(self, indicators: Iterable[Indicator]) -> list[str]:
        """A line for each figure, for where there is no room for a table."""
        colon = self.w.pick(": ", " : ")
        rows = (self.indicator(one) for one in indicators)
        return [
            f"{what}{colon}{figure}, {reading} ({criterion})" for criterion, what, figure, reading in rows
        ]

    def coercion(self, one: Coercion) -> list[str]:
        """The two shares that it rests on."""
        w = self.w
        return [
            w.pick("use around controls: ", "usage autour des contrôles : ")
            + self.figure(one.around_controls),
            w.pick("entries caught, not typed in: ", "données captées, non saisies : ")
            + self.figure(one.by_product),
        ]

    def coercion_text(self, one: Coercion, width: int) -> str:
        """Whether use is kept up by pressure."""
        heading = self.w.pick("Use under pressure?", "Un usage sous contrainte ?")
        lines = [heading, _wrapped(self.of(one.text), width)]
        lines += [_wrapped(item, width, "- ") for item in self.coercion(one)]
        return printable("\n".join(lines)) + "\n"

    def disagreements(self, scores: Scores) -> list[str]:
        """Where a history says something else."""
        return [self.of(text) for _, text in scores.disagreements]

    # --- balances

    def accounts(self, balance: Balance) -> list[tuple[str, str, str, str]]:
        """Group, gains, costs and net of today, in minutes a week."""
        w = self.w
        return [
            (self.of(one.group.name), w.number(one.gains), w.number(one.costs), w.number(one.net))
            for one in balance.today
        ]

    def accounts_head(self) -> tuple[str, str, str, str]:
        """What stands over the accounts."""
        w = self.w
        return (
            w.pick("minutes a week, today", "minutes par semaine, aujourd'hui"),
            w.pick("gain", "gagnées"),
            w.pick("pay", "dépensées"),
            w.pick("net", "solde"),
        )

    def returns(self, balance: Balance) -> list[str]:
        """What is in place for each of the two returns."""
        w = self.w
        return [
            f"{self.of(_words.RETURNS[each.value]).capitalize()}{w.pick(': ', ' : ')}"
            + (
                ", ".join(self.of(one.name) for one in features)
                or w.pick("nothing in place", "rien en place")
            )
            for each, features in balance.returns().items()
        ]

    def sections(self, balance: Balance) -> list[tuple[str, list[str]]]:
        """Headings with their sentences; what has none is left out."""
        w = self.w
        found = [
            (w.pick("The two returns, today", "Ce que rapporte le CRM aujourd'hui"), self.returns(balance)),
            (
                w.pick("Conflicts of interest", "Conflits d'intérêts"),
                [
                    *([self.of(balance.conflict)] if balance.conflict is not None else ()),
                    *(self.of(text) for _, text in balance.conflicts),
                ],
            ),
            (
                w.pick(
                    "In place, and costs more than anybody gains",
                    "En place, mais coûte plus que cela ne rapporte",
                ),
                [self.of(text) for _, text in balance.burdens],
            ),
            (
                w.pick("What annoys people and nothing relieves", "Irritants que rien ne soulage"),
                [self.of(one.name) for one in balance.unrelieved],
            ),
        ]
        return [(heading, lines) for heading, lines in found if lines]

    def backlog(self, balance: Balance) -> list[str]:
        """The backlog, each with its reason and how users stand afterwards."""
        w = self.w
        lines = []
        for one in balance.backlog():
            after = w.number(one.users_after)
            lines.append(
                f"{self.of(one.feature.name)}{w.pick(': ', ' : ')}{self.of(one.reason)} "
                + w.pick(
                    f"Users then stand at {after} min a week.",
                    f"Solde des utilisateurs : {after} min/semaine.",
                )
            )
        return lines

    @property
    def backlog_heading(self) -> str:
        """What stands over the backlog."""
        return self.w.pick("The backlog: users gain first", "À réaliser : les utilisateurs gagnent d'abord")

    def balance_text(self, balance: Balance, width: int) -> str:
        """All of a balance."""
        lines = [*_columns([self.accounts_head(), *self.accounts(balance)]), ""]
        for heading, items in self.sections(balance):
            lines += [heading, *(_wrapped(item, width, "- ") for item in items), ""]
        lines.append(self.backlog_heading)
        lines += [
            _wrapped(item, width, f"{number}. ") for number, item in enumerate(self.backlog(balance), 1)
        ]
        return printable("\n".join(lines)) + "\n"


def _columns(rows: list[tuple[str, ...]], indent: str = "") -> list[str]:
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    return [
        indent + "  ".join(f"{cell:<{size}}" for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _wrapped(text: str, width: int, mark: str = "") -> str:
    return textwrap.fill(
        text, width, initial_indent=mark, subsequent_indent=" " * len(mark), break_on_hyphens=False
    )
