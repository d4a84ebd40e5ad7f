"""Several expectations side by side, and the letters that they tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from crmusage.errors import RuleError
from crmusage.model import Text
from crmusage.rules._automata import FITS, JUDGED, TARGET, TooLargeError
from crmusage.rules._condition import All, AnyOf, Compare, Condition, Not, Op, comparisons
from crmusage.rules._letters import (
    MOST_LETTERS,
    Assigned,
    Cell,
    Residual,
    assignments,
    cells,
    reduced,
    settled,
)
from crmusage.rules._rule import AppliesTo, Constraint, UsageRule

_CASE = "case."


@attrs.frozen(eq=False)
class Expectation:
    """One expectation of a rule, with what it says of cases and of events as conditions over one set of names.

    Names with `case.` are the case's, the same for all events of a trace; the others are each event's.
    """

    rule: UsageRule
    position: int
    about: Residual
    """On the case: whether the rule is about it."""
    fits: Residual
    """On an event of the activity: whether it fits the activation's side."""
    target: Residual
    judged: Residual
    """On an event: whether the rule is about whoever did it."""

    @property
    def constraint(self) -> Constraint:
        """What is expected."""
        return self.rule.expect[self.position]

    @property
    def conditions(self) -> tuple[Residual, ...]:
        """All four."""
        return (self.about, self.fits, self.target, self.judged)


def expectations(rules: Iterable[UsageRule]) -> list[Expectation]:
    """Every expectation of every rule, in order."""
    return [_expectation(rule, position) for rule in rules for position in range(len(rule.expect))]


def _expectation(rule: UsageRule, position: int) -> Expectation:
    constraint = rule.expect[position]
    about: list[Condition] = []
    if rule.kind is not None:
        about.append(Compare("case.kind", Op.EQ, rule.kind))
    if rule.applies_to.where is not None:
        about.append(_renamed(rule.applies_to.where, of_case=True))
    if constraint.template.is_of_case:
        about += _persons(rule.applies_to, _CASE)
        judged: list[Condition] = []
    else:
        judged = _persons(rule.applies_to, "")
    return Expectation(
        rule,
        position,
        settled(All(tuple(about))),
        settled(_renamed(constraint.where)),
        settled(_renamed(constraint.target_where)),
        settled(All(tuple(judged))),
    )


def _persons(applies: AppliesTo, prefix: str) -> list[Condition]:
    """Whoever acts (the case's side: owns) is of the units, profiles and regions that the rule is for."""
    wanted = {"unit": applies.unit, "@profile": applies.profile, "@region": applies.region}
    return [Compare(prefix + name, Op.IN, values) for name, values in wanted.items() if values]


def _renamed(condition: Condition | None, *, of_case: bool = False) -> Condition:
    match condition:
        case None:
            return All(())
        case Compare(attribute, op, value):
            if not attribute.startswith(_CASE) and (of_case or attribute == "case_id"):
                return Compare(_CASE + attribute, op, value)
            return condition
        case Not(part):
            return Not(_renamed(part, of_case=of_case))
        case All(parts) | AnyOf(parts):
            return type(condition)(tuple(_renamed(part, of_case=of_case) for part in parts))


@attrs.frozen
class Letter:
    """Events that mean the same to every expectation of a scene."""

    activity: str | None
    """None: any activity that no expectation names."""
    symbols: tuple[int, ...]
    labels: tuple[Text, ...] = ()
    sure: bool = True


@attrs.frozen
class Setting:
    """Cases that mean the same to every expectation of a scene, and the letters that can happen in them."""

    in_force: tuple[bool, ...]
    letters: tuple[Letter, ...]
    labels: tuple[Text, ...] = ()
    sure: bool = True


def scene(items: Sequence[Expectation]) -> tuple[Setting, ...]:
    """Every kind of case in which one of the expectations is in force, with every kind of event.

    Raises:
        MixedSortsError: when an attribute is compared with values of two sorts.
        TooLargeError: when there are too many.
    """
    conditions = tuple(part for item in items for part in item.conditions)
    named: dict[str, list[Compare]] = {}
    for part in conditions:
        if not isinstance(part, bool):
            for compare in comparisons(part):
                named.setdefault(compare.attribute, []).append(compare)
    named.pop("activity", None)
    of = {name: cells(name, compares) for name, compares in named.items()}
    of_case = {name: found for name, found in of.items() if name.startswith(_CASE)}
    of_event = {name: found for name, found in of.items() if name not in of_case}
    both = frozenset(name for name in of_case if name.removeprefix(_CASE) in of_event)
    unsaid = _in_common(items)
    settings = []
    for assigned in assignments(conditions, of_case, both):
        parts = [assigned.residuals[k : k + 4] for k in range(0, len(assigned.residuals), 4)]
        in_force = tuple(about is True for about, *_ in parts)
        if any(in_force):
            letters = _letters(items, parts, in_force, _events_of(of_event, assigned))
            labels = tuple(cell.label for name, cell in assigned.chosen if name not in unsaid)
            settings.append(Setting(in_force, letters, labels, assigned.sure))
    return tuple(settings)


def _in_common(items: Sequence[Expectation]) -> set[str]:
    """What only says which cases the rules are about, where they are all about the same: no example need say it."""
    if any(item.about != items[0].about for item in items):
        return set()
    elsewhere = {name for item in items for part in item.conditions[1:] for name in _names(part)}
    return set(_names(items[0].about)) - elsewhere


def _names(condition: Residual) -> list[str]:
    return [] if isinstance(condition, bool) else [compare.attribute for compare in comparisons(condition)]


def _events_of(of: dict[str, tuple[Cell, ...]], case: Assigned) -> dict[str, tuple[Cell, ...]]:
    # What an event does not say is said by its case: where the case has a value, so has every event.
    said = {name.removeprefix(_CASE) for name, cell in case.chosen if not cell.missing}
    return {name: tuple(c for c in found if not (c.missing and name in said)) for name, found in of.items()}


def _letters(
    items: Sequence[Expectation],
    parts: list[tuple[Residual, ...]],
    in_force: tuple[bool, ...],
    of: dict[str, tuple[Cell, ...]],
) -> tuple[Letter, ...]:
    activities = {
        name: None
        for item, force in zip(items, in_force, strict=True)
        for name in (*item.constraint.activities, *item.constraint.targets)
        if force
    }
    found: list[Letter] = [Letter(None, (0,) * len(items))]
    for activity in activities:
        wanted: list[Residual] = []
        for item, (_, fits, target, judged), force in zip(items, parts, in_force, strict=True):
            constraint = item.constraint
            sides = (
                _at(fits, activity) if force and activity in constraint.activities else False,
                _at(target, activity) if force and activity in constraint.targets else False,
            )
            wanted += [*sides, _at(judged, activity) if any(side is not False for side in sides) else False]
        made = [_letter(activity, assigned) for assigned in assignments(tuple(wanted), of)]
        if len(made) > MOST_LETTERS:
            raise TooLargeError(f"the conditions on {activity} have too many outcomes")
        found += made
    # Of several that mean the same, the one that is certain and needs the fewest words.
    found.sort(key=lambda letter: (not letter.sure, len(letter.labels)))
    distinct: dict[tuple[int, ...], Letter] = {}
    for letter in found:
        distinct.setdefault(letter.symbols, letter)
    return tuple(distinct.values())


def _at(condition: Residual, activity: str) -> Residual:
    """A condition on events of one activity: what it says of the activity itself is decided."""
    if isinstance(condition, bool):
        return condition
    satisfied = set()
    for compare in comparisons(condition):
        if compare.attribute == "activity":
            try:
                if compare.of(activity):
                    satisfied.add(compare)
            except RuleError:  # compared with something that is no text: it cannot hold
                continue
    return reduced(condition, "activity", frozenset(satisfied))


def _letter(activity: str, assigned: Assigned) -> Letter:
    symbols = []
    for k in range(0, len(assigned.residuals), 3):
        fits, target, judged = assigned.residuals[k : k + 3]
        symbol = FITS * (fits is True) | TARGET * (target is True)
        symbols.append(symbol | JUDGED * (judged is True) if symbol else 0)
    labels = tuple(cell.label for _, cell in assigned.chosen)
    return Letter(activity, tuple(symbols), labels, assigned.sure)
