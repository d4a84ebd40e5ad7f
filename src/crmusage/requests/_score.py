from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Protocol

import attrs

from crmusage.model import Text, Wording
from crmusage.requests._kind import Fact

CLEAR_FROM = 0.6
"""The score from which a text will do. Guessed: all facts and nothing else reach it, words without facts do not."""
_WEIGHTS = {"facts": 0.6, "length": 0.2, "own_words": 0.2}
"""Guessed: what is asked for counts more than how it is said. Where nothing is asked for, the rest counts alone."""
ENOUGH_WORDS = 8
"""Words of one's own from which a text is long enough: who, what, for whom and by when hardly fit into fewer
(guessed)."""

_PHRASES = """
hello|hi|dear all|good morning|thanks|thank you|thanks in advance|many thanks|please|kind regards
best regards|regards|see attached|please find attached|see attachment|see above|see below|see email
see mail|as discussed|as agreed|as per our call|asap|as soon as possible|urgent|very urgent|fyi|to do
to be done|please handle|please process|please advise|done|ok|all done|fixed|solved|resolved|handled
processed|closed|completed|issue resolved|request processed|no comment
bonjour|bonsoir|salut|merci|merci d avance|par avance|svp|s il vous plait|s il te plait|cordialement
bien cordialement|cdt|bien a vous|voir pj|voir piece jointe|ci joint|en pj|voir ci dessus|voir ci dessous
voir mail|voir courriel|comme convenu|comme discute|comme vu ensemble|des que possible|au plus vite
urgence|tres urgent|pour info|pour information|a faire|a traiter|a voir|merci de traiter
merci de faire le necessaire|faire le necessaire|fait|c est fait|traite|demande traitee|regle|resolu
probleme resolu|clos|cloture|termine|ras|rien a signaler|sans commentaire|vu
"""
_BOILERPLATE = frozenset(
    tuple(phrase.split()) for line in _PHRASES.strip().splitlines() for phrase in line.split("|")
)
_LONGEST = max(map(len, _BOILERPLATE))
_WORD = re.compile(r"\w+")


@attrs.frozen
class Reason:
    """One part of a score: so many points of so many, and why."""

    code: str
    """facts, length, own_words; or whatever a scorer of your own says."""
    points: float
    out_of: float
    text: Text


@attrs.frozen
class Score:
    """How clear a text is, from 0 to 1, with the reasons that add up to it."""

    reasons: tuple[Reason, ...]
    missing: tuple[str, ...] = ()
    """The facts that are not there, by name."""

    @property
    def value(self) -> float:
        """The points of all reasons, as a share of what there was to have."""
        out_of = sum(reason.out_of for reason in self.reasons)
        return sum(reason.points for reason in self.reasons) / out_of if out_of else 0.0


class Scorer(Protocol):
    """Says how clear a text is. It has to be able to say why."""

    def __call__(self, text: str | None, facts: Mapping[str, object], needed: Sequence[Fact]) -> Score:
        """The score of a text and the fields that go with it, against the facts that are needed."""
        ...


def words_of(text: str | None) -> list[str]:
    """The words of a text, in small letters and without accents."""
    plain = unicodedata.normalize("NFKD", (text or "").casefold())
    return _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))


def without_phrases(words: Sequence[str]) -> list[str]:
    """The words that are left once set phrases are taken out, English and French ones."""
    own: list[str] = []
    k = 0
    while k < len(words):
        for n in range(min(_LONGEST, len(words) - k), 0, -1):
            if tuple(words[k : k + n]) in _BOILERPLATE:
                k += n
                break
        else:
            own.append(words[k])
            k += 1
    return own


def plain_score(text: str | None, facts: Mapping[str, object], needed: Sequence[Fact]) -> Score:
    """The score that is used where no other is given: facts, length, and how much is set phrases.

    It does not understand a word. A fact counts as said when its field is filled in with more than a placeholder,
    or when its pattern is found in the text.
    """
    words = words_of(text)
    own = len(without_phrases(words))
    reasons = []
    missing = tuple(fact for fact in needed if not fact.found_in(text, facts))
    if needed:
        weight = _WEIGHTS["facts"]
        points = weight * (len(needed) - len(missing)) / len(needed)
        reasons.append(Reason("facts", points, weight, _facts_told(missing, len(needed))))
    weight = _WEIGHTS["length"]
    reasons.append(Reason("length", weight * min(1.0, own / ENOUGH_WORDS), weight, _length_told(own)))
    weight = _WEIGHTS["own_words"]
    share = own / len(words) if words else 0.0
    reasons.append(Reason("own_words", weight * share, weight, _own_told(share, bool(words))))
    return Score(tuple(reasons), tuple(fact.name for fact in missing))


def _facts_told(missing: Sequence[Fact], needed: int) -> Text:
    if not missing:
        return Text("Every fact asked for is there.", "Toutes les informations attendues y sont.")
    en, fr = (", ".join(fact.text.into(lang) for fact in missing) for lang in ("en", "fr"))
    return Text(
        f"Missing, of {needed} asked for: {en}.",
        f"Il manque, sur {needed} attendues : {fr}.",
    )


def _length_told(own: int) -> Text:
    if own >= ENOUGH_WORDS:
        return Text("It is long enough.", "Le texte est assez long.")
    return Text(
        f"Words of its own: {own}, where {ENOUGH_WORDS} say enough.",
        f"Mots propres au cas : {own}, quand {ENOUGH_WORDS} suffisent.",
    )


def _own_told(share: float, said: bool) -> Text:
    if not said:
        return Text("There is no text.", "Il n'y a pas de texte.")
    return Text(
        f"Set phrases: {Wording('en').value(1 - share, 'share')} of it.",
        f"Formules toutes faites : {Wording('fr').value(1 - share, 'share')} du texte.",
    )
