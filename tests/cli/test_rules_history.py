from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import attrs
import pytest

from crmusage.model import Text
from crmusage.rules import Constraint, Duration, Rulebook, UsageRule, schema

from .conftest import Run

CALL = Constraint("response", "quote_sent", "call", within=Duration(days=4))
RULE = UsageRule(
    "called", Text("A quote is out", "Un devis est parti"), guidance=Text("Call.", "Appelez."), expect=[CALL]
)
BY = {"who": "Ana", "at": dt.date(2026, 3, 1)}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    Rulebook([RULE, attrs.evolve(RULE, id="other")]).save(tmp_path / "old")
    return tmp_path / "old"


@pytest.fixture
def new(tmp_path: Path, old: Path) -> Path:
    sooner = [attrs.evolve(CALL, within=Duration(days=2))]
    book = Rulebook.load(old).amend("called", expect=sooner, why="Customers wait", **BY)
    book.amend(
        "called", guidance=Text("Call.\nSay why.", "Appelez.\nDites pourquoi."), why="Asked", **BY
    ).save(tmp_path / "new")
    return tmp_path / "new"


def test_what_is_different_is_told_in_words_and_leaves_with_1(run: Run, old: Path, new: Path) -> None:
    ran = run("rules", "diff", old, new)

    assert ran.code == 1
    assert ran.out == (
        "called\n"
        "  This is version 3 instead of 1.\n"
        "  The guidance is worded anew.\n"
        "      + Say why.\n"
        "  After 'quote_sent', 'call' follows: from now on within 2 days instead of 4.\n"
    )


def test_it_is_told_in_french_too(run: Run, old: Path, new: Path) -> None:
    said = run("rules", "diff", old, new, "--lang", "fr").out.replace("\N{NO-BREAK SPACE}", " ")

    assert "Après « quote_sent » vient « call » : désormais dans un délai de 2 jours au lieu de 4." in said
    assert "+ Dites pourquoi." in said


def test_no_difference_leaves_with_0(run: Run, old: Path) -> None:
    assert run("rules", "diff", old, old) == (0, "No difference.\n", "")


def test_two_files_are_held_against_each_other_whatever_their_ids(run: Run, old: Path) -> None:
    ran = run("rules", "diff", old / "called.toml", old / "other.toml")

    assert (ran.code, ran.out) == (1, "other\n  The rule is called other instead of called.\n")


def test_the_history_of_a_rule_tells_who_did_what_when_and_why(run: Run, new: Path) -> None:
    ran = run("rules", "history", new, "called")

    assert ran.code == 0
    assert ran.out.replace("\N{NO-BREAK SPACE}", " ") == (
        "called  v3  active\n"
        "  v2  Amended by Ana on 1 March 2026: Customers wait.\n"
        "      After 'quote_sent', 'call' follows: from now on within 2 days instead of 4.\n"
        "  v3  Amended by Ana on 1 March 2026: Asked.\n"
        "      The guidance is worded anew.\n"
    )
    french = run("rules", "history", new / "called.toml", "--lang", "fr").out.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "v2  Modifiée par Ana le 1er mars 2026 : Customers wait." in french


def test_a_rule_without_a_history_says_so(run: Run, new: Path) -> None:
    assert "other  v1  active\n  Its file tells of no change.\n" in run("rules", "history", new).out


def test_an_unknown_rule_is_named_with_the_nearest_there_is(run: Run, new: Path) -> None:
    ran = run("rules", "history", new, "caled")

    assert (ran.code, ran.out) == (2, "")
    assert "no rule is called 'caled'. Did you mean called?" in ran.err


@pytest.mark.parametrize("command", ["diff", "history"])
def test_what_cannot_be_read_leaves_with_2(run: Run, tmp_path: Path, command: str) -> None:
    ran = run("rules", command, *[tmp_path / "nowhere"] * (2 if command == "diff" else 1))

    assert (ran.code, ran.out) == (2, "")
    assert "nowhere" in ran.err


def test_names_that_could_drive_a_terminal_are_made_visible(run: Run, tmp_path: Path) -> None:
    Rulebook().propose(RULE, who="A\x1b[2Jna", why="b").save(tmp_path)

    assert "\x1b" not in run("rules", "history", tmp_path).out


def test_the_schema_is_printed_as_json(run: Run) -> None:
    ran = run("rules", "schema")

    assert ran.code == 0
    assert json.loads(ran.out) == schema()
