"""A unit in which something is so more often than among its peers: what most detectors have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors._against_peers_told import OF_CHANGES, Seen, finding
from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._company import own_figure
from crmusage.detectors._deals import Bool
from crmusage.detectors._grid import Grid
from crmusage.detectors._peers import FEWEST_OF_PEER
from crmusage.detectors._words import TOO_FEW_PEERS, both
from crmusage.history import History
from crmusage.metrics import (
    Change,
    Funnel,
    Standing,
    benjamini_hochberg,
    change_point,
    first_of_month,
    rate,
    share,
)
from crmusage.model import (
    Assessment,
    Distortion,
    Kind,
    Measure,
    Onset,
    Outcome,
    Proposal,
    Scope,
    Text,
    Wording,
)

SURE = 0.05
"""Of what is found at most so many are false (after adjustment), and so rarely a steady share seems to have
changed."""

BEGUN = 0.5
"""A usage began where the share before was at most this part of the share since; else it has only grown.
Guessed."""

DRAWS = 199
"""Random orders of the months that tell whether a share has changed: enough to tell 1 in 20."""

DAYS = 30.4375
"""Days of a month, of the 365.25 of a year."""


@attrs.frozen(eq=False)
class _Reading:
    unit: int
    months: Bool | None
    """Those it is judged on; None: all."""
    onset: Onset | None
    measure: Measure
    standing: Standing
    funnel: Funnel
    tries: int

    @property
    def p_value(self) -> float:
        return min(1.0, self.tries * self.standing.p_above)


@attrs.frozen
class AgainstPeers:
    """The common part: a figure of each unit (a share, or a rate a month) is held against that of its peers.

    A detector adds what is counted (`tally`), what is said (`say`, `caveats`, `proposals`), and its thresholds.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    title: ClassVar[Text]
    about: ClassVar[Text]
    needs: ClassVar[Needs]
    short: ClassVar[Text]
    """What was found, in a few words: the title of a finding."""
    measure: ClassVar[str]
    label: ClassVar[Text]
    """What the figure is called."""
    things: ClassVar[Text]
    """What is counted, in the plural: `open opportunities`."""
    kind: ClassVar[Kind] = Kind.PARASITIC
    witness: ClassVar[tuple[str, Text] | None] = None
    """A sum that shows that the source can see such things in a unit, and what is said where it is nothing."""
    is_rate: ClassVar[bool] = False
    """The figure is a rate a month, and what is counted are days."""
    dated: ClassVar[bool] = True
    """Whether it can be told since when."""
    sure: ClassVar[float] = SURE
    """Of what is found at most so many are false, after adjustment."""
    fewest: ClassVar[int] = 30
    """Things, or months, of which a unit is judged; of fewer nothing is said. Customary in statistics."""
    apart: ClassVar[float] = 0.10
    """A unit is told when its figure is at least so much above its peers': less is nobody's business. Guessed."""
    times: ClassVar[float] = 1.5
    """And at least so many times theirs. Guessed."""
    begun: ClassVar[float] = BEGUN
    """It began where the share before was at most this part of the share since."""

    @abstractmethod
    def tally(self, part: History) -> Any:
        """Plain sums over a part of a history."""

    @abstractmethod
    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what, in one or two sentences."""

    @abstractmethod
    def caveats(self, w: Wording) -> str:
        """What else could look like it."""

    @abstractmethod
    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""

    def merge(self, one: Any, other: Any) -> Any:
        """Those of two parts."""
        return one.merge(other)

    def judge(self, tally: Any, context: Context) -> Judgement:
        """Which units stand out."""
        grid = self.lay(tally)
        if not grid.units:
            return self.none_at_all(context)
        if self.witness is not None and not grid.sums[self.witness[0]].any():
            return Judgement.not_assessable(self.code, self.witness[1])
        readings: list[_Reading] = []
        assessments: list[Assessment] = []
        ones = self._dispersions(grid)
        for unit, name in enumerate(grid.units):
            reading = context.unreportable(name) or self._read(grid, ones, unit, context)
            if isinstance(reading, _Reading):
                readings.append(reading)
            else:
                assessments.append(
                    Assessment(self.code, Scope(name), Outcome.NOT_ASSESSABLE, reading, self.short)
                )
        # Units that have nothing of the kind are said to be unseen, not clear.
        for name in sorted(set(context.units) - set(grid.units)):
            reason = context.unreportable(name) or self.too_few()
            assessments.append(Assessment(self.code, Scope(name), Outcome.NOT_ASSESSABLE, reason, self.short))
        findings = []
        q_values = benjamini_hochberg([reading.p_value for reading in readings]).tolist()
        for reading, q in zip(readings, q_values, strict=True):
            name = grid.units[reading.unit]
            if (
                q < self.sure
                and self._matters(reading)
                and self.also(grid, reading.unit, reading.months, context)
            ):
                seen = self._seen(grid, reading, q, len(readings), context)
                findings.append(finding(self, grid, seen, context))
                assessments.append(Assessment(self.code, Scope(name), Outcome.FOUND, None, self.short))
            else:
                assessments.append(Assessment(self.code, Scope(name), Outcome.CLEAR, None, self.short))
        assessments.sort(key=lambda assessment: assessment.scope.unit or "")
        return Judgement(tuple(findings), tuple(assessments))

    def lay(self, tally: Any) -> Grid:
        """The tally of the whole history, laid out."""
        return Grid.of(tally)

    def none_at_all(self, context: Context) -> Judgement:
        """What is concluded where no unit has any such thing."""
        if not context.units:
            return Judgement.without_units(self.code)
        return Judgement.not_assessable(self.code, self.nothing())

    def nothing(self) -> Text:
        """Why nothing can be judged at all, where no unit has any such thing."""
        return both(
            lambda w: w.pick(
                f"there are no {w.of(self.things)} in any unit",
                f"aucune unité n'a de données sur ce point : {w.of(self.things)}",
            )
        )

    def also(self, grid: Grid, unit: int, months: Bool | None, context: Context) -> bool:  # noqa: ARG002 - for detectors that ask more
        """Whether what else must hold does."""
        return True

    def bends(self, grid: Grid, unit: int, months: Bool | None) -> tuple[Distortion, ...]:  # noqa: ARG002 - for those that bend more
        """What else the unit does to the company's figures."""
        return ()

    def words_of_reasons(self) -> Mapping[str, Text]:
        """Why things were left out, in words."""
        return OF_CHANGES

    def too_few(self) -> Text:
        """Why nothing is said of a unit that has few."""
        fewest = self.fewest
        if self.is_rate:
            return both(
                lambda w: w.pick(
                    f"fewer than {fewest} months in all of {w.of(self.things)}",
                    f"moins de {fewest} mois cumulés d'observation ({w.of(self.things)})",
                )
            )
        return both(
            lambda w: w.pick(
                f"fewer than {fewest} {w.of(self.things)}", f"moins de {fewest} {w.of(self.things)}"
            )
        )

    # --- how it is judged

    def size(self, n: int) -> float:
        """Of how many things, or months."""
        return n / DAYS if self.is_rate else float(n)

    def figure(self, hits: int, n: int, dispersion: float = 1.0) -> Measure | None:
        """The figure with its interval; None: there is nothing to make it of."""
        if self.is_rate:
            made = rate(hits, n / DAYS, name=self.measure, dispersion=dispersion, label=self.label)
        else:
            made = share(hits, n, name=self.measure)
        return attrs.evolve(made, label=self.label) if isinstance(made, Measure) else None

    def funnel(self, grid: Grid, dispersions: list[float], months: Bool | None) -> Funnel:
        """All units with enough to be part of a norm."""
        hits, n = grid.total("hits", months), grid.total("n", months)
        known = n >= FEWEST_OF_PEER * (DAYS if self.is_rate else 1)
        if self.is_rate:
            return Funnel.of_rates(hits * known, n / DAYS * known, dispersions)
        return Funnel.of_shares(hits * known, n * known)

    def _dispersions(self, grid: Grid) -> list[float]:
        return grid.dispersions().tolist() if self.is_rate else [1.0] * len(grid.units)

    def _read(self, grid: Grid, ones: list[float], unit: int, context: Context) -> _Reading | Text:
        if self.witness is not None and not grid.sums[self.witness[0]][unit].any():
            return self.witness[1]
        if not self.dated:
            return self._held(grid, ones, unit, None, None, 1)
        # Half of the chance of error goes to judging all time, half is shared by the months in which it could have
        # begun; the reading that tells more counts.
        months, onset = self._since(grid, unit, context.seed)
        always = self._held(grid, ones, unit, None, onset or Onset(None), 2)
        if months is None or not isinstance(always, _Reading):
            return always
        since = self._held(grid, ones, unit, months, onset, 2 * (len(grid.months) - 1))
        return since if isinstance(since, _Reading) and since.p_value <= always.p_value else always

    def _held(
        self, grid: Grid, ones: list[float], unit: int, months: Bool | None, onset: Onset | None, tries: int
    ) -> _Reading | Text:
        hits, n = int(grid.total("hits", months)[unit]), int(grid.total("n", months)[unit])
        measure = self.figure(hits, n, ones[unit])
        if measure is None or self.size(n) < self.fewest:
            return self.too_few()
        funnel = self.funnel(grid, ones, months)
        standing = funnel.standing(unit)
        if standing is None:
            return TOO_FEW_PEERS
        if onset is not None and onset.value is None and not self.is_rate:
            onset = attrs.evolve(onset, after=measure.value)
        return _Reading(unit, months, onset, measure, standing, funnel, tries)

    def _since(self, grid: Grid, unit: int, seed: int) -> tuple[Bool | None, Onset | None]:
        hits, n = grid.sums["hits"][unit], grid.sums["n"][unit]
        change = change_point(grid.months, np.minimum(hits, n), n, direction="up", seed=seed, draws=DRAWS)
        if (
            not isinstance(change, Change)
            or change.p_value > SURE
            or change.before > self.begun * change.after
        ):
            return None, None
        months: Bool = grid.months >= change.at
        if self.size(int(n[months].sum())) < self.fewest:
            return None, None
        shares = (None, None) if self.is_rate else (change.before, change.after)
        at, low, high = (first_of_month(month) for month in (change.at, change.low, change.high))
        return months, Onset(at, low, high, *shares)

    def _matters(self, reading: _Reading) -> bool:
        value, norm = reading.measure.value, reading.standing.norm.value
        return value >= norm + self.apart and value >= self.times * norm

    def _seen(self, grid: Grid, reading: _Reading, q: float, judged: int, context: Context) -> Seen:
        name = grid.units[reading.unit]
        peers = reading.funnel.peers_of(reading.unit)
        assert peers is not None  # noqa: S101 - the unit was held against them
        extra = {key: int(grid.total(key, reading.months)[reading.unit]) for key in grid.sums}
        return Seen(
            place=reading.unit,
            unit=name,
            months=reading.months,
            onset=reading.onset,
            measure=reading.measure,
            standing=reading.standing,
            p_value=reading.p_value,
            q_value=q,
            judged=judged,
            peers=peers,
            bent=(*self._own(grid, reading), *self.bends(grid, reading.unit, reading.months)),
            sums=extra,
            points=tuple(
                (hits, n, other if other == name else None)
                for other, hits, n in zip(
                    grid.units,
                    grid.total("hits", reading.months).tolist(),
                    grid.total("n", reading.months).tolist(),
                    strict=True,
                )
                if self.size(n) >= FEWEST_OF_PEER and context.unreportable(other) is None
            ),
            cases=grid.cases(name, reading.months),
            marks=grid.marks,
        )

    def _own(self, grid: Grid, reading: _Reading) -> tuple[Distortion, ...]:
        """The company's own figure, with and without the unit."""
        per = DAYS if self.is_rate else 1.0
        shift = own_figure(
            self.measure,
            grid.sums["hits"],
            grid.sums["n"] / per,
            reading.unit,
            reading.months,
            unit="count" if self.is_rate else "share",
            series=self.dated,
        )
        return () if shift is None else (attrs.evolve(shift, label=self.label),)
