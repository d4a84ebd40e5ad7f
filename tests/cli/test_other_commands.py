from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from crmusage import __version__
from crmusage.cli import _run, main
from crmusage.cli._options import language_of
from crmusage.detectors import Needs
from crmusage.errors import CrmUsageWarning
from crmusage.plugins import detectors
from crmusage.testing import SCENARIOS

from .conftest import Run


def test_the_version_is_told(run: Run) -> None:
    assert run("--version") == (0, f"crmusage {__version__}\n", "")


@pytest.mark.parametrize("command", ["check", "explain", "detectors", "simulate", "rules list"])
def test_every_command_shows_an_example(run: Run, command: str) -> None:
    ran = run(*command.split(), "--help")

    assert ran.code == 0
    assert "Example:\n" in ran.out
    assert f"crmusage {command} " in ran.out


def test_the_detectors_are_listed_by_code(run: Run) -> None:
    lines = run("detectors").out.splitlines()

    codes = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert codes == sorted(one.code for one in detectors())


@pytest.mark.parametrize("name", ["CU112", "cu112", "late-creation"])
def test_a_detector_is_explained_by_itself(run: Run, name: str) -> None:
    (one,) = (one for one in detectors() if one.code == "CU112")

    for lang in ("en", "fr"):
        out = " ".join(run("explain", name, "--lang", lang).out.split())
        assert one.title.into(lang) in out
        assert " ".join(one.about.into(lang).split()) in out
        assert all(column in out for column in one.needs.tables["cases"])


def test_a_detector_that_needs_activities_or_nothing_says_so(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = (one for one in detectors() if one.code == "CU112")

    class Busy(type(one)):
        needs = Needs(activities=("won",))

    class Modest(type(one)):
        code = "XY1"
        needs = Needs()

    monkeypatch.setattr("crmusage.plugins.detectors", lambda: (Busy(), Modest()))

    assert "Needs: events (won)" in run("explain", "CU112").out
    assert "Données requises : aucune en particulier" in run("explain", "xy1", "--lang", "fr").out


def test_every_detector_can_be_explained(run: Run) -> None:
    for one in detectors():
        assert run("explain", one.code).code == 0


@pytest.mark.parametrize(
    ("word", "near"), [("CU50", "CU50"), ("late-creaton", "late-creation"), ("xyz", None)]
)
def test_an_unknown_detector_leaves_with_2_and_the_nearest(run: Run, word: str, near: str) -> None:
    ran = run("explain", word)

    assert ran.code == 2
    assert (f"Did you mean {near}" if near else "There are: CU001, ") in ran.err


def test_scenarios_are_listed_and_nothing_is_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    out = run("simulate", "--list", "--lang", "fr").out

    assert all(name in out for name in SCENARIOS)
    assert "Faux-semblant" in out
    assert list(tmp_path.iterdir()) == []


SMALL = ("--departments", 3, "--months", 3, "--opportunities", 40, "--seed", 5)


def test_a_simulation_is_written_with_its_truth(run: Run, tmp_path: Path) -> None:
    ran = run("simulate", "--scenario", "none", "--out", tmp_path / "x", *SMALL)

    assert ran.code == 0
    assert {"cases.csv", "events.csv", "truth.json"} <= {p.name for p in (tmp_path / "x").iterdir()}
    assert f"Next: crmusage check {tmp_path / 'x'}" in ran.out


def test_the_same_seed_writes_the_same_files(run: Run, tmp_path: Path) -> None:
    for name in ("x", "y"):
        run("simulate", "--out", tmp_path / name, *SMALL)

    for file in (tmp_path / "x").iterdir():
        assert file.read_bytes() == (tmp_path / "y" / file.name).read_bytes()


def test_a_second_simulation_in_another_format_replaces_the_first(run: Run, tmp_path: Path) -> None:
    run("simulate", "--out", tmp_path, *SMALL)
    run("simulate", "--out", tmp_path, *SMALL, "--format", "parquet")

    assert {p.suffix for p in tmp_path.iterdir()} == {".parquet", ".json"}


def test_a_simulation_does_not_write_among_files_of_others(run: Run, tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text("precious", "utf-8")

    ran = run("simulate", "--out", tmp_path, *SMALL)

    assert ran.code == 2
    assert "no simulation wrote" in ran.err
    assert (tmp_path / "cases.csv").read_text("utf-8") == "precious"


@pytest.mark.parametrize(
    "options", [("--scenario", "late-craetion"), ("--departments", 0), ("--seed", -1), ("--format", "xlsx")]
)
def test_what_cannot_be_simulated_leaves_with_2(
    run: Run, tmp_path: Path, options: tuple[object, ...]
) -> None:
    ran = run("simulate", "--out", tmp_path / "x", *options)

    assert ran.code == 2
    assert "Traceback" not in ran.err
    assert not (tmp_path / "x").exists()


def test_rules_are_listed_with_their_situations(run: Run, usages: Path) -> None:
    ran = run("rules", "list", usages, "--lang", "fr")

    assert ran.code == 0
    assert (
        "alternative-offers           v1  en vigueur  opportunity  Un client demande deux propositions"
        in ran.out
    )


def test_a_folder_without_rules_leaves_with_2(run: Run, tmp_path: Path) -> None:
    assert run("rules", "list", tmp_path).code == 2


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({"LC_ALL": "fr_FR.UTF-8", "LANG": "en_US.UTF-8"}, "fr"),
        ({"LC_ALL": "C", "LANG": "fr_FR.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "fr_CA"}, "fr"),
        ({"LC_MESSAGES": "fr", "LANG": "en_US"}, "fr"),
        ({"LANG": "de_DE"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_is_that_of_the_environment(environment: dict[str, str], lang: str) -> None:
    assert language_of(environment) == lang


def _failing(error: BaseException) -> click.Command:
    def fail() -> None:
        raise error

    return click.Command("fail", callback=fail)


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (ZeroDivisionError("oops"), 70, "This is a fault of crmusage's own"),
        (PermissionError(13, "Permission denied", "r.html"), 2, "Error: r.html: Permission denied\n"),
        (OSError("odd"), 2, "Error: odd\n"),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(32, "Broken pipe"), 141, ""),
    ],
)
def test_no_failure_leaves_with_the_code_of_findings(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, says: str
) -> None:
    # click replaces both streams when a pipe is closed.
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    monkeypatch.setitem(_run.program.commands, "fail", _failing(error))

    ran = run("fail")

    assert ran.code == code
    assert says in ran.err


def test_warnings_of_others_are_told_with_their_place(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def warn() -> None:
        import warnings

        warnings.warn("ours", CrmUsageWarning, stacklevel=1)
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("theirs", DeprecationWarning, stacklevel=1)

    monkeypatch.setitem(_run.program.commands, "warn", click.Command("warn", callback=warn))

    err = run("warn").err.splitlines()

    assert err[0] == "Warning: ours"
    assert err[1].endswith("DeprecationWarning: theirs")


def test_without_click_there_is_one_sentence_with_the_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "click", None)

    assert main(["detectors"]) == 2
    assert capsys.readouterr().err == (
        "The command line needs an optional part of crmusage: pip install 'crmusage[cli]'\n"
    )


@pytest.mark.parametrize("args", [["detectors"], ["check", "x"], ["simulate"]])
def test_without_polars_there_is_one_sentence_with_the_command(args: list[str]) -> None:
    code = f"import sys; sys.modules['polars'] = None; from crmusage.cli import main; sys.exit(main({args}))"

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert ran.returncode == 2
    assert "pip install 'crmusage[analysis]'" in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_rules_are_listed_on_a_server_without_polars(usages: Path) -> None:
    code = (
        "import sys; sys.modules['polars'] = None; from crmusage.cli import main; "
        f"sys.exit(main(['rules', 'list', {str(usages)!r}]))"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")
