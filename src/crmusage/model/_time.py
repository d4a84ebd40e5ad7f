from __future__ import annotations

import datetime as dt

import attrs


@attrs.frozen(order=True)
class Period:
    """Days from `start` up to, not including, `end`."""

    start: dt.date
    end: dt.date = attrs.field()

    @end.validator
    def _after_start(self, _: object, value: dt.date) -> None:
        if value <= self.start:
            raise ValueError(f"a period ends after it starts: {self.start} to {value}")

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """A calendar month."""
        following = (year + 1, 1) if month == 12 else (year, month + 1)
        return cls(dt.date(year, month, 1), dt.date(*following, 1))

    def __str__(self) -> str:
        """`2026-03` for a whole calendar month, else `2026-03-05/2026-03-09` (the end not included)."""
        if self == Period.month(self.start.year, self.start.month):
            return f"{self.start:%Y-%m}"
        return f"{self.start.isoformat()}/{self.end.isoformat()}"

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period that `str` wrote.

        Raises:
            ValueError: when `text` is neither `YYYY-MM` nor `YYYY-MM-DD/YYYY-MM-DD`.
        """
        if len(text) == len("2026-03"):
            year, _, month = text.partition("-")
            return cls.month(int(year), int(month))
        start, _, end = text.partition("/")
        return cls(dt.date.fromisoformat(start), dt.date.fromisoformat(end))
