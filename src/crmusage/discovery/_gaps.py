"""Situations that cases get into, and that no rule speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

import attrs
import numpy as np

from crmusage.conformance import unseen
from crmusage.discovery._gaps_catalogue import CATALOGUE, OWN, Pattern, of_activity
from crmusage.discovery._gaps_value import Gap, Gaps
from crmusage.history import Counts, History
from crmusage.metrics import share
from crmusage.model import MEANINGS, Assessment, Measure, Outcome, Scope, Text
from crmusage.rules import Constraint, Rulebook, Status, Template, UsageRule

CODE = "gaps"
"""What assessments of situations go by."""

FEWEST_OF_UNIT = 10
"""A unit with fewer cases that could show it gets no line of its own. Guessed."""

MIN_GROUP = 5
"""Units of fewer persons get no line of their own."""

SAMPLE = 20
"""Cases that are named as examples."""

NO_CASE = Text(
    "no case has come so far as to show it", "aucun dossier n'en est arrivé au point de le montrer"
)
"""Why nothing can be said of a situation that could be seen."""

SPEAKING = frozenset({Status.ACTIVE, Status.DRAFT, Status.FORBIDDEN})
"""Rules that say what holds, or are about to: a situation that somebody is writing a rule for, or has refused one for,
is not forgotten."""

KEYS = {"situation": str, "kind": str, "unit": str}
SUMS = ("cases", "could")

EVERY = ""
"""What all cases are counted under."""

Examples = Mapping[tuple[str, str], tuple[str, ...]]
"""The first case ids in text order, by situation and kind."""


@attrs.frozen(eq=False)
class Met:
    """How often situations were met, in a part of a history."""

    counts: Counts
    """By situation, kind of case and unit: cases that met it, and cases that could have."""
    examples: Examples

    def merge(self, other: Met) -> Met:
        """Both parts together."""
        keys = sorted({*self.examples, *other.examples})
        examples = {
            key: tuple(sorted({*self.examples.get(key, ()), *other.examples.get(key, ())})[:SAMPLE])
            for key in keys
        }
        return Met(self.counts.merge(other.counts), examples)

    def by_unit(self, pattern: Pattern, kind: str) -> dict[str | None, tuple[int, int]]:
        """Cases that met it, and cases that could have, of each unit."""
        rows = [row for row in self.counts.rows() if row["kind"] == kind]
        cases = {row["unit"]: row["cases"] for row in rows if row["situation"] == pattern.id}
        base = EVERY if _is_own(pattern) else pattern.id
        return {
            row["unit"]: (cases.get(row["unit"], 0), row["could"]) for row in rows if row["situation"] == base
        }


def gaps(history: History, book: Rulebook | None = None, *, min_group: int = MIN_GROUP) -> Gaps:
    """Frequent situations in a history that no rule of a book speaks of.

    A fixed list of situations is looked for (docs/guides/did-it-work.md), each by what it leaves in the events of
    a case. A rule speaks of one if it is active, a draft or forbidden, is for that kind of case, and has an
    expectation that says what holds in it: names of activities alone do not count, but the direction does. A rule
    that asks for a closing after every win says nothing of work that goes on after closing.

    Args:
        history: what happened.
        book: the written rules; None: there are none.
        min_group: units with fewer persons get no figure of their own.
    """
    met = tally_situations(history)
    return judge_situations(met, history, book or Rulebook(), min_group=min_group)


def tally_situations(part: History) -> Met:
    """Count the situations in a part of a history (whole cases)."""
    index = part.index
    kinds = part.cases["kind"].unique().sort().to_list()
    place = {kind: code for code, kind in enumerate(kinds)}
    kind = np.array([place[one] for one in part.cases["kind"].to_list()], dtype=np.int64)
    there = ~part.cases["is_deleted"].fill_null(value=False).to_numpy().astype(bool)
    sought = patterns(index.activities)
    # All cases are counted too: another part may know other activities, and those of a company's own are held
    # against every case of the whole.
    masks = [(there, np.zeros(index.n_cases, dtype=bool))]
    examples = {}
    for pattern in sought:
        could, does = pattern.form.find(part)
        does &= there
        masks.append((does if _is_own(pattern) else could & there, does))
        for name, code in place.items():
            rows = np.flatnonzero(does & (kind == code))
            if len(rows):
                ids = part.cases["case_id"].gather(rows[:SAMPLE]).to_list()
                examples[pattern.id, name] = tuple(sorted(ids))
    some = [np.flatnonzero(could) for could, _ in masks]
    case = np.concatenate(some)
    counts = Counts.of(
        keys={
            "situation": (np.repeat(np.arange(len(some)), [len(rows) for rows in some]), _names(sought)),
            "kind": (kind[case], kinds),
            "unit": (index.case_unit[case], index.units),
        },
        sums={
            "cases": np.concatenate([does[rows] for rows, (_, does) in zip(some, masks, strict=True)]),
            "could": None,
        },
    )
    return Met(counts, examples)


def _names(sought: Iterable[Pattern]) -> list[str]:
    return [EVERY, *(pattern.id for pattern in sought)]


def judge_situations(met: Met, history: History, book: Rulebook, *, min_group: int = MIN_GROUP) -> Gaps:
    """What follows from the tally of a whole history; of that, what it can show and how large its units are."""
    sizes = history.unit_sizes()
    shown = {unit for unit in history.index.units if min_group <= 1 or sizes.get(unit, 0) >= min_group}
    known = _Known(history)
    listed, assessments = [], []
    for pattern in patterns(history.index.activities):
        reason = known.missing(pattern)
        if reason is not None:
            assessments.append(_assessed(pattern, Outcome.NOT_ASSESSABLE, reason))
            continue
        kinds = _kinds(met, pattern)
        if not kinds:
            assessments.append(_assessed(pattern, Outcome.NOT_ASSESSABLE, NO_CASE))
            continue
        mine = [_gap(pattern, met, kind, book, shown, known) for kind in kinds]
        # A rule for one kind of case says nothing for another: each gets its own.
        mine = [attrs.evolve(one, rule_id=_rule_id(one)) for one in mine] if len(kinds) > 1 else mine
        listed += mine
        gap = any(one.frequent and not one.spoken_of_by for one in mine)
        assessments.append(_assessed(pattern, Outcome.FOUND if gap else Outcome.CLEAR))
    listed.sort(key=lambda one: (-one.share.value, str(one.situation.id), one.kind))
    return Gaps(
        found=tuple(one for one in listed if one.frequent and not one.spoken_of_by),
        spoken_of=tuple(one for one in listed if one.frequent and one.spoken_of_by),
        others=tuple(one for one in listed if not one.frequent),
        assessments=tuple(assessments),
    )


def patterns(activities: Iterable[str]) -> tuple[Pattern, ...]:
    """The catalogue, and a situation for every activity of the company's own."""
    own = [of_activity(name) for name in activities if name not in MEANINGS]
    # Names that differ in signs only would be told apart by nobody: the first stands.
    unique = {pattern.id: pattern for pattern in reversed(own)}
    return (*CATALOGUE, *(unique[key] for key in sorted(unique)))


def speaks(rule: UsageRule, pattern: Pattern, kind: str) -> bool:
    """Whether a rule says what holds in a situation, for one kind of case."""
    if rule.status not in SPEAKING or rule.kind not in {None, kind}:
        return False
    if rule.situation.id == pattern.id:
        return True
    return any(pattern.form.spoken_of(constraint) for constraint in rule.expect)


def _gap(pattern: Pattern, met: Met, kind: str, book: Rulebook, shown: set[str], known: _Known) -> Gap:
    rows = met.by_unit(pattern, kind)
    cases, could = (sum(pair[place] for pair in rows.values()) for place in range(2))
    units = [
        (unit, _share(*pair))
        for unit, pair in rows.items()
        if unit is not None and unit in shown and pair[1] >= FEWEST_OF_UNIT
    ]
    return Gap(
        situation=pattern.situation,
        kind=kind,
        cases=cases,
        share=_share(cases, could),
        units=tuple(units),
        examples=met.examples.get((pattern.id, kind), ()),
        spoken_of_by=tuple(rule.id for rule in book if speaks(rule, pattern, kind)),
        guidance=pattern.guidance,
        expectation=pattern.form.expectation(known.activities),
        zone=pattern.zone if known.has_zones else None,
    )


def _rule_id(gap: Gap) -> str:
    kind = re.sub(r"[^a-z0-9_.-]+", "-", gap.kind.lower()).strip("-")
    return f"{gap.situation.id}.{kind}" if kind else str(gap.situation.id)


def _kinds(met: Met, pattern: Pattern) -> list[str]:
    """The kinds of which some case could have met it."""
    return sorted({row["kind"] for row in met.counts.rows() if row["situation"] == pattern.id})


def _is_own(pattern: Pattern) -> bool:
    return pattern.id.startswith(OWN)


def _share(hits: int, n: int) -> Measure:
    made = share(hits, n, name="met")
    # Rows are of cases that are there, and so of a share.
    return cast("Measure", made)


@attrs.frozen(eq=False)
class _Known:
    """What a history can show."""

    history: History

    @property
    def activities(self) -> frozenset[str]:
        return frozenset(self.history.index.activities)

    @property
    def has_zones(self) -> bool:
        zones = self.history.people["time_zone"]
        return len(zones) > zones.null_count()

    def missing(self, pattern: Pattern) -> Text | None:
        """What it lacks to show a situation; None: nothing."""
        en, fr = [], []
        for group in pattern.form.groups:
            if not any(self._shows(name) for name in group):
                names = ", ".join(group)
                en.append(
                    f"none of the activities {names} is ever recorded"
                    if len(group) > 1
                    else f"the activity {names} is never recorded"
                )
                fr.append(
                    f"aucune des activités {names} n'est jamais enregistrée"
                    if len(group) > 1
                    else f"l'activité {names} n'est jamais enregistrée"
                )
        for table, column in pattern.form.columns:
            frame: Any = getattr(self.history, table)
            if not frame.height or frame[column].null_count() == frame.height:
                en.append(f"{table}.{column} is empty")
                fr.append(f"{table}.{column} est vide")
        return Text("; ".join(en), " ; ".join(fr)) if en else None

    def _shows(self, name: str) -> bool:
        # An activity that never occurs can be shown all the same if the coverage says so: then it never happened.
        asked = UsageRule("asked", Text(name, name), expect=(Constraint(Template.ABSENCE, name),))
        return name in self.activities or not unseen(self.history, asked)


def _assessed(pattern: Pattern, outcome: Outcome, reason: Text | None = None) -> Assessment:
    return Assessment(f"{CODE}:{pattern.id}", Scope(), outcome, reason)
