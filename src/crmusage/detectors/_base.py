from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

import attrs

from crmusage.conformance import EndingsCompared
from crmusage.detectors._words import said
from crmusage.errors import PluginError
from crmusage.history import History
from crmusage.model import Assessment, Finding, Lack, Outcome, RuleTally, Scope, Text
from crmusage.rules import Rulebook

_KINDS = frozenset({"opportunity", "request"})
_TAKEN_FOR = "opportunity"
"""What cases are looked at as where none is of a kind that is known."""


def _columns(value: Mapping[str, Iterable[str]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({table: tuple(columns) for table, columns in value.items()})


@attrs.frozen
class Needs:
    """What a detector cannot do without. What only makes it surer does not belong here."""

    tables: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, converter=_columns)
    """The tables that must have rows, and their columns that must have a value somewhere."""
    activities: tuple[str, ...] = ()
    """Activities of which each must occur."""
    complete: tuple[str, ...] = ()
    """What the table `coverage` must not call incomplete, as `events` or `events.stage`: where the source has not
    seen all, what it missed would look as if it had not happened. A source that says nothing is believed."""

    kind: str | None = None
    """The kind of cases that it is about, opportunity or request; None: any. A history that has only the other one
    has nothing to look at; one that has neither is taken to have opportunities."""

    def lacks(self, history: History) -> tuple[Lack, ...]:
        """What the history lacks, but for what it has in part. Ask it of the whole, not of a part.

        Raises:
            PluginError: when it needs a table that no history has.
        """
        kinds = set(history.cases["kind"].unique()) if self.kind is not None else set()
        of_kind = Lack("cases", "kind", self.kind)
        if self.kind is not None and self.kind not in kinds and kinds & _KINDS:
            # What else is not there is nothing to mend: who keeps a help desk has no close dates.
            return (of_kind,)
        lacking: list[Lack] = []
        for table, columns in self.tables.items():
            frame: Any = getattr(history, table, None)
            if not hasattr(frame, "null_count"):
                raise PluginError(
                    f"a detector needs the table {table!r}, and no history has one of that name"
                )
            if not frame.height:
                lacking.append(Lack(table))
                continue
            lacking.extend(
                Lack(table, column)
                for column in columns
                if column not in frame.columns or frame[column].null_count() == frame.height
            )
        lacking.extend(
            Lack("events", "activity", activity)
            for activity in self.activities
            if activity not in history.index.activities and Lack("events") not in lacking
        )
        if kinds and self.kind not in {*kinds, _TAKEN_FOR}:
            lacking.append(of_kind)
        return tuple(lacking)

    def missing(self, history: History) -> Text | None:
        """What the history lacks, for a reader; None: it has everything. Ask it of the whole, not of a part.

        Raises:
            PluginError: when it needs a table that no history has.
        """
        lacking = [_told(lack) for lack in self.lacks(history)]
        lacking.extend(
            (f"{name} is not seen as a whole", f"{name} n'est vu qu'en partie")
            for name in _incomplete(history)
            if any(_part_of(name, whole) or _part_of(whole, name) for whole in self.complete)
        )
        if not lacking:
            return None
        return said(
            en=f"the data cannot show it: {', '.join(en for en, _ in lacking)}",
            fr=f"les données ne permettent pas d'en juger : {', '.join(fr for _, fr in lacking)}",
        )


def _told(lack: Lack) -> tuple[str, str]:
    match lack:
        case Lack(table, None):
            return f"no rows in {table}", f"aucune ligne dans {table}"
        case Lack(table, column, None):
            return f"no {table}.{column}", f"{table}.{column} absent ou vide"
        case Lack("cases", "kind", kind):
            return f"no case of kind {kind}", f"aucun dossier de type {kind}"
        case _:
            return f"no event {lack.value}", f"aucun événement {lack.value}"


def _incomplete(history: History) -> list[str]:
    """What the source says that it has not seen as a whole: `entity`, or `entity.field`."""
    rows = history.coverage.select("entity", "field", "complete").to_dicts()
    return sorted(
        {
            row["entity"] + (f".{row['field']}" if row["field"] else "")
            for row in rows
            if row["complete"] is False
        }
    )


def _part_of(name: str, whole: str) -> bool:
    return name == whole or name.startswith(f"{whole}.")


@attrs.frozen
class Context:
    """What a detector judges with, besides its tally: nothing that depends on the parts or on a language."""

    as_of: dt.datetime
    min_group: int = 5
    """Units of fewer persons are never reported; 1: every unit may be, also one whose size is unknown."""
    unit_sizes: Mapping[str, int] = attrs.field(factory=dict)
    """How many persons are known of each unit."""
    units: tuple[str, ...] = ()
    """Every unit of the history."""
    rules: Sequence[RuleTally] = ()
    """The written rules as they were kept: for the company and by unit, for all time and by month."""
    endings: Sequence[EndingsCompared] = ()
    """How cases ended in which the rules were kept, next to those in which they were broken."""
    seed: int = 0
    """For statistics that draw at random, so that equal data give equal findings."""

    def unreportable(self, unit: str) -> Text | None:
        """Why nothing may be said of a unit; None: it may be judged and named."""
        if self.min_group <= 1:
            return None
        size = self.unit_sizes.get(unit)
        if size is None:
            return said(
                en=f"nobody knows how many persons it has; units of fewer than {self.min_group} are not "
                "reported",
                fr=f"effectif inconnu ; les unités de moins de {self.min_group} personnes ne sont pas "
                "signalées",
            )
        if size < self.min_group:
            return said(
                en=f"fewer than {self.min_group} persons: nobody is singled out",
                fr=f"moins de {self.min_group} personnes : personne n'est montré du doigt",
            )
        return None


@attrs.frozen
class Judgement:
    """What a detector concludes: what it found, and of everything it looked at, how that ended."""

    findings: tuple[Finding, ...] = attrs.field(default=(), converter=tuple[Finding, ...])
    assessments: tuple[Assessment, ...] = attrs.field(default=(), converter=tuple[Assessment, ...])

    @classmethod
    def not_assessable(cls, code: str, reason: Text, lacks: Iterable[Lack] = ()) -> Judgement:
        """Nothing could be judged at all, and why; `lacks` is what the data would need for it."""
        return cls((), (Assessment(code, Scope(), Outcome.NOT_ASSESSABLE, reason, lacks=lacks),))

    @classmethod
    def without_units(cls, code: str) -> Judgement:
        """Nothing could be judged, for the data do not tell what belongs to which unit."""
        return cls.not_assessable(code, _NO_UNITS, (Lack("cases", "unit"),))


_NO_UNITS = said(
    en="nothing belongs to a unit: there is none to hold against others",
    fr="rien n'est rattaché à une unité : il n'y en a pas à comparer",
)


@runtime_checkable
class Detector(Protocol):
    """Looks for one pattern, in three small steps that serve a notebook and a cluster alike.

    `tally` reads one part of a history, in which cases are whole, into plain sums; `merge` adds two tallies
    up; `judge` draws the conclusions from the tally of the whole. However the history is cut, and in whatever
    order the parts are merged, the judgement is to be the same: so sums are of whole numbers, and
    `crmusage.history.Counts` is a ready form for them. A detector is a value: it keeps nothing from one call
    to the next.

    Every unit that is looked at ends in one assessment: found, clear, or not assessable with the reason; one
    that `Context.unreportable` speaks of is never in a finding.
    """

    @property
    def code(self) -> str:
        """What reports and exit codes call it: a prefix of one's own, and digits (CU is taken)."""
        ...

    @property
    def name(self) -> str:
        """A plain name of words and hyphens: `late-creation`."""
        ...

    @property
    def title(self) -> Text:
        """What it finds, in a few words."""
        ...

    @property
    def about(self) -> Text:
        """What it looks for, by which statistic, when it stays silent, and what could mislead it."""
        ...

    @property
    def needs(self) -> Needs:
        """What it cannot do without."""
        ...

    def tally(self, part: History) -> Any:
        """Plain sums over a part of a history."""
        ...

    def merge(self, one: Any, other: Any) -> Any:
        """The tally of two parts together."""
        ...

    def judge(self, tally: Any, context: Context) -> Judgement:
        """What follows from the tally of the whole history."""
        ...


@runtime_checkable
class ReadsRules(Protocol):
    """A detector that has to know the written rules while it tallies: who kept them, and how long after joining."""

    def with_rules(self, book: Rulebook) -> Detector:
        """The same detector, for this book. `verify` asks for it; rules that the history cannot show are not in it."""
        ...


def examine(detector: Detector, history: History, context: Context, *, parts: int = 1) -> Judgement:
    """Hold a history against one detector: what it needs, tally by parts, merge, judge."""
    missing = detector.needs.missing(history)
    if missing is not None:
        return Judgement.not_assessable(detector.code, missing, detector.needs.lacks(history))
    first, *rest = history.parts(parts) if parts > 1 else [history]
    tally = detector.tally(first)
    for part in rest:
        tally = detector.merge(tally, detector.tally(part))
    return detector.judge(tally, context)
