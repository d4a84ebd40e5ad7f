from __future__ import annotations

from typing import Any, ClassVar

import attrs

from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Needs
from crmusage.detectors._grid import Grid
from crmusage.detectors._outlook import Outlooks, laid, tally_outlooks
from crmusage.detectors._words import both, said
from crmusage.history import History
from crmusage.model import Proposal, Text, Verb, Wording


@attrs.frozen
class HappyEars(AgainstPeers):
    """Deals held high, then lost."""

    code: ClassVar[str] = "CU114"
    name: ClassVar[str] = "happy-ears"
    title: ClassVar[Text] = said(
        en="Deals held high, then lost", fr="Affaires données pour presque gagnées, puis perdues"
    )
    short: ClassVar[Text] = said(
        en="deals held high, then lost", fr="affaires données pour presque gagnées, puis perdues"
    )
    measure: ClassVar[str] = "lost_from_high"
    label: ClassVar[Text] = said(
        en="lost from a stage that wins more often than usual",
        fr="perdues depuis une étape qui gagne plus souvent que d'ordinaire",
    )
    things: ClassVar[Text] = said(
        en="opportunities lost after two weeks or more",
        fr="opportunités perdues après au moins deux semaines",
    )
    about: ClassVar[Text] = said(
        en="A deal that is moved on because a customer was friendly stands in the forecast until it is "
        "lost. Of each unit's lost deals, those are counted that stood, after three quarters of their "
        "life, in a stage from which the other units win clearly more than they do on the whole (by a "
        "quarter). Only lost deals are looked at, so that a unit that loses more is not named for it. A "
        "unit is named when its share is far above that of its peers (over-dispersed funnel, "
        "Benjamini-Hochberg over the units), by at least 20 points and half as much again, with at least "
        "30 lost deals of two weeks or more, since the month in which it rose if it did. Deals whose "
        "stages a program moves are left out, and imported, merged and deleted ones. It mirrors CU113.",
        fr="Une affaire avancée parce que le client était aimable reste dans la prévision jusqu'à ce "
        "qu'elle soit perdue. Parmi les affaires perdues de chaque unité, on compte celles qui se "
        "trouvaient, aux trois quarts de leur vie, à une étape depuis laquelle les autres unités gagnent "
        "nettement plus que d'ordinaire (d'un quart). Seules les affaires perdues sont regardées : une "
        "unité n'est donc pas signalée parce qu'elle perd davantage. Elle l'est lorsque sa part dépasse "
        "nettement celle de ses pairs (entonnoir avec surdispersion, Benjamini-Hochberg sur les unités), "
        "d'au moins 20 points et de moitié en plus, sur au moins 30 affaires perdues en deux semaines ou "
        "plus, depuis le mois où elle a augmenté le cas échéant. Les affaires dont un automate déplace les "
        "étapes sont écartées, de même que celles importées, fusionnées ou supprimées. C'est le pendant de "
        "CU113.",
    )
    needs: ClassVar[Needs] = Needs(
        {"cases": ("closed_at", "outcome", "unit"), "events": ("old", "new")},
        activities=("stage_changed",),
        complete=("events.stage",),
        kind="opportunity",
    )
    apart: ClassVar[float] = 0.20

    def tally(self, part: History) -> Outlooks:
        """The decided deals of a part, by the stage in which they stood."""
        return tally_outlooks(part)

    def lay(self, tally: Any) -> Grid:
        """Lost deals, and those of them that stood high."""
        return laid(tally, of_won=False)

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        return w.pick(
            f"{seen.unit}: {seen.value(w)} of the deals lost{seen.since(w)} ({w.number(seen.hits)} of "
            f"{w.number(seen.n)}) stood, three quarters through, in a stage from which others win clearly more often "
            f"than usual; among its peers {seen.usual(w)} did.",
            f"{seen.unit} : {seen.value(w)} des affaires perdues{seen.since(w)} ({w.number(seen.hits)} sur "
            f"{w.number(seen.n)}) se trouvaient, aux trois quarts de leur vie, à une étape d'où les autres gagnent "
            f"nettement plus souvent que d'ordinaire, contre {seen.usual(w)} chez ses pairs.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a strong competitor who comes in late in this unit's market "
            "alone, or a unit that closes weak deals early without a record and keeps only strong ones. "
            "Look at some of the losses.",
            "Ce qui pourrait l'infirmer : un concurrent fort qui n'intervient tard que sur le marché de "
            "cette unité, ou une unité qui écarte tôt les affaires faibles sans les noter. Regardez "
            "quelques pertes.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.TRAIN,
                both(
                    lambda w: w.pick(
                        f"Go through some of these losses with {unit}: what had the customer really "
                        "agreed to at each stage?",
                        f"Reprendre quelques-unes de ces pertes avec {unit} : à quoi le client "
                        "s'était-il vraiment engagé à chaque étape ?",
                    )
                ),
            ),
            Proposal(
                Verb.AMEND,
                said(
                    en="Write down by what fact of the customer's each stage is reached, not by what was "
                    "felt in the talk.",
                    fr="Écrire par quel fait, chez le client, chaque étape est atteinte, non par "
                    "l'impression laissée par l'entretien.",
                ),
            ),
        )
