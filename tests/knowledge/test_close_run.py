from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import attrs
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmusage as cu
from crmusage.cli import main
from crmusage.errors import RuleError
from crmusage.knowledge import (
    ALL,
    Close,
    Control,
    ControlKind,
    ControlResult,
    close,
    compare,
    controls_of,
    load_close,
    needs_attention,
    results_of,
    tell_closes,
)
from crmusage.model import Assessment, Kind, Measure, Norm, Outcome, Period, Scope, SetAside, Severity
from crmusage.report import close_chart, close_page
from crmusage.rules import Constraint, Rulebook, Status, Template, UsageRule

AUGUST, SEPTEMBER = Period.month(2026, 8), Period.month(2026, 9)
END = dt.datetime(2026, 9, 30, tzinfo=dt.UTC)
MAIL_AFTER_CALL = UsageRule(
    "mail-after-call",
    situation=cu.Text("A call was made", "Un appel a été passé"),
    expect=(Constraint(Template.RESPONSE, activity="call", target="email", within=cu.Duration(days=2)),),
    status=Status.ACTIVE,
)
BOOK = Rulebook((MAIL_AFTER_CALL,))
RULE = Control(ControlKind.RULE, "mail-after-call")
DETECTOR = Control(ControlKind.DETECTOR, "CU112")
EVENTS = Control(ControlKind.COVERAGE, "events")
CLEAR = ControlResult(Outcome.CLEAR)


def happened(*months: int, calls: bool = True, mails: bool = True) -> dict[str, list[dict[str, Any]]]:
    """Twenty cases a month that are updated, called about and written to."""
    events = []
    for month in months:
        for k in range(20):
            at = dt.datetime(2026, month, 1 + k, 9, tzinfo=dt.UTC)
            row = {"case_id": f"{month}-{k}", "at": at, "actor": f"p{k % 5}", "unit": "East"}
            events.append({**row, "activity": "updated"})
            events += [{**row, "activity": "call", "at": at + dt.timedelta(hours=1)}] * calls
            events += [{**row, "activity": "email", "at": at + dt.timedelta(hours=2)}] * mails
    return {"events": events}


def joined(*parts: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {"events": [row for part in parts for row in part["events"]]}


def closed(tables: dict[str, list[dict[str, Any]]], month: Period, previous: Close | None = None) -> Close:
    end = dt.datetime.combine(month.end, dt.time(), dt.UTC) - dt.timedelta(seconds=1)
    history = cu.History.from_records(as_of=end, **tables)
    rows = cu.rows_in(history, month)
    report = cu.verify(history, BOOK, only=["CU112"])
    controls = controls_of(BOOK, detectors=["CU112"], coverage=rows)
    one = close(controls, results_of(report, month, rows), month, on=month.end, previous=previous)
    return one.sign("sales director", month.end)


def test_a_process_that_is_no_longer_followed_is_noticed_at_the_close_of_its_month():
    august = closed(happened(8), AUGUST)
    assert august.results[RULE] == ControlResult(Outcome.CLEAR, out_of={ALL: 20})
    # In September nobody calls any more: no rule is broken, and nothing is late.
    september = closed(joined(happened(8), happened(9, calls=False, mails=False)), SEPTEMBER, august)
    told = compare(august, september)
    assert told.unseen == (RULE,)
    assert needs_attention([august, september])
    assert "rule:mail-after-call: nothing called for it in September 2026" in tell_closes([august, september])


def test_a_step_that_is_forgotten_is_noticed_at_the_close_of_its_month():
    august = closed(happened(8), AUGUST)
    september = closed(joined(happened(8), happened(9, mails=False)), SEPTEMBER, august)
    assert september.results[RULE] == ControlResult(Outcome.FOUND, {ALL: 20}, out_of={ALL: 20})
    assert [(line.control, line.now) for line in compare(august, september).new] == [(RULE, 20)]


def test_a_month_like_the_one_before_needs_no_attention():
    august = closed(happened(8), AUGUST)
    assert not needs_attention([august, closed(happened(8, 9), SEPTEMBER, august)])


def counted(broken: int, judged: int) -> ControlResult:
    return ControlResult(
        Outcome.FOUND if broken else Outcome.CLEAR, {ALL: broken} if broken else {}, out_of={ALL: judged}
    )


@pytest.mark.parametrize(
    ("before", "now", "side"),
    [
        ((2, 100), (4, 110), "alike"),
        ((2, 100), (20, 110), "worse"),
        ((20, 110), (2, 100), "better"),
        ((0, 100), (1, 100), "alike"),
        ((0, 100), (20, 100), "new"),
        ((20, 100), (0, 100), "gone"),
        ((1, 100), (0, 100), "alike"),
        # More of them, out of more: the share is what counts.
        ((10, 100), (30, 300), "alike"),
    ],
)
def test_what_differs_by_chance_alone_is_much_the_same(
    before: tuple[int, int], now: tuple[int, int], side: str
):
    first = close([RULE], {RULE: counted(*before)}.get, AUGUST, on=AUGUST.end).sign(
        "sales director", AUGUST.end
    )
    then = close([RULE], {RULE: counted(*now)}.get, SEPTEMBER, on=SEPTEMBER.end, previous=first)
    told = compare(first, then)
    sides = {name: getattr(told, name) for name in ("new", "gone", "worse", "better", "alike")}
    assert [name for name, lines in sides.items() if lines] == [side]
    assert told.quiet == (side in {"alike", "better", "gone"})
    assert "rule:mail-after-call, in all" in tell_closes([first, then])


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 50), st.integers(1, 50))
def test_counts_are_alike_whichever_of_the_two_comes_first(a: int, more_a: int, b: int, more_b: int):
    one, other = counted(a, a + more_a), counted(b, b + more_b)
    pairs = [
        (
            close([RULE], {RULE: x}.get, AUGUST, on=AUGUST.end),
            close([RULE], {RULE: y}.get, SEPTEMBER, on=SEPTEMBER.end),
        )
        for x, y in ((one, other), (other, one))
    ]
    there, back = (compare(*pair) for pair in pairs)
    assert len(there.alike) == len(back.alike)
    assert len(there.worse) + len(there.new) == len(back.better) + len(back.gone)


def test_a_count_that_is_no_share_is_refused():
    with pytest.raises(RuleError, match="3 of 2"):
        ControlResult(Outcome.FOUND, {ALL: 3}, out_of={ALL: 2})


def test_each_close_is_of_what_was_known_at_its_end():
    early, late = closed(happened(8), AUGUST), closed(happened(8, 9), AUGUST)
    assert early.digest == late.digest


def norm(value: float) -> Norm:
    return Norm(value, value - 0.1, value + 0.1, 12, "funnel")


def found(unit: str, value: float, *, kind: Kind = Kind.PARASITIC, of: Norm | None = None) -> cu.Finding:
    text = cu.Text("Seen.", "Vu.")
    measure = Measure("share", value)
    return cu.Finding("CU112", "late-creation", kind, Severity.HIGH, Scope(unit), measure, text, norm=of)


def asked(report: cu.Report, control: Control, **rows: int) -> ControlResult | None:
    return results_of(report, SEPTEMBER, rows)(control)


def test_a_detector_tells_how_far_units_stand_from_their_norm():
    findings = [found("East", 0.1, of=norm(0.8)), found("West", 0.4)]
    result = asked(cu.Report(END, findings=findings), DETECTOR)
    assert result is not None
    assert result.found == pytest.approx({"East": 0.7, "West": 0.4})


def test_what_is_promising_is_no_fault():
    ended = Assessment("CU112", Scope("East"), Outcome.FOUND)
    report = cu.Report(END, findings=[found("East", 0.4, kind=Kind.PROMISING)], assessments=[ended])
    assert asked(report, DETECTOR) == CLEAR


def test_a_detector_that_could_see_nowhere_says_why_and_one_that_saw_somewhere_is_clear():
    blind = [
        Assessment("CU112", Scope(str(k)), Outcome.NOT_ASSESSABLE, cu.Text(f"no {k}", f"pas de {k}"))
        for k in range(5)
    ]
    result = asked(cu.Report(END, assessments=blind), DETECTOR)
    assert result is not None
    assert result.reason == cu.Text(
        "no 0; no 1; no 2 (and 2 more)", "pas de 0 ; pas de 1 ; pas de 2 (et 2 de plus)"
    )
    seen = Assessment("CU112", Scope("9"), Outcome.CLEAR)
    assert asked(cu.Report(END, assessments=[*blind, seen]), DETECTOR) == CLEAR


def test_what_the_report_says_nothing_of_was_forgotten():
    assert asked(cu.Report(END), DETECTOR) is None
    assert asked(cu.Report(END), RULE) is None


def test_a_rule_that_could_not_be_judged_says_why():
    reason = cu.Text("no activity call", "aucune activité call")
    report = cu.Report(END, assessments=[Assessment(RULE.subject, Scope(), Outcome.NOT_ASSESSABLE, reason)])
    result = asked(report, RULE)
    assert result is not None
    assert result.reason == reason


def test_coverage_tells_rows_that_could_not_be_used_and_tables_that_are_not_there():
    aside = (SetAside("events", "events: no case", 12), SetAside("events", "events: after as_of", 500))
    report = cu.Report(END, set_aside=aside)
    assert asked(report, EVENTS, events=10) == ControlResult(Outcome.FOUND, {"events: no case": 12})
    for rows, said in (
        ({}, "the export has no table events"),
        ({"events": 0}, "no row of events in September 2026"),
    ):
        result = asked(report, EVENTS, **rows)
        assert result is not None
        assert result.reason is not None
        assert result.reason.en == said


# --- on the command line


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    folder.mkdir()
    rows = joined(happened(8), happened(9, mails=False))["events"]
    pl.DataFrame(rows).write_csv(folder / "events.csv")
    BOOK.save(tmp_path / "usages")
    return folder


def test_a_month_is_run_frozen_signed_and_compared_on_the_command_line(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    first, second, rules = tmp_path / "2026-08.json", tmp_path / "2026-09.json", str(tmp_path / "usages")
    run = ["close", "--run", str(export), "--rules", rules, "--month"]
    assert main([*run, "2026-08", "--out", str(first), "--as-of", "2026-09-02", "--lang", "en"]) == 1
    assert "Not signed" in capsys.readouterr().out
    assert main([*run, "2026-09", str(first), "--out", str(second), "--as-of", "2026-10-02"]) == 2
    assert "sign it first" in capsys.readouterr().err
    assert main(["close", str(first), "--sign", "sales director", "--as-of", "2026-09-03"]) == 0
    signed = load_close(first).signature
    assert signed is not None
    assert (signed.role, signed.on) == ("sales director", dt.date(2026, 9, 3))
    page = tmp_path / "close.html"
    again = [*run, "2026-09", str(first), "--out", str(second), "--as-of", "2026-10-02", "--html", str(page)]
    assert main([*again, "--json", "-"]) == 1
    told = capsys.readouterr().out
    assert '"control": "rule:mail-after-call"' in told
    assert load_close(second).previous == load_close(first).seal
    assert "<svg" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "give saved closes"),
        (["--month", "2026-09"], "--run and --month together"),
        (["--run", "export", "--month", "2026-09"], "--out"),
        (["--run", "export", "--month", "2026-13", "--out", "x.json"], "no month such as"),
        (
            ["--run", "export", "--month", "2026-11", "--out", "x.json", "--as-of", "2026-12-02"],
            "nothing to close",
        ),
    ],
)
def test_what_cannot_be_closed_is_said(
    export: Path,
    more: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.chdir(export.parent)
    assert main(["close", *more]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


# --- the picture


def test_the_chart_draws_two_bars_for_each_change_and_tells_them_apart():
    august = close([RULE, DETECTOR], {RULE: CLEAR, DETECTOR: result_of(East=4)}.get, AUGUST, on=AUGUST.end)
    september = close(
        [RULE, DETECTOR],
        {RULE: result_of(**{ALL: 3}), DETECTOR: result_of(East=1)}.get,
        SEPTEMBER,
        on=SEPTEMBER.end,
        previous=august,
    )
    svg = close_chart([september, august], "fr")
    assert svg.count('class="before"') == 1
    assert svg.count('class="now worse"') == 1
    assert svg.count('class="now better"') == 1
    assert "règle mail-after-call, au total" in svg
    assert "contour : août 2026" in svg.replace("\N{NO-BREAK SPACE}", " ")


def test_a_page_of_a_close_escapes_what_a_crm_calls_its_units():
    august = close([DETECTOR], {DETECTOR: CLEAR}.get, AUGUST, on=AUGUST.end)
    evil = ControlResult(Outcome.FOUND, {"<script>x": 1})
    september = close([DETECTOR], {DETECTOR: evil}.get, SEPTEMBER, on=SEPTEMBER.end, previous=august)
    page = close_page([august, september])
    assert "<script" not in page
    assert "&lt;script&gt;x" in page


def test_one_close_has_no_picture_and_a_page():
    august = close([DETECTOR], {DETECTOR: result_of(East=2)}.get, AUGUST, on=AUGUST.end)
    with pytest.raises(ValueError, match="give two"):
        close_chart([august])
    assert "detector:CU112, East" in close_page([august])


def test_two_alike_closes_draw_that_nothing_changed():
    august = close([DETECTOR], {DETECTOR: CLEAR}.get, AUGUST, on=AUGUST.end)
    again = attrs.evolve(august, period=SEPTEMBER, closed_on=SEPTEMBER.end, previous=august.seal)
    assert "nothing changed" in close_chart([august, again])


def result_of(**values: float) -> ControlResult:
    return ControlResult(Outcome.FOUND, values)
