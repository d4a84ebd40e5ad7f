from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from crmusage.adoptability import load_balance
from crmusage.cli import main
from crmusage.errors import BookError, SourceError
from crmusage.knowledge import load_plan
from crmusage.programme import Folder, begin_folder, load_folder

FOLDER = Path("examples/programme")


def test_a_folder_is_read_by_the_names_of_its_files(tmp_path: Path):
    for name in ("survey.csv", "balance.toml", "plan.toml"):
        shutil.copy(FOLDER / name, tmp_path)
    text = (FOLDER / "answers.toml").read_text(encoding="utf-8")
    first, second = text.split("[[assessor]]")[1:]
    (tmp_path / "answers-director.toml").write_text(f"[[assessor]]{first}", encoding="utf-8")
    (tmp_path / "answers-manager.toml").write_text(f"[[assessor]]{second}", encoding="utf-8")
    assert load_folder(tmp_path) == load_folder(FOLDER)


def test_what_is_not_there_is_none(tmp_path: Path):
    shutil.copy(FOLDER / "plan.toml", tmp_path)
    found = load_folder(tmp_path)
    assert found == Folder(plan=found.plan)
    assert found.plan is not None


def test_the_faults_of_all_files_are_told_at_once(tmp_path: Path):
    (tmp_path / "survey.csv").write_text("unit,fits-dya\nWest,3\n", encoding="utf-8")
    (tmp_path / "plan.toml").write_text("months = 0\n", encoding="utf-8")
    (tmp_path / "answers.toml").write_text("[[assessor]]\n", encoding="utf-8")
    with pytest.raises(BookError) as caught:
        load_folder(tmp_path)
    assert {Path(fault.where).name for fault in caught.value.faults} == {
        "survey.csv",
        "plan.toml",
        "answers.toml",
    }


def test_a_folder_with_nothing_and_no_folder_are_refused(tmp_path: Path):
    with pytest.raises(SourceError, match="--begin"):
        load_folder(tmp_path)
    with pytest.raises(SourceError, match="is no folder"):
        load_folder(tmp_path / "none")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_begun_folder_counts_as_not_filled_in_until_somebody_has(tmp_path: Path, lang: str):
    written = begin_folder(tmp_path / "new", lang)
    assert sorted(file.name for file in written) == [
        "answers.toml",
        "balance.toml",
        "plan.toml",
        "questions.txt",
        "survey.csv",
    ]
    found = load_folder(tmp_path / "new")
    assert sorted(found.untouched) == ["answers.toml", "balance.toml", "plan.toml", "survey.csv"]
    assert found.survey is found.balance is found.plan is None
    assert found.sheets == ()


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_examples_in_a_begun_folder_are_sound_once_their_mark_is_gone(tmp_path: Path, lang: str):
    begin_folder(tmp_path, lang)
    for name in ("balance.toml", "plan.toml"):
        file = tmp_path / name
        lines = file.read_text(encoding="utf-8").splitlines()
        roles = [
            line.removeprefix("# ") if line.startswith("# ") and " = " in line else line for line in lines
        ]
        file.write_text("\n".join(line for line in roles if not line.startswith("example")), encoding="utf-8")
    assert load_balance(tmp_path / "balance.toml").groups[0].users
    ownership = load_plan(tmp_path / "plan.toml").ownership
    assert ownership is not None
    assert ownership.sponsor
    assert ownership.champion_deputy


def test_beginning_again_writes_over_nothing(tmp_path: Path):
    begin_folder(tmp_path)
    (tmp_path / "plan.toml").write_text("mine", encoding="utf-8")
    (tmp_path / "balance.toml").unlink()
    assert [file.name for file in begin_folder(tmp_path)] == ["balance.toml"]
    assert (tmp_path / "plan.toml").read_text(encoding="utf-8") == "mine"


def test_the_command_tells_the_programme_writes_it_and_ends_with_next_steps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    page, data = tmp_path / "p.html", tmp_path / "p.json"
    assert main(["programme", str(FOLDER), "--html", str(page), "--json", str(data), "--lang", "fr"]) == 1
    told = capsys.readouterr().out
    assert "La suite, dans cet ordre" in told
    assert "<svg" in page.read_text(encoding="utf-8")
    assert json.loads(data.read_text(encoding="utf-8"))["findings"] is None


def test_the_command_begins_a_folder_and_says_what_nobody_has_filled_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["programme", str(tmp_path), "--begin", "--lang", "en"]) == 0
    assert str(tmp_path / "answers.toml") in capsys.readouterr().out
    assert main(["programme", str(tmp_path), "--json", "-", "--lang", "en"]) == 0
    out = capsys.readouterr()
    assert json.loads(out.out)["next"] == []
    assert "plan.toml is not filled in yet" in out.err


def test_rules_without_an_export_are_refused(capsys: pytest.CaptureFixture[str]):
    for command in (["programme", str(FOLDER)], ["maturity", f"{FOLDER}/answers.toml"]):
        assert main([*command, "--rules", "examples/usages"]) == 2
        assert "give --export as well" in capsys.readouterr().err
