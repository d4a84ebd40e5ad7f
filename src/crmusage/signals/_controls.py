"""How much of the use falls around the controls: reviews and meetings in which somebody looks at it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from crmusage.history import History, Work
from crmusage.model import Measure, Text, Undefined
from crmusage.signals._shares import share_of_persons
from crmusage.signals._use import WEEK, Acts, Int64, instants

CONTROLS = ("meeting", "review")
"""Kinds of rows of the calendar at which use is looked at."""
EVE = 8 * 3_600_000_000
"""The working time before a control that counts as around it: a day. Guessed."""
LOOK_BACK = 26
"""Weeks looked at: half a year, so that a season does not decide. Guessed."""
FEWEST = 8
"""Controls; of fewer nothing is said. Guessed: two months of weekly ones."""
CROWDED = 0.4
"""Where so much of the working time is around controls, use can hardly fall elsewhere. Guessed."""
_NAME = "around_controls"
_LABEL = Text(
    "use in the working day before controls, and in them", "usage la veille et pendant les contrôles"
)


def around_controls(history: History, done: Acts, least: int) -> Measure | Undefined:
    """The share of acts in the working day before a control or in it, in the last half-year."""
    since = history.index.as_of - LOOK_BACK * WEEK
    rows = history.calendar.filter(history.calendar["kind"].is_in(CONTROLS)).drop_nulls(
        ["starts_at", "ends_at"]
    )
    starts, ends = instants(rows["starts_at"]), instants(rows["ends_at"])
    held = (starts >= since) & (starts <= history.index.as_of)
    if held.sum() < FEWEST:
        return Undefined(
            _NAME,
            Text(
                f"fewer than {FEWEST} rows of kind {' or '.join(CONTROLS)} in the calendar of the last half-year",
                f"moins de {FEWEST} lignes de type {' ou '.join(CONTROLS)} au calendrier des six derniers mois",
            ),
        )
    region = np.array(rows["region"].fill_null("").to_list(), dtype=np.str_)
    regions = _regions(history, done)
    recent = done.at >= since
    near = np.zeros(len(done.at), dtype=bool)
    zone = _zone(history)
    for name in sorted(set(regions.tolist())):
        there = held & ((region == "") | (region == name))
        if not there.any():
            continue
        work = Work(history.work_calendar, zone, name or None, starts[there], ends[there])
        before, known = work.last_with(starts[there], -EVE)
        spans = _merged(np.where(known, before, starts[there]), ends[there])
        if _worked(history, zone, name, spans) > CROWDED * _worked(
            history, zone, name, np.array([[since, history.index.as_of]])
        ):
            return Undefined(
                _NAME,
                Text(
                    "controls are so close together that most use falls around one",
                    "les contrôles sont si rapprochés que presque tout l'usage tombe autour de l'un d'eux",
                ),
            )
        of_region = regions[done.person] == name
        k = np.searchsorted(spans[:, 0], done.at, side="right") - 1
        inside = (k >= 0) & (done.at < spans[np.maximum(k, 0), 1])
        near |= of_region & inside
    n = np.bincount(done.person[recent & near], minlength=len(done.persons))
    d = np.bincount(done.person[recent], minlength=len(done.persons))
    return share_of_persons(_NAME, n, d, least, _LABEL)


def worked(history: History, since: int, until: int, starts: Int64, ends: Int64) -> tuple[int, int]:
    """The working time within some spans, and all of it, from one instant to another, by most people's clocks."""
    zone = _zone(history)
    spans = np.clip(_merged(starts, ends), since, until)
    return _worked(history, zone, "", spans), _worked(history, zone, "", np.array([[since, until]]))


def _worked(history: History, zone: str | None, region: str, spans: npt.NDArray[np.int64]) -> int:
    time = history.work_calendar.work_time(zone, region or None)
    for first, last in spans.tolist():
        time.cover(time.zone.day(first), time.zone.day(last))
    return sum(time.done(last) - time.done(first) for first, last in spans.tolist())


def _merged(starts: Int64, ends: Int64) -> npt.NDArray[np.int64]:
    merged: list[list[int]] = []
    for first, last in sorted(zip(starts.tolist(), ends.tolist(), strict=True)):
        if merged and first <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return np.array(merged, dtype=np.int64).reshape(-1, 2)


def _regions(history: History, done: Acts) -> npt.NDArray[np.str_]:
    of = dict(history.people.select("person_id", "region").iter_rows())
    return np.array([of.get(person) or "" for person in done.persons], dtype=np.str_)


def _zone(history: History) -> str | None:
    """The zone that most people have; None: nobody tells."""
    zones = sorted(one for one in history.people["time_zone"].to_list() if one)
    return max(zones, key=zones.count) if zones else None
