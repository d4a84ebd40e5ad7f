from __future__ import annotations

import datetime as dt
import decimal
import enum
import math
import re
from collections.abc import Callable, Iterator

import attrs

from crmusage.errors import RuleError

Scalar = str | bool | int | float | dt.datetime | dt.date
Getter = Callable[[str], object]
_JOINTS = frozenset({"all", "any", "not"})
"""What joins conditions in a file; so no attribute can be called that."""


class Op(enum.StrEnum):
    """How a value is compared."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    IN = "in"
    IS_NULL = "is_null"
    MATCHES = "matches"


@attrs.frozen
class Compare:
    """`attribute op value`. A missing value satisfies nothing but `is_null = true`.

    `in` takes a tuple; `is_null` a bool; `matches` a regular expression of the standard library that the
    whole text must match; the orders take a number, a text or a time of the attribute's own sort.
    """

    attribute: str
    op: Op
    value: Scalar | tuple[Scalar, ...]

    def __attrs_post_init__(self) -> None:
        if not self.attribute:
            raise RuleError("a comparison needs the name of an attribute")
        if self.attribute in _JOINTS:
            raise RuleError(f"{self.attribute} joins conditions and cannot be the name of an attribute")
        if self.op is Op.IN:
            if not isinstance(self.value, tuple) or not self.value:
                raise RuleError(f"{self.attribute}: in takes a list of at least one value")
            if len({sort_of(item) for item in self.value}) > 1:
                raise RuleError(f"{self.attribute}: the values of in are of one sort")
        elif isinstance(self.value, tuple):
            raise RuleError(f"{self.attribute}: {self.op} takes one value, not a list (in takes a list)")
        if self.op is Op.IS_NULL and not isinstance(self.value, bool):
            raise RuleError(f"{self.attribute}: is_null takes true or false")
        if self.op is Op.MATCHES:
            if not isinstance(self.value, str):
                raise RuleError(f"{self.attribute}: matches takes a regular expression")
            try:
                re.compile(self.value)
            except re.error as error:
                what = f"{self.value!r} is no regular expression: {error}"
                raise RuleError(f"{self.attribute}: {what}") from None
        if self.op in {Op.LT, Op.LE, Op.GT, Op.GE} and isinstance(self.value, bool):
            raise RuleError(f"{self.attribute}: {self.op} takes no true or false")
        for item in self.value if isinstance(self.value, tuple) else (self.value,):
            if isinstance(item, float) and math.isnan(item):
                raise RuleError(f"{self.attribute}: nothing compares with nan (missing: is_null = true)")
            sort_of(item)
            if isinstance(item, dt.datetime) and item.tzinfo is None:
                raise RuleError(f"{self.attribute}: the time {item} needs its zone (2026-03-01T09:00:00Z)")

    @property
    def sort(self) -> str:
        """What the attribute must be to be compared: number, text, truth, time, date or anything."""
        if self.op is Op.IS_NULL:
            return "anything"
        return sort_of(self.value[0] if isinstance(self.value, tuple) else self.value)

    def of(self, value: object) -> bool:
        """Whether `value` satisfies it.

        Raises:
            RuleError: when `value` is of another sort than the rule expects.
        """
        if self.op is Op.IS_NULL:
            return (value is None) is self.value
        if value is None:
            return False
        if sort_of(value) != self.sort:
            raise RuleError(
                f"{self.attribute} is a {sort_of(value)}, the rule compares it with a {self.sort}"
            )
        if self.op is Op.IN:
            return value in self.value  # type: ignore[operator]
        if self.op is Op.MATCHES:
            return re.fullmatch(str(self.value), str(value)) is not None
        return _ORDERS[self.op](value, self.value)


@attrs.frozen
class All:
    """Every part holds. Without parts it always holds."""

    parts: tuple[Condition, ...]


@attrs.frozen
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@attrs.frozen
class Not:
    """The part does not hold (a missing value does not satisfy a comparison, so `not` of it holds)."""

    part: Condition


Condition = Compare | All | AnyOf | Not

_ORDERS: dict[Op, Callable[..., bool]] = {
    Op.EQ: lambda a, b: a == b,
    Op.NE: lambda a, b: a != b,
    Op.LT: lambda a, b: a < b,
    Op.LE: lambda a, b: a <= b,
    Op.GT: lambda a, b: a > b,
    Op.GE: lambda a, b: a >= b,
}


def holds(condition: Condition | None, get: Getter) -> bool:
    """Whether a condition holds for what `get(attribute)` gives (None for a missing value)."""
    match condition:
        case None:
            return True
        case Compare():
            return condition.of(get(condition.attribute))
        case All(parts):
            return all(holds(part, get) for part in parts)
        case AnyOf(parts):
            return any(holds(part, get) for part in parts)
        case Not(part):
            return not holds(part, get)


def comparisons(condition: Condition | None) -> Iterator[Compare]:
    """The comparisons in a condition, in writing order."""
    match condition:
        case None:
            return
        case Compare():
            yield condition
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from comparisons(part)
        case Not(part):
            yield from comparisons(part)


def sort_of(value: object) -> str:
    """number, text, truth, time or date: what a value can be compared with."""
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, int | float | decimal.Decimal):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, dt.datetime):
        return "time"
    if isinstance(value, dt.date):
        return "date"
    raise RuleError(
        f"a condition compares numbers, texts, truths, times and dates, not {type(value).__name__}"
    )
