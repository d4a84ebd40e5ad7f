"""A unit that stands out from its peers, in words, figures and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import attrs
import numpy as np

from crmusage.detectors._base import Context
from crmusage.detectors._deals import Bool
from crmusage.detectors._grid import Grid
from crmusage.detectors._pictures import funnel, series
from crmusage.detectors._severity import severity_of
from crmusage.detectors._words import agreeing, both, left_out, said
from crmusage.metrics import Contrast, Peers, Standing, contrast, first_of_month
from crmusage.model import (
    Distortion,
    Evidence,
    Figure,
    Finding,
    Kind,
    Measure,
    Onset,
    Period,
    Proposal,
    Scope,
    Text,
    Wording,
)

OF_CHANGES: Mapping[str, Text] = {
    "import": agreeing("imported", "importée", "importées"),
    "merge": agreeing("from merged records", "issue d'une fusion de fiches", "issues d'une fusion de fiches"),
    "cascade": agreeing(
        "made by another change",
        "faite par ricochet d'une autre modification",
        "faites par ricochet d'une autre modification",
    ),
    "machine": agreeing("made by a program", "faite par un automate", "faites par un automate"),
    "deleted": said("of deleted records", "de fiches supprimées"),
    "burst": agreeing("made in a burst", "faite en rafale", "faites en rafale"),
    "corrected": agreeing("put right within a day", "corrigée dans la journée", "corrigées dans la journée"),
    "handed": agreeing("taken over only lately", "reprise depuis peu", "reprises depuis peu"),
}
"""Why changes and opportunities are left out."""

LEAST_TOLD = 0.001
"""A norm of peers below it is told as being below it. Guessed: one case in a thousand is seldom to be seen."""


@attrs.frozen(eq=False)
class Seen:
    """A unit that stands out, with what it is told by."""

    place: int
    unit: str
    months: Bool | None
    """Those it was judged on; None: all."""
    onset: Onset | None
    measure: Measure
    standing: Standing
    p_value: float
    q_value: float
    judged: int
    """Units that were judged together."""
    peers: Peers
    bent: tuple[Distortion, ...]
    sums: Mapping[str, int]
    """Of the unit, over the months it was judged on."""
    points: tuple[tuple[int, int, str | None], ...]
    cases: tuple[str, ...]
    marks: tuple[int, ...] = ()
    """Days at which fiscal periods begin."""

    @property
    def hits(self) -> int:
        """How often it was so."""
        return self.sums["hits"]

    @property
    def n(self) -> int:
        """Of how many."""
        return self.sums["n"]

    def value(self, w: Wording) -> str:
        """The unit's figure."""
        return w.value(self.measure.value, self.measure.unit)

    def usual(self, w: Wording) -> str:
        """Its peers' figure; of a share that is as good as nothing, no more digits than anybody could check."""
        norm, unit = self.standing.norm.value, self.measure.unit
        if unit == "share" and norm < LEAST_TOLD:
            least = w.value(LEAST_TOLD, unit)
            return w.pick(f"fewer than {least}", f"moins de {least}")
        return w.value(norm, unit)

    def since(self, w: Wording) -> str:
        """` since March 2026`, or nothing."""
        if self.months is None or self.onset is None or self.onset.value is None:
            return ""
        month = w.month(self.onset.value)
        return w.pick(f" since {month}", f" depuis {month}")


class Telling(Protocol):
    """What a detector says of itself and of what it has seen."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def short(self) -> Text: ...
    @property
    def title(self) -> Text: ...
    @property
    def label(self) -> Text: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def is_rate(self) -> bool: ...
    @property
    def dated(self) -> bool: ...
    def say(self, w: Wording, seen: Seen) -> str: ...
    def caveats(self, w: Wording) -> str: ...
    def proposals(self, unit: str) -> tuple[Proposal, ...]: ...
    def words_of_reasons(self) -> Mapping[str, Text]: ...


def finding(detector: Telling, grid: Grid, seen: Seen, context: Context) -> Finding:
    """All that is told of one unit."""
    return Finding(
        code=detector.code,
        name=detector.name,
        title=detector.short,
        kind=detector.kind,
        severity=severity_of(seen.bent),
        scope=Scope(seen.unit, period=_period(detector, grid, seen)),
        measure=seen.measure,
        norm=seen.standing.norm,
        q_value=seen.q_value,
        text=both(lambda w: _text(w, detector, seen)),
        onset=seen.onset if detector.dated else None,
        distortions=seen.bent,
        evidence=(Evidence(seen.measure, seen.standing.norm, seen.p_value, seen.q_value),),
        cases=seen.cases,
        proposals=detector.proposals(seen.unit),
        reasoning=both(lambda w: _reasoning(w, detector, grid, seen)),
        figures=_figures(detector, grid, seen, context),
    )


def _period(detector: Telling, grid: Grid, seen: Seen) -> Period | None:
    if not detector.dated:
        return None
    months = grid.months if seen.months is None else grid.months[seen.months]
    return Period(first_of_month(int(months[0])), first_of_month(int(months[-1]) + 1))


def _text(w: Wording, detector: Telling, seen: Seen) -> str:
    parts = [detector.say(w, seen)]
    if seen.bent:
        own = seen.bent[0]
        with_unit, without = (_figure(w, value, own.unit) for value in (own.with_unit, own.without_unit))
        if with_unit == without:
            parts.append(
                w.pick(
                    f"The company's figure, {with_unit}, is the same without it: nobody could have seen it there.",
                    f"Le chiffre de l'entreprise, {with_unit}, est le même sans elle : personne ne pouvait l'y voir.",
                )
            )
        else:
            parts.append(
                w.pick(
                    f"Without it the company's figure would be {without} instead of {with_unit}",
                    f"Sans elle, le chiffre de l'entreprise serait de {without} au lieu de {with_unit}",
                )
                + _seen(w, own)
            )
    if detector.dated and seen.onset is not None and seen.onset.value is None:
        parts.append(
            w.pick(
                "It has been so for as long as the data go back.",
                "Il en est ainsi depuis le début des données.",
            )
        )
    return " ".join(parts)


def _figure(w: Wording, value: float, unit: str) -> str:
    # A rate differs in its second digit; a reader of counts needs none.
    return w.number(value, 2) if unit == "count" else w.value(value, unit)


def _seen(w: Wording, own: Distortion) -> str:
    if own.hidden:
        return w.pick(
            ", which is within its usual ups and downs.", ", ce qui reste dans ses variations habituelles."
        )
    if own.spread is None:
        return "."
    return w.pick(
        ", which is more than its usual ups and downs.", ", ce qui dépasse ses variations habituelles."
    )


def _reasoning(w: Wording, detector: Telling, grid: Grid, seen: Seen) -> str:
    peers = w.number(seen.standing.norm.units)
    tried_en = " and for every month in which it could have begun" if detector.dated else ""
    tried_fr = " et sur chaque mois où l'usage pouvait commencer" if detector.dated else ""
    parts = [
        w.pick(
            f"It was held against {peers} other units over the same time, allowing for how much these differ "
            f"among themselves, and adjusted for {w.count(seen.judged, 'unit')} judged{tried_en}.",
            f"L'unité a été comparée à {peers} autres sur la même période, en tenant compte de leurs propres "
            f"différences, avec une correction portant sur {w.count(seen.judged, 'unit')}{tried_fr}.",
        )
    ]
    apart = _apart(detector, grid, seen)
    if apart is not None:
        low, high = (w.spread(abs(end), "share") for end in (apart.low, apart.high))
        parts.append(
            w.pick(
                f"All others together are {w.spread(apart.difference, 'share')} below it (95% interval {low} to "
                f"{high}).",
                f"L'ensemble des autres se situe {w.spread(apart.difference, 'share')} plus bas (intervalle à "
                f"95 % : {low} à {high}).",
            )
        )
    words = detector.words_of_reasons()
    parts += [
        w.pick(
            f"Left out beforehand, as no sign of how people work: {left_out(w, grid.out(seen.place), words)} "
            f"in this unit, {left_out(w, grid.out(), words)} in the whole company.",
            "Écartées au préalable, car elles ne disent rien du travail des personnes : "
            f"{left_out(w, grid.out(seen.place), words)} dans cette unité, {left_out(w, grid.out(), words)} "
            "dans toute l'entreprise.",
        ),
        detector.caveats(w),
    ]
    return " ".join(parts)


def _apart(detector: Telling, grid: Grid, seen: Seen) -> Contrast | None:
    """How far all others together are from it."""
    if detector.is_rate:
        return None
    use = np.ones(len(grid.months), dtype=bool) if seen.months is None else seen.months
    others = np.arange(len(grid.units) + 1) != seen.place
    hits, n = (int(grid.sums[name][others][:, use].sum()) for name in ("hits", "n"))
    found = contrast(seen.hits, seen.n, hits, n)
    return found if isinstance(found, Contrast) and found.low > 0 else None


def _figures(detector: Telling, grid: Grid, seen: Seen, context: Context) -> tuple[Figure, ...]:
    del context
    if detector.is_rate:
        return ()
    by_unit = both(
        lambda w: w.pick(f"{_first(w, detector.label)}, by unit", f"{_first(w, detector.label)}, par unité")
    )
    drawn: tuple[Figure, ...] = (funnel(by_unit, seen.peers, seen.points),)
    if not detector.dated:
        return drawn
    others = np.arange(len(grid.units) + 1) != seen.place
    hits, n = grid.sums["hits"], grid.sums["n"]
    columns = (grid.months, hits[seen.place], n[seen.place], hits[others].sum(axis=0), n[others].sum(axis=0))
    by_month = both(
        lambda w: w.pick(f"{_first(w, detector.label)}, by month", f"{_first(w, detector.label)}, par mois")
    )
    onset = seen.onset.value if seen.onset is not None else None
    return (
        *drawn,
        series(by_month, zip(*(column.tolist() for column in columns), strict=True), onset=onset),
    )


def _first(w: Wording, label: Text) -> str:
    text = w.of(label)
    return text[:1].upper() + text[1:]
