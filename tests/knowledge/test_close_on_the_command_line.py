"""What a close that is run on the command line looks at, and what it leaves out."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import crmusage as cu
from crmusage.cli import main
from crmusage.knowledge import Control, ControlKind, load_close, results_of
from crmusage.model import Kind, Measure, Period, Scope, SetAside, Severity
from crmusage.rules import Constraint, Rulebook, Status, Template, UsageRule

SEPTEMBER = Period.month(2026, 9)
BOOK = Rulebook(
    (
        UsageRule(
            "mail-after-call",
            situation=cu.Text("A call was made", "Un appel a été passé"),
            expect=(Constraint(Template.RESPONSE, activity="call", target="email"),),
            status=Status.ACTIVE,
        ),
    )
)


def written(folder: Path, rows: list[dict[str, Any]], people: int = 0) -> list[str]:
    """An export of these events, and the command that closes September over it."""
    export = folder / "export"
    export.mkdir(exist_ok=True)
    pl.DataFrame(rows).write_csv(export / "events.csv")
    if people:
        crew = [{"person_id": f"p{k}", "unit": "East"} for k in range(people)]
        pl.DataFrame(crew).write_csv(export / "people.csv")
    BOOK.save(folder / "usages")
    out = ["--out", str(folder / "2026-09.json"), "--as-of", "2026-10-02", "--json", "-"]
    return ["close", "--run", str(export), "--rules", str(folder / "usages"), "--month", "2026-09", *out]


def call(day: int, month: int = 9, hour: int = 9, **more: Any) -> dict[str, Any]:
    at = dt.datetime(2026, month, day, hour, tzinfo=dt.UTC).isoformat()
    return {"case_id": f"{month}-{day}", "activity": "call", "at": at, "unit": "East", **more}


def mail(day: int, month: int = 9, hour: int = 10) -> dict[str, Any]:
    return call(day, month, hour) | {"activity": "email"}


RULE = Control(ControlKind.RULE, "mail-after-call")


def test_what_happens_after_the_month_does_not_change_its_close(tmp_path: Path) -> None:
    rows = [call(day) for day in (1, 2, 3)] + [mail(1)]
    seals = []
    for more in ([], [mail(1, 10), call(1, 10, 0) | {"case_id": "9-2", "activity": "email"}]):
        assert main(written(tmp_path, [*rows, *more])) == 1
        seals.append(load_close(tmp_path / "2026-09.json").results[RULE])
    assert seals[0] == seals[1]


def test_times_without_a_zone_are_read_in_the_zone_that_is_named(tmp_path: Path) -> None:
    # At half past midnight in Paris on the first of October it is still September in UTC.
    rows = [call(1) | {"at": "2026-09-15T09:00:00"}, call(2) | {"at": "2026-10-01T00:30:00"}]
    command = written(tmp_path, rows)
    assert main([*command, "--zone", "Europe/Paris"]) == 1
    with_zone = load_close(tmp_path / "2026-09.json").results[Control(ControlKind.COVERAGE, "events")]
    assert with_zone.found == {}
    assert main(command) == 2


def test_the_later_of_two_closes_is_signed_and_written_back_however_they_are_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = written(tmp_path, [call(1, 8), mail(1, 8), call(1), mail(1)])
    august, september = tmp_path / "2026-08.json", tmp_path / "2026-09.json"
    in_august = ["2026-08" if one == "2026-09" else one for one in command]
    in_august[in_august.index("--out") + 1] = str(august)
    assert main([*in_august, "--sign", "sales director"]) == 0
    assert main([*command, str(august)]) == 1
    capsys.readouterr()
    main(["close", str(september), str(august), "--sign", "sales director", "--as-of", "2026-10-05"])
    signature = load_close(september).signature
    assert signature is not None
    assert signature.on == dt.date(2026, 10, 5)
    before = load_close(august).signature
    assert before is not None
    assert before.on == dt.date(2026, 10, 2)


@pytest.mark.parametrize(
    ("command", "passed"), [("close", "verify"), ("programme", "verify"), ("programme", "observe")]
)
def test_the_minimum_that_is_given_is_the_minimum_that_is_kept(
    command: str, passed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import crmusage.signals
    import crmusage.verification

    room = crmusage.verification if passed == "verify" else crmusage.signals
    real, kept = getattr(room, passed), []

    def spied(*args: Any, **wishes: Any) -> Any:
        kept.append(wishes.get("min_group"))
        return real(*args, **wishes)

    monkeypatch.setattr(room, passed, spied)
    words = written(tmp_path, [call(1), mail(1)])
    if command == "programme":
        words = ["programme", "examples/programme", "--export", str(tmp_path / "export"), "--json", "-"]
    main([*words, "--min-group", "9"])
    assert kept == [9]


def test_of_several_findings_in_a_unit_the_farthest_counts() -> None:
    def found(value: float) -> cu.Finding:
        text = cu.Text("Seen.", "Vu.")
        return cu.Finding(
            "CU112", "x", Kind.PARASITIC, Severity.HIGH, Scope("East"), Measure("m", value), text
        )

    report = cu.Report(dt.datetime(2026, 9, 30, tzinfo=dt.UTC), findings=[found(0.8), found(0.3)])
    result = results_of(report, SEPTEMBER, {})(Control(ControlKind.DETECTOR, "CU112"))
    assert result is not None
    assert result.found == {"East": 0.8}


def test_rows_that_could_not_be_used_count_for_their_own_table() -> None:
    aside = (SetAside("events", "events: no case", 12), SetAside("people", "people: no id", 3))
    report = cu.Report(dt.datetime(2026, 9, 30, tzinfo=dt.UTC), set_aside=aside)
    result = results_of(report, SEPTEMBER, {"people": 5})(Control(ControlKind.COVERAGE, "people"))
    assert result is not None
    assert result.found == {"people: no id": 3}


def test_a_programme_tells_what_is_not_closed_by_the_day_that_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*written(tmp_path, [call(1), mail(1)]), "--sign", "sales director"]) in {0, 1}
    capsys.readouterr()
    main(["programme", str(tmp_path), "--json", "-", "--as-of", "2026-11-20"])
    steps = json.loads(capsys.readouterr().out)["next"]
    assert [step["what"]["en"] for step in steps if step["part"] == "close"] == ["Close 2026-10."]
