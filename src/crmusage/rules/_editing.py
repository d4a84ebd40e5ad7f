"""The text of a rule file, changed where the rule changed and nowhere else: comments and order stay.

tomlkit finds the pieces, replaces values and takes keys out. What is new it would put at the end of a table,
behind the comments that lead over to the next one; so a new line is hung on the line that it follows.
"""

from __future__ import annotations

import difflib
import itertools
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import AoT, Array, InlineTable, Item, Table

from crmusage.rules._array import LayoutError, changed_array, comments
from crmusage.rules._writing import Plain, headed, is_headed, line, literal, repeated, said

Body = list[tuple[Any, Item]]
"""Keys and items as they stand; comments and blank lines among them have no key."""
_CONDITIONS = frozenset({"where", "target_where"})


def edited(source: str, old: Plain, new: Plain) -> str:
    """`source`, which says `old`, made to say `new`.

    A comment on the line of a removed key, or inside a removed table, goes with it; every other one stays.
    Odd layouts can come out wrong (the caller reads the result again) or not at all.

    Raises:
        LayoutError: when a comment would be lost.
        Exception: of whatever type tomlkit fails with.
    """
    end = "\r\n" if source.count("\r\n") == source.count("\n") > 0 else "\n"
    document = tomlkit.parse(source.replace(end, "\n"))
    _change_table(document, old, new, strict=False)
    return document.as_string().replace("\n", end)


def _same(a: object, b: object) -> bool:
    # True == 1 == 1.0 in Python; a file tells them apart.
    return repr(a) == repr(b)


def _change_table(table: Any, old: Plain, new: Plain, *, strict: bool) -> None:
    for key in [key for key in old if key not in new and key in table]:
        _remove(table, key)
    previous: str | None = None
    absent: list[tuple[str, object, str | None]] = []
    for key, value in new.items():
        changed = key not in old or not _same(old[key], value)
        if key not in table:
            # A default that nobody wrote needs no writing while it stays.
            if changed:
                absent.append((key, value, previous))
            continue
        if changed:
            _change(table, key, old.get(key), value, strict=strict or key in _CONDITIONS)
        previous = key
    # A line behind a header would belong to that header's table.
    for key, value, before in sorted(absent, key=lambda one: is_headed(one[0], one[1])):
        _add(table, key, value, before)


def _change(holder: Any, key: Any, old: Any, new: Any, *, strict: bool) -> None:
    """Change what stands at a key of a table or a position of a list.

    A condition can be written in more than one way (`strict`): where the file does not write it as we would,
    it is written anew. The keys of other tables mean the same anywhere.
    """
    item = holder[key]
    if strict and _plain(item) != old:
        _replace(holder, key, new)
    elif isinstance(item, dict) and _can_change(item, old, new, strict=strict):
        _change_table(item, old, new, strict=strict)
    elif isinstance(item, AoT) and isinstance(new, list):
        _change_tables(holder, key, old, new)
    elif isinstance(item, Array) and _can_change(item, old, new, strict=strict):
        if len(old) == len(new):
            for at in range(len(old)):
                if not _same(old[at], new[at]):
                    _change(item, at, old[at], new[at], strict=strict)
        else:
            text = changed_array(
                item.as_string(), [literal(v, key) for v in old], [literal(v, key) for v in new]
            )
            holder[key] = tomlkit.value(text)
    else:
        _replace(holder, key, new)


def _is_scattered(item: Any) -> bool:
    """Whether a table stands in several places (`situation.en = …`, later `situation.fr = …`)."""
    return isinstance(item, dict) and not isinstance(item, Item)


def _can_change(item: Any, old: Any, new: Any, *, strict: bool) -> bool:
    """Whether to change the parts of an item rather than all of it.

    What stands on one line has no comments to lose, and reads better written anew than patched: its parts
    change only where none comes, goes or moves.
    """
    if type(old) is not type(new) or not isinstance(old, dict | list):
        return False
    if _is_scattered(item):
        return list(old) == list(new)
    # In a condition the order counts.
    if isinstance(item, Table) or ("\n" in item.as_string() and not (strict and isinstance(old, dict))):
        return True
    return list(old) == list(new) if isinstance(old, dict) else len(old) == len(new)


def _replace(holder: Any, key: Any, new: Any) -> None:
    item = holder[key]
    if _is_scattered(item):
        raise LayoutError(f"{key} stands in several places")
    if isinstance(item, Item) and comments(item.as_string()):
        raise LayoutError(f"there are comments in {key}")
    holder[key] = tomlkit.value(said(new, str(key)))


def _plain(item: Any) -> object:
    return item.unwrap() if isinstance(item, Item) else item


def _change_tables(holder: Any, key: str, old: list[Any], new: list[Any]) -> None:
    tables = holder[key]
    matcher = difflib.SequenceMatcher(None, [repr(v) for v in old], [repr(v) for v in new], autojunk=False)
    # From the end, so that the positions before stay what they are.
    for step, i, i_end, j, j_end in reversed(matcher.get_opcodes()):
        if step == "equal":
            continue
        paired = min(i_end - i, j_end - j)
        for offset in range(paired):
            _change_table(tables[i + offset], old[i + offset], new[j + offset], strict=False)
        if extra := new[j + paired : j_end]:
            before = _last_item(tables[i + paired - 1]) if i + paired else _item_before(holder, key)
            _hang(before, "".join(f"\n{repeated(key, value)}" for value in extra))
        for at in reversed(range(i + paired, i_end)):
            _hand_on_tail(tables, at)
            del tables[at]


def _add(table: Any, key: str, value: object, previous: str | None) -> None:
    """Write a key that is new, behind the key `previous`."""
    if not isinstance(table, TOMLDocument) and (isinstance(table, InlineTable) or table.is_super_table()):
        table[key] = tomlkit.value(literal(value, key))
        return
    found = [item for k, item in _body(table) if k is not None and k.key == previous]
    before = found[-1] if found else None
    if isinstance(table, TOMLDocument) and is_headed(key, value):
        behind = _last_item(before) if isinstance(before, Table | AoT) else _last_line(table)
        _hang(behind, "\n" + headed(key, value))
    else:
        behind = _last_line(table) if before is None or isinstance(before, Table | AoT) else before
        _hang(behind, line(key, value))


def _remove(table: Any, key: str) -> None:
    body = _body(table)
    at = next(at for at, (k, _) in enumerate(body) if k is not None and k.key == key)
    tail = _tail(body[at][1])
    del table[key]
    if tail:
        # tomlkit leaves an empty place behind.
        body[at] = (None, tomlkit.ws(tail))


def _hand_on_tail(tables: AoT, at: int) -> None:
    """Keep the comments at the end of a table that is about to go: they lead over to the next one."""
    tail = _tail(tables[at])
    if at + 1 < len(tables):
        tables[at + 1].trivia.indent = tail + tables[at + 1].trivia.indent
    elif tail:
        tables[at - 1].value.body.append((None, tomlkit.ws(tail)))


def _tail(item: Item) -> str:
    """The comments and blank lines behind the last entry of a table; nothing where there is no comment."""
    if isinstance(item, AoT):
        return _tail(item[-1])
    if not isinstance(item, Table):
        return ""
    tail = ""
    for key, piece in reversed(item.value.body):
        if key is not None:
            tail = _tail(piece) + tail
            break
        tail = piece.as_string() + tail
    return tail.lstrip("\n") if tail.strip() else ""


def _hang(item: Item, text: str) -> None:
    """Write `text` behind the line of `item`."""
    trail = item.trivia.trail
    item.trivia.trail = (trail if trail.endswith("\n") else trail + "\n") + text


def _body(table: Any) -> Body:
    body: Body = table.body if isinstance(table, TOMLDocument) else table.value.body
    return body


def _last_item(item: Item) -> Item:
    """What stands on the last line of a table, comments apart: its header where it is empty."""
    if isinstance(item, AoT):
        return _last_item(item[-1])
    if not isinstance(item, Table):
        return item
    return next((_last_item(piece) for key, piece in reversed(item.value.body) if key is not None), item)


def _last_line(table: Any) -> Any:
    """The last entry of a table before its first inner table; its header where there is none."""
    lined = itertools.takewhile(lambda entry: not isinstance(entry[1], Table | AoT), _body(table))
    return next((piece for key, piece in reversed(list(lined)) if key is not None), table)


def _item_before(table: Any, name: str) -> Any:
    """What stands on the line before the first of the tables `name`, comments apart."""
    before = itertools.takewhile(lambda entry: entry[0] is None or entry[0].key != name, _body(table))
    return next((_last_item(piece) for key, piece in reversed(list(before)) if key is not None), table)
