from __future__ import annotations

import datetime as dt
import math
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import crmusage as cu
from crmusage.cli import main
from crmusage.knowledge import Fit, Gathered, Reading, fit
from crmusage.rules import Constraint, Rulebook, Status, Template, UsageRule
from crmusage.signals import acts, readings
from tests.signals.company import DAY, END, entry, history

RULE = UsageRule(
    "mail-after-call",
    situation=cu.Text("A call was made", "Un appel a été passé"),
    expect=(Constraint(Template.RESPONSE, activity="call", target="email", within=cu.Duration(days=2)),),
    status=Status.ACTIVE,
)
BOOK = Rulebook((RULE,))
MONTH = 365.25 / 12


def call(who: int, kept: bool, ago: float, number: int) -> list[dict[str, Any]]:
    at = END - ago * DAY
    row = {**entry(number, who, at), "actor": f"p{who:03}", "activity": "call"}
    return [row, {**row, "activity": "email", "at": at + dt.timedelta(hours=1)}] if kept else [row]


def read(who: int, ago: float) -> dict[str, Any]:
    return {"rule_id": RULE.id, "version": 1, "person_id": f"p{who:03}", "at": END - ago * DAY}


def gathered(
    events: list[dict[str, Any]], acknowledgements: list[dict[str, Any]], book: Rulebook = BOOK
) -> Gathered:
    one = history(cases=None, events=events, acknowledgements=acknowledgements)
    return readings(one, book, acts(one))


def test_each_person_counts_once_with_the_last_case_that_called_for_the_rule():
    events = [*call(0, True, 200, 1), *call(0, False, 10, 2), *call(1, True, 10, 3), *call(2, True, 10, 4)]
    found = gathered(events, [read(0, 375), read(1, 375)])
    # The third was never seen to read the rule: colleagues told them, or nobody.
    assert found.readings == (Reading(12, 1, 2),)


def test_what_came_before_the_reading_says_nothing_of_forgetting():
    assert gathered([*call(0, False, 100, 1), *call(1, True, 5, 2)], [read(0, 50), read(1, 50)]).readings == (
        Reading(1, 1, 1),
    )


def test_kept_and_broken_on_one_day_counts_as_broken():
    events = [*call(0, True, 10, 1), *call(0, False, 10, 2)]
    assert gathered(events, [read(0, 40)]).readings == (Reading(1, 0, 1),)


def test_without_acknowledgements_or_rules_there_is_nothing_to_read():
    events = call(0, True, 10, 1)
    assert gathered(events, []).readings == ()
    assert gathered(events, [read(0, 40)], Rulebook()).readings == ()


def company(seed: int, forgotten: float = 0.4, people: int = 120) -> tuple[list[Any], list[Any]]:
    """People who read the rule up to two years ago and keep it as they still know it."""
    rng = random.Random(seed)
    events: list[Any] = []
    told = []
    for who in range(people):
        months = rng.choice([1, 6, 12, 24])
        knows = 0.9 * math.exp(math.log1p(-forgotten) / 12 * months)
        told.append(read(who, 9 + months * MONTH))
        events += call(who, rng.random() < knows, 9, who)
    return events, told


def test_the_decay_that_made_a_company_is_found_in_its_history_within_the_stated_interval():
    held = 0
    for seed in range(12):
        found = fit(gathered(*company(seed)).readings)
        assert isinstance(found, Fit)
        held += found.forgotten_a_year.low <= 0.4 <= found.forgotten_a_year.high
    assert held >= 10


def test_the_command_fits_the_decay_to_an_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    events, told = company(3)
    export = tmp_path / "export"
    export.mkdir()
    pl.DataFrame(events).write_csv(export / "events.csv")
    pl.DataFrame(told).write_csv(export / "acknowledgements.csv")
    BOOK.save(tmp_path / "usages")
    plan = tmp_path / "plan.toml"
    plan.write_text(
        '[[topic]]\nid = "t"\nname = { en = "Mails", fr = "Courriels" }\nhours = 1\n'
        '[[group]]\nid = "all"\npeople = 20\n',
        encoding="utf-8",
    )
    assert main(["knowledge", str(plan), "--lang", "en"]) == 1
    assert "120" not in capsys.readouterr().out
    more = ["--export", str(export), "--rules", str(tmp_path / "usages")]
    assert main(["knowledge", str(plan), *more, "--json", "-"]) == 1
    assert '"n": 120' in capsys.readouterr().out
    assert main(["knowledge", str(plan), "--export", str(export)]) == 2
    assert "give --rules as well" in capsys.readouterr().err
