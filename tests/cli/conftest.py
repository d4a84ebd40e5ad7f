from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from crmusage.cli import main
from crmusage.testing import simulate


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command as a terminal of 100 columns would, in English."""
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("COLUMNS", "100")

    def run(*args: object) -> Ran:
        capfd.readouterr()
        code = main([str(arg) for arg in args])
        return Ran(code, *capfd.readouterr())

    return run


def _export(folder: Path, scenario: str) -> Path:
    return simulate(scenario, departments=25, months=12, opportunities=4_000).write(folder)


@pytest.fixture(scope="session")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of a company in which nothing is planted."""
    return _export(tmp_path_factory.mktemp("honest"), "none")


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of a company with one department that enters its opportunities late."""
    return _export(tmp_path_factory.mktemp("planted"), "late-creation")


@pytest.fixture(scope="session")
def usages() -> Path:
    """The rulebook for the simulated company."""
    return Path(__file__).parents[2] / "examples" / "usages"
