"""One sweep over the events counts what judging every rule by itself counts, case by case."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Sequence

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.conformance import judge
from crmusage.discovery._log import Log, log_of
from crmusage.discovery._pattern import CONDITIONAL, OF_CASES, PAIRS, Pattern
from crmusage.discovery._sweep import Swept, sweep
from crmusage.discovery._trials import period_of
from crmusage.history import History
from crmusage.rules import Template, Verdict

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ALTERNATE = {Template.ALTERNATE_RESPONSE, Template.ALTERNATE_PRECEDENCE}
HOURS = (0, 0.5, 1, 24, 24.5, 24 * 7, 24 * 7 + 1, 24 * 40)
"""Distances on, just inside and just beyond the edges of the windows."""


def history(
    seed: int, *, ties: bool = True, kinds: int = 3, cases: int = 6, open_: bool = True, pages: bool = False
) -> History:
    draw = random.Random(seed)
    rows, events = [], []
    for case in range(cases):
        at = START + dt.timedelta(days=draw.randrange(3))
        created = at
        for _ in range(draw.randrange(8)):
            at += dt.timedelta(hours=draw.choice(HOURS if ties else HOURS[1:]))
            events.append(
                {
                    "case_id": f"c{case}",
                    "activity": f"a{draw.randrange(kinds):02}",
                    "at": at,
                    "seq": draw.choice([None, 1, 2]) if ties else None,
                    "unit": draw.choice(["north", "south", None]),
                    "colour": draw.choice(["red", "blue", None]),
                }
            )
            if pages:  # in some parts few enough values to be a choice, in others not
                events[-1]["page"] = draw.randrange(20)
        rows.append(
            {
                "case_id": f"c{case}",
                "kind": "deal",
                "created_at": created,
                "closed_at": None if open_ and draw.random() < 0.4 else at,
                "unit": draw.choice(["north", "south"]),
                "priority_rank": draw.choice([1, 2]),
            }
        )
    return History.from_records(
        cases=rows, events=events or [{"case_id": "c0", "activity": "a00", "at": START}]
    )


def pairs_of(n: int, fewer: int) -> list[tuple[int, int]]:
    return list(itertools.permutations(range(n), 2))[::fewer]


def key(log: Log, group: int, instant: int) -> tuple[int, int]:
    first = min(int(log.at.min()), int(log.created.min()))
    return group, int(period_of(np.array([instant]), first, log.as_of)[0])


def expected(
    past: History,
    log: Log,
    fewer: int = 1,
    patterns: Sequence[Pattern] = PAIRS,
    only: Sequence[tuple[int, int]] | None = None,
) -> tuple[Counter, Counter]:
    """Kept and broken trials, one judged rule after the other; of pairs of activities every so many."""
    kept: Counter = Counter()
    broken: Counter = Counter()
    index = past.index
    for k, pattern in enumerate(patterns):
        for a, b in pairs_of(len(index.activities), fewer) if only is None else only:
            judged = judge(past, pattern.constraint(index.activities[a], index.activities[b]))
            trials = defaultdict(set)
            for case, at, verdict in zip(judged.case, judged.at, judged.verdict, strict=True):
                # Rules that go both ways judge the target's events too: those are another pair's.
                if log.group[at] >= 0 and index.activity[at] == a:
                    trials[case, log.group[at]].add(verdict)
            for (case, group), verdicts in trials.items():
                place = (k, *key(log, group, log.created[case]), a, b)
                broken[place] += Verdict.VIOLATED in verdicts
                kept[place] += verdicts == {Verdict.FULFILLED}
    for k, pattern in enumerate(OF_CASES):
        for a, name in enumerate(index.activities):
            judged = judge(past, pattern.constraint(name, None))
            for case, verdict in zip(judged.case, judged.verdict, strict=True):
                place = (k, *key(log, log.case_group[case], log.created[case]), a)
                kept[place] += verdict == Verdict.FULFILLED
                broken[place] += verdict == Verdict.VIOLATED
    return +kept, +broken


def counted(swept: Swept) -> tuple[Counter, Counter]:
    kept: Counter = Counter()
    broken: Counter = Counter()
    tables = (*zip(swept.kept, swept.decided, strict=True),)
    of_cases = (*zip(swept.case_kept, swept.case_decided, strict=True),)
    for group in (tables, of_cases):
        for k, (good, all_) in enumerate(group):
            for place in np.argwhere(all_ > 0):
                where = tuple(int(x) for x in place)
                if len(where) == 4 and where[2] == where[3]:
                    continue
                kept[k, *where] += int(good[where])
                broken[k, *where] += int(all_[where] - good[where])
    return +kept, +broken


@given(st.integers(0, 10**6))
def test_without_ties_every_pattern_is_counted_as_its_rule_is_judged(seed: int) -> None:
    past = history(seed, ties=False)
    log = log_of(past, ("unit",))
    assert counted(sweep(log, with_values=False)) == expected(past, log)


@given(st.integers(0, 10**6), st.integers(0, 5), st.integers(0, 3))
def test_under_a_condition_only_activations_with_the_value_are_counted(
    seed: int, pair: int, part: int
) -> None:
    past = history(seed, ties=False, kinds=3)
    log = log_of(past, ("unit",))
    swept = sweep(log, (), (), conditional=CONDITIONAL[part::4])
    conditional = [p for p in swept.pairs if p.template is not Template.ABSENCE]
    assert {p.attribute for p in conditional} <= {"colour", "case.priority_rank"}
    wanted = pairs_of(len(log.activities), 1)[pair::6]
    kept, broken = expected(past, log, patterns=swept.pairs, only=wanted)
    ours = counted(swept)
    for mine, theirs in zip(ours, (kept, broken), strict=True):
        found = {place: n for place, n in mine.items() if len(place) == 5 and place[3:] in wanted}
        assert found == {place: n for place, n in theirs.items() if len(place) == 5}


@given(st.integers(0, 10**6))
def test_with_ties_too_but_that_alternate_templates_are_rather_left_open(seed: int) -> None:
    past = history(seed)
    log = log_of(past, ("unit",))
    ours, wanted = counted(sweep(log, with_values=False)), expected(past, log)
    for mine, theirs in zip(ours, wanted, strict=True):
        for place in {*mine, *theirs}:
            exact = len(place) == 4 or PAIRS[place[0]].template not in ALTERNATE
            assert mine[place] == theirs[place] if exact else mine[place] <= theirs[place], place


@pytest.mark.parametrize("seed", range(2))
def test_more_activities_than_a_word_has_bits_are_counted_the_same(seed: int) -> None:
    past = history(seed, kinds=36, cases=60, ties=False)
    log = log_of(past, ("unit",))
    assert len(log.activities) > 32
    ours, wanted = counted(sweep(log, with_values=False)), expected(past, log, fewer=61)
    looked_at = set(pairs_of(len(log.activities), 61))
    for mine, theirs in zip(ours, wanted, strict=True):
        assert {p: n for p, n in mine.items() if len(p) == 4 or p[3:] in looked_at} == theirs


@given(st.integers(0, 10**6), st.integers(1, 12))
def test_blocks_of_whole_cases_add_up_to_the_whole(seed: int, size: int) -> None:
    log = log_of(history(seed), ("unit",))
    whole = sweep(log)

    @attrs.frozen(eq=False)
    class InBlocks(Log):
        def blocks(self, _: int = 0):
            return Log.blocks(self, size)

    cut = sweep(InBlocks(**attrs.asdict(log, recurse=False)))
    for name in ("kept", "decided", "case_kept", "case_decided"):
        tables = zip(getattr(cut, name), getattr(whole, name), strict=True)
        assert all(np.array_equal(one, other) for one, other in tables), name
    assert cut.pairs == whole.pairs


@given(st.integers(0, 10**6), st.integers(2, 4), st.booleans())
def test_parts_put_together_in_any_order_are_the_whole(seed: int, parts: int, backwards: bool) -> None:
    past = history(seed, pages=True)
    whole = log_of(past, ("unit",))
    pieces = [log_of(part, ("unit",)) for part in past.parts(parts)]
    first, *rest = reversed(pieces) if backwards else pieces
    merged = first
    for piece in rest:
        merged = merged.merge(piece)
    for field in attrs.fields(Log):
        one, other = getattr(merged, field.name), getattr(whole, field.name)
        if field.name in {"tie_start", "tie_end"} and (one is None) != (other is None):
            continue  # a part without ties has no arrays for them; what they say is the same
        if field.name == "attributes":
            assert [a.name for a in one] == [a.name for a in other]
            for mine, theirs in zip(one, other, strict=True):
                assert mine.labels == theirs.labels
                assert np.array_equal(mine.codes, theirs.codes)
        elif isinstance(one, np.ndarray):
            assert np.array_equal(one.astype(str), other.astype(str)), field.name
        else:
            assert one == other, field.name
