"""Each rule of the starter rulebook, kept by one short story and broken by another."""

from __future__ import annotations

import datetime as dt
import warnings
from pathlib import Path
from typing import Any

import pytest

from crmusage.conformance import tally, unseen
from crmusage.errors import CrmUsageWarning, RuleError
from crmusage.history import History
from crmusage.model import MEANINGS
from crmusage.rules import Rulebook, Status, UsageRule, lint, starter
from crmusage.testing import simulate
from crmusage.verification import verify

BOOK = starter()
DOC = Path(__file__).parents[2] / "docs" / "reference" / "starter-rulebook.md"
SOURCES = {
    "Usages",
    "Quel est le problème avec les projets CRM ?",
    "Prendre soin de son programme CRM : de l'enfance à l'âge adulte",
    "CRM peu ou mal utilisé ? Deux causes principales",
    "CRM – XRM, retour vers le futur !",
}
"""The five texts from which the situations come."""

# Monday 2 March 2026 and the days after it; the 27th is a Friday, the last working day but two. Times are in Paris.
MARCH = "2026-03-{}:00+01:00"
APRIL = "2026-04-{}:00+02:00"
AS_OF = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)

Story = tuple[Any, ...]

STORIES: dict[str, tuple[Story, Story]] = {
    # id: (kept, broken); a story is events as "day hour activity", then columns of the case and tables, by name.
    "created-at-first-contact": (
        ("02T09 created", "05T10 quote_sent", "09T10 quote_accepted", "09T11 won"),
        ("05T10 quote_sent", "09T10 quote_accepted", "09T11 created", "09T12 won"),
    ),
    "alternative-offers": (
        (
            "02T09 created",
            ("03T10 quote_accepted", {"quote_id": "Q1", "alternative": True}),
            ("05T17 quote_declined", {"quote_id": "Q2", "alternative": True}),
        ),
        (
            "02T09 created",
            ("03T10 quote_accepted", {"quote_id": "Q1", "alternative": True}),
            ("06T10 quote_declined", {"quote_id": "Q2", "alternative": True}),
        ),
    ),
    "monday-update": (
        ("03T09 created", "06T15 amount_changed", "13T10 won"),
        ("03T09 created", "06T11 amount_changed", "13T10 won"),
    ),
    "visit-is-noted": (
        ("02T09 created", "06T15 meeting", "09T17 updated"),
        ("02T09 created", "06T15 meeting", "10T09 updated"),
    ),
    "quote-is-followed-up": (
        ("02T09 created", "03T10 quote_sent", "17T16 email"),
        ("02T09 created", "03T10 quote_sent", "18T09 email"),
    ),
    "win-rests-on-accepted-quote": (
        ("02T09 created", "03T10 quote_accepted", "04T10 won"),
        ("02T09 created", "03T10 quote_sent", "04T10 won"),
    ),
    "customer-is-not-forgotten": (
        # The first Monday of April is the 6th.
        ("02T09 created", "20T10 call", "A10T10 lost"),
        ("02T09 created", "20T10 updated", "A10T10 lost"),
    ),
    "months-close": (
        ("03T09 created", "27T10 updated", "A01T10 won"),
        ("03T09 created", "26T10 updated", "A01T10 won"),
    ),
    "taken-over-from-a-colleague": (
        ("02T09 created", ("03T10 owner_changed", {"old": "ann", "new": "bob"}), "10T16 call"),
        ("02T09 created", ("03T10 owner_changed", {"old": "ann", "new": "bob"}), "11T09 call"),
    ),
    "eve-of-leave": (
        (
            "02T09 submitted",
            ("06T15 owner_changed", {"old": "queue", "new": "ann"}),
            ("09T11 owner_changed", {"old": "ann", "new": "bob"}),
            {"owner": "bob"},
        ),
        (
            "02T09 submitted",
            ("06T15 owner_changed", {"old": "queue", "new": "ann"}),
            "24T10 fulfilled",
            {"owner": "ann"},
        ),
    ),
    "request-is-clear": (
        ("02T09 submitted", "02T10 clarification_asked", "02T11 clarified", "03T10 closed"),
        ("02T09 submitted", "02T10 clarification_asked", "02T11 clarified", "03T10 clarification_asked"),
    ),
    "question-is-answered": (
        ("02T09 submitted", "02T10 clarification_asked", "03T16 clarified"),
        ("02T09 submitted", "02T10 clarification_asked", "04T09 clarified"),
    ),
    "right-doer-first": (
        ("02T09 submitted", "02T10 rerouted", "03T10 closed"),
        ("02T09 submitted", "02T10 rerouted", "03T10 rerouted"),
    ),
    "priority-is-said-once": (
        ("02T09 submitted", "03T09 priority_changed", "04T09 closed", {"priority_rank": 2}),
        ("02T09 submitted", "03T09 priority_changed", "04T09 priority_changed", {"priority_rank": None}),
    ),
    "request-is-delivered": (
        ("02T16 submitted", "02T17 delivered"),
        ("02T11 submitted", "02T13 delivered"),
    ),
    "request-is-taken-or-passed-on": (
        ("02T09 submitted", "06T10 delivered", "09T16 rerouted"),
        ("02T09 submitted", "06T10 delivered", "10T09 accepted"),
    ),
    "accepted-is-decided": (
        ("02T09 accepted", "03T16 deferred", "20T10 started"),
        ("02T09 accepted", "04T10 started", "05T10 decided"),
    ),
    "deferred-comes-back": (
        ("02T09 deferred", "A20T10 task_due"),
        ("02T09 deferred", "A20T10 closed"),
    ),
    "done-is-written-down": (
        ("02T09 documented", "02T10 fulfilled", "02T11 returned", "03T10 closed"),
        ("02T09 fulfilled", "02T10 documented", "03T10 closed", "03T11 returned"),
    ),
}


def events(story: Story) -> list[dict[str, Any]]:
    rows = []
    for step in story:
        said, more = (step, {}) if isinstance(step, str) else step
        when, _, activity = said.partition(" ")
        month, when = (APRIL, when[1:]) if when.startswith("A") else (MARCH, when)
        rows.append(
            {"case_id": "c", "activity": activity, "at": month.format(f"{when}:00"), "actor": "ann", **more}
        )
    return rows


def history(rule: UsageRule, story: Story, *, leave: bool = False) -> History:
    """A story as a history; what a rule names and the story lacks, the source is said to be able to show."""
    case = story[-1] if isinstance(story[-1], dict) else {}
    rows = events(story[:-1] if case else story)
    named = {name for one in rule.expect for name in (*one.activities, *one.targets)}
    named |= set() if rule.cadence is None else set(rule.cadence.activities)
    closing = [row["at"] for row in rows if row["activity"] in {"won", "lost", "closed"}]
    return History.from_records(
        cases=[
            {
                "case_id": "c", "kind": rule.kind, "owner": "ann", "unit": "north", "priority_rank": 1,
                "created_at": next((r["at"] for r in rows if r["activity"] == "created"), rows[0]["at"]),
                "closed_at": closing[-1] if closing else None, **case,
            },
            {"case_id": "other", "kind": "account", "created_at": rows[0]["at"], "priority_rank": 1},
        ],
        events=rows,
        people=[{"person_id": name, "unit": "north", "time_zone": "Europe/Paris"} for name in ("ann", "bob")],
        # Ann is away from Monday the 9th for two weeks.
        absences=[
            {"person_id": "ann", "starts_at": MARCH.format("09T00:00"), "ends_at": MARCH.format("23T00:00")}
        ]
        if leave or rule.id == "eve-of-leave"
        else [],
        coverage=[{"entity": "event", "field": name} for name in sorted(named)],
        as_of=AS_OF,
    )  # fmt: skip


def counted(rule: UsageRule, story: Story, *, leave: bool = False) -> tuple[int, int]:
    told = history(rule, story, leave=leave)
    assert unseen(told, rule) == ()
    rows = tally(told, [rule]).by("rule").rows()
    assert all(row["tied"] == 0 for row in rows)
    return sum(row["fulfilled"] for row in rows), sum(row["violated"] for row in rows)


@pytest.mark.parametrize("rule", BOOK, ids=lambda rule: rule.id)
def test_a_starter_rule_is_kept_by_one_story(rule: UsageRule) -> None:
    fulfilled, violated = counted(rule, STORIES[rule.id][0])
    assert violated == 0
    assert fulfilled >= 1


@pytest.mark.parametrize("rule", BOOK, ids=lambda rule: rule.id)
def test_a_starter_rule_is_broken_by_another_story(rule: UsageRule) -> None:
    _, violated = counted(rule, STORIES[rule.id][1])
    assert violated >= 1


@pytest.mark.parametrize("rule", [rule for rule in BOOK if len(rule.expect) > 1], ids=lambda rule: rule.id)
def test_each_expectation_of_a_starter_rule_can_be_broken(rule: UsageRule) -> None:
    rows = tally(history(rule, STORIES[rule.id][1]), [rule]).by("rule", "expect").rows()
    assert {row["expect"] for row in rows if row["violated"]} == set(range(len(rule.expect)))


def test_every_starter_rule_has_its_stories() -> None:
    assert set(STORIES) == {rule.id for rule in BOOK}


# --- as a whole


def test_lint_has_nothing_to_say() -> None:
    assert lint(BOOK) == ()


def test_the_five_texts_are_all_cited() -> None:
    assert {text for rule in BOOK for text in rule.cites} == SOURCES


@pytest.mark.parametrize("rule", BOOK, ids=lambda rule: rule.id)
def test_a_starter_rule_is_a_model_of_a_well_written_one(rule: UsageRule) -> None:
    assert rule.status is Status.ACTIVE
    assert rule.kind in {"opportunity", "request"}
    assert rule.owner
    assert rule.cites
    assert rule.guidance is not None
    assert rule.guidance.en != rule.guidance.fr
    assert rule.situation.en != rule.situation.fr
    # It can be measured, is looked at again, and told to somebody in some time.
    assert rule.expect or rule.cadence
    assert rule.review is not None
    assert rule.communication is not None
    assert rule.communication.audience
    assert rule.communication.newcomers_within is not None
    named = {name for one in rule.expect for name in (*one.activities, *one.targets)}
    named |= set() if rule.cadence is None else set(rule.cadence.activities)
    assert named <= MEANINGS
    assert rule.source is not None
    assert rule.source.startswith("# ")
    assert max(map(len, rule.source.splitlines())) <= 120


def test_the_page_on_the_starter_rulebook_lists_every_rule_with_its_situation() -> None:
    page = DOC.read_text(encoding="utf-8")
    for rule in BOOK:
        assert f"`{rule.id}`" in page
        assert rule.situation.en in page
    for text in SOURCES:
        assert text in page


def test_the_rules_for_one_kind_of_case_can_be_had_alone() -> None:
    opportunities, requests = starter("opportunity"), starter("request")
    assert {rule.kind for rule in opportunities} == {"opportunity"}
    assert Rulebook([*opportunities, *requests]) == BOOK
    with pytest.raises(RuleError, match="no rules for 'invoice'; it has some for opportunity, request"):
        starter("invoice")


def test_saving_the_starter_rulebook_keeps_every_word_of_it(tmp_path: Path) -> None:
    BOOK.save(tmp_path)
    for rule in BOOK:
        assert (tmp_path / f"{rule.id}.toml").read_text(encoding="utf-8") == rule.source


def test_it_runs_on_a_company_as_it_is_and_says_of_requests_that_there_are_none() -> None:
    company = simulate("none", seed=3, departments=8, months=6, opportunities=400)
    told = History.from_frames(**company.tables)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", CrmUsageWarning)
        report = verify(told, BOOK, detectors=[])
    judged = {row.rule for row in report.rules if row.activations}
    assert judged == {rule.id for rule in BOOK if rule.kind == "opportunity"}
    assert {one.code for one in report.assessments} == {rule.id for rule in BOOK if rule.kind == "request"}
    assert len(caught) == len(report.assessments)


def test_the_department_that_enters_its_deals_once_they_are_won_stands_out_by_the_rule_on_first_contact() -> (
    None
):
    company = simulate("late-creation", seed=7, departments=12, months=9, opportunities=1500)
    (planted,) = company.truth.planted
    told = History.from_frames(**company.tables)
    rows = tally(told, [BOOK["created-at-first-contact"]]).by("expect", "unit").rows()
    for position in (0, 1):
        broken = {
            row["unit"]: row["violated"] / (row["fulfilled"] + row["violated"])
            for row in rows
            if row["expect"] == position and row["fulfilled"] + row["violated"]
        }
        late = broken.pop(planted.unit)
        assert late > 0.3
        assert max(broken.values()) < 0.1


def test_alternative_offers_ask_nothing_of_the_quote_that_was_accepted_itself() -> None:
    rule = BOOK["alternative-offers"]
    same = {"quote_id": "Q1", "alternative": True}
    story = ("02T09 created", ("03T10 quote_accepted", same), ("04T10 quote_declined", same))
    assert counted(rule, story) == (0, 1)


def test_a_leave_that_is_not_near_asks_for_nothing() -> None:
    rule = BOOK["eve-of-leave"]
    story = ("02T09 submitted", ("03T10 owner_changed", {"old": "queue", "new": "ann"}), {"owner": "ann"})
    assert counted(rule, story) == (0, 0)


def test_who_is_on_leave_owes_no_monday_update() -> None:
    rule = BOOK["monday-update"]
    story = ("03T09 created", "06T15 amount_changed", "17T10 won")
    assert counted(rule, story) == (1, 1)
    assert counted(rule, story, leave=True) == (1, 0)
