from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._acts import by_unit_of_act, is_one_of, reasons_of_acts
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import OF_CHANGES, Seen
from crmusage.detectors._base import Context, Needs
from crmusage.detectors._changes import stranger
from crmusage.detectors._deals import REASONS, Bool, Int64, numbers
from crmusage.detectors._grid import Grid, Tally, tally_items
from crmusage.detectors._words import agreeing, both, said
from crmusage.history import NEVER, Counts, History, months_of, table
from crmusage.model import Proposal, Text, Verb, Wording

UPKEEP = (
    "updated",
    "stage_changed",
    "amount_changed",
    "close_date_changed",
    "priority_changed",
    "won",
    "lost",
)
"""What the owner of a record keeps up in it. Who calls or visits somebody else's customer is at work, who creates a
record for another may have found the customer, and a quote may be written by who knows how."""

ONE_HAND = 0.5
"""One person enters at least so great a part of what is entered for others: else they stand in for one another.
Guessed."""

OWNERS = 3
"""For at least so many others. Guessed: two who share their customers are no usage of a unit."""

# Why an act is left out.
REASONS_OF_ACTS = (*REASONS, "assistant", "deputy", "unknown")

_EPOCH = dt.date(1970, 1, 1)
_DAY, _MINUTE = 86_400_000_000, 60_000_000


@attrs.frozen
class Hands:
    """The upkeep of records in a part of a history, and who did it for whom."""

    items: Tally
    pairs: Counts
    """By unit and month: who entered for whom (numbers), where these are two persons."""

    def merge(self, other: Hands) -> Hands:
        """Both together."""
        return Hands(self.items.merge(other.items), self.pairs.merge(other.pairs))


@attrs.frozen(eq=False)
class _Paired(Grid):
    """The grid, and who entered for whom: unit, month, hand, owner, how often."""

    pairs: Any = None

    def one_hand(self, unit: int, months: Bool | None) -> tuple[float, int]:
        """The part of what is entered for others that one person enters, and for how many others."""
        of, month, hand, owner, n = self.pairs
        use = of == unit
        if months is not None:
            use &= np.isin(month, self.months[months])
        if not use.any():
            return 0.0, 0
        hands, place = np.unique(hand[use], return_inverse=True)
        total = np.zeros(len(hands), dtype=np.int64)
        np.add.at(total, place, n[use])
        first = int(total.argmax())
        return float(total[first] / total.sum()), len(np.unique(owner[use][place == first]))


@attrs.frozen
class ProxyEntry(AgainstPeers):
    """Records that one person keeps up for those who own them."""

    assistants: tuple[str, ...] = ("assistant",)
    """Profiles whose work it is to enter for others."""

    code: ClassVar[str] = "CU203"
    name: ClassVar[str] = "proxy-entry"
    title: ClassVar[Text] = said(
        en="One person enters for the others", fr="Une personne saisit pour les autres"
    )
    short: ClassVar[Text] = said(
        en="records kept by somebody other than their owner",
        fr="fiches tenues par un autre que leur propriétaire",
    )
    measure: ClassVar[str] = "entered_for_others"
    label: ClassVar[Text] = said(
        en="changes of a record made by somebody other than its owner",
        fr="modifications faites par un autre que le propriétaire de la fiche",
    )
    things: ClassVar[Text] = said(
        en="changes of records whose owner is known",
        fr="modifications de fiches dont le propriétaire est connu",
    )
    about: ClassVar[Text] = said(
        en="Where one colleague enters for all the others, these do not use the CRM: what is in it is second "
        "hand, and stops with that colleague's next leave. Of each unit's changes of records (stage, amount, "
        "close date, priority, updates, closing) those are counted that somebody other than the owner of that "
        "day made. A unit is named when its share is far above that of its peers (over-dispersed funnel, "
        "Benjamini-Hochberg over the units), by at least 10 points and half as much again, with at least 30 "
        "changes, since the month in which it rose if it did; and when a single person makes half of them or "
        "more, for three others or more: a team that keeps its customers' records together is none. Nobody "
        "is named. Left out first: programs, imports, merges, mass updates, profiles whose work it is "
        "(ProxyEntry(assistants=(...,))), whoever stands in while the owner is away, and records without an "
        "owner.",
        fr="Là où un collègue saisit pour tous les autres, ceux-ci n'utilisent pas le CRM : ce qu'on y lit "
        "est de seconde main, et s'arrête aux prochains congés de ce collègue. Parmi les modifications de "
        "fiches de chaque unité (étape, montant, date de clôture, priorité, mises à jour, clôture), on "
        "compte celles qu'a faites un autre que le propriétaire du jour. Une unité est signalée lorsque sa "
        "part dépasse nettement celle de ses pairs (entonnoir avec surdispersion, Benjamini-Hochberg sur les "
        "unités), d'au moins 10 points et de moitié en plus, sur au moins 30 modifications, depuis le mois où "
        "elle a augmenté le cas échéant ; et lorsqu'une seule personne en fait la moitié ou davantage, pour "
        "au moins trois autres : une équipe qui suit ses clients en commun n'est pas visée. Personne n'est "
        "nommé. Sont d'abord écartés les automates, les importations, les fusions, les mises à jour en masse, "
        "les profils dont c'est le métier (ProxyEntry(assistants=(...,))), ceux qui remplacent un "
        "propriétaire absent et les fiches sans propriétaire.",
    )
    needs: ClassVar[Needs] = Needs({"cases": ("owner",), "events": ("actor",)})

    def tally(self, part: History) -> Hands:
        """The upkeep of the records of a part, and what of it was done for somebody else."""
        index, who = part.index, part.who
        at = np.flatnonzero(is_one_of(part, *UPKEEP))
        instant = index.at[at]
        owner, actor = who.ownership.at(index.case[at], instant), who.actor[at]
        profiles = who.traits("profile")
        helping = np.isin(
            profiles.of_persons,
            [place for place, name in enumerate(profiles.labels) if name in self.assistants],
        )
        reason = reasons_of_acts(part, at)
        other = (owner != actor) & (owner >= 0) & (actor >= 0)
        for why, which in (
            ("unknown", (owner < 0) | (actor < 0)),
            ("assistant", other & helping[actor]),
            ("deputy", other & _absent(part, owner, instant)),
        ):
            reason[which & (reason == guard.KEPT)] = REASONS_OF_ACTS.index(why)
        other &= reason == guard.KEPT
        counted, row = by_unit_of_act(part, at)
        strangers = np.where(other, stranger(part, at), 0)
        items = tally_items(
            counted,
            case=row,
            month=months_of(instant).astype(np.int64),
            hits=other.astype(np.int64),
            n=np.ones(len(at), dtype=np.int64),
            reason=reason,
            reasons=REASONS_OF_ACTS,
            done=(strangers, instant // _MINUTE),
        )
        # No person is in a tally: a number stands for each, the same in every part.
        numbered = numbers(table({"person": who.persons})["person"]) if who.persons else np.zeros(1, np.int64)
        on = np.flatnonzero(other)
        pairs = Counts.of(
            keys={
                "unit": (index.unit[at[on]], index.units),
                "month": months_of(instant[on]),
                "hand": numbered[actor[on]],
                "owner": numbered[owner[on]],
            },
            sums={"n": None},
        )
        return Hands(items, pairs)

    def lay(self, tally: Any) -> Grid:
        """The tally laid out, with who entered for whom."""
        hands: Hands = tally
        grid = Grid.of(hands.items)
        row_of = {name: row for row, name in enumerate(grid.units)}
        unit = np.array(
            [row_of.get(name, len(grid.units)) for name in hands.pairs.column("unit")], dtype=np.int64
        )
        columns = [hands.pairs.column(name) for name in ("month", "hand", "owner", "n")]
        fields = {field.name: getattr(grid, field.name) for field in attrs.fields(Grid)}
        return _Paired(**fields, pairs=(unit, *columns))

    def also(self, grid: Grid, unit: int, months: Bool | None, context: Context) -> bool:
        """Most of it is the work of one person, for several others."""
        del context
        if not isinstance(grid, _Paired):
            return False
        part, owners = grid.one_hand(unit, months)
        return part >= ONE_HAND and owners >= OWNERS

    def words_of_reasons(self) -> dict[str, Text]:
        """Why changes were left out."""
        return {
            **OF_CHANGES,
            "assistant": agreeing(
                "made by an assistant", "faite par un assistant", "faites par un assistant"
            ),
            "deputy": agreeing(
                "made while the owner was away",
                "faite en l'absence du propriétaire",
                "faites en l'absence du propriétaire",
            ),
            "unknown": said("of unknown owner or author", "de propriétaire ou d'auteur inconnu"),
        }

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        return w.pick(
            f"{seen.unit}: {seen.value(w)} of the changes made in records{seen.since(w)} "
            f"({w.number(seen.hits)} of {w.number(seen.n)}) were made by somebody other than the owner, "
            f"most of them by one and the same person; among its peers {seen.usual(w)} were. Those who know "
            "the customers do not write in the CRM themselves.",
            f"{seen.unit} : {seen.value(w)} des modifications de fiches{seen.since(w)} "
            f"({w.number(seen.hits)} sur {w.number(seen.n)}) ont été faites par un autre que le "
            f"propriétaire, le plus souvent par une seule et même personne, contre {seen.usual(w)} chez ses "
            "pairs. Ceux qui connaissent les clients n'écrivent pas eux-mêmes dans le CRM.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: an assistant whose profile does not say so, a login that several "
            "people share, or records whose owner was never changed after a move. If it is agreed, say so in "
            "the profile; if it grew by itself, somebody is doing two jobs.",
            "Ce qui pourrait l'infirmer : un assistant dont le profil ne le dit pas, un identifiant partagé, "
            "ou des fiches restées au nom d'un ancien propriétaire. Si c'est convenu, indiquez-le dans le "
            "profil ; si cela s'est installé tout seul, quelqu'un fait deux métiers.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.TRAIN,
                both(
                    lambda w: w.pick(
                        f"Ask in {unit} what keeps the owners from entering it themselves: access, time, or "
                        "never having been shown how.",
                        f"Demander dans {unit} ce qui empêche les propriétaires de saisir eux-mêmes : "
                        "l'accès, le temps, ou une formation jamais reçue.",
                    )
                ),
            ),
            Proposal(
                Verb.AMEND,
                said(
                    en="Write down what may be entered for somebody else, by whom, and who answers for it.",
                    fr="Écrire ce qui peut être saisi pour un autre, par qui, et qui en répond.",
                ),
            ),
        )


def _absent(part: History, person: Any, instant: Int64) -> Bool:
    """Which persons were on leave at instants, or no longer with the company."""
    leaves = part.who.leaves
    on_leave: Bool = leaves.away(person, instant + 1) > leaves.away(person, instant)
    last = np.full(len(part.who.persons) + 1, NEVER)
    rows = part.people.select("person_id", "ends_on").drop_nulls()
    place = {name: code for code, name in enumerate(part.who.persons)}
    for name, day in zip(rows["person_id"].to_list(), rows["ends_on"].to_list(), strict=True):
        last[place[name]] = ((day - _EPOCH).days + 1) * _DAY
    gone: Bool = instant >= last[person]
    return on_leave | gone
