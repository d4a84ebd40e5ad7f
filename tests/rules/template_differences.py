"""Where MINERful's statements of the templates and ours differ, with the reason and what would agree.

Each is shown by the shortest trace that tells them apart (of several, the first in the order of the alphabet).
"""

from __future__ import annotations

import attrs

FORMULAS = "MINERful-discoverable-constraints--LTLf-expressions"
PATTERNS = "MINERful-discoverable-constraints--regular-expressions"
NEGATED_FORMULAS = "MINERful-negative-constraints--LTLf-expressions"
NEGATED_PATTERNS = "MINERful-negative-constraints--regular-expressions"


@attrs.frozen
class Difference:
    """Between one statement and our reading of the same template."""

    name: str
    trace: str
    we_keep: bool
    """Whether it is kept in our reading (and broken in theirs), or the other way round."""
    reason: str
    instead: str
    """The statement as it would have to be to say what we say."""


NO_EVENTS = (
    "a case without events neither begins nor ends with anything: we say it keeps neither init nor end"
)
WEAK_NEXT = "X asks that there be a next event; here nothing following is as good (N: next, if there is one)"
WEAK_PAST = (
    "X and Y ask that there be an event after and before; here none is as good as the wrong one (N, Z)"
)
SWAPPED = (
    "it is stated for the other order, b before a; all other statements with two activities are for (a, b)"
)
HISTORICALLY = "H asks that every event before be a b; that one of them is (O) is enough to break it"
NOT_SEEN = "it says that no b comes at all; an a that comes before the b breaks alternation too"
OTHER_TEMPLATE = "it is the opposite of Succession, not of NotSuccession"
MISPLACED = "a parenthesis stands too far to the right, so that the past is looked at from the next event"
INCOMPLETE = (
    "it does not match all traces that break the template: their own positive statement rejects this one"
)
TOO_MUCH = "it matches traces that keep the template: their own positive statement accepts this one"

DIFFERENCES: dict[str, tuple[Difference, ...]] = {
    FORMULAS: (
        Difference("End(a)", "", False, NO_EVENTS, "F(a) & G(F(a))"),
        Difference("AtMost1(a)", "a", True, WEAK_NEXT, "G(a -> N(G(!a)))"),
        Difference("AtMost2(a)", "a", True, WEAK_NEXT, "G(a -> N(G(a -> N(G(!a)))))"),
        Difference("AtMost3(a)", "a", True, WEAK_NEXT, "G(a -> N(G(a -> N(G(a -> N(G(!a)))))))"),
        Difference("NotChainSuccession(a, b)", "ab", False, SWAPPED, "G((a -> !X(b)) & (b -> !Y(a)))"),
        Difference("NotSuccession(a, b)", "b", True, SWAPPED, "G((a -> N(G(!b))) & (b -> Z(H(!a))))"),
        Difference("NotPrecedence(b, a)", "aba", False, HISTORICALLY, "G(a -> !Y(O(b)))"),
    ),
    PATTERNS: (
        Difference(
            "NotChainSuccession(a, b)", "ab", False, SWAPPED, "[^a]*([a][a]*[^ab][^a]*)*([^a]*|[a]*)"
        ),
        Difference("NotSuccession(a, b)", "ab", False, SWAPPED, "[^a]*([a][^b]*)*[^ab]*"),
    ),
    NEGATED_FORMULAS: (
        Difference("AtLeast2(a)", "a", False, WEAK_NEXT, "G(a -> N(G(!a)))"),
        Difference("AtLeast3(a)", "a", False, WEAK_NEXT, "G(a -> N(G(a -> N(G(!a)))))"),
        Difference("NotRespondedExistence(a, b)", "ba", False, MISPLACED, "F(a & (X(F(b)) | Y(O(b))))"),
        Difference(
            "AlternateSuccession(a, b)", "a", False, NOT_SEEN, "F(a & !X(!a U b)) | F(b & !Y(!b S a))"
        ),
        Difference("AlternateResponse(a, b)", "a", False, NOT_SEEN, "F(a & !X(!a U b))"),
        Difference("AlternatePrecedence(b, a)", "a", False, NOT_SEEN, "F(a & !Y(!a S b))"),
        Difference("Response(a, b)", "a", False, WEAK_NEXT, "F(a & N(G(!b)))"),
        Difference("Succession(a, b)", "a", False, WEAK_PAST, "F(a & N(G(!b))) | F(b & Z(H(!a)))"),
        Difference("Precedence(b, a)", "a", False, WEAK_PAST, "F(a & Z(H(!b)))"),
        Difference("RespondedExistence(a, b)", "a", False, WEAK_PAST, "F(a & (N(G(!b)) & Z(H(!b))))"),
        Difference(
            "CoExistence(a, b)",
            "a",
            False,
            WEAK_PAST,
            "F((a & (N(G(!b)) & Z(H(!b)))) | (b & (N(G(!a)) & Z(H(!a)))))",
        ),
        Difference("NotSuccession(a, b)", "b", True, OTHER_TEMPLATE, "F(a & X(F(b))) | F(b & Y(O(a)))"),
        Difference("NotPrecedence(b, a)", "aba", False, HISTORICALLY, "F(a & Y(O(b)))"),
    ),
    NEGATED_PATTERNS: (
        Difference("Init(a)", "", False, NO_EVENTS, "([^a].*)?"),
        Difference("End(a)", "", False, NO_EVENTS, "(.*[^a])?"),
        Difference("Response(a, b)", "aba", False, INCOMPLETE, ".*[a][^b]*"),
        Difference("Precedence(b, a)", "aba", False, INCOMPLETE, "[^b]*[a].*"),
        Difference("Succession(a, b)", "aba", False, INCOMPLETE, "(.*[a][^b]*)|([^a]*[b].*)"),
        Difference("RespondedExistence(a, b)", "", True, TOO_MUCH, "[^b]*[a][^b]*"),
        Difference("AlternateResponse(a, b)", "aba", False, INCOMPLETE, ".*[a][^ab]*([a].*)?"),
        Difference("AlternatePrecedence(b, a)", "aba", False, INCOMPLETE, "(.*[a])?[^ab]*[a].*"),
        Difference("AlternateSuccession(a, b)", "aba", False, INCOMPLETE, "(.*[a][^ab]*([a].*)?)|((.*[b])?[^ab]*[b].*)"),
        Difference("ChainResponse(a, b)", "aba", False, INCOMPLETE, ".*[a]([^b].*)?"),
        Difference("ChainPrecedence(b, a)", "aba", False, INCOMPLETE, "(.*[^b])?[a].*"),
        Difference("ChainSuccession(a, b)", "aba", False, INCOMPLETE, "(.*[a]([^b].*)?)|((.*[^a])?[b].*)"),
        Difference("NotResponse(a, b)", "aba", False, INCOMPLETE, ".*[a].*[b].*"),
        Difference("NotPrecedence(b, a)", "aba", False, INCOMPLETE, ".*[b].*[a].*"),
        Difference("NotSuccession(a, b)", "abb", False, INCOMPLETE, ".*[a].*[b].*"),
        Difference("NotChainResponse(a, b)", "aab", False, INCOMPLETE, ".*[a][b].*"),
        Difference("NotChainPrecedence(b, a)", "aba", False, INCOMPLETE, ".*[b][a].*"),
        Difference("NotChainSuccession(a, b)", "aabb", False, INCOMPLETE, ".*[a][b].*"),
    ),
}  # fmt: skip
