from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmusage.model import Assessment, Finding, Measure, RuleTally, Scope, Wording

if TYPE_CHECKING:
    from crmusage.report._report import Report

_SCOPE: dict[str, type] = {"unit": str, "profile": str, "period": str}

_FINDINGS: dict[str, type] = {
    "code": str,
    "name": str,
    "kind": str,
    "severity": str,
    **_SCOPE,
    "rule": str,
    "measure": str,
    "value": float,
    "numerator": float,
    "denominator": float,
    "low": float,
    "high": float,
    "measure_unit": str,
    "norm": float,
    "norm_low": float,
    "norm_high": float,
    "peers": int,
    "q_value": float,
    "onset": dt.date,
    "distorts": str,
    "company_with": float,
    "company_without": float,
    "hidden": bool,
    "text": str,
    "cases": list,
}

_ASSESSMENTS: dict[str, type] = {"code": str, **_SCOPE, "outcome": str, "reason": str}

_RULES: dict[str, type] = {
    "rule": str,
    "version": int,
    "expect": int,
    "expect_text": str,
    "situation": str,
    "unit": str,
    "period": str,
    "activations": int,
    "fulfilled": int,
    "violated": int,
    "pending": int,
    "tied": int,
    "vacuous_cases": int,
    "kept": float,
}


def to_frame(report: Report, table: str, lang: str) -> Any:
    """One table of a report as a frame."""
    words = Wording(lang)
    rows: list[Mapping[str, object]]
    if table == "findings":
        columns, rows = _FINDINGS, [_finding(finding, words) for finding in report.findings]
    elif table == "assessments":
        columns, rows = _ASSESSMENTS, [_assessment(assessment, words) for assessment in report.assessments]
    elif table == "rules":
        columns, rows = _RULES, [_rule(tally, words) for tally in report.rules]
    else:
        raise ValueError(f"no table {table!r} in a report: there are findings, assessments and rules")
    from crmusage.history import frame  # says itself which extra it lacks

    return frame(rows, columns)


def _finding(finding: Finding, words: Wording) -> dict[str, object]:
    measure, norm = finding.measure, finding.norm
    row: dict[str, object] = {
        "code": finding.code,
        "name": finding.name,
        "kind": str(finding.kind),
        "severity": str(finding.severity),
        **_scope(finding.scope),
        "rule": finding.rule,
        "measure": measure.name,
        "q_value": finding.q_value,
        "onset": finding.onset.value if finding.onset else None,
        "text": words.of(finding.text),
        "cases": list(finding.cases),
    }
    if isinstance(measure, Measure):
        row |= {
            "value": measure.value,
            "numerator": measure.numerator,
            "denominator": measure.denominator,
            "low": measure.low,
            "high": measure.high,
            "measure_unit": measure.unit,
        }
    if norm is not None:
        row |= {"norm": norm.value, "norm_low": norm.low, "norm_high": norm.high, "peers": norm.units}
    if finding.distortions:
        first = finding.distortions[0]
        row |= {
            "distorts": first.measure,
            "company_with": first.with_unit,
            "company_without": first.without_unit,
            "hidden": first.hidden,
        }
    return row


def _assessment(assessment: Assessment, words: Wording) -> dict[str, object]:
    return {
        "code": assessment.code,
        **_scope(assessment.scope),
        "outcome": str(assessment.outcome),
        "reason": words.of(assessment.reason) if assessment.reason else None,
    }


def _rule(tally: RuleTally, words: Wording) -> dict[str, object]:
    return {
        "rule": tally.rule,
        "version": tally.version,
        "expect": tally.expect,
        "expect_text": tally.expect_text,
        "situation": words.of(tally.situation) if tally.situation else None,
        "unit": tally.unit,
        "period": str(tally.period) if tally.period else None,
        "activations": tally.activations,
        "fulfilled": tally.fulfilled,
        "violated": tally.violated,
        "pending": tally.pending,
        "tied": tally.tied,
        "vacuous_cases": tally.vacuous_cases,
        "kept": tally.fulfilled / tally.judged if tally.judged else None,
    }


def _scope(scope: Scope) -> dict[str, object]:
    return {
        "unit": scope.unit,
        "profile": scope.profile,
        "period": str(scope.period) if scope.period else None,
    }
