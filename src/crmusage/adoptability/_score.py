"""The scores of a survey, by criterion: of all, and of each unit that is large enough."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import attrs

from crmusage.adoptability import _words
from crmusage.adoptability._indicator import Indicator, Verdict
from crmusage.adoptability._reliability import alpha, omega
from crmusage.adoptability._student import t_quantile
from crmusage.adoptability._survey import HIGHEST, LOWEST, MIDDLE, About, Criterion, Item, Response, items
from crmusage.model import MIN_GROUP, Measure, SetAside, Text, Undefined

_ENOUGH = 0.5
"""Who answered fewer of a criterion's statements has no score in it (the usual half-rule; guessed to fit here)."""


@attrs.frozen
class Score:
    """One criterion, as one group of people answers it: 1 to 5, more is better."""

    criterion: Criterion
    value: Measure | Undefined
    """The mean over persons of their own means, with Student's 95 % interval; `denominator` is how many."""
    aspects: tuple[tuple[About, Measure | Undefined], ...]
    """The same from the statements about the product and about the project alone."""
    alpha: Measure | Undefined
    """How far the statements measure one thing; of all answers together only, as is omega."""
    omega: Measure | Undefined

    @property
    def verdict(self) -> Verdict:
        """Good or poor if the whole interval lies above or below the middle of the scale."""
        if isinstance(self.value, Undefined) or self.value.low is None or self.value.high is None:
            return Verdict.OPEN
        if self.value.low > MIDDLE:
            return Verdict.GOOD
        return Verdict.POOR if self.value.high < MIDDLE else Verdict.OPEN


@attrs.frozen
class Scores:
    """What a survey says."""

    overall: tuple[Score, ...]
    """Of all who answered, by criterion."""
    units: tuple[tuple[str, tuple[Score, ...]], ...]
    """Of each unit that may be shown, by name: no league table."""
    kept_back: int
    """How many units are not shown, so that nobody can be made out."""
    people: int
    """How many answered."""
    set_aside: tuple[SetAside, ...]
    """Answers too few to give a person a score, by criterion."""
    indicators: tuple[Indicator, ...] = ()
    """What a history shows, beside the answers; it changes none of them."""

    @property
    def weakest(self) -> Score | None:
        """The criterion with the lowest score: a chain breaks there, whatever the others are."""
        known = [one for one in self.overall if isinstance(one.value, Measure)]
        return min(
            known, key=lambda one: one.value.value if isinstance(one.value, Measure) else 0, default=None
        )

    @property
    def disagreements(self) -> tuple[tuple[Indicator, Text], ...]:
        """Where answers and a figure say opposite things, and in which words."""
        said = {one.criterion: one.verdict for one in self.overall}
        opposite = {Verdict.GOOD: Verdict.POOR, Verdict.POOR: Verdict.GOOD}
        return tuple(
            (one, _words.disagrees(one.criterion, said[one.criterion], one.text))
            for one in self.indicators
            if opposite.get(said[one.criterion]) is one.verdict
        )


def score(
    responses: Iterable[Response], *, min_group: int = MIN_GROUP, indicators: Iterable[Indicator] = ()
) -> Scores:
    """Score a survey.

    Units of fewer than `min_group` answers are not shown; nor, then, are as many of the next smallest as it takes
    that those kept back are `min_group` people together: else the small one could be worked out from the total.
    """
    everybody = tuple(responses)
    given = tuple(one for one in everybody if one.answers)
    groups: dict[str | None, list[Response]] = {}
    for response in given:
        groups.setdefault(response.unit, []).append(response)
    shown = _shown({unit: len(group) for unit, group in groups.items()}, min_group)
    aside = Counter(
        criterion
        for response in given
        for criterion in Criterion
        if (asked := _asked(given, criterion)) and _mean(response, asked) is None and _any(response, asked)
    )
    return Scores(
        overall=_scores(given, given, min_group),
        units=tuple((unit, _scores(groups[unit], given, min_group)) for unit in shown),
        kept_back=len({unit for unit in groups if unit is not None}) - len(shown),
        people=len(given),
        set_aside=tuple(
            SetAside("survey", f"survey: {reason}", n)
            for reason, n in (
                ("no statement answered", len(everybody) - len(given)),
                *(
                    (f"fewer than half of the statements on {criterion} answered", n)
                    for criterion, n in sorted(aside.items())
                ),
            )
            if n
        ),
        indicators=tuple(indicators),
    )


def mean_measure(name: str, values: Sequence[float], *, least: int) -> Measure | Undefined:
    """The mean of some values from 1 to 5 with Student's 95 % interval, cut off at the ends of the scale."""
    n = len(values)
    if n < least:
        return Undefined(
            name,
            Text(f"fewer than {least} people answered", f"moins de {least} personnes ont répondu"),
        )
    if n < 2:
        return Undefined(
            name,
            Text(
                "one answer has no spread: there is no telling how sure it is",
                "une seule réponse : impossible d'en mesurer la précision",
            ),
        )
    mean = sum(values) / n
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / (n - 1))
    if spread < 1e-12:
        return Undefined(
            name,
            Text(
                f"all answered the same ({mean:.3g}): there is no telling how sure it is",
                f"tous ont donné la même réponse ({f'{mean:.3g}'.replace('.', ',')}) : impossible d'en mesurer la "
                "précision",
            ),
        )
    half = t_quantile(0.975, n - 1) * spread / math.sqrt(n)
    low, high = max(float(LOWEST), mean - half), min(float(HIGHEST), mean + half)
    return Measure(name, mean, sum(values), n, low, high, unit="points")


def _scores(group: Sequence[Response], everybody: Sequence[Response], least: int) -> tuple[Score, ...]:
    return tuple(_score(group, everybody, criterion, least) for criterion in Criterion)


def _score(
    group: Sequence[Response], everybody: Sequence[Response], criterion: Criterion, least: int
) -> Score:
    asked = _asked(everybody, criterion)

    def value(name: str, some: Sequence[Item]) -> Measure | Undefined:
        if not some:
            return Undefined(name, Text("no statement was asked", "aucune affirmation proposée"))
        means = (_mean(response, some) for response in group)
        return mean_measure(name, [mean for mean in means if mean is not None], least=least)

    complete = [
        [one.points(response.answers[one.id]) for one in asked]
        for response in group
        if all(one.id in response.answers for one in asked)
    ]
    # How reliable statements are is a matter of the statements: a team is too few people to tell.
    reason: Text | None = None
    if group is not everybody:
        reason = Text("told for all answers together only", "indiqué seulement pour l'ensemble des réponses")
    elif len(complete) < least:
        reason = Text(
            f"fewer than {least} people answered every statement",
            f"moins de {least} personnes ont répondu à toutes les affirmations",
        )
    return Score(
        criterion,
        value(criterion.value, asked),
        tuple(
            (about, value(f"{criterion}, {about}", [one for one in asked if one.about is about]))
            for about in About
        ),
        Undefined("alpha", reason) if reason else alpha(complete),
        Undefined("omega", reason) if reason else omega(complete),
    )


def _asked(responses: Sequence[Response], criterion: Criterion) -> tuple[Item, ...]:
    # A statement that nobody answered was not asked.
    answered = {id_ for response in responses for id_ in response.answers}
    return tuple(one for one in items() if one.criterion is criterion and one.id in answered)


def _any(response: Response, asked: Sequence[Item]) -> bool:
    return any(one.id in response.answers for one in asked)


def _mean(response: Response, asked: Sequence[Item]) -> float | None:
    points = [one.points(response.answers[one.id]) for one in asked if one.id in response.answers]
    return sum(points) / len(points) if len(points) >= _ENOUGH * len(asked) and points else None


def _shown(sizes: dict[str | None, int], least: int) -> list[str]:
    # Who gave no unit is kept back as well: their number is known from the total.
    by_size = sorted(((n, unit) for unit, n in sizes.items() if unit is not None))
    hidden = sizes.get(None, 0)
    shown = [unit for _, unit in by_size]
    for n, unit in by_size:
        if n >= least and (hidden == 0 or hidden >= least):
            break
        hidden += n
        shown.remove(unit)
    return sorted(shown)
