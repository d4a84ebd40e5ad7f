"""The code in README and docs is run as tests: each page in a folder of its own."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser


def run_console(example: Example) -> None:
    """Run the `$ crmusage …` lines of a console block; what they print is for the reader."""
    from crmusage.cli import main

    commands = [line[2:] for line in example.parsed.splitlines() if line.startswith("$ ")]
    assert commands, "a console block shows commands as lines that begin with $"
    for command in commands:
        program, *words = shlex.split(command, comments=True)
        assert program == "crmusage", f"only crmusage is run here: {command}"
        code = main(words)
        assert code in {0, 1}, f"{command}: exit code {code}"


@pytest.fixture(scope="module")
def page_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty folder to work in, for the time of one page."""
    before = Path.cwd()
    folder = tmp_path_factory.mktemp("page")
    (folder / "examples").symlink_to(Path(__file__).parent / "examples")
    os.chdir(folder)
    yield folder
    os.chdir(before)


pytest_collect_file = Sybil(
    parsers=[
        PythonCodeBlockParser(),
        CodeBlockParser(language="console", evaluator=run_console),
        SkipParser(),
    ],
    patterns=["README.md", "docs/*.md", "docs/guides/*.md", "docs/reference/*.md"],
    fixtures=["page_folder"],
).pytest()
