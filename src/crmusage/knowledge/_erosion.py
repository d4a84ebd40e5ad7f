"""How what is known of a tool wears away: one linear recurrence, its closed form, and what breaks into it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import attrs

from crmusage.rules._field import FieldError, is_whole

TRAINING_KEEPS = 0.8
"""Share of a training that stays. Source: text 4 (Perron and Gouin, Gestisoft). An assumption of theirs, not a law."""
RELAY_KEEPS = 0.8
"""Share of what a colleague knows that stays with whom they tell. Source and standing as TRAINING_KEEPS."""
TURNOVER_A_YEAR = 0.25
"""Share of seats that change hands in a year. Guessed: the source says `high` and no figure."""
FORGETTING_A_YEAR = 0.10
"""Share of what somebody knows that a year without refresher takes. Guessed: the source names it without a figure."""
GROWTH_A_YEAR = 0.10
"""By how much new releases let the tool do more in a year. Guessed: the source names it without a figure."""
RELEASE_KNOWN = 0.10
"""Share of what a release brings that is known without anybody teaching it. Guessed."""
CHAMPION_KNOWS = 0.9
"""Share of the tool that a champion knows and keeps up to date. Guessed."""


def _is_share(_: object, attribute: attrs.Attribute[float], value: float) -> None:
    if not 0 <= value <= 1:
        raise FieldError(
            attribute.name, f"{attribute.name} is a share from 0 to 1 (0.25 for 25 %), not {value!r}"
        )


def _below_one(_: object, attribute: attrs.Attribute[float], value: float) -> None:
    if not 0 <= value < 1:
        raise FieldError(
            attribute.name, f"{attribute.name} is a share a year, from 0 to less than 1, not {value!r}"
        )


def _is_growth(_: object, attribute: attrs.Attribute[float], value: float) -> None:
    if not 0 <= value <= 10:
        raise FieldError(
            attribute.name, f"{attribute.name} is from 0 to 10 (0.1 for 10 % more), not {value!r}"
        )


def _is_month(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if not is_whole(value):
        raise FieldError(
            attribute.name, f"{attribute.name} is a whole number of months from 1, not {value!r}"
        )


def handed_on(times: int, *, keeps: float = RELAY_KEEPS) -> float:
    """The share left of a knowledge handed on `times` times, a training included: `keeps ** times`.

    The source's own arithmetic. At 80 %, four pairs of hands leave 41 %, five leave 33 %.
    """
    return math.pow(keeps, times)


@attrs.frozen
class Erosion:
    r"""What is known of a tool against what it can do, month by month.

    With `s` the known share (0 to 1: of all pairs of person and capability, those where the person knows it), a
    month does three things, in this order::

        those present forget      s1 = (1 - f) s
        leavers are replaced      s2 = (1 - t) s1 + t k ((1 - c) s1 + c h)
        the tool grows            s' = (s2 + a g) / (1 + g)

    with f, t, g the monthly forgetting, turnover and growth; k what a relay leaves; c the share of newcomers told by
    a champion who knows h, the others by a colleague drawn at random; a the share of news known untaught. That is::

        s' = q s + b,   q = (1 - f)(1 - t + t k (1 - c)) / (1 + g),   b = (t k c h + a g) / (1 + g)

    so that with constant rates, started at the share d that a training leaves::

        s(n) = s* + (d - s*) q^n,   s* = b / (1 - q)   (q < 1; else s stays at d)

    All rates but those a year are shares of 1. The year's rates compound: 12 months give exactly them.
    """

    training_keeps: float = attrs.field(default=TRAINING_KEEPS, validator=_is_share)
    """d: what a training leaves on its day."""
    relay_keeps: float = attrs.field(default=RELAY_KEEPS, validator=_is_share)
    """k"""
    turnover_a_year: float = attrs.field(default=TURNOVER_A_YEAR, validator=_below_one)
    """Share of seats that change hands."""
    forgetting_a_year: float = attrs.field(default=FORGETTING_A_YEAR, validator=_below_one)
    """Share of what is known that is forgotten."""
    growth_a_year: float = attrs.field(default=GROWTH_A_YEAR, validator=_is_growth)
    """How much more the tool can do, as a share of what it could."""
    release_known: float = attrs.field(default=RELEASE_KNOWN, validator=_is_share)
    """a"""
    champion_tells: float = attrs.field(default=0.0, validator=_is_share)
    """c; 0: there is no champion."""
    champion_knows: float = attrs.field(default=CHAMPION_KNOWS, validator=_is_share)
    """h"""

    @property
    def forgetting(self) -> float:
        """f, a month."""
        return 1 - math.pow(1 - self.forgetting_a_year, 1 / 12)

    @property
    def turnover(self) -> float:
        """t, a month."""
        return 1 - math.pow(1 - self.turnover_a_year, 1 / 12)

    @property
    def growth(self) -> float:
        """g, a month."""
        return math.pow(1 + self.growth_a_year, 1 / 12) - 1

    @property
    def kept(self) -> float:
        """q: the factor of a month."""
        newcomer = self.relay_keeps * (1 - self.champion_tells)
        return (1 - self.forgetting) * (1 - self.turnover * (1 - newcomer)) / (1 + self.growth)

    @property
    def gained(self) -> float:
        """b: what a month adds by itself."""
        told = self.turnover * self.relay_keeps * self.champion_tells * self.champion_knows
        return (told + self.release_known * self.growth) / (1 + self.growth)

    @property
    def in_the_end(self) -> float:
        """s*: the share that is left when everything has worn away; the start itself when nothing wears."""
        return self.training_keeps if self.kept >= 1 else self.gained / (1 - self.kept)

    def share(self, months: float) -> float:
        """The known share `months` after a training of everybody, by the closed form."""
        end = self.in_the_end
        return end + (self.training_keeps - end) * math.pow(self.kept, months)

    def next(self, share: float) -> float:
        """The known share a month later."""
        return self.kept * share + self.gained


@attrs.frozen
class Release:
    """At the end of a month the tool can do more, and little of it is known."""

    month: int = attrs.field(validator=_is_month)
    adds: float = attrs.field(validator=_is_growth)
    """As a share of what it could do before."""

    def after(self, share: float, erosion: Erosion) -> float:
        """The known share then."""
        return (share + erosion.release_known * self.adds) / (1 + self.adds)


@attrs.frozen
class Departure:
    """At the end of a month many leave at once; those who follow are told as newcomers are, or by nobody."""

    month: int = attrs.field(validator=_is_month)
    share_leaving: float = attrs.field(validator=_is_share)
    """Of the people."""
    handed_over: bool = True
    """False: nobody is left who tells them anything."""

    def after(self, share: float, erosion: Erosion) -> float:
        """The known share then."""
        champion = erosion.champion_tells
        told = erosion.relay_keeps * ((1 - champion) * share + champion * erosion.champion_knows)
        return (1 - self.share_leaving) * share + self.share_leaving * (told if self.handed_over else 0.0)


@attrs.frozen
class Refresher:
    """At the end of a month all are trained again: each learns what they did not know as well as the first time."""

    month: int = attrs.field(validator=_is_month)

    def after(self, share: float, erosion: Erosion) -> float:
        """The known share then."""
        return share + (1 - share) * erosion.training_keeps


Event = Release | Departure | Refresher
_ORDER = (Departure, Release, Refresher)


def in_month(events: Iterable[Event], month: int) -> Iterator[Event]:
    """What happens at the end of a month: first those who leave, then what is new, then what is taught."""
    return iter(sorted((one for one in events if one.month == month), key=lambda e: _ORDER.index(type(e))))


def curve(erosion: Erosion, months: int, events: Iterable[Event] = ()) -> tuple[float, ...]:
    """The known share from month 0, the day of the training, to month `months`: that many values and one.

    Raises:
        ValueError: for a negative number of months.
    """
    if months < 0:
        raise ValueError(f"a curve goes over 0 months or more, not {months}")
    happening = tuple(events)
    shares = [erosion.training_keeps]
    for month in range(1, months + 1):
        share = erosion.next(shares[-1])
        for event in in_month(happening, month):
            share = event.after(share, erosion)
        shares.append(share)
    return tuple(shares)
