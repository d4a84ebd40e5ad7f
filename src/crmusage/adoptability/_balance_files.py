"""A benefit balance as a TOML file, with every fault told at once."""

from __future__ import annotations

import tomllib
from pathlib import Path

import attrs

from crmusage.adoptability._balance import Balance, Feature, Group, Irritant, Kind, Return
from crmusage.errors import BookError, Fault, SourceError
from crmusage.model import Text
from crmusage.rules._table import Table, joined, nearest

_TEXT = tuple(attrs.fields_dict(Text))
_GROUP = tuple(attrs.fields_dict(Group))
_IRRITANT = tuple(attrs.fields_dict(Irritant))
_CAPABILITY = tuple(name for name in attrs.fields_dict(Feature) if name != "kind")
_FIELD = tuple(name for name in _CAPABILITY if name not in {"serves", "relieves"})


def load_balance(path: str | Path) -> Balance:
    """The balance in a TOML file: `[[group]]`, `[[irritant]]`, `[[capability]]` and `[[field]]`.

    Raises:
        BookError: with every fault.
        SourceError: when the file cannot be read.
    """
    path = Path(path)
    faults: list[Fault] = []
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise BookError([Fault(str(path), "", f"is not TOML in UTF-8: {error}")], "benefit balance") from None
    table = Table(values, "", ("group", "irritant", "capability", "field"), str(path), faults)
    groups = table.each("group", _GROUP, _group) or ()
    irritants = table.each("irritant", _IRRITANT, _irritant) or ()
    features = (
        *(table.each("capability", _CAPABILITY, _capability) or ()),
        *(table.each("field", _FIELD, _field) or ()),
    )
    if not groups and "group" not in table.bad:
        table.fault(
            "group", "is missing: who gains and pays, such as the representatives, each under [[group]]"
        )
    elif not any(one.users for one in groups) and "group" not in table.bad:
        table.fault("group", "has no group with users = true: who works with the tool?")
    if not faults:
        _references(table, groups, irritants, features)
    if faults:
        raise BookError(faults, "benefit balance")
    return Balance(groups, irritants, features)


def _references(
    table: Table, groups: tuple[Group, ...], irritants: tuple[Irritant, ...], features: tuple[Feature, ...]
) -> None:
    for what, ids in (
        ("group", [one.id for one in groups]),
        ("irritant", [one.id for one in irritants]),
        ("capability", [one.id for one in features]),
    ):
        for id_ in sorted({one for one in ids if ids.count(one) > 1}):
            table.fault(what, f"the id {id_!r} is there twice")
    group_ids, irritant_ids = {one.id for one in groups}, {one.id for one in irritants}
    for irritant in irritants:
        _known(table, f"irritant {irritant.id}", "group", (irritant.group,), group_ids)
    for feature in features:
        place = f"{feature.kind} {feature.id}"
        _known(table, place, "group", (*feature.gains, *feature.costs), group_ids)
        _known(table, place, "irritant", feature.relieves, irritant_ids)


def _known(table: Table, place: str, what: str, named: tuple[str, ...], known: set[str]) -> None:
    for name in dict.fromkeys(named):
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean {near}?" if near else f"there are {', '.join(sorted(known)) or 'none'}"
            table.faults.append(
                Fault(table.where, place, f"names the {what} {name!r}, which is not there: {hint}")
            )


def _group(table: Table) -> Group | None:
    return table.make(
        Group,
        {"id": "some-id", "name": Text("?", "?")},
        id=table.text("id", needed="a short name, such as representatives"),
        name=_name(table),
        people=_people(table),
        users=_flag(table, "users"),
    )


def _irritant(table: Table) -> Irritant | None:
    return table.make(
        Irritant,
        {"id": "some-id", "name": Text("?", "?"), "group": "?", "minutes": 0.0},
        id=table.text("id", needed="a short name, such as paper-forms"),
        name=_name(table),
        group=table.text("group", needed="whom it annoys: the id of a group"),
        minutes=_minutes(table, "minutes", needed=True),
    )


def _capability(table: Table) -> Feature | None:
    serves = table.one_of("serves", Return, needed="performance (of users) or data (to decide by)")
    return _feature(table, Kind.CAPABILITY, serves, table.texts("relieves"))


def _field(table: Table) -> Feature | None:
    return _feature(table, Kind.FIELD, Return.DATA, None)


def _feature(
    table: Table, kind: Kind, serves: Return | None, relieves: tuple[str, ...] | None
) -> Feature | None:
    return table.make(
        Feature,
        {"id": "some-id", "name": Text("?", "?"), "serves": Return.DATA},
        id=table.text("id", needed="a short name, such as price-at-hand"),
        name=_name(table),
        kind=kind,
        serves=serves,
        gains=_by_group(table, "gains"),
        costs=_by_group(table, "costs"),
        relieves=relieves,
        in_place=_flag(table, "in_place"),
    )


def _name(table: Table) -> Text | None:
    if isinstance(table.values.get("name"), str):
        # Who works in one language need not write the other.
        name = table.text("name")
        return None if name is None else Text(name, name)
    needed = 'what people call it: name = "...", or name = { en = "...", fr = "..." }'
    return table.nested("name", _TEXT, _text, needed=needed)


def _text(table: Table) -> Text | None:
    needed = "people are told in English (en) and in French (fr)"
    return table.make(Text, en=table.text("en", needed=needed), fr=table.text("fr", needed=needed))


def _people(table: Table) -> int | None:
    people = table.whole("people")
    if people is not None and people < 1:
        table.fault("people", "takes a whole number from 1")
        return None
    return people


def _minutes(table: Table, name: str, *, needed: bool = False) -> float | None:
    value = table.number(name)
    if value is None and needed and name not in table.bad:
        table.fault(name, "is missing: minutes a week for each person")
    # Not below: minutes that are no number, or without end, would poison every sum.
    if value is not None and not 0 <= value < 10_080:
        table.fault(name, f"takes minutes a week, 0 to 10080, not {value:g}")
        return None
    return value


def _by_group(table: Table, name: str) -> dict[str, float] | None:
    # Which groups there are is not known yet: the names are checked once all is read.
    value = table.values.get(name)
    names = tuple(value) if isinstance(value, dict) else ()
    read = table.nested(name, names, lambda inner: {one: _minutes(inner, one) for one in inner.values})
    return None if read is None else {one: minutes for one, minutes in read.items() if minutes is not None}


def _flag(table: Table, name: str) -> bool | None:
    value = table.values.get(name)
    if value is None or isinstance(value, bool):
        return value
    table.fault(name, f"takes true or false, not {joined('', str(value))}")
    return None
