from __future__ import annotations

from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Needs
from crmusage.detectors._deals import Int64
from crmusage.detectors._grid import Grid
from crmusage.detectors._silences import Example, Rows, Silences, ends_by, tally_silences
from crmusage.detectors._words import both, said
from crmusage.history import History
from crmusage.model import Proposal, Text, Verb, Wording

SELDOM = 0.05
"""A silence is a dead one when so few of all silences in that stage last as long and still come to an "
"end. Guessed."""


@attrs.frozen
class StaleOpportunity(AgainstPeers):
    """Open opportunities without life and without anything planned."""

    code: ClassVar[str] = "CU121"
    name: ClassVar[str] = "stale-opportunity"
    title: ClassVar[Text] = said(
        en="Open opportunities without life and without anything planned",
        fr="Opportunités ouvertes sans vie et sans suite prévue",
    )
    short: ClassVar[Text] = said(en="opportunities left asleep", fr="opportunités laissées en sommeil")
    measure: ClassVar[str] = "asleep"
    label: ClassVar[Text] = said(
        en="open opportunities that have fallen asleep", fr="opportunités ouvertes en sommeil"
    )
    things: ClassVar[Text] = said(en="open opportunities", fr="opportunités ouvertes")
    about: ClassVar[Text] = said(
        en="An opportunity in which nothing happens any more makes the pipeline look larger than it is. No "
        "fixed number of days tells when one is dead: for each stage the silences between two things that "
        "somebody did are read from the history itself (Kaplan-Meier, silences that still last counted as "
        "such), and an open opportunity is asleep when fewer than 5% of the silences in its stage last as "
        "long, among the other units and in its own. One with something planned (a due date, or a task_due "
        "event that tells a day to come) is not. A unit is named when its share of opportunities asleep is "
        "far above that of its peers (over-dispersed funnel, Benjamini-Hochberg over the units), by at "
        "least 10 points and half as much again, with at least 20 open opportunities. What programs do is "
        "no life; imported, merged, deleted and bulk-loaded records are left out first. A unit whose sales "
        "have long silences that do end is not named.",
        fr="Une opportunité où plus rien ne se passe gonfle le portefeuille. Aucun nombre de jours fixe ne "
        "dit quand elle est morte : pour chaque étape, les silences entre deux actions d'une personne sont "
        "lus dans l'historique lui-même (Kaplan-Meier, les silences en cours comptés comme tels), et une "
        "opportunité ouverte est dite en sommeil quand moins de 5 % des silences de son étape durent aussi "
        "longtemps, chez les autres unités comme dans la sienne. Elle ne l'est pas si une suite est prévue "
        "(une échéance, ou un événement task_due qui donne un jour à venir). Une unité est signalée "
        "lorsque sa part d'opportunités en sommeil dépasse nettement celle de ses pairs (entonnoir avec "
        "surdispersion, Benjamini-Hochberg sur les unités), d'au moins 10 points et de moitié en plus, sur "
        "au moins 20 opportunités ouvertes. Ce que fait un automate n'est pas un signe de vie ; fiches "
        "importées, fusionnées, supprimées ou chargées en masse sont d'abord écartées. Une unité dont les "
        "ventes connaissent de longs silences qui prennent fin n'est pas signalée.",
    )
    needs: ClassVar[Needs] = Needs(
        {"cases": ("closed_at", "unit"), "events": ()}, complete=("events",), kind="opportunity"
    )
    dated: ClassVar[bool] = False
    fewest: ClassVar[int] = 20

    def tally(self, part: History) -> Silences:
        """The silences of a part, by stage and length."""
        return tally_silences(part)

    def lay(self, tally: Any) -> Grid:
        """How many open opportunities each unit has, and how many of them are asleep."""
        silences: Silences = tally
        rows = silences.laid()
        units = rows.units
        grid = {name: np.zeros((len(units) + 1, 1), dtype=np.int64) for name in ("items", "hits", "n", "out")}
        until = ends_by(rows, SELDOM)
        asleep = rows.open & ~rows.planned & (rows.days > until[rows.unit, rows.stage])
        kept = rows.open & (rows.reason == "")
        np.add.at(grid["n"][:, 0], rows.unit[kept], rows.n[kept])
        np.add.at(grid["hits"][:, 0], rows.unit[kept & asleep], rows.n[kept & asleep])
        left_out = {}
        for reason in sorted(set(rows.reason[rows.open].tolist()) - {""}):
            these = rows.open & (rows.reason == reason)
            left_out[reason] = np.zeros(len(units) + 1, dtype=np.int64)
            np.add.at(left_out[reason], rows.unit[these], rows.n[these])
        nothing = np.zeros(len(units) + 1, dtype=np.int64)
        return Grid(
            units=units,
            months=np.zeros(1, dtype=np.int64),
            sums=grid,
            left_out=left_out,
            spread=dict.fromkeys(("groups", "squares", "products", "spans"), nothing),
            examples={
                (unit, 0): _asleep(rows, until, unit, some) for unit, some in silences.examples.items()
            },
        )

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        return w.pick(
            f"{seen.unit}: in {seen.value(w)} of the open opportunities ({w.number(seen.hits)} of "
            f"{w.number(seen.n)}) nothing has happened for longer than 19 in 20 silences in their stage last, and "
            f"nothing is planned; among its peers in {seen.usual(w)}.",
            f"{seen.unit} : dans {seen.value(w)} des opportunités ouvertes ({w.number(seen.hits)} sur "
            f"{w.number(seen.n)}), il ne s'est rien passé depuis plus longtemps que ne durent 19 silences sur 20 à "
            f"cette étape, et rien n'est prévu, contre {seen.usual(w)} chez ses pairs.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a unit that works in another tool (its mails and calls are not in "
            "the data), or customers that are dormant by agreement, with a date that nobody wrote down. "
            "The cases shown are those that have been silent for longest.",
            "Ce qui pourrait l'infirmer : une unité qui travaille dans un autre outil (ses courriels et "
            "appels ne sont pas dans les données), ou des clients en attente d'un commun accord, à une "
            "date que personne n'a notée. Les dossiers cités sont ceux dont le silence est le plus long.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.ANNOUNCE,
                both(
                    lambda w: w.pick(
                        f"Go through the sleeping opportunities with {unit}: each gets a next step with "
                        "a date, or is closed as lost.",
                        f"Passer en revue avec {unit} les opportunités en sommeil : chacune reçoit une "
                        "prochaine étape datée, ou est close perdue.",
                    )
                ),
            ),
            Proposal(
                Verb.AMEND,
                said(
                    en="Write down that an open opportunity always has a next step with a date, and who "
                    "looks at those that have none.",
                    fr="Écrire qu'une opportunité ouverte a toujours une prochaine étape datée, et qui "
                    "suit celles qui n'en ont pas.",
                ),
            ),
        )


def _asleep(rows: Rows, until: Int64, unit: str, some: tuple[Example, ...]) -> tuple[str, ...]:
    """Those of the longest silent cases that are asleep."""
    if unit not in rows.units:
        return ()
    row = rows.units.index(unit)
    return tuple(
        sorted(
            case
            for minus, case, stage, who, minute in some
            if (who, minute) not in rows.bursts and -minus > until[row, rows.stages.index(stage)]
        )
    )
