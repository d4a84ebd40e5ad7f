from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from crmusage.model import Text
from crmusage.rules import Communication, Constraint, Duration, Rulebook, UsageRule

from .conftest import Run

PEOPLE = """person_id,unit,profile,starts_on,ends_on,is_human
ann,Lyon,rep,,,true
bob,Lyon,rep,2026-06-01,,true
../eve,Lyon,rep,,,true
Ann,Lyon,rep,,,true
gone,Lyon,rep,,2026-01-31,true
robot,Lyon,rep,,,false
zoe,Paris,rep,,,true
"""
ACKNOWLEDGEMENTS = """rule_id,version,person_id,at
two-offers,1,ann,2026-02-01T09:00:00Z
two-offers,1,zoe,2026-02-01T09:00:00Z
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A rulebook with a rule in force since January, people, and what they have read."""
    rule = UsageRule(
        "two-offers",
        Text("The customer wants two offers", "Un client demande deux propositions au choix"),
        owner="sales-ops",
        guidance=Text("One opportunity, two quotes.", "Une opportunité, deux devis."),
        expect=[Constraint("response", "quote_accepted", "quote_declined")],
        communication=Communication(audience={"profile": ["rep"]}, newcomers_within=Duration(days=14)),
    )
    Rulebook().adopt(rule, who="ops", why="why", at=dt.date(2026, 1, 12)).save(tmp_path / "usages")
    (tmp_path / "who.csv").write_text(PEOPLE, encoding="utf-8")
    (tmp_path / "read.csv").write_text(ACKNOWLEDGEMENTS, encoding="utf-8")
    return tmp_path


def announce(run: Run, place: Path, *more: object):
    return run(
        "rules", "announce", place / "usages", "--people", place / "who.csv",
        "--acknowledgements", place / "read.csv", "--on", "2026-06-10", *more,
    )  # fmt: skip


def test_each_person_who_has_something_to_read_gets_a_letter_of_their_own(run: Run, place: Path) -> None:
    ran = announce(run, place, "--out", place / "letters")
    assert ran == (0, f"Wrote 3 letters to {place / 'letters'}: 2 new, 1 newcomer.\n", "")
    ran = announce(run, place, "--out", place / "lettres", "--lang", "fr")
    said = f"3 lettres écrites dans {place / 'lettres'} : règle nouvelle (2), nouvel arrivant (1).\n"
    assert ran == (0, said, "")
    listed = json.loads((place / "letters" / "letters.json").read_text(encoding="utf-8"))
    assert [entry["to"] for entry in listed] == ["../eve", "Ann", "bob"]
    assert listed[2]["notices"] == [
        {"rule": "two-offers", "version": 1, "why": "newcomer", "since": "2026-06-01", "due": "2026-06-15"}
    ]
    files = {file.name for file in (place / "letters").iterdir()}
    assert files == {"letters.json", *(entry["file"] for entry in listed)}
    # No two of them in one file, not even where capitals do not count; and none outside of the folder.
    assert len({name.lower() for name in files}) == 4
    assert "bob.md" in files
    assert "You joined us on 1\N{NO-BREAK SPACE}June 2026" in (place / "letters" / "bob.md").read_text(
        "utf-8"
    )


def test_a_letter_of_last_time_is_not_sent_again(run: Run, place: Path) -> None:
    announce(run, place, "--out", place / "letters", "--format", "html", "--lang", "fr")
    page = (place / "letters" / "bob.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "Un client demande deux propositions au choix" in page
    everybody = ACKNOWLEDGEMENTS + "".join(
        f"two-offers,1,{who},2026-06-02T09:00:00Z\n" for who in ("bob", "../eve", "Ann")
    )
    (place / "read.csv").write_text(everybody, encoding="utf-8")
    ran = announce(run, place, "--out", place / "letters")
    assert ran.out.endswith(": nobody has anything to read.\n")
    assert [file.name for file in (place / "letters").iterdir()] == ["letters.json"]


def test_a_folder_that_holds_other_things_is_left_alone(run: Run, place: Path) -> None:
    ran = announce(run, place, "--out", place / "usages")
    assert ran.code == 2
    assert "holds files that are no letters" in ran.err
    assert [file.name for file in (place / "usages").iterdir()] == ["two-offers.toml"]


def test_without_a_folder_the_letters_are_printed(run: Run, place: Path) -> None:
    ran = announce(run, place)
    assert ran.code == 0
    assert ran.out.count("# A usage to read\n") == 3
    assert ran.err == ""


def test_rows_that_cannot_be_used_and_rules_that_reach_nobody_are_told(run: Run, place: Path) -> None:
    (place / "who.csv").write_text("person_id,profile\nann,boss\n,rep\n", encoding="utf-8")
    ran = announce(run, place)
    assert ran.code == 0
    assert ran.out == ""
    assert "set aside: people: no person: 1" in ran.err
    assert "two-offers: Nobody is in its audience (profile: rep)." in ran.err


@pytest.mark.parametrize(
    ("people", "says"),
    [
        ("person_id,unit\nann,Lyon\nann,Paris\n", "'ann' is there more than once"),
        ("name,unit\nann,Lyon\n", "column person_id is needed and missing"),
    ],
)
def test_people_who_cannot_be_told_apart_are_bad_input(run: Run, place: Path, people: str, says: str) -> None:
    (place / "who.csv").write_text(people, encoding="utf-8")
    ran = announce(run, place)
    assert ran.code == 2
    assert says in ran.err


@pytest.mark.parametrize(
    "bad", [["--on", "yesterday"], ["--people", "nowhere.csv"], ["--acknowledgements", "who.txt"]]
)
def test_bad_input_leaves_with_2(run: Run, place: Path, bad: list[str]) -> None:
    ran = announce(run, place, *bad)
    assert ran.code == 2
    assert ran.out == ""
    assert bad[1] in ran.err


def test_coverage_is_told_by_unit_and_never_by_name(run: Run, place: Path) -> None:
    people = PEOPLE + "".join(f"p{n},Paris,rep,,,true\n" for n in range(8))
    (place / "who.csv").write_text(people, encoding="utf-8")
    covered = ["rules", "coverage", place / "usages", "--people", place / "who.csv", "--on", "2026-06-10"]
    ran = run(*covered, "--acknowledgements", place / "read.csv")
    assert ran.code == 0
    assert [line.split()[:4] for line in ran.out.splitlines()] == [["two-offers", "v1", "everybody", "2/13"]]
    ran = run(*covered, "--acknowledgements", place / "read.csv", "--min-group", "4", "--lang", "fr")
    assert [line.split()[2:4] for line in ran.out.splitlines()] == [
        ["tous", "2/13"],
        ["Lyon", "1/4"],
        ["Paris", "1/9"],
    ]
    assert "ann" not in ran.out
    (place / "who.csv").write_text(people + "q1,Metz,rep,,,true\nq2,,rep,,,true\n", encoding="utf-8")
    ran = run(*covered, "--lang", "fr")
    assert [line.split("  ")[2].strip() for line in ran.out.splitlines()] == [
        "tous",
        "Paris",
        "(petites unités)",
    ]


def test_few_people_have_no_coverage(run: Run, place: Path) -> None:
    ran = run(
        "rules",
        "coverage",
        place / "usages",
        "--people",
        place / "who.csv",
        "--on",
        "2026-01-01",
        "--min-group",
        7,
    )
    assert ran.code == 0
    assert "too few people" in ran.out
