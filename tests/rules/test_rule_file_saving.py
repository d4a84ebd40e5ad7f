from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import attrs
import pytest

from crmusage.errors import BookError, SourceError
from crmusage.model import Text
from crmusage.rules import Constraint, Correlation, Rulebook, UsageRule

RULE = UsageRule("followed-up", Text("A quote is out", "Un devis est parti"))


def amended(book: Rulebook, version: int = 2) -> Rulebook:
    return Rulebook(attrs.evolve(rule, version=version) for rule in book)


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_new_rule_gets_a_file_named_after_it(tmp_path: Path) -> None:
    Rulebook((RULE,)).save(tmp_path / "new" / "usages")

    assert names(tmp_path) == ["new/usages/followed-up.toml"]


def test_a_rule_is_written_where_its_id_is_found_whatever_the_file_is_called(tmp_path: Path) -> None:
    Rulebook((RULE,)).save(tmp_path / "sales")
    (tmp_path / "sales" / "followed-up.toml").rename(tmp_path / "sales" / "Suivi des devis.toml")

    amended(Rulebook.load(tmp_path)).save(tmp_path)

    assert names(tmp_path) == ["sales/Suivi des devis.toml"]
    assert Rulebook.load(tmp_path)["followed-up"].version == 2


def test_files_of_other_rules_stay(tmp_path: Path) -> None:
    Rulebook((RULE,)).save(tmp_path)
    Rulebook((attrs.evolve(RULE, id="other"),)).save(tmp_path)

    assert [rule.id for rule in Rulebook.load(tmp_path)] == ["followed-up", "other"]


def test_the_second_of_two_writers_is_refused_and_the_first_ones_edit_stays(tmp_path: Path) -> None:
    Rulebook((RULE,)).save(tmp_path)
    first, second = Rulebook.load(tmp_path), Rulebook.load(tmp_path)
    amended(first, 2).save(tmp_path)

    with pytest.raises(BookError, match="was changed by somebody else since the rule was loaded"):
        amended(second, 3).save(tmp_path)

    assert Rulebook.load(tmp_path)["followed-up"].version == 2


def test_two_writers_of_the_same_text_do_not_disturb_each_other(tmp_path: Path) -> None:
    Rulebook((RULE,)).save(tmp_path)
    first, second = Rulebook.load(tmp_path), Rulebook.load(tmp_path)
    amended(first, 2).save(tmp_path)

    amended(second, 2).save(tmp_path)

    assert Rulebook.load(tmp_path)["followed-up"].version == 2


def test_a_rule_that_was_never_loaded_does_not_overwrite_one_that_is_there(tmp_path: Path) -> None:
    Rulebook((RULE,)).save(tmp_path)

    with pytest.raises(BookError, match="already holds a rule 'followed-up'"):
        amended(Rulebook((RULE,))).save(tmp_path)


def test_a_file_of_the_right_name_with_another_rule_in_it_is_not_overwritten(tmp_path: Path) -> None:
    Rulebook((attrs.evolve(RULE, id="other"),)).save(tmp_path)
    (tmp_path / "other.toml").rename(tmp_path / "followed-up.toml")

    with pytest.raises(BookError, match="holds the rule 'other'"):
        Rulebook((RULE,)).save(tmp_path)


def test_nothing_is_saved_beside_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "somebody is typing.toml").write_text("id = ", "utf-8")

    with pytest.raises(BookError, match="is not TOML"):
        Rulebook((RULE,)).save(tmp_path)

    assert names(tmp_path) == ["somebody is typing.toml"]


def test_if_one_rule_is_refused_none_is_written(tmp_path: Path) -> None:
    Rulebook((RULE,)).save(tmp_path)
    fresh = attrs.evolve(RULE, id="a-new-one")

    with pytest.raises(BookError):
        Rulebook((fresh, attrs.evolve(RULE, version=2))).save(tmp_path)

    assert names(tmp_path) == ["followed-up.toml"]


def test_the_book_that_saving_gives_back_can_be_changed_and_saved_again(tmp_path: Path) -> None:
    book = Rulebook((RULE,)).save(tmp_path)
    book = amended(book, 2).save(tmp_path)
    amended(book, 3).save(tmp_path)

    assert Rulebook.load(tmp_path)["followed-up"].version == 3


@pytest.mark.parametrize("instant", ["fsync", "replace"])
def test_a_crash_in_mid_save_leaves_the_old_file_whole_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, instant: str
) -> None:
    Rulebook((RULE,)).save(tmp_path)
    before = (tmp_path / "followed-up.toml").read_bytes()
    book = amended(Rulebook.load(tmp_path))

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace")}[instant], crash)
    with pytest.raises(KeyboardInterrupt):
        book.save(tmp_path)

    assert names(tmp_path) == ["followed-up.toml"]
    assert (tmp_path / "followed-up.toml").read_bytes() == before


def test_what_a_killed_writer_left_behind_is_cleared_away(tmp_path: Path) -> None:
    book = Rulebook((RULE,)).save(tmp_path)
    (tmp_path / ".followed-up.toml.0badcafe.tmp").write_text("half a fi", "utf-8")

    amended(book).save(tmp_path)

    assert names(tmp_path) == ["followed-up.toml"]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions and links are another matter there")
def test_saving_keeps_the_permissions_of_a_file_and_a_link_to_it(tmp_path: Path) -> None:
    Rulebook((RULE,)).save(tmp_path / "shared")
    real = tmp_path / "shared" / "followed-up.toml"
    real.chmod(0o664)
    usages = tmp_path / "usages"
    usages.mkdir()
    (usages / "followed-up.toml").symlink_to(real)

    amended(Rulebook.load(usages)).save(usages)

    assert (usages / "followed-up.toml").is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o664
    assert Rulebook.load(tmp_path / "shared")["followed-up"].version == 2


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (attrs.evolve(RULE, situation=Text("", "b")), "situation.en: is empty"),
        (attrs.evolve(RULE, owner=object()), "owner: a rule file has no way to write <object"),
        (attrs.evolve(RULE, owner="\ud800"), "owner: '\\\\ud800' is not a whole Unicode text"),
        (attrs.evolve(RULE, kind=3), "kind: takes a text in quotes"),
    ],
    ids=["empty", "odd", "half a sign", "wrong type"],
)
def test_a_rule_that_would_not_read_back_is_not_written(tmp_path: Path, rule: UsageRule, says: str) -> None:
    with pytest.raises(BookError, match=says):
        Rulebook((rule,)).save(tmp_path)

    assert names(tmp_path) == []


def test_nothing_is_saved_where_two_files_hold_one_id(tmp_path: Path) -> None:
    Rulebook((RULE,)).save(tmp_path)
    (tmp_path / "copy.toml").write_bytes((tmp_path / "followed-up.toml").read_bytes())

    with pytest.raises(BookError, match="'followed-up' is already the id of the rule in"):
        Rulebook((attrs.evolve(RULE, id="other"),)).save(tmp_path)


def test_what_the_system_refuses_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="File name too long"):
        Rulebook((attrs.evolve(RULE, id="x" * 300),)).save(tmp_path)


def test_saving_into_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "usages").write_text("", "utf-8")

    with pytest.raises(SourceError, match="is a file; a rulebook is saved into a folder"):
        Rulebook((RULE,)).save(tmp_path / "usages")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_one_clear_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)

    with pytest.raises(SourceError, match="Permission denied"):
        Rulebook((RULE,)).save(tmp_path)


def test_names_given_as_one_text_are_refused_not_split_into_letters() -> None:
    with pytest.raises(ValueError, match=r"even a single one"):
        Correlation(same="case_id")


def test_lists_are_taken_for_tuples() -> None:
    rule = attrs.evolve(RULE, expect=[Constraint("init", "created")])

    assert rule.expect == (Constraint("init", "created"),)
    assert isinstance(hash(rule), int)
