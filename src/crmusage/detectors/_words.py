"""Turns of phrase that detectors share, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from crmusage.metrics import FEWEST_PEERS
from crmusage.model import Text, Wording


def both(say: Callable[[Wording], str]) -> Text:
    """The same sentence in both languages: `say` writes it with the figures and words of one."""
    return Text(en=say(Wording("en")), fr=say(Wording("fr")))


def said(en: str, fr: str) -> Text:
    """A sentence in both languages, its quotes and spaces set as print sets them."""
    return both(lambda w: w.pick(en, fr))


@attrs.frozen
class Agreeing(Text):
    """What is said of several things, and of one where a language writes that otherwise."""

    of_one: Text


def agreeing(en: str, one: str, many: str) -> Agreeing:
    """Words that stay the same in English and agree in French, as participles do."""
    several = said(en, many)
    return Agreeing(several.en, several.fr, said(en, one))


_LEFT_OUT: Mapping[str, Text] = {
    "import": agreeing("imported", "importée", "importées"),
    "merge": agreeing(
        "merged from another record", "issue d'une fusion de fiches", "issues d'une fusion de fiches"
    ),
    "cascade": agreeing(
        "made by another change",
        "créée par ricochet d'une autre modification",
        "créées par ricochet d'une autre modification",
    ),
    "machine": agreeing("made by a program", "créée par un automate", "créées par un automate"),
    "burst": agreeing("entered in a burst", "saisie en rafale", "saisies en rafale"),
    "deleted": agreeing("deleted", "supprimée", "supprimées"),
}


def left_out(w: Wording, out: Mapping[str, int], words: Mapping[str, Text] = _LEFT_OUT) -> str:
    """`46 (40 entered in a burst, 6 imported)`, or `none`; `words` tells each reason."""
    if not out:
        return w.pick("none", "aucune")
    most_first = sorted(out.items(), key=lambda item: (-item[1], item[0]))
    if len(most_first) == 1:
        reason, n = most_first[0]
        return f"{w.number(n)} ({_of(w, words[reason], n)})"
    parts = ", ".join(f"{w.number(n)} {_of(w, words[reason], n)}" for reason, n in most_first)
    return f"{w.number(sum(out.values()))} ({parts})"


def _of(w: Wording, text: Text, n: int) -> str:
    return w.agree(n, w.of(text.of_one), w.of(text)) if isinstance(text, Agreeing) else w.of(text)


NO_UNIT = said("no opportunity belongs to a unit", "aucune opportunité n'est rattachée à une unité")
"""Why nothing can be judged at all."""

TOO_FEW_PEERS = said(
    f"fewer than {FEWEST_PEERS} other units with enough cases: there is no norm to hold it against",
    f"moins de {FEWEST_PEERS} autres unités avec assez de dossiers : aucune norme à laquelle la comparer",
)
"""Why a unit cannot be held against its peers."""


def too_few(decided: int, fewest: int) -> Text:
    """Why nothing is said of a unit that has decided so few opportunities."""
    return both(
        lambda w: w.pick(
            f"only {w.count(decided, 'opportunity')} won or lost; {fewest} are needed",
            f"{w.count(decided, 'opportunity')} "
            f"{w.agree(decided, 'gagnée ou perdue', 'gagnées ou perdues')} seulement ; il en faut {fewest}",
        )
    )
