"""Adoptability: what makes people take a CRM project up of themselves, and who gains and pays by it."""

from crmusage.adoptability._balance import (
    Account,
    Balance,
    Feature,
    Group,
    Irritant,
    Kind,
    Planned,
    Return,
)
from crmusage.adoptability._balance_files import load_balance
from crmusage.adoptability._coercion import AROUND_CONTROLS, BY_PRODUCT, Coercion, coercion
from crmusage.adoptability._files import load_survey, questions
from crmusage.adoptability._indicator import Better, Indicator, Verdict
from crmusage.adoptability._json import as_json, coercion_as_dict, indicator_as_dict
from crmusage.adoptability._reliability import alpha, omega, omega_of, one_factor
from crmusage.adoptability._score import Score, Scores, score
from crmusage.adoptability._survey import About, Criterion, Item, Response, items
from crmusage.adoptability._telling import Teller
from crmusage.adoptability._words import advice_on

__all__ = [
    "AROUND_CONTROLS",
    "BY_PRODUCT",
    "About",
    "Account",
    "Balance",
    "Better",
    "Coercion",
    "Criterion",
    "Feature",
    "Group",
    "Indicator",
    "Irritant",
    "Item",
    "Kind",
    "Planned",
    "Response",
    "Return",
    "Score",
    "Scores",
    "Teller",
    "Verdict",
    "advice_on",
    "alpha",
    "as_json",
    "coercion",
    "coercion_as_dict",
    "indicator_as_dict",
    "items",
    "load_balance",
    "load_survey",
    "omega",
    "omega_of",
    "one_factor",
    "questions",
    "score",
]
