"""The text of a Declare model that says what rules expect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import attrs

from crmusage.errors import BookError, Fault, RuleError
from crmusage.rules._condition import All, AnyOf, Condition, Not, Scalar, sort_of
from crmusage.rules._decl_conditions import renamed, renamed_correlation
from crmusage.rules._decl_reading import NAMES, Name, read_model
from crmusage.rules._decl_saying import declared_by, write_column
from crmusage.rules._duration import Duration
from crmusage.rules._rule import AppliesTo, Constraint, Correlation, UsageRule
from crmusage.rules._template import Template

_LENGTHS = (("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000))


@attrs.frozen
class _Line:
    rule: UsageRule
    position: int
    constraint: Constraint
    """With the model's names for attributes."""
    text: str

    @property
    def key(self) -> str:
        return f"{self.rule.id}.expect[{self.position}]"


def model_of(rules: Sequence[UsageRule], where: str, names: Mapping[str, str]) -> str:
    """The model, checked by reading it again.

    Raises:
        BookError: with everything that it cannot say.
    """
    faults = [Fault(where, rule.id, what) for rule in rules for what in _unsayable(rule)]
    kinds = sorted({str(rule.kind) for rule in rules})
    if len(kinds) > 1:
        what = f"a Declare model is about one kind of case, the rules are about {', '.join(kinds)}"
        faults.append(Fault(where, "kind", what))
    theirs = {ours: name for name, ours in names.items()}
    lines: list[_Line] = []
    for rule in rules:
        for position, expected in enumerate(rule.expect):
            constraint = _renamed(expected, theirs)
            try:
                lines.append(_Line(rule, position, constraint, _line(constraint, rule)))
            except RuleError as error:
                faults.append(Fault(where, f"{rule.id}.expect[{position}]", str(error)))
    text = "".join(
        f"{line}\n" for line in (*_declarations(lines, where, faults), *(line.text for line in lines))
    )
    if not faults:
        faults = _not_read_back(text, lines, where, names)
    if faults:
        raise BookError(faults)
    return text


def _renamed(constraint: Constraint, names: Mapping[str, str]) -> Constraint:
    return attrs.evolve(
        constraint,
        where=renamed(constraint.where, names),
        target_where=renamed(constraint.target_where, names),
        correlate=renamed_correlation(constraint.correlate, names),
    )


def _unsayable(rule: UsageRule) -> Iterator[str]:
    if rule.applies_to != AppliesTo():
        yield "a Declare model is for everybody and every case: it has no way to say applies_to"
    if rule.cadence is not None:
        yield "a Declare model has no cadences"


def _line(constraint: Constraint, rule: UsageRule) -> str:
    name = next(name for name in NAMES if name.template is constraint.template)
    where, target_where = constraint.where, constraint.target_where
    if constraint.template in {Template.CHOICE, Template.EXCLUSIVE_CHOICE}:
        if where != target_where:
            raise RuleError(f"a Declare model has one condition for both activities of {name.text}")
        target_where = None
    count = (
        "" if constraint.n in {None, 1} and constraint.template is not Template.EXACTLY else str(constraint.n)
    )
    columns = [write_column(where, Correlation(), "A")]
    if not constraint.template.is_unary:
        columns.append(write_column(target_where, constraint.correlate, "T"))
    columns.append(_window(constraint, rule))
    said = " ".join(f"|{column}" for column in columns)
    return f"{name.text}{count}[{', '.join(_activities(constraint, name))}] {said}"


def _activities(constraint: Constraint, name: Name) -> list[str]:
    found = []
    for names in filter(None, (constraint.activities, constraint.targets)):
        if len(names) > 1:
            raise RuleError(f"a Declare model names one activity on each side, not {' or '.join(names)}")
        found.append(names[0])
    for activity in found:
        if activity != " ".join(activity.splitlines()).strip() or "|" in activity:
            raise RuleError(f"the activity {activity!r} cannot be a name in a Declare model")
    return found[::-1] if name.activation else found


def _window(constraint: Constraint, rule: UsageRule) -> str:
    after, within = constraint.after, constraint.within
    if after is None and within is None:
        return ""
    if within is None:
        raise RuleError("a Declare model needs an end of the window: say within")
    low, high = (_length(duration or Duration(), rule) for duration in (after, within))
    unit, size = next((u, s) for u, s in _LENGTHS if s == 1_000_000 or not (low % s or high % s))
    return f"{_number(low, size)},{_number(high, size)},{unit}"


def _length(duration: Duration, rule: UsageRule) -> int:
    if duration.is_working:
        raise RuleError(f"a Declare model has no working time ({duration})")
    if rule.zone is not None and duration.whole_days:
        raise RuleError(
            f"a Declare model has no time zones, in which {duration} could be counted by the clock"
        )
    return duration.microseconds


def _number(length: int, size: int) -> str:
    return format((Decimal(length) / size).normalize(), "f")


def _declarations(lines: list[_Line], where: str, faults: list[Fault]) -> Iterator[str]:
    """Activities with the attributes that conditions name, and the values that those are compared with."""
    bound: dict[str, dict[str, None]] = {}
    values: dict[str, dict[Scalar, None]] = {}
    for line in lines:
        constraint = line.constraint
        sides = [(name, constraint.where) for name in constraint.activities]
        sides += [(name, constraint.target_where) for name in constraint.targets]
        for activity, condition in sides:
            names = bound.setdefault(activity, {})
            for attribute, value in declared_by(condition):
                names[attribute] = None
                values.setdefault(attribute, {})[value] = None
            for attribute in (*constraint.correlate.same, *constraint.correlate.different):
                if attribute != "case_id":
                    names[attribute] = None
    for activity, names in bound.items():
        yield f"activity {activity}"
        if names:
            yield f"bind {activity}: {', '.join(names)}"
    for attribute, found in values.items():
        sorts = {sort_of(value) for value in found}
        if len(sorts) > 1:
            what = f"{attribute} is compared with {' and '.join(sorted(sorts))}: a Declare model knows it as one sort"
            faults.append(Fault(where, "attributes", what))
        elif sorts:
            yield f"{attribute}: {_definition(sorts.pop(), list(found))}"


def _definition(sort: str, values: list[Scalar]) -> str:
    if sort == "truth":
        return "true, false"
    if sort != "number":
        return ", ".join(str(value) for value in values)
    whole = all(isinstance(value, int) for value in values)
    low, high = (format(Decimal(repr(pick(values))), "f") for pick in (min, max))
    return f"{'integer' if whole else 'float'} between {low} and {high}"


def _not_read_back(text: str, lines: list[_Line], where: str, names: Mapping[str, str]) -> list[Fault]:
    """The expectations that the model, read again, would not say."""
    first = text.count("\n") - len(lines)
    found, faults = read_model(text, where, None, names)
    by_line = {int(rule.id.rpartition("-")[2]): rule.expect[0] for rule in found}
    wrong = {int(fault.key.rpartition(" ")[2]): fault.what for fault in faults}
    told = []
    for number, line in enumerate(lines, first + 1):
        again = by_line.get(number)
        if again is None or not _says_the_same(again, line.rule.expect[line.position]):
            reason = f": {wrong[number]}" if number in wrong else f" ({line.text!r} says something else)"
            told.append(
                Fault(where, line.key, f"has names or values that a Declare model cannot tell apart{reason}")
            )
    known = range(first + 1, first + 1 + len(lines))
    told += [Fault(where, f"line {number}", what) for number, what in wrong.items() if number not in known]
    return told


def _says_the_same(one: Constraint, other: Constraint) -> bool:
    return _plain(one) == _plain(other)


def _plain(constraint: Constraint) -> tuple[object, ...]:
    after, within = constraint.after or Duration(), constraint.within
    return (
        attrs.evolve(
            constraint,
            after=None,
            within=None,
            where=None,
            target_where=None,
            correlate=Correlation(
                tuple(name for name in constraint.correlate.same if name != "case_id"),
                constraint.correlate.different,
            ),
        ),
        # 1 and true are equal, and yet not the same.
        repr((_tidy(constraint.where), _tidy(constraint.target_where))),
        after.microseconds,
        None if within is None else within.microseconds,
    )


def _tidy(condition: Condition | None) -> Condition | None:
    """Without joints that join nothing."""
    return None if condition is None or condition == All(()) else _unwrapped(condition)


def _unwrapped(condition: Condition) -> Condition:
    match condition:
        case All(parts) | AnyOf(parts):
            inner = tuple(map(_unwrapped, parts))
            return inner[0] if len(inner) == 1 else type(condition)(inner)
        case Not(part):
            return Not(_unwrapped(part))
        case _:
            return condition
