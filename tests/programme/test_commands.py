"""The commands of the programme, alike in what they take and what they write; and answers beside a history."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from crmusage.cli import main
from crmusage.maturity import Verb
from crmusage.programme import begin_folder, load_folder, overview
from tests.signals.company import DAY, END, case, entry, login, meetings, people

FOLDER = Path("examples/programme")


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty people who use the tool on the eve of controls alone, but for the managers, who do not."""
    folder = tmp_path_factory.mktemp("export")
    held = meetings()
    rows = [entry(k, k, row["starts_at"] - DAY / 12) for k in range(5, 20) for row in held]
    opened = [login(k, row["starts_at"] - DAY / 12) for k in range(5, 20) for row in held]
    tables = {
        "cases": [case(k, k) for k in range(20)],
        "events": [entry(0, 0, END - 200 * DAY), *rows],
        "people": people(),
        "calendar": held,
        "sessions": opened,
    }
    for name, table in tables.items():
        pl.DataFrame(table).write_csv(folder / f"{name}.csv")
    return folder


def run(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main([*words, "--lang", "en"]) == 1
    return re.sub(r"\s+", " ", capsys.readouterr().out)


def test_answers_and_figures_stand_beside_each_other_and_their_disagreement_is_said(
    export: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    page = tmp_path / "page.html"
    words = ("adoptability", str(FOLDER / "survey.csv"), "--export", str(export))
    told = run(capsys, *words, "--html", str(page))
    assert "Most use falls around controls" in told
    assert "weeks in which managers use it themselves: 0% (0" in told
    assert "no session says what it was on" in told
    html = page.read_text(encoding="utf-8")
    assert "Use under pressure?" in html
    assert "no session says what it was on" in html
    value = json.loads(run(capsys, *words, "--json", "-"))
    assert value["coercion"]["verdict"] == "poor"
    assert {one["criterion"] for one in value["indicators"]} == {
        "compatibility",
        "accessibility",
        "availability",
        "reassurance",
        "advantage",
    }


def test_what_a_history_cannot_show_is_said_in_french(export: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["adoptability", str(FOLDER / "survey.csv"), "--export", str(export), "--lang", "fr"]) == 1
    told = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert "aucune session n’indique l’appareil utilisé" in told
    assert not re.search(r"no session|fewer than|the calendar has", told)
    assert main(["maturity", str(FOLDER / "answers.toml"), "--export", str(export), "--lang", "fr"]) == 1
    told = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert "non connu (aucune règle écrite n’est en vigueur)" in told
    assert not re.search(r"no written|nobody is", told)


def test_maturity_shows_evidence_apart_from_answers(export: Path, capsys: pytest.CaptureFixture[str]):
    told = run(capsys, "maturity", str(FOLDER / "answers.toml"), "--export", str(export))
    assert "What a history shows, beside the answers - weeks in which managers use it themselves: 0%" in told
    assert "Where answers and history differ - The answer is yes; the history says otherwise" in told


def test_the_programme_goes_from_a_history_and_sheets_to_what_next(
    export: Path, capsys: pytest.CaptureFixture[str]
):
    told = run(capsys, "programme", str(FOLDER), "--export", str(export), "--rules", "examples/usages")
    first, stop, give = (
        told.index(part)
        for part in (
            "1. Check with those who know the data: Managers",
            "Ask what people would enter",
            "Cut down:",
        )
    )
    assert told.index("What next, in this order") < first < stop < give


@pytest.mark.parametrize(
    "words",
    [
        ("adoptability", str(FOLDER / "survey.csv")),
        ("maturity", str(FOLDER / "answers.toml")),
        ("knowledge", str(FOLDER / "plan.toml")),
        ("programme", str(FOLDER)),
    ],
)
def test_every_command_writes_a_page_and_json_in_the_same_way(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    page, file = tmp_path / "x.html", tmp_path / "x.json"
    assert main([*words, "--html", str(page), "--json", str(file), "--lang", "fr"]) == 1
    assert not capsys.readouterr().out.startswith("{")
    assert main([*words, "--json", "-"]) == 1
    printed = capsys.readouterr().out
    assert file.read_text(encoding="utf-8") == printed
    assert json.loads(printed)["schema"] == 1
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_sheet_filled_in_french_gives_a_plan_that_follows_from_it(tmp_path: Path):
    begin_folder(tmp_path, "fr")
    file = tmp_path / "answers.toml"
    text = file.read_text(encoding="utf-8")
    said = {
        "users-trained": "oui",
        "users-encouraged": "oui",
        "basics-written": "non",
        "data-checked": "en partie",
        "system-stable": "oui",
        "daily-work-covered": "oui",
        "questions-answered": "oui",
    }
    for practice, answer in said.items():
        text = text.replace(f'{practice} = "inconnu"', f'{practice} = "{answer}"')
    file.write_text(text, encoding="utf-8")
    found = overview(sheets=load_folder(tmp_path).sheets).maturity
    assert found is not None
    work = [(step.verb, step.practice.id) for step in found.plan if step.works]
    assert work == [(Verb.BEGIN, "basics-written"), (Verb.FINISH, "data-checked")]


def test_answer_sheets_alone_need_no_dataframe_library(tmp_path: Path):
    code = f"""
import sys


class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {{"polars", "numpy", "scipy", "jinja2"}}:
            raise ModuleNotFoundError(name, name=name.split(".")[0])


sys.meta_path.insert(0, Missing())
from crmusage.cli import main

sheets = ["programme", {str(FOLDER)!r}]
print(main([*sheets, "--html", {str(tmp_path / "page.html")!r}]), main([*sheets, "--export", "export"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "1 2"
    assert "pip install 'crmusage[analysis]'" in done.stderr
    assert "<svg" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_sheets_that_are_there_are_not_written_over_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "programme")
    assert main(["programme", folder, "--begin"]) == 0
    assert "survey.csv" in capsys.readouterr().out
    assert main(["programme", folder, "--begin", "--lang", "fr"]) == 0
    again = capsys.readouterr()
    assert again.out == ""
    assert "aucune n’a été créée" in again.err
