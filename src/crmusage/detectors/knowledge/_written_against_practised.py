from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import ClassVar

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._guard import KEPT, of_events
from crmusage.detectors._words import both, said
from crmusage.detectors.knowledge._kept import NO_RULES, NO_WAY_OF_WORKING, Decided, active, decided
from crmusage.detectors.knowledge._written_against_practised_told import Instead, reasoning, text
from crmusage.history import Counts, History
from crmusage.metrics import benjamini_hochberg, exact_above, share, wilson
from crmusage.model import (
    Assessment,
    Evidence,
    Finding,
    Kind,
    Measure,
    Outcome,
    Proposal,
    Scope,
    Severity,
    Text,
    Verb,
)
from crmusage.rules import Constraint, Rulebook, Template, UsageRule

FEWEST = 30
"""Cases in which the rule was broken; of fewer no practice can be told. As in CU001."""

REPLACES = 0.25
"""The practice stands for the rule in surely more than this share of all cases in point: less is an
exception. Guessed."""

STEADY = 0.60
"""And in surely more than this share of those in which the rule is broken: a way of working, no
coincidence. Guessed."""

APART = 0.20
"""And it is found so much more often there than where the rule is kept: instead of it, and not besides. Guessed."""

TIMES = 2.0
"""And at least so many times as often: a step that most cases have is nobody's own way. Guessed."""

FEWEST_KEPT = 10
"""Cases in which the rule is kept, to compare with. Guessed: below it a share has no meaning."""

FEWEST_PERSONS = 3
"""Persons who work so, whatever the minimum size: one person's way is nobody's business. Guessed."""

MOST_OF_ONE = 0.5
"""And no more of it than this by one of them. Guessed."""

SURE = 0.05
"""Of what is found at most so many are false, after adjustment for all units, rules and practices tried."""

MOSTLY = 0.5
"""A practice that has taken the rule's place more often than not is a serious matter. Guessed."""

SAMPLE = 20

_AFTERWARDS = {Template.PRECEDENCE, Template.ALTERNATE_PRECEDENCE, Template.CHAIN_PRECEDENCE}
_WITHIN = {
    *(Template.RESPONSE, Template.ALTERNATE_RESPONSE, Template.CHAIN_RESPONSE),
    *(
        Template.RESPONDED_EXISTENCE,
        Template.SUCCESSION,
        Template.ALTERNATE_SUCCESSION,
        Template.CHAIN_SUCCESSION,
    ),
}
_KEYS = {"rule": str, "expect": int, "unit": str, "person": int, "kept": int, "practice": str}
_ALL = ""
"""In place of a practice: all cases."""

_Place = tuple[str, int]


@attrs.frozen(eq=False)
class Practised:
    """How often each activity followed, by rule, expectation, unit, person and whether the rule was kept."""

    counts: Counts
    examples: Mapping[tuple[str, int, str | None, str], tuple[str, ...]]
    """Cases in which the rule was broken and the activity followed."""

    def merge(self, other: Practised) -> Practised:
        """Both together."""
        found = {
            key: tuple(sorted({*self.examples.get(key, ()), *other.examples.get(key, ())}))[:SAMPLE]
            for key in {*self.examples, *other.examples}
        }
        return Practised(self.counts.merge(other.counts), found)


@attrs.frozen
class WrittenAgainstPractised:
    """A rule that is written one way, and a unit that has put another way of working in its place."""

    book: Rulebook = attrs.field(factory=Rulebook)

    code: ClassVar[str] = "CU604"
    name: ClassVar[str] = "written-against-practised"
    title: ClassVar[Text] = said(
        en="The rule says one thing, and a unit does another instead",
        fr="La règle dit une chose, une unité en fait une autre à la place",
    )
    about: ClassVar[Text] = said(
        en="For each rule that asks for something before or after something else, looks at the cases of a unit in "
        "which it was broken: is there one thing that people do there instead? A practice is told when it is done "
        "in surely more than 60% of those cases and in more than a quarter of all cases in point, at least twice as "
        "often, and 20 points more, than where the rule is kept, in the company and in the unit itself (exact test, "
        "Benjamini-Hochberg over all units, rules and practices). Doing afterwards what was to come first is such a "
        "practice too; doing it late is not. CU001 says that a rule is not kept, and CU502 what one unit does and "
        "the others do not; neither joins the two case by case, and CU502 cannot see what all units do alike. Stays "
        "silent on a unit that merely breaks the rule, on what is done besides keeping it, on one person's way, on "
        "imports, merges, cascades and programs, on steps that every case goes through, and with fewer than 30 "
        "broken cases.",
        fr="Pour chaque règle qui demande une chose avant ou après une autre, on regarde les dossiers d'une unité "
        "où elle n'a pas été respectée : y fait-on toujours la même chose à la place ? Une pratique est signalée si "
        "elle se trouve sûrement dans plus de 60 % de ces dossiers et plus d'un quart de tous les dossiers "
        "concernés, au moins deux fois plus souvent, et 20 points de plus, que là où la règle est respectée, dans "
        "l'entreprise comme dans l'unité (test exact, Benjamini-Hochberg sur les unités, les règles et les "
        "pratiques). Faire après coup ce qui devait précéder en est une aussi ; le faire en retard, non. CU001 dit "
        "qu'une règle n'est pas respectée, CU502 ce qu'une unité fait et que les autres ne font pas ; ni l'un ni "
        "l'autre ne les rapproche dossier par dossier, et CU502 ne voit pas ce que toutes les unités font de la "
        "même façon. Rien n'est dit d'une unité qui ignore simplement la règle, de ce qu'on fait en plus de la "
        "respecter, de la façon de faire d'une seule personne, des imports, fusions, ricochets et automates, des "
        "étapes par où passe tout dossier, ni en dessous de 30 dossiers.",
    )
    needs: ClassVar[Needs] = Needs({"events": ("activity",)})

    def with_rules(self, book: Rulebook) -> WrittenAgainstPractised:
        """The same for another book."""
        return attrs.evolve(self, book=book)

    def tally(self, part: History) -> Practised:
        """What follows where each rule asks for something, by whether it got it."""
        examples: dict[tuple[str, int, str | None, str], tuple[str, ...]] = {}
        last = _last_by_hand(part)
        names, ids = (_ALL, *last), [rule.id for rule in active(self.book)]
        found: list[npt.NDArray[np.int64]] = []
        for one in decided(part, self.book):
            if (one.at < 0).any() or not len(one.at):
                continue
            rows = _once_a_case(one)
            at = part.index.at[one.at[rows]]
            for name in (_ALL, *_candidates(one.rule.expect[one.expect], tuple(last))):
                use = rows if name == _ALL else rows[at < last[name][one.case[rows]]]
                place = (ids.index(one.rule.id), one.expect, names.index(name))
                here = np.empty((len(use), 3), dtype=np.int64)
                here[:] = place
                found.append(np.column_stack([here, one.unit[use], one.person[use], one.kept[use]]))
                if name != _ALL:
                    _add_examples(examples, part, one, use[~one.kept[use]], name)
        if not found:
            return Practised(Counts.empty(_KEYS, ("n",)), examples)
        table = np.concatenate(found)
        counts = Counts.of(
            keys={
                "rule": (table[:, 0], ids),
                "expect": table[:, 1],
                "unit": (table[:, 3], part.index.units),
                "person": table[:, 4],
                "kept": table[:, 5],
                "practice": (table[:, 2], names),
            },
            sums={"n": None},
        )
        return Practised(counts, examples)

    def merge(self, one: Practised, other: Practised) -> Practised:
        """Those of two parts."""
        return one.merge(other)

    def judge(self, tally: Practised, context: Context) -> Judgement:
        """Which units have put something else in a rule's place."""
        rules = {rule.id: rule for rule in active(self.book)}
        if not rules:
            return Judgement.not_assessable(self.code, NO_RULES)
        table = _Table.of(tally.counts)
        named_units = sorted({*context.units, *(unit for unit in table.units if unit is not None)})
        # A company without units is judged as one.
        units: list[str | None] = [*named_units] or [None]
        assessments: list[Assessment] = []
        tried: list[Instead] = []
        judged: set[str | None] = set()
        for unit in units:
            reason = None if unit is None else context.unreportable(unit)
            if reason is None:
                mine = list(_tried(table, unit, rules))
                tried += [one for one in mine if one is not None]
                if mine:
                    judged.add(unit)
                    continue
                reason = _TOO_FEW
            assessments.append(Assessment(self.code, Scope(unit), Outcome.NOT_ASSESSABLE, reason))
        p_values = _p_values(tried)
        tried = [attrs.evolve(one, p_value=p) for one, p in zip(tried, p_values, strict=True)]
        q_values = benjamini_hochberg(p_values).tolist()
        best: dict[tuple[str | None, _Place], tuple[Instead, float]] = {}
        for one, q in zip(tried, q_values, strict=True):
            key = (one.unit, (one.rule.id, one.expect))
            if (
                q < SURE
                and _matters(one)
                and (key not in best or best[key][0].measure.value < one.measure.value)
            ):
                best[key] = one, q
        found = sorted(best, key=lambda key: (str(key[0]), key[1]))
        findings = [
            self._finding(*best[key], tally, len(judged), Counter(where[1] for where in found))
            for key in found
        ]
        named = {key[0] for key in found}
        assessments += [
            Assessment(self.code, Scope(unit), Outcome.FOUND if unit in named else Outcome.CLEAR)
            for unit in judged
        ]
        assessments.sort(key=lambda one: one.scope.unit or "")
        return Judgement(findings, assessments)

    def _finding(
        self, one: Instead, q: float, tally: Practised, judged: int, units: Mapping[_Place, int]
    ) -> Finding:
        as_many = units[one.rule.id, one.expect]
        return Finding(
            code=self.code,
            name=self.name,
            title=said(en="another way than the written one", fr="une autre façon que celle écrite"),
            kind=Kind.NONCONFORMITY,
            severity=Severity.HIGH if one.measure.value >= MOSTLY else Severity.MEDIUM,
            scope=Scope(one.unit),
            measure=one.measure,
            q_value=q,
            rule=one.rule.id,
            evidence=(Evidence(one.measure, None, one.p_value, q), Evidence(one.kept)),
            cases=tally.examples.get((one.rule.id, one.expect, one.unit, one.practice), ()),
            text=both(lambda w: text(w, one)),
            reasoning=both(lambda w: reasoning(w, one, as_many, judged)),
            proposals=_proposals(one.rule.id),
        )


def _proposals(rule: str) -> tuple[Proposal, ...]:
    return (
        Proposal(
            Verb.AMEND,
            said(
                en="Ask the unit why it works so. If its way serves the customer as well, let the rule accept either.",
                fr="Demander à l'unité ses raisons. Si sa façon sert aussi bien le client, que la règle admette les "
                "deux.",
            ),
            rule,
        ),
        Proposal(
            Verb.ANNOUNCE,
            said(
                en="Otherwise say what the rule is for, and what its own way costs the others.",
                fr="Sinon, expliquer à quoi sert la règle, et ce que cette façon de faire coûte aux autres.",
            ),
            rule,
        ),
    )


_TOO_FEW = said(
    en=f"no rule that can be judged so was broken in {FEWEST} cases, with {FEWEST_KEPT} in which it was kept to "
    "compare with, or was surely kept",
    fr=f"aucune règle qui s'y prête n'a été enfreinte dans {FEWEST} dossiers, avec {FEWEST_KEPT} dossiers où elle "
    "l'est pour comparer, ou n'est sûrement respectée",
)


def _last_by_hand(part: History) -> dict[str, npt.NDArray[np.int64]]:
    """By activity, the last instant at which somebody did it in each case; long ago where nobody did."""
    index = part.index
    found = {}
    for name in index.activities:
        if name in NO_WAY_OF_WORKING:
            continue
        at = index.positions(name)
        at = at[of_events(part, at) == KEPT]
        last = np.full(index.n_cases, np.iinfo(np.int64).min, dtype=np.int64)
        np.maximum.at(last, index.case[at], index.at[at])
        found[name] = last
    return found


def _candidates(constraint: Constraint, activities: tuple[str, ...]) -> list[str]:
    """What could be done instead."""
    if constraint.template not in _WITHIN | _AFTERWARDS:
        return []
    # What should have come before may come afterwards. What merely comes late is CU001's: nothing stands in its place.
    out = {*constraint.activities, *(() if constraint.template in _AFTERWARDS else constraint.targets)}
    return [name for name in activities if name not in out]


def _once_a_case(one: Decided) -> npt.NDArray[np.int64]:
    """The first activation of each case and unit that broke the rule, else the first that kept it."""
    order = np.lexsort((one.at, one.kept, one.unit, one.case))
    case, unit = one.case[order], one.unit[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (case[1:] != case[:-1]) | (unit[1:] != unit[:-1])
    rows: npt.NDArray[np.int64] = order[first].astype(np.int64)
    return rows


def _add_examples(
    examples: dict[tuple[str, int, str | None, str], tuple[str, ...]],
    part: History,
    one: Decided,
    rows: npt.NDArray[np.int64],
    practice: str,
) -> None:
    order = rows[np.lexsort((one.case[rows], one.unit[rows]))]
    unit = one.unit[order]
    # The place of each case among those of its unit.
    rank = np.arange(len(order)) - np.searchsorted(unit, unit)
    first = order[rank < SAMPLE]
    ids = part.cases["case_id"].gather(one.case[first]).to_list()
    for code, case_id in zip(one.unit[first].tolist(), ids, strict=True):
        named = part.index.units[code] if code >= 0 else None
        key = one.rule.id, one.expect, named, practice
        examples[key] = (*examples.get(key, ()), case_id)


@attrs.frozen(eq=False)
class _Table:
    """Cases by rule, expectation, unit, whether it was kept, and practice; and who they are of."""

    cells: Mapping[tuple[_Place, str | None, int, str], Mapping[int, int]]
    places: tuple[_Place, ...]
    units: frozenset[str | None]
    practices: tuple[str, ...]

    @classmethod
    def of(cls, counts: Counts) -> _Table:
        cells: dict[tuple[_Place, str | None, int, str], dict[int, int]] = {}
        for row in counts.rows():
            key = (row["rule"], row["expect"]), row["unit"], row["kept"], row["practice"]
            cells.setdefault(key, {})[row["person"]] = row["n"]
        return cls(
            cells,
            tuple(sorted({key[0] for key in cells})),
            frozenset(key[1] for key in cells),
            tuple(sorted({key[3] for key in cells} - {_ALL})),
        )

    def n(self, place: _Place, unit: str | None, kept: int, practice: str = _ALL) -> int:
        return sum(self.cells.get((place, unit, kept, practice), {}).values())

    def everywhere(self, place: _Place, kept: int, practice: str = _ALL) -> int:
        return sum(self.n(place, unit, kept, practice) for unit in self.units)


def _tried(table: _Table, unit: str | None, rules: Mapping[str, UsageRule]) -> Iterator[Instead | None]:
    """Every practice that could stand for a rule in a unit; None: a rule that was judged and has no candidate."""
    for place in table.places:
        broken, kept = table.n(place, unit, 0), table.n(place, unit, 1)
        all_kept = table.everywhere(place, 1)
        decided_here = broken + kept
        if not decided_here:
            continue
        if broken < FEWEST:
            # Where it is surely kept there is nothing to ask.
            if decided_here >= FEWEST and wilson(broken, decided_here)[1] < REPLACES:
                yield None
            continue
        if all_kept < FEWEST_KEPT:
            continue
        yield None
        for practice in table.practices:
            done = table.cells.get((place, unit, 0, practice), {})
            hits = sum(done.values())
            if len(done) < FEWEST_PERSONS or max(done.values()) > MOST_OF_ONE * hits:
                continue
            measure = share(hits, decided_here, name="done_instead")
            of_kept = share(kept, decided_here, name="kept")
            assert isinstance(measure, Measure)  # noqa: S101 - there are cases
            assert isinstance(of_kept, Measure)  # noqa: S101 - as above
            elsewhere = table.everywhere(place, 1, practice)
            yield Instead(
                unit=unit,
                rule=rules[place[0]],
                expect=place[1],
                practice=practice,
                measure=attrs.evolve(
                    measure,
                    label=said(
                        en="done instead of what is written", fr="fait à la place de ce qui est écrit"
                    ),
                ),
                kept=of_kept,
                done=hits,
                broken=broken,
                done_when_kept=elsewhere,
                all_kept=all_kept,
                own_done_when_kept=table.n(place, unit, 1, practice),
                own_kept=kept,
            )


def _p_values(tried: list[Instead]) -> list[float]:
    """The chance of each practice as often, were it no more frequent where the rule is broken than where it is kept."""
    columns = [
        [getattr(one, name) for one in tried] for name in ("done", "broken", "done_when_kept", "all_kept")
    ]
    p_values: list[float] = exact_above(*columns).tolist() if tried else []
    return p_values


def _matters(one: Instead) -> bool:
    low_of_broken, _ = wilson(one.done, one.broken)
    if (one.measure.low or 0.0) <= REPLACES or low_of_broken <= STEADY:
        return False
    usual = [one.done_when_kept / one.all_kept]
    if one.own_kept >= FEWEST_KEPT:
        usual.append(one.own_done_when_kept / one.own_kept)
    share_of_broken = one.done / one.broken
    return all(share_of_broken >= max(other + APART, TIMES * other) for other in usual)
