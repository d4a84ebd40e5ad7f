from __future__ import annotations

import attrs


@attrs.frozen
class SetAside:
    """Rows or values that could not be used, for one reason: counted and shown, never dropped in silence."""

    table: str
    reason: str
    """A stable English slug that begins with the table: `events: no case`."""
    count: int
    """How many rows (of a value set aside: how many values)."""
    examples: tuple[str, ...] = ()
    """A few of them, `row id: value`."""
    kept: bool = False
    """The row itself stayed in the history: only the value was emptied, or a copy was collapsed."""
