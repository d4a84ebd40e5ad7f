"""Facts that stand in free text although there is a field for them: which, and by what they are known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

import attrs


class Matcher(Protocol):
    """Tells which sorts of facts a text holds, and which fields are made for each."""

    @property
    def homes(self) -> Mapping[str, tuple[str, ...]]:
        """By sort of fact, parts of the names of the fields that are made for it (`mail`, `close_date`)."""
        ...

    def facts(self, text: str) -> frozenset[str]:
        """The sorts of facts in a text."""
        ...


_AMOUNT = r"\d[\d .,\u00a0\u202f]*\s?(?:€|eur\b|euros?\b|k€|m€|\$|usd\b|£|gbp\b|chf\b)|(?:€|\$|£)\s?\d"
_MONTH = r"(?:jan|feb|fév|mar|apr|avr|may|mai|jun|juin|jul|juil|aug|août|sep|oct|nov|dec|déc)[a-zéû]*\.?"
_IN_DIGITS = r"\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}"
_DATE = rf"\b(?:{_IN_DIGITS}|\d{{1,2}}(?:st|nd|rd|th|er)?\s{_MONTH}(?:\s\d{{4}})?)\b"


def _compiled(patterns: Mapping[str, str]) -> Mapping[str, re.Pattern[str]]:
    return MappingProxyType({name: re.compile(one, re.IGNORECASE) for name, one in patterns.items()})


@attrs.frozen
class Patterns:
    """A matcher by regular expressions: no language model, and every hit can be pointed at."""

    patterns: tuple[tuple[str, str], ...] = (
        ("amount", _AMOUNT),
        ("date", _DATE),
        ("e-mail", r"[\w.+-]+@[\w-]+\.[\w.]+"),
        (
            "telephone",
            r"(?:\+\d{1,3}[ .-]?|\b0)[1-9](?:[ .-]?\d{2}){4}\b|\+\d{8,14}\b|\(\d{3}\) ?\d{3}-\d{4}",
        ),
        ("discount", r"\b\d{1,2}(?:[.,]\d)?\s?%"),
    )
    """By sort of fact; English and French ways of writing. They miss much, and that is better than the contrary."""

    made_for: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("amount", ("amount", "budget", "montant")),
        ("date", ("close_date", "due_at", "next_step_date", "deadline", "échéance", "echeance")),
        ("e-mail", ("mail", "courriel")),
        ("telephone", ("phone", "mobile", "tel")),
        ("discount", ("discount", "rebate", "remise")),
    )
    """By sort of fact, parts of the names of the fields for it."""

    _ready: Mapping[str, re.Pattern[str]] = attrs.field(
        init=False,
        repr=False,
        eq=False,
        default=attrs.Factory(lambda self: _compiled(dict(self.patterns)), True),
    )

    def __deepcopy__(self, memo: object) -> Patterns:
        """It is a value, and never changes."""
        return self

    @property
    def homes(self) -> Mapping[str, tuple[str, ...]]:
        """By sort of fact, parts of the names of the fields for it."""
        return dict(self.made_for)

    def facts(self, text: str) -> frozenset[str]:
        """The sorts of facts in a text."""
        return frozenset(name for name, pattern in self._ready.items() if pattern.search(text))
