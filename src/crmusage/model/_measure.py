from __future__ import annotations

import attrs

from crmusage.model._text import Text


@attrs.frozen
class Measure:
    """A figure with what it was made of and how sure it is.

    `unit` says what `value`, `low` and `high` are in: "share" (0 to 1), "days", "hours", "amount", "count".
    `low` and `high` bound the 95 % interval; both are None where the figure is a plain count or sum.
    """

    name: str
    value: float
    numerator: float | None = None
    denominator: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = "share"
    label: Text | None = None
    """What a reader is told the figure is; None: the project's own words for `name`, or `name` itself."""


def _in_both(reason: Text | str) -> Text:
    return reason if isinstance(reason, Text) else Text(reason, reason)


@attrs.frozen
class Undefined:
    """There is no such figure, and why: never a zero in its place."""

    name: str
    reason: Text = attrs.field(converter=_in_both)
    """Why, as a part of a sentence; a plain string is told as it stands in either language."""
