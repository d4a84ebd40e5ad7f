"""What is different between two rules, or two rulebooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs

from crmusage.model import Text
from crmusage.rules import _diff_expected as expected
from crmusage.rules import _diff_words as words
from crmusage.rules._rule import AUDIENCES, Communication, Constraint, UsageRule

_TOLD = frozenset({"status", "situation", "guidance", "kind", "applies_to", "zone", "expect", "cadence"})
"""What people must be told again when it changes: whether a rule holds, when, for whom, and what to do."""


@attrs.frozen
class Difference:
    """One thing in which a rule is not what it was."""

    rule: str
    key: str
    """Where it stands in the rule's file (`expect[0].within`); empty: the whole rule came or went."""
    old: object
    """The value as it was (a Duration, a Status, a Constraint …); None: there was none."""
    new: object
    text: Text
    """A sentence for the people who live by the rule."""

    @property
    def is_told(self) -> bool:
        """Whether people must be told the rule again for it: it has a new version then."""
        if self.key == "situation.id":
            return False
        return not self.key or self.key.partition(".")[0].partition("[")[0] in _TOLD


def diff(
    old: UsageRule | Iterable[UsageRule], new: UsageRule | Iterable[UsageRule]
) -> tuple[Difference, ...]:
    """What is different in `new` from `old`: two rules, or two rulebooks (rules are paired by their ids).

    Only what rules say counts: neither their history nor how their files are laid out. Nothing different: ().

    Raises:
        TypeError: when one is a rule and the other a rulebook.
    """
    if isinstance(old, UsageRule) and isinstance(new, UsageRule):
        return tuple(_of_rule(old, new))
    if isinstance(old, UsageRule) or isinstance(new, UsageRule):
        raise TypeError("diff compares two rules or two rulebooks, not a rule with a rulebook")
    before, after = {rule.id: rule for rule in old}, {rule.id: rule for rule in new}
    return tuple(
        difference
        for rule_id in sorted(before.keys() | after.keys())
        for difference in _of_book(before.get(rule_id), after.get(rule_id))
    )


def _of_book(old: UsageRule | None, new: UsageRule | None) -> Iterator[Difference]:
    if old is not None and new is not None:
        yield from _of_rule(old, new)
    elif new is not None:
        yield Difference(new.id, "", None, new, words.came(new))
    elif old is not None:
        yield Difference(old.id, "", old, None, words.went(old))


def _of_rule(old: UsageRule, new: UsageRule) -> Iterator[Difference]:
    for key, before, after, text in (
        *_of_fields(old, new),
        *_of_expectations(old.expect, new.expect),
        *_of_cadence(old, new),
        *_of_care(old, new),
    ):
        yield Difference(new.id, key, before, after, text)


Found = tuple[str, object, object, Text]


def _of_fields(old: UsageRule, new: UsageRule) -> Iterator[Found]:
    if old.id != new.id:
        yield "id", old.id, new.id, words.renamed(old.id, new.id)
    if old.version != new.version:
        yield "version", old.version, new.version, words.renumbered(old.version, new.version)
    if old.status is not new.status:
        yield "status", old.status, new.status, words.standing(new.status)
    if old.situation.id != new.situation.id:
        yield "situation.id", old.situation.id, new.situation.id, words.grouped(new.situation.id)
    if _said(old.situation) != _said(new.situation):
        yield "situation", old.situation, new.situation, words.reworded(old.situation, new.situation)
    if old.guidance != new.guidance:
        yield "guidance", old.guidance, new.guidance, words.guided(old.guidance, new.guidance)
    if old.kind != new.kind:
        yield "kind", old.kind, new.kind, words.of_kind(old.kind, new.kind)
    for name in AUDIENCES:
        before, after = getattr(old.applies_to, name), getattr(new.applies_to, name)
        if set(before) != set(after):
            yield f"applies_to.{name}", before, after, words.meant_for(name, before, after)
    if _other(old.applies_to.where, new.applies_to.where):
        before, after = old.applies_to.where, new.applies_to.where
        yield "applies_to.where", before, after, words.cases_where(before, after)
    if old.zone != new.zone:
        yield "zone", old.zone, new.zone, words.clocked(old.zone, new.zone)


def _of_expectations(old: Sequence[Constraint], new: Sequence[Constraint]) -> Iterator[Found]:
    pairs = _paired(old, new)
    for at, twin in pairs.items():
        yield from _of_constraint(f"expect[{twin}]", old[at], new[twin])
    for at, constraint in enumerate(old):
        if at not in pairs:
            yield f"expect[{at}]", constraint, None, expected.asked_no_more(constraint)
    for at, constraint in enumerate(new):
        if at not in pairs.values():
            yield f"expect[{at}]", None, constraint, expected.asked(constraint)
    if list(pairs.values()) != sorted(pairs.values()):
        yield "expect", tuple(old), tuple(new), expected.asked_in_another_order()


def _paired(old: Sequence[Constraint], new: Sequence[Constraint]) -> dict[int, int]:
    """Which expectation became which one: the same first, then those about the same, then the one that is left."""
    pairs: dict[int, int] = {}
    for alike in (repr, _gist, _activations):
        left = [at for at in range(len(new)) if at not in pairs.values()]
        for at, constraint in enumerate(old):
            twin = next((other for other in left if alike(new[other]) == alike(constraint)), None)
            if at not in pairs and twin is not None:
                pairs[at] = twin
                left.remove(twin)
    alone = [at for at in range(len(old)) if at not in pairs]
    left = [at for at in range(len(new)) if at not in pairs.values()]
    if len(alone) == len(left) == 1:
        pairs[alone[0]] = left[0]
    return dict(sorted(pairs.items()))


def _gist(constraint: Constraint) -> object:
    return constraint.template, constraint.activities, constraint.targets


def _activations(constraint: Constraint) -> object:
    return constraint.activities


def _of_constraint(key: str, old: Constraint, new: Constraint) -> Iterator[Found]:
    if (_gist(old), old.n, old.correlate) != (_gist(new), new.n, new.correlate):
        yield key, old, new, expected.asked_otherwise(old, new)
        return
    for name in ("where", "target_where"):
        before, after = getattr(old, name), getattr(new, name)
        if _other(before, after):
            yield f"{key}.{name}", before, after, expected.counted_where(name, old, new)
    for name in ("after", "within"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield f"{key}.{name}", before, after, expected.timed(name, old, new)


def _of_cadence(old: UsageRule, new: UsageRule) -> Iterator[Found]:
    before, after = old.cadence, new.cadence
    if before is None and after is not None:
        yield "cadence", None, after, expected.asked(after)
    elif before is not None and after is None:
        yield "cadence", before, None, expected.asked_no_more(before)
    elif before is not None and after is not None and before != after:
        yield "cadence", before, after, expected.asked_otherwise(before, after)


def _of_care(old: UsageRule, new: UsageRule) -> Iterator[Found]:
    """What those who look after the rule want to know."""
    if old.owner != new.owner:
        yield "owner", old.owner, new.owner, words.owned(old.owner, new.owner)
    if old.cites != new.cites:
        yield "cites", old.cites, new.cites, words.cited(new.cites)
    before, after = (rule.review.rrule if rule.review else None for rule in (old, new))
    if before != after:
        yield "review.rrule", before, after, words.reviewed(before, after)
    told, tell = (rule.communication or Communication() for rule in (old, new))
    if _members(told) != _members(tell):
        yield (
            "communication.audience",
            told.audience,
            tell.audience,
            words.told_to(told.audience, tell.audience),
        )
    if told.newcomers_within != tell.newcomers_within:
        was, will = told.newcomers_within, tell.newcomers_within
        yield "communication.newcomers_within", was, will, words.newcomers_told(was, will)
    if told.renew_every != tell.renew_every:
        yield (
            "communication.renew_every", told.renew_every, tell.renew_every,
            words.renewed(told.renew_every, tell.renew_every),
        )  # fmt: skip


def _said(text: Text) -> object:
    return text.en, text.fr


def _other(old: object, new: object) -> bool:
    # True == 1 in Python, and not in a condition.
    return repr(old) != repr(new)


def _members(communication: Communication) -> object:
    return {group: set(names) for group, names in communication.audience.items() if names}
