from __future__ import annotations

import datetime as dt
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.errors import BookError, RuleError, SourceError
from crmusage.rules import (
    Answer,
    GapReport,
    Move,
    Rulebook,
    Status,
    load_gap_reports,
    save_gap_reports,
    triage,
)

from .tellings import RULE, day, draft, in_force

FILED = day("2026-05-04")
ANSWERED = day("2026-05-11")
REPORT = GapReport(
    "in-two-parts", "Le client commande en deux fois : une affaire ou deux ?", "ann", FILED, unit="north",
    kind="opportunity", examples=["OPP-1", "OPP-2"],
)  # fmt: skip
FILE = """# Heard on the phone.
id = "in-two-parts"
words = "Le client commande en deux fois : une affaire ou deux ?"
who = "ann"
on = 2026-05-04
"""


# --- triage


def test_a_gap_becomes_a_rule_that_is_proposed_and_says_where_it_comes_from() -> None:
    book, answered = triage(in_force(), REPORT, who="ops", on=ANSWERED, rule=draft("in-two-parts"))
    rule = book["in-two-parts"]
    assert rule.status is Status.DRAFT
    (change,) = rule.history
    assert (change.verb, change.who, change.at.date()) == (Move.PROPOSE, "ops", ANSWERED)
    assert change.why == "Gap report in-two-parts: Le client commande en deux fois : une affaire ou deux ?"
    assert answered.answer == Answer("ops", ANSWERED, rule="in-two-parts")
    assert not answered.is_open


def test_a_gap_that_a_rule_speaks_of_already_is_answered_by_its_id() -> None:
    before = in_force()
    book, answered = triage(before, REPORT, who="ops", on=ANSWERED, rule=RULE)
    assert book == before
    assert answered.answer == Answer("ops", ANSWERED, rule=RULE)


def test_a_gap_is_refused_with_a_reason_and_never_without() -> None:
    before = in_force()
    book, answered = triage(before, REPORT, who="ops", on=ANSWERED, refuse="Happens once a year.")
    assert book == before
    assert answered.answer == Answer("ops", ANSWERED, refused="Happens once a year.")
    with pytest.raises(RuleError, match="is owed a reason"):
        triage(before, REPORT, who="ops", on=ANSWERED, refuse="  ")


@pytest.mark.parametrize("given", [{}, {"rule": RULE, "refuse": "No."}])
def test_an_answer_is_a_rule_or_a_refusal_and_not_both_nor_neither(given: dict[str, str]) -> None:
    with pytest.raises(RuleError, match="one of the two"):
        triage(in_force(), REPORT, who="ops", on=ANSWERED, **given)


def test_an_answer_is_given_once_by_somebody_and_names_a_rule_that_there_is() -> None:
    with pytest.raises(RuleError, match="no rule 'two-ofers'"):
        triage(in_force(), REPORT, who="ops", on=ANSWERED, rule="two-ofers")
    with pytest.raises(RuleError, match="who is empty"):
        triage(in_force(), REPORT, who=" ", on=ANSWERED, rule=RULE)
    book, answered = triage(in_force(), REPORT, who="ops", on=ANSWERED, rule=RULE)
    with pytest.raises(RuleError, match="answered on 2026-05-11 by ops: two-offers"):
        triage(book, answered, who="ops", on=ANSWERED, refuse="No.")


def test_a_draft_for_a_gap_does_not_take_the_place_of_another_rule() -> None:
    with pytest.raises(RuleError, match=RULE):
        triage(in_force(), REPORT, who="ops", on=ANSWERED, rule=draft())


@pytest.mark.parametrize("empty", ["words", "who"])
def test_a_report_says_what_was_met_and_by_whom(empty: str) -> None:
    with pytest.raises(RuleError, match=f"{empty} is empty"):
        attrs.evolve(REPORT, **{empty: " "})


def test_examples_are_a_list_of_ids() -> None:
    with pytest.raises(RuleError, match=r"\['OPP-1'\], even a single one"):
        attrs.evolve(REPORT, examples="OPP-1")


# --- files


def test_a_report_is_one_file_that_people_can_write(tmp_path: Path) -> None:
    (tmp_path / "heard.toml").write_text(FILE, encoding="utf-8")
    (report,) = load_gap_reports(tmp_path)
    assert report == attrs.evolve(REPORT, unit=None, kind=None, examples=[])
    assert load_gap_reports(tmp_path / "heard.toml") == (report,)


def test_an_answer_is_written_into_the_file_of_its_report_and_nothing_else_is_touched(tmp_path: Path) -> None:
    (tmp_path / "heard.toml").write_text(FILE, encoding="utf-8")
    _, answered = triage(Rulebook(), load_gap_reports(tmp_path)[0], who="ops", on=ANSWERED, refuse="Rare.")
    save_gap_reports([answered], tmp_path)
    text = (tmp_path / "heard.toml").read_text(encoding="utf-8")
    assert text.startswith(FILE)
    assert [file.name for file in tmp_path.iterdir()] == ["heard.toml"]
    assert load_gap_reports(tmp_path) == (answered,)


def test_who_saves_second_is_refused_and_the_first_edit_stays(tmp_path: Path) -> None:
    (mine,) = (theirs,) = save_gap_reports([REPORT], tmp_path)
    save_gap_reports([attrs.evolve(theirs, unit="south")], tmp_path)
    with pytest.raises(BookError, match="changed by somebody else since the gap report was loaded"):
        save_gap_reports([attrs.evolve(mine, kind="request")], tmp_path)
    assert load_gap_reports(tmp_path)[0].unit == "south"


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('id = "A b"\nwords = 1\non = "monday"\nunits = "x"\n', encoding="utf-8")
    (tmp_path / "b.toml").write_text(FILE + '[answer]\nwho = ""\nrefuse = "no"\n', encoding="utf-8")
    (tmp_path / "c.toml").write_text("id =", encoding="utf-8")
    with pytest.raises(BookError) as caught:
        load_gap_reports(tmp_path)
    found = {(Path(fault.where).name, fault.key) for fault in caught.value.faults}
    assert found == {
        ("a.toml", "id"), ("a.toml", "words"), ("a.toml", "who"), ("a.toml", "on"), ("a.toml", "units"),
        ("b.toml", "answer.who"), ("b.toml", "answer.on"), ("b.toml", "answer.refuse"), ("c.toml", ""),
    }  # fmt: skip


def test_two_files_with_one_id_are_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(FILE, encoding="utf-8")
    (tmp_path / "b.toml").write_text(FILE, encoding="utf-8")
    with pytest.raises(BookError, match="already the id of the gap report in"):
        load_gap_reports(tmp_path)


def test_nothing_to_read_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="a collection of gap reports is a folder"):
        load_gap_reports(tmp_path / "nowhere")
    with pytest.raises(SourceError, match="no gap report file"):
        load_gap_reports(tmp_path)


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
DAYS = st.dates(dt.date(2000, 1, 1))
ANSWERS = st.builds(Answer, WORDS, DAYS, rule=st.just("a-rule")) | st.builds(
    Answer, WORDS, DAYS, refused=WORDS
)
REPORTS = st.builds(
    GapReport, st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,8}", fullmatch=True), WORDS, WORDS, DAYS,
    unit=st.none() | WORDS, kind=st.none() | WORDS, examples=st.lists(WORDS, max_size=3), answer=st.none() | ANSWERS,
)  # fmt: skip


@given(REPORTS, REPORTS)
def test_whatever_is_filed_reads_back_as_it_was_also_after_a_change(
    tmp_path_factory: pytest.TempPathFactory, report: GapReport, other: GapReport
) -> None:
    folder = tmp_path_factory.mktemp("gaps")
    (saved,) = save_gap_reports([report], folder)
    assert load_gap_reports(folder) == (report,)
    changed = attrs.evolve(other, id=saved.id, source=saved.source)
    save_gap_reports([changed], folder)
    assert load_gap_reports(folder) == (changed,)
