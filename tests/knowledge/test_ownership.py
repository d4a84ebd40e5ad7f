from __future__ import annotations

import datetime as dt

import attrs
import pytest

from crmusage.errors import RuleError
from crmusage.knowledge import KeyTask, Ownership, Said, Worry, concerns, if_sponsor_leaves, orphans
from crmusage.model import Person, Text
from crmusage.rules import Rulebook, UsageRule

SOUND = Ownership(
    sponsor="sales director",
    deputy="finance director",
    objective="A forecast within 10 % of what comes in",
    champion="sales operations",
    champion_deputy="branch assistant",
    direction_knows=Said.YES,
    executives_use=Said.YES,
    culture=Said.YES,
    shared=Said.YES,
    tasks=[KeyTask("user accounts", "administrator", 2)],
)


def what(found):
    return [one.what for one in found]


def test_a_sound_sheet_gives_no_concern_and_outlives_its_sponsor():
    assert concerns(SOUND) == ()
    assert if_sponsor_leaves(SOUND) == ()


@pytest.mark.parametrize(
    ("change", "worry"),
    [
        ({"sponsor": None, "deputy": None}, Worry.NO_SPONSOR),
        ({"objective": None}, Worry.NO_OBJECTIVE),
        ({"champion": None, "champion_deputy": None}, Worry.NO_CHAMPION),
        ({"deputy": None}, Worry.NO_DEPUTY),
        ({"champion_deputy": None}, Worry.NO_CHAMPION_DEPUTY),
        ({"champion": "sales director"}, Worry.ONE_FOR_BOTH),
        ({"direction_knows": Said.NO}, Worry.DIRECTION_UNAWARE),
        ({"executives_use": Said.PARTLY}, Worry.EXECUTIVES_AWAY),
        ({"culture": Said.UNKNOWN}, Worry.NOT_CULTURE),
        ({"shared": Said.NO}, Worry.SILO),
        ({"tasks": [KeyTask("imports", "administrator", 1)]}, Worry.KEY_PERSON),
    ],
)
def test_each_weakness_alone_is_told_alone(change, worry):
    assert what(concerns(attrs.evolve(SOUND, **change))) == [worry]


def test_the_case_of_the_source_is_told_in_full():
    silo = Ownership(sponsor="head of sales", direction_knows=Said.NO, shared=Said.NO)
    assert what(if_sponsor_leaves(silo)) == [
        Worry.NOBODY_SPEAKS,
        Worry.PUT_ASIDE,
        Worry.KNOWLEDGE_GOES,
        Worry.NOBODY_ELSE_MISSES_IT,
    ]


def test_what_only_the_sponsor_can_do_goes_with_them():
    alone = attrs.evolve(SOUND, tasks=[KeyTask("the forecast", "sales director", 1)])
    assert what(if_sponsor_leaves(alone)) == [Worry.KEY_PERSON]
    others = attrs.evolve(SOUND, tasks=[KeyTask("the forecast", "controller", 1)])
    assert if_sponsor_leaves(others) == ()


def test_unknown_is_said_to_be_unknown_and_partly_partly():
    (unknown,) = concerns(attrs.evolve(SOUND, culture=Said.UNKNOWN))
    (partly,) = concerns(attrs.evolve(SOUND, executives_use=Said.PARTLY))
    assert unknown.text.en.startswith("To be checked: the CRM")
    assert partly.text.fr.startswith("En partie : les dirigeants")


def test_nobody_who_can_is_another_sentence_than_one_who_can():
    tasks = [KeyTask("imports", "administrator", n) for n in (0, 1, 2)]
    told = [one.text.en for one in concerns(attrs.evolve(SOUND, tasks=tasks))]
    assert told == [
        "Nobody can do this: imports (administrator).",
        "Only one person can do this: imports (administrator).",
    ]


def test_a_person_in_the_place_of_a_role_is_refused():
    with pytest.raises(RuleError, match="champion is a role"):
        Ownership(champion="ann@example.org")
    with pytest.raises(RuleError, match="people is a whole number"):
        KeyTask("imports", "administrator", -1)


def test_rules_without_anybody_are_told_by_what_became_of_their_owner_and_name_nobody():
    text = Text("a", "a")
    owners = {"a": "ann", "b": None, "c": "martian", "d": "bob", "e": "sales-ops", "f": "ann"}
    book = Rulebook(
        UsageRule(name, Text(name, name), owner=owner, guidance=text) for name, owner in owners.items()
    )
    people = [
        Person("ann", ends_on=dt.date(2026, 8, 31)),
        Person("bob", profile="sales-ops"),
    ]
    found = orphans(book, people, dt.date(2026, 10, 1))
    assert [(one.what, one.about) for one in found] == [
        (Worry.OWNER_LEFT, ("a", "f")),
        (Worry.OWNER_UNKNOWN, ("c",)),
        (Worry.NO_OWNER, ("b",)),
    ]
    assert not any("ann" in one.text.en.split() for one in found)
    before = orphans(book, people, dt.date(2026, 8, 31))
    assert Worry.OWNER_LEFT not in what(before)
