"""The close of a period, as accounting has it: controls run, frozen with a digest, signed off by a role."""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping

import attrs

from crmusage.errors import RuleError
from crmusage.knowledge._ownership import role_only
from crmusage.model import Outcome, Period, Text
from crmusage.rules import Rulebook
from crmusage.rules._field import FieldError


class ControlKind(enum.StrEnum):
    """What a control looks at."""

    RULE = "rule"
    DETECTOR = "detector"
    COVERAGE = "coverage"


@attrs.frozen(order=True)
class Control:
    """One thing to be looked at every period, and the role that answers for it."""

    kind: ControlKind = attrs.field(converter=ControlKind)
    subject: str
    """The id of the rule, the code of the detector, or the name of the table."""
    role: str | None = attrs.field(default=None, validator=role_only, eq=False)
    """Who answers may change; it stays the same control."""

    @property
    def id(self) -> str:
        """`rule:alternative-offers`"""
        return f"{self.kind}:{self.subject}"


def _floats(value: Mapping[str, float]) -> dict[str, float]:
    return {key: float(value[key]) for key in sorted(value)}


def _reason(value: Text | str | None) -> Text | None:
    if isinstance(value, str):
        return Text(value, value) if value else None
    return value


@attrs.frozen
class ControlResult:
    """What a control found: nothing, something, or that it could not see."""

    outcome: Outcome = attrs.field(converter=Outcome)
    found: Mapping[str, float] = attrs.field(factory=dict, converter=_floats, hash=False)
    """How much (cases, share …; more is worse) by what: a unit or a measure, never a person."""
    reason: Text | None = attrs.field(default=None, converter=_reason)
    """Why it could not see; a plain string stands for both languages."""
    out_of: Mapping[str, float] = attrs.field(factory=dict, converter=_floats, hash=False)
    """Of how many, by what, where it counts something out of a number: then chance can be told from change."""

    def __attrs_post_init__(self) -> None:
        if (self.outcome is Outcome.FOUND) != bool(self.found):
            raise FieldError(
                "found", f"outcome {self.outcome} and {len(self.found)} things found contradict each other"
            )
        if (self.outcome is Outcome.NOT_ASSESSABLE) != bool(self.reason):
            raise FieldError("reason", "a control that could not see says why, and no other has a reason")
        if not all(math.isfinite(value) for value in (*self.found.values(), *self.out_of.values())):
            raise FieldError("found", "what is found is a finite number")
        for what, whole in self.out_of.items():
            if not 0 <= self.found.get(what, 0) <= whole or not whole:
                raise FieldError("out_of", f"{self.found.get(what, 0):g} of {whole:g} {what!r} is no share")


@attrs.frozen
class Signature:
    """Who signed: a role, and on which day."""

    role: str = attrs.field(validator=role_only)
    on: dt.date


@attrs.frozen
class Close:
    """A period as it was closed. Its digest changes with anything in it; the seal with the signature as well.

    A digest shows that a file was changed, not who changed it: keep the seals where others can see them.
    """

    period: Period
    results: Mapping[Control, ControlResult | None] = attrs.field(hash=False)
    """By control; None: it was forgotten, the caller gave no result."""
    closed_on: dt.date
    previous: str | None = None
    """The seal of the close before."""
    signature: Signature | None = None

    def __attrs_post_init__(self) -> None:
        if self.closed_on < self.period.end:
            raise RuleError(
                f"{self.period} cannot be closed on {self.closed_on}: it runs until the day before {self.period.end}"
            )

    @property
    def forgotten(self) -> tuple[Control, ...]:
        """The controls without a result."""
        return tuple(sorted(control for control, result in self.results.items() if result is None))

    @property
    def content(self) -> dict[str, object]:
        """All but the signature, as JSON has it."""
        return {
            "schema": 1,
            "period": str(self.period),
            "closed_on": self.closed_on.isoformat(),
            "previous": self.previous,
            "controls": [_told(control, self.results[control]) for control in sorted(self.results)],
        }

    @property
    def digest(self) -> str:
        """SHA-256 of the content as canonical JSON, in hexadecimal."""
        return sha256(self.content)

    @property
    def seal(self) -> str:
        """SHA-256 of digest and signature: what the next close holds as `previous`."""
        signed = self.signature
        return sha256(
            {
                "digest": self.digest,
                "role": None if signed is None else signed.role,
                "on": None if signed is None else signed.on.isoformat(),
            }
        )

    def sign(self, role: str, on: dt.date) -> Close:
        """Signed off by a role.

        Raises:
            RuleError: when a control was forgotten, when it is signed already, or before the day it was closed.
        """
        if self.forgotten:
            names = ", ".join(one.id for one in self.forgotten)
            raise RuleError(
                f"{self.period} cannot be signed: no result of {names}; run them, or say why they cannot see"
            )
        if self.signature is not None:
            raise RuleError(f"{self.period} is signed already, by {self.signature.role}")
        if on < self.closed_on:
            raise RuleError(
                f"{self.period} was closed on {self.closed_on} and cannot be signed before, on {on}"
            )
        return attrs.evolve(self, signature=Signature(role, on))


def controls_of(
    book: Rulebook, *, detectors: Iterable[str] = (), coverage: Iterable[str] = (), role: str | None = None
) -> tuple[Control, ...]:
    """The list for a period: a control for each active rule, detector and table.

    Args:
        book: its active rules.
        detectors: codes.
        coverage: tables whose completeness is looked at.
        role: who answers for all of them.
    """
    return (
        *(Control(ControlKind.RULE, rule.id, role) for rule in book.active),
        *(Control(ControlKind.DETECTOR, code, role) for code in detectors),
        *(Control(ControlKind.COVERAGE, table, role) for table in coverage),
    )


def close(
    controls: Iterable[Control],
    run: Callable[[Control], ControlResult | None],
    period: Period,
    *,
    on: dt.date,
    previous: Close | None = None,
) -> Close:
    """Run every control once and freeze what it says. Whatever `run` raises is raised here: nothing is frozen then.

    Args:
        controls: the list, none twice.
        run: what a control says; None stands for forgotten and forbids to sign.
        period: usually a month.
        on: the day of the close, after the period.
        previous: the close before; its seal goes into this one.

    Raises:
        RuleError: when a control is there twice, or the period is not over, or not after the previous one.
    """
    listed = tuple(controls)
    twice = sorted({one.id for one in listed if [each.id for each in listed].count(one.id) > 1})
    if twice:
        raise RuleError(f"the list has {', '.join(twice)} more than once")
    if previous is not None and previous.period.end > period.start:
        raise RuleError(f"{period} does not come after {previous.period}, which was closed before it")
    empty = Close(period, {}, on, None if previous is None else previous.seal)
    return attrs.evolve(empty, results={control: run(control) for control in listed})


def sha256(value: object) -> str:
    """Of canonical JSON: keys sorted, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _told(control: Control, result: ControlResult | None) -> dict[str, object]:
    head: dict[str, object] = {"kind": control.kind.value, "subject": control.subject, "role": control.role}
    if result is None:
        return {**head, "result": None}
    why = None if result.reason is None else {"en": result.reason.en, "fr": result.reason.fr}
    value: dict[str, object] = {"outcome": result.outcome.value, "found": dict(result.found), "reason": why}
    if result.out_of:
        value["out_of"] = dict(result.out_of)
    return {**head, "result": value}
