"""Conditions as Declare models write them, read: `A.amount >= 10 AND A.colour is red`, `same owner`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import attrs

from crmusage.errors import RuleError
from crmusage.rules._condition import All, AnyOf, Compare, Condition, Not, Op, Scalar
from crmusage.rules._rule import Correlation

_START = r"(?:(?:not\b\s*|\(\s*)*(?:[AT]\.|(?:same|different)\s))"
"""What a condition begins with; words that nothing of the sort follows belong to a value."""
_JOINT = re.compile(rf"\s+(?:and|or)\s+(?={_START})", re.IGNORECASE)
_END = re.compile(rf"\s*$|\s*\)|\s+(?:and|or)\s+{_START}", re.IGNORECASE)
_LIKE_A_JOINT = re.compile(r"\s(?:and|or)\s*$|\s(?:and|or)\s.*?(?:<|>|=|\sis\s|\sin\s*\()", re.IGNORECASE)
"""A value with this in it may be a condition with a slip in it."""
_OPERATOR = re.compile(
    r"\s*(?P<sign><=|>=|!=|<|>|=)\s*|\s+(?P<word>is\s+not|is|not\s+in|in)(?=[\s(])\s*", re.IGNORECASE
)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?")
_TRUTHS = {"true": True, "false": False}
SIGNS = {"=": Op.EQ, "!=": Op.NE, "<": Op.LT, "<=": Op.LE, ">": Op.GT, ">=": Op.GE}


@attrs.frozen
class Declared:
    """What a model says of an attribute: numbers, or these values."""

    numbers: bool
    values: tuple[str, ...] = ()

    @property
    def truths(self) -> bool:
        """Whether its values are true and false."""
        return bool(self.values) and all(value.lower() in _TRUTHS for value in self.values)


@attrs.frozen
class Column:
    """What one column of a constraint says."""

    condition: Condition | None = None
    correlate: Correlation = attrs.field(factory=Correlation)


def read_column(text: str, side: str, declared: Mapping[str, Declared]) -> Column:
    """Read a column whose conditions are on `side`, "A" (the activation) or "T" (the target).

    Only the target's column may compare the two events (`same`, `different`).

    Raises:
        RuleError: saying what cannot be read, or cannot be said in a rule.
    """
    if not text.strip():
        return Column()
    reader = _Reader(text.strip(), side, declared)
    found = reader.either()
    reader.end()
    return _column(found, reader)


def renamed(condition: Condition | None, names: Mapping[str, str]) -> Condition | None:
    """A condition with other names for its attributes."""
    match condition:
        case Compare(attribute, op, value):
            return Compare(names.get(attribute, attribute), op, value)
        case Not(part):
            return Not(_kept(renamed(part, names)))
        case All(parts) | AnyOf(parts):
            return type(condition)(tuple(_kept(renamed(part, names)) for part in parts))
        case None:
            return None


def _kept(condition: Condition | None) -> Condition:
    return All(()) if condition is None else condition


def renamed_correlation(correlate: Correlation, names: Mapping[str, str]) -> Correlation:
    """A correlation with other names for its attributes."""
    return Correlation(
        tuple(names.get(name, name) for name in correlate.same),
        tuple(names.get(name, name) for name in correlate.different),
    )


def _column(found: _Node, reader: _Reader) -> Column:
    parts = (
        found.parts if isinstance(found, _Joined) and found.word == "and" and not found.grouped else (found,)
    )
    conditions: list[Condition] = []
    compared: dict[str, list[str]] = {"same": [], "different": []}
    for part in parts:
        if isinstance(part, _Compared):
            if reader.side == "A":
                raise RuleError(
                    f"{part.word} {part.name} compares two events: it belongs in the second column"
                )
            compared[part.word].append(part.name)
        else:
            conditions.append(_condition(part))
    condition = None if not conditions else conditions[0] if len(conditions) == 1 else All(tuple(conditions))
    return Column(condition, Correlation(tuple(compared["same"]), tuple(compared["different"])))


@attrs.frozen
class _Compared:
    word: str
    name: str


@attrs.frozen
class _Joined:
    word: str
    parts: tuple[_Node, ...]
    grouped: bool = False


@attrs.frozen
class _Denied:
    part: _Node


_Node = _Compared | _Joined | _Denied | Compare | All


def _condition(node: _Node) -> Condition:
    match node:
        case _Compared(word, name):
            raise RuleError(f"{word} {name} can only be joined to the rest by AND")
        case _Denied(part):
            return Not(_condition(part))
        case _Joined(word, parts):
            inner = tuple(_condition(part) for part in parts)
            return All(inner) if word == "and" else AnyOf(inner)
        case _:
            return node


@attrs.define
class _Reader:
    text: str
    side: str
    declared: Mapping[str, Declared]
    at: int = 0

    @property
    def rest(self) -> str:
        return self.text[self.at :]

    def end(self) -> None:
        if self.rest.strip():
            raise RuleError(f"does not end where it should: {self.rest.strip()!r} is left over")

    def either(self) -> _Node:
        return self._joined("or", self._all)

    def _all(self) -> _Node:
        return self._joined("and", self._one)

    def _joined(self, word: str, inner: Callable[[], _Node]) -> _Node:
        parts = [inner()]
        while match := re.match(rf"\s*\b{word}\b\s*", self.rest, re.IGNORECASE):
            self.at += match.end()
            parts.append(inner())
        return parts[0] if len(parts) == 1 else _Joined(word, tuple(parts))

    def _one(self) -> _Node:
        self._skip()
        if match := re.match(r"not\b\s*", self.rest, re.IGNORECASE):
            self.at += match.end()
            return _Denied(self._one())
        if self.rest.startswith("("):
            self.at += 1
            found = self.either()
            self._skip()
            if not self.rest.startswith(")"):
                raise RuleError(f"a parenthesis is not closed in {self.text!r}")
            self.at += 1
            return attrs.evolve(found, grouped=True) if isinstance(found, _Joined) else found
        if match := re.match(r"(same|different)\s+", self.rest, re.IGNORECASE):
            self.at += match.end()
            name = self._value()
            if not name:
                raise RuleError(f"{match[1]} needs the name of an attribute")
            return _Compared(match[1].lower(), name)
        if match := re.match(r"([AT])\.", self.rest, re.IGNORECASE):
            if match[1].upper() != self.side:
                where = (
                    "the first column speaks of A" if self.side == "A" else "the second column speaks of T"
                )
                raise RuleError(f"{self.rest.strip()!r} is on the other event: {where}")
            self.at += match.end()
            return self._comparison()
        what = self.rest.strip() or "the end"
        raise RuleError(
            f"expects a condition such as {self.side}.amount >= 10 or {self.side}.colour is red at {what!r}"
        )

    def _comparison(self) -> _Node:
        name, operator = self._name()
        self.at += operator.end()
        if operator["sign"]:
            value = self._value(name)
            return Compare(name, SIGNS[operator["sign"]], self._typed(name, value, sign=operator["sign"]))
        word = re.sub(r"\s+", " ", operator["word"].lower())
        if word in {"is", "is not"}:
            return Compare(name, Op.EQ if word == "is" else Op.NE, self._typed(name, self._value(name)))
        values = tuple(self._typed(name, value) for value in self._set())
        if word == "in":
            return Compare(name, Op.IN, values)
        # A missing value is not in the set, and yet nothing is said of it: as `is not` leaves it out, so does this.
        others = tuple(Compare(name, Op.NE, value) for value in values)
        return others[0] if len(others) == 1 else All(others)

    def _name(self) -> tuple[str, re.Match[str]]:
        """The attribute, and the operator after it (from where the name ends)."""
        for name in sorted(self.declared, key=len, reverse=True):
            operator = _OPERATOR.match(self.rest, len(name)) if self.rest.startswith(name) else None
            if operator is not None:
                return name, operator
        operator = _OPERATOR.search(self.rest)
        joint = _JOINT.search(self.rest)
        too_far = operator is not None and joint is not None and joint.start() < operator.start()
        if operator is None or not operator.start() or too_far:
            raise RuleError(
                f"{self.rest.strip()!r} compares nothing: say {self.side}.attribute is value, =, <, in (a, b), …"
            )
        return self.rest[: operator.start()].strip(), operator

    def _value(self, attribute: str = "") -> str:
        """A value: one that is declared, or up to the parenthesis around it or an `and` that a condition follows."""
        self._skip()
        declared = self.declared.get(attribute)
        for value in sorted(declared.values if declared else (), key=len, reverse=True):
            if self.rest.startswith(value) and _END.match(self.rest, len(value)):
                self.at += len(value)
                return value
        end = self._value_end(self.at)
        value = self.text[self.at : end].strip()
        if _LIKE_A_JOINT.search(value):
            raise RuleError(
                f"cannot tell whether {value!r} is one value: declare it if it is, else mend what comes after the value"
            )
        self.at = end
        return value

    def _value_end(self, start: int) -> int:
        depth = 0
        for place in range(start, len(self.text)):
            sign = self.text[place]
            if sign == "(":
                depth += 1
            elif sign == ")":
                if not depth:
                    return place
                depth -= 1
            elif sign.isspace() and not depth and _JOINT.match(self.text, place):
                return place
        return len(self.text)

    def _set(self) -> list[str]:
        self._skip()
        if not self.rest.startswith("("):
            raise RuleError(f"in takes values in parentheses: in (a, b), not {self.rest.strip()!r}")
        start = self.at + 1
        end = self._value_end(start)
        while end < len(self.text) and self.text[end] != ")":
            # A word such as `and` inside the set joins nothing.
            end = self._value_end(end + 1)
        if end >= len(self.text):
            raise RuleError(f"a parenthesis is not closed in {self.text!r}")
        self.at = end + 1
        values = [value.strip() for value in self.text[start:end].split(",")]
        if not all(values):
            raise RuleError("there is an empty value in a set of values")
        return values

    def _typed(self, name: str, value: str, *, sign: str = "") -> Scalar:
        if not value:
            raise RuleError(f"{self.side}.{name} is compared with nothing")
        declared = self.declared.get(name)
        number = _number(value)
        if sign not in {"", "=", "!="} or (declared is not None and declared.numbers):
            if number is None:
                raise RuleError(f"{self.side}.{name} is compared with {value!r}, which is no number")
            return number
        if declared is not None and declared.values and not declared.truths:
            return value
        if value.lower() in _TRUTHS:
            return _TRUTHS[value.lower()]
        return number if sign and number is not None else value

    def _skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1


def _number(text: str) -> int | float | None:
    if _NUMBER.fullmatch(text) is None:
        return None
    return int(text) if text.lstrip("+-").isdigit() else float(text)
