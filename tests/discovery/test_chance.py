"""The unit of chance is the case: the exact test is what dealing whole cases to the groups would give."""

from __future__ import annotations

import itertools
import random

import attrs
import numpy as np
import pytest

from crmusage.discovery import Log, log_of
from crmusage.discovery._pattern import Pattern
from crmusage.discovery._sweep import sweep
from crmusage.metrics import exact_above
from crmusage.rules import Template

from .company import Row, company, usual

RESPONSE = Pattern(Template.RESPONSE)


def test_the_exact_chance_is_the_share_of_all_dealings_of_the_cases_that_give_as_much() -> None:
    kept = np.array([1, 1, 1, 1, 0, 1, 0, 0, 0, 1, 0, 0])
    mine = 5
    dealings = [kept[list(cases)].sum() for cases in itertools.combinations(range(len(kept)), mine)]
    hits = kept[:mine].sum()
    wanted = np.mean([1.0 * (found > hits) + 0.5 * (found == hits) for found in dealings])
    chance = exact_above([hits], [mine], [kept[mine:].sum()], [len(kept) - mine])
    assert float(chance[0]) == pytest.approx(wanted)


def talkative(draw: random.Random, case: Row) -> list[tuple[str, float]]:
    """Ten calls or none: what is done in a case is done ten times."""
    steps = [step for step in usual(draw, case) if step[0] != "call"]
    return steps + [("call", draw.uniform(1, 13)) for _ in range(10)] * (draw.random() < 0.4)


def dealt(log: Log, rng: np.random.Generator) -> Log:
    """The same cases, whole, dealt to the groups anew."""
    group = rng.permutation(log.case_group)
    return attrs.evolve(log, case_group=group, group=np.repeat(group, np.diff(log.offsets)))


def test_dealt_anew_a_group_is_as_seldom_unlike_as_the_exact_test_says_and_events_would_say_so_far_too_often() -> (
    None
):
    log = log_of(company(talkative, units=2, cases=60, everywhere=True), ("unit",))
    rng = np.random.default_rng(6)
    call, won = log.activities.index("call"), log.activities.index("won")
    is_won = np.isin(np.arange(log.n_cases), log.case[log.activity == won])
    calls = log.activity == call
    by_case, by_event = [], []
    for _ in range(400):
        some = dealt(log, rng)
        swept = sweep(some, (RESPONSE,), (), periods=1, with_values=False)
        kept, decided = (table[0][:, 0, call, won] for table in (swept.kept, swept.decided))
        by_case.append(exact_above(kept[:1], decided[:1], kept[1:], decided[1:])[0])
        group = some.group[calls]
        all_, hits = (np.bincount(group[use], minlength=2) for use in (slice(None), is_won[some.case[calls]]))
        by_event.append(exact_above(hits[:1], all_[:1], hits[1:], all_[1:])[0])
    assert 0.02 < np.mean(np.array(by_case) < 0.05) < 0.09
    assert np.mean(np.array(by_event) < 0.05) > 0.2
