"""Any of several activities on a side, as DECLARE's branching has it."""

from __future__ import annotations

import pytest

from crmusage.conformance import tally, unseen
from crmusage.errors import BookError, RuleError
from crmusage.history import History
from crmusage.model import Text
from crmusage.rules import Cadence, Constraint, Rulebook, UsageRule, lint, write_decl

ENDED = UsageRule(
    "ended",
    Text("A quote was accepted", "Un devis a été accepté"),
    expect=(Constraint("response", "quote_accepted", target=("won", "lost")),),
)


def test_a_single_name_in_a_list_is_that_name() -> None:
    assert Constraint("init", ["created"]) == Constraint("init", "created")
    assert Cadence("FREQ=DAILY", ["updated"]) == Cadence("FREQ=DAILY", "updated")


@pytest.mark.parametrize("names", [(), ("won", ""), ""])
def test_no_name_is_refused(names) -> None:
    with pytest.raises(RuleError, match=r"empty|needs a target"):
        Constraint("response", "created", target=names)
    with pytest.raises(RuleError, match="empty"):
        Constraint("response", names, target="won")
    with pytest.raises(RuleError, match="empty"):
        Cadence("FREQ=DAILY", names)


def test_any_of_the_targets_keeps_the_rule(tmp_path) -> None:
    (tmp_path / "ended.toml").write_text(
        """id = "ended"
[situation]
en = "A quote was accepted"
fr = "Un devis a été accepté"
[[expect]]
template = "response"
activity = ["quote_accepted", "quote_signed"]
target = ["won", "lost"]
""",
        encoding="utf-8",
    )
    rows = [
        (case, activity, f"2026-03-{day:02}T09:00:00Z")
        for case, activities in {
            "1": ("quote_accepted", "won"),
            "2": ("quote_signed", "lost"),
            "3": ("quote_accepted", "call"),
            "4": ("won", "call"),
        }.items()
        for day, activity in enumerate(activities, 1)
    ]
    history = History.from_records(
        cases=[
            {
                "case_id": c,
                "kind": "o",
                "created_at": "2026-03-01T08:00:00Z",
                "closed_at": "2026-03-09T08:00:00Z",
            }
            for c in "1234"
        ],
        events=[dict(zip(("case_id", "activity", "at"), row, strict=True)) for row in rows],
    )
    book = Rulebook.load(tmp_path)
    (total,) = tally(history, tuple(book)).by("rule").rows()
    assert [total[name] for name in ("activations", "fulfilled", "violated", "vacuous_cases")] == [3, 2, 1, 1]


def test_a_name_of_the_several_that_never_occurs_is_told() -> None:
    history = History.from_records(
        events=[{"case_id": "1", "activity": "quote_accepted", "at": "2026-03-01T08:00:00Z"}]
    )
    (won, lost) = unseen(history, ENDED)
    assert "'won'" in won.en
    assert "'lost'" in lost.en


def test_people_are_told_that_any_will_do() -> None:
    assert str(ENDED.expect[0]) == "response(quote_accepted, won | lost)"


def test_lint_sees_that_one_of_two_follows_from_either() -> None:
    won = UsageRule("won", ENDED.situation, expect=(Constraint("response", "quote_accepted", target="won"),))
    found = lint(Rulebook([ENDED, won]))
    assert [(f.code, f.rules) for f in found] == [("RL301", ("ended", "won"))]


def test_a_declare_model_names_one_activity_a_side(tmp_path) -> None:
    with pytest.raises(BookError, match="one activity on each side"):
        write_decl(Rulebook([ENDED]), tmp_path / "model.decl")
