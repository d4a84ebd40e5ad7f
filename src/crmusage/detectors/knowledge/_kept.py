"""Rules as persons kept them: one verdict on each activation that somebody's own hands made."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.conformance import judge_rule
from crmusage.detectors._deals import Bool, Int64, actors, numbers
from crmusage.detectors._guard import KEPT, of_cases, of_events
from crmusage.detectors._words import said
from crmusage.history import History, months_of
from crmusage.model import Wording
from crmusage.rules import Rulebook, UsageRule, Verdict

NO_RULES = said(
    en="no written rule in force was given to hold people's work against",
    fr="aucune règle écrite en vigueur n'a été fournie",
)
"""Why nothing can be judged at all."""

NO_WAY_OF_WORKING = frozenset(
    {
        *("created", "updated", "stage_changed", "amount_changed", "close_date_changed", "owner_changed"),
        *("priority_changed", "won", "lost", "reopened", "submitted", "delivered", "fulfilled", "closed"),
    }
)
"""What every case goes through or ends in: nobody does it instead of anything."""


@attrs.frozen(eq=False)
class Decided:
    """What became of one expectation, one entry for each activation that was kept or broken for good.

    Left out are imports, merges, cascades and programs, and what no known person did. A person is a number.
    """

    rule: UsageRule
    expect: int
    case: npt.NDArray[np.int32]
    at: npt.NDArray[np.int32]
    """The position of the event that asked for it; -1: the case as a whole."""
    instant: Int64
    """Microseconds since 1970: of that event, else of the case's creation."""
    person: Int64
    unit: npt.NDArray[np.int32]
    """Code into the units of the index; -1: none."""
    month: Int64
    kept: Bool


def active(book: Rulebook) -> tuple[UsageRule, ...]:
    """The rules in force that expect something of cases; a cadence alone is another matter."""
    return tuple(rule for rule in book.active if rule.expect)


def decided(part: History, book: Rulebook) -> Iterator[Decided]:
    """Every expectation of every rule in force, as it was kept and broken by persons."""
    rules = active(book)
    if not rules:
        return
    index = part.index
    actor, owner = actors(part), numbers(part.cases["owner"])
    machines = numbers(
        part.people["person_id"].filter((part.people["is_human"] == False).fill_null(False))  # noqa: E712 - a column
    )
    case_out = of_cases(part) != KEPT
    every = np.arange(index.n_events, dtype=np.int64)
    event_out = of_events(part, every) != KEPT
    for rule in rules:
        judged_all = judge_rule(part, rule, reasons=False)
        for place, judged in enumerate(judged_all[: len(rule.expect)]):
            sure = (judged.verdict == Verdict.FULFILLED) | (judged.verdict == Verdict.VIOLATED)
            of_event = judged.at >= 0
            # Whoever acted is meant; a case as a whole, or an act of nobody known, is its owner's.
            who = owner[judged.case]
            if index.n_events:
                acted = np.where(of_event, actor[judged.at], 0)
                who = np.where(acted != 0, acted, who)
                by_hand = ~np.where(of_event, event_out[judged.at], False)
            else:
                by_hand = np.ones(len(judged), dtype=bool)
            use = np.flatnonzero(
                sure & by_hand & ~case_out[judged.case] & (who != 0) & ~np.isin(who, machines)
            )
            case, at = judged.case[use], judged.at[use]
            instant = index.created[case]
            if index.n_events:
                instant = np.where(at >= 0, index.at[at], instant)
            unit, _ = index.cell_names(judged.cell[use])
            yield Decided(
                rule,
                place,
                case,
                at,
                instant,
                who[use],
                unit.astype(np.int32),
                months_of(instant).astype(np.int64),
                judged.verdict[use] == Verdict.FULFILLED,
            )


def called(w: Wording, rule: UsageRule) -> str:
    """The rule by its id and its situation."""
    situation = w.of(rule.situation)
    return w.pick(f"rule {rule.id} (“{situation}”)", f"règle {rule.id} (« {situation} »)")
