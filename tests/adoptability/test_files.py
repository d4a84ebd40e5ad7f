from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from crmusage.adoptability import (
    Criterion,
    Response,
    Teller,
    as_json,
    items,
    load_balance,
    load_survey,
    questions,
    score,
)
from crmusage.cli import main
from crmusage.errors import BookError, SourceError
from crmusage.model import Wording
from crmusage.report import adoptability_page

HERE = Path(__file__).parents[2] / "examples" / "programme"
SURVEY, BALANCE = HERE / "survey.csv", HERE / "balance.toml"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "survey.csv"
    file.write_bytes(text.encode(encoding))
    return file


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_survey_reads_as_spreadsheets_write_it(
    tmp_path: Path, delimiter: str, encoding: str, end: str
) -> None:
    lines = [("unit", "fits-day", "watched"), ("Île-de-France", "4", ""), ("", " 5 ", "1"), ("", "", "")]
    file = written(tmp_path, end.join(delimiter.join(line) for line in lines) + end, encoding)
    assert load_survey(file) == (
        Response({"fits-day": 4}, "Île-de-France"),
        Response({"fits-day": 5, "watched": 1}),
    )


def test_all_faults_are_told_at_once_with_line_and_column(tmp_path: Path) -> None:
    file = written(tmp_path, "unit,fits-dya,watched,watched,email\nA,4,6,1,x\nB,2,yes\n")
    with pytest.raises(BookError) as caught:
        load_survey(file)
    told = str(caught.value)
    for part in (
        "line 1, column 2: unknown column 'fits-dya': did you mean fits-day?",
        "line 1, column 4: column 'watched' is there twice",
        "line 1, column 5: unknown column 'email': columns are unit and the ids of the statements, nothing else",
        "line 2, column watched: takes a whole number from 1 to 5 or nothing, not '6'",
        "line 3: has 3 cells where the first line has 5",
        "line 3, column watched: takes a whole number from 1 to 5 or nothing, not 'yes'",
    ):
        assert part in told, part
    assert len(caught.value.faults) == 6


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: is empty"),
        ("unit\nA\n", "no column is a statement"),
        ("unit,watched\n", "has no answers"),
        ('watched\n"4\n', "is not CSV"),
        ("watched\n4.0\n", "not '4.0'"),
        ("watched\n٤\n", "takes a whole number"),
    ],
)
def test_what_is_no_survey_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BookError) as caught:
        load_survey(written(tmp_path, text))
    assert told in str(caught.value)


def test_other_encodings_and_missing_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="is not UTF-8"):
        load_survey(written(tmp_path, "unit,watched\nÎle,4\n", "latin-1"))
    with pytest.raises(SourceError, match=r"none\.csv"):
        load_survey(tmp_path / "none.csv")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_questions_end_with_the_first_line_of_the_file(tmp_path: Path, lang: str) -> None:
    text = questions(lang)
    *_, header = text.strip().splitlines()
    cells = ",".join(["North", *["3"] * len(items())])
    (response,) = load_survey(written(tmp_path, f"{header}\n{cells}\n"))
    assert set(response.answers) == {one.id for one in items()}
    assert text.count("\n") == len(items()) + 4


def test_a_balance_tells_all_its_faults_at_once(tmp_path: Path) -> None:
    file = tmp_path / "balance.toml"
    file.write_text(
        """
        [[group]]
        id = "reps"
        name = { en = "reps" }
        people = 0
        users = "yes"
        [[capability]]
        id = "x"
        name = { en = "x", fr = "x" }
        serves = "date"
        gains = { reps = -1 }
        [[irritant]]
        id = "y"
        name = { en = "y", fr = "y" }
        group = "reps"
        """
    )
    with pytest.raises(BookError) as caught:
        load_balance(file)
    told = str(caught.value)
    for part in (
        "group[0].name.fr: is missing",
        "group[0].people: takes a whole number from 1",
        "group[0].users: takes true or false",
        "capability[0].serves: unknown serves 'date': did you mean data?",
        "capability[0].gains.reps: takes minutes a week",
        "irritant[0].minutes: is missing",
    ):
        assert part in told, part


def test_a_balance_names_only_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "balance.toml"
    name = 'name = { en = "x", fr = "x" }'
    file.write_text(
        f"""
        [[group]]
        id = "reps"
        {name}
        users = true
        [[irritant]]
        id = "paper"
        {name}
        group = "rep"
        minutes = 5
        [[capability]]
        id = "x"
        {name}
        serves = "data"
        costs = {{ managers = 1 }}
        relieves = ["papper"]
        [[field]]
        id = "x"
        {name}
        """
    )
    with pytest.raises(BookError) as caught:
        load_balance(file)
    told = str(caught.value)
    assert "irritant paper: names the group 'rep', which is not there: did you mean reps?" in told
    assert "capability x: names the group 'managers'" in told
    assert "names the irritant 'papper', which is not there: did you mean paper?" in told
    assert "the id 'x' is there twice" in told


@pytest.mark.parametrize(("text", "told"), [("", "group: is missing"), ("[[", "is not TOML")])
def test_a_file_that_is_no_balance_is_refused(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "balance.toml"
    file.write_text(text)
    with pytest.raises(BookError, match="benefit balance") as caught:
        load_balance(file)
    assert told in str(caught.value)


def test_the_example_tells_where_to_begin_and_who_pays(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "a.html"
    args = ["adoptability", str(SURVEY), "--balance", str(BALANCE), "--lang", "en", "--html", str(page)]
    assert main(args) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "The weakest criterion is competitive advantage" in told
    assert "users pay 2,160 min a week more than they gain" in told
    assert "1. Visit reports dictated on the road: Users gain 3,600 min a week" in told
    assert "Key accounts" not in told, "four people are too few to be shown"
    assert "Key accounts" not in page.read_text(encoding="utf-8")


def test_french_is_told_in_french() -> None:
    scores = score([*load_survey(SURVEY), Response({}), Response({"fits-day": 3})])
    told = Teller(Wording("fr")).text(scores, 100)
    assert "avantage concurrentiel" in told
    assert "Mis de côté" in told
    for english in ("interval", "fewer", "answered", "criterion"):
        assert english not in told.replace("intervalle", "")
    few = Teller(Wording("fr")).text(score(load_survey(SURVEY)[:3]), 100)
    assert "moins de 5 personnes ont répondu" in few
    assert "fewer" not in few


def test_json_holds_both_languages_and_no_small_unit(capsys: pytest.CaptureFixture[str]) -> None:
    main(["adoptability", str(SURVEY), "--balance", str(BALANCE), "--json", "-"])
    told = json.loads(capsys.readouterr().out)
    assert [one["criterion"] for one in told["overall"]] == [one.value for one in Criterion]
    assert set(told["units"]) == {"North", "West"}
    assert told["balance"]["backlog"][0]["reason"]["fr"]
    assert json.loads(as_json(score(load_survey(SURVEY))))["balance"] is None


def test_a_balance_needs_users_and_a_file(tmp_path: Path) -> None:
    file = tmp_path / "balance.toml"
    file.write_text('[[group]]\nid = "managers"\nname = { en = "managers", fr = "managers" }\n')
    with pytest.raises(BookError, match="no group with users = true"):
        load_balance(file)
    with pytest.raises(SourceError, match=r"none\.toml"):
        load_balance(tmp_path / "none.toml")


def test_json_goes_to_a_file_beside_the_text(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    main(["adoptability", str(SURVEY), "--json", str(file), "--lang", "en"])
    assert "Adoptability: 32 answers" in capsys.readouterr().out
    assert json.loads(file.read_text(encoding="utf-8"))["people"] == 32


def test_a_survey_too_small_for_any_figure_names_no_weakest_criterion() -> None:
    few = score(load_survey(SURVEY)[:4])
    assert few.weakest is None
    for lang in ("en", "fr"):
        told = Teller(Wording(lang)).text(few, 100)
        assert {"en": "weakest", "fr": "plus faible"}[lang] not in told
    assert "<circle" not in adoptability_page(few)


def test_names_are_escaped_on_the_page() -> None:
    evil = "<script>alert(1)</script>"
    people = [Response({"fits-day": n % 5 + 1, "watched": 3}, evil) for n in range(9)]
    page = adoptability_page(score(people))
    assert evil not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(("args", "code"), [([], 2), (["nowhere.csv"], 2), (["--questions"], 0)])
def test_the_command_leaves_as_the_others_do(
    args: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["adoptability", *args]) == code
    ran = capsys.readouterr()
    assert bool(ran.err) == (code == 2)


@pytest.mark.parametrize("room", ["adoptability", "maturity"])
def test_the_room_lists_its_names_in_order(room: str) -> None:
    module = importlib.import_module(f"crmusage.{room}")
    names = set(module.__all__)
    # Constants first, then classes, then the rest, as ruff has it.
    assert list(module.__all__) == sorted(names, key=lambda n: (not n.isupper(), not n[0].isupper(), n))
    assert all(getattr(module, name) is not None for name in module.__all__)


@pytest.mark.parametrize("room", ["adoptability", "maturity"])
def test_the_room_loads_nothing_heavy(room: str) -> None:
    heavy = "{'polars', 'numpy', 'scipy', 'jinja2', 'click'}"
    program = f"import crmusage.{room}, sys; print(*sorted({heavy} & sys.modules.keys()))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
