"""The text of a rule file, changed where the rule changed and nowhere else: comments and order stay.

tomlkit finds the pieces and replaces values. What is new it would put at the end of a table, behind the
comments that lead over to the next one; so a new line is hung on the line that it follows instead.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.container import Container
from tomlkit.items import AoT, Array, Item, Table

from crmusage.rules._writing import Plain, headed, is_headed, line, lines, literal


def edited(source: str, old: Plain, new: Plain) -> str:
    """`source`, which says `old`, made to say `new`.

    A comment on the line of a removed key, or inside a removed table, goes with it; every other one stays.
    """
    if source.count("\r\n") == source.count("\n") > 0:
        return edited(source.replace("\r\n", "\n"), old, new).replace("\n", "\r\n")
    document = tomlkit.parse(source)
    _change_table(document, document, old, new)
    return document.as_string()


def comments(source: str) -> list[str]:
    """The comments of a TOML text that stand on lines or behind values, in order."""
    return [text for text in _comments(tomlkit.parse(source)) if text]


def _same(a: object, b: object) -> bool:
    # True == 1 and 1 == 1.0 in Python; a file tells them apart.
    return repr(a) == repr(b)


def _change_table(holder: Any, body: Container | None, old: Plain, new: Plain) -> None:
    """Change a table: `holder` is what is indexed, `body` its lines (None: it stands on one line)."""
    for key in [key for key in old if key not in new]:
        if key in holder:
            _remove(holder, body, key)
    previous: str | None = None
    for key, value in new.items():
        if key in old and _same(old[key], value):
            pass
        elif key in holder:
            _change(holder, key, old.get(key), value)
        else:
            _add(holder, body, key, value, previous)
        if key in holder:
            previous = key


def _change(holder: Any, key: str | int, old: object, new: object) -> None:
    item = holder[key]
    if isinstance(old, dict) and isinstance(new, dict) and _says(item, old):
        _change_table(item, _body(item), old, new)
    elif isinstance(old, list) and isinstance(new, list) and isinstance(item, AoT | Array):
        _change_list(item, old, new)
    ...
