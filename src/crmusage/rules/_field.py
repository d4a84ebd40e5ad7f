from __future__ import annotations

from crmusage.errors import RuleError


def is_whole(value: object) -> bool:
    """Whether it is a whole number from 1."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


class FieldError(RuleError):
    """A RuleError that knows which field it is about, so that the fault of a file can name its key."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(what)
        self.field = field
