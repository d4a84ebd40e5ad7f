"""One table of a TOML file, read field by field; what is wrong with it is collected, never raised."""

from __future__ import annotations

import datetime as dt
import difflib
import enum
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import attrs

from crmusage.errors import Fault, RuleError
from crmusage.rules._field import FieldError

T = TypeVar("T")
E = TypeVar("E", bound=enum.StrEnum)
Names = tuple[str, ...]
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that `word` may have been meant for."""
    near = difflib.get_close_matches(word.lower(), list(words), n=1)
    return near[0] if near else None


def joined(key: str, name: str) -> str:
    """`key.name`, the name in quotes where TOML wants them."""
    if _BARE.fullmatch(name) is None:
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{key}.{name}" if key else name


def shown(value: object) -> str:
    """What a value of a TOML file is, for people."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f"the text {value!r}"
        case int() | float():
            return f"the number {value}"
        case dt.datetime() | dt.date() | dt.time():
            return f"the time {value}"
        case list():
            return "a list"
        case _:
            return "a table"


@attrs.define
class Table:
    """A table at `key` of the file `where`. What is absent or wrong reads as None."""

    values: Mapping[str, object]
    key: str
    allowed: Names
    where: str
    faults: list[Fault]
    bad: set[str] = attrs.field(init=False, factory=set)
    """The fields already known to be wrong: nothing more is said of them."""

    def __attrs_post_init__(self) -> None:
        for name in self.values:
            if name in self.allowed:
                continue
            near = nearest(name, self.allowed)
            hint = f"did you mean {near}?" if near else f"the keys here are {', '.join(self.allowed)}"
            self.fault(name, f"unknown key: {hint}")
            if near is not None and near not in self.values:
                self.bad.add(near)

    def fault(self, name: str, what: str) -> None:
        """Note that the field `name` (empty: the table itself) is wrong."""
        self.bad.add(name)
        self.faults.append(Fault(self.where, joined(self.key, name) if name else self.key, what))

    def text(self, name: str, *, needed: str | None = None) -> str | None:
        """A text that says something."""
        value = self._take(name, "a text in quotes", lambda v: isinstance(v, str), needed)
        if isinstance(value, str) and not value.strip():
            self.fault(name, "is empty")
            return None
        return value if isinstance(value, str) else None

    def whole(self, name: str, *, needed: str | None = None) -> int | None:
        """A whole number."""
        value = self._take(
            name, "a whole number", lambda v: isinstance(v, int) and not isinstance(v, bool), needed
        )
        return value if isinstance(value, int) else None

    def number(self, name: str) -> float | None:
        """A number."""
        value = self._take(name, "a number", lambda v: isinstance(v, int | float) and not isinstance(v, bool))
        return value if isinstance(value, int | float) else None

    def day(self, name: str, *, needed: str | None = None) -> dt.date | None:
        """A day, or a time on a day."""
        value = self._take(name, "a day or a time, without quotes", lambda v: isinstance(v, dt.date), needed)
        return value if isinstance(value, dt.date) else None

    def one_of(self, name: str, words: type[E], *, needed: str | None = None) -> E | None:
        """One of the words of an enumeration."""
        value = self.text(name, needed=needed)
        if value is None:
            return None
        try:
            return words(value)
        except ValueError:
            near = nearest(value, words)
            hint = f"did you mean {near}?" if near else f"it is one of {', '.join(words)}"
            self.fault(name, f"unknown {name} {value!r}: {hint}")
            return None

    def texts(self, name: str) -> tuple[str, ...] | None:
        """A list of texts."""
        value = self._take(
            name,
            'a list of texts such as ["a", "b"]',
            lambda v: isinstance(v, list) and all(isinstance(item, str) for item in v),
        )
        return tuple(value) if isinstance(value, list) else None

    def text_or_texts(self, name: str, *, needed: str | None = None) -> str | tuple[str, ...] | None:
        """A text that says something, or a list of such texts."""
        if not isinstance(self.values.get(name), list):
            return self.text(name, needed=needed)
        found = self.texts(name)
        if found is not None and not (found and all(item.strip() for item in found)):
            self.fault(name, "is empty" if not found else "has an empty text in it")
            return None
        return found

    def nested(
        self,
        name: str,
        allowed: Names,
        read: Callable[[Table], T | None],
        *,
        needed: str | None = None,
    ) -> T | None:
        """A table, read by `read`."""
        value = self._take(name, "a table", lambda v: isinstance(v, dict), needed)
        return self._read(value, name, allowed, read) if isinstance(value, dict) else None

    def each(self, name: str, allowed: Names, read: Callable[[Table], T | None]) -> tuple[T, ...] | None:
        """A list of tables, each read by `read`; those with faults left out."""
        value = self._take(
            name,
            f"tables, each under its own [[{name}]]",
            lambda v: isinstance(v, list) and all(isinstance(item, dict) for item in v),
        )
        if not isinstance(value, list):
            return None
        parts = (self._read(item, f"{name}[{i}]", allowed, read) for i, item in enumerate(value))
        return tuple(part for part in parts if part is not None)

    def make(
        self, cls: Callable[..., T], instead: Mapping[str, object] | None = None, /, **values: object
    ) -> T | None:
        """Build the value; what its own checks refuse becomes faults, each under its key.

        One fault does not hide the next: a refused field is left out and the rest tried again, and for a
        needed field that is wrong already, `instead` has something to try the rest with.
        """
        given = {name: value for name, value in values.items() if value is not None}
        for name, value in (instead or {}).items():
            if name in self.bad:
                given.setdefault(name, value)
        while True:
            try:
                return cls(**given)
            except FieldError as error:
                if error.field not in self.bad:
                    self.fault(error.field, str(error))
                if given.pop(error.field, None) is None:
                    return None
                if instead is not None and error.field in instead:
                    given[error.field] = instead[error.field]
            except RuleError as error:
                self.fault("", str(error))
                return None
            except TypeError:
                # A needed field is absent, and that is a fault already; anything else is a mistake of ours.
                if not self.bad:
                    raise
                return None

    def _read(
        self, values: Mapping[str, object], name: str, allowed: Names, read: Callable[[Table], T | None]
    ) -> T | None:
        table = Table(values, f"{self.key}.{name}" if self.key else name, allowed, self.where, self.faults)
        value = read(table)
        if table.bad:
            self.bad.add(name.partition("[")[0])
        return value

    def _take(
        self, name: str, wanted: str, fits: Callable[[object], bool], needed: str | None = None
    ) -> object:
        value = self.values.get(name)
        if value is None:
            if needed is not None and name not in self.bad:
                self.fault(name, f"is missing: {needed}")
            return None
        if not fits(value):
            self.fault(name, f"takes {wanted}, not {shown(value)}")
            return None
        return value
