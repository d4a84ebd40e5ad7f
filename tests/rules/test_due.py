from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.errors import ContractError
from crmusage.model import Text
from crmusage.rules import (
    Communication,
    Constraint,
    GapReport,
    Review,
    Rulebook,
    Task,
    due,
    next_review,
    triage,
)

from .tellings import RULE, day, draft, in_force, read, rep

TODAY = day("2026-06-10")
OWNER = rep("ola", unit="sales-ops")


def tasks(book: Rulebook, on: dt.date = TODAY, **given) -> list[tuple[str, str, dt.date | None]]:
    return [(str(one.task), "+".join(one.about), one.day) for one in due(book, on, **given)]


def reviewed(rrule: str, changed: str):
    (rule,) = in_force(draft(review=Review(rrule)), on=day(changed))
    return rule


# --- reviews


@pytest.mark.parametrize(
    ("rrule", "changed", "expected"),
    [
        ("FREQ=MONTHLY;INTERVAL=6", "2026-01-12", "2026-07-12"),
        ("FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1", "2026-04-30", "2026-05-01"),
        ("FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1", "2026-05-01", "2027-05-01"),
        ("FREQ=WEEKLY;INTERVAL=2", "2026-01-12", "2026-01-26"),
        ("FREQ=MONTHLY;BYDAY=1MO", "2026-01-12", "2026-02-02"),
        ("FREQ=MONTHLY;BYHOUR=9", "2026-01-12", "2026-02-12"),
        # A month without that day is not skipped: the 31st of August and half a year are in February.
        ("FREQ=MONTHLY;INTERVAL=6", "2025-08-31", "2026-02-28"),
        ("FREQ=MONTHLY", "2026-01-30", "2026-02-28"),
        ("FREQ=YEARLY", "2024-02-29", "2025-02-28"),
        ("FREQ=YEARLY;BYMONTH=2", "2026-03-31", "2027-02-28"),
    ],
)
def test_a_review_is_due_as_its_recurrence_counts_from_the_last_change(
    rrule: str, changed: str, expected: str
) -> None:
    rule = reviewed(rrule, changed)
    assert next_review(rule, day(expected)) == day(expected)
    assert next_review(rule, day(expected) - dt.timedelta(days=1)) is None
    assert next_review(rule, day(expected) + dt.timedelta(days=900)) == day(expected)


def test_a_change_of_the_rule_puts_its_review_off() -> None:
    book = in_force(draft(review=Review("FREQ=MONTHLY;INTERVAL=3")))
    assert tasks(book) == [("review", RULE, day("2026-04-12"))]
    amended = book.amend(RULE, who="ops", why="why", at=day("2026-04-01"), owner="crm-team")
    assert tasks(amended) == []
    assert tasks(amended, day("2026-07-01")) == [("review", RULE, day("2026-07-01"))]


def test_a_review_that_leaves_the_rule_as_it_is_puts_off_the_next_one() -> None:
    book = in_force(draft(review=Review("FREQ=MONTHLY;INTERVAL=3")))
    still_fits = book.review(RULE, who="ops", why="still fits", at=day("2026-05-20"))
    assert tasks(still_fits) == []
    assert tasks(still_fits, day("2026-08-20")) == [("review", RULE, day("2026-08-20"))]


def test_reviews_to_come_are_told_as_far_ahead_as_one_asks() -> None:
    book = in_force(draft(review=Review("FREQ=MONTHLY;INTERVAL=6")))
    assert tasks(book, ahead=31) == []
    (to_come,) = due(book, TODAY, ahead=32)
    assert (to_come.task, to_come.day) == (Task.REVIEW, day("2026-07-12"))
    assert "is due on 12" in to_come.text.en
    (overdue,) = due(book, day("2026-07-13"))
    assert "has been due since 12" in overdue.text.en
    assert "est due depuis le 12" in overdue.text.fr


def test_a_review_that_ends_or_never_comes_is_not_due() -> None:
    for rrule in ("FREQ=MONTHLY;UNTIL=20260101T000000Z", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"):
        assert next_review(reviewed(rrule, "2026-01-12"), day("2030-01-01")) is None


def test_a_review_that_cannot_be_counted_from_any_day_is_told_and_not_guessed() -> None:
    assert tasks(Rulebook([draft(review=Review("FREQ=MONTHLY"))])) == [("no_date", RULE, None)]
    assert tasks(Rulebook([draft()])) == []


@given(
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 7),
    st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)),
)
def test_a_review_comes_after_the_change_and_never_later_than_its_interval(
    frequency: str, interval: int, changed: dt.date
) -> None:
    rule = reviewed(f"FREQ={frequency};INTERVAL={interval}", changed.isoformat())
    longest = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}[frequency] * interval
    found = next_review(rule, changed + dt.timedelta(days=longest))
    assert found is not None
    assert changed < found


# --- owners


def test_a_rule_is_looked_after_by_a_person_a_unit_or_a_profile_that_is_known() -> None:
    for owner in ("ola", "sales-ops", "rep"):
        assert tasks(in_force(draft(owner=owner)), people=[OWNER]) == []
    assert tasks(in_force(draft(owner="nobody")), people=[OWNER]) == [("owner_unknown", RULE, None)]


def test_an_owner_who_has_left_leaves_an_orphan_and_so_does_a_team_of_which_all_have() -> None:
    gone = [
        rep("ola", unit="sales-ops", ends_on=day("2026-05-29")),
        rep("per", unit="sales-ops", ends_on=day("2026-06-09")),
        rep("still-here"),
    ]
    assert tasks(in_force(draft(owner="ola")), people=gone) == [("owner_left", RULE, day("2026-05-29"))]
    assert tasks(in_force(), people=gone) == [("owner_left", RULE, day("2026-06-09"))]
    assert tasks(in_force(), people=[*gone, OWNER][1:]) == []
    assert tasks(in_force(), day("2026-06-09"), people=gone) == []


def test_a_rule_that_nobody_was_named_for_is_told_even_where_people_are_not_given() -> None:
    assert tasks(in_force(draft(owner=None))) == [("no_owner", RULE, None)]
    assert tasks(in_force(draft(owner="nobody"))) == []


def test_a_person_who_is_there_twice_is_refused() -> None:
    with pytest.raises(ContractError, match="more than once"):
        due(in_force(), TODAY, people=[OWNER, OWNER])


# --- telling


def test_a_rule_in_force_that_nobody_has_read_was_never_announced() -> None:
    assert tasks(in_force(), acknowledgements=[]) == [("never_told", RULE, day("2026-01-12"))]
    assert tasks(in_force(), acknowledgements=[read("ann", "2026-02-01")]) == []
    assert tasks(Rulebook([draft(status="draft")]), acknowledgements=[]) == []
    assert tasks(in_force(on=TODAY + dt.timedelta(days=1)), acknowledgements=[]) == []
    (undated,) = due(Rulebook([draft()]), TODAY, acknowledgements=[])
    assert undated.day is None
    assert undated.text.en.startswith("It holds, and nobody has")


def test_a_rule_that_nobody_has_read_for_a_year_is_to_be_told_again() -> None:
    acknowledgements = [read("ann", "2026-02-10"), read("bob", "2026-02-01")]
    book = in_force()
    assert tasks(book, day("2027-02-09"), acknowledgements=acknowledgements) == []
    assert tasks(book, day("2027-02-10"), acknowledgements=acknowledgements) == [
        ("not_told_again", RULE, day("2027-02-10"))
    ]


def test_an_audience_that_nobody_is_in_is_told_as_such_and_not_as_silence() -> None:
    book = in_force(draft(communication=Communication(audience={"profile": ["no-such-profile"]})))
    (one,) = due(book, TODAY, people=[OWNER], acknowledgements=[])
    assert one.task is Task.NOBODY_TO_TELL
    assert "(profile: no-such-profile)" in one.text.en


# --- the rest


def test_rules_that_cannot_both_be_kept_come_first() -> None:
    must = draft("must", expect=[Constraint("existence", "call")], owner=None)
    never = draft("never", expect=[Constraint("absence", "call")])
    found = due(in_force(must, never), TODAY)
    assert [one.task for one in found] == [Task.CONTRADICTION, Task.NO_OWNER]
    assert found[0].about == ("must", "never")


def test_a_rule_that_merely_follows_from_another_is_not_urgent() -> None:
    one = draft("one", expect=[Constraint("existence", "call")])
    same = draft("same", expect=[Constraint("existence", "call")])
    assert tasks(in_force(one, same)) == []


def test_what_a_history_says_of_rules_is_told_with_its_figures() -> None:
    seen = Text("no activation for 14 months", "aucune activation depuis 14 mois")
    book = in_force(draft("a-rule"), draft("b-rule")).retire("b-rule", who="ops", why="why", at=TODAY)
    found = due(book, TODAY, dead={"a-rule": seen, "b-rule": seen}, training_wheels={"elsewhere": seen})
    assert [(one.task, one.about, one.text) for one in found] == [(Task.DEAD, ("a-rule",), seen)]


def test_gap_reports_are_due_until_they_are_answered() -> None:
    report = GapReport("in-two-parts", "Le client commande en deux fois", "ann", day("2026-05-04"))
    assert tasks(in_force(), gaps=[report]) == [("open_gap", "in-two-parts", day("2026-05-04"))]
    assert tasks(in_force(), day("2026-05-03"), gaps=[report]) == []
    book, answered = triage(in_force(), report, who="ops", on=TODAY, rule=RULE)
    assert tasks(book, gaps=[answered]) == []


def test_retired_and_observed_rules_are_left_alone() -> None:
    rules = [
        draft(status, status=status, owner=None, review=Review("FREQ=DAILY"))
        for status in ("retired", "observed")
    ]
    assert tasks(Rulebook(rules), people=[], acknowledgements=[]) == []


def test_everything_that_is_due_is_said_in_both_languages_with_a_title() -> None:
    book = in_force(
        draft("a", owner=None, review=Review("FREQ=MONTHLY")),
        draft("b", owner="nobody", communication=None),
        draft("c", communication=Communication(audience={"unit": ["nowhere"]})),
    )
    gap = GapReport("gap", "What do I do when the customer is also a supplier?", "ann", TODAY, unit="north")
    found = due(book, TODAY, people=[rep()], acknowledgements=[], gaps=[gap])
    assert {one.task for one in found} == {
        Task.NO_OWNER, Task.OWNER_UNKNOWN, Task.REVIEW, Task.NEVER_TOLD, Task.NOBODY_TO_TELL, Task.OPEN_GAP,
    }  # fmt: skip
    for one in found:
        assert one.title.en != one.title.fr
        assert one.text.en != one.text.fr
        assert "ann" not in one.text.en.split()
