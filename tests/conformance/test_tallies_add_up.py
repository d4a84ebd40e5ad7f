from __future__ import annotations

from collections import Counter
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.conformance import judge_rule, tally, unseen, witnesses
from crmusage.history import Counts
from crmusage.model import Text
from crmusage.rules import AppliesTo, Compare, Constraint, Duration, Op, Template, UsageRule

from . import oracle
from .logs import cases, constraints, history_of

SITUATION = Text("a situation", "une situation")


def rules(draw) -> list[UsageRule]:
    found = []
    for k in range(draw(st.integers(1, 3))):
        expect = [
            draw(constraints(draw(st.sampled_from(list(Template))))) for _ in range(draw(st.integers(1, 2)))
        ]
        where = draw(st.sampled_from([None, Compare("case.size", Op.GE, 10)]))
        found.append(UsageRule(f"r{k}", SITUATION, expect=tuple(expect), applies_to=AppliesTo(where=where)))
    return found


@given(data=st.data())
def test_parts_merge_to_the_whole_and_row_order_changes_nothing(data) -> None:
    log, as_of = data.draw(cases())
    book = rules(data.draw)
    history = history_of(log, as_of)
    whole = tally(history, book)
    parts = [tally(part, book) for part in history.parts(data.draw(st.integers(1, 4)))]
    assert reduce(Counts.merge, parts) == whole
    assert reduce(Counts.merge, reversed(parts)) == whole
    assert tally(history_of(log, as_of, shuffle=data.draw(st.integers(0, 99))), book) == whole


@given(data=st.data())
def test_tallies_count_what_the_oracle_says(data) -> None:
    log, as_of = data.draw(cases())
    constraint = data.draw(constraints(data.draw(st.sampled_from(list(Template)))))
    history = history_of(log, as_of)
    rows = tally(history, [UsageRule("r", SITUATION, expect=(constraint,))]).by("rule").rows()
    verdicts = [oracle.verdicts(constraint, case, as_of) for case in log]
    wanted = Counter(verdict for case in verdicts for verdict in case.values())
    total = rows[0] if rows else Counter()
    for verdict in ("fulfilled", "violated", "pending", "tied"):
        assert total[verdict] == wanted[verdict]
    assert total["activations"] == sum(wanted.values())
    assert total["vacuous_cases"] == sum(not case for case in verdicts)


@given(data=st.data())
def test_each_witness_names_its_activation_and_what_decided_it(data) -> None:
    log, as_of = data.draw(cases())
    constraint = data.draw(constraints(data.draw(st.sampled_from(list(Template)))))
    history = history_of(log, as_of)
    rule = UsageRule("r", SITUATION, version=7, expect=(constraint,))
    table = witnesses(history, [rule], verdicts=("fulfilled", "violated", "pending", "tied"))
    judged = judge_rule(history, rule)[0]
    assert table.height == len(judged)
    for row in table.iter_rows(named=True):
        assert (row["rule"], row["version"], row["expect"]) == ("r", 7, 0)
        assert (row["event"] is None) is constraint.template.is_of_case
        if row["event"] is not None:
            event = history.events.row(row["event"], named=True)
            assert (event["case_id"], event["activity"], event["at"]) == (
                row["case_id"],
                row["activity"],
                row["at"],
            )
        if row["decided_event"] is not None:
            event = history.events.row(row["decided_event"], named=True)
            assert (event["case_id"], event["activity"], event["at"]) == (
                row["case_id"],
                row["decided_by"],
                row["decided_at"],
            )
        if row["verdict"] == "tied":
            assert row["decided_by"] is None
        elif row["verdict"] == "pending":
            assert row["decided_by"] is None
            assert row["deadline"] is None or row["deadline"] >= history.as_of
        elif row["decided_by"] is None and row["verdict"] == "violated" and row["deadline"] is not None:
            assert row["deadline"] <= history.as_of


def one_case(*events: tuple[str, int], closed: int | None = None, as_of: int = 10):
    made = tuple(oracle.Event(k, name, day * oracle.DAY, {}) for k, (name, day) in enumerate(events))
    case = oracle.Case(0, None if closed is None else closed * oracle.DAY, made, {"x": None, "size": None})
    return history_of([case], as_of * oracle.DAY)


def test_a_missed_deadline_is_the_witness_of_its_breach() -> None:
    history = one_case(("a", 1), ("b", 6))
    rule = UsageRule(
        "r", SITUATION, expect=(Constraint("response", "a", target="b", within=Duration(days=2)),)
    )
    (row,) = witnesses(history, [rule]).to_dicts()
    assert row["verdict"] == "violated"
    assert row["decided_by"] is None
    assert (row["deadline"] - row["at"]).days == 2


def test_the_next_activation_is_the_witness_of_a_broken_alternation() -> None:
    history = one_case(("a", 1), ("a", 2), ("b", 3))
    rule = UsageRule("r", SITUATION, expect=(Constraint("alternate_response", "a", target="b"),))
    (row,) = witnesses(history, [rule]).to_dicts()
    assert (row["decided_by"], row["decided_event"]) == ("a", 1)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (UsageRule("r", SITUATION, expect=(Constraint("existence", "aa"),)), "'aa' never occurs"),
        (
            UsageRule("r", SITUATION, expect=(Constraint("response", "a", target="won"),)),
            "'won' never occurs",
        ),
        (
            UsageRule("r", SITUATION, kind="opportunities"),
            "no kind 'opportunities' in this history (did you mean",
        ),
        (UsageRule("r", SITUATION, applies_to=AppliesTo(unit=("u9",))), "no unit 'u9'"),
        (
            UsageRule(
                "r", SITUATION, expect=(Constraint("absence", "a", where=Compare("colour", Op.EQ, "red")),)
            ),
            "no attribute 'colour'",
        ),
        (
            UsageRule("r", SITUATION, expect=(Constraint("absence", "a", where=Compare("x", Op.EQ, "1")),)),
            "x is a number in this history, the rule compares it with a text",
        ),
        (
            UsageRule(
                "r", SITUATION, expect=(Constraint("absence", "a", where=Compare("amount", Op.GE, 1)),)
            ),
            "'amount' has no value",
        ),
    ],
)
def test_what_the_history_does_not_know_is_said(rule: UsageRule, words: str) -> None:
    event = oracle.Event(0, "a", 0, {"x": 1})
    history = history_of([oracle.Case(0, None, (event,), {"x": 1, "size": None})], oracle.DAY)
    assert any(words in reason.en for reason in unseen(history, rule)), unseen(history, rule)


def test_a_known_rule_has_nothing_unseen() -> None:
    event = oracle.Event(0, "a", 0, {"x": 1})
    history = history_of([oracle.Case(0, None, (event,), {"x": 1, "size": None})], oracle.DAY)
    expect = (Constraint("absence", "a", where=Compare("x", Op.EQ, 1)),)
    assert unseen(history, UsageRule("r", SITUATION, kind="opportunity", expect=expect)) == ()
