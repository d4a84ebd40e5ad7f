from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._deals import Int64, numbers
from crmusage.detectors._pictures import series
from crmusage.detectors._words import both, said
from crmusage.detectors.knowledge._breaks import Break, Months, Upset, releases, waves
from crmusage.detectors.knowledge._cohorts import Compared, compared, counted, nobody
from crmusage.detectors.knowledge._features import FEATURE, features
from crmusage.detectors.knowledge._kept import Decided, active, decided
from crmusage.detectors.knowledge._knowledge_erosion_told import (
    after_upset,
    forgotten,
    reasoning_of_break,
    reasoning_of_decay,
)
from crmusage.history import Counts, History
from crmusage.knowledge import Fit, Reading, fit
from crmusage.metrics import benjamini_hochberg, first_of_month
from crmusage.model import (
    Assessment,
    Evidence,
    Finding,
    Kind,
    Onset,
    Outcome,
    Period,
    Proposal,
    Scope,
    Severity,
    Text,
    Verb,
)
from crmusage.rules import Rulebook

LONG_AGO = 9
"""Months since reading a rule from which it was long ago: more than half of the year after which rules are commonly
read again. Guessed."""

HELD = 1
"""Months in a layer: who read a rule long ago is compared with others of the same unit in the same month, so that time
that goes by for all is not taken for forgetting."""

FORGOTTEN = 0.10
"""Told when a year takes at least so much of what reading left, and surely something: less is what anybody forgets.
Guessed."""

APART = 0.10
"""And when a rule or a step is done so much less, in shares; the peers' own fall taken off. Guessed."""

FEWEST = 30
"""Cases in point on each side of a comparison; of fewer nothing is said. As in CU001."""

FEWEST_PERSONS = 5
"""Persons on each side, whatever the minimum size of a unit: a cohort is never one person."""

SURE = 0.05
"""Of what is found at most so many are false, after adjustment for everything that was tried."""

GRAVE = 0.25
"""A fall by so much is a serious matter: one case in four is no longer handled as it was. Guessed."""

RULE = "rule"
_KEYS = {"what": str, "name": str, "expect": int, "unit": str, "month": int}
_SUMS = ("kept", "n")
_MONTH = 365.25 / 12 * 86_400_000_000

_Chosen = tuple[int, int, bool]
"""A number that decides which of a person's cases is taken, the months since reading, and whether the rule was kept."""


@attrs.frozen(eq=False)
class Lore:
    """What people kept, by what may have made them forget it."""

    cohorts: Counts
    """Kept long after reading a rule, and soon after it."""
    chosen: Mapping[tuple[str, int, int], _Chosen]
    """One case of each person for each expectation."""
    months: Counts
    """Rules and steps by unit and month."""
    waves: tuple[Upset, ...]
    releases: tuple[Upset, ...]
    read: bool
    """Whether anybody is known to have read a rule in force."""

    def merge(self, other: Lore) -> Lore:
        """Both together."""
        chosen = dict(self.chosen)
        for key, one in other.chosen.items():
            chosen[key] = min(one, chosen.get(key, one))
        return attrs.evolve(
            self,
            cohorts=self.cohorts.merge(other.cohorts),
            chosen=chosen,
            months=self.months.merge(other.months),
        )


@attrs.frozen
class KnowledgeErosion:
    """Rules and steps that are kept less and less after a training, a wave of departures or a release."""

    book: Rulebook = attrs.field(factory=Rulebook)

    code: ClassVar[str] = "CU601"
    name: ClassVar[str] = "knowledge-erosion"
    title: ClassVar[Text] = said(
        en="What was known of the tool, and is done less and less",
        fr="Des acquis qui se perdent : règles et étapes de moins en moins suivies",
    )
    about: ClassVar[Text] = said(
        en="Three ways in which knowledge goes. Forgetting: from one case of each person, the decay since they last "
        "read a rule is fitted (maximum likelihood, 95% interval); told when a year takes at least 10% of it, and "
        "surely something, and when within the same unit and month those who read it more than nine months ago keep "
        "it at least 10 points less (Mantel-Haenszel, jackknife over persons), so that a rule which slips for "
        "everybody is not taken for forgetting. Departures: at least three people and a fifth of a unit leave "
        "within two months, and a rule, or a step such as a call or a quote in the first 30 days of a case, falls "
        "at that time (change point) by 10 points more than elsewhere. Releases (rows of the calendar whose kind is "
        "release or version): the same for the company, where most units fall and the months are below the same "
        "ones a year before. Adjusted by Benjamini-Hochberg. Stays silent on seasons, on departures after which "
        "nothing changes, on units under the minimum size and on persons; imports, merges, cascades and programs "
        "are left out. Where the data cannot tell forgetting, it says so.",
        fr="Trois façons de perdre des acquis. L'oubli : à partir d'un dossier par personne, on estime la baisse "
        "depuis la dernière lecture d'une règle (maximum de vraisemblance, intervalle à 95 %) ; signalé si une "
        "année en emporte au moins 10 %, et sûrement une part, et si, à unité et mois égaux, ceux qui l'ont lue il "
        "y a plus de neuf mois la respectent au moins 10 points de moins (Mantel-Haenszel, jackknife sur les "
        "personnes) : une règle qui se relâche pour tous n'est pas de l'oubli. Les départs : au moins trois "
        "personnes et un cinquième d'une unité partent en deux mois, et une règle, ou une étape comme un appel ou "
        "un devis dans les 30 premiers jours d'un dossier, recule alors (point de rupture) de 10 points de plus "
        "qu'ailleurs. Les nouvelles versions (lignes du calendrier de type release ou version) : de même pour "
        "l'entreprise, quand la plupart des unités reculent et que les mois sont au-dessous des mêmes un an plus "
        "tôt. Correction de Benjamini-Hochberg. Rien n'est dit des saisons, des départs sans conséquence, des unités "
        "trop petites ni des personnes ; imports, fusions, ricochets et automates sont écartés. Quand les données "
        "ne permettent pas de conclure à l'oubli, c'est dit.",
    )
    needs: ClassVar[Needs] = Needs({"people": ("person_id",), "events": ("activity",)})

    def with_rules(self, book: Rulebook) -> KnowledgeErosion:
        """The same for another book."""
        return attrs.evolve(self, book=book)

    def tally(self, part: History) -> Lore:
        """Rules by the time since they were read, and rules and steps by unit and month."""
        cohorts, months = nobody(), Counts.empty(_KEYS, _SUMS)
        chosen: dict[tuple[str, int, int], _Chosen] = {}
        read = False
        for one in decided(part, self.book):
            every = np.arange(len(one.case), dtype=np.int64)
            months = months.merge(
                _by_month(part, RULE, one.rule.id, one.expect, one.unit, one.month, one.kept)
            )
            since = _since_reading(part, one)
            use = every[since >= 0]
            read = read or bool(len(use))
            cohorts = cohorts.merge(counted(part, one, use, since[use] >= LONG_AGO, held=HELD))
            for person, months_ago, kept, lot in zip(
                one.person[use].tolist(),
                np.floor(since[use]).astype(np.int64).tolist(),
                one.kept[use].tolist(),
                _lots(part, one, use),
                strict=True,
            ):
                key = one.rule.id, one.expect, person
                mine = (lot, months_ago, kept)
                chosen[key] = min(mine, chosen.get(key, mine))
        ruled = {
            name for rule in active(self.book) for c in rule.expect for name in (*c.activities, *c.targets)
        }
        for name, unit, month, hit in features(part, ruled):
            months = months.merge(_by_month(part, FEATURE, name, 0, unit, month, hit))
        return Lore(cohorts, chosen, months, waves(part), releases(part), read)

    def merge(self, one: Lore, other: Lore) -> Lore:
        """Those of two parts."""
        return one.merge(other)

    def judge(self, tally: Lore, context: Context) -> Judgement:
        """What is forgotten, and what went with people or with a release."""
        fewest_persons = max(context.min_group, FEWEST_PERSONS)
        cohorts = _cohorts(tally, fewest_persons)
        table = Months.of(tally.months)
        reportable = [wave for wave in tally.waves if context.unreportable(wave.unit or "") is None]
        breaks = [
            one
            for upset in (*reportable, *tally.releases)
            for one in table.breaks(upset, fewest=FEWEST, apart=APART, seed=context.seed)
        ]
        p_values = [one.p_value for _, _, one in cohorts] + [one.p_value for one in breaks]
        q_values = benjamini_hochberg(p_values).tolist()
        findings, seen = [], {one.upset.unit for one in breaks}
        for (rule, expect, since), q in zip(cohorts, q_values, strict=False):
            if q >= SURE or since.apart < APART:
                seen.add(None)
                continue
            # Only then is it asked how fast: to fit it takes longer than all the rest.
            fitted = _decay(tally, rule, expect)
            if fitted is None:
                continue
            seen.add(None)
            gone = fitted.forgotten_a_year
            if gone.value >= FORGOTTEN and (gone.low or 0.0) > 0:
                findings.append(self._decay(rule, expect, fitted, since, q))
        for one, q in zip(breaks, q_values[len(cohorts) :], strict=True):
            if q < SURE and one.matters:
                findings.append(self._break(one, table, q))
        return Judgement(findings, tuple(self._ended(findings, seen, tally, context)))

    def _ended(
        self, findings: list[Finding], judged: set[str | None], tally: Lore, context: Context
    ) -> Iterator[Assessment]:
        named = {finding.scope.unit for finding in findings}
        for unit in (None, *context.units):
            reason = None if unit is None else context.unreportable(unit)
            if unit in named:
                yield Assessment(self.code, Scope(unit), Outcome.FOUND)
            elif reason is None and unit in judged:
                yield Assessment(self.code, Scope(unit), Outcome.CLEAR)
            else:
                why = reason or (_NO_WAVE if unit is not None else _CANNOT_TELL if tally.read else _NOT_READ)
                yield Assessment(self.code, Scope(unit), Outcome.NOT_ASSESSABLE, why)

    def _decay(self, rule: str, expect: int, fitted: Fit, since: Compared, q: float) -> Finding:
        written = self.book[rule]
        return Finding(
            code=self.code,
            name=self.name,
            title=said(en="a rule that is being forgotten", fr="une règle qui s'oublie"),
            kind=Kind.RISK,
            severity=Severity.HIGH if since.apart >= GRAVE else Severity.MEDIUM,
            scope=Scope(),
            measure=attrs.evolve(
                fitted.forgotten_a_year, label=said(en="forgotten in a year", fr="oublié en un an")
            ),
            q_value=q,
            rule=rule,
            evidence=(Evidence(since.kept, None, since.p_value, q),),
            text=both(lambda w: forgotten(w, written, fitted, since, LONG_AGO)),
            reasoning=both(lambda w: reasoning_of_decay(w, written, expect, fitted, since)),
            proposals=(
                Proposal(
                    Verb.ANNOUNCE,
                    said(
                        en="Have it read again at least once a year, by everybody and not only by newcomers.",
                        fr="La faire relire au moins une fois par an, par tout le monde et pas seulement par les "
                        "arrivants.",
                    ),
                    rule,
                ),
                Proposal(
                    Verb.TRAIN,
                    said(
                        en="Plan short refreshers where the decay is steepest (`crmusage knowledge` computes when).",
                        fr="Prévoir de courts rappels là où la baisse est la plus forte (`crmusage knowledge` en "
                        "calcule les dates).",
                    ),
                    rule,
                ),
            ),
        )

    def _break(self, one: Break, table: Months, q: float) -> Finding:
        rule = self.book[one.name] if one.what == RULE else None
        months, upset = table.series(one), one.upset
        onset = first_of_month(one.at)
        return Finding(
            code=self.code,
            name=self.name,
            title=said(en="known no longer", fr="acquis perdus"),
            kind=Kind.RISK,
            severity=Severity.HIGH if one.fall >= GRAVE else Severity.MEDIUM,
            scope=Scope(upset.unit, period=Period(first_of_month(one.first), first_of_month(one.last + 1))),
            measure=one.measure,
            q_value=q,
            rule=one.name if rule is not None else None,
            onset=Onset(
                onset, first_of_month(one.low), first_of_month(one.high), one.before, one.measure.value
            ),
            evidence=(Evidence(one.measure, None, one.p_value, q),),
            text=both(lambda w: after_upset(w, one, rule)),
            reasoning=both(lambda w: reasoning_of_break(w, one)),
            proposals=(
                Proposal(
                    Verb.TRAIN,
                    said(
                        en="Train those who came, and name somebody they can ask.",
                        fr="Former les nouveaux venus, et leur donner quelqu'un à qui s'adresser.",
                    )
                    if upset.unit is not None
                    else said(
                        en="Show what the release changed, and look again after two months.",
                        fr="Montrer ce que la nouvelle version a changé, et refaire le point deux mois plus tard.",
                    ),
                    one.name if rule is not None else None,
                ),
            ),
            figures=(
                series(
                    said(en="Done as before, by month", fr="Fait comme avant, par mois"),
                    months,
                    onset=onset,
                    alone=upset.unit is None,
                ),
            ),
        )


_NOT_READ = said(
    en="nobody is known to have read a rule in force, and no release is in the calendar",
    fr="aucune lecture d'une règle en vigueur n'est connue, et le calendrier ne contient aucune nouvelle version",
)
_CANNOT_TELL = said(
    en="the data cannot tell whether anything is being forgotten: too few people, or all of them read the rules at "
    "about the same time; have some of them read the rules again, and ask later",
    fr="les données ne permettent pas de dire si quelque chose s'oublie : trop peu de personnes, ou toutes ont lu les "
    "règles à peu près au même moment ; en faire relire une partie, et refaire le point plus tard",
)
_NO_WAVE = said(
    en="no three people and no fifth of it left within two months with enough cases before and after",
    fr="moins de trois départs, ou moins d'un cinquième de l'effectif, en deux mois, ou trop peu de dossiers autour",
)


def _by_month(
    part: History,
    what: str,
    name: str,
    expect: int,
    unit: npt.NDArray[np.int32],
    month: Int64,
    kept: npt.NDArray[np.bool_],
) -> Counts:
    zeros = np.zeros(len(unit), dtype=np.int64)
    return Counts.of(
        keys={
            "what": (zeros, [what]),
            "name": (zeros, [name]),
            "expect": zeros + expect,
            "unit": (unit, part.index.units),
            "month": month,
        },
        sums={"kept": kept.astype(np.int64), "n": None},
    )


def _since_reading(part: History, one: Decided) -> npt.NDArray[np.float64]:
    """Months since each person had last read the rule; -1: not yet."""
    rows = part.acknowledgements.select("rule_id", "person_id", "at").drop_nulls()
    rows = rows.filter(rows["rule_id"] == one.rule.id)
    since = np.full(len(one.case), -1.0)
    if not rows.height:
        return since
    reader, at = numbers(rows["person_id"]), rows["at"].to_physical().to_numpy().astype(np.int64)
    order = np.lexsort((at, reader))
    reader, at = reader[order], at[order]
    # One search for both: persons as places among the readers, instants as places among all instants.
    readers, instants = np.unique(reader), np.unique(at)
    key = np.searchsorted(readers, reader) * (len(instants) + 1) + np.searchsorted(instants, at) + 1
    place = np.minimum(np.searchsorted(readers, one.person), len(readers) - 1)
    known = readers[place] == one.person
    wanted = place * (len(instants) + 1) + np.searchsorted(instants, one.instant, side="right")
    found = np.searchsorted(key, wanted, side="right") - 1
    safe = np.maximum(found, 0)
    known &= (found >= 0) & (reader[safe] == one.person)
    since[known] = (one.instant[known] - at[safe[known]]) / _MONTH
    return since


def _lots(part: History, one: Decided, use: Int64) -> list[int]:
    """A number for each case that has nothing to do with what happened in it: whoever has the least is taken."""
    lots: list[int] = numbers(part.cases["case_id"].gather(one.case[use])).tolist()
    return lots


def _cohorts(tally: Lore, fewest_persons: int) -> list[tuple[str, int, Compared]]:
    """Each expectation, as it is kept long after it was read and soon after."""
    label = said(
        en="rule kept by those who read it long ago", fr="règle respectée après une lecture ancienne"
    )
    found = compared(
        tally.cohorts, name="kept_long_after", label=label, fewest=FEWEST, fewest_persons=fewest_persons
    )
    return list(found)


def _decay(tally: Lore, rule: str, expect: int) -> Fit | None:
    """The decay since it was read; None: it cannot be told."""
    readings = [
        Reading(months, int(kept))
        for key, (_, months, kept) in tally.chosen.items()
        if key[:2] == (rule, expect)
    ]
    fitted = fit(readings)
    return fitted if isinstance(fitted, Fit) else None
