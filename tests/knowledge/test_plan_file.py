from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from crmusage.cli import main
from crmusage.errors import BookError, SourceError
from crmusage.knowledge import Departure, Fit, If, Said, load_plan, outlook
from crmusage.model import Undefined
from crmusage.report import erosion_chart, knowledge_page

EXAMPLE = Path(__file__).parents[2] / "examples" / "programme" / "plan.toml"
SMALL = """
[[topic]]
id = "a"
name = { en = "A", fr = "A" }
hours = 1
[[group]]
id = "north"
people = 9
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "plan.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_example_is_read_whole():
    file = load_plan(EXAMPLE)
    assert [one.id for one in file.programme.topics] == ["forecast", "quotes"]
    assert file.programme.erosion.turnover_a_year == 0.2
    assert file.programme.erosion.relay_keeps == 0.8
    assert file.ownership.executives_use is Said.NO
    assert [one.people for one in file.ownership.tasks] == [1, 2]
    assert sum(one.n for one in file.readings) == 62


def test_a_departure_names_its_group_and_whether_it_hands_over(tmp_path):
    text = SMALL + '[[departure]]\nmonth = 6\nshare_leaving = 0.5\nhanded_over = false\ngroup = "north"\n'
    (one,) = load_plan(written(tmp_path, text)).programme.happenings
    assert one.event == Departure(6, 0.5, handed_over=False)
    assert one.group == "north"


def test_all_faults_are_told_at_once_with_their_places(tmp_path):
    text = """
    floor = 60
    training_measured = 80
    [erosion]
    turnover_a_yer = 0.2
    [[topic]]
    name = { en = "A" }
    [[group]]
    id = "north"
    people = "many"
    [[departure]]
    month = 0
    handed_over = "yes"
    [[reading]]
    months = 3
    known = 4
    n = 2
    [ownership]
    culture = "sometimes"
    champion = "ann@example.org"
    [[ownership.task]]
    what = "imports"
    """
    with pytest.raises(BookError) as caught:
        load_plan(written(tmp_path, text))
    told = str(caught.value)
    for part in (
        "floor: floor is a share",
        "training_measured: is a share above 0",
        "erosion.turnover_a_yer: unknown key: did you mean turnover_a_year?",
        "topic[0].id: is missing",
        "topic[0].name.fr: is missing",
        "topic[0].hours: is missing",
        "group[0].people: takes a whole number",
        "departure[0].month: month is a whole number",
        "departure[0].handed_over: takes true or false",
        "departure[0].share_leaving: is missing",
        "reading[0].known: 4 of 2",
        "ownership.culture: unknown culture 'sometimes'",
        "ownership.champion: champion is a role",
        "ownership.task[0].role: is missing",
        "ownership.task[0].people: is missing",
    ):
        assert part in told, part


def test_an_empty_file_is_told_what_it_needs(tmp_path):
    with pytest.raises(BookError, match="topic: is missing") as caught:
        load_plan(written(tmp_path, ""))
    assert "group: is missing" in str(caught.value)


def test_a_file_that_is_not_there_or_no_toml_is_said_to_be(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        load_plan(tmp_path / "none.toml")
    with pytest.raises(BookError, match="is not TOML"):
        load_plan(written(tmp_path, "[[topic"))


def test_a_decay_that_could_be_fitted_takes_the_place_of_the_assumption_and_is_told():
    found = outlook(load_plan(EXAMPLE))
    assert isinstance(found.fitted, Fit)
    assert found.programme.erosion.forgetting_a_year == found.fitted.forgotten_a_year.value
    assert found.fitted.text.en in found.to_text("en", 1000).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def test_a_decay_that_cannot_be_told_leaves_the_assumption_and_says_so(tmp_path):
    text = SMALL + "[[reading]]\nmonths = 6\nknown = 3\nn = 4\n"
    found = outlook(load_plan(written(tmp_path, text)))
    assert isinstance(found.fitted, Undefined)
    assert found.programme.erosion.forgetting_a_year == 0.10
    assert "only 4 answers" in found.to_text("en", 1000)
    assert "4 réponses seulement : il en faut au moins 20" in re.sub(r"\s", " ", found.to_text("fr", 1000))


def test_a_group_that_is_too_small_is_counted_and_not_named(tmp_path):
    text = SMALL + '[[group]]\nid = "the twins"\npeople = 2\n'
    told = outlook(load_plan(written(tmp_path, text))).to_text()
    assert "fewer than 5 people left out: 1" in told
    assert "twins" not in told


def test_the_text_has_every_session_and_concern_in_both_languages():
    found = outlook(load_plan(EXAMPLE))
    for lang in ("en", "fr"):
        told = found.to_text(lang, 1000)
        assert told.count("\n- ") == (
            2
            + len(found.schedule.sessions)
            + len(found.effects)
            + len(found.concerns)
            + len(found.without_sponsor)
        )


def test_out_of_reach_is_told_with_what_to_do(tmp_path):
    text = "floor = 0.95\n[erosion]\ntraining_keeps = 0.3\n" + SMALL
    found = outlook(load_plan(written(tmp_path, text)))
    assert "out of reach" in found.to_text()
    assert "Train better" in found.to_text()
    assert "hors d" in found.to_text("fr")


def test_a_page_loads_nothing_and_escapes_what_people_type(tmp_path):
    text = SMALL.replace('"north"', '"<script>alert(1)</script>"')
    page = knowledge_page(outlook(load_plan(written(tmp_path, text))), "fr")
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert 'lang="fr"' in page


def test_the_chart_draws_both_curves_from_the_first_month_to_the_last():
    chart = ET.fromstring(erosion_chart(outlook(load_plan(EXAMPLE)).schedule))  # noqa: S314 - our own picture
    curves = {one.get("class"): one.get("d") for one in chart.iter("path")}
    assert set(curves) == {"with", "without"}
    assert all(len(d.split("L")) == 37 for d in curves.values())


def test_there_is_no_chart_of_nobody(tmp_path):
    nobody = outlook(load_plan(written(tmp_path, SMALL.replace("9", "2"))))
    with pytest.raises(ValueError, match="no curve"):
        erosion_chart(nobody.schedule)
    assert "No group is large enough" in nobody.to_text()
    assert "<svg" not in knowledge_page(nobody)


def test_the_command_tells_writes_a_page_and_ends_with_findings(tmp_path, capsys):
    page = tmp_path / "knowledge.html"
    assert main(["knowledge", str(EXAMPLE), "--lang", "fr", "--html", str(page)]) == 1
    assert "Rappels" in capsys.readouterr().out
    assert "<svg" in page.read_text(encoding="utf-8")


def test_the_command_ends_with_nothing_where_all_is_sound(tmp_path, capsys):
    text = "floor = 0.3\nmonths = 12\n" + SMALL
    assert main(["knowledge", str(written(tmp_path, text))]) == 0
    assert "the floor holds" in capsys.readouterr().out


def test_the_command_ends_with_bad_input_on_a_file_with_faults(tmp_path, capsys):
    assert main(["knowledge", str(written(tmp_path, "floor = 2"))]) == 2
    assert "faults in the plan" in capsys.readouterr().err


def test_a_floor_that_would_be_lost_with_half_of_a_team_is_told(tmp_path):
    text = "floor = 0.75\nmonths = 2\n[erosion]\ntraining_keeps = 0.6\n" + SMALL
    found = outlook(load_plan(written(tmp_path, text)))
    assert found.schedule.out_of_reach == ()
    assert {one.what: one.out_of_reach for one in found.effects}[If.DEPARTURE] == 1
    assert "topics then out of reach: 1" in found.to_text("en", 1000)
    assert "hors d\N{RIGHT SINGLE QUOTATION MARK}atteinte" in found.to_text("fr", 1000)
