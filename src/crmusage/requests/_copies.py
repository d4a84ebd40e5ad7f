"""Signs that work is kept in copies outside the shared reference."""

from __future__ import annotations

import datetime as dt
import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from crmusage.errors import ContractError
from crmusage.model import Text, Wording
from crmusage.requests._units import MIN_GROUP, is_reported

BULK = 50
"""Records imported by a unit in a day from which it looks like a file that lived elsewhere (guessed)."""
EXPORTS = 3
"""Exports of a unit in a month from which it looks like a habit (guessed)."""
MASS = 20
"""Events entered within an hour, each long after it happened, that look like catching up from a copy (guessed)."""
_LATE = dt.timedelta(days=1)
_HOUR = dt.timedelta(hours=1)
_SHOWN = 20


class CopySign(enum.StrEnum):
    """What points to a local copy."""

    BULK_IMPORT = "bulk-import"
    EXPORT = "export"
    LATE_MASS_UPDATE = "late-mass-update"


@attrs.frozen
class LocalCopy:
    """One sign of a local copy in one unit. A sign, no proof: a migration looks the same."""

    unit: str
    sign: CopySign
    since: dt.datetime
    """When it began."""
    events: int
    cases: tuple[str, ...]
    """Ids of cases, a sample of at most 20 in id order."""
    text: Text


@attrs.frozen
class LocalCopies:
    """The signs by unit, and how many events were not looked at."""

    signs: tuple[LocalCopy, ...]
    withheld: int
    """Events of units that are too small, or that name no unit."""


@attrs.frozen
class _Seen:
    case: str
    at: dt.datetime
    recorded_at: dt.datetime


def local_copies(
    events: Iterable[Mapping[str, Any]],
    *,
    sizes: Mapping[str, int],
    min_group: int = MIN_GROUP,
    bulk: int = BULK,
    exports: int = EXPORTS,
    mass: int = MASS,
) -> LocalCopies:
    """Bulk imports, habitual exports, and many events entered at once long after they happened, by unit.

    Args:
        events: rows of the `events` table as mappings: case_id, activity, at, unit, and perhaps recorded_at and
            origin. An export is an event whose activity is `exported`.
        sizes: how many persons each unit has.
        min_group: units with fewer persons are not reported.
        bulk: records imported in a day that are many.
        exports: exports in a month that are many.
        mass: late events recorded within an hour that are many.

    Raises:
        ContractError: when an event lacks its case, or a time has no zone.
    """
    imported: dict[tuple[str, dt.date], list[_Seen]] = defaultdict(list)
    exported: dict[tuple[str, dt.date], list[_Seen]] = defaultdict(list)
    late: dict[str, list[_Seen]] = defaultdict(list)
    withheld = 0
    for position, event in enumerate(events):
        unit = event.get("unit")
        seen = _seen(event, position)
        if unit is None or not is_reported(unit, sizes, min_group):
            withheld += 1
            continue
        day = seen.recorded_at.astimezone(dt.UTC).date()
        if event.get("activity") == "exported":
            exported[unit, day.replace(day=1)].append(seen)
        elif event.get("origin") == "import":
            imported[unit, day].append(seen)
        elif seen.recorded_at - seen.at >= _LATE:
            late[unit].append(seen)
    signs = [
        *_many(imported, bulk, CopySign.BULK_IMPORT),
        *_many(exported, exports, CopySign.EXPORT),
        *(sign for unit, those in late.items() for sign in _bursts(unit, those, mass)),
    ]
    return LocalCopies(tuple(sorted(signs, key=lambda sign: (sign.unit, sign.since, sign.sign))), withheld)


def _seen(event: Mapping[str, Any], position: int) -> _Seen:
    case, at = event.get("case_id"), event.get("at")
    recorded = event.get("recorded_at") or at
    if not isinstance(case, str) or not case:
        raise ContractError(f"event {position}: case_id is a text, not {case!r}")
    for name, value in (("at", at), ("recorded_at", recorded)):
        if not isinstance(value, dt.datetime) or value.tzinfo is None:
            raise ContractError(f"event {position}: {name} is a datetime with a zone, not {value!r}")
    assert isinstance(at, dt.datetime)  # noqa: S101 - checked above
    assert isinstance(recorded, dt.datetime)  # noqa: S101 - as above
    return _Seen(case, at, recorded)


def _many(
    groups: Mapping[tuple[str, dt.date], list[_Seen]], least: int, sign: CopySign
) -> Iterator[LocalCopy]:
    for (unit, _), those in groups.items():
        if len(those) >= least:
            yield _sign(unit, sign, those)


def _bursts(unit: str, those: list[_Seen], least: int) -> Iterator[LocalCopy]:
    burst: list[_Seen] = []
    for seen in sorted(those, key=lambda seen: (seen.recorded_at, seen.case)):
        if burst and seen.recorded_at - burst[0].recorded_at > _HOUR:
            if len(burst) >= least:
                yield _sign(unit, CopySign.LATE_MASS_UPDATE, burst)
            burst = []
        burst.append(seen)
    if len(burst) >= least:
        yield _sign(unit, CopySign.LATE_MASS_UPDATE, burst)


def _sign(unit: str, sign: CopySign, those: list[_Seen]) -> LocalCopy:
    since = min(seen.recorded_at for seen in those)
    cases = tuple(sorted({seen.case for seen in those})[:_SHOWN])
    n = len(those)
    en, fr = (Wording(lang).date(since.astimezone(dt.UTC).date()) for lang in ("en", "fr"))
    match sign:
        case CopySign.BULK_IMPORT:
            text = Text(
                f"{unit} imported {n} records at once on {en}: where did they live before?",
                f"{unit} a importé {n} fiches d'un coup le {fr} : où étaient-elles tenues auparavant ?",
            )
        case CopySign.EXPORT:
            text = Text(
                f"{unit} exported data {n} times in the month from {en}: what is done with the copies?",
                f"{unit} a exporté des données {n} fois dans le mois à partir du {fr} : que deviennent ces copies ?",
            )
        case CopySign.LATE_MASS_UPDATE:
            text = Text(
                f"{unit} entered {n} events within an hour on {en}, a day or more after they happened: from where?",
                f"{unit} a saisi {n} événements en une heure le {fr}, un jour ou plus après les faits : d'après quoi ?",
            )
    return LocalCopy(unit, sign, since, n, cases, text)
