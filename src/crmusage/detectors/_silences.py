"""How long nothing happens to an opportunity, stage by stage."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.detectors import _guard as guard
from crmusage.detectors._changes import UNKNOWN, days
from crmusage.detectors._columns import Columns
from crmusage.detectors._deals import REASONS, SAMPLE, Bool, Int64, creators
from crmusage.detectors._sheet import in_burst, without_clock
from crmusage.history import NEVER, Counts, History

LONGEST = 3650
"""Days: longer silences count as this; ten years tell no more than that."""

_DAY, _MINUTE = 86_400_000_000, 60_000_000

Example = tuple[int, str, str, int, int]
"""Minus the days of silence, the case, its stage, and by whom (a number) and in which minute it was made."""


@attrs.frozen
class Silences:
    """The silences of a part of a history."""

    counts: Counts
    examples: Mapping[str, tuple[Example, ...]]
    """By unit, the open cases that have been silent for longest."""

    def merge(self, other: Silences) -> Silences:
        """Both together."""
        examples = {
            unit: tuple(sorted((*self.examples.get(unit, ()), *other.examples.get(unit, ())))[:SAMPLE])
            for unit in sorted({*self.examples, *other.examples})
        }
        return Silences(self.counts.merge(other.counts), examples)

    def laid(self) -> Rows:
        """As arrays, of what is said to be opportunities, or of all where nothing is."""
        columns = Columns.of_deals(self.counts)
        units, unit = columns.placed("unit")
        stages, stage = columns.placed("stage")
        missing = stage == len(stages)
        if missing.any() and "" not in stages:
            stages, stage = ("", *stages), stage + 1
        stage = np.where(missing, 0, stage)
        reasons, reason = columns.placed("reason")
        open_ = columns["open"] == 1
        who, minute, n = (columns[name] for name in ("who", "minute", "n"))
        clockless = np.zeros(len(open_), dtype=bool)
        clockless[open_] = without_clock(minute[open_], n[open_])
        burst = in_burst(who, minute, n, but=columns.having("reason", "deleted") | clockless | ~open_)
        named = np.array([*reasons, ""], dtype=object)[reason]
        return Rows(
            units=units,
            stages=stages,
            unit=unit,
            stage=stage,
            days=columns["days"],
            open=open_,
            planned=columns["planned"] == 1,
            reason=np.where(burst & (named == ""), "burst", named),
            n=n,
            bursts=frozenset(zip(who[burst].tolist(), minute[burst].tolist(), strict=True)),
        )


@attrs.frozen(eq=False)
class Rows:
    """Silences, one row for all that are alike."""

    units: tuple[str, ...]
    stages: tuple[str, ...]
    unit: Int64
    stage: Int64
    days: Int64
    open: Bool
    """It still lasts."""
    planned: Bool
    """Something is planned for a day to come."""
    reason: npt.NDArray[np.object_]
    n: Int64
    bursts: frozenset[tuple[int, int]]
    """Creators and minutes that are part of a burst."""


def ends_by(rows: Rows, part: float) -> Int64:
    """For each unit and stage the day after which fewer than `part` of the silences last.

    Silences that still last count for as long as they have lasted (Kaplan and Meier 1958). It is the later day of
    two: that of all other units, and that of the unit itself; -1 where there are no silences. Where that many never
    end no day tells, and it is `LONGEST`.
    """
    n_stages = max(len(rows.stages), 1)
    cell = rows.unit * n_stages + rows.stage
    use = np.flatnonzero(rows.reason == "")
    use = use[np.argsort(cell[use], kind="stable")]
    cells = (len(rows.units) + 1) * n_stages
    bounds = np.searchsorted(cell[use], np.arange(cells + 1))
    own = [_lengths(rows, use[bounds[one] : bounds[one + 1]]) for one in range(cells)]
    until = np.full(cells, -1, dtype=np.int64)
    for stage in range(n_stages):
        of_stage = range(stage, cells, n_stages)
        together = np.sum([own[one] for one in of_stage], axis=0)
        for one in of_stage:
            until[one] = max(_day_below(own[one], part), _day_below(together - own[one], part))
    return until.reshape(-1, n_stages)


def _lengths(rows: Rows, these: Int64) -> Int64:
    """How many silences ended, and how many last, by their days."""
    lengths = np.zeros((2, LONGEST + 1), dtype=np.int64)
    np.add.at(lengths, (rows.open[these].astype(np.int64), rows.days[these]), rows.n[these])
    return lengths


def _day_below(lengths: Int64, part: float) -> int:
    ended, lasting = lengths
    at_risk = np.cumsum((ended + lasting)[::-1])[::-1]
    if not at_risk[0]:
        return -1
    stays = 1 - np.divide(ended, at_risk, out=np.zeros(LONGEST + 1), where=at_risk > 0)
    below = np.flatnonzero(np.cumprod(stays) < part)
    return int(below[0]) if len(below) else LONGEST


def tally_silences(part: History) -> Silences:
    """Add up how long nothing was done by anybody, from each thing that was to the next, by stage."""
    index = part.index
    at = np.flatnonzero(guard.of_events(part, np.arange(index.n_events)) == guard.KEPT)
    over = np.minimum(np.where(index.closed == NEVER, index.as_of, index.closed), index.as_of)
    at = at[index.at[at] <= over[index.case[at]]]
    # A case begins with its creation and lasts to its end: these are no events, but they bound silences.
    every = np.arange(index.n_cases)
    case = np.concatenate([every, index.case[at], every])
    when = np.concatenate([np.minimum(index.created, over), index.at[at], over])
    sort = np.concatenate([np.zeros(len(every)), np.ones(len(at)), np.full(len(every), 2)])
    place = np.concatenate([index.offsets[:-1].astype(np.int64) - 1, at, index.offsets[1:].astype(np.int64)])
    order = np.lexsort((place, sort, when, case))
    case, when, sort, place = case[order], when[order], sort[order], place[order]
    begins = np.flatnonzero(sort[:-1] < 2) if len(case) else np.zeros(0, dtype=np.int64)
    last = sort[begins + 1] == 2
    whose = case[begins]
    lasting = last & guard.is_open(part)[whose]
    # A closed case has ended by its closing; a silence of no time at all between two things is none.
    length = np.maximum((when[begins + 1] - when[begins]) // _DAY, 0)
    length = np.minimum(length, LONGEST)
    planned = _planned(part)[whose] & lasting
    stage, labels = stages_at(part, whose, place[begins])
    creator = creators(part)[0]
    counts = Counts.of(
        keys={
            "deal": guard.is_deal(part)[whose].astype(np.int64),
            "unit": (index.case_unit[whose], index.units),
            "stage": (stage, labels),
            "days": length,
            "open": lasting.astype(np.int64),
            "planned": planned.astype(np.int64),
            "reason": (guard.of_cases(part)[whose], REASONS),
            "who": np.where(lasting, creator[whose], 0),
            "minute": np.where(lasting, index.created[whose] // _MINUTE, 0),
        },
        sums={"n": None},
    )
    shown = np.flatnonzero(
        lasting & ~planned & (index.case_unit[whose] >= 0) & (guard.of_cases(part)[whose] == guard.KEPT)
    )
    found: dict[str, list[Example]] = {}
    ids = part.cases["case_id"].gather(whose[shown]).to_list()
    for row, case_id in zip(shown.tolist(), ids, strict=True):
        of = int(whose[row])
        name = labels[stage[row]] if stage[row] >= 0 else ""
        example = (-int(length[row]), case_id, name, int(creator[of]), int(index.created[of] // _MINUTE))
        found.setdefault(index.units[index.case_unit[of]], []).append(example)
    return Silences(counts, {unit: tuple(sorted(some)[:SAMPLE]) for unit, some in sorted(found.items())})


def _planned(part: History) -> Bool:
    """Which cases have something planned for a day to come."""
    index = part.index
    due = part.cases["due_at"]
    told = due.to_physical().fill_null(-NEVER).to_numpy()
    planned = np.asarray(told, dtype=np.int64) > index.as_of
    at = guard.positions(part, "task_due")
    day = days(part.events["new"].gather(at))
    planned[index.case[at[(day != UNKNOWN) & (day >= index.as_of // _DAY)]]] = True
    return planned


def stages_at(part: History, case: Int64, place: Int64) -> tuple[Int64, list[str]]:
    """The stage that each case was in at some place among its events, as a code and the labels."""
    at = guard.positions(part, "stage_changed").astype(np.int64)
    old, new = (part.events[name].gather(at).to_list() for name in ("old", "new"))
    now = part.cases["stage"].to_list()
    labels = sorted({name for names in (old, new, now) for name in names if name is not None})
    code = {name: number for number, name in enumerate(labels)} | {None: -1}
    olds, news, nows = (np.array([code[name] for name in names], dtype=np.int64) for names in (old, new, now))
    of_change = part.index.case[at].astype(np.int64)
    before = np.searchsorted(at, place, side="right") - 1
    stage = nows[case] if len(nows) else np.full(len(case), -1, dtype=np.int64)
    if len(at):
        after = np.minimum(before + 1, len(at) - 1)
        # Before its first change a case was in the stage which that change left.
        stage = np.where((before + 1 < len(at)) & (of_change[after] == case), olds[after], stage)
        then = np.maximum(before, 0)
        stage = np.where((before >= 0) & (of_change[then] == case), news[then], stage)
    return stage, labels
