"""A rulebook that is being saved when the program is killed, or when somebody else saves too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from crmusage.errors import SourceError
from crmusage.model import Text
from crmusage.rules import Rulebook, UsageRule

FIRE = Path(__file__).with_name("saving_under_fire.py")
RULE = UsageRule("r", Text("a", "b"))
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked, which Windows cannot")


def seen(folder: Path, *words: object) -> dict[str, int]:
    ran = subprocess.run(
        [sys.executable, FIRE, words[0], folder, *map(str, words[1:])],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, int] = json.loads(ran.stdout)
    return found


@needs_fork
@pytest.mark.parametrize("fresh", [0, 1], ids=["files that are there", "new files"])
def test_killed_at_any_call_that_touches_a_file_each_is_old_or_new_and_the_next_saving_mends_all(
    tmp_path: Path, fresh: int
) -> None:
    found = seen(tmp_path, "calls", fresh)

    assert found.pop("lived") == 0
    # Two files, so there is an instant at which one is new and the other old.
    assert found.keys() == {"old", "between", "new"}
    assert found["old"] > 10


@needs_fork
def test_killed_at_a_random_instant_each_file_is_old_or_new(tmp_path: Path) -> None:
    found = seen(tmp_path, "random", 25)

    assert found.pop("in mid-save") > 5
    assert found.keys() <= {"old", "between", "new"}
    assert sum(found.values()) == 26


@needs_fork
def test_of_several_writers_at_once_none_loses_an_edit(tmp_path: Path) -> None:
    found = seen(tmp_path, "writers", 3, 4)

    assert (found["failed"], found["kept"], found["twice"]) == (0, 12, 0)


def test_all_files_are_safely_on_the_disk_before_the_first_takes_its_place_and_their_folder_after_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: told.append("fsync") or fsync(handle))
    monkeypatch.setattr(Path, "replace", lambda path, to: told.append("replace") or replace(path, to))

    Rulebook([RULE, attrs.evolve(RULE, id="s")]).save(tmp_path)

    assert told == ["fsync", "fsync", "replace", "replace", *(["fsync"] if sys.platform != "win32" else [])]


def test_a_full_disk_leaves_every_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Rulebook([RULE, attrs.evolve(RULE, id="s")]).save(tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    calls = iter([None, OSError(28, "No space left on device")])

    def fsync(_: int) -> None:
        if (error := next(calls)) is not None:
            raise error

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(SourceError, match=r"s\.toml: No space left on device"):
        Rulebook(attrs.evolve(rule, version=2) for rule in book).save(tmp_path)

    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_two_writers_of_two_rules_do_not_disturb_each_other(tmp_path: Path) -> None:
    Rulebook([RULE, attrs.evolve(RULE, id="s")]).save(tmp_path)
    first, second = Rulebook.load(tmp_path), Rulebook.load(tmp_path)
    first.amend("r", owner="ana", who="ana", why="mine").save(tmp_path)

    saved = second.amend("s", owner="ben", who="ben", why="mine").save(tmp_path)

    assert [rule.owner for rule in saved] == ["ana", "ben"]
    assert saved == Rulebook.load(tmp_path)
    # And goes on from what the first one made of it.
    assert saved.retire("r", who="ben", why="done").save(tmp_path)["r"].version == 2
