from __future__ import annotations

import datetime as dt
import difflib
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
import numpy as np

from crmusage.conformance._effect_contrast import FEWEST_OTHERS, FEWEST_UNITS, contrast_of_changes
from crmusage.conformance._effect_series import Bools, Grid, changes, expected, trend
from crmusage.conformance._effect_tally import (
    BLOCK,
    CYCLE,
    FULFILLED,
    KEPT,
    WIN_RATE,
    tally_effect,
    yardstick,
)
from crmusage.conformance._effect_told import say
from crmusage.conformance._effect_value import Design, Effect, Shift, Step, Trend, Unjudged
from crmusage.conformance._scope import unseen
from crmusage.errors import CrmUsageError
from crmusage.history import Counts, History
from crmusage.model import Measure, Text
from crmusage.rules import Change, UsageRule

MIN_GROUP = 5
"""Nothing is said of units that have fewer persons together: what a team of three does is nobody's business."""

FEWEST = 10
"""A unit with fewer cases before, or after, is left out: its change is little but chance. Guessed."""

SPAN = 13
"""Steps of four weeks that are looked at, before and after: a year, which levels the seasons out. What was longer
ago tells little of what would have been. Guessed."""

MOST_PENDING = 0.10
"""Steps at the end in which more activations are still pending are left out: what is decided early is not like the
rest. Guessed."""

OUTCOMES = (WIN_RATE, FULFILLED, CYCLE)


@attrs.frozen
class EffectSetting:
    """What an effect is judged with, besides its tally: nothing that depends on the parts."""

    as_of: dt.datetime
    units: tuple[str, ...] | None
    """Where the rule changed; None: everywhere."""
    sizes: Mapping[str, int]
    """How many persons are known of each unit."""
    seen: tuple[dt.datetime, dt.datetime]
    """From when to when the source could see what the rule speaks of."""
    late: bool = False
    """Cases go further back than that."""
    min_group: int = MIN_GROUP


def effect(
    history: History,
    rule: UsageRule,
    changed_on: dt.date | dt.datetime | Change | None = None,
    units: Iterable[str] | None = None,
    *,
    min_group: int = MIN_GROUP,
) -> Effect:
    """Whether a change of a rule did anything: before and after, against the units where it did not change.

    How often the rule is kept, and how cases end, is compared over up to a year before and after, by the rule as
    it reads now. The change of the units in question less the change of the others is the effect (difference in
    differences), with an interval in which units, not events, are what varies (see `contrast_of_changes`). It
    rests on one assumption: that without the change both would have moved alike. Whether they did so before is
    checked, and told. What else happened in the same units at the same time cannot be told apart.

    Args:
        history: what happened.
        rule: the rule after the change.
        changed_on: when it changed, was announced, or whatever else is asked about; a day begins at midnight UTC,
            a change of its history is its instant; by default when its present version began (`rule.since`).
        units: where it changed; by default the units that the rule is for (`applies_to.unit`). If that is everybody,
            nothing is left to compare with: before and after are told, and what the steps before pointed to, as a
            description.
        min_group: units with fewer persons, all together, are not reported.

    Returns:
        The effect, which says so itself where it cannot be assessed.

    Raises:
        CrmUsageError: for a unit that the history does not know, a time without a zone, or no time at all.
    """
    since = _instant(rule, changed_on)
    named = tuple(sorted(set(rule.applies_to.unit if units is None else units)))
    if units is not None:
        _check(named, history.index.units)
    everywhere = not named or set(history.index.units) <= set(named)
    begin, end, late = _seen(history, rule)
    setting = EffectSetting(
        as_of=history.as_of,
        units=None if everywhere else named,
        sizes=history.unit_sizes(),
        seen=(begin, end),
        late=late,
        min_group=min_group,
    )
    hidden = unseen(history, yardstick(rule))
    if hidden:
        why = Text(en="; ".join(text.en for text in hidden), fr=" ; ".join(text.fr for text in hidden))
        return _not_assessable(rule, since, setting, why)
    return judge_effect(tally_effect(history, rule, since), rule, since, setting)


def judge_effect(counts: Counts, rule: UsageRule, changed_on: dt.datetime, setting: EffectSetting) -> Effect:
    """What follows from the tally (`tally_effect`) of a whole history."""
    begin, end = setting.seen
    if not begin < changed_on < end:
        return _not_assessable(rule, changed_on, setting, say("outside", begin=begin.date(), end=end.date()))
    if setting.units is not None and setting.min_group > 1:
        persons = sum(setting.sizes.get(unit, 0) for unit in setting.units)
        if persons < setting.min_group:
            return _not_assessable(rule, changed_on, setting, say("small", least=setting.min_group))
    # What was done before the source could see it would count as broken.
    first = max(-SPAN, _block(begin - changed_on) + setting.late)
    last = min(SPAN - 1, _block(end - changed_on - dt.timedelta(microseconds=1)))
    notes = []
    grid = Grid.of(counts, KEPT, first, last, shares=True)
    decided = _decided(grid)
    if decided < len(grid.steps):
        notes.append(say("pending", steps=len(grid.steps) - decided))
        grid = grid.only(steps=np.arange(len(grid.steps)) < decided)
    if grid.unplaced:
        notes.append(say("unplaced", n=grid.unplaced))
    changed = _changed(grid, setting)
    kept = _shift(grid, changed)
    outcomes = []
    told = {str(name) for name in counts.column("figure")}
    for name in OUTCOMES:
        if name in told:
            of_cases = Grid.of(counts, name, first, last, shares=name != CYCLE)
            outcomes.append(_shift(of_cases, _changed(of_cases, setting)))
    return Effect(
        rule=rule.id,
        version=rule.version,
        situation=rule.situation,
        changed_on=changed_on,
        as_of=setting.as_of,
        units=setting.units or (),
        design=Design.ALONE if setting.units is None else Design.COMPARED,
        kept=kept,
        outcomes=tuple(outcomes),
        steps=_steps(grid, changed, changed_on),
        notes=tuple(notes),
    )


def _shift(grid: Grid, changed: Bools | None) -> Shift | Unjudged:
    """One figure before and after; `changed` None: everywhere."""
    if changed is None:
        ends = [grid.only(steps=steps).measure() for steps in (grid.before, ~grid.before)]
        if any(end is None or (end.denominator or 0) < FEWEST for end in ends):
            return Unjudged(grid.figure, say("few", fewest=FEWEST))
        before, after = (_sure(end) for end in ends)
        return Shift(grid.figure, before, after, units=len(grid.units), expected=expected(grid))
    use = grid.enough(FEWEST)
    many, who = grid.only(rows=use), changed[use]
    units, others = int(np.count_nonzero(who)), int(np.count_nonzero(~who))
    if not units:
        return Unjudged(grid.figure, say("few_changed", fewest=FEWEST))
    if others < FEWEST_OTHERS or units + others < FEWEST_UNITS:
        needed = max(FEWEST_OTHERS, FEWEST_UNITS - units)
        return Unjudged(grid.figure, say("few_others", others=others, needed=needed, fewest=FEWEST))
    before, after, others_before, others_after = (
        _sure(many.only(rows=rows, steps=steps).measure())
        for rows in (who, ~who)
        for steps in (grid.before, ~grid.before)
    )
    if grid.shares and {m.value for m in (before, after, others_before, others_after)} in ({0.0}, {1.0}):
        return Unjudged(grid.figure, say("constant"))
    found = contrast_of_changes(*changes(many, who), who)
    moving = trend(many, who)
    return Shift(
        figure=grid.figure,
        before=before,
        after=after,
        others_before=others_before,
        others_after=others_after,
        value=_told(found.value, grid),
        low=_told(found.low, grid),
        high=_told(found.high, grid),
        trend=None
        if moving is None
        else Trend(*(_told(end, grid) for end in (moving.drift, moving.low, moving.high))),
        units=units,
        others=others,
    )


def _told(value: float, grid: Grid) -> float:
    """A difference of shares as it is; one of logarithms as the part by which durations grew."""
    # Beyond e^50 no duration grows; an interval that wide only has to stay a number.
    return value if grid.shares else math.expm1(min(value, 50.0))


def _sure(measure: Measure | None) -> Measure:
    if measure is None:  # pragma: no cover - only sides with cases are measured
        raise AssertionError("a side without cases was measured")
    return measure


def _changed(grid: Grid, setting: EffectSetting) -> Bools | None:
    return None if setting.units is None else np.isin(np.array(grid.units, dtype=object), setting.units)


def _decided(grid: Grid) -> int:
    """How many steps there are up to the last one that is decided; those without any case are."""
    n, pending = grid.n.sum(axis=0), grid.pending.sum(axis=0)
    ripe = np.flatnonzero(pending <= MOST_PENDING * (n + pending))
    return int(ripe[-1]) + 1 if len(ripe) else 0


def _steps(grid: Grid, changed: Bools | None, changed_on: dt.datetime) -> tuple[Step, ...]:
    rows = np.ones(len(grid.units), dtype=bool) if changed is None else changed
    sums = [table[who].sum(axis=0).tolist() for who in (rows, ~rows) for table in (grid.total, grid.n)]
    starts = [(changed_on + dt.timedelta(microseconds=BLOCK * step)).date() for step in grid.steps.tolist()]
    steps = (Step(*row) for row in zip(starts, *sums, strict=True))
    # Cases may go further back than what the rule speaks of.
    return tuple(itertools.dropwhile(lambda step: not step.judged + step.others_judged, steps))


def _block(after: dt.timedelta) -> int:
    return (after // dt.timedelta(microseconds=1)) // BLOCK


def _not_assessable(rule: UsageRule, since: dt.datetime, setting: EffectSetting, reason: Text) -> Effect:
    return Effect(
        rule=rule.id,
        version=rule.version,
        situation=rule.situation,
        changed_on=since,
        as_of=setting.as_of,
        units=setting.units or (),
        design=Design.ALONE if setting.units is None else Design.COMPARED,
        kept=Unjudged(KEPT, reason),
    )


def _instant(rule: UsageRule, changed_on: dt.date | dt.datetime | Change | None) -> dt.datetime:
    when = changed_on.at if isinstance(changed_on, Change) else changed_on or rule.since
    if when is None:
        raise CrmUsageError(
            f"the history of rule {rule.id} does not tell when it changed: give changed_on (--on), a day or a time"
        )
    if not isinstance(when, dt.datetime):
        return dt.datetime.combine(when, dt.time(), dt.UTC)
    if when.tzinfo is None:
        raise CrmUsageError(f"changed_on needs its zone: {when} (give a day, or a time with tzinfo=dt.UTC)")
    return when.astimezone(dt.UTC)


def _check(named: Sequence[str], known: Sequence[str]) -> None:
    for unit in named:
        if unit not in known:
            near = difflib.get_close_matches(unit, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {len(known)} units"
            raise CrmUsageError(f"no unit {unit!r} in this history: {hint}")


def _seen(history: History, rule: UsageRule) -> tuple[dt.datetime, dt.datetime, bool]:
    """From when to when the source could see what the rule names, and whether there was anything before."""
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    first = history.began
    began = history.as_of if first is None else epoch + dt.timedelta(microseconds=first)
    begin, end = began, history.as_of
    named = {name for c in rule.expect for name in (*c.activities, *c.targets)}
    if rule.cadence is not None:
        named.update(rule.cadence.activities)
    rows: Iterable[Mapping[str, Any]] = history.coverage.iter_rows(named=True)
    for row in rows:
        if row["entity"] in {"event", "events"} and (row["field"] is None or row["field"] in named):
            begin = max(begin, row["seen_from"] or begin)
            end = min(end, row["seen_to"] or end)
    return begin, end, begin > began
