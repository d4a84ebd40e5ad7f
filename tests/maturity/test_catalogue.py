from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from crmusage.maturity import Dimension, Stage, catalogue


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("dimension", Dimension)
def test_every_stage_needs_something_in_every_dimension(stage: Stage, dimension: Dimension) -> None:
    assert len(catalogue().at(stage, dimension)) >= 2


def test_ids_are_unique() -> None:
    ids = [one.id for one in catalogue().items]
    assert len(set(ids)) == len(ids)


def test_what_a_practice_needs_is_there_and_no_later_than_itself() -> None:
    by_id = {one.id: one for one in catalogue().practices}
    for one in by_id.values():
        for need in one.needs:
            assert by_id[need].stage <= one.stage, (one.id, need)


def test_prerequisites_run_in_no_circle() -> None:
    by_id = {one.id: one for one in catalogue().practices}

    def before(id_: str) -> set[str]:
        return {id_}.union(*map(before, by_id[id_].needs))

    for id_, one in by_id.items():
        assert id_ not in set().union(*map(before, one.needs)), id_


@pytest.mark.parametrize("practice", catalogue().items, ids=lambda one: one.id)
def test_everything_that_is_asked_is_told_in_both_languages_and_cited(practice) -> None:
    for text in (practice.text, practice.shown_by, practice.passage):
        assert len(text.en) > 20
        assert len(text.fr) > 20
        assert text.en != text.fr
        assert not re.search(r"[.!?]$", text.en + "\n" + text.fr, re.MULTILINE), (
            "statements end without a stop"
        )
    assert practice.source in {1, 2, 3, 4}


def test_statements_of_a_stage_do_not_name_it() -> None:
    for one in catalogue().items:
        for stage in Stage:
            assert stage.word not in one.text.en.lower()


def test_the_page_on_the_practices_is_made_from_the_catalogue() -> None:
    docs = Path(__file__).parents[2] / "docs"
    spec = importlib.util.spec_from_file_location("make_practices", docs / "make_practices.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run: python docs/make_practices.py"
