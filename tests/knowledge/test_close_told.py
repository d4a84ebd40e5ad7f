from __future__ import annotations

import datetime as dt

import pytest

from crmusage.cli import main
from crmusage.knowledge import (
    Close,
    Control,
    ControlResult,
    close,
    needs_attention,
    save_close,
    tell_closes,
)
from crmusage.model import Outcome, Period

RULE, DETECTOR, TABLE = (
    Control("rule", "monday-update"),
    Control("detector", "CU112"),
    Control("coverage", "sessions"),
)
CLEAR = ControlResult(Outcome.CLEAR)
BLIND = ControlResult(Outcome.NOT_ASSESSABLE, reason="no export")


def found(**values: float) -> ControlResult:
    return ControlResult(Outcome.FOUND, values)


def closed(month: int, results: dict[Control, ControlResult | None], previous: Close | None = None) -> Close:
    period = Period.month(2026, month)
    return close(results, results.get, period, on=period.end, previous=previous)


def signed(one: Close) -> Close:
    return one.sign("sales director", one.closed_on)


SEPTEMBER = signed(closed(9, {RULE: found(North=10, South=4, West=5), DETECTOR: CLEAR, TABLE: CLEAR}))
OCTOBER = closed(10, {RULE: found(North=12, South=3, East=1), TABLE: BLIND}, SEPTEMBER)


def test_every_kind_of_change_is_told_under_its_heading():
    told = tell_closes([OCTOBER, SEPTEMBER]).replace("\N{NO-BREAK SPACE}", " ")
    assert told.startswith("October 2026, closed on 1 November 2026, 2 controls. Not signed.")
    for part in (
        "New\n- rule:monday-update, East: 1",
        "Worse\n- rule:monday-update, North: 10, now 12",
        "Better\n- rule:monday-update, South: 4, now 3",
        "Gone\n- rule:monday-update, West: 5",
        "No longer controlled\n- detector:CU112",
        "No longer seen\n- coverage:sessions: no export",
    ):
        assert part in told
    assert "Chain" not in told
    assert "Could not be seen" not in told  # once is enough


def test_what_could_not_be_seen_the_month_before_either_is_counted_only():
    again = closed(10, {RULE: CLEAR, TABLE: BLIND}, closed(9, {RULE: CLEAR, TABLE: BLIND}))
    told = tell_closes([closed(9, {RULE: CLEAR, TABLE: BLIND}), again])
    assert "Could not be seen\n- as the month before: 1 control" in told
    assert "Could not be seen\n- coverage:sessions: no export" in tell_closes([again])


def test_in_french_it_is_told_in_french():
    told = tell_closes([SEPTEMBER, OCTOBER], "fr")
    assert "Plus contrôlés\n- détecteur CU112" in told
    assert "Non signé" in told


def test_what_was_forgotten_and_a_broken_chain_are_told():
    alone = closed(10, {RULE: None})
    told = tell_closes([SEPTEMBER, alone])
    assert "Forgotten\n- rule:monday-update" in told
    assert "does not hold the seal" in told


def test_a_signed_month_like_the_last_needs_no_attention():
    again = signed(closed(10, dict(SEPTEMBER.results), SEPTEMBER))
    assert not needs_attention([SEPTEMBER, again], dt.date(2026, 11, 30))
    assert needs_attention([SEPTEMBER, again], dt.date(2026, 12, 20))
    assert needs_attention([SEPTEMBER, closed(10, dict(SEPTEMBER.results), SEPTEMBER)])
    assert not needs_attention([SEPTEMBER])


def test_there_is_nothing_to_tell_of_no_close():
    with pytest.raises(ValueError, match="no close"):
        tell_closes([])


def test_the_command_tells_and_its_code_says_whether_to_look(tmp_path, capsys):
    files = [str(tmp_path / name) for name in ("2026-09.json", "2026-10.json")]
    save_close(SEPTEMBER, files[0])
    save_close(OCTOBER, files[1])
    assert main(["close", files[0]]) == 0
    assert "Signed by sales director" in capsys.readouterr().out
    assert main(["close", *files, "--as-of", "2026-11-15"]) == 1
    assert "Months not closed and signed\n- October 2026" in capsys.readouterr().out


def test_the_command_refuses_a_file_that_was_changed(tmp_path, capsys):
    file = tmp_path / "2026-09.json"
    save_close(SEPTEMBER, file)
    file.write_text(file.read_text(encoding="utf-8").replace("10.0", "1.0"), encoding="utf-8")
    assert main(["close", str(file)]) == 2
    assert "was changed after the close" in capsys.readouterr().err
