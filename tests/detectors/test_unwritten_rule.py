from __future__ import annotations

from crmusage.detectors.unwritten import UnwrittenRule
from crmusage.history import History
from crmusage.model import Kind, Outcome, Text, Verb
from crmusage.rules import Constraint, Rulebook, UsageRule

from ..discovery.company import calls_first, calls_never, company
from .company import judged, of_unit, only

CU502 = UnwrittenRule()


def shown() -> History:
    """A history in which it finds something."""
    return company(calls_first)


def book() -> Rulebook:
    """Rules that leave what it finds alone."""
    follows = Constraint("response", "created", "quote_sent")
    return Rulebook([UsageRule(id="quote", situation=Text("A deal", "Une affaire"), expect=[follows])])


def test_a_practice_of_one_unit_that_goes_with_better_outcomes_is_told_with_its_reasons() -> None:
    judgement = judged(CU502, shown())
    found = only(judgement)
    assert (found.code, found.kind, found.scope.unit) == ("CU502", Kind.PROMISING, "team 0")
    assert found.proposals[0].verb is Verb.ADOPT
    assert "end well more often" in found.text.en
    assert "finissent bien plus souvent" in found.text.fr
    assert found.reasoning is not None
    assert "comparisons were made" in found.reasoning.en
    assert of_unit(judgement, "team 0").outcome is Outcome.FOUND
    assert of_unit(judgement, "team 3").outcome is Outcome.CLEAR


def test_a_mere_habit_is_no_finding() -> None:
    judgement = judged(CU502, company(calls_never))
    assert judgement.findings == ()
    assert of_unit(judgement, "team 0").outcome is Outcome.CLEAR


def test_a_unit_of_four_persons_is_not_assessable() -> None:
    judgement = judged(CU502, company(calls_first, persons=4))
    assert judgement.findings == ()
    assert of_unit(judgement, "team 0").outcome is Outcome.NOT_ASSESSABLE


def test_however_the_history_is_cut_the_finding_is_the_same() -> None:
    assert judged(CU502, shown(), parts=3) == judged(CU502, shown())
