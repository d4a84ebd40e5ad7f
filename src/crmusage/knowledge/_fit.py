"""A company's own decay, from who knew what how long after a training; with an interval, or the honest sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import attrs

from crmusage.knowledge._erosion import Erosion
from crmusage.model import Measure, Text, Undefined, Wording
from crmusage.rules._field import FieldError

FEWEST = 20
"""With fewer answers nothing is fitted. Guessed."""
TOO_WIDE = 0.5
"""An interval of the known share wider than this leaves everything open from `much` to `little`. Guessed."""
_FASTEST = 3.0
"""Decay a month beyond which a training is gone before the next month (5 % left): faster is not told apart."""
_LEAST = math.log(1e-6)
_DROP = 3.841458820694124 / 2
"""95 % quantile of chi-squared with one degree of freedom, halved: how far a log-likelihood may fall (Wilks 1938)."""
_GOLDEN = (math.sqrt(5) - 1) / 2
_TURNS = 44
"""Golden sections: 0.618^44 leaves less than 1e-9 of the range."""


@attrs.frozen
class Reading:
    """Of `n` people asked or observed `months` after their training, `known` knew.

    People are asked once each: the same person twice would count their luck twice. A test, an acknowledgement, the use
    of a feature or a rule kept are all readings; which one was taken is said where the figures are told.
    """

    months: float = attrs.field()
    known: int = attrs.field()
    n: int = 1

    @months.validator
    def _from_zero(self, _: object, value: float) -> None:
        if not 0 <= value < math.inf:
            raise FieldError("months", f"months since the training are 0 or more, not {value!r}")

    @known.validator
    def _among(self, _: object, value: int) -> None:
        if not 0 <= value <= self.n or self.n < 1:
            raise FieldError(
                "known", f"{value!r} of {self.n!r} is no part of a whole: known is from 0 to n, n from 1"
            )


@attrs.frozen
class Fit:
    """The decay of a training, `start * exp(-decay * months)`, by maximum likelihood."""

    start: Measure
    """What the training left on its day (share)."""
    forgotten_a_year: Measure
    """What a year takes of that (share)."""
    known: Measure
    """The known share at `horizon` months (share)."""
    horizon: float
    """The last month that was read: nothing is told beyond it."""
    n: int
    """Answers."""

    @property
    def decay(self) -> float:
        """Per month, continuous."""
        return -math.log1p(-self.forgotten_a_year.value) / 12 if self.forgotten_a_year.value < 1 else math.inf

    @property
    def text(self) -> Text:
        """In one sentence."""

        def said(lang: str) -> str:
            w = Wording(lang)
            kept, gone = w.value(self.start.value, "share"), w.value(self.forgotten_a_year.value, "share")
            low, high = self.forgotten_a_year.low, self.forgotten_a_year.high
            between = w.interval(low or 0.0, 1.0 if high is None else high, "share")
            return w.pick(
                f"The training left {kept}; a year takes {gone} of it (95% interval {between}, {self.n} answers).",
                f"Au départ, la formation laisse {kept} des connaissances ; chaque année en emporte {gone} (intervalle "
                f"à 95 % : {between}, {self.n} réponses).",
            )

        return Text(said("en"), said("fr"))

    def into(self, erosion: Erosion) -> Erosion:
        """The erosion with this training and this forgetting in place of the assumed ones.

        Raises:
            FieldError: when a year takes all of it, which no erosion month by month can hold.
        """
        return attrs.evolve(
            erosion,
            training_keeps=self.start.value,
            forgetting_a_year=self.forgotten_a_year.value,
        )


def fit(readings: Iterable[Reading], *, start: float | None = None) -> Fit | Undefined:
    """Fit the decay of a training to a company's own readings.

    A person trained `t` months ago knows with probability `s exp(-r t)`, 0 <= s <= 1, r >= 0, each for themselves. The
    log-likelihood is concave in (log s, r), so the maximum is the only one and nested golden sections find it. Bounds
    are where the profile likelihood has fallen by 1.92 (Wilks 1938), or the end of the range where it has not;
    answers of people who copy each other make them too narrow.

    Args:
        readings: at least two points in time (one, when the start is known), and 20 answers.
        start: what the training left on its day, when it was measured then; None: fitted too.

    Returns:
        The fit; `Undefined` with the reason when the readings cannot tell.

    Raises:
        FieldError: when `start` is not a share above 0.
    """
    if start is not None and not 0 < start <= 1:
        raise FieldError("start", f"start is a share above 0, up to 1, not {start!r}")
    points = _pooled(readings)
    n = sum(each for _, _, each in points)
    if n < FEWEST:
        return Undefined("knowledge_decay", _too_few(n))
    times = {t for t, _, _ in points} | ({0.0} if start is not None else set())
    if len(times) < 2:
        return Undefined(
            "knowledge_decay",
            Text(
                "all answers are of one moment: a decay needs two moments at least",
                "toutes les réponses datent du même moment : il en faut au moins deux pour mesurer l'oubli",
            ),
        )
    horizon = max(times)
    model = _Model(points, horizon, start)
    if model.fitted[2] == -math.inf:
        return Undefined(
            "knowledge_decay",
            Text(
                "somebody failed on the day of a training that is said to leave everything",
                "quelqu'un a échoué le jour même d'une formation dont il est dit que tout reste",
            ),
        )
    known = model.of_known()
    low, high = known.low or 0.0, 1.0 if known.high is None else known.high
    if high - low > TOO_WIDE:
        return Undefined("knowledge_decay", _too_wide(low, high, horizon))
    return Fit(model.of_start(), model.of_decay(), known, horizon, n)


def _too_few(n: int) -> Text:
    return Text(
        f"only {n} {Wording('en').noun('answer', n)}: at least {FEWEST} are needed",
        f"{n} {Wording('fr').noun('answer', n)} seulement : il en faut au moins {FEWEST}",
    )


def _too_wide(low: float, high: float, horizon: float) -> Text:
    en, fr = Wording("en"), Wording("fr")
    digits = 0 if float(horizon).is_integer() else 1
    return Text(
        f"the answers cannot tell: anything from {en.interval(low, high, 'share')} known after "
        f"{en.number(horizon, digits)} {en.noun('month', horizon)} fits them; ask more people, or at more different "
        "times",
        f"les réponses ne permettent pas de conclure : après {fr.number(horizon, digits)} mois, il peut rester "
        f"connu de {fr.interval(low, high, 'share')} ; interrogez plus de personnes, ou à d'autres moments",
    )


def _pooled(readings: Iterable[Reading]) -> list[tuple[float, int, int]]:
    by_month: dict[float, tuple[int, int]] = {}
    for one in readings:
        known, n = by_month.get(one.months, (0, 0))
        by_month[one.months] = known + one.known, n + one.n
    return [(months, *by_month[months]) for months in sorted(by_month)]


class _Model:
    """The log-likelihood as seen along the start, the decay and the share at the horizon."""

    def __init__(self, points: list[tuple[float, int, int]], horizon: float, start: float | None) -> None:
        self.points, self.horizon = points, horizon
        self.log_start = None if start is None else math.log(start)
        self.fitted = self._peak()

    def loglik(self, log_start: float, decay: float) -> float:
        total = 0.0
        for months, known, n in self.points:
            u = log_start - decay * months
            if known:
                total += known * u
            if n - known:
                # Nobody fails who knows for certain: such a start and decay cannot be.
                total += (n - known) * math.log(-math.expm1(u)) if u < 0 else -math.inf
        return total

    def _starts(self) -> tuple[float, float]:
        return (_LEAST, 0.0) if self.log_start is None else (self.log_start, self.log_start)

    def _peak(self) -> tuple[float, float, float]:
        decay, height = _highest(self._given_decay, 0.0, _FASTEST)
        start, _ = _highest(lambda s: self.loglik(s, decay), *self._starts())
        return start, decay, height

    def _given_decay(self, decay: float) -> float:
        return _highest(lambda s: self.loglik(s, decay), *self._starts())[1]

    def _given_start(self, log_start: float) -> float:
        return _highest(lambda r: self.loglik(log_start, r), 0.0, _FASTEST)[1]

    def _given_known(self, log_known: float) -> float:
        # log start = log known + decay * horizon, and no start is above 1.
        if self.log_start is not None:
            return self.loglik(self.log_start, (self.log_start - log_known) / self.horizon)
        most = min(_FASTEST, -log_known / self.horizon)
        return _highest(lambda r: self.loglik(log_known + r * self.horizon, r), 0.0, most)[1]

    def of_decay(self) -> Measure:
        _, decay, height = self.fitted
        low, high = _bounds(self._given_decay, decay, height, 0.0, _FASTEST)

        def a_year(rate: float) -> float:
            return 1.0 if rate >= _FASTEST * (1 - 1e-6) else -math.expm1(-12 * rate)

        return Measure("forgotten_a_year", a_year(decay), low=a_year(low), high=a_year(high))

    def of_start(self) -> Measure:
        start, _, height = self.fitted
        if self.log_start is not None:
            return Measure("training_keeps", math.exp(start))
        low, high = _bounds(self._given_start, start, height, _LEAST, 0.0)
        return Measure("training_keeps", math.exp(start), low=math.exp(low), high=math.exp(high))

    def of_known(self) -> Measure:
        start, decay, height = self.fitted
        at = start - decay * self.horizon
        # A fixed start is also the most that can be known later.
        most = 0.0 if self.log_start is None else self.log_start
        lowest = min(at, most + _LEAST)
        low, high = _bounds(self._given_known, at, height, lowest, most)
        return Measure("known", math.exp(at), low=math.exp(low), high=math.exp(high))


def _highest(f: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """Where a concave function is highest between two ends, and how high, by golden section."""
    ends = [(f(end), end) for end in {low, high}]
    a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    fa, fb = f(a), f(b)
    for _ in range(_TURNS if high > low else 0):
        if fa >= fb:
            high, b, fb = b, a, fa
            a = high - _GOLDEN * (high - low)
            fa = f(a)
        else:
            low, a, fa = a, b, fb
            b = low + _GOLDEN * (high - low)
            fb = f(b)
    height, place = max((fa, a), (fb, b), *ends)
    return place, height


def _bounds(
    profile: Callable[[float], float], peak: float, height: float, low: float, high: float
) -> tuple[float, float]:
    """Where a concave profile has fallen by `_DROP` on either side of its peak, or the end where it has not."""

    def side(end: float) -> float:
        if profile(end) >= height - _DROP:
            return end
        inside, outside = peak, end
        for _ in range(40):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if profile(middle) >= height - _DROP else (inside, middle)
        return inside

    return side(low), side(high)
