"""A channel by which requests reach everybody late, told for the company."""

from __future__ import annotations

from typing import Any, Protocol

import attrs
import numpy as np

from crmusage.detectors._base import Judgement
from crmusage.detectors._words import both, said
from crmusage.history import Counts
from crmusage.metrics import Contrast, Odds, benjamini_hochberg, contrast, mantel_haenszel, share
from crmusage.model import (
    Assessment,
    Evidence,
    Finding,
    Kind,
    Measure,
    Outcome,
    Proposal,
    Scope,
    Severity,
    Text,
    Verb,
    Wording,
)

FEWEST = 30
"""Requests by a channel, and by others, from which it is judged. Customary in statistics."""

FEWEST_UNITS = 3
"""Units that a channel serves and that are served by others too; of fewer it would be a unit that is told."""

APART, TIMES = 0.10, 1.5
"""A channel is told when its share is so much above the others', and so many times theirs. Guessed."""

_NEVER_ALL = np.full((1, 2, 2), 0.5)
"""One more layer of half a request in each cell: so that a channel that never is late has a ratio too."""


class Told(Protocol):
    """What a detector says of itself."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def measure(self) -> str: ...
    @property
    def label(self) -> Text: ...


def channels_judged(detector: Told, delays: Counts, sure: float) -> Judgement:
    """Which channels are slow for everybody; one assessment for the company.

    Args:
        detector: for whom.
        delays: by `unit`, `channel` and `delay`: `n`, `late` and `lost`.
        sure: of what is found at most so many are false, after adjustment.
    """
    rows = delays.by("unit", "channel").rows()
    names = sorted({row["channel"] for row in rows if row["channel"] is not None})
    tables = {name: _tables(rows, name) for name in names}
    judged = [
        name
        for name, table in tables.items()
        if len(table) >= FEWEST_UNITS and (table.sum(axis=(0, 2)) >= FEWEST).all()
    ]
    if not judged:
        reason = said(
            en="no channel told of enough requests, next to others that reach the same units",
            fr="aucun canal connu pour assez de demandes, à côté d'autres qui joignent les mêmes unités",
        )
        return Judgement((), (Assessment(detector.code, Scope(), Outcome.NOT_ASSESSABLE, reason),))
    odds = [mantel_haenszel(np.concatenate([tables[name], _NEVER_ALL])) for name in judged]
    p_values = [one.p_value if isinstance(one, Odds) and one.ratio > 1 else 1.0 for one in odds]
    slow = []
    for name, p, q in zip(judged, p_values, benjamini_hochberg(p_values).tolist(), strict=True):
        (late, fine), (other_late, other_fine) = (side.tolist() for side in tables[name].sum(axis=0))
        value, usual = late / (late + fine), other_late / (other_late + other_fine)
        if q < sure and value >= usual + APART and value >= TIMES * usual:
            apart = contrast(late, late + fine, other_late, other_late + other_fine)
            if isinstance(apart, Contrast):
                slow.append((name, tables[name], apart, p, q))
    if not slow:
        return Judgement((), (Assessment(detector.code, Scope(), Outcome.CLEAR, None, _SHORT),))
    worst = max(slow, key=lambda one: one[2].difference)
    (late, fine), _ = (side.tolist() for side in worst[1].sum(axis=0))
    measure = share(int(late), int(late + fine), name=detector.measure)
    assert isinstance(measure, Measure)  # noqa: S101 - it was judged, so there are requests
    labelled = attrs.evolve(measure, label=detector.label)
    finding = Finding(
        code=detector.code,
        name=detector.name,
        title=_SHORT,
        kind=Kind.PARASITIC,
        severity=Severity.MEDIUM,
        scope=Scope(),
        measure=labelled,
        q_value=worst[4],
        text=both(lambda w: " ".join(_said(w, *one[:3]) for one in slow)),
        evidence=(Evidence(labelled, None, worst[3], worst[4]),),
        reasoning=both(_reasoning),
        proposals=(
            Proposal(
                Verb.AMEND,
                both(
                    lambda w: w.pick(
                        f"Mend or close what is slow ({', '.join(one[0] for one in slow)}), and say by which channel "
                        "requests are sent in until then.",
                        f"Réparer ou fermer ce qui est lent ({', '.join(one[0] for one in slow)}), et dire par quel "
                        "canal envoyer les demandes d'ici là.",
                    )
                ),
            ),
        ),
    )
    return Judgement((finding,), (Assessment(detector.code, Scope(), Outcome.FOUND, None, _SHORT),))


_SHORT = said(en="a channel that is slow for everybody", fr="un canal lent pour tout le monde")


def _tables(rows: list[dict[str, Any]], channel: str) -> Any:
    """Late or not, by the channel or by others, one table for each unit that both reach."""
    made: dict[str | None, Any] = {}
    for row in rows:
        if row["channel"] is not None:
            table = made.setdefault(row["unit"], np.zeros((2, 2)))
            table[0 if row["channel"] == channel else 1] += (row["late"], row["n"] - row["late"])
    known = [made[unit] for unit in sorted(made, key=lambda unit: unit or "") if unit is not None]
    both_ways = [table for table in known if (table.sum(axis=1) > 0).all()]
    return np.array(both_ways).reshape(-1, 2, 2)


def _said(w: Wording, name: str, table: Any, apart: Contrast) -> str:
    (late, fine), (other_late, other_fine) = (side.tolist() for side in table.sum(axis=0))
    value, usual = (
        w.value(x, "share") for x in (late / (late + fine), other_late / (other_late + other_fine))
    )
    low, high = (w.spread(max(end, 0.0), "share") for end in (apart.low, apart.high))
    return w.pick(
        f"{name}: {value} of the requests sent by this channel arrive late or never ({w.number(late)} of "
        f"{w.number(late + fine)}), against {usual} of those that reach the same units by other channels "
        f"({w.count(len(table), 'unit')}); that is {low} to {high} more (95% interval).",
        f"{name} : {value} des demandes envoyées par ce canal arrivent en retard ou jamais ({w.number(late)} sur "
        f"{w.number(late + fine)}), contre {usual} pour celles qui joignent les mêmes unités par d'autres "
        f"canaux ({w.count(len(table), 'unit')}), soit de {low} à {high} de plus (intervalle à 95 %).",
    )


def _reasoning(w: Wording) -> str:
    return w.pick(
        "Channels were compared within each unit, so that it does not matter which units use which. What could make "
        "this wrong: a channel whose deliveries are stamped by hand, when somebody gets round to it.",
        "Les canaux ont été comparés à l'intérieur de chaque unité ; peu importe donc laquelle utilise lequel. Ce qui "
        "pourrait l'infirmer : un canal dont la remise est notée à la main, quand quelqu'un en trouve le temps.",
    )
