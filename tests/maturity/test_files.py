from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from crmusage.errors import BookError, SourceError
from crmusage.maturity import Answer, assess, blank_sheet, catalogue, load_sheets

EXAMPLE = Path(__file__).parents[2] / "examples" / "programme" / "answers.toml"


def written(folder: Path, text: str, name: str = "answers.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_sheet_holds_answers_with_and_without_evidence(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        [[assessor]]
        role = "sales director"
        on = 2026-10-05
        [assessor.answers]
        users-trained = "yes"
        data-checked = { answer = "partly", note = "in spring", since = 2026-03-01 }
        """,
    )
    (sheet,) = load_sheets(file)
    assert sheet.role == "sales director"
    assert sheet.on == dt.date(2026, 10, 5)
    assert sheet.replies["users-trained"].answer is Answer.YES
    assert sheet.replies["data-checked"].note == "in spring"
    assert sheet.replies["data-checked"].since == dt.date(2026, 3, 1)


def test_all_faults_of_all_files_are_told_at_once_with_their_places(tmp_path: Path) -> None:
    one = written(
        tmp_path,
        """
        [[assessor]]
        on = "yesterday"
        [assessor.answers]
        users-traind = "yes"
        data-checked = "ja"
        system-stable = true
        value-shown = { anwser = "no" }
        [[assessor]]
        role = "a"
        """,
    )
    two = written(tmp_path, "[[assessor", "other.toml")
    with pytest.raises(BookError) as caught:
        load_sheets(one, two)
    told = str(caught.value)
    for part in (
        "assessor[0].role: is missing",
        "assessor[0].on: takes a day",
        "assessor[0].answers.users-traind: unknown key: did you mean users-trained?",
        "assessor[0].answers.data-checked: unknown data-checked 'ja'",
        "assessor[0].answers.system-stable: takes a text in quotes, not true",
        "assessor[0].answers.value-shown.anwser: unknown key: did you mean answer?",
        "assessor[1].answers: is missing",
        "other.toml: is not TOML",
    ):
        assert part in told, part
    assert len(caught.value.faults) == 8


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "assessor: is missing"),
        ("assessor = 3", "assessor: takes tables"),
        ("[[sheet]]", "sheet: unknown key"),
    ],
)
def test_a_file_that_is_no_answer_sheet_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BookError, match="answer sheets") as caught:
        load_sheets(written(tmp_path, text))
    assert told in str(caught.value)


def test_two_sheets_of_one_role_are_told_apart_by_the_user_not_by_us(tmp_path: Path) -> None:
    text = '[[assessor]]\nrole = "a"\n[assessor.answers]\n'
    with pytest.raises(BookError, match="'a' has more than one sheet"):
        load_sheets(written(tmp_path, text), written(tmp_path, text, "b.toml"))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere\.toml"):
        load_sheets(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_blank_sheet_asks_everything_and_reads_as_all_unknown(tmp_path: Path, lang: str) -> None:
    text = blank_sheet(lang)
    (sheet,) = load_sheets(written(tmp_path, text))
    assert set(sheet.replies) == {one.id for one in catalogue().items}
    assert {reply.answer for reply in sheet.replies.values()} == {Answer.UNKNOWN}
    flat = " ".join(text.split())
    assert all(one.text.into(lang) in flat for one in catalogue().items)


def test_nothing_known_gives_a_plan_that_asks_about_the_first_stage(tmp_path: Path) -> None:
    found = assess(load_sheets(written(tmp_path, blank_sheet())))
    assert not found.certain
    assert "not assessable as long as something is unknown" in " ".join(found.to_text().split())
    assert {step.verb.value for step in found.plan} == {"find_out"}
    assert {step.practice.stage for step in found.plan} == {1}


def test_the_example_is_filled_in_completely_and_its_plan_follows_from_it() -> None:
    sheets = load_sheets(EXAMPLE)
    assert len(sheets) == 2
    assert all(set(sheet.replies) == {one.id for one in catalogue().items} for sheet in sheets)
    found = assess(sheets)
    assert any("Rebellious users" in one.text.en for one in found.inconsistencies)
    assert next(step.practice.id for step in found.plan if step.works) == "daily-work-covered"


def test_what_people_type_cannot_drive_a_terminal(tmp_path: Path) -> None:
    text = '[[assessor]]\nrole = "a\\u001b[2Jb\\u202e"\n[assessor.answers]\n'
    told = assess(load_sheets(written(tmp_path, text))).to_text()
    assert "\x1b" not in told
    assert "\u202e" not in told


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_sentence_is_told_in_both_languages(lang: str) -> None:
    told = assess(load_sheets(EXAMPLE)).to_text(lang)
    words = {"en": ("Why: ", "Shown by: ", "Smothering: "), "fr": ("Pourquoi", "Preuve", "Couvage excessif")}
    assert all(word in told for word in words[lang])
    assert not any(word in told for word in words["fr" if lang == "en" else "en"])


def test_no_other_language_is_known() -> None:
    with pytest.raises(ValueError, match="languages are en and fr"):
        assess(load_sheets(EXAMPLE)).to_text("de")
