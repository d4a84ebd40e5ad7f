"""Conditions as Declare models write them, written."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from crmusage.errors import RuleError
from crmusage.rules._condition import All, AnyOf, Compare, Condition, Not, Op, Scalar, sort_of
from crmusage.rules._decl_conditions import SIGNS
from crmusage.rules._rule import Correlation


def write_column(condition: Condition | None, correlate: Correlation, side: str) -> str:
    """A column that `read_column` reads.

    Raises:
        RuleError: for what these models have no way to say.
    """
    compared = [f"same {name}" for name in correlate.same if name != "case_id"]
    compared += [f"different {name}" for name in correlate.different]
    if condition is None or condition == All(()):
        return " AND ".join(compared)
    top = condition.parts if isinstance(condition, All) else (condition,)
    alone = len(top) == 1 and not compared
    return " AND ".join([*(_written(part, side, alone=alone) for part in top), *compared])


def _written(condition: Condition, side: str, *, alone: bool) -> str:
    match condition:
        case Compare():
            return _comparison(condition, side)
        case Not(part):
            return f"NOT ({_written(part, side, alone=True)})"
        case All(parts) | AnyOf(parts):
            if not parts:
                raise RuleError("a condition without parts cannot be written in a Declare model")
            word = " AND " if isinstance(condition, All) else " OR "
            text = word.join(_written(part, side, alone=len(parts) == 1) for part in parts)
            return text if alone else f"({text})"


def _comparison(compare: Compare, side: str) -> str:
    name, op, value = f"{side}.{compare.attribute}", compare.op, compare.value
    if compare.attribute.startswith("case."):
        raise RuleError(f"{compare.attribute}: a Declare model speaks of events only, not of the case")
    if isinstance(value, tuple):
        return f"{name} in ({', '.join(_literal(compare, item) for item in value)})"
    if op in {Op.IS_NULL, Op.MATCHES}:
        raise RuleError(f"{compare.attribute}: a Declare model has no way to say {op}")
    text = _literal(compare, value)
    if compare.sort == "number":
        sign = next(sign for sign, meant in SIGNS.items() if meant is op)
        return f"{name} {sign} {text}"
    if op not in {Op.EQ, Op.NE}:
        raise RuleError(f"{compare.attribute}: a Declare model orders numbers only ({op} {value!r})")
    return f"{name} {'is' if op is Op.EQ else 'is not'} {text}"


def _literal(compare: Compare, value: Scalar) -> str:
    match sort_of(value):
        case "truth":
            return "true" if value else "false"
        case "number":
            text = format(Decimal(repr(value)), "f")
            # A whole float keeps its point, so that it is read as one again.
            return text + ".0" if isinstance(value, float) and "." not in text else text
        case "text":
            return str(value)
        case sort:
            raise RuleError(f"{compare.attribute}: a Declare model has no {sort}s ({value})")


def declared_by(condition: Condition | None) -> Iterator[tuple[str, Scalar]]:
    """The attributes of a condition, with each value that they are compared with."""
    match condition:
        case Compare(attribute, op, value) if op is not Op.IS_NULL:
            for item in value if isinstance(value, tuple) else (value,):
                yield attribute, item
        case Not(part):
            yield from declared_by(part)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from declared_by(part)
