from __future__ import annotations

from pathlib import Path

import pytest

from crmusage.cli import main
from crmusage.rules import Rulebook
from crmusage.testing import simulate_intervention


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = simulate_intervention(7, kept=0.25, cases=80)
    folder = tmp_path_factory.mktemp("export")
    for name, table in made.tables.items():
        table.write_parquet(folder / f"{name}.parquet")
    Rulebook([made.rule]).save(folder / "usages")
    return folder


def effect(export: Path, *more: str) -> int:
    rules = str(export / "usages")
    return main(["effect", str(export), "--rules", rules, "--rule", "decide-within-two-days", *more])


UNITS = [word for k in range(1, 7) for word in ("--unit", f"unit 0{k}")]


def test_an_effect_is_told_with_what_is_behind_it(export, capsys) -> None:
    assert effect(export, "--on", "2025-07-21", *UNITS) == 0
    told = capsys.readouterr().out
    assert "more than elsewhere" in told
    assert "6\xa0units against 14" in told


def test_an_effect_is_told_in_french_and_written_as_a_page(export, capsys, tmp_path) -> None:
    page = tmp_path / "effect.html"
    assert effect(export, "--on", "2025-07-21T00:00Z", *UNITS, "--lang", "fr", "--html", str(page)) == 0
    assert "de plus qu’ailleurs" in capsys.readouterr().out
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "<svg" in text


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--rule", "decide"], "no rule has the id"),
        (["--on", "some day"], "neither a day"),
        (["--unit", "unit 99"], "no unit 'unit 99'"),
        ([], "does not tell when it changed"),
    ],
)
def test_what_is_wrong_is_said_and_ends_with_2(export, capsys, more, message) -> None:
    on = ["--on", "2025-07-21"] if more and "--on" not in more else []
    assert effect(export, *on, *more) == 2
    assert message in capsys.readouterr().err


def test_gaps_are_listed_and_drafted(tmp_path, capsys) -> None:
    events = ["case_id,activity,at"]
    for k in range(30):
        events += [f"c{k},closed,2026-03-02T09:00:00Z", f"c{k},reopened,2026-03-04T09:00:00Z"]
    log = tmp_path / "events.csv"
    log.write_text("\n".join(events) + "\n", encoding="utf-8")
    assert main(["gaps", str(log), "--save", str(tmp_path / "drafts")]) == 1
    told = capsys.readouterr().out
    assert "A closed case is opened again: in 30 of 30 cases (100%); no rule speaks of it." in " ".join(
        told.split()
    )
    drafts = Rulebook.load(tmp_path / "drafts")
    assert "reopened" in drafts
    assert main(["gaps", str(log), "--rules", str(tmp_path / "drafts"), "--all", "--lang", "fr"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Aucune situation fréquente n’est sans règle" in told
    assert "règles : reopened" in told
    assert "non visible" in told
