"""How a condition is written in a file: `{ amount = { ge = 10000 }, alternative = true, any = [{…}, {…}] }`.

A bare value means `eq`; several keys mean all of them; `all`, `any` and `not` join.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import cast

import attrs

from crmusage.errors import Fault, RuleError
from crmusage.rules._condition import All, AnyOf, Compare, Condition, Not, Op, Scalar
from crmusage.rules._table import Table, joined, nearest, shown

_EXAMPLE = "{ amount = { ge = 10000 } }"


def read_condition(table: Table, field: str) -> Condition | None:
    """The condition in a table's field. What is wrong in it becomes faults of the table."""
    value = table.values.get(field)
    return None if value is None else _Reader(table, field).read(value, joined(table.key, field))


@attrs.frozen
class _Reader:
    table: Table
    field: str

    def wrong(self, key: str, what: str) -> None:
        self.table.bad.add(self.field)
        self.table.faults.append(Fault(self.table.where, key, what))

    def read(self, value: object, key: str) -> Condition | None:
        if not isinstance(value, dict):
            self.wrong(key, f"takes conditions such as {_EXAMPLE}, not {shown(value)}")
            return None
        if not value:
            self.wrong(key, f"is empty: leave it out, or say a condition such as {_EXAMPLE}")
            return None
        entries = (self._entry(name, inner, joined(key, name)) for name, inner in value.items())
        parts = [part for entry in entries for part in entry]
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _entry(self, name: str, value: object, key: str) -> Iterator[Condition]:
        if name in {"all", "any"}:
            if not isinstance(value, list):
                self.wrong(key, f"takes a list of conditions such as [{_EXAMPLE}], not {shown(value)}")
                return
            read = (self.read(item, f"{key}[{i}]") for i, item in enumerate(value))
            parts = tuple(part for part in read if part is not None)
            yield All(parts) if name == "all" else AnyOf(parts)
        elif name == "not":
            if (part := self.read(value, key)) is not None:
                yield Not(part)
        elif isinstance(value, dict):
            yield from self._comparisons(name, value, key)
        else:
            yield from self._comparison(name, Op.EQ, value, key)

    def _comparisons(self, attribute: str, value: dict[str, object], key: str) -> Iterator[Condition]:
        if not value:
            self.wrong(key, "is empty: say how it is compared, such as { ge = 10000 }")
        for word, operand in value.items():
            if word in set(Op):
                yield from self._comparison(attribute, Op(word), operand, f"{key}.{word}")
                continue
            near = nearest(word, Op)
            hint = f"did you mean {near}?" if near else f"they are {', '.join(Op)}"
            self.wrong(joined(key, word), f"unknown comparison: {hint} (a name with a dot needs quotes)")

    def _comparison(self, attribute: str, op: Op, operand: object, key: str) -> Iterator[Condition]:
        if op is Op.IN and isinstance(operand, list):
            operand = tuple(operand)
        elif op is Op.IN or not isinstance(operand, str | bool | int | float | dt.datetime | dt.date):
            wanted = "a list of values" if op is Op.IN else "a value"
            hint = " (one of several: { in = [...] })" if isinstance(operand, list) else ""
            self.wrong(key, f"takes {wanted}, not {shown(operand)}{hint}")
            return
        try:
            yield Compare(attribute, op, cast("Scalar | tuple[Scalar, ...]", operand))
        except RuleError as error:
            self.wrong(key, str(error).removeprefix(f"{attribute}: "))


def plain_condition(condition: Condition) -> dict[str, object]:
    """The condition as a file says it, so that reading it gives the same condition again."""
    match condition:
        case Compare(attribute, op):
            said = _said(condition)
            return {attribute: said if op is Op.EQ else {op.value: said}}
        case Not(part):
            return {"not": plain_condition(part)}
        case AnyOf(parts):
            return {"any": [plain_condition(part) for part in parts]}
        case All(parts):
            return _side_by_side(parts) or {"all": [plain_condition(part) for part in parts]}


def _said(compare: Compare) -> object:
    return list(compare.value) if isinstance(compare.value, tuple) else compare.value


def _side_by_side(parts: tuple[Condition, ...]) -> dict[str, object] | None:
    """Several parts as the keys of one table; None where that would read as something else."""
    if len(parts) < 2:
        return None
    table: dict[str, object] = {}
    for part in parts:
        entry = plain_condition(part)
        name = next(iter(entry))
        before = table.get(name)
        if isinstance(part, Compare) and name == _last(table) and part.op.value not in _compared(before):
            table[name] = {**_compared(before), part.op.value: _said(part)}
        elif len(entry) > 1 or name in table or (isinstance(part, All) and name != "all"):
            # Two keys of one name, or an inner `all` whose parts would melt into the outer one.
            return None
        else:
            table.update(entry)
    return table


def _last(table: dict[str, object]) -> str | None:
    return next(reversed(table), None)


def _compared(said: object) -> dict[str, object]:
    return said if isinstance(said, dict) else {Op.EQ.value: said}
