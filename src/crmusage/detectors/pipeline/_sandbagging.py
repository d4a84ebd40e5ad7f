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
from crmusage.metrics import wilson
from crmusage.model import Proposal, Text, Verb, Wording

FEWEST_CHANGES = 10
"""Amounts that were raised or lowered late; of fewer nothing is said. Guessed."""


@attrs.frozen
class Sandbagging(AgainstPeers):
    """Deals held low, then won."""

    code: ClassVar[str] = "CU113"
    name: ClassVar[str] = "sandbagging"
    title: ClassVar[Text] = said(
        en="Deals held low, then won", fr="Affaires laissées aux premières étapes, puis gagnées"
    )
    short: ClassVar[Text] = said(
        en="deals held low, then won", fr="affaires laissées aux premières étapes, puis gagnées"
    )
    measure: ClassVar[str] = "won_from_low"
    label: ClassVar[Text] = said(
        en="won from a stage that wins less often than usual",
        fr="gagnées depuis une étape qui gagne moins souvent que d'ordinaire",
    )
    things: ClassVar[Text] = said(
        en="opportunities won after two weeks or more", fr="opportunités gagnées après au moins deux semaines"
    )
    about: ClassVar[Text] = said(
        en="A deal that is kept in an early stage until it is nearly won is missing from the forecast for "
        "as long as that. Of each unit's won deals, those are counted that stood, after three quarters of "
        "their life, in a stage from which the other units win clearly less than they do on the whole (by "
        "a quarter). Only won deals are looked at, so that a unit that wins more is not named for it. A "
        "unit is named when its share is far above that of its peers (over-dispersed funnel, "
        "Benjamini-Hochberg over the units), by at least 20 points and half as much again, with at least "
        "30 won deals of two weeks or more, since the month in which it rose if it did. It is said as well "
        "whether amounts are raised at the last (sign test). Deals whose stages a program moves are left "
        "out, and imported, merged and deleted ones. It tells that stages lag behind, not that anybody "
        "meant it.",
        fr="Une affaire laissée à une étape précoce jusqu'à ce qu'elle soit presque gagnée manque pendant "
        "tout ce temps à la prévision. Parmi les affaires gagnées de chaque unité, on compte celles qui se trouvaient, "
        "aux trois quarts de leur vie, à une étape depuis laquelle les autres unités gagnent nettement "
        "moins que d'ordinaire (d'un quart). Seules les affaires gagnées sont regardées : une unité n'est "
        "donc pas signalée parce qu'elle gagne davantage. Elle l'est lorsque sa part dépasse nettement "
        "celle de ses pairs (entonnoir avec surdispersion, Benjamini-Hochberg sur les unités), d'au moins "
        "20 points et de moitié en plus, sur au moins 30 affaires gagnées en deux semaines ou plus, depuis "
        "le mois où elle a augmenté le cas échéant. On précise aussi si les montants sont relevés au "
        "dernier moment (test des signes). Les affaires dont un automate déplace les étapes sont écartées, "
        "de même que celles importées, fusionnées ou supprimées. Le constat porte sur des étapes en "
        "retard, non sur une intention.",
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
        """Won deals, and those of them that stood low."""
        return laid(tally, of_won=True)

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        text = w.pick(
            f"{seen.unit}: {seen.value(w)} of the deals won{seen.since(w)} ({w.number(seen.hits)} of "
            f"{w.number(seen.n)}) still stood, three quarters through, in a stage from which others win clearly "
            f"less often than usual; among its peers {seen.usual(w)} did.",
            f"{seen.unit} : {seen.value(w)} des affaires gagnées{seen.since(w)} ({w.number(seen.hits)} sur "
            f"{w.number(seen.n)}) se trouvaient encore, aux trois quarts de leur vie, à une étape d'où les autres "
            f"gagnent nettement moins souvent que d'ordinaire, contre {seen.usual(w)} chez ses pairs.",
        )
        raised, changed = seen.sums["raised"], seen.sums["raised"] + seen.sums["lowered"]
        if changed < FEWEST_CHANGES or wilson(raised, changed)[0] <= 0.5:
            return text
        return (
            text
            + " "
            + w.pick(
                f"Amounts that change at the last are mostly raised ({w.number(raised)} of "
                f"{w.number(changed)}).",
                f"Les montants modifiés au dernier moment sont surtout relevés ({w.number(raised)} sur "
                f"{w.number(changed)}).",
            )
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a unit that does not keep its stages at all until the end, from "
            "habit and not from prudence; the forecast misses its deals all the same. The records do not "
            "tell which: ask.",
            "Ce qui pourrait l'infirmer : une unité qui ne tient ses étapes qu'à la fin, par habitude et "
            "non par prudence ; la prévision n'en ignore pas moins ses affaires. Les données ne disent pas "
            "lequel : demandez.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.ANNOUNCE,
                both(
                    lambda w: w.pick(
                        f"Ask {unit} what happens to those who forecast a deal and lose it; who is "
                        "punished for it forecasts none.",
                        f"Demander à {unit} ce qui arrive à qui annonce une affaire et la perd : qui en "
                        "est puni n'en annonce plus.",
                    )
                ),
            ),
            Proposal(
                Verb.AMEND,
                said(
                    en="Write down by what fact of the customer's each stage is reached, so that it is no "
                    "matter of temper.",
                    fr="Écrire par quel fait, chez le client, chaque étape est atteinte, pour qu'elle ne "
                    "soit plus affaire de tempérament.",
                ),
            ),
        )
