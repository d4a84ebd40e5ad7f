from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Needs
from crmusage.detectors._deals import Int64, actors, numbers
from crmusage.detectors._words import both, said
from crmusage.detectors.workarounds._acts_by_hand import DAY
from crmusage.detectors.workarounds._pattern import Pattern
from crmusage.detectors.workarounds._values import SHORTEST, Values, log_steps, tally_values
from crmusage.history import NEVER, History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

# What a case is called that ended otherwise than the contract knows.
CLOSED = "closed"


@attrs.frozen
class RushedCase(Pattern):
    """Cases that are over far sooner than usual in the unit."""

    code: ClassVar[str] = "CU708"
    name: ClassVar[str] = "rushed-case"
    title: ClassVar[Text] = said(
        en="Cases that are over almost as soon as they begin", fr="Des dossiers finis à peine commencés"
    )
    short: ClassVar[Text] = said(en="cases over at once", fr="dossiers finis à peine commencés")
    measure: ClassVar[str] = "case_rushed"
    label: ClassVar[Text] = said(
        en="cases that were over unusually soon", fr="dossiers clos anormalement vite"
    )
    things: ClassVar[Text] = said(en="closed cases of one outcome", fr="dossiers clos de même issue")
    about: ClassVar[Text] = said(
        en="A case that is entered and closed within minutes, among others that take weeks, was entered for the "
        "record: the work was done elsewhere, or never. Closed cases are taken by their outcome, from creation to "
        "closing. Those that are far shorter than the middle case of that unit (or of its month, in a campaign) "
        "count (3.5 robust standard deviations of logarithms, since durations are skewed). A unit is named when "
        "this share is far above that of its peers (over-dispersed funnel, Benjamini-Hochberg over the units, "
        "each with its most telling outcome, for which it pays as many times as outcomes were tried), by at least "
        "5 points and twice as much, with at least 30 cases, by three people or more. A small team that is fast "
        "in all its cases has another middle, and is not named; a unit in which most cases are born won is found "
        "by CU112. Cases loaded in a burst, imports and merges are left out first. It is the case duration of the "
        "SWORD patterns of van der Waal et al. (2024); what takes too long is left to other detectors (CU104, "
        "CU121).",
        fr="Un dossier créé et clos en quelques minutes, parmi d'autres qui prennent des semaines, a été saisi pour "
        "mémoire : le travail a été fait ailleurs, ou jamais. Les dossiers clos sont pris par issue, de la "
        "création à la clôture. Comptent ceux qui sont bien plus courts que le dossier médian de cette unité (ou "
        "de son mois, en cas de campagne) (3,5 écarts-types robustes des logarithmes, car les durées sont "
        "dissymétriques). Une unité est signalée lorsque cette part dépasse nettement celle de ses pairs "
        "(entonnoir avec surdispersion, Benjamini-Hochberg sur les unités, chacune avec son issue la plus "
        "parlante, compte tenu du nombre d'issues essayées), d'au moins 5 points et du double, sur au moins 30 "
        "dossiers, du fait d'au moins trois personnes. Une petite équipe rapide dans tous ses dossiers a une "
        "médiane plus basse et n'est pas signalée ; une unité dont la plupart des dossiers naissent gagnés relève de "
        "CU112. Sont d'abord écartés les dossiers chargés en rafale, les importations et les fusions. C'est la durée "
        "du dossier parmi les motifs SWORD de van der Waal et al. (2024) ; ce qui dure trop relève d'autres "
        "détecteurs (CU104, CU121).",
    )
    needs: ClassVar[Needs] = Needs({"cases": ("closed_at", "unit")})
    upwards: ClassVar[bool] = False
    # Ten times as fast as the others may be an honest trade. Guessed.
    widest: ClassVar[float] = 2.3

    def tally(self, part: History) -> Values:
        """How long the closed cases of a part took."""
        index = part.index
        case = np.flatnonzero((index.closed != NEVER) & (index.closed <= index.as_of))
        span = np.maximum(index.closed[case] - index.created[case], 0)
        outcomes = part.cases["outcome"].gather(case).fill_null(CLOSED)
        labels = outcomes.unique().sort().to_list()
        code = outcomes.rank("dense").to_numpy().astype(np.int64) - 1 if len(case) else case
        return tally_values(
            part,
            case=case,
            unit=index.case_unit[case],
            month=months_of(index.created[case]),
            of=(code, labels),
            value=log_steps(span / 1e6, least=SHORTEST),
            reason=guard.of_cases(part)[case],
            upwards=self.upwards,
            person=_closers(part, case),
            loaded=span < DAY,
        )

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        what = self.in_what(w, seen)
        return w.pick(
            f"{seen.unit}: {seen.value(w)} of the cases that ended as {what}{seen.since(w)} "
            f"({w.number(seen.hits)} of {w.number(seen.n)}) were over far sooner than the middle one of the unit; "
            f"among its peers {seen.usual(w)} were.",
            f"{seen.unit} : {seen.value(w)} des dossiers finis en {what}{seen.since(w)} ({w.number(seen.hits)} sur "
            f"{w.number(seen.n)}) ont été clos bien plus vite que le dossier médian de l'unité, contre "
            f"{seen.usual(w)} chez ses pairs.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: two kinds of business in one unit, of which one is quick by nature, or "
            "duplicates that are rightly closed at once. Look at some of the cases together with the unit.",
            "Ce qui pourrait l'infirmer : deux métiers dans la même unité, dont l'un est rapide par nature, ou des "
            "doublons clos à juste titre aussitôt. Regardez quelques dossiers avec l'unité.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                both(
                    lambda w: w.pick(
                        f"Agree with {unit} on when a case is entered, and on what need not be entered at all.",
                        f"Convenir avec {unit} du moment où un dossier est saisi, et de ce qui n'a pas à l'être.",
                    )
                ),
            ),
        )


def _closers(part: History, case: Int64) -> Int64:
    """A number for who did the last thing in each case, or owns it; 0: nobody knows."""
    index = part.index
    by = numbers(part.cases["owner"].gather(case))
    some = np.flatnonzero(np.diff(index.offsets)[case] > 0)
    last = index.offsets[case[some] + 1] - 1
    actor = actors(part)[last]
    by[some] = np.where(actor != 0, actor, by[some])
    return by
