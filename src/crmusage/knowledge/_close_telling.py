"""Closes in words."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Sequence

from crmusage.knowledge._close import Close, Control
from crmusage.knowledge._close_compare import Comparison, Line, compare, overdue
from crmusage.model import Outcome, Wording, printable


def needs_attention(closes: Sequence[Close], on: dt.date | None = None) -> bool:
    """Whether the last close is unsigned, has forgotten controls or differs for the worse, or a month is overdue."""
    ordered = sorted(closes, key=lambda one: one.period)
    last = ordered[-1]
    changed = len(ordered) > 1 and not compare(ordered[-2], last).quiet
    late = on is not None and bool(overdue(ordered, on))
    return changed or late or last.signature is None or bool(last.forgotten)


def tell_closes(
    closes: Sequence[Close], lang: str = "en", *, on: dt.date | None = None, width: int = 100
) -> str:
    """The last of one or more closes, how it differs from the one before, and the months that nobody closed.

    Args:
        closes: at least one, in any order.
        lang: "en" or "fr".
        on: the day on which months are overdue; None: that is not looked at.
        width: of lines.

    Raises:
        ValueError: for another language, and for no close.
    """
    if not closes:
        raise ValueError("there is no close to tell of")
    w = Wording(lang)
    ordered = sorted(closes, key=lambda one: one.period)
    last = ordered[-1]
    lines = [_headline(last, w), ""]
    parts = [(w.pick("Forgotten", "Oubliés"), [one.id for one in last.forgotten])]
    if len(ordered) > 1:
        parts += _changes(compare(ordered[-2], last), w)
    blind = [
        w.pick(f"{control.id}: {result.reason}", f"{control.id} : {result.reason}")
        for control, result in sorted(last.results.items())
        if result is not None and result.outcome is Outcome.NOT_ASSESSABLE
    ]
    parts.append((w.pick("Could not be seen", "Non évaluables"), blind))
    if on is not None:
        late = [w.period(one) for one in overdue(ordered, on)]
        parts.append((w.pick("Months not closed and signed", "Mois ni clos ni signés"), late))
    for heading, items in parts:
        if items:
            lines += [heading, *(textwrap.fill(item, width, initial_indent="- ") for item in items), ""]
    return printable("\n".join(lines[:-1])) + "\n"


def _headline(one: Close, w: Wording) -> str:
    month, day = w.period(one.period), w.date(one.closed_on)
    closed = w.pick(
        f"{month}, closed on {day}, {len(one.results)} controls.",
        f"{month}, clos le {day}, {len(one.results)} contrôles.",
    )
    if one.signature is None:
        return closed + w.pick(" Not signed.", " Non signé.")
    signed = w.date(one.signature.on)
    return closed + w.pick(
        f" Signed by {one.signature.role} on {signed}.", f" Signé par {one.signature.role} le {signed}."
    )


def _changes(told: Comparison, w: Wording) -> list[tuple[str, list[str]]]:
    broken = []
    if not told.chained:
        broken.append(
            w.pick(
                "It does not hold the seal of the close before: one of the two is missing or was changed.",
                "Le sceau de la clôture précédente n'y figure pas : l'une des deux manque ou a été modifiée.",
            )
        )

    def of(lines: Sequence[Line]) -> list[str]:
        return [_line(one, w) for one in lines]

    def ids(controls: Sequence[Control]) -> list[str]:
        return [one.id for one in controls]

    return [
        (w.pick("Chain", "Chaîne"), broken),
        (w.pick("New", "Nouveaux"), of(told.new)),
        (w.pick("Worse", "Aggravés"), of(told.worse)),
        (w.pick("No longer controlled", "Plus contrôlés"), ids(told.dropped)),
        (w.pick("No longer seen", "Plus visibles"), ids(told.unseen)),
        (w.pick("Better", "Améliorés"), of(told.better)),
        (w.pick("Gone", "Disparus"), of(told.gone)),
        (w.pick("Controlled for the first time", "Contrôlés pour la première fois"), ids(told.added)),
    ]


def _line(one: Line, w: Wording) -> str:
    before, now = (None if value is None else w.value(value, "count") for value in (one.before, one.now))
    where = w.pick(f"{one.control.id}, {one.what}: ", f"{one.control.id}, {one.what} : ")
    if before is None or now is None:
        return where + (now or before or "")
    return where + w.pick(f"{before}, now {now}", f"{before}, désormais {now}")
