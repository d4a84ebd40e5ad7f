from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from crmusage.cli import main
from crmusage.maturity import Answer, Reply, Sheet, assess, load_sheets
from crmusage.report import maturity_page, stage_grid

from .sheets import level, sheet, up_to

EXAMPLE = Path(__file__).parents[2] / "examples" / "programme" / "answers.toml"


def test_the_grid_has_a_cell_for_every_stage_in_every_dimension_as_it_stands() -> None:
    picture = ET.fromstring(  # noqa: S314 - our own picture
        stage_grid(assess([sheet(up_to(users=3, processes=2, technology=1) | {"tool-extended": "unknown"})]))
    )
    classes = [cell.get("class") for cell in picture.iter("rect")]
    assert len(classes) == 12
    assert classes.count("cell yes") == 6


def test_a_page_loads_nothing_and_tells_the_plan() -> None:
    page = maturity_page(assess(load_sheets(EXAMPLE)), "fr")
    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "Rebelles" in page or "rebelles" in page
    assert 'lang="fr"' in page


@pytest.mark.parametrize(
    "evil", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<b onmouseover=alert(1)>"]
)
def test_what_people_type_is_escaped(evil: str) -> None:
    page = maturity_page(assess([Sheet(evil, {"users-trained": Reply(Answer.NO, evil)})]))
    assert evil not in page


def test_the_command_tells_the_plan_and_leaves_with_1_where_dimensions_do_not_go_together(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["maturity", str(EXAMPLE), "--lang", "en", "--html", str(tmp_path / "a.html")]) == 1
    assert "The plan, in this order" in capsys.readouterr().out
    assert "<svg" in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_the_command_prints_json_in_place_of_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    main(["maturity", str(EXAMPLE), "--json", "-"])
    assert json.loads(capsys.readouterr().out)["roles"] == ["sales director", "area manager"]


def test_a_level_programme_leaves_with_0(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    answers = "\n".join(f'{id_} = "{answer}"' for id_, answer in level(2).items())
    file = tmp_path / "a.toml"
    file.write_text(f'[[assessor]]\nrole = "a"\n[assessor.answers]\n{answers}\n')
    assert main(["maturity", str(file)]) == 0


def test_the_command_prints_a_blank_sheet(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["maturity", "--blank", "--lang", "fr"]) == 0
    file = tmp_path / "a.toml"
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    assert len(load_sheets(file)) == 1


@pytest.mark.parametrize("args", [[], ["nowhere.toml"]])
def test_without_answers_the_command_leaves_with_2(
    args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["maturity", *args]) == 2
    assert capsys.readouterr().err


def test_json_goes_to_a_file_beside_the_text(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    main(["maturity", str(EXAMPLE), "--json", str(file), "--lang", "en"])
    assert "The plan" in capsys.readouterr().out
    assert json.loads(file.read_text(encoding="utf-8"))["plan"][0]["verb"] == "settle"


def test_sheets_that_cannot_be_compared_are_told_without_a_figure() -> None:
    alone = assess([sheet(level(2))])
    assert "no figure (there is one sheet only" in " ".join(alone.to_text("en").split())
    assert "pas de chiffre (une seule fiche" in " ".join(alone.to_text("fr").split())
    # One question alone keeps the two apart: there is a kappa and no telling how sure it is.
    same = dict.fromkeys(level(4), "yes")
    two = assess([sheet(same | {"value-shown": "no"}), sheet(same | {"value-shown": "no"}, "b")])
    assert two.agreement.low is None
    assert "kappa 1.00" in two.to_text()
    assert "<table" not in maturity_page(alone), "no evidence was noted"
