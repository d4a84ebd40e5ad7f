"""Recurrence rules (RFC 5545), checked before anybody waits for a day that never comes."""

from __future__ import annotations

import datetime as dt
import difflib
import zoneinfo

from crmusage.rules._field import FieldError

# RFC 5545, section 3.3.10. dateutil takes numbers outside these without a word, and loops for ever on an
# INTERVAL of 0.
_RANGES = {
    "INTERVAL": (1, None, False),
    "COUNT": (1, None, False),
    "BYSECOND": (0, 60, False),
    "BYMINUTE": (0, 59, False),
    "BYHOUR": (0, 23, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYMONTH": (1, 12, False),
    "BYSETPOS": (1, 366, True),
}
"""Part: from, to, and whether it may be counted from the end (negative)."""
PARTS = ("FREQ", "UNTIL", "BYDAY", "WKST", *_RANGES)
DAYS_NAMED = ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO")
"""Parts that name days, so that the first day need not."""
_EXAMPLE = "FREQ=WEEKLY;BYDAY=MO;BYHOUR=12"


def check_rrule(text: str, field: str = "rrule") -> None:
    """Refuse what is not one recurrence rule.

    Raises:
        FieldError: saying which part is wrong.
    """
    seen: set[str] = set()
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise FieldError(field, f"{part!r} is no part of a recurrence rule (like {_EXAMPLE})")
        if name not in PARTS:
            near = difflib.get_close_matches(name.upper(), PARTS, n=1)
            hint = f": did you mean {near[0]}?" if near else f" (they are {', '.join(PARTS)})"
            raise FieldError(field, f"{name!r} is no part of a recurrence rule{hint}")
        if name in seen:
            raise FieldError(field, f"{name} is there twice")
        seen.add(name)
        if name in _RANGES:
            _check_numbers(name, value, field)
    if "FREQ" not in seen:
        raise FieldError(field, f"FREQ is missing (like {_EXAMPLE})")
    _try(text, field)


def hangs_on_start(text: str) -> str | None:
    """The part of a recurrence rule that can only be counted from a first day; None: any first day will do.

    What RFC 5545 takes from DTSTART besides the time, which is midnight here: the phase, the count, and the day of
    the week, month or year where no part names one.
    """
    parts = dict(part.split("=") for part in text.split(";"))
    if parts.get("INTERVAL", "1") != "1":
        return f"INTERVAL={parts['INTERVAL']}"
    if "COUNT" in parts:
        return f"COUNT={parts['COUNT']}"
    named = parts.keys() & set(DAYS_NAMED)
    return f"FREQ={parts['FREQ']}" if parts["FREQ"] in {"WEEKLY", "MONTHLY", "YEARLY"} and not named else None


def check_zone(name: str, field: str = "zone") -> None:
    """Refuse what is not the name of a time zone.

    Raises:
        FieldError: when there is no such zone.
    """
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        what = f"{name!r} is not the name of a time zone (like Europe/Paris), nor person or unit"
        raise FieldError(field, what) from None


def _check_numbers(name: str, value: str, field: str) -> None:
    low, high, from_the_end = _RANGES[name]
    for item in value.split(","):
        digits = item[1:] if item[:1] in {"+", "-"} and from_the_end else item
        inside = digits.isascii() and digits.isdigit() and int(digits) >= low
        if not inside or (high is not None and int(digits) > high):
            bounds = f"from {low}" if high is None else f"from {low} to {high}"
            counted = ", or negative to count from the end" if from_the_end else ""
            raise FieldError(field, f"{name} takes a whole number {bounds}{counted}, not {item!r}")


def _try(text: str, field: str) -> None:
    # The import costs a few milliseconds that a program without schedules need not pay.
    from dateutil.rrule import rrulestr

    start = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    # A rule has no zone of its own; an UNTIL without one is in whatever zone the rule is read in.
    local = any(part.startswith("UNTIL=") and not part.endswith("Z") for part in text.split(";"))
    try:
        rrulestr(text, dtstart=start.replace(tzinfo=None) if local else start)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise FieldError(field, f"{text!r} is no recurrence rule (like {_EXAMPLE}): {error}") from None
