from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.conformance import judge
from crmusage.rules import Constraint, Template, Verdict

from . import oracle
from .logs import cases, constraints, history_of


def by_activation(
    history, constraint: Constraint, of_first_side: int, zone: str | None = None
) -> list[dict[int | None, str]]:
    """The library's verdicts, laid out as the oracle's are: one dict a case, the second side's keys below zero."""
    judged = judge(history, constraint, zone=zone)
    names = history.events["name"].to_list()
    found: list[dict[int | None, str]] = [{} for _ in range(history.cases.height)]
    for place, (case, at, verdict) in enumerate(zip(judged.case, judged.at, judged.verdict, strict=True)):
        name = None if at < 0 else names[at] if place < of_first_side else -1 - names[at]
        assert name not in found[case]
        found[case][name] = Verdict(int(verdict)).name.lower()
    return found


@pytest.mark.parametrize("template", list(Template))
@given(data=st.data())
def test_every_verdict_is_the_formulas(template: Template, data) -> None:
    log, as_of = data.draw(cases())
    constraint = data.draw(constraints(template))
    history = history_of(log, as_of)
    expected = [oracle.verdicts(constraint, case, as_of) for case in log]
    first_side = sum(name is None or name >= 0 for wanted in expected for name in wanted)
    assert by_activation(history, constraint, first_side) == expected
