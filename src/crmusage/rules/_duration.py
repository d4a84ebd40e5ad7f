from __future__ import annotations

import attrs

from crmusage.errors import RuleError
from crmusage.rules._field import FieldError

_LONGEST = 1000 * 366 * 86_400_000_000
"""A thousand years: more is a slip of the keyboard, and would not fit 64 bits of microseconds."""
_MICROSECONDS = {
    "weeks": 7 * 86_400_000_000,
    "days": 86_400_000_000,
    "hours": 3_600_000_000,
    "minutes": 60_000_000,
    "seconds": 1_000_000,
}


@attrs.frozen
class Duration:
    """A length of time, in elapsed time (`weeks` to `seconds`) or in working time, never both.

    Elapsed time does not look at clocks: a day is 24 hours. `working_days` and `working_hours` are counted in
    the calendar that the history or the monitor is given.
    """

    weeks: float = 0
    days: float = 0
    hours: float = 0
    minutes: float = 0
    seconds: float = 0
    working_days: float = 0
    working_hours: float = 0

    def __attrs_post_init__(self) -> None:
        for name in attrs.fields_dict(Duration):
            amount = getattr(self, name)
            if isinstance(amount, bool) or not isinstance(amount, int | float):
                raise FieldError(name, f"{name} takes a number, not {amount!r}")
            if not amount >= 0 or amount == float("inf"):
                raise FieldError(name, f"{name} takes a number from 0, not {amount!r}")
        if self.is_working and self._elapsed():
            raise RuleError("a duration is in elapsed time or in working time, not in both")
        if self._elapsed() > _LONGEST:
            raise RuleError("a duration is at most a thousand years long")

    @property
    def is_working(self) -> bool:
        """Whether it is counted in working time."""
        return bool(self.working_days or self.working_hours)

    @property
    def microseconds(self) -> int:
        """The elapsed time, in microseconds.

        Raises:
            RuleError: for working time, which has no fixed length.
        """
        if self.is_working:
            raise RuleError("working time has no fixed length")
        return self._elapsed()

    def _elapsed(self) -> int:
        total: float = sum(getattr(self, name) * size for name, size in _MICROSECONDS.items())
        return round(total)

    def __str__(self) -> str:
        """`2 days 4 hours`."""
        parts = [
            f"{amount:g} {(name if amount != 1 else name[:-1]).replace('_', ' ')}"
            for name in attrs.fields_dict(Duration)
            if (amount := getattr(self, name))
        ]
        return " ".join(parts) or "0 seconds"
