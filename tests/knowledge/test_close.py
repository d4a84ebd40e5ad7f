from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.errors import RuleError, SourceError
from crmusage.knowledge import (
    Close,
    Control,
    ControlKind,
    ControlResult,
    close,
    compare,
    controls_of,
    load_close,
    overdue,
    save_close,
)
from crmusage.model import Outcome, Period, Text
from crmusage.rules import Rulebook, UsageRule

SEPTEMBER, OCTOBER = Period.month(2026, 9), Period.month(2026, 10)
RULE = Control(ControlKind.RULE, "monday-update", "sales operations")
DETECTOR = Control(ControlKind.DETECTOR, "CU112")
TABLE = Control(ControlKind.COVERAGE, "sessions")
CLEAR = ControlResult(Outcome.CLEAR)


def found(**values: float) -> ControlResult:
    return ControlResult(Outcome.FOUND, values)


def closed(
    period: Period = SEPTEMBER, previous: Close | None = None, **results: ControlResult | None
) -> Close:
    by_control = dict(zip((RULE, DETECTOR, TABLE), (CLEAR, CLEAR, CLEAR), strict=True))
    by_control |= {control: results[control.kind.value] for control in by_control if control.kind in results}
    return close(by_control, by_control.get, period, on=period.end, previous=previous)


def test_every_control_of_the_list_is_run_once_and_kept():
    asked: list[Control] = []

    def run(control: Control) -> ControlResult:
        asked.append(control)
        return CLEAR

    one = close([RULE, DETECTOR], run, SEPTEMBER, on=dt.date(2026, 10, 2))
    assert asked == [RULE, DETECTOR]
    assert one.results == {RULE: CLEAR, DETECTOR: CLEAR}


def test_the_digest_is_the_hash_of_the_canonical_content():
    one = close([DETECTOR], lambda _: found(North=3), SEPTEMBER, on=dt.date(2026, 10, 2))
    text = (
        '{"closed_on":"2026-10-02","controls":[{"kind":"detector","result":{"found":{"North":3.0},"outcome":"found",'
        '"reason":null},"role":null,"subject":"CU112"}],"period":"2026-09","previous":null,"schema":1}'
    )
    import hashlib

    assert one.digest == hashlib.sha256(text.encode()).hexdigest()


@given(st.permutations([RULE, DETECTOR, TABLE]), st.permutations(["North", "South", "East"]))
def test_the_digest_does_not_hang_on_the_order_of_controls_or_of_what_they_found(controls, units):
    values = {"North": 1, "South": 2, "East": 0.5}
    result = ControlResult(Outcome.FOUND, {unit: values[unit] for unit in units})
    one = close(controls, lambda _: result, SEPTEMBER, on=SEPTEMBER.end)
    expected = close([RULE, DETECTOR, TABLE], lambda _: found(**values), SEPTEMBER, on=SEPTEMBER.end)
    assert one.digest == expected.digest


@pytest.mark.parametrize(
    "change",
    [
        {"rule": found(North=1)},
        {"coverage": ControlResult(Outcome.NOT_ASSESSABLE, reason="no export")},
        {"previous": closed(Period.month(2026, 8))},
        {"period": OCTOBER},
    ],
)
def test_anything_else_in_it_gives_another_digest(change):
    assert closed(**change).digest != closed().digest


def test_a_signature_changes_the_seal_and_not_the_digest():
    one = closed()
    signed = one.sign("sales director", dt.date(2026, 10, 5))
    assert signed.digest == one.digest
    assert len({one.seal, signed.seal, one.sign("controller", dt.date(2026, 10, 5)).seal}) == 3


def test_what_was_forgotten_forbids_to_sign_and_is_named():
    one = closed(coverage=None)
    assert one.forgotten == (TABLE,)
    with pytest.raises(RuleError, match="no result of coverage:sessions"):
        one.sign("sales director", dt.date(2026, 10, 5))


def test_what_could_not_be_seen_does_not_forbid_to_sign():
    blind = ControlResult(Outcome.NOT_ASSESSABLE, reason="the export has no sessions")
    signature = closed(coverage=blind).sign("controller", SEPTEMBER.end).signature
    assert signature is not None
    assert (signature.role, signature.on) == ("controller", SEPTEMBER.end)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: closed().sign("a", SEPTEMBER.end).sign("b", SEPTEMBER.end), "signed already, by a"),
        (lambda: closed().sign("a", dt.date(2026, 9, 30)), "cannot be signed before"),
        (lambda: closed().sign("ann@example.org", SEPTEMBER.end), "role is a role"),
        (lambda: close([RULE], lambda _: CLEAR, SEPTEMBER, on=dt.date(2026, 9, 30)), "cannot be closed on"),
        (
            lambda: close([RULE, RULE], lambda _: CLEAR, SEPTEMBER, on=SEPTEMBER.end),
            "rule:monday-update more than once",
        ),
        (lambda: closed(SEPTEMBER, closed(OCTOBER)), "does not come after"),
        (lambda: ControlResult(Outcome.FOUND), "contradict"),
        (lambda: ControlResult(Outcome.CLEAR, {"North": 1}), "contradict"),
        (lambda: ControlResult(Outcome.NOT_ASSESSABLE), "says why"),
        (lambda: found(North=float("nan")), "finite"),
    ],
)
def test_what_no_close_can_be_is_refused(act, said):
    with pytest.raises(RuleError, match=said):
        act()


def test_what_the_runner_raises_is_not_swallowed():
    def run(_: Control) -> ControlResult:
        raise SourceError("the export is gone")

    with pytest.raises(SourceError, match="gone"):
        close([RULE], run, SEPTEMBER, on=SEPTEMBER.end)


def test_a_comparison_tells_new_gone_worse_and_better():
    before = closed(rule=found(North=10, South=4, West=5, East=2))
    now = closed(OCTOBER, before, rule=found(North=12, South=3, East=2, Centre=1))
    told = compare(before, now)
    assert [(one.what, one.before, one.now) for one in told.new] == [("Centre", None, 1)]
    assert [(one.what, one.before, one.now) for one in told.gone] == [("West", 5, None)]
    assert [one.what for one in told.worse] == ["North"]
    assert [one.what for one in told.better] == ["South"]
    assert told.chained
    assert not told.quiet


def test_a_month_like_the_last_is_quiet():
    before = closed(rule=found(North=10))
    assert compare(before, closed(OCTOBER, before, rule=found(North=10))).quiet


def test_what_could_not_be_seen_this_month_is_not_gone():
    before = closed(rule=found(North=10))
    now = closed(OCTOBER, before, rule=ControlResult(Outcome.NOT_ASSESSABLE, reason="no export"))
    told = compare(before, now)
    assert told.gone == ()
    assert told.unseen == (RULE,)
    assert not told.quiet


def test_a_control_that_fell_off_the_list_is_noticed_at_the_next_close():
    before = closed(rule=found(North=10))
    now = close([DETECTOR, TABLE], lambda _: CLEAR, OCTOBER, on=OCTOBER.end, previous=before)
    told = compare(before, now)
    assert told.dropped == (RULE,)
    assert told.gone == ()
    assert not told.quiet
    assert compare(now, closed(Period.month(2026, 11), now)).added == (RULE,)


def test_a_month_that_nobody_closed_is_noticed_before_the_next_one_ends():
    first = closed().sign("controller", SEPTEMBER.end)
    assert overdue([first], dt.date(2026, 11, 10)) == ()
    assert overdue([first], dt.date(2026, 11, 11)) == (OCTOBER,)
    unsigned = closed(OCTOBER, first)
    assert overdue([first, unsigned], dt.date(2026, 11, 30)) == (OCTOBER,)
    signed = unsigned.sign("controller", dt.date(2026, 11, 12))
    assert overdue([first, signed], dt.date(2026, 11, 30)) == ()
    assert overdue([first, signed], dt.date(2026, 11, 11)) == (OCTOBER,)
    assert overdue([], dt.date(2026, 11, 30)) == ()


def test_a_close_changed_after_the_next_one_breaks_the_chain():
    before = closed(rule=found(North=10))
    now = closed(OCTOBER, before)
    assert compare(before, now).chained
    assert not compare(closed(rule=found(North=9)), now).chained


def test_a_close_is_read_as_it_was_written(tmp_path: Path):
    blind = ControlResult(Outcome.NOT_ASSESSABLE, reason="l'export n'a pas de sessions")
    for one in (
        closed(rule=found(Nord=3, **{"Grand Ouest": 0.25}), coverage=blind).sign("contrôleur", SEPTEMBER.end),
        closed(OCTOBER, closed(), coverage=None),
    ):
        save_close(one, tmp_path / "close.json")
        assert load_close(tmp_path / "close.json") == one


@pytest.mark.parametrize(
    ("old", "new"),
    [('"North": 3.0', '"North": 1.0'), ('"controller"', '"director"'), ('"2026-09"', '"2026-08"')],
)
def test_a_file_that_was_changed_is_refused(tmp_path: Path, old: str, new: str):
    file = tmp_path / "close.json"
    save_close(closed(rule=found(North=3)).sign("controller", dt.date(2026, 10, 4)), file)
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SourceError, match="was changed after the close"):
        load_close(file)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", json.dumps({"schema": 2}), '{"schema": 1, "controls": 3}']
)
def test_a_file_that_is_no_close_is_refused(tmp_path: Path, text: str):
    file = tmp_path / "close.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match="is no close"):
        load_close(file)


def test_every_active_rule_is_on_the_list_so_that_a_new_one_is_not_forgotten():
    name = Text("a", "a")
    rules = [UsageRule(i, Text(i, i), guidance=name) for i in ("a", "b")]
    retired = attrs.evolve(UsageRule("c", Text("c", "c"), guidance=name), status="retired")
    listed = controls_of(
        Rulebook([*rules, retired]), detectors=["CU112"], coverage=["sessions"], role="controller"
    )
    assert [one.id for one in listed] == ["rule:a", "rule:b", "detector:CU112", "coverage:sessions"]
    assert {one.role for one in listed} == {"controller"}


def test_what_is_seen_again_is_not_new_as_nobody_knows_what_was_there():
    blind = ControlResult(Outcome.NOT_ASSESSABLE, reason="no export")
    before = closed(rule=blind)
    told = compare(before, closed(OCTOBER, before, rule=found(North=10)))
    assert told.new == ()
    assert told.quiet


def test_a_file_with_a_person_for_a_role_is_refused_with_the_reason(tmp_path: Path):
    file = tmp_path / "close.json"
    save_close(closed().sign("controller", SEPTEMBER.end), file)
    file.write_text(file.read_text(encoding="utf-8").replace('"controller"', '"a@b.org"'), encoding="utf-8")
    with pytest.raises(SourceError, match="is no close of a period: role is a role"):
        load_close(file)
