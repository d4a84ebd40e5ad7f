from __future__ import annotations

import datetime as dt

import attrs


@attrs.frozen
class Person:
    """Somebody who works with the CRM: a person, not a login. What is None is not known."""

    id: str
    unit: str | None = None
    profile: str | None = None
    region: str | None = None
    manager: str | None = None
    """The id of another person."""
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    """The last day."""
    is_human: bool | None = None
    """False: an integration, a website, a robot."""
    time_zone: str | None = None
    """An IANA name."""

    def is_here(self, on: dt.date) -> bool:
        """Whether somebody has begun and not left on a day; who has no dates is always here."""
        begun = self.starts_on is None or self.starts_on <= on
        return begun and (self.ends_on is None or on <= self.ends_on)

    def has_left(self, on: dt.date) -> bool:
        """Whether the last day is before `on`."""
        return self.ends_on is not None and self.ends_on < on


@attrs.frozen
class Acknowledgement:
    """That a person has read a version of a rule."""

    rule: str
    version: int
    person: str
    at: dt.datetime = attrs.field()

    @at.validator
    def _has_zone(self, _: object, value: dt.datetime) -> None:
        if value.tzinfo is None:
            what = f"an acknowledgement is at a time with a zone, such as UTC, not {value!r}"
            raise ValueError(what)

    @property
    def day(self) -> dt.date:
        """The day that it was, in UTC."""
        return self.at.astimezone(dt.UTC).date()
