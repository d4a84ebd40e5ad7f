"""A rule, people and what they have read, as the tests of telling people want them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crmusage.model import Acknowledgement, Person, Text
from crmusage.rules import Communication, Constraint, Duration, Rulebook, UsageRule

RULE = "two-offers"
ADOPTED = dt.date(2026, 1, 12)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def draft(rule_id: str = RULE, **said: Any) -> UsageRule:
    given: dict[str, Any] = {
        "owner": "sales-ops",
        "guidance": Text("One opportunity, two quotes.", "Une opportunité, deux devis."),
        "expect": [Constraint("response", "quote_accepted", "quote_declined")],
        "communication": Communication(
            audience={"profile": ["rep"]}, newcomers_within=Duration(days=14), renew_every={"months": 12}
        ),
        **said,
    }
    return UsageRule(
        rule_id,
        Text("The customer wants two offers", "Un client demande deux propositions au choix"),
        **given,
    )


def in_force(*rules: UsageRule, on: dt.date = ADOPTED) -> Rulebook:
    """A book of rules that came into force on a day."""
    book = Rulebook()
    for rule in rules or (draft(),):
        book = book.adopt(rule, who="sales-ops", why="asked every week", at=on)
    return book


def rep(person_id: str = "ann", **known: Any) -> Person:
    return Person(person_id, **{"unit": "north", "profile": "rep", **known})


def read(person_id: str, on: str, version: int = 1, rule: str = RULE) -> Acknowledgement:
    return Acknowledgement(rule, version, person_id, dt.datetime.combine(day(on), dt.time(9), tzinfo=dt.UTC))
