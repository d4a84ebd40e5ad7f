from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import attrs
import numpy as np
from scipy import special

from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._deals import actors, numbers
from crmusage.detectors._guard import KEPT, is_open, of_events
from crmusage.detectors._words import both, said
from crmusage.detectors.knowledge._orphan_ownership_told import (
    Orphans,
    reasoning,
    records,
    role_gone,
    rules_left,
)
from crmusage.history import Counts, History
from crmusage.knowledge import Worry, orphans
from crmusage.metrics import benjamini_hochberg, share
from crmusage.model import (
    Assessment,
    Evidence,
    Finding,
    Kind,
    Measure,
    Outcome,
    Person,
    Proposal,
    Scope,
    Severity,
    Text,
    Verb,
)
from crmusage.rules import Rulebook

GRACE = 30
"""Days after somebody's last day for which a handover may still be under way. Guessed."""

STILL_THERE = 3
"""Acts by hand under a leaver's login, more than a week after the last day: the date is no departure. Guessed."""

WEEK = 7
"""Days for which a leaver's last notes may still come in."""

FEWEST = 20
"""Open records with a known owner; of fewer nothing is said of a share. Guessed."""

ENOUGH = 5
"""And so many without one: fewer are put right in passing. Guessed."""

TOLERATED = 0.05
"""A unit is told when its share is surely above this: some records fall between two chairs anywhere. Guessed."""

SURE = 0.05
"""Of what is found at most so many are false, after adjustment for all units."""

GRAVE, MODERATE = 0.25, 0.10
"""Shares from which it is a serious and a moderate matter. Guessed."""

SAMPLE = 20

_EPOCH = dt.date(1970, 1, 1)
_DAY = 86_400_000_000
_ROLES = re.compile(
    r"champion|ambassad|r[ée]f[ée]rent|(key|super|power)[ _-]?user|administrat", re.IGNORECASE
)
_KEYS = {"unit": str, "owner": int}


@attrs.frozen(eq=False)
class Owned:
    """Open records by unit and owner (a number), and what is known of those who have left."""

    open: Counts
    acts: Counts
    """What was done by hand under a login well after its owner's last day."""
    left: Mapping[int, int]
    """The last day (since 1970) of everybody who has left for long enough."""
    examples: Mapping[tuple[str, int], tuple[str, ...]]
    rules: tuple[str, ...]
    """Ids of rules whose owner has left."""
    owned_rules: int
    roles: tuple[str, ...]
    """Roles that look after the tool, and that nobody holds any more."""

    def merge(self, other: Owned) -> Owned:
        """Both together: what is known of people stands in every part."""
        found = {
            key: tuple(sorted({*self.examples.get(key, ()), *other.examples.get(key, ())}))[:SAMPLE]
            for key in {*self.examples, *other.examples}
        }
        return attrs.evolve(
            self, open=self.open.merge(other.open), acts=self.acts.merge(other.acts), examples=found
        )


@attrs.frozen
class OrphanOwnership:
    """Records, rules and roles whose owner has left."""

    book: Rulebook = attrs.field(factory=Rulebook)

    code: ClassVar[str] = "CU602"
    name: ClassVar[str] = "orphan-ownership"
    title: ClassVar[Text] = said(
        en="Records, rules and roles whose owner has left",
        fr="Des fiches, des règles et des rôles dont le responsable est parti",
    )
    about: ClassVar[Text] = said(
        en="Three things. Open records whose owner left more than a month ago: a unit is told when the share of its "
        "open records is surely above 5% (exact binomial test, Benjamini-Hochberg over the units) and there are at "
        "least 5 of them among 20; the company where it is so only as a whole. Rules in force whose owner has left. "
        "Roles that look after the tool (champion, key user, administrator; known by the profile of people) when "
        "everybody who had them has left. Stays silent on what belongs to teams, queues and programs, on deleted "
        "records, on departures of the last month, and on logins under which people go on working after their last "
        "day (a contract that ended, two accounts made into one). A record that a colleague works on without owning "
        "it still counts, and it is said how many nobody has touched.",
        fr="Trois choses. Les fiches ouvertes dont le responsable est parti depuis plus d'un mois : une unité est "
        "signalée quand leur part dépasse sûrement 5 % (test binomial exact, Benjamini-Hochberg sur les unités) et "
        "qu'il y en a au moins 5 sur 20 ; l'entreprise, quand cela ne se voit que sur l'ensemble. Les règles en "
        "vigueur dont le responsable est parti. Les rôles qui font vivre l'outil (référent, champion, "
        "administrateur ; d'après le profil des personnes) dont tous les titulaires sont partis. Ne dit rien de ce "
        "qui appartient à une équipe, une file ou un automate, des fiches supprimées, des départs du dernier mois, "
        "ni des comptes sous lesquels on travaille encore après la date de départ (contrat renouvelé, comptes "
        "fusionnés). Une fiche reprise de fait par un collègue compte quand même ; le nombre de fiches que personne "
        "n'a touchées est indiqué.",
    )
    needs: ClassVar[Needs] = Needs({"people": ("ends_on",), "cases": ("owner",)})

    def with_rules(self, book: Rulebook) -> OrphanOwnership:
        """The same for another book."""
        return attrs.evolve(self, book=book)

    def tally(self, part: History) -> Owned:
        """Open records by owner, and who has left."""
        index, cases, people = part.index, part.cases, part.people
        today = part.as_of.date()
        known = people.select("person_id", "ends_on", "is_human").to_dicts()
        number_of = numbers(people["person_id"]).tolist()
        human = [row["is_human"] is not False for row in known]
        left = {
            number: (row["ends_on"] - _EPOCH).days
            for number, row, is_one in zip(number_of, known, human, strict=True)
            if is_one and row["ends_on"] is not None and (today - row["ends_on"]).days > GRACE
        }
        owner = numbers(cases["owner"])
        persons = np.array([n for n, is_one in zip(number_of, human, strict=True) if is_one], dtype=np.int64)
        own = (cases["owner_kind"].is_null() | (cases["owner_kind"] == "user")).to_numpy()
        deleted = cases["is_deleted"].fill_null(False).to_numpy().astype(bool)
        use = np.flatnonzero(is_open(part) & ~deleted & own & np.isin(owner, persons))
        ends = np.array([left.get(number, -1) for number in owner.tolist()], dtype=np.int64)
        # By hand, of somebody else, since the owner's last day.
        by_hand = np.flatnonzero(of_events(part, np.arange(index.n_events)) == KEPT)
        actor, case = actors(part)[by_hand], index.case[by_hand]
        later = index.at[by_hand] >= (ends[case] + 1) * _DAY
        touched = np.zeros(index.n_cases, dtype=bool)
        touched[case[later & (actor != 0) & (actor != owner[case])]] = True
        own_end = np.array([left.get(number, -1) for number in actor.tolist()], dtype=np.int64)
        acted = np.flatnonzero((own_end >= 0) & (index.at[by_hand] >= (own_end + 1 + WEEK) * _DAY))
        examples: dict[tuple[str, int], tuple[str, ...]] = {}
        for k in use[(ends[use] >= 0)].tolist():
            key = (_unit(part, k), int(owner[k]))
            if len(examples.get(key, ())) < SAMPLE:
                examples[key] = (*examples.get(key, ()), str(cases["case_id"][k]))
        return Owned(
            open=Counts.of(
                keys={"unit": (index.case_unit[use], index.units), "owner": owner[use]},
                sums={"n": None, "untouched": ~touched[use]},
            ),
            acts=Counts.of(keys={"owner": actor[acted]}, sums={"n": None}),
            left=left,
            examples=examples,
            rules=_rules_left(self.book, people, today),
            owned_rules=sum(rule.owner is not None for rule in self.book.active),
            roles=_roles_gone(people, today),
        )

    def merge(self, one: Owned, other: Owned) -> Owned:
        """Those of two parts."""
        return one.merge(other)

    def judge(self, tally: Owned, context: Context) -> Judgement:
        """Which units, which rules and which roles are orphaned."""
        found = _orphans(tally, context.as_of)
        units = sorted(unit for unit in found if unit is not None)
        assessments: list[Assessment] = []
        tried: list[tuple[str, float]] = []
        for unit in sorted({*units, *context.units}):
            reason = context.unreportable(unit) or (None if _enough(found.get(unit)) else _TOO_FEW)
            if reason is None:
                tried.append((unit, _p_value(found[unit])))
            else:
                assessments.append(Assessment(self.code, Scope(unit), Outcome.NOT_ASSESSABLE, reason))
        q_values = benjamini_hochberg([p for _, p in tried]).tolist()
        findings = []
        for (unit, p), q in zip(tried, q_values, strict=True):
            told = q < SURE and _matters(found[unit])
            if told:
                findings.append(self._records(unit, found[unit], p, q, len(tried)))
            assessments.append(Assessment(self.code, Scope(unit), Outcome.FOUND if told else Outcome.CLEAR))
        whole = _whole(found)
        of_company = list(self._of_company(tally))
        if not findings and _enough(whole) and _matters(whole) and _p_value(whole) < SURE:
            of_company.append(self._records(None, whole, _p_value(whole), _p_value(whole), 1))
        judged = _enough(whole) or bool(tally.owned_rules)
        ended = Outcome.FOUND if of_company else Outcome.CLEAR if judged else Outcome.NOT_ASSESSABLE
        reason = _TOO_FEW if ended is Outcome.NOT_ASSESSABLE else None
        assessments.insert(0, Assessment(self.code, Scope(), ended, reason))
        return Judgement((*of_company, *findings), assessments)

    def _records(self, unit: str | None, seen: Orphans, p: float, q: float, tried: int) -> Finding:
        measure = seen.measure
        size = measure.value
        return Finding(
            code=self.code,
            name=self.name,
            title=said(en="records without an owner", fr="fiches sans responsable"),
            kind=Kind.RISK,
            severity=Severity.HIGH
            if size >= GRAVE
            else Severity.MEDIUM
            if size >= MODERATE
            else Severity.LOW,
            scope=Scope(unit),
            measure=measure,
            q_value=q,
            evidence=(Evidence(measure, None, p, q),),
            cases=seen.cases,
            text=both(lambda w: records(w, unit, seen)),
            reasoning=both(lambda w: reasoning(w, seen, GRACE, TOLERATED, tried)),
            proposals=(
                Proposal(
                    Verb.ADOPT,
                    said(
                        en="Hand these records on this week, and make it a rule that nobody's access is closed while "
                        "they own open ones.",
                        fr="Réattribuer ces fiches cette semaine, et adopter une règle simple : on ne ferme pas un "
                        "accès tant que la personne a des fiches ouvertes.",
                    ),
                ),
            ),
        )

    def _of_company(self, tally: Owned) -> Iterator[Finding]:
        if tally.rules:
            measure = share(len(tally.rules), tally.owned_rules, name="rules_without_owner")
            assert isinstance(measure, Measure)  # noqa: S101 - a rule whose owner has left has an owner
            label = said(en="rules whose owner has left", fr="règles dont le responsable est parti")
            yield self._gap(
                said(en="rules without an owner", fr="règles sans responsable"),
                attrs.evolve(measure, label=label),
                both(lambda w: rules_left(w, tally.rules, tally.owned_rules)),
                tuple(
                    Proposal(
                        Verb.AMEND,
                        said(
                            en="Name a new owner, a role rather than a person.",
                            fr="Désigner un nouveau responsable : une fonction plutôt qu'une personne.",
                        ),
                        rule,
                    )
                    for rule in tally.rules
                ),
                rule=tally.rules[0] if len(tally.rules) == 1 else None,
            )
        for role in tally.roles:
            label = said(en="people in the role", fr="personnes dans le rôle")
            yield self._gap(
                said(en="role that nobody holds", fr="rôle vacant"),
                Measure("holders", 0, unit="count", label=label),
                both(lambda w, role=role: role_gone(w, role)),  # type: ignore[misc]
                (
                    Proposal(
                        Verb.TRAIN,
                        said(
                            en="Name and train a successor, and a deputy with them.",
                            fr="Nommer et former un successeur, avec un suppléant.",
                        ),
                    ),
                ),
            )

    def _gap(
        self,
        title: Text,
        measure: Measure,
        text: Text,
        proposals: tuple[Proposal, ...],
        rule: str | None = None,
    ) -> Finding:
        return Finding(
            code=self.code,
            name=self.name,
            title=title,
            kind=Kind.RISK,
            severity=Severity.MEDIUM,
            scope=Scope(),
            measure=measure,
            rule=rule,
            text=text,
            proposals=proposals,
        )


_TOO_FEW = said(
    en=f"fewer than {FEWEST} open records that belong to a known person",
    fr=f"moins de {FEWEST} fiches ouvertes appartenant à une personne connue",
)


def _unit(part: History, case: int) -> str:
    code = int(part.index.case_unit[case])
    return part.index.units[code] if code >= 0 else ""


def _rules_left(book: Rulebook, people: Any, today: dt.date) -> tuple[str, ...]:
    """Ids of the rules in force whose owner, a person, a unit or a profile, is there no more."""
    if not any(rule.owner is not None for rule in book.active):
        return ()
    names = ("unit", "profile", "starts_on", "ends_on", "is_human")
    rows = people.unique("person_id", keep="first", maintain_order=True).to_dicts()
    persons = [Person(id=row["person_id"], **{name: row[name] for name in names}) for row in rows]
    in_force = {rule.id for rule in book.active}
    found = orphans(book, persons, today - dt.timedelta(days=GRACE))
    left = (rule for one in found if one.what is Worry.OWNER_LEFT for rule in one.about)
    return tuple(sorted(in_force & set(left)))


def _roles_gone(people: Any, today: dt.date) -> tuple[str, ...]:
    """Profiles that look after the tool and that nobody has any more, though somebody had."""
    rows = people.select("profile", "starts_on", "ends_on", "is_human").to_dicts()
    held: dict[str, bool] = {}
    for row in rows:
        if row["profile"] is None or row["is_human"] is False or not _ROLES.search(row["profile"]):
            continue
        gone = row["ends_on"] is not None and (today - row["ends_on"]).days > GRACE
        held[row["profile"]] = held.get(row["profile"], False) or not gone
    return tuple(sorted(role for role, somebody in held.items() if not somebody))


def _orphans(tally: Owned, as_of: dt.datetime) -> dict[str | None, Orphans]:
    """Of each unit (None: of none), what is open, and what of it has no owner any more."""
    busy = dict(zip(tally.acts.column("owner").tolist(), tally.acts.column("n").tolist(), strict=True))
    in_use = {owner for owner, n in busy.items() if n >= STILL_THERE}
    today = (as_of.date() - _EPOCH).days
    found: dict[str | None, Orphans] = {}
    for row in tally.open.rows():
        unit, owner = row["unit"], row["owner"]
        before = found.get(unit, Orphans())
        gone = owner in tally.left and owner not in in_use
        found[unit] = before.plus(
            Orphans(
                n=row["n"],
                orphaned=row["n"] if gone else 0,
                untouched=row["untouched"] if gone else 0,
                same_login=row["n"] if owner in tally.left and owner in in_use else 0,
                oldest=today - tally.left[owner] if gone else 0,
                cases=tally.examples.get((unit or "", owner), ()) if gone else (),
            )
        )
    return found


def _whole(found: Mapping[str | None, Orphans]) -> Orphans:
    whole = Orphans()
    for one in found.values():
        whole = whole.plus(one)
    return whole


def _enough(seen: Orphans | None) -> bool:
    return seen is not None and seen.n >= FEWEST


def _matters(seen: Orphans) -> bool:
    return seen.orphaned >= ENOUGH


def _p_value(seen: Orphans) -> float:
    # The chance of so many or more, were each record orphaned with the tolerated chance.
    return float(special.bdtrc(seen.orphaned - 1, seen.n, TOLERATED)) if seen.orphaned else 1.0
