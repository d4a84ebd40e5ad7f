"""Interactions by time and place, after Johansen's matrix of groupware (1988)."""

from __future__ import annotations

import datetime as dt
import enum
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

import attrs

from crmusage.errors import ContractError
from crmusage.model import Text, Wording
from crmusage.requests._request import Request
from crmusage.requests._state import Command
from crmusage.requests._steps import steps
from crmusage.requests._units import MIN_GROUP, is_reported

WINDOW = dt.timedelta(minutes=15)
"""Answered within it, both were there at the same time: guessed, as long as people wait before they turn elsewhere."""


class Sameness(enum.StrEnum):
    """Whether two people were at the same time, or at the same place."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@attrs.frozen
class Whereabouts:
    """Where a person works."""

    unit: str | None = None
    site: str | None = None
    """A building, an office."""
    region: str | None = None


@attrs.frozen
class Interaction:
    """Somebody turned to somebody else."""

    id: str
    sender: str | None
    receiver: str | None
    sent_at: dt.datetime
    answered_at: dt.datetime | None = None
    """When the receiver first reacted; None: not yet."""
    channel: str | None = None
    session: str | None = None
    """The call, meeting or chat that both were in, if it was one."""

    def __attrs_post_init__(self) -> None:
        for name in ("sent_at", "answered_at"):
            value = getattr(self, name)
            if value is not None and value.tzinfo is None:
                raise ContractError(
                    f"interaction {self.id!r}: {name} is a datetime with a zone, not {value!r}"
                )
        if self.answered_at is not None and self.answered_at < self.sent_at:
            raise ContractError(f"interaction {self.id!r} was answered before it was sent")


@attrs.frozen
class Placed:
    """An interaction in its cell of the matrix."""

    interaction: Interaction
    time: Sameness
    place: Sameness
    lag: dt.timedelta | None
    """What lay between sending and answering, where that was not the same time; None: same time, or not known."""

    @property
    def text(self) -> Text:
        """The cell by its name."""
        return CELLS.get((self.time, self.place), _UNKNOWN)


_S, _D = Sameness.SAME, Sameness.DIFFERENT
CELLS: Mapping[tuple[Sameness, Sameness], Text] = {
    (_S, _S): Text("same time, same place: face to face", "même temps, même lieu : face à face"),
    (_S, _D): Text("same time, different place: at a distance", "même temps, lieux différents : à distance"),
    (_D, _S): Text(
        "different time, same place: one after the other", "temps différents, même lieu : en relais"
    ),
    (_D, _D): Text("different time, different place: by message", "temps et lieux différents : par message"),
}
_UNKNOWN = Text("time or place is not known", "temps ou lieu inconnu")


def place(
    interaction: Interaction,
    people: Mapping[str, Whereabouts],
    *,
    as_of: dt.datetime | None = None,
    window: dt.timedelta = WINDOW,
    by_region: bool = False,
) -> Placed:
    """The cell of an interaction.

    Same time: in one session, or answered within the window. Same place: one site; where sites are not known, a
    different region is a different place, and the same region is the same place only if `by_region`. What cannot be
    told is unknown, never different.

    Args:
        interaction: what happened.
        people: where those who took part work, by id.
        as_of: the instant looked from; what has no answer for longer than the window by then was not at one time.
        window: how soon an answer comes among people who are there at the same time.
        by_region: a region is one place.
    """
    time, lag = _time(interaction, as_of, window)
    one, other = (people.get(who or "", Whereabouts()) for who in (interaction.sender, interaction.receiver))
    return Placed(interaction, time, _place(one, other, by_region=by_region), lag)


def _time(
    interaction: Interaction, as_of: dt.datetime | None, window: dt.timedelta
) -> tuple[Sameness, dt.timedelta | None]:
    if interaction.session is not None:
        return _S, None
    if interaction.answered_at is not None:
        lag = interaction.answered_at - interaction.sent_at
        return (_S, None) if lag <= window else (_D, lag)
    if as_of is not None and as_of - interaction.sent_at > window:
        return _D, None
    return Sameness.UNKNOWN, None


def _place(one: Whereabouts, other: Whereabouts, *, by_region: bool) -> Sameness:
    regions = None if one.region is None or other.region is None else one.region == other.region
    if by_region and regions is not None:
        return _S if regions else _D
    if one.site is not None and other.site is not None:
        return _S if one.site == other.site else _D
    return _D if regions is False else Sameness.UNKNOWN


@attrs.frozen
class MatrixRow:
    """The interactions that one unit received through one channel."""

    unit: str
    channel: str | None
    cells: Mapping[tuple[Sameness, Sameness], int] = attrs.field(hash=False)
    """How many, by (time, place); cells without any are left out."""
    median_lag: dt.timedelta | None
    """Half of those at different times were answered within it; None: none was."""
    long_lag: dt.timedelta | None
    """Nine in ten were."""
    unanswered: int
    text: Text

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.cells.values())


@attrs.frozen
class Matrix:
    """The matrix by unit and channel, and how many interactions are not reported."""

    rows: tuple[MatrixRow, ...]
    withheld: int
    """Interactions received in units that are too small, or by somebody whose unit is not known."""


def matrix(
    interactions: Iterable[Interaction],
    people: Mapping[str, Whereabouts],
    *,
    as_of: dt.datetime | None = None,
    window: dt.timedelta = WINDOW,
    by_region: bool = False,
    min_group: int = MIN_GROUP,
) -> Matrix:
    """How the interactions of each unit and channel lie, and the lag that the tool has to absorb for them.

    The lag is the differential: what lies between asking and answering among people who are not there at the same
    time. Elapsed time; the median and the ninth decile (the smallest observed value that so many do not exceed).

    Args:
        interactions: they count for the unit of who received them.
        people: where everybody works, by id; a unit's size is how many of them it has.
        as_of: as for `place`.
        window: as for `place`.
        by_region: as for `place`.
        min_group: units with fewer persons are not reported.
    """
    sizes = Counter(person.unit for person in people.values() if person.unit is not None)
    found: dict[tuple[str, str | None], list[Placed]] = defaultdict(list)
    withheld = 0
    for interaction in interactions:
        unit = people.get(interaction.receiver or "", Whereabouts()).unit
        if unit is None or not is_reported(unit, sizes, min_group):
            withheld += 1
            continue
        placed = place(interaction, people, as_of=as_of, window=window, by_region=by_region)
        found[unit, interaction.channel].append(placed)
    rows = [_row(unit, channel, those) for (unit, channel), those in found.items()]
    return Matrix(tuple(sorted(rows, key=lambda row: (row.unit, row.channel or ""))), withheld)


def _row(unit: str, channel: str | None, placed: list[Placed]) -> MatrixRow:
    cells = Counter((item.time, item.place) for item in placed)
    lags = sorted(item.lag for item in placed if item.lag is not None)
    apart = [item for item in placed if item.time is _D]
    median, long = _quantile(lags, 0.5), _quantile(lags, 0.9)
    text = Text(
        *(_told(unit, channel, len(placed), len(apart), median, Wording(lang)) for lang in ("en", "fr"))
    )
    return MatrixRow(unit, channel, dict(cells), median, long, len(apart) - len(lags), text)


def _quantile(ordered: list[dt.timedelta], part: float) -> dt.timedelta | None:
    if not ordered:
        return None
    return ordered[math.ceil(part * len(ordered)) - 1]


def _told(
    unit: str, channel: str | None, total: int, apart: int, median: dt.timedelta | None, w: Wording
) -> str:
    where = unit if channel is None else f"{unit}, {channel}"
    told = w.pick(
        f"{where}: {w.number(apart)} of {w.number(total)} interactions at different times",
        f"{where} : {w.number(apart)} interactions sur {w.number(total)} en temps différé",
    )
    if median is None:
        return f"{told}."
    lag = w.value(median / dt.timedelta(hours=1), "hours")
    return told + w.pick(
        f"; half of the answers take {lag} or less.", f" ; la moitié des réponses arrivent en {lag} au plus."
    )


_OPENS = {Command.SUBMIT, Command.REROUTE}
_ANSWERS = {Command.CLOSE, Command.REOPEN}


def interactions_of(request: Request, channel: str | None = None) -> tuple[Interaction, ...]:
    """The interactions in a request: asking and the doer's first reaction, questions and answers, the outcome.

    Args:
        request: any.
        channel: what it came through, if that is to be told apart.
    """
    return tuple(_interactions(request, channel))


def _interactions(request: Request, channel: str | None) -> Iterator[Interaction]:
    acts = [step for step in steps(request) if step.command is not None]
    for k, step in enumerate(acts):
        trigger, doer = step.after.trigger, step.after.doer
        if step.command in _OPENS:
            sender, receiver = step.event.actor or trigger, doer
            answers = [s for s in acts[k + 1 :] if s.command is not Command.DELIVER][:1]
        elif step.command is Command.ASK_CLARIFICATION:
            sender, receiver = doer, trigger
            answers = [s for s in acts[k + 1 :] if s.command is Command.CLARIFY][:1]
        elif step.command is Command.RETURN:
            sender, receiver = doer, trigger
            answers = [s for s in acts[k + 1 :] if s.command in _ANSWERS][:1]
        else:
            continue
        answered = answers[0].event.at if answers else None
        yield Interaction(f"{request.id}#{k}", sender, receiver, step.event.at, answered, channel)
