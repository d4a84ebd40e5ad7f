from __future__ import annotations

from crmusage.errors import RuleError


class FieldError(RuleError):
    """A RuleError that knows which field it is about, so that the fault of a file can name its key."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(what)
        self.field = field
