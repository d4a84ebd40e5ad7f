"""What the examples tell of the published logs; the figures are those of their README files."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
PROBLEMS = "bpic2013_problems/pm4py_06_bpic2013_closed.xes.gz"
TICKETS = "helpdesk_italy/helpdesk.xes.gz"


@pytest.fixture(scope="module")
def problems() -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLES / "problems" / "lines_and_countries.py"))


def test_problems_by_support_line_and_country_are_told_as_their_readme_says(
    problems: dict[str, Any], real_logs: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    problems["main"](str(real_logs / PROBLEMS), "en", str(page))
    told = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")
    for line in (
        "3rd line, in   16.1% (5/31; 7.1 to 32.6%)",
        "2nd line, fr   17.2% (5/29; 7.6 to 34.5%)",
        "2nd line, pl   20.6% (7/34; 10.3 to 36.8%)",
        "2nd line, pl   67.6% (23/34; 50.8 to 80.9%)",
        "3rd line, us   1.3% (3/232; 0.4 to 3.7%)  z −5.0",
        "CU404 clear: 11, not_assessable: 23",
        "CU407 the data cannot show it: no cases.due_at",
        "CU410 clear: 7, not_assessable: 27",
    ):
        assert line in told
    assert page.read_text(encoding="utf-8").count("<svg") == 4


def test_no_unit_of_fewer_than_five_persons_is_drawn(problems: dict[str, Any], real_logs: Path) -> None:
    history = problems["by_line_and_country"](real_logs / PROBLEMS)
    sizes = history.unit_sizes()
    told = problems["rows"](history)
    assert {row.figure for row in told} == {"CU402", "CU404", "CU410", "returns", "waits"}
    assert all(sizes[row.unit] >= 5 and row.n >= 10 for row in told)
    assert all(row.measure.low <= row.measure.value <= row.measure.high for row in told)


def test_the_help_desk_is_told_as_its_readme_says(
    real_logs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor = runpy.run_path(str(EXAMPLES / "help_desk" / "supervisor.py"))
    supervisor["main"](str(real_logs / TICKETS), "en")
    told = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")
    for words in (
        "resolved more than once: 8.4%",
        "resolved from waiting, not taken up again: 16.7%",
        "No product and no customer is far from the others",
        "takes 2.2 days to resolve, and is closed 30 days later; 40.9% of the time",
    ):
        assert words in told
