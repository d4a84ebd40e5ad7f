"""What discovery tells of the published logs, read through."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmusage.discovery import discover
from crmusage.history import History

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    "log",
    [
        "bpic2013_problems/pm4py_06_bpic2013_closed.xes.gz",
        "bpic2013_problems/hk_BPIC13_open_problems.xes.gz",
    ],
)
def test_a_support_line_that_starts_a_problem_before_it_lets_it_wait_shows_in_both_logs(
    log: str, real_logs: Path
) -> None:
    history = History.read(real_logs / log, mapping=EXAMPLES / "problems" / "log.toml")
    found = discover(history)
    told = {(usage.group.unit, str(usage.constraint)) for usage in found}
    assert ("Org line C", "precedence(waiting, started) within 30 days") in told
    assert all(
        usage.group.unit not in {"Org line D", "Org line G1"} for usage in found
    )  # fewer than five persons
