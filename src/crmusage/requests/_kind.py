from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from crmusage.errors import RuleError
from crmusage.model import Text
from crmusage.requests._request import Request
from crmusage.requests._state import Duty
from crmusage.rules import Condition, Duration, comparisons, holds
from crmusage.rules._field import FieldError

_ID = re.compile(r"[a-z0-9][a-z0-9_.-]*")

PLACEHOLDERS = frozenset(
    {
        "",
        "-",
        "--",
        ".",
        "..",
        "...",
        "?",
        "x",
        "xx",
        "xxx",
        "n/a",
        "na",
        "none",
        "nil",
        "null",
        "tbd",
        "todo",
    }
    | {"test", "unknown", "see above", "inconnu", "neant", "néant", "sans objet", "nc", "à voir"}
)
"""What people type into a field that must not be empty (guessed: the common ones of French and English tools)."""


@attrs.frozen
class Fact:
    """Something that a request of a kind has to say, or that has to be written down once it is done."""

    name: str
    """The field that holds it."""
    text: Text
    """What people are asked for."""
    pattern: str | None = attrs.field(default=None)
    """How it looks, as a regular expression: searched for in the field, else in the text, in any case of letters."""

    @pattern.validator
    def _is_pattern(self, _: object, value: str | None) -> None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise FieldError("pattern", f"{value!r} is no regular expression: {error}") from None

    def found_in(self, text: str | None, facts: Mapping[str, object]) -> bool:
        """Whether it is said: in its field, or in the text where it can be recognised there."""
        value = facts.get(self.name)
        if value is not None and str(value).strip().casefold() not in PLACEHOLDERS:
            return self.pattern is None or re.search(self.pattern, str(value), re.IGNORECASE) is not None
        return self.pattern is not None and re.search(self.pattern, text or "", re.IGNORECASE) is not None


@attrs.frozen
class Emergency:
    """What an emergency is, so that it can be told from a hurry."""

    text: Text
    where: Condition
    """On the facts of the request, and on its text, kind, trigger, doer, priority_rank and due_at."""
    pace: Mapping[Duty, Duration] = attrs.field(factory=dict, hash=False)
    """How long each duty may take then."""

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that it is judged by, once each."""
        return tuple(dict.fromkeys(compare.attribute for compare in comparisons(self.where)))

    def holds_for(self, request: Request) -> bool | None:
        """Whether the request is one; None: a fact that it takes is missing, or is of another sort.

        The definition may be decided by some facts alone; those that are missing count only where it is not.
        """
        try:
            if holds(self.where, lambda name: value_of(request, name)):
                return True
        except RuleError:
            return None
        return None if any(value_of(request, name) is None for name in self.facts) else False


def value_of(request: Request, name: str) -> object:
    """A fact of a request, or else what it is called by itself."""
    if name in request.facts:
        return request.facts[name]
    own = ("text", "kind", "trigger", "doer", "priority_rank", "due_at")
    return getattr(request, name) if name in own else None


@attrs.frozen
class RequestKind:
    """The coding standard of one kind of request: what it has to say, who can do it, what is urgent."""

    id: str
    name: Text
    roles: tuple[str, ...] = ()
    """Who does such requests: one of these roles."""
    skills: tuple[str, ...] = ()
    """What the doer has to be able to do: all of it."""
    responsibility: tuple[str, ...] = ()
    """Facts by which responsibility is divided, such as the region: the doer has to have theirs."""
    fact: tuple[Fact, ...] = ()
    """What the request has to say."""
    documentation: tuple[Fact, ...] = ()
    """What has to be written down once it is done."""
    priorities: tuple[int, ...] = (1, 2, 3)
    """The ranks that there are, 1 the highest."""
    urgent: tuple[int, ...] = (1,)
    """Those that claim an emergency."""
    emergency: Emergency | None = None
    pace: Mapping[Duty, Duration] = attrs.field(factory=dict, hash=False)
    """How long each duty may take, where it is not as usual."""

    def __attrs_post_init__(self) -> None:
        if _ID.fullmatch(str(self.id)) is None:
            raise FieldError("id", f"id is made of small letters, digits, - _ and ., not {self.id!r}")
        for name in ("fact", "documentation"):
            names = [fact.name for fact in getattr(self, name)]
            twice = sorted({fact for fact in names if names.count(fact) > 1})
            if twice:
                raise FieldError(name, f"{', '.join(twice)} is there more than once")
        if not set(self.urgent) <= set(self.priorities):
            raise FieldError("urgent", f"the urgent ranks are some of {list(self.priorities)}")

    def pace_for(self, request: Request) -> Mapping[Duty, Duration]:
        """How long each duty may take for this request: an emergency that is one goes by its own pace."""
        if self.emergency is not None and self.emergency.holds_for(request):
            return {**self.pace, **self.emergency.pace}
        return self.pace
