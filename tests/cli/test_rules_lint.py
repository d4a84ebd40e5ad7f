from __future__ import annotations

from pathlib import Path

import pytest

from crmusage.model import Text
from crmusage.rules import Constraint, Rulebook, UsageRule

from .conftest import Run


def usages(folder: Path, **expect: Constraint) -> Path:
    Rulebook(UsageRule(name, Text("en", "fr"), expect=(c,)) for name, c in expect.items()).save(folder)
    return folder


def test_rules_that_contradict_leave_with_1_and_the_case_that_shows_it(run: Run, tmp_path: Path) -> None:
    folder = usages(tmp_path, must=Constraint("existence", "call"), never=Constraint("absence", "call"))
    ran = run("rules", "lint", folder)
    assert ran.code == 1
    assert ran.out.startswith("RL201  contradiction\n")
    assert "The case \"call\" keeps 'must' and breaks 'never'." in " ".join(ran.out.split())
    french = " ".join(run("rules", "lint", folder, "--lang", "fr").out.split())
    assert "Le dossier « call » respecte « must » et enfreint « never »." in french


def test_rules_that_go_together_leave_with_0(run: Run, tmp_path: Path) -> None:
    folder = usages(tmp_path, one=Constraint("existence", "call"), two=Constraint("absence", "email"))
    assert run("rules", "lint", folder) == (0, "", "")


def test_a_declare_model_is_linted_too(run: Run, tmp_path: Path) -> None:
    model = tmp_path / "model.decl"
    model.write_text("activity a\nExistence[a] | |\nAbsence[a] | |\n")
    assert run("rules", "lint", model).code == 1


@pytest.mark.parametrize("name", ["nowhere", "nowhere.decl"])
def test_what_cannot_be_read_leaves_with_2(run: Run, tmp_path: Path, name: str) -> None:
    ran = run("rules", "lint", tmp_path / name)
    assert ran.code == 2
    assert ran.out == ""
    assert "nowhere" in ran.err


def test_its_help_shows_an_example(run: Run) -> None:
    ran = run("rules", "lint", "--help")
    assert "crmusage rules lint usages/" in ran.out
