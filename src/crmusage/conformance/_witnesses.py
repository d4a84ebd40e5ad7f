from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from crmusage.conformance._assess import judge_rule
from crmusage.history import History, Instants, Labels, table
from crmusage.rules import UsageRule, Verdict

VERDICTS = tuple(verdict.name.lower() for verdict in Verdict)


def witnesses(
    history: History, rules: Sequence[UsageRule], verdicts: Collection[str] = ("violated", "tied")
) -> Any:
    """Which event kept or broke which rule in which case: a frame, one row an activation.

    Columns: rule, version, expect (the expectation's place in the rule), case_id, unit, activity and at of the
    activation (missing where the case as a whole is it), event (its row in `history.events`), verdict,
    decided_by (activity), decided_at and decided_event of the event that decided it, deadline: the instant that
    decided it by passing (for a pending one: that will).

    Args:
        history: the history.
        rules: rules that the history can show (`unseen` is empty for them).
        verdicts: which verdicts to list, of fulfilled, violated, pending, tied.
    """
    index = history.index
    wanted = [Verdict[name.upper()] for name in verdicts]
    ids, versions, expects, parts = [], [], [], []
    for place, rule in enumerate(rules):
        for position, judged in enumerate(judge_rule(history, rule)):
            part = judged.take(np.isin(judged.verdict, wanted))
            parts.append(part)
            ids.append(np.full(len(part), place))
            versions.append(np.full(len(part), rule.version))
            expects.append(np.full(len(part), position))

    def flat(name: str, dtype: Any) -> np.ndarray:
        return np.concatenate([np.zeros(0, dtype), *(getattr(part, name) for part in parts)]).astype(dtype)

    def stacked(arrays: list[np.ndarray]) -> np.ndarray:
        return np.concatenate([np.zeros(0, np.int64), *arrays]).astype(np.int64)

    case, at, by = flat("case", np.int64), flat("at", np.int64), flat("decided_by", np.int64)
    of_event = np.append(index.activity, -1)
    instant = np.append(index.at, np.iinfo(np.int64).max)
    unit = np.where(at >= 0, np.append(index.unit, -1)[at], index.case_unit[case])
    return table(
        {
            "rule": Labels(stacked(ids), [rule.id for rule in rules]),
            "version": stacked(versions),
            "expect": stacked(expects),
            "case_id": Labels(case, history.cases["case_id"]),
            "unit": Labels(unit, index.units),
            "activity": Labels(of_event[at], index.activities),
            "at": Instants(instant[at]),
            "event": at,
            "verdict": Labels(flat("verdict", np.int64), VERDICTS),
            "decided_by": Labels(of_event[by], index.activities),
            "decided_at": Instants(instant[by]),
            "decided_event": by,
            "deadline": Instants(flat("deadline", np.int64)),
        }
    )
