from __future__ import annotations

import datetime as dt
import math
from functools import reduce

import attrs
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.conformance import EndingsCompared, compare_endings, tally_endings
from crmusage.conformance._effect_endings import KEYS, SUMS
from crmusage.detectors import Context, DeadRule, dead_rules
from crmusage.detectors.written._dead_rule import ENOUGH_CASES
from crmusage.history import Counts, History
from crmusage.model import Kind, Outcome, RuleTally, Scope, Text, Verb
from crmusage.rules import Compare, Constraint, Op, Rulebook, Task, UsageRule, due
from crmusage.verification import verify

from .company import history as plain_history
from .company import peers, team

CU603 = DeadRule()
START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
CALL = UsageRule(
    "call-first",
    Text("A deal comes in", "Une affaire arrive"),
    expect=(Constraint("response", "created", "call"),),
)
RARE = UsageRule(
    "huge-deals",
    Text("A deal of a million comes in", "Une affaire d'un million arrive"),
    expect=(Constraint("response", "created", "call", where=Compare("amount", Op.GE, 1_000_000)),),
)


def company(
    broken: float, *, n: int = 12_000, worse: float = 0.0, slower: float = 0.0, seed: int = 0, units: int = 4
) -> History:
    """Deals of a few teams; in a part of them nobody calls, and those are won less or take longer if asked for."""
    rng = np.random.default_rng(seed)
    silent = rng.random(n) < broken
    won = rng.random(n) < np.where(silent, 0.4 - worse, 0.4)
    days = np.exp(rng.normal(math.log(20), 0.5, n) + slower * silent)
    created = np.datetime64("2024-01-01", "us") + np.arange(n) * np.timedelta64(30, "m")
    ids = [f"c{k:05}" for k in range(n)]
    cases = pl.DataFrame(
        {
            "case_id": ids,
            "kind": "opportunity",
            "created_at": created,
            "closed_at": created + (days * 86_400e6).astype("timedelta64[us]"),
            "outcome": np.where(won, "won", "lost").tolist(),
            "unit": [f"team {k % units}" for k in range(n)],
            "owner": [f"p{k % (units * 6)}" for k in range(n)],
            "amount": 1000.0,
        }
    )
    made = pl.DataFrame({"case_id": ids, "activity": "created", "at": created})
    called = pl.DataFrame({"case_id": ids, "activity": "call", "at": created + np.timedelta64(1, "h")})
    events = pl.concat([made, called.filter(~pl.Series(silent))])
    return History.from_frames(cases=cases, events=events, zone="UTC")


@pytest.fixture(scope="module")
def idle() -> History:
    return company(0.04, n=20_000, units=12)


def row(unit: str | None = None, **counts: int) -> RuleTally:
    return RuleTally("call-first", 1, 0, "response(created, call)", CALL.situation, unit, **counts)


def judged(rows: list[RuleTally], endings: tuple[EndingsCompared, ...] = ()):
    return CU603.judge(None, Context(as_of=START, rules=rows, endings=endings))


def alike(figure: str = "win_rate", half: float = 0.02) -> EndingsCompared:
    return EndingsCompared("call-first", 0, figure, 970, 30, 0.0, -half, half, 0.05)


def shown() -> History:
    """A history of as many cases as `rules` speak of."""
    return plain_history(peers(12, n=30) + team("Far", n=30))


def rules() -> list[RuleTally]:
    """A rule that no case came to."""
    return [row(vacuous_cases=400)]


def test_a_rule_that_no_case_comes_to_is_dead() -> None:
    (finding,) = judged(rules()).findings
    assert (finding.code, finding.rule, finding.kind, finding.scope) == (
        "CU603",
        "call-first",
        Kind.GAP,
        Scope(),
    )
    assert "No case ever comes to the rule call-first" in finding.text.en
    assert "none of 400" in finding.text.en
    assert "aucun des 400" in finding.text.fr
    assert finding.measure.high < 0.01
    assert [one.verb for one in finding.proposals] == [Verb.AMEND, Verb.RETIRE]


def test_a_rule_is_not_dead_while_few_cases_could_have_come_to_it() -> None:
    few = judged([row(vacuous_cases=ENOUGH_CASES - 1)])
    assert few.findings == ()
    assert few.assessments[0].outcome is Outcome.NOT_ASSESSABLE
    once = judged([row(activations=1, violated=1, vacuous_cases=5000)])
    assert once.findings == ()
    assert once.assessments[0].outcome is Outcome.CLEAR


def test_a_rule_of_which_one_expectation_is_used_is_not_dead() -> None:
    used = attrs.evolve(row(activations=50, fulfilled=50, vacuous_cases=350), expect=1)
    assert judged([*rules(), used]).findings == ()


def test_a_rule_that_all_keep_and_that_changes_nothing_is_training_wheels() -> None:
    kept = row(activations=1000, fulfilled=970, violated=30)
    (finding,) = judged([kept], (alike(), alike("cycle"))).findings
    assert finding.title.en == "training wheels"
    assert "win rate apart by −2.0 to 2.0 points" in finding.text.en
    assert "taux de succès" in finding.text.fr
    assert "délai de clôture" in finding.text.fr
    assert finding.measure.name == "kept"


@pytest.mark.parametrize(
    ("rows", "endings"),
    [
        ([row(activations=1000, fulfilled=970, violated=30)], ()),
        ([row(activations=1000, fulfilled=970, violated=30)], (alike(half=0.06),)),
        ([row(activations=1000, fulfilled=970, violated=30)], (alike(), alike("cycle", half=0.2))),
        ([row(activations=1000, fulfilled=940, violated=60)], (alike(),)),
        (
            [
                row(activations=1000, fulfilled=970, violated=30),
                row("A", activations=40, fulfilled=30, violated=10),
            ],
            (alike(),),
        ),
    ],
    ids=["nothing to compare", "not sure", "one figure not sure", "not kept by all", "not kept by one unit"],
)
def test_training_wheels_are_never_told_for_want_of_evidence(rows, endings) -> None:
    assert judged(rows, endings).findings == ()


def test_without_rules_nothing_can_be_assessed() -> None:
    (one,) = judged([]).assessments
    assert one.outcome is Outcome.NOT_ASSESSABLE


# --- from a history


def test_a_history_shows_both_kinds_and_the_rules_that_are_due_take_them(idle) -> None:
    book = Rulebook([CALL, RARE])
    found = dead_rules(idle, book)
    assert set(found.dead) == {"huge-deals"}
    assert set(found.training_wheels) == {"call-first"}
    assert found.unknown == {}
    tasks = due(book, dt.date(2026, 1, 1), dead=found.dead, training_wheels=found.training_wheels)
    assert {(one.task, one.about) for one in tasks} >= {
        (Task.DEAD, ("huge-deals",)),
        (Task.TRAINING_WHEELS, ("call-first",)),
    }
    report = verify(idle, book, only=["CU603"])
    assert sorted(str(finding.rule) for finding in report.findings) == ["call-first", "huge-deals"]


@pytest.mark.parametrize("harm", [{"worse": 0.15}, {"slower": 0.3}])
def test_a_rule_that_matters_is_no_training_wheels(harm) -> None:
    found = dead_rules(company(0.04, n=8_000, **harm), Rulebook([CALL]))
    assert found.training_wheels == {}


def test_a_small_history_is_too_little_to_call_a_rule_idle() -> None:
    assert dead_rules(company(0.03, n=600), Rulebook([CALL])).training_wheels == {}


def test_what_nobody_ever_breaks_cannot_be_compared_and_is_said_so() -> None:
    found = dead_rules(company(0.0, n=500), Rulebook([CALL]))
    assert found.training_wheels == {}
    assert "without exception (500 times)" in found.unbroken["call-first"].en
    assert "sans exception (500 fois)" in found.unbroken["call-first"].fr


def test_what_the_data_cannot_show_is_not_dead_but_unknown() -> None:
    unknown = attrs.evolve(CALL, id="visits", expect=(Constraint("response", "created", "visited"),))
    of_requests = attrs.evolve(CALL, id="requests", kind="request")
    draft = attrs.evolve(RARE, id="draft", status="draft")
    found = dead_rules(company(0.1, n=400), Rulebook([unknown, of_requests, draft]))
    assert found.dead == {}
    assert set(found.unknown) == {"visits", "requests"}
    assert "never occurs" in found.unknown["visits"].en


def test_a_rule_for_units_without_cases_is_unknown() -> None:
    nobody = attrs.evolve(
        RARE, id="nobody", applies_to=attrs.evolve(RARE.applies_to, where=Compare("amount", Op.LT, 0))
    )
    found = dead_rules(company(0.1, n=400), Rulebook([nobody]))
    assert "no case that it is for" in found.unknown["nobody"].en


# --- how cases ended


def ending(unit: str, kept: int, n: int, hits: int) -> dict[str, object]:
    keys = {"rule": "r", "expect": 0, "figure": "win_rate", "unit": unit, "kept": kept}
    return {**keys, "n": n, "hits": hits, "logs": 0, "squares": 0}


@given(parts=st.integers(1, 5), backwards=st.booleans())
def test_parts_merge_to_the_tally_of_the_whole(parts, backwards) -> None:
    whole = company(0.3, n=120)
    tallies = [tally_endings(part, [CALL, RARE]) for part in whole.parts(parts)]
    assert reduce(Counts.merge, reversed(tallies) if backwards else tallies) == tally_endings(
        whole, [CALL, RARE]
    )


def test_endings_are_compared_within_units() -> None:
    """The unit that breaks the rule wins less for reasons of its own: within units there is no difference."""
    rows = []
    for unit, rate, sizes in (("A", 0.6, (900, 100)), ("B", 0.2, (100, 900))):
        for kept, n in zip((1, 0), sizes, strict=True):
            rows.append(ending(unit, kept, n, round(rate * n)))
    (one,) = compare_endings(Counts.of_rows(rows, KEYS, SUMS))
    assert one.value == pytest.approx(0)
    assert (one.kept, one.broken) == (1000, 1000)
    pooled = 0.4 * 0.6
    assert (one.high - one.low) / 2 == pytest.approx(6.313752 * math.sqrt(pooled / 180), rel=1e-2)


def test_of_rules_with_a_true_difference_at_the_margin_few_are_called_alike() -> None:
    """Both one-sided tests are at 5 %: with a difference of just the margin the error is at most that."""
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(300):
        rows = [
            ending(f"u{unit}", kept, 300, int(rng.binomial(300, 0.4 + 0.05 * kept)))
            for unit in range(12)
            for kept in (0, 1)
        ]
        (one,) = compare_endings(Counts.of_rows(rows, KEYS, SUMS))
        wrong += one.alike
    assert wrong <= 24  # 5 % of 300 are 15; more than 24 come by chance once in a hundred times
