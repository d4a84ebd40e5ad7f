"""The history of a rule stands in its file, and is read from it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import attrs
import pytest

from crmusage.errors import BookError
from crmusage.model import Text
from crmusage.rules import Change, Constraint, Duration, Move, Rulebook, Situation, UsageRule
from crmusage.rules._reading import read

FILE = """\
# Half of the double offers were never closed.
id = "second-offer"
version = 3
owner = "sales-ops"   # ask for Ana

[situation]
id = "offers"   # as in the rule on discounts
en = "The customer asks for a second offer"
fr = "Le client demande une deuxième offre"

[[expect]]
template = "response"
activity = "quote_sent"
target = "call"
within = { days = 4 }   # what the customers accept

[[history]]
version = 2
verb = "adopt"
at = 2026-01-12   # at the sales meeting
who = "ana"
why = "Agreed by all regions"
# No change since.
"""
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
HEAD = 'id = "r"\nversion = 2\nsituation = { en = "a", fr = "b" }\n'
ENTRY = '[[history]]\nversion = 1\nverb = "propose"\nat = 2026-01-12\nwho = "ana"\nwhy = "asked"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "second-offer.toml").write_text(FILE, "utf-8")
    return tmp_path


def test_who_did_what_when_and_why_is_read_from_the_file(folder: Path) -> None:
    rule = Rulebook.load(folder)["second-offer"]

    at = dt.datetime(2026, 1, 12, tzinfo=dt.UTC)
    assert rule.history == (Change(2, Move.ADOPT, at, "ana", "Agreed by all regions"),)
    assert rule.situation == Situation(
        "The customer asks for a second offer", "Le client demande une deuxième offre", "offers"
    )


def test_a_version_raised_by_hand_does_not_say_since_when(folder: Path) -> None:
    assert Rulebook.load(folder)["second-offer"].since is None


def test_an_amendment_changes_its_lines_and_joins_the_history_with_every_comment_kept(folder: Path) -> None:
    book = Rulebook.load(folder)
    (expect,) = book["second-offer"].expect
    sooner = attrs.evolve(expect, within=Duration(days=2))

    book.amend("second-offer", expect=[sooner], who="ben", why="They wait too long", at=NOON).save(folder)

    after = (folder / "second-offer.toml").read_text("utf-8")
    assert after == FILE.replace("version = 3", "version = 4").replace("days = 4", "days = 2").replace(
        "# No change since.\n",
        '\n[[history]]\nversion = 4\nverb = "amend"\nat = 2026-03-02T12:00:00Z\nwho = "ben"\n'
        'why = "They wait too long"\n[history.what]\n'
        "en = \"After 'quote_sent', 'call' follows: from now on within 2 days instead of 4.\"\n"
        'fr = "Après « quote_sent » vient « call » : désormais dans un délai de 2 jours au lieu de 4."\n'
        "# No change since.\n",
    )


def test_a_rule_lives_through_its_file(tmp_path: Path) -> None:
    rule = UsageRule("r", Text("a", "b"), expect=(Constraint("init", "created"),))
    by = {"who": "ana", "why": "asked", "at": NOON}
    book = Rulebook().propose(rule, **by).save(tmp_path)
    for step in (
        lambda book: book.adopt("r", owner="ana", **by),
        lambda book: book.amend("r", guidance=Text("First\nthings first", "D'abord\nl'essentiel"), **by),
        lambda book: book.retire("r", **by),
        lambda book: book.propose(rule, **by),
        lambda book: book.forbid("r", **by),
    ):
        book = step(book).save(tmp_path)
        assert Rulebook.load(tmp_path) == book

    verbs = [change.verb for change in Rulebook.load(tmp_path)["r"].history]
    assert verbs == [Move.PROPOSE, Move.ADOPT, Move.AMEND, Move.RETIRE, Move.PROPOSE, Move.FORBID]


def test_the_second_of_two_writers_is_told_who_was_first_and_why(folder: Path) -> None:
    first, second = Rulebook.load(folder), Rulebook.load(folder)
    first.retire("second-offer", who="ana", why="No longer sold", at=NOON).save(folder)

    with pytest.raises(BookError) as caught:
        second.amend("second-offer", owner="ben", who="ben", why="Ana is away").save(folder)

    (fault,) = caught.value.faults
    assert fault.what == (
        "was changed by somebody else since the rule was loaded (retire by ana on 2026-03-02: No longer sold): "
        "load it again and make the change there"
    )


def test_a_change_by_hand_is_refused_without_naming_who_made_an_older_one(folder: Path) -> None:
    book = Rulebook.load(folder)
    (folder / "second-offer.toml").write_text(FILE.replace("sales-ops", "support"), "utf-8")

    with pytest.raises(BookError, match="since the rule was loaded: load it again"):
        book.retire("second-offer", who="ben", why="No longer sold").save(folder)


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        (
            ENTRY.replace("propose", "adopted"),
            "history[0].verb",
            "unknown verb 'adopted': did you mean adopt?",
        ),
        (
            ENTRY.replace("2026-01-12", '"2026-01-12"'),
            "history[0].at",
            "takes a day or a time, without quotes",
        ),
        (ENTRY.replace("2026-01-12", "2026-01-12T09:00:00"), "history[0].at", "needs its zone"),
        (ENTRY.replace('"ana"', '" "'), "history[0].who", "is empty"),
        (ENTRY.replace('why = "asked"', ""), "history[0].why", "is missing: why it was done"),
        (ENTRY.replace("version = 1", "version = 0"), "history[0].version", "a whole number from 1, not 0"),
        (ENTRY + 'what = { en = "a" }', "history[0].what.fr", "is missing"),
        (ENTRY + 'by = "ben"', "history[0].by", "the keys here are version, verb, at, who, why, what"),
        (
            ENTRY.replace("version = 1", "version = 3"),
            "history",
            "tells of version 3, the rule itself is version 2",
        ),
        (ENTRY.replace("version = 1", "version = 2") + ENTRY, "history", "rise, unlike [2, 1]"),
    ],
)
def test_each_fault_of_a_history_names_its_key(text: str, key: str, says: str) -> None:
    rule, (fault,) = read(HEAD + text, "r.toml")

    assert rule is None
    assert fault.key == key
    assert says in fault.what


def test_the_id_of_a_situation_is_made_like_that_of_a_rule() -> None:
    rule, (fault,) = read('id = "r"\nsituation = { id = "Two Offers", en = "a", fr = "b" }\n', "r.toml")

    assert rule is None
    assert fault.key == "situation.id"
    assert "is made of small letters" in fault.what
