"""Rules that do nothing any more, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from crmusage.conformance import EndingsCompared
from crmusage.detectors._words import both, said
from crmusage.detectors.written._rule_not_kept_told import Expectation
from crmusage.model import Text, Wording

_FIGURES = {
    "win_rate": said(en="win rate", fr="taux de succès"),
    "fulfilled_share": said(en="share fulfilled", fr="part de demandes satisfaites"),
    "cycle": said(en="time to closing", fr="délai de clôture"),
}


def never(expectations: Sequence[Expectation], cases: int) -> Text:
    """That no case ever comes to it."""
    return both(
        lambda w: w.pick(
            f"No case ever comes to the {_called(w, expectations)}: none of {w.number(cases)} that it is for.",
            f"La situation que vise la {_called(w, expectations)} ne s'est présentée dans aucun des "
            f"{w.number(cases)} dossiers auxquels elle s'adresse.",
        )
    )


def unbroken(expectations: Sequence[Expectation]) -> Text:
    """That nobody ever breaks it, so that nothing can be compared."""

    def told(w: Wording) -> str:
        kept = w.number(min(one.whole.fulfilled for one in expectations))
        return w.pick(
            f"The {_called(w, expectations)} is kept without exception ({kept} times): perhaps the tool leaves no "
            "choice. Whether it still changes anything can only be seen by lifting it in a few units.",
            f"La {_called(w, expectations)} est respectée sans exception ({kept} fois) : peut-être l'outil ne "
            "laisse-t-il pas le choix. Pour savoir si elle change encore quelque chose, il faut la lever dans quelques "
            "unités.",
        )

    return both(told)


def wheels(expectations: Sequence[Expectation], compared: Sequence[EndingsCompared]) -> Text:
    """That everybody keeps it, and that it makes no difference."""

    def told(w: Wording) -> str:
        least = min(one.whole.fulfilled / one.whole.judged for one in expectations)
        alike = w.pick("; ", " ; ").join(_compared(w, one) for one in compared)
        broken = max(one.broken for one in compared)
        return w.pick(
            f"Everybody keeps the {_called(w, expectations)} ({w.value(least, 'share')}), and the closed cases in "
            f"which it was broken ({w.number(broken)}) ended like the others: {alike}.",
            f"Tout le monde respecte la {_called(w, expectations)} ({w.value(least, 'share')}), et les dossiers clos "
            f"où elle ne l'a pas été ({w.number(broken)}) se sont terminés comme les autres : {alike}.",
        )

    return both(told)


def reasoning(expectations: Sequence[Expectation], compared: Sequence[EndingsCompared]) -> Text:
    """Why, and what could make it wrong."""

    def told(w: Wording) -> str:
        asked = w.pick("; ", " ; ").join(w.of(one.whole.asks) for one in expectations)
        expects = w.pick(f"What the rule expects: {asked}.", f"Ce que la règle attend : {asked}.")
        if not compared:
            return expects + w.pick(
                " The data know everything that the rule names, so a case in point would have shown. A rule for what "
                "is rare and grave may still be worth its place: whoever owns it decides.",
                " Les données connaissent tout ce que la règle nomme : une application se serait vue. Une règle pour "
                "ce qui est rare et grave peut garder sa place : à son responsable d'en décider.",
            )
        return expects + w.pick(
            " Cases were compared within their unit. What is meant by alike is fixed in advance (5 points, a tenth of "
            "the time), and the whole 90% interval lies inside it; that no difference was found would not be enough. "
            "Those who break a rule may choose the cases in which it does no harm, and a rule may be there for the "
            "law or for others' work: the records do not tell.",
            " Les dossiers ont été comparés à unité égale. Ce qu'on entend par semblable est fixé d'avance (5 points, "
            "un dixième du délai), et tout l'intervalle à 90 % s'y trouve ; n'avoir rien vu ne suffirait pas. "
            "Qui enfreint une règle choisit peut-être les dossiers où cela ne nuit pas, et une règle peut exister pour "
            "la loi ou pour le travail des autres : les données ne le disent pas.",
        )

    return both(told)


def _compared(w: Wording, one: EndingsCompared) -> str:
    name = w.of(_FIGURES[one.figure])
    shares = one.figure != "cycle"
    low, high = (end * 100 if shares else math.expm1(end) * 100 for end in (one.low, one.high))
    unit = w.noun("point", high) if shares else "%"
    ends = f"{w.number(low, 1)} {w.pick('to', 'à')} {w.number(high, 1)}"
    return w.pick(
        f"{name} apart by {ends} {unit}".replace(" %", "%"),
        f"écart de {ends} {unit} pour le {name}"
        if one.figure != "fulfilled_share"
        else f"écart de {ends} {unit} pour la {name}",
    )


def _called(w: Wording, expectations: Sequence[Expectation]) -> str:
    row = expectations[0].whole
    if row.situation is None:
        return w.pick(f"rule {row.rule}", f"règle {row.rule}")
    return w.pick(f"rule {row.rule} (“{row.situation.en}”)", f"règle {row.rule} (« {row.situation.fr} »)")
