from __future__ import annotations

from pathlib import Path

import pytest

from crmusage.rules import Rulebook, Status
from crmusage.testing import Truth, simulate

from .conftest import Run


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two years of a company with a department that enters its opportunities late."""
    return simulate("late-creation", seed=0, opportunities=8_000).write(tmp_path_factory.mktemp("late"))


def test_the_planted_usage_is_told_in_both_languages_and_saved_as_a_rule(
    run: Run, late: Path, tmp_path: Path
) -> None:
    unit = Truth.read(late).planted[0].unit
    english = run("discover", late, "--full")
    assert english.code == 1
    assert f"1. {unit}: " in english.out
    assert "Cases that show it:" in english.out
    french = run("discover", late, "--lang", "fr", "--save", tmp_path / "found")
    assert "1 usage non écrit dans" in french.out
    assert max(map(len, (english.out + french.out).splitlines())) <= 110
    rules = Rulebook.load(tmp_path / "found")
    assert {rule.status for rule in rules} == {Status.OBSERVED}
    assert rules.rules[0].applies_to.unit == (unit,)


def test_where_nothing_is_found_the_command_ends_with_nothing(run: Run, honest: Path, usages: Path) -> None:
    ran = run("discover", honest, "--by", "unit", "--rules", usages)
    assert ran.code == 0
    assert "0 unwritten usages" in ran.out


def test_a_person_cannot_be_asked_for(run: Run, honest: Path) -> None:
    ran = run("discover", honest, "--by", "owner")
    assert ran.code == 2
    assert "unit" in ran.err


def test_the_command_shows_an_example(run: Run) -> None:
    assert "crmusage discover " in run("discover", "--help").out.split("Example:\n")[1]
