from __future__ import annotations

from pathlib import Path

import pytest

from crmusage.model import MEANINGS
from crmusage.rules import Rulebook, Status, lint
from crmusage.rules._array import comments

USAGES = Path(__file__).parents[2] / "examples" / "usages"
FILES = sorted(USAGES.glob("*.toml"))


def test_the_examples_are_a_rulebook() -> None:
    book = Rulebook.load(USAGES)

    assert len(book) == len(FILES) >= 5
    assert len(book.active) < len(book)


def test_the_examples_do_not_contradict_or_repeat_each_other() -> None:
    assert lint(Rulebook.load(USAGES)) == ()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_is_a_model_of_good_writing(file: Path) -> None:
    (rule,) = Rulebook.load(file)

    assert rule.id == file.stem
    assert rule.kind in {"opportunity", "request"}
    assert rule.owner
    assert rule.guidance is not None
    assert rule.guidance.en != rule.guidance.fr
    assert rule.situation.en != rule.situation.fr
    assert rule.expect
    assert rule.review is not None
    assert rule.communication is not None or rule.status is Status.DRAFT
    assert {name for c in rule.expect for name in (c.activity, c.target) if name} <= MEANINGS
    # It says why, before it says anything else.
    assert file.read_text("utf-8").startswith("# ")
    assert max(map(len, file.read_text("utf-8").splitlines())) <= 120


def test_saving_the_examples_changes_nothing(tmp_path: Path) -> None:
    for file in FILES:
        (tmp_path / file.name).write_bytes(file.read_bytes())

    Rulebook.load(tmp_path).save(tmp_path)

    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {
        f.name: f.read_bytes() for f in FILES
    }


def test_every_example_explains_itself_in_comments() -> None:
    assert all(len(comments(file.read_text("utf-8"))) >= 2 for file in FILES)
