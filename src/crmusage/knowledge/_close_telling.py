"""Closes in words."""

from __future__ import annotations

import datetime as dt
import json
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from crmusage.knowledge._close import Close, Control, ControlKind
from crmusage.knowledge._close_compare import Comparison, Line, compare, overdue
from crmusage.knowledge._close_run import ALL
from crmusage.model import Outcome, Period, Wording, printable

_KINDS = {ControlKind.RULE: "règle", ControlKind.DETECTOR: "détecteur", ControlKind.COVERAGE: "table"}
"""In French; in English a control is told by its id, where its kind is a word."""


_FINE = 3
"""Decimals of two values that would read the same and are not."""


def _by_period(closes: Iterable[Close]) -> tuple[Close, ...]:
    return tuple(sorted(closes, key=lambda one: one.period))


@attrs.frozen
class CloseTeller:
    """The last of one or more closes in words, for text and page alike."""

    closes: tuple[Close, ...] = attrs.field(converter=_by_period)
    """At least one, in any order."""
    w: Wording
    on: dt.date | None = None
    """The day on which months are overdue; None: that is not looked at."""

    def __attrs_post_init__(self) -> None:
        if not self.closes:
            raise ValueError("there is no close to tell of")

    @property
    def last(self) -> Close:
        """The one that is told."""
        return self.closes[-1]

    @property
    def comparison(self) -> Comparison | None:
        """With the one before; None: there is none."""
        return compare(self.closes[-2], self.last) if len(self.closes) > 1 else None

    @property
    def late(self) -> tuple[Period, ...]:
        """The months that should be closed and signed, and are not."""
        return () if self.on is None else overdue(self.closes, self.on)

    @property
    def headline(self) -> str:
        """Which month, how many controls, and who signed."""
        w, one = self.w, self.last
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

    def sections(self) -> list[tuple[str, list[str]]]:
        """Headings with their lines; what has none is left out."""
        w, last, told = self.w, self.last, self.comparison
        parts = [(w.pick("Forgotten", "Oubliés"), [self.called(one) for one in last.forgotten])]
        if told is not None:
            parts += self._changes(told)
        else:
            parts.append((w.pick("Found", "Constats"), self.found))
        parts.append((w.pick("Could not be seen", "Non évaluables"), self._blind()))
        parts.append(
            (
                w.pick("Months not closed and signed", "Mois ni clos ni signés"),
                [w.period(p) for p in self.late],
            )
        )
        return [(heading, lines) for heading, lines in parts if lines]

    def _blind(self) -> list[str]:
        """What could not be seen, with the reason; what was not seen the month before either is only counted."""
        told = self.comparison
        blind = [control for control, result in sorted(self.last.results.items()) if self._reason(control)]
        if told is None:
            return [self._unseen(control) for control in blind]
        again = [
            control
            for control in blind
            if (before := told.before.results.get(control)) is not None and before.reason is not None
        ]
        lines = [self._unseen(one) for one in blind if one not in again and one not in told.unseen]
        if again:
            n = self.w.number(len(again))
            lines.append(
                self.w.pick(
                    f"as the month before: {n} {self.w.agree(len(again), 'control', 'controls')}",
                    f"comme le mois précédent : {n} {self.w.agree(len(again), 'contrôle', 'contrôles')}",
                )
            )
        return lines

    def _reason(self, control: Control) -> str:
        result = self.last.results[control]
        return "" if result is None or result.reason is None else self.w.of(result.reason)

    def _unseen(self, control: Control) -> str:
        reason = self._reason(control)
        called = self.called(control)
        return f"{called}{self.w.pick(': ', ' : ')}{reason}" if reason else called

    @property
    def found(self) -> list[str]:
        """What the last one found, control by control."""
        colon = self.w.pick(": ", " : ")
        return [
            f"{self.name(control, what)}{colon}{self.w.value(value, 'count')}"
            for control, result in sorted(self.last.results.items())
            if result is not None
            for what, value in result.found.items()
        ]

    def name(self, control: Control, what: str) -> str:
        """The control and where it found something."""
        return f"{self.called(control)}, {self.w.pick('in all', 'au total') if what == ALL else what}"

    def called(self, control: Control) -> str:
        """A control as it is told."""
        return f"{_KINDS[control.kind]} {control.subject}" if self.w.french else control.id

    def _changes(self, told: Comparison) -> list[tuple[str, list[str]]]:
        w = self.w
        broken = []
        if not told.chained:
            broken.append(
                w.pick(
                    "It does not hold the seal of the close before: one of the two is missing or was changed.",
                    "Le sceau de la clôture précédente n'y figure pas : l'une des deux manque ou a été modifiée.",
                )
            )

        def of(lines: Sequence[Line]) -> list[str]:
            return [self._line(one) for one in lines]

        def ids(controls: Sequence[Control]) -> list[str]:
            return [self.called(one) for one in controls]

        return [
            (w.pick("Chain", "Chaîne"), broken),
            (w.pick("New", "Nouveaux"), of(told.new)),
            (w.pick("Worse", "Aggravés"), of(told.worse)),
            (w.pick("No longer controlled", "Plus contrôlés"), ids(told.dropped)),
            (
                w.pick("No longer seen", "Plus visibles"),
                [self._unseen(control) for control in told.unseen],
            ),
            (w.pick("Better", "Améliorés"), of(told.better)),
            (w.pick("Gone", "Disparus"), of(told.gone)),
            (w.pick("Much the same, by chance", "Comparables, au hasard près"), of(told.alike)),
            (w.pick("Controlled for the first time", "Contrôlés pour la première fois"), ids(told.added)),
        ]

    def _line(self, one: Line) -> str:
        w = self.w
        before, now = (None if value is None else w.value(value, "count") for value in (one.before, one.now))
        if before == now and one.before != one.now and one.before is not None and one.now is not None:
            before, now = w.number(one.before, _FINE), w.number(one.now, _FINE)
        where = f"{self.name(one.control, one.what)}{w.pick(': ', ' : ')}"
        if one.by_chance:
            zero = w.number(0)
            return where + w.pick(
                f"{before or zero}, now {now or zero}", f"{before or zero}, désormais {now or zero}"
            )
        if before is None or now is None:
            return where + (now or before or "")
        return where + w.pick(f"{before}, now {now}", f"{before}, désormais {now}")


def needs_attention(closes: Sequence[Close], on: dt.date | None = None) -> bool:
    """Whether the last close is unsigned, has forgotten controls or differs for the worse, or a month is overdue."""
    told = CloseTeller(closes, Wording(), on)
    changed = told.comparison is not None and not told.comparison.quiet
    return changed or bool(told.late) or told.last.signature is None or bool(told.last.forgotten)


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
    teller = CloseTeller(closes, Wording(lang), on)
    lines = [teller.headline, ""]
    for heading, items in teller.sections():
        lines += [
            heading,
            *(textwrap.fill(item, width, initial_indent="- ", subsequent_indent="  ") for item in items),
            "",
        ]
    return printable("\n".join(lines[:-1])) + "\n"


def closes_as_json(closes: Sequence[Close], on: dt.date | None = None) -> str:
    """The last of one or more closes and how it differs from the one before, as JSON.

    Raises:
        ValueError: for no close.
    """
    told = CloseTeller(closes, Wording(), on)
    last, change = told.last, told.comparison
    signed = last.signature
    value = {
        "schema": 1,
        "close": {
            **last.content,
            "signature": None if signed is None else {"role": signed.role, "on": signed.on.isoformat()},
            "digest": last.digest,
            "seal": last.seal,
        },
        "forgotten": [one.id for one in last.forgotten],
        "not_assessable": [
            control.id
            for control, result in sorted(last.results.items())
            if result is not None and result.outcome is Outcome.NOT_ASSESSABLE
        ],
        "overdue": [str(one) for one in told.late],
        "comparison": None if change is None else _comparison(change),
        "needs_attention": needs_attention(closes, on),
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _comparison(one: Comparison) -> dict[str, Any]:
    def of(lines: Sequence[Line]) -> list[dict[str, Any]]:
        return [
            {"control": line.control.id, "what": line.what, "before": line.before, "now": line.now}
            for line in lines
        ]

    return {
        "before": str(one.before.period),
        "chained": one.chained,
        "quiet": one.quiet,
        "new": of(one.new),
        "worse": of(one.worse),
        "better": of(one.better),
        "gone": of(one.gone),
        "alike": of(one.alike),
        "dropped": [control.id for control in one.dropped],
        "added": [control.id for control in one.added],
        "unseen": [control.id for control in one.unseen],
    }
