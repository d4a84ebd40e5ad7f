from __future__ import annotations

import csv
import json
from pathlib import Path

import polars as pl
import pytest

from crmusage.history import History
from crmusage.testing import Truth

from .conftest import Run


def department(export: Path) -> str:
    (planted,) = json.loads((export / "truth.json").read_text("utf-8"))["planted"]
    return planted["unit"]


def test_it_names_the_planted_department_and_leaves_with_1(run: Run, planted: Path) -> None:
    ran = run("check", planted)

    assert ran.code == 1
    assert f"1. {department(planted)}: " in ran.out
    assert "CU112" in ran.out
    assert ran.err == ""


def test_where_nothing_is_found_it_leaves_with_0(run: Run, honest: Path, usages: Path) -> None:
    ran = run("check", honest, "--rules", usages)

    assert ran.code == 0
    assert ran.err == ""


def test_the_example_rulebook_is_judged_as_a_whole(run: Run, planted: Path, usages: Path) -> None:
    ran = run("check", planted, "--rules", usages, "--json", "-")

    report = json.loads(ran.out)
    assert {rule["id"] for rule in report["rules"]} == {
        "alternative-offers",
        "amount-stands-once-won",
        "created-at-first-contact",
        "win-rests-on-accepted-quote",
    }
    assert {finding["scope"]["unit"] for finding in report["findings"]} == {department(planted)}
    assert ran.err == ""


def test_only_one_detector_is_run_if_only_one_is_asked_for(run: Run, planted: Path) -> None:
    report = json.loads(run("check", planted, "--only", "cu501", "--json", "-").out)

    assert {one["code"] for one in report["assessments"]} == {"CU501"}


def test_smaller_groups_are_shown_on_request_only(run: Run, planted: Path) -> None:
    def reasons(*options: object) -> str:
        report = json.loads(run("check", planted, "--only", "CU112", "--json", "-", *options).out)
        return json.dumps([one["reason"] for one in report["assessments"]])

    assert "fewer than 1000 persons" in reasons("--min-group", 1000)
    assert "fewer than" not in reasons("--min-group", 1)


def test_it_writes_page_json_and_witnesses_where_it_is_told(
    run: Run, planted: Path, usages: Path, tmp_path: Path
) -> None:
    page, data, table = tmp_path / "r.html", tmp_path / "r.json", tmp_path / "w.csv"

    ran = run(
        "check",
        planted,
        "--rules",
        usages,
        "--html",
        page,
        "--json",
        data,
        "--witnesses",
        table,
        "--lang",
        "fr",
    )

    assert department(planted) in page.read_text("utf-8")
    assert 'lang="fr"' in page.read_text("utf-8")
    assert json.loads(data.read_text("utf-8"))["schema"] == 1
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["verdict"] for row in rows} <= {"violated", "tied"}
    assert all(row["at"].endswith("Z") for row in rows if row["at"])
    assert "création" in ran.out


def test_witnesses_can_be_a_parquet_file(run: Run, planted: Path, usages: Path, tmp_path: Path) -> None:
    run("check", planted, "--rules", usages, "--witnesses", tmp_path / "w.parquet")

    assert pl.read_parquet(tmp_path / "w.parquet").height > 0


@pytest.mark.parametrize(
    ("options", "instant"),
    [
        (["--as-of", "2025-03-31"], "2025-03-31T23:59:59.999999+00:00"),
        (["--as-of", "2025-03-31", "--zone", "Europe/Paris"], "2025-03-31T21:59:59.999999+00:00"),
        (["--as-of", "2025-03-31T12:00Z"], "2025-03-31T12:00:00+00:00"),
        (["--as-of", "2025-03-31T12:00+02:00", "--zone", "America/Lima"], "2025-03-31T10:00:00+00:00"),
        (["--as-of", "2025-03-31 12:00", "--zone", "Europe/Paris"], "2025-03-31T10:00:00+00:00"),
    ],
)
def test_a_day_means_its_end_where_one_is(run: Run, planted: Path, options: list[str], instant: str) -> None:
    report = json.loads(run("check", planted, "--only", "CU501", "--json", "-", *options).out)

    assert report["as_of"] == instant


def test_a_plain_log_is_read_through_a_mapping(run: Run, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "Ticket;Step;When\n1;opened;2026-03-02 09:00\n1;done;2026-03-02 09:00\n".replace(";", ","), "utf-8"
    )
    (tmp_path / "map.toml").write_text(
        'kind = "request"\n[columns]\ncase_id = "Ticket"\nactivity = "Step"\nat = "When"\n'
        '[meanings]\nopened = "submitted"\ndone = "fulfilled"\n',
        "utf-8",
    )
    rules = tmp_path / "usages"
    rules.mkdir()
    (rules / "a.toml").write_text(
        'id = "a"\nsituation = { en = "a", fr = "b" }\n'
        '[[expect]]\ntemplate = "response"\nactivity = "submitted"\ntarget = "fulfilled"\n',
        "utf-8",
    )
    asked = [
        "check",
        tmp_path / "log.csv",
        "--map",
        tmp_path / "map.toml",
        "--zone",
        "Europe/Paris",
        "--rules",
        rules,
    ]

    assert json.loads(run(*asked, "--json", "-").out)["rules"][0]["tied"] == 1
    assert json.loads(run(*asked, "--ordered", "--json", "-").out)["rules"][0]["fulfilled"] == 1


def test_a_rule_that_cannot_be_judged_is_told_on_stderr(run: Run, honest: Path, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        'id = "a"\nsituation = { en = "a", fr = "b" }\n[[expect]]\ntemplate = "init"\nactivity = "creatd"\n',
        "utf-8",
    )

    ran = run("check", honest, "--rules", tmp_path)

    assert ran.code == 0
    assert ran.err.startswith("Warning: rule a was not judged")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--as-of", "yesterday"], "neither a day (2026-10-31) nor a time"),
        (["--as-of", "2026-10-31T10:00"], "needs its zone"),
        (["--as-of", "2026-10-31", "--zone", "Mars"], "'Mars' is not the name of a time zone"),
        (["--only", "CU50"], "Did you mean CU50"),
        (["--min-group", "0"], "0 is not in the range"),
        (["--html", "missing/r.html"], "there is no folder missing"),
        (["--json", "missing/r.json"], "there is no folder missing"),
        (["--witnesses", "w.xlsx"], "neither in .csv nor in .parquet"),
        (["--rules", "missing"], "there is no such file or folder"),
        (["--lang", "de"], "'de' is not one of 'en', 'fr'"),
        (["--ruels", "x"], "--rules"),
    ],
)
def test_bad_input_is_one_clear_message_and_leaves_with_2(
    run: Run, honest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)

    ran = run("check", honest, *options)

    assert ran.code == 2
    assert says in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""


def test_a_path_with_nothing_at_it_is_bad_input(run: Run) -> None:
    ran = run("check", "no-such-export")

    assert ran.code == 2
    assert ran.err.startswith("Error: no-such-export")


def test_all_faults_of_a_rulebook_are_told(run: Run, honest: Path, tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text("id = 3", "utf-8")

    ran = run("check", honest, "--rules", tmp_path)

    assert ran.code == 2
    assert ran.err.startswith("Error: 4 faults in the rulebook")


def test_the_truth_of_a_written_simulation_is_not_read_as_data(honest: Path) -> None:
    assert Truth is not None
    assert History.read(honest).set_aside == ()


def test_what_is_missing_most_is_told_and_each_check_on_request(run: Run, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("case_id,activity,at,team\n1,won,2026-03-02T09:00:00Z,Nord\n", encoding="utf-8")
    short, full = run("check", log), run("check", log, "--all")
    assert (short.code, full.code) == (0, 0)
    assert "cases.unit (the team or department)" in short.out
    assert "events.team" in short.out
    assert "CU112" not in short.out
    assert "CU112" in full.out
    assert len(short.out.splitlines()) < len(full.out.splitlines())


def test_an_export_with_nothing_in_it_does_not_pass_for_a_clear_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text("case_id,kind,created_at,unit\n")
    told = run("check", tmp_path)
    assert told.code == 2
    assert f"{tmp_path}: there is not one case or event in it" in told.err
