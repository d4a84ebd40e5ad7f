from __future__ import annotations

import textwrap
from collections.abc import Sequence

_GAP = 2
_NARROWEST = 16
"""Characters that the first column keeps at least; a table that cannot give them is not drawn."""


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str] | None:
    """Rows under headers in at most `width` characters: the first column at the left, the others flush right.

    Further lines of a first cell stand under the row over the whole width, as notes to it. Returns None where
    the other columns leave the first too little room: the caller then writes a list.
    """
    others = [max(len(row[column]) for row in (headers, *rows)) for column in range(1, len(headers))]
    room = width - sum(others) - _GAP * len(others)
    if room < _NARROWEST:
        return None
    first = max(_NARROWEST, min(room, max(len(row[0].split("\n")[0]) for row in (headers, *rows))))
    full = first + sum(others) + _GAP * len(others)
    lines = []
    for row in (headers, *rows):
        name, *notes = row[0].split("\n")
        head, *more = wrapped(name, first, "  ")
        numbers = "".join(" " * _GAP + cell.rjust(size) for cell, size in zip(row[1:], others, strict=True))
        lines.append(f"{head:<{first}}{numbers}".rstrip())
        lines.extend(more)
        for note in notes:
            lines.extend(f"  {piece}" for piece in wrapped(note, max(full, width) - 2, "  "))
        if row is headers:
            lines.append("\N{BOX DRAWINGS LIGHT HORIZONTAL}" * full)
    return lines


def wrapped(text: str, width: int, hanging: str = "") -> list[str]:
    """The text in lines of at most `width` characters, later ones after `hanging`; no-break spaces hold."""
    # textwrap breaks at ASCII white space only, and never inside a word that fits.
    return textwrap.wrap(text, width, subsequent_indent=hanging, break_on_hyphens=False) or [""]
