from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import ClassVar

import attrs
import numpy as np
from scipy import special

from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._deals import Int64, actors, numbers
from crmusage.detectors._guard import KEPT, of_events
from crmusage.detectors._words import both, said
from crmusage.history import Counts, History
from crmusage.metrics import benjamini_hochberg
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
    Wording,
)

FEWEST_MANAGERS = 5
"""Managers of the company, or of a unit, that are compared as a group, whatever the minimum size of units: nothing is
ever said of one."""

FEWEST_TEAM = 3
"""Others of a team whose use is known; of fewer the team says nothing of what is usual. Guessed."""

FEWEST_WEEKS = 8
"""Weeks of presence after which somebody's share of weeks is known well enough. Guessed."""

APART = 0.20
"""Managers are told when they use the tool in so many fewer of their weeks: one day a week less is nothing. Guessed."""

TIMES = 0.6
"""And in at most so many of the weeks in which their teams do. Guessed."""

SURE = 0.05
"""Of what is found at most so many are false, after adjustment for all groups."""

HARDLY = 0.3
"""Managers who use it in at most so many of the weeks of their teams have left the tool: a serious matter. Guessed."""

_WEEK = 7 * 86_400_000_000
_MONDAY = 4 * 86_400_000_000
"""The first Monday after 1 January 1970, a Thursday."""
_EPOCH = dt.date(1970, 1, 1)


@attrs.frozen
class _Someone:
    """What is known of a person, who is a number here."""

    unit: str | None
    manager: int
    """0: nobody."""
    first: int
    """The weeks of presence, from the first whole one up to the last, not included."""
    end: int
    away: frozenset[int]

    @property
    def weeks(self) -> int:
        return max(self.end - self.first, 0) - sum(self.first <= week < self.end for week in self.away)

    def is_here(self, week: int) -> bool:
        return self.first <= week < self.end and week not in self.away


@attrs.frozen(eq=False)
class Use:
    """In which weeks people used the tool, by hand."""

    acts: Counts
    """By person (a number) and week."""
    people: Mapping[int, _Someone]
    seen: frozenset[tuple[int, int]]
    """Persons and weeks of sessions: the table stands in every part."""

    def merge(self, other: Use) -> Use:
        """Both together."""
        return attrs.evolve(self, acts=self.acts.merge(other.acts))


@attrs.frozen
class _Compared:
    """A group of managers, each next to their own team."""

    unit: str | None
    managers: int
    team: int
    """Persons of the teams."""
    measure: Measure
    """The mean share of weeks in which a manager used it."""
    teams: float
    """The same of their teams, each team counting once."""
    difference: Measure
    p_value: float


@attrs.frozen
class ShadowLeader:
    """Managers, as a group, who do not use the tool that their teams are asked to use."""

    code: ClassVar[str] = "CU606"
    name: ClassVar[str] = "shadow-leader"
    title: ClassVar[Text] = said(
        en="Managers who stay away from the tool of their teams",
        fr="Des responsables qui n'utilisent pas l'outil demandé à leurs équipes",
    )
    about: ClassVar[Text] = said(
        en="For each manager the share of weeks with a session, or with a change by hand, is set beside that of "
        "their own team over the same kind of weeks: those in which the person was there for the whole week and not "
        "on leave. The differences are judged together, one for each manager (one-sided t-test; the interval is of "
        "their mean). Told when managers use the tool in at least 20 points fewer of their weeks and in at most 0.6 "
        "times as many. Always of a group: the company's managers, and those of a unit only where it has five or "
        "the minimum size. Sessions are needed, since reading leaves no other trace; teams of fewer than three, "
        "people known for less than eight weeks, those who have left, and programs are left out. A manager whose "
        "assistant prints the reports, or who reads them in another tool, cannot be told apart.",
        fr="Pour chaque responsable, la part de semaines avec une connexion ou une modification à la main est "
        "rapprochée de celle de sa propre équipe, sur les semaines de présence complète, hors congés. Les écarts "
        "sont jugés ensemble, un par responsable (test t unilatéral ; l'intervalle est celui de leur moyenne). "
        "Signalé quand les responsables ouvrent l'outil dans au moins 20 points de semaines en moins que leurs "
        "équipes, et dans 60 % des leurs tout au plus. Toujours un groupe : les responsables de l'entreprise, et "
        "ceux d'une unité seulement si elle en compte cinq ou l'effectif minimal. Il faut les connexions, car lire "
        "ne laisse pas d'autre trace ; les équipes de moins de trois personnes, les personnes connues depuis moins "
        "de huit semaines, celles qui sont parties et les automates sont écartés. Un responsable à qui l'on imprime "
        "les états, ou qui les lit dans un autre outil, ne peut pas être distingué.",
    )
    needs: ClassVar[Needs] = Needs({"people": ("manager",), "sessions": ("at",)}, complete=("sessions",))

    def tally(self, part: History) -> Use:
        """Weeks of use by person, and who leads whom."""
        first, end = _span(part)
        at = np.flatnonzero(of_events(part, np.arange(part.index.n_events)) == KEPT)
        actor = actors(part)[at]
        week = _week(part.index.at[at])
        known = actor != 0
        sessions = part.sessions.select("person_id", "at").drop_nulls()
        seen_by = numbers(sessions["person_id"])
        seen_in = _week(sessions["at"].to_physical().to_numpy().astype(np.int64))
        return Use(
            acts=Counts.of(keys={"person": actor[known], "week": week[known]}, sums={"n": None}),
            people=_people(part, first, end),
            seen=frozenset(zip(seen_by.tolist(), seen_in.tolist(), strict=True)),
        )

    def merge(self, one: Use, other: Use) -> Use:
        """Those of two parts."""
        return one.merge(other)

    def judge(self, tally: Use, context: Context) -> Judgement:
        """Whether managers, all of them or those of a unit, use it far less than their teams."""
        pairs = _pairs(tally)
        fewest = max(context.min_group, FEWEST_MANAGERS)
        groups: dict[str | None, list[tuple[float, float, int]]] = {None: [pair for _, pair in pairs]}
        for unit, pair in pairs:
            if unit is not None:
                groups.setdefault(unit, []).append(pair)
        tried, assessments = [], []
        for unit in (None, *sorted({*context.units, *(unit for unit in groups if unit is not None)})):
            reason = None if unit is None else context.unreportable(unit)
            if reason is None and len(groups.get(unit, ())) < fewest:
                reason = _too_few(fewest)
            if reason is None:
                tried.append(_compared(unit, groups[unit]))
            else:
                assessments.append(Assessment(self.code, Scope(unit), Outcome.NOT_ASSESSABLE, reason))
        q_values = benjamini_hochberg([one.p_value for one in tried]).tolist()
        findings = []
        for one, q in zip(tried, q_values, strict=True):
            told = q < SURE and _matters(one)
            if told:
                findings.append(self._finding(one, q))
            assessments.append(
                Assessment(self.code, Scope(one.unit), Outcome.FOUND if told else Outcome.CLEAR)
            )
        return Judgement(findings, assessments)

    def _finding(self, one: _Compared, q: float) -> Finding:
        hardly = one.measure.value <= HARDLY * one.teams
        return Finding(
            code=self.code,
            name=self.name,
            title=said(en="managers away from the tool", fr="responsables absents de l'outil"),
            kind=Kind.RISK,
            severity=Severity.HIGH if hardly else Severity.MEDIUM,
            scope=Scope(one.unit),
            measure=one.measure,
            q_value=q,
            evidence=(Evidence(one.measure, None, one.p_value, q), Evidence(one.difference)),
            text=both(lambda w: _text(w, one)),
            reasoning=both(lambda w: _reasoning(w, one)),
            proposals=(
                Proposal(
                    Verb.ADOPT,
                    said(
                        en="Hold the weekly review on the tool's own screens, and accept no figures from elsewhere.",
                        fr="Tenir le point hebdomadaire sur les écrans de l'outil, sans autre source de chiffres.",
                    ),
                ),
                Proposal(
                    Verb.TRAIN,
                    said(
                        en="Ask managers what they lack in it, and set up the views with them.",
                        fr="Demander aux responsables ce qui leur manque, et préparer leurs vues avec eux.",
                    ),
                ),
            ),
        )


def _too_few(fewest: int) -> Text:
    return said(
        en=f"fewer than {fewest} managers with a team, sessions and enough weeks: one is never looked at alone",
        fr=f"moins de {fewest} responsables avec une équipe, des connexions et assez de semaines : on n'en examine "
        "jamais un seul",
    )


def _week(instant: Int64) -> Int64:
    """Weeks since January 1970 that begin on Mondays, UTC."""
    weeks: Int64 = (instant - _MONDAY) // _WEEK
    return weeks


def _week_of(day: dt.date, *, whole: bool) -> int:
    """The week of a day; `whole`: the next one unless the day is its Monday."""
    days = (day - _EPOCH).days - 4
    return -(-days // 7) if whole else days // 7


def _span(part: History) -> tuple[int, int]:
    """The whole weeks that sessions and the last look cover, from the first up to the last, not included."""
    at = part.sessions["at"].drop_nulls().to_physical().to_numpy().astype(np.int64)
    seen = part.coverage.select("entity", "seen_from").drop_nulls().to_dicts()
    froms = [row["seen_from"].date() for row in seen if row["entity"] == "sessions"]
    if not len(at) and not froms:
        return 0, 0
    if len(at):
        froms.append(_EPOCH + dt.timedelta(days=int(at.min()) // 86_400_000_000))
    first = min(froms)
    return _week_of(first, whole=True), _week_of(part.as_of.date(), whole=False)


def _people(part: History, first: int, end: int) -> dict[int, _Someone]:
    """Everybody who is said to be, or not said not to be, human."""
    table = part.people.select("person_id", "unit", "manager", "starts_on", "ends_on", "is_human")
    leaves = part.absences.select("person_id", "starts_at", "ends_at").drop_nulls()
    away: dict[int, set[int]] = {}
    rows = leaves.to_dicts()
    for number, row in zip(numbers(leaves["person_id"]).tolist(), rows, strict=True):
        begins, ends = row["starts_at"].date(), row["ends_at"].date()
        # A week with a single day of leave in it is no week of presence.
        weeks = range(_week_of(begins, whole=False), _week_of(ends, whole=False) + 1)
        away.setdefault(number, set()).update(week for week in weeks if first <= week < end)
    found = {}
    codes = zip(numbers(table["person_id"]).tolist(), numbers(table["manager"]).tolist(), strict=True)
    for (number, manager), row in zip(codes, table.to_dicts(), strict=True):
        if row["is_human"] is False:
            continue
        begins = first if row["starts_on"] is None else max(first, _week_of(row["starts_on"], whole=True))
        last = end if row["ends_on"] is None else min(end, _week_of(row["ends_on"], whole=False))
        found[number] = _Someone(row["unit"], manager, begins, last, frozenset(away.get(number, ())))
    return found


def _pairs(tally: Use) -> list[tuple[str | None, tuple[float, float, int]]]:
    """Of each manager the unit, their own share of weeks, their team's mean share, and its size; in a fixed order."""
    used: dict[int, set[int]] = {}
    rows: list[tuple[int, int]] = [*tally.seen]
    rows += zip(tally.acts.column("person").tolist(), tally.acts.column("week").tolist(), strict=True)
    for person, week in rows:
        someone = tally.people.get(person)
        if someone is not None and someone.is_here(week):
            used.setdefault(person, set()).add(week)
    shares = {
        person: len(used.get(person, ())) / someone.weeks
        for person, someone in tally.people.items()
        if someone.weeks >= FEWEST_WEEKS
    }
    last = max((someone.end for someone in tally.people.values()), default=0)
    teams: dict[int, list[float]] = {}
    for person, someone in tally.people.items():
        if person in shares and someone.manager != person:
            teams.setdefault(someone.manager, []).append(shares[person])
    found = []
    for manager in sorted(teams):
        someone = tally.people.get(manager)
        # Who has left cannot be asked to do otherwise.
        if (
            someone is None
            or manager not in shares
            or someone.end < last
            or len(teams[manager]) < FEWEST_TEAM
        ):
            continue
        team = sorted(teams[manager])
        found.append((someone.unit, (shares[manager], float(np.mean(team)), len(team))))
    return found


def _compared(unit: str | None, pairs: list[tuple[float, float, int]]) -> _Compared:
    own, teams, sizes = (np.array(column) for column in zip(*pairs, strict=True))
    n = len(pairs)
    difference = teams - own
    mean, spread = float(difference.mean()), float(difference.std(ddof=1)) / np.sqrt(n)
    reach = float(special.stdtrit(n - 1, 0.975))
    # Alike to the last digit they all tell the same: then there is nothing left to doubt.
    p = float(special.stdtr(n - 1, -mean / spread)) if spread > 0 else float(mean <= 0)
    of_own = reach * float(own.std(ddof=1)) / np.sqrt(n)
    value = float(own.mean())
    return _Compared(
        unit=unit,
        managers=n,
        team=int(sizes.sum()),
        measure=Measure(
            "weeks_of_use",
            value,
            low=max(0.0, value - of_own),
            high=min(1.0, value + of_own),
            label=said(
                en="weeks in which managers use the tool", fr="semaines où les responsables utilisent l'outil"
            ),
        ),
        teams=float(teams.mean()),
        difference=Measure(
            "below_their_teams",
            mean,
            low=mean - reach * spread,
            high=mean + reach * spread,
            label=said(en="how far below their teams", fr="écart avec leurs équipes"),
        ),
        p_value=p,
    )


def _matters(one: _Compared) -> bool:
    return one.difference.value >= APART and one.measure.value <= TIMES * one.teams


def _text(w: Wording, one: _Compared) -> str:
    own, teams = w.value(one.measure.value, "share"), w.value(one.teams, "share")
    apart = one.difference
    ends = [w.spread(end or 0.0, "share") for end in (apart.low, apart.high)]
    n = w.number(one.managers)
    who_en = "of the company" if one.unit is None else f"of {one.unit}"
    who_fr = "de l'entreprise" if one.unit is None else f"de {one.unit}"
    return w.pick(
        f"The {n} managers {who_en} use the tool in {own} of their weeks, their teams in {teams}: "
        f"{w.spread(apart.value, 'share')} less on average (95% interval {ends[0]} to {ends[1]}). What managers do not "
        "open themselves their teams soon fill in for the look of it.",
        f"Les {n} responsables {who_fr} utilisent l'outil dans {own} de leurs semaines, leurs équipes dans {teams} : "
        f"en moyenne {w.spread(apart.value, 'share')} de moins (intervalle à 95 % : {ends[0]} à {ends[1]}). Un outil "
        "que les responsables n'ouvrent pas, les équipes finissent par le remplir pour la forme.",
    )


def _reasoning(w: Wording, one: _Compared) -> str:
    n, team = w.number(one.managers), w.number(one.team)
    return w.pick(
        f"Each of {n} managers was set beside their own team ({team} persons in all), over weeks in which the person "
        "was there and not on leave; a week counts when it has a session or a change by hand. The figure is of the "
        "group: some managers may well use the tool as their teams do. Reports that somebody else prints or sends "
        "leave no trace.",
        f"Chacun des {n} responsables est rapproché de sa propre équipe ({team} personnes au total), sur les "
        "semaines de présence hors congés ; une semaine compte s'il y a une connexion ou une modification à la "
        "main. Le chiffre est celui du groupe : certains responsables utilisent peut-être l'outil autant que leurs "
        "équipes. Les états imprimés ou transmis par quelqu'un d'autre ne laissent pas de trace.",
    )
