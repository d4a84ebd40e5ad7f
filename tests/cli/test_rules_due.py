from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from crmusage.model import Text
from crmusage.rules import Compare, Constraint, Op, Review, Rulebook, UsageRule, starter

from .conftest import Run


@pytest.fixture
def usages(tmp_path: Path) -> Path:
    rule = UsageRule("a-rule", Text("Something", "Quelque chose"), owner="ann", review=Review("FREQ=MONTHLY"))
    Rulebook().adopt(rule, who="ops", why="why", at=dt.date(2026, 1, 12)).save(tmp_path / "usages")
    return tmp_path / "usages"


def test_nothing_due_leaves_with_0_and_says_nothing(run: Run, usages: Path) -> None:
    assert run("rules", "due", usages, "--on", "2026-02-11") == (0, "", "")


def test_a_review_that_is_due_leaves_with_1_and_can_be_seen_coming(run: Run, usages: Path) -> None:
    ran = run("rules", "due", usages, "--on", "2026-02-11", "--ahead", "1")
    assert ran.code == 1
    assert ran.out.splitlines()[0] == "a-rule  review  2026-02-12"
    french = run("rules", "due", usages, "--on", "2026-03-01", "--lang", "fr")
    assert french.out.splitlines()[0] == "a-rule  révision  2026-02-12"
    assert "est due depuis le 12" in " ".join(french.out.split())


def test_owners_and_readings_are_looked_at_where_they_are_given(
    run: Run, usages: Path, tmp_path: Path
) -> None:
    (tmp_path / "who.csv").write_text("person_id,ends_on\nann,2026-01-31\nbob,\n", encoding="utf-8")
    (tmp_path / "read.csv").write_text("rule_id,version,person_id,at\n", encoding="utf-8")
    ran = run(
        "rules", "due", usages, "--on", "2026-02-11",
        "--people", tmp_path / "who.csv", "--acknowledgements", tmp_path / "read.csv",
    )  # fmt: skip
    assert ran.code == 1
    heads = [line for line in ran.out.splitlines() if not line.startswith(" ")]
    assert heads == ["a-rule  owner gone  2026-01-31", "a-rule  never announced  2026-01-12"]


def test_gap_reports_are_told_until_they_are_answered(run: Run, usages: Path, tmp_path: Path) -> None:
    (tmp_path / "gaps").mkdir()
    report = 'id = "g"\nwords = "And now?\x1b[31m"\nwho = "bob"\non = 2026-02-01\n'.replace("\x1b", "\\u001b")
    (tmp_path / "gaps" / "g.toml").write_text(report, encoding="utf-8")
    due = ["rules", "due", usages, "--on", "2026-02-11", "--gaps", tmp_path / "gaps"]
    ran = run(*due)
    assert ran.code == 1
    assert ran.out.startswith("g  gap reported  2026-02-01\n")
    assert "\x1b" not in ran.out
    answer = '\n[answer]\nwho = "ops"\non = 2026-02-02\nrefused = "Once in ten years."\n'
    (tmp_path / "gaps" / "g.toml").write_text(report + answer, encoding="utf-8")
    assert run(*due) == (0, "", "")


def test_a_history_tells_of_people_of_what_they_have_read_and_of_rules_that_do_nothing(
    run: Run, honest: Path, tmp_path: Path
) -> None:
    rules = [
        UsageRule(
            name,
            Text("Something", "Quelque chose"),
            owner="manager",
            expect=[Constraint("response", "quote_sent", "call", where=Compare("amount", Op.GE, least))],
        )
        for name, least in (("lives", 0), ("dead", 1e12))
    ]
    book = Rulebook()
    for rule in rules:
        book = book.adopt(rule, who="ops", why="why", at=dt.date(2026, 1, 12))
    book.save(tmp_path / "usages")
    due = ["rules", "due", tmp_path / "usages", "--on", "2026-09-30"]
    assert run(*due) == (0, "", "")
    ran = run(*due, "--history", honest)
    assert ran.code == 1
    heads = [line for line in ran.out.splitlines() if not line.startswith(" ")]
    assert heads == ["dead  dead rule"]
    assert ran.err == ""
    # What a history tells of readings counts too; a file given besides takes its place.
    shutil.copytree(honest, tmp_path / "export")
    readings = "rule_id,version,person_id,at\nlives,1,u00001,2026-02-01T09:00:00Z\n"
    (tmp_path / "export" / "acknowledgements.csv").write_text(readings, encoding="utf-8")
    ran = run(*due, "--history", tmp_path / "export")
    heads = [line for line in ran.out.splitlines() if not line.startswith(" ")]
    assert heads == ["dead  never announced  2026-01-12", "dead  dead rule"]
    (tmp_path / "who.csv").write_text("person_id,profile\nu00001,boss\n", encoding="utf-8")
    ran = run(*due, "--history", tmp_path / "export", "--people", tmp_path / "who.csv")
    assert "lives  owner unknown" in ran.out


def test_a_company_in_one_place_gives_the_starter_rules_its_clock(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "starter"
    assert run("rules", "starter", "--out", out, "--zone", "Europe/Paris").code == 0
    zones = {rule.id: rule.zone for rule in Rulebook.load(out)}
    assert zones == {rule.id: rule.zone and "Europe/Paris" for rule in starter()}
    assert "# noon is noon where you are" in (out / "monday-update.toml").read_text("utf-8")
    ran = run("rules", "starter", "--out", tmp_path / "other", "--zone", "Paris")
    assert ran.code == 2
    assert "'Paris' is not the name of a time zone" in ran.err


@pytest.mark.parametrize("bad", [["--gaps", "nowhere"], ["--people", "nowhere.csv"], ["--on", "soon"]])
def test_bad_input_leaves_with_2(run: Run, usages: Path, bad: list[str]) -> None:
    ran = run("rules", "due", usages, *bad)
    assert ran.code == 2
    assert bad[1] in ran.err


def test_the_starter_rulebook_tells_in_french_where_it_comes_from(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "starter"
    ran = run("rules", "starter", "--out", out, "--kind", "request", "--on", "2026-01-05", "--lang", "fr")
    assert ran.out.endswith(f"les vôtres.\nEnsuite : crmusage rules list {out}\n")
    assert {rule.history[0].why for rule in Rulebook.load(out)} == {"repris du référentiel de départ"}
    told = run("rules", "history", out, "--lang", "fr").out
    assert "active" not in told.split()


def test_the_starter_rulebook_is_written_in_force_from_a_day_on_and_never_over_other_rules(
    run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "starter"
    ran = run("rules", "starter", "--out", out, "--kind", "opportunity", "--on", "2026-01-05", "--who", "ops")
    assert ran.code == 0
    assert ran.out.startswith(f"Wrote 9 rules to {out}.")
    book = Rulebook.load(out)
    assert {(rule.version, rule.history[0].who, rule.history[0].at.date()) for rule in book} == {
        (1, "ops", dt.date(2026, 1, 5))
    }
    assert run("rules", "lint", out) == (0, "", "")
    listed = run("rules", "list", out, "--lang", "fr").out
    assert listed.count("en vigueur") == 9
    assert "active" not in listed.split()
    # What it says besides, every comment included, is what the package holds.
    monday = (out / "monday-update.toml").read_text("utf-8")
    assert monday.startswith(starter()["monday-update"].source or "?")
    edited = out / "monday-update.toml"
    edited.write_text(edited.read_text("utf-8").replace("FREQ=WEEKLY", "FREQ=DAILY", 1), encoding="utf-8")
    before = edited.read_bytes()
    again = run("rules", "starter", "--out", out, "--on", "2026-01-05", "--who", "ops")
    assert again.code == 2
    assert "already holds a rule 'monday-update'" in again.err or "monday-update" in again.err
    assert edited.read_bytes() == before
    assert len(list(out.iterdir())) == 9
