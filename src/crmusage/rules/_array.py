"""The text of a list over several lines, changed item by item: each comment stays with its neighbour."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

import attrs

_PIECE = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'  # texts of several lines
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'"
    r"|\#[^\n]*"
    r"|[\[\]{},]"
    r"""|[^\s"'\#\[\]{},]+"""
    r"|\s+",
    re.DOTALL,
)


class LayoutError(Exception):
    """A text is laid out so that it cannot be changed without losing a comment."""


@attrs.define
class _Item:
    start: int
    end: int
    has_comma: bool = False
    behind: int = 0
    """Where its comma and the comment on its line end."""


def comments(text: str) -> list[str]:
    """The comments in a piece of TOML, each from its `#`."""
    return [piece for piece in _PIECE.findall(text) if piece.startswith("#")]


def changed_array(text: str, old: Sequence[str], new: Sequence[str]) -> str:
    """The list `text`, whose items are `old`, with the items `new`: both as TOML writes them on one line.

    A comment on the line of an item that goes, goes with it.
    """
    items = _items(text)
    if len(items) != len(old):
        raise LayoutError(f"{len(items)} items in the list, not {len(old)}")
    edits: list[tuple[int, int, str]] = []
    for step, i, i_end, j, j_end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if step == "equal":
            continue
        paired = min(i_end - i, j_end - j)
        for item, by in zip(items[i : i + paired], new[j : j + paired], strict=True):
            if comments(text[item.start : item.end]):
                raise LayoutError(f"there are comments in {old[i]}")
            edits.append((item.start, item.end, by))
        edits += _insertions(text, items, i + paired, new[j + paired : j_end])
        edits += [_removal(text, item) for item in items[i + paired : i_end]]
    parts, at = [], 0
    for start, end, by in sorted(edits, key=lambda edit: edit[:2]):
        parts += [text[at:start], by]
        at = end
    return "".join([*parts, text[at:]])


def _insertions(text: str, items: list[_Item], at: int, new: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    if not new:
        return
    before = items[at - 1] if at else _Item(0, 1, has_comma=True, behind=_behind(text, 1))
    if not before.has_comma:
        yield before.end, before.end, ","
    follows = items[at].start if at < len(items) else before.behind
    margin = (
        " " if at and "\n" not in text[before.behind : follows] and at < len(items) else _margin(text, items)
    )
    yield before.behind, before.behind, "".join(f"{margin}{value}," for value in new)


def _margin(text: str, items: list[_Item]) -> str:
    for item in items:
        blank = text[text.rfind("\n", 0, item.start) + 1 : item.start]
        if blank.isspace() or (not blank and "\n" in text[: item.start]):
            return f"\n{blank}"
    return "\n    "


def _removal(text: str, item: _Item) -> tuple[int, int, str]:
    line = text.rfind("\n", 0, item.start) + 1
    if not text[line : item.start].strip() and text[item.behind : item.behind + 1] == "\n":
        return line, item.behind + 1, ""
    return item.start, item.behind, ""


def _items(text: str) -> list[_Item]:
    items: list[_Item] = []
    depth = 0
    awaited = True
    for match in _PIECE.finditer(text):
        piece = match[0]
        depth -= piece in {"]", "}"}
        if depth == 1 and piece == ",":
            items[-1].has_comma = True
            items[-1].behind = _behind(text, match.end())
            awaited = True
        elif depth >= 1 and not piece.isspace() and not piece.startswith("#"):
            if awaited:
                items.append(_Item(match.start(), match.end()))
                awaited = False
            items[-1].end = match.end()
            if not items[-1].has_comma:
                items[-1].behind = _behind(text, match.end())
        depth += piece in {"[", "{"}
    return items


def _behind(text: str, at: int) -> int:
    """Where the comment behind `at` on the same line ends; `at` where there is none."""
    match = re.compile(r"[ \t]*#[^\n]*").match(text, at)
    return match.end() if match else at
