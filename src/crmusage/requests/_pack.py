from __future__ import annotations

from importlib import resources

from crmusage.errors import BookError, Fault, RuleError
from crmusage.rules import Rulebook, UsageRule, starter
from crmusage.rules._reading import read

REQUEST_DISCIPLINE = "request-discipline"
"""The name of the pack."""


def rule_pack(name: str = REQUEST_DISCIPLINE) -> Rulebook:
    """The rules that come with the package for requests, ready to be held against a history or a live stream.

    They are the starter rulebook's rules for requests, and those that only make sense where events carry what a
    `RequestEvent` does: the date in the calendar, the decision, the reason of a refusal.

    Raises:
        RuleError: when there is no such pack.
    """
    if name != REQUEST_DISCIPLINE:
        raise RuleError(f"there is no rule pack {name!r}: there is {REQUEST_DISCIPLINE}")
    rules: list[UsageRule] = []
    faults: list[Fault] = []
    for file in resources.files(__package__).joinpath("request_discipline").iterdir():
        rule, wrong = read(file.read_text(encoding="utf-8"), file.name)
        faults += wrong
        if rule is not None:
            rules.append(rule)
    if faults:  # pragma: no cover — the files come with the package, and are tested
        raise BookError(faults)
    return Rulebook((*starter("request"), *rules))
