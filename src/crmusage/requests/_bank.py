"""What was written down, request by request, as knowledge: what comes again and again could become a rule."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import attrs

from crmusage.model import Text, Wording
from crmusage.requests._request import Request
from crmusage.requests._score import without_phrases, words_of
from crmusage.requests._state import Command
from crmusage.requests._steps import steps
from crmusage.rules import Status, UsageRule

SIMILAR = 0.5
"""The share of words in common from which two answers tell of the same thing. Guessed; raise it where answers are long
and alike."""
SUPPORT = 5
"""Requests from which an answer comes again and again (guessed)."""
FEWEST_WORDS = 3
"""An answer with fewer words of its own cannot be told from another."""
_COMMON = 0.8
"""A word stands for a group if it is in so many of its answers (guessed)."""
_ASKED_BACK = 0.1
"""Where the doer asks back more often, somebody has to think: no automation (guessed)."""
_SHOWN = 8

_STOP = frozenset(
    words_of(
        """a an and are as at be been by for from had has have he in is it its of on or our she that the their they
        this to was we were will with you your i not no
        à ai au aux avec c ce ces cet cette d dans de des du elle en est et était été il ils j je l la le les leur lui
        m ma mais me mes n ne nos notre nous ont ou par pas pour qu que qui s sa se ses son sont sur t un une vos votre
        vous y"""
    )
)


@attrs.frozen
class Candidate:
    """Answers of one kind of request that come again and again."""

    kind: str | None
    support: int
    """How many requests."""
    share: float
    """Of all answers of the kind."""
    requests: tuple[str, ...]
    """Their ids, all of them, in order."""
    words: tuple[str, ...]
    """What most of the answers have in common, the words of most of them first."""
    automation: bool
    """Nobody had to ask back for nearly all of them: a machine could answer. Else it is one for a business rule."""
    text: Text

    def draft(self, rule_id: str, *, owner: str | None = None) -> UsageRule:
        """A draft of a business rule for them, to be written out by somebody who knows the trade.

        Raises:
            RuleError: when `rule_id` is no id of a rule.
        """
        words = ", ".join(self.words)
        situation = Text(f"A request about: {words}", f"Une demande qui porte sur : {words}")
        return UsageRule(
            rule_id, situation, status=Status.DRAFT, kind="request", owner=owner, guidance=self.text
        )


@attrs.frozen
class KnowledgeBank:
    """What the answers of many requests have in common."""

    candidates: tuple[Candidate, ...]
    """Those with the most requests first."""
    answers: int
    """How many requests were looked at: fulfilled, and written down."""
    too_short: int
    """Of these, answers with too few words of their own to be told apart."""
    single: int
    """Of these, answers that do not come often enough."""


def knowledge_bank(
    requests: Iterable[Request], *, similar: float = SIMILAR, support: int = SUPPORT
) -> KnowledgeBank:
    """Find answers that come again and again, by kind of request.

    Two answers are alike when the words in common are at least `similar` of the words in either (Jaccard), numbers and
    set phrases left out; a group is what hangs together by such pairs. Nothing is learnt and nothing is random: the
    same requests in any order give the same groups.

    Args:
        requests: any; those that are not fulfilled or not documented are left out.
        similar: from 0 (not included) to 1.
        support: how many requests make a candidate.

    Raises:
        ValueError: when `similar` is not such a share.
    """
    if not 0 < similar <= 1:
        raise ValueError(f"similar is a share above 0 and up to 1, not {similar}")
    by_kind: dict[str | None, list[tuple[Request, frozenset[str]]]] = defaultdict(list)
    answers = too_short = 0
    for request in sorted(requests, key=lambda request: request.id):
        if request.outcome != "fulfilled" or not request.answer:
            continue
        answers += 1
        words = telling_words(request.answer)
        if len(words) < FEWEST_WORDS:
            too_short += 1
        else:
            by_kind[request.kind].append((request, words))
    found: list[Candidate] = []
    for kind, those in by_kind.items():
        alike = groups([words for _, words in those], similar)
        found += [
            _candidate(kind, [those[k] for k in group], len(those))
            for group in alike
            if len(group) >= support
        ]
    found.sort(key=lambda c: (-c.support, c.kind or "", c.requests))
    told = sum(candidate.support for candidate in found)
    return KnowledgeBank(tuple(found), answers, too_short, answers - too_short - told)


def telling_words(text: str) -> frozenset[str]:
    """The words of a text that tell one matter from another: no set phrases, no little words, no numbers."""
    words = without_phrases(words_of(text))
    return frozenset(word for word in words if word not in _STOP and not any(c.isdigit() for c in word))


def groups(sets: Sequence[frozenset[str]], similar: float) -> list[list[int]]:
    """The positions of sets that hang together by pairs with a Jaccard index of at least `similar`, all pairs tried.

    Only sets that share one of their rarest words are compared: two sets that are alike always do (the prefix filter of
    Chaudhuri, Ganti and Kaushik 2006), so none is missed.
    """
    counts = Counter(word for words in sets for word in words)
    home: dict[frozenset[str], int] = {}
    parents = list(range(len(sets)))

    def root(k: int) -> int:
        while parents[k] != k:
            parents[k] = parents[parents[k]]
            k = parents[k]
        return k

    index: dict[str, list[int]] = defaultdict(list)
    for k, words in enumerate(sets):
        first = home.setdefault(words, k)
        if first != k:
            parents[root(k)] = root(first)
            continue
        rarest = sorted(words, key=lambda word: (counts[word], word))
        # So many words at least are in common, however large the other set is; one of them is among the rest.
        common = math.ceil(similar * len(words) - 1e-9)
        seen: set[int] = set()
        for word in rarest[: len(words) - common + 1]:
            for other in index[word]:
                if other not in seen:
                    seen.add(other)
                    both = len(words & sets[other])
                    if both >= similar * (len(words) + len(sets[other]) - both) - 1e-9:
                        parents[root(k)] = root(other)
            index[word].append(k)
    members: dict[int, list[int]] = defaultdict(list)
    for k in range(len(sets)):
        members[root(k)].append(k)
    return sorted(members.values())


def _candidate(kind: str | None, those: list[tuple[Request, frozenset[str]]], all_: int) -> Candidate:
    n = len(those)
    counts = Counter(word for _, words in those for word in words)
    common = sorted(
        (word for word, count in counts.items() if count >= _COMMON * n), key=lambda w: (-counts[w], w)
    )
    words = tuple(
        common or [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    )[:_SHOWN]
    asked = sum(
        any(step.command is Command.ASK_CLARIFICATION for step in steps(request)) for request, _ in those
    )
    automation = asked <= _ASKED_BACK * n
    en, fr = (
        _told(kind, n, n / all_, words, asked, automation=automation, w=Wording(lang))
        for lang in ("en", "fr")
    )
    ids = tuple(request.id for request, _ in those)
    return Candidate(kind, n, n / all_, ids, words, automation, Text(en, fr))


def _told(
    kind: str | None, n: int, share: float, words: Sequence[str], asked: int, *, automation: bool, w: Wording
) -> str:
    of = "" if kind is None else w.pick(f" of {kind}", f" ({kind})")
    told = w.pick(
        f"{w.number(n)} answers{of} ({w.value(share, 'share')}) tell of the same thing: {', '.join(words)}.",
        f"{w.number(n)} réponses{of}, soit {w.value(share, 'share')}, disent la même chose : {', '.join(words)}.",
    )
    if automation:
        return told + w.pick(
            " Hardly anybody had to ask back: this could be automated.",
            " Presque jamais de demande de précisions : cela peut s'automatiser.",
        )
    return told + w.pick(
        f" For {w.number(asked)} of them the doer had to ask back: a business rule could say what to look at.",
        f" Dans {w.number(asked)} cas, il a fallu demander des précisions : une règle de gestion dirait quoi regarder.",
    )
