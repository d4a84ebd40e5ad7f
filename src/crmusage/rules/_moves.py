"""What becomes of a rule when something is done with it: its new version, with who did it, when and why."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Protocol

import attrs

from crmusage.errors import RuleError
from crmusage.model import Text
from crmusage.rules._change import Change, Move
from crmusage.rules._diff import Difference, diff
from crmusage.rules._rule import Status, UsageRule
from crmusage.rules._situation import Situation
from crmusage.rules._table import nearest


class AsRule(Protocol):
    """What can be said as a rule, such as a usage that was discovered."""

    def as_rule(self) -> UsageRule:
        """The rule."""


@attrs.frozen
class Signature:
    """Who makes a change, why and when."""

    who: str
    why: str
    at: dt.date | None = None
    """None: now."""

    @property
    def instant(self) -> dt.date:
        """When, to the second."""
        return self.at if self.at is not None else dt.datetime.now(dt.UTC).replace(microsecond=0)


_BECOMES = {
    Move.PROPOSE: Status.DRAFT,
    Move.ADOPT: Status.ACTIVE,
    Move.RETIRE: Status.RETIRED,
    Move.FORBID: Status.FORBIDDEN,
    Move.OBSERVE: Status.OBSERVED,
}
_MAY = {
    Status.DRAFT: (Move.REVIEW, Move.AMEND, Move.ADOPT, Move.FORBID, Move.RETIRE),
    Status.OBSERVED: (Move.OBSERVE, Move.REVIEW, Move.AMEND, Move.ADOPT, Move.FORBID, Move.RETIRE),
    Status.ACTIVE: (Move.REVIEW, Move.AMEND, Move.FORBID, Move.RETIRE),
    Status.FORBIDDEN: (Move.REVIEW, Move.AMEND, Move.RETIRE),
    # What was laid aside is first brought up again, so that nobody takes it for what it was.
    Status.RETIRED: (Move.PROPOSE, Move.OBSERVE),
}
"""What may be done with a rule, by where it stands."""
_KEPT = ("id", "version", "status", "history", "source")
"""What a verb decides, not the one who calls it."""
_CONTENT = tuple(field.name for field in attrs.fields(UsageRule) if field.name not in _KEPT)


def entered(rule: UsageRule, move: Move, by: Signature, **content: object) -> UsageRule:
    """A rule that the book does not have yet, as it enters."""
    rule = attrs.evolve(rule, status=_BECOMES[move], **content)  # type: ignore[arg-type]
    change = Change(rule.version, move, by.instant, by.who, by.why)
    return attrs.evolve(rule, history=(*rule.history, change))


def moved(there: UsageRule, move: Move, by: Signature, **content: object) -> UsageRule:
    """A rule of the book after a move, with other contents if there are any.

    Raises:
        RuleError: when the rule stands where the move makes no sense, or an amendment changes nothing.
    """
    if move not in _MAY[there.status]:
        raise RuleError(_not_from_here(there, move))
    after = attrs.evolve(there, status=_BECOMES.get(move, there.status), **content)  # type: ignore[arg-type]
    differences = diff(there, after)
    if move is Move.AMEND and not differences:
        raise RuleError(f"{there.id}: nothing would change: the rule says all this already")
    version = there.version + any(difference.is_told for difference in differences)
    change = Change(version, move, by.instant, by.who, by.why, _in_words(differences))
    return attrs.evolve(after, version=version, history=(*there.history, change))


def contents(there: UsageRule, changes: Mapping[str, object]) -> dict[str, object]:
    """What is to be changed in a rule, checked by its names.

    Raises:
        RuleError: for what is no content of a rule.
    """
    for name in changes:
        if name in _CONTENT:
            continue
        if name in _KEPT:
            raise RuleError(
                f"{there.id}: {name} is not amended by hand: adopt, forbid, retire and the rest do that"
            )
        near = nearest(name, _CONTENT)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(_CONTENT)}"
        raise RuleError(f"{there.id}: a rule has no {name}: {hint}")
    text = changes.get("situation")
    if isinstance(text, Text) and not isinstance(text, Situation):
        # Other words for the situation leave it the same situation.
        return {**changes, "situation": Situation(text.en, text.fr, there.situation.id)}
    return dict(changes)


def seen_again(there: UsageRule, given: UsageRule) -> dict[str, object]:
    """The contents of a rule that is brought up again: those of the new one, and what it does not say of the old."""
    said = {name: getattr(given, name) for name in _CONTENT}
    # Nothing expected is an answer; no owner, no guidance, no review only says nothing of it.
    return {
        name: value if value or name == "expect" else getattr(there, name) for name, value in said.items()
    }


def is_other(there: UsageRule, given: UsageRule) -> bool:
    """Whether a rule that is given says something else than that of the book."""
    kept = {name: getattr(there, name) for name in _KEPT if name != "source"}
    return bool(diff(there, attrs.evolve(given, **kept)))


def _not_from_here(there: UsageRule, move: Move) -> str:
    last = there.history[-1] if there.history else None
    since = f" since {last.at:%Y-%m-%d}, by {last.who}" if last is not None else ""
    may = [str(one) for one in _MAY[there.status]]
    return (
        f"cannot {move} {there.id!r}: it is {there.status} (version {there.version}{since}); "
        f"what may be done with it: {', '.join(may[:-1])} or {may[-1]}"
    )


def _in_words(differences: tuple[Difference, ...]) -> Text | None:
    said = [difference.text for difference in differences if difference.key != "status"]
    if not said:
        return None
    return Text(*(re.sub(r"\s+", " ", " ".join(text.into(lang) for text in said)) for lang in ("en", "fr")))
