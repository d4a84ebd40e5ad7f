from __future__ import annotations

from functools import cached_property

import attrs

from crmusage.errors import RuleError
from crmusage.rules._field import FieldError

_LONGEST = 1000 * 366 * 86_400_000_000
"""A thousand years: more is a slip of the keyboard, and would not fit 64 bits of microseconds."""
_DAY = 86_400_000_000
_HOUR = 3_600_000_000
_MICROSECONDS = {
    "weeks": 7 * _DAY,
    "days": _DAY,
    "hours": _HOUR,
    "minutes": 60_000_000,
    "seconds": 1_000_000,
}
_WORKING = {"working_days": _DAY, "working_hours": _HOUR}
"""The length to compare with the longest that is allowed; working time has none of its own."""
LONGEST = {name: _LONGEST // size for name, size in (_MICROSECONDS | _WORKING).items()}
"""How many of each unit are allowed."""


@attrs.frozen(slots=False)  # so that what is asked for again and again is worked out once
class Duration:
    """A length of time, in elapsed time (`weeks` to `seconds`) or in working time, never both.

    Elapsed time does not look at clocks: a day is 24 hours, unless the rule names a time zone. Then `weeks` and
    `days` lead to the same time on the wall, and `hours` to `seconds` are added to that. `working_days` (whole)
    and `working_hours` are counted in the calendar that the history or the monitor is given. No working days
    are the rest of the day, which no seconds are not; so there the default is None.
    """

    weeks: float = 0
    days: float = 0
    hours: float = 0
    minutes: float = 0
    seconds: float = 0
    working_days: float | None = None
    working_hours: float | None = None

    def __attrs_post_init__(self) -> None:
        for name in attrs.fields_dict(Duration):
            amount = getattr(self, name)
            if amount is None and name in _WORKING:
                continue
            if isinstance(amount, bool) or not isinstance(amount, int | float):
                raise FieldError(name, f"{name} takes a number, not {amount!r}")
            if not amount >= 0 or amount == float("inf"):
                raise FieldError(name, f"{name} takes a number from 0, not {amount!r}")
        if self.working_days is not None and self.working_days != int(self.working_days):
            what = f"working_days takes a whole number, not {self.working_days!r} (working_hours takes parts)"
            raise FieldError("working_days", what)
        if self.working_days is not None and self.working_hours is not None:
            raise RuleError("a duration is in working days or in working hours, not in both")
        if self.is_working and self._elapsed:
            raise RuleError("a duration is in elapsed time or in working time, not in both")
        if (
            max(self._elapsed, *((getattr(self, name) or 0) * size for name, size in _WORKING.items()))
            > _LONGEST
        ):
            raise RuleError("a duration is at most a thousand years long")

    @cached_property
    def is_working(self) -> bool:
        """Whether it is counted in working time."""
        return self.working_days is not None or self.working_hours is not None

    @cached_property
    def is_nothing(self) -> bool:
        """Whether it has no length, in whatever time."""
        return not (self._elapsed or self.working_days or self.working_hours)

    @cached_property
    def microseconds(self) -> int:
        """The elapsed time, in microseconds.

        Raises:
            RuleError: for working time, which has no fixed length.
        """
        if self.is_working:
            raise RuleError("working time has no fixed length")
        return self._elapsed

    @cached_property
    def whole_days(self) -> int:
        """How many days in a row are in the elapsed time as it is written: weeks and days, but not 24 hours."""
        return int(self.weeks * 7 + self.days)

    @cached_property
    def rest(self) -> int:
        """The elapsed time that is not in `whole_days`, in microseconds."""
        return self.microseconds - self.whole_days * _DAY

    @cached_property
    def working_microseconds(self) -> int | None:
        """The working hours, in microseconds; None: it is not counted in them."""
        return None if self.working_hours is None else round(self.working_hours * _HOUR)

    @cached_property
    def _elapsed(self) -> int:
        total: float = sum(getattr(self, name) * size for name, size in _MICROSECONDS.items())
        return round(total)

    def __str__(self) -> str:
        """`2 days 4 hours`."""
        parts = [
            f"{amount:.12g} {(name if amount != 1 else name[:-1]).replace('_', ' ')}"
            for name in attrs.fields_dict(Duration)
            if (amount := getattr(self, name)) or (amount is not None and name in _WORKING)
        ]
        return " ".join(parts) or "0 seconds"
