from __future__ import annotations

import pytest

from crmusage.model import RuleTally, Text
from crmusage.rules import Cadence, Constraint, Duration, Template, in_words

ANSWERED = Constraint(
    Template.RESPONSE,
    activity="quote_accepted",
    target="quote_declined",
    within=Duration(working_days=2),
)


def test_an_expectation_is_told_with_its_time_in_both_languages() -> None:
    assert in_words(ANSWERED) == Text(
        "after 'quote_accepted', 'quote_declined' follows, within 2 working days",
        "après « quote_accepted » vient « quote_declined », dans un délai de 2 jours ouvrés",
    )


def test_a_cadence_is_told_in_both_languages() -> None:
    monday = Cadence("FREQ=WEEKLY;BYDAY=MO;BYHOUR=12", "updated", Duration(hours=12))
    assert in_words(monday).fr == (
        "chaque lundi à 12 h, chaque dossier ouvert a connu « updated » dans un délai de 12 heures avant l'échéance"
    )


@pytest.mark.parametrize("rrule", ["FREQ=HOURLY", "FREQ=WEEKLY;BYDAY=mo", "FREQ=MONTHLY;BYSETPOS=1;BYDAY=MO"])
def test_a_recurrence_too_rich_for_words_is_told_as_it_is_written(rrule: str) -> None:
    assert rrule in in_words(Cadence(rrule, "updated")).fr


def test_a_tally_without_words_asks_in_the_words_of_declare() -> None:
    bare = RuleTally("r", 1, 0, str(ANSWERED))
    assert bare.asks == Text(str(ANSWERED), str(ANSWERED))
    assert RuleTally("r", 1, 0, str(ANSWERED), expected=in_words(ANSWERED)).asks == in_words(ANSWERED)
