"""Coding standards of requests as TOML files, with every fault of every file told at once."""

from __future__ import annotations

import tomllib
from pathlib import Path

import attrs

from crmusage.errors import BookError, Fault, SourceError
from crmusage.model import Text
from crmusage.requests._kind import Emergency, RequestKind
from crmusage.requests._kind import Fact as KindFact
from crmusage.requests._state import Duty
from crmusage.rules import Duration
from crmusage.rules._table import Table
from crmusage.rules._where import read_condition

_DUTIES = tuple(duty.value for duty in Duty)
_DURATIONS = tuple(attrs.fields_dict(Duration))
_KIND = tuple(attrs.fields_dict(RequestKind))
_FACT = tuple(attrs.fields_dict(KindFact))
_EMERGENCY = tuple(attrs.fields_dict(Emergency))
_TEXT = tuple(attrs.fields_dict(Text))


def load_kinds(path: str | Path) -> tuple[RequestKind, ...]:
    """The kinds of requests of a folder of TOML files (or of one file), one kind a file, by id.

    A file that has an `[emergency]` and no `id` says what an emergency is for all kinds that do not say it.

    Raises:
        BookError: with every fault of every file.
        SourceError: when there is nothing to read at `path`.
    """
    path = Path(path)
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    faults: list[Fault] = []
    kinds: dict[str, RequestKind] = {}
    common: tuple[Path, Emergency] | None = None
    for file in files:
        read = _read(file, faults)
        if isinstance(read, Emergency):
            if common is not None:
                faults.append(Fault(str(file), "emergency", f"is already defined in {common[0]}"))
            common = (file, read)
        elif read is not None:
            if read.id in kinds:
                faults.append(Fault(str(file), "id", f"{read.id!r} is already the id of another kind"))
            kinds[read.id] = read
    if faults:
        raise BookError(faults, "kinds of requests")
    if not kinds:
        raise SourceError(f"{path}: there is no kind of request (a *.toml with an id)")
    given = [
        kind if kind.emergency is not None or common is None else attrs.evolve(kind, emergency=common[1])
        for kind in kinds.values()
    ]
    return tuple(sorted(given, key=lambda kind: kind.id))


def _read(file: Path, faults: list[Fault]) -> RequestKind | Emergency | None:
    try:
        values = tomllib.loads(file.read_bytes().decode())
    except OSError as error:
        raise SourceError(f"{file}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        faults.append(Fault(str(file), "", f"is not TOML in UTF-8: {error}"))
        return None
    own: list[Fault] = []
    value: RequestKind | Emergency | None
    if "emergency" in values and "id" not in values:
        value = Table(values, "", ("emergency",), str(file), own).nested("emergency", _EMERGENCY, _emergency)
    else:
        value = _kind(Table(values, "", _KIND, str(file), own))
    faults += own
    return None if own else value


def _kind(table: Table) -> RequestKind | None:
    return table.make(
        RequestKind,
        {"id": "some-id", "name": Text("?", "?")},
        id=table.text("id", needed="a name of its own, in small letters, such as price-approval"),
        name=table.nested("name", _TEXT, _text, needed="what people call it, in en and fr"),
        roles=table.texts("roles"),
        skills=table.texts("skills"),
        responsibility=table.texts("responsibility"),
        fact=table.each("fact", _FACT, _fact),
        documentation=table.each("documentation", _FACT, _fact),
        priorities=_ranks(table, "priorities"),
        urgent=_ranks(table, "urgent"),
        emergency=table.nested("emergency", _EMERGENCY, _emergency),
        pace=table.nested("pace", _DUTIES, _pace),
    )


def _fact(table: Table) -> KindFact | None:
    return table.make(
        KindFact,
        {"name": "some-field", "text": Text("?", "?")},
        name=table.text("name", needed="the field that holds it"),
        text=table.nested("text", _TEXT, _text, needed="what people are asked for, in en and fr"),
        pattern=table.text("pattern"),
    )


def _emergency(table: Table) -> Emergency | None:
    where = read_condition(table, "where")
    if where is None and "where" not in table.bad:
        table.fault("where", "is missing: a condition on the facts, such as { production_stopped = true }")
    return table.make(
        Emergency,
        text=table.nested("text", _TEXT, _text, needed="what an emergency is, in en and fr"),
        where=where,
        pace=table.nested("pace", _DUTIES, _pace),
    )


def _pace(table: Table) -> dict[Duty, Duration]:
    read = {Duty(name): table.nested(name, _DURATIONS, _duration) for name in table.values if name in _DUTIES}
    return {duty: duration for duty, duration in read.items() if duration is not None}


def _duration(table: Table) -> Duration | None:
    if not table.values:
        table.fault("", "is empty: a duration is a table such as { working_hours = 4 }")
        return None
    return table.make(Duration, **{name: table.number(name) for name in table.allowed})


def _text(table: Table) -> Text | None:
    needed = "people are told in English (en) and in French (fr)"
    return table.make(Text, en=table.text("en", needed=needed), fr=table.text("fr", needed=needed))


def _ranks(table: Table, name: str) -> tuple[int, ...] | None:
    value = table.values.get(name)
    if value is None:
        return None
    whole = isinstance(value, list) and all(isinstance(i, int) and not isinstance(i, bool) for i in value)
    if not (isinstance(value, list) and whole):
        table.fault(name, "takes a list of whole numbers such as [1, 2, 3]")
        return None
    return tuple(value)
