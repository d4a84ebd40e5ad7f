from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.requests import Request, knowledge_bank
from crmusage.requests._bank import groups, telling_words
from crmusage.rules import Rulebook, Status

from .life import HOUR, MONDAY


def answered(number: int, text: str, *, kind: str = "password", asks: bool = False) -> Request:
    request = (
        Request(f"R-{number:02}").submit(MONDAY, by="ann", to="bob", text="x", kind=kind).deliver(MONDAY)
    )
    if asks:
        request = request.ask_clarification(MONDAY, "Which?").clarify(MONDAY, "That one.")
    return (
        request.accept(MONDAY)
        .decide_now(MONDAY)
        .start(MONDAY)
        .document(MONDAY + HOUR, text)
        .fulfil(MONDAY + HOUR)
    )


RESET = "Reset the password of the customer's portal account, asked them to sign in again"
OTHERS = [
    "Sent the price list of the spring collection",
    "Corrected the delivery address on the order",
    "Explained how returns are credited",
    "Moved the appointment of the technician",
]


def test_answers_that_come_again_and_again_are_candidates_with_the_cases_behind_them():
    resets = [answered(n, f"Hello, {RESET} on day {n}. Kind regards") for n in range(6)]
    others = [answered(10 + n, text) for n, text in enumerate(OTHERS)]
    bank = knowledge_bank([*others, *resets])
    (found,) = bank.candidates
    assert (found.kind, found.support, found.share) == ("password", 6, 0.6)
    assert found.requests == tuple(f"R-{n:02}" for n in range(6))
    assert {"reset", "password", "portal", "account"} <= set(found.words)
    assert not {"kind", "regards", "the", "3"} & set(found.words)
    assert (bank.answers, bank.too_short, bank.single) == (10, 0, 4)
    assert "6 answers of password (60%) tell of the same thing" in found.text.en
    assert "disent la même chose" in found.text.fr


def test_where_nobody_asks_back_a_machine_could_answer_and_else_a_rule_could_help():
    plain = knowledge_bank([answered(n, RESET) for n in range(5)]).candidates[0]
    asked = knowledge_bank([answered(n, RESET, asks=n < 2) for n in range(5)]).candidates[0]
    assert (plain.automation, asked.automation) == (True, False)
    assert "could be automated" in plain.text.en
    assert "For 2 of them the doer had to ask back" in asked.text.en


def test_a_candidate_becomes_a_draft_of_a_rule(tmp_path):
    (found,) = knowledge_bank([answered(n, RESET) for n in range(5)]).candidates
    rule = found.draft("password-reset", owner="support-lead")
    assert rule.status is Status.DRAFT
    Rulebook((rule,)).save(tmp_path)
    assert Rulebook.load(tmp_path)["password-reset"] == rule


def test_kinds_are_kept_apart_and_too_few_are_no_candidate():
    requests = [answered(n, RESET, kind="password" if n % 2 else "portal") for n in range(8)]
    assert knowledge_bank(requests).candidates == ()
    assert [c.support for c in knowledge_bank(requests, support=4).candidates] == [4, 4]


def test_answers_that_say_nothing_are_counted_apart():
    bank = knowledge_bank([answered(n, "Fait, merci") for n in range(9)])
    assert (bank.candidates, bank.answers, bank.too_short) == ((), 9, 9)


def test_open_declined_and_undocumented_requests_are_left_out():
    open_ = Request("R-1").submit(MONDAY, by="ann", to="bob", text="x").deliver(MONDAY).accept(MONDAY)
    done = open_.decide_now(MONDAY).start(MONDAY).fulfil(MONDAY)
    assert knowledge_bank([open_, done, open_.decline(MONDAY, RESET)]).answers == 0


def test_french_answers_are_told_apart_by_their_own_words():
    assert telling_words("Bonjour, l'adresse de livraison a été corrigée le 3 mars. Cordialement") == {
        "adresse", "livraison", "corrigee", "mars",
    }  # fmt: skip


@pytest.mark.parametrize("similar", [0, 1.1, -1])
def test_a_similarity_is_a_share(similar):
    with pytest.raises(ValueError, match="a share above 0"):
        knowledge_bank([], similar=similar)


SETS = st.lists(st.frozensets(st.sampled_from("abcdefgh"), min_size=1, max_size=6), max_size=14)


@given(SETS, st.sampled_from([0.2, 1 / 3, 0.5, 0.6, 0.8, 1.0]))
def test_no_pair_that_is_alike_is_missed(sets, similar):
    # Every pair tried, and what hangs together found by spreading from each.
    def alike(a: frozenset[str], b: frozenset[str]) -> bool:
        return len(a & b) / len(a | b) >= similar - 1e-9

    expected, left = [], set(range(len(sets)))
    while left:
        group, edge = set(), {min(left)}
        while edge:
            group |= edge
            edge = {k for k in left - group if any(alike(sets[k], sets[m]) for m in edge)}
        expected.append(sorted(group))
        left -= group
    assert groups(sets, similar) == sorted(expected)


@given(st.permutations(range(8)))
def test_the_order_of_the_requests_changes_nothing(order):
    requests = [answered(n, RESET if n < 5 else OTHERS[n - 5]) for n in range(8)]
    assert knowledge_bank([requests[k] for k in order]) == knowledge_bank(requests)
