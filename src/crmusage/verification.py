"""The use case: a history held against the written rules and against every detector."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from crmusage.conformance import assumed, compare_endings, tally, tally_endings, unseen, witnesses
from crmusage.detectors import Context, Detector, Judgement, ReadsRules, examine
from crmusage.errors import CrmUsageError, CrmUsageWarning, PluginError
from crmusage.history import Counts, History, columns_of
from crmusage.model import MIN_GROUP, Assessment, Finding, Outcome, Period, RuleTally, Scope, Text
from crmusage.plugins import installed
from crmusage.report import Report
from crmusage.rules import Rulebook, UsageRule, in_words

__all__ = ["MIN_GROUP", "verify"]

_RAW = "activity_raw"
"""What an activity was called before it got its meaning: nobody's column."""

_NAMED = 30
"""Columns listed in one note. Guessed."""


def verify(
    history: History,
    rulebook: Rulebook | None = None,
    *,
    detectors: Iterable[Detector] | None = None,
    only: Iterable[str] | None = None,
    min_group: int = MIN_GROUP,
) -> Report:
    """Hold a history against the rules in force and against every installed detector.

    A rule that names what the history does not know is not judged: it is `not_assessable` in the report, with the
    reason, and a warning. A detector that fails is told in the same way, and the others go on.

    Args:
        history: what happened.
        rulebook: the written rules; those with status `active` are judged.
        detectors: detectors to run; None: all that are installed.
        only: codes; others are left out.
        min_group: units of fewer persons are in no finding and no row of their own.

    Raises:
        CrmUsageError: when `only` names a code that no detector has.

    Warns:
        CrmUsageWarning: for each rule and detector that could not be judged.
    """
    there = installed() if detectors is None else None
    chosen = _chosen(list(there.detectors if there else detectors or ()), only)
    rules, assessments = _judgeable(history, (rulebook or Rulebook()).active)
    if there is not None and only is None:
        assessments.extend(there.broken)
    sizes = history.unit_sizes()
    rows = _rows(history, rules, {unit for unit, size in sizes.items() if size >= min_group})
    context = Context(
        as_of=history.as_of,
        min_group=min_group,
        unit_sizes=sizes,
        units=history.index.units,
        rules=rows,
        endings=compare_endings(tally_endings(history, rules)),
    )
    blind = {rule.id for rule in (rulebook or Rulebook()).active} - {rule.id for rule in rules}
    book = Rulebook(rule for rule in rulebook or Rulebook() if rule.id not in blind)
    findings: list[Finding] = []
    for detector in chosen:
        found, ended = _run(detector, history, context, book)
        findings.extend(found)
        assessments.extend(ended)
    first = history.events["at"].min()
    return Report(
        as_of=history.as_of,
        findings=findings,
        assessments=assessments,
        rules=rows,
        set_aside=history.set_aside,
        notes=dict.fromkeys(
            (
                *history.notes,
                *(note for rule in rules for note in assumed(history, rule)),
                *_of_unknown_columns(history, assessments),
            )
        ),
        n_cases=history.index.n_cases,
        n_events=history.index.n_events,
        n_units=len(history.index.units),
        first=first if isinstance(first, dt.datetime) else None,
        witnesses=lambda: witnesses(history, rules),
    )


def _of_unknown_columns(history: History, assessments: Iterable[Assessment]) -> tuple[Text, ...]:
    """Where columns are missing: those that came under names that the contract does not know."""
    wanting = {lack.table for one in assessments for lack in one.lacks if lack.column and not lack.value}
    names = [
        f"{table}.{name}"
        for table in ("cases", "events")
        if table in wanting
        for name in getattr(history, table).columns
        if name not in columns_of(table) and name != _RAW
    ]
    if not names:
        return ()
    listed = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
    return (
        Text(
            en=f"Columns that the data contract does not know, perhaps what is missing under another name: {listed}.",
            fr="Colonnes que le contrat de données ne connaît pas, peut-être ce qui manque sous un autre nom : "
            f"{listed}.",
        ),
    )


def _chosen(detectors: list[Detector], only: Iterable[str] | None) -> list[Detector]:
    if only is None:
        return detectors
    wanted = list(only)
    codes = [detector.code for detector in detectors]
    unknown = sorted(set(wanted) - set(codes))
    if unknown:
        raise CrmUsageError(
            f"no detector has the code {', '.join(unknown)}; the installed ones are {', '.join(codes)}"
        )
    return [detector for detector in detectors if detector.code in wanted]


def _judgeable(history: History, rules: Sequence[UsageRule]) -> tuple[list[UsageRule], list[Assessment]]:
    good, ended = [], []
    for rule in rules:
        reasons = unseen(history, rule)
        if not reasons:
            good.append(rule)
            continue
        reason = Text(en="; ".join(r.en for r in reasons), fr=" ; ".join(r.fr for r in reasons))
        warnings.warn(f"rule {rule.id} was not judged: {reason.en}", CrmUsageWarning, stacklevel=3)
        ended.append(Assessment(rule.id, Scope(), Outcome.NOT_ASSESSABLE, reason))
    return good, ended


def _run(
    detector: Detector, history: History, context: Context, book: Rulebook
) -> tuple[Sequence[Finding], Sequence[Assessment]]:
    try:
        told = detector.with_rules(book) if isinstance(detector, ReadsRules) else detector
        judgement = examine(told, history, context)
        findings, assessments = _told(detector, judgement)
    except Exception as error:  # noqa: BLE001 — a plugin's fault must not take the report with it, and is told
        what = f"{type(error).__name__}: {error}"
        warnings.warn(f"detector {detector.code} failed: {what}", CrmUsageWarning, stacklevel=3)
        reason = Text(en=f"the detector failed ({what})", fr=f"le détecteur a échoué ({what})")
        return (), (Assessment(detector.code, Scope(), Outcome.NOT_ASSESSABLE, reason),)
    return findings, assessments


def _told(detector: Detector, judgement: Judgement) -> tuple[Sequence[Finding], Sequence[Assessment]]:
    """What a detector concludes, with its title where an assessment has none."""
    if not isinstance(judgement, Judgement):
        raise PluginError(f"judge gave {type(judgement).__name__}, not a Judgement")
    titled = [
        one if one.title is not None else attrs.evolve(one, title=detector.title)
        for one in judgement.assessments
    ]
    return judgement.findings, titled


def _rows(history: History, rules: Sequence[UsageRule], shown: set[str]) -> tuple[RuleTally, ...]:
    """Tallies by month and unit, and their totals; units that are too small are in the totals only."""
    counts = tally(history, rules)
    by_id = {rule.id: rule for rule in rules}
    words: dict[tuple[str, int], tuple[str, Text]] = {}
    rows = []
    for keys in (("rule", "expect"), ("rule", "expect", "month"), ("rule", "expect", "unit"), counts.keys):
        for row in _sums(counts, keys):
            unit, month = row.pop("unit", None), row.pop("month", None)
            if "unit" in keys and unit not in shown:
                continue
            rule = by_id[row.pop("rule")]
            place = rule.id, row["expect"]
            if place not in words:
                expected = rule.expectation(row["expect"])
                words[place] = str(expected), in_words(expected)
            period = None if month is None else Period.month(1970 + month // 12, month % 12 + 1)
            rows.append(
                RuleTally(
                    rule=rule.id,
                    version=rule.version,
                    expect_text=words[place][0],
                    situation=rule.situation,
                    unit=unit,
                    period=period,
                    expected=words[place][1],
                    **row,
                )
            )
    return tuple(rows)


def _sums(counts: Counts, keys: Sequence[str]) -> list[dict[str, Any]]:
    return counts.by(*keys).rows() if len(counts) else []
