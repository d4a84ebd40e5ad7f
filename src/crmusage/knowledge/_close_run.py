"""From what a verification says of a month to what the controls of its close found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from crmusage.knowledge._close import Control, ControlKind, ControlResult
from crmusage.model import Assessment, Finding, Kind, Outcome, Period, RuleTally, SetAside, Text, Wording

ALL = "all"
"""What a control found in the company as a whole."""
_LATER = " after as_of"
_REASONS = 3
"""Reasons of one control that are told; the rest is in the report."""


class Judged(Protocol):
    """What a close needs of a report."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What was found."""

    @property
    def assessments(self) -> Sequence[Assessment]:
        """Of everything that was looked at, how that ended."""

    @property
    def rules(self) -> Sequence[RuleTally]:
        """How often the rules were kept and broken."""

    @property
    def set_aside(self) -> Sequence[SetAside]:
        """Rows and values that could not be used."""


def results_of(
    report: Judged, period: Period, rows: Mapping[str, int]
) -> Callable[[Control], ControlResult | None]:
    """What `close` asks of each control, from the report of a history that ends with the period.

    - A rule: how often it was broken in the period, out of how often it was kept or broken, in the company; which
      unit keeps it less than its peers is a detector's to say. A rule that nothing called for in the period could not
      be seen: a process that nobody follows any more shows there, though no rule was broken.
    - A detector: how far each unit stands from the norm of its peers, else the figure itself. What is promising is
      nothing to be mended and not counted.
    - Coverage: rows of the table that could not be used. A table without a row in the period could not be seen.

    A control that the report says nothing of has no result: it was forgotten.

    Args:
        report: of `crmusage.verify`, for the history up to the end of the period.
        period: usually a month.
        rows: how many rows each table of the source has in the period (`crmusage.rows_in`).
    """
    by_kind: Mapping[ControlKind, Callable[[str], ControlResult | None]] = {
        ControlKind.RULE: lambda rule: _rule(report, rule, period),
        ControlKind.DETECTOR: lambda code: _detector(report, code),
        ControlKind.COVERAGE: lambda table: _coverage(report, table, period, rows),
    }
    return lambda control: by_kind[control.kind](control.subject)


def _rule(report: Judged, rule: str, period: Period) -> ControlResult | None:
    blind = [one.reason for one in report.assessments if one.code == rule and one.reason is not None]
    if blind:
        return _unseen(blind)
    of_rule = [one for one in report.rules if one.rule == rule]
    if not of_rule:
        return None
    rows = [one for one in of_rule if one.period == period]
    if not sum(one.activations for one in rows if one.unit is None):
        en, fr = _month(period)
        asked = "is the process still followed?", "le processus est-il encore suivi ?"
        return _unseen(
            [Text(f"nothing called for it in {en}: {asked[0]}", f"rien ne l'appelait en {fr} : {asked[1]}")]
        )
    broken = sum(one.violated for one in rows if one.unit is None)
    judged = sum(one.judged for one in rows if one.unit is None)
    return _result({ALL: broken} if broken else {}, {ALL: judged} if judged else {})


def _detector(report: Judged, code: str) -> ControlResult | None:
    ended = [one for one in report.assessments if one.code == code]
    found: dict[str, float] = {}
    for one in report.findings:
        if one.code == code and one.kind is not Kind.PROMISING:
            key, size = _what(one), _size(one)
            found[key] = max(size, found.get(key, size))
    if found or any(one.outcome is not Outcome.NOT_ASSESSABLE for one in ended):
        return _result(found)
    return _unseen([one.reason for one in ended if one.reason is not None]) if ended else None


def _coverage(report: Judged, table: str, period: Period, rows: Mapping[str, int]) -> ControlResult:
    if table not in rows:
        return _unseen([Text(f"the export has no table {table}", f"l'export n'a pas de table {table}")])
    if not rows[table]:
        en, fr = _month(period)
        return _unseen([Text(f"no row of {table} in {en}", f"aucune ligne de la table {table} en {fr}")])
    return _result({one.reason: one.count for one in unusable(report.set_aside) if one.table == table})


def _month(period: Period) -> tuple[str, str]:
    return Wording("en").period(period), Wording("fr").period(period)


def unusable(aside: Iterable[SetAside]) -> tuple[SetAside, ...]:
    """What was set aside because it is at fault, not because it happened after the instant of looking."""
    return tuple(one for one in aside if not one.reason.endswith(_LATER))


def _what(finding: Finding) -> str:
    scope = finding.scope
    return ", ".join(part for part in (finding.rule, scope.profile, scope.unit) if part) or ALL


def _size(finding: Finding) -> float:
    value = finding.measure.value
    return value if finding.norm is None else abs(value - finding.norm.value)


def _result(found: Mapping[str, float], out_of: Mapping[str, float] | None = None) -> ControlResult:
    return ControlResult(Outcome.FOUND if found else Outcome.CLEAR, found, out_of=out_of or {})


def _unseen(reasons: Iterable[Text]) -> ControlResult:
    told = list(dict.fromkeys(reasons))
    more = len(told) - _REASONS
    en, fr = "; ".join(one.en for one in told[:_REASONS]), " ; ".join(one.fr for one in told[:_REASONS])
    if more > 0:
        en, fr = f"{en} (and {more} more)", f"{fr} (et {more} de plus)"
    return ControlResult(Outcome.NOT_ASSESSABLE, reason=Text(en, fr))
