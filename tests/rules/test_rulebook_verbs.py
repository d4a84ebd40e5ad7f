"""What can be done with a rule, and what cannot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.errors import BookError, RuleError
from crmusage.model import Proposal, Text, Verb
from crmusage.rules import (
    AppliesTo,
    Change,
    Communication,
    Constraint,
    Duration,
    Move,
    Review,
    Rulebook,
    Situation,
    Status,
    UsageRule,
    diff,
)

ASKED = Text("The customer asks for a second offer", "Le client demande une deuxième offre")
RULE = UsageRule(
    "second-offer", ASKED, expect=(Constraint("response", "quote_sent", "call"),), owner="sales-ops"
)
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
BY = {"who": "ana", "why": "asked twice this week", "at": NOON}


class Discovered:
    """As the discovery of usages gives them."""

    def as_rule(self) -> UsageRule:
        return attrs.evolve(RULE, status=Status.OBSERVED)


def book_with(status: Status) -> Rulebook:
    return Rulebook([attrs.evolve(RULE, status=status)])


def done(book: Rulebook, move: Move) -> Rulebook:
    match move:
        case Move.PROPOSE:
            return book.propose(RULE, **BY)
        case Move.OBSERVE:
            return book.observe(Discovered(), **BY)
        case Move.ADOPT:
            return book.adopt(RULE.id, **BY)
        case Move.FORBID:
            return book.forbid(RULE.id, **BY)
        case Move.RETIRE:
            return book.retire(RULE.id, **BY)
        case Move.REVIEW:
            return book.review(RULE.id, **BY)
        case Move.REVIEW:
            return book.review(RULE.id, **BY)
        case Move.AMEND:
            return book.amend(RULE.id, kind=f"other than {book[RULE.id].kind}", **BY)


def test_a_proposed_rule_binds_nobody() -> None:
    book = Rulebook().propose(RULE, **BY)

    assert book[RULE.id].status is Status.DRAFT
    assert book.active == ()


def test_a_rulebook_is_a_value_that_no_verb_changes() -> None:
    before = Rulebook()

    after = before.propose(RULE, **BY)

    assert (len(before), len(after)) == (0, 1)


def test_a_change_tells_who_when_and_why() -> None:
    book = (
        Rulebook()
        .propose(RULE, **BY)
        .adopt(RULE.id, who="ben", why="the team agrees", at=dt.date(2026, 4, 1))
    )

    assert book[RULE.id].history == (
        Change(1, "propose", NOON, "ana", "asked twice this week"),
        Change(2, "adopt", dt.datetime(2026, 4, 1, tzinfo=dt.UTC), "ben", "the team agrees"),
    )
    assert book[RULE.id].since == dt.datetime(2026, 4, 1, tzinfo=dt.UTC)


def test_without_a_time_a_change_is_made_now() -> None:
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)

    change = Rulebook().propose(RULE, who="ana", why="asked").rules[0].history[0]

    assert before <= change.at <= dt.datetime.now(dt.UTC)


def test_a_rule_from_elsewhere_does_not_say_since_when_it_is_as_it_is() -> None:
    assert RULE.since is None


@pytest.mark.parametrize(
    ("status", "may"),
    [
        (Status.DRAFT, {Move.REVIEW, Move.AMEND, Move.ADOPT, Move.FORBID, Move.RETIRE}),
        (Status.OBSERVED, {Move.OBSERVE, Move.REVIEW, Move.AMEND, Move.ADOPT, Move.FORBID, Move.RETIRE}),
        (Status.ACTIVE, {Move.REVIEW, Move.AMEND, Move.FORBID, Move.RETIRE}),
        (Status.FORBIDDEN, {Move.REVIEW, Move.AMEND, Move.RETIRE}),
        (Status.RETIRED, {Move.PROPOSE, Move.OBSERVE}),
    ],
)
def test_what_may_be_done_with_a_rule_hangs_on_where_it_stands(status: Status, may: set[Move]) -> None:
    allowed = set()
    for move in Move:
        try:
            done(book_with(status), move)
            allowed.add(move)
        except RuleError as error:
            said = str(error)
            assert f"cannot {move} 'second-offer': it is {status} (version 1)" in said
            assert all(str(one) in said.partition("what may be done with it: ")[2] for one in may)
    assert allowed == may


def test_a_refusal_tells_since_when_and_by_whom_it_stands_there() -> None:
    book = Rulebook().adopt(RULE, **BY).retire(RULE.id, who="ben", why="no longer sold", at=NOON)

    with pytest.raises(RuleError) as caught:
        book.adopt(RULE.id, **BY)

    assert str(caught.value) == (
        "cannot adopt 'second-offer': it is retired (version 2 since 2026-03-02, by ben); "
        "what may be done with it: propose or observe"
    )


def test_each_verb_leads_where_its_name_says() -> None:
    stands = {
        move: done(book_with(start), move)[RULE.id].status
        for move, start in {
            Move.PROPOSE: Status.RETIRED,
            Move.OBSERVE: Status.RETIRED,
            Move.ADOPT: Status.DRAFT,
            Move.FORBID: Status.OBSERVED,
            Move.RETIRE: Status.ACTIVE,
            Move.AMEND: Status.ACTIVE,
            Move.REVIEW: Status.FORBIDDEN,
        }.items()
    }

    assert stands == {
        Move.PROPOSE: Status.DRAFT,
        Move.OBSERVE: Status.OBSERVED,
        Move.ADOPT: Status.ACTIVE,
        Move.FORBID: Status.FORBIDDEN,
        Move.RETIRE: Status.RETIRED,
        Move.AMEND: Status.ACTIVE,
        Move.REVIEW: Status.FORBIDDEN,
    }


def test_a_review_that_leaves_a_rule_as_it_is_is_remembered_and_troubles_nobody() -> None:
    before = Rulebook().adopt(RULE, **BY)

    after = before.review(RULE.id, who="ben", why="still fits", at=dt.date(2026, 9, 1))

    assert diff(before, after) == ()
    assert after[RULE.id].version == before[RULE.id].version
    assert after[RULE.id].history[-1] == Change(1, "review", dt.date(2026, 9, 1), "ben", "still fits")


def test_a_discovered_usage_is_adopted_as_it_is_with_an_owner() -> None:
    book = Rulebook().adopt(Discovered(), owner="ana", **BY)

    assert book[RULE.id].status is Status.ACTIVE
    assert book[RULE.id].owner == "ana"
    assert [change.verb for change in book[RULE.id].history] == [Move.ADOPT]


def test_an_observed_usage_of_the_book_is_adopted_by_the_value_that_was_discovered() -> None:
    book = Rulebook().observe(Discovered(), **BY).adopt(Discovered(), **BY)

    assert [change.verb for change in book[RULE.id].history] == [Move.OBSERVE, Move.ADOPT]


def test_what_the_book_has_made_of_a_usage_is_not_overwritten_by_adopting_what_was_discovered() -> None:
    book = Rulebook().observe(Discovered(), **BY).amend(RULE.id, kind="opportunity", **BY)

    with pytest.raises(RuleError, match=r"has another rule of that id \(observed, version 2\)"):
        book.adopt(Discovered(), **BY)


def test_a_usage_that_is_observed_again_keeps_what_people_added_to_it() -> None:
    guidance = Text("Call first", "Appelez d'abord")
    book = Rulebook().observe(Discovered(), **BY).amend(RULE.id, guidance=guidance, **BY)
    seen = attrs.evolve(RULE, expect=(Constraint("response", "quote_sent", "email"),))

    again = book.observe(seen, **BY)[RULE.id]

    assert (again.guidance, again.expect, again.version) == (guidance, seen.expect, 3)


def test_a_retired_rule_that_is_proposed_again_keeps_its_past() -> None:
    book = Rulebook().adopt(RULE, **BY).retire(RULE.id, **BY)

    again = book.propose(attrs.evolve(RULE, kind="request"), **BY)[RULE.id]

    assert (again.version, again.kind, len(again.history)) == (3, "request", 3)


@pytest.mark.parametrize(
    "change",
    [
        {"guidance": Text("a", "b")},
        {"situation": Text("a", "b")},
        {"kind": "request"},
        {"zone": "Europe/Paris"},
        {"applies_to": AppliesTo(unit=("north",))},
        {"expect": ()},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_people_must_be_told_again_is_a_new_version(change: dict[str, object]) -> None:
    assert Rulebook([RULE]).amend(RULE.id, **change, **BY)[RULE.id].version == 2


@pytest.mark.parametrize(
    "change",
    [
        {"owner": "ben"},
        {"review": Review("FREQ=YEARLY")},
        {"communication": Communication({"unit": ("north",)})},
        {"situation": Situation(ASKED.en, ASKED.fr, "offers")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_how_a_rule_is_looked_after_is_recorded_and_no_new_version(change: dict[str, object]) -> None:
    rule = Rulebook([RULE]).amend(RULE.id, **change, **BY)[RULE.id]

    assert rule.version == 1
    assert len(rule.history) == 1
    assert rule.history[0].what is not None


def test_a_review_that_finds_all_well_is_recorded_and_no_new_version() -> None:
    rule = Rulebook([RULE]).review(RULE.id, **BY)[RULE.id]

    assert rule == attrs.evolve(RULE, history=(Change(1, Move.REVIEW, NOON, "ana", "asked twice this week"),))


@pytest.mark.parametrize("move", Move)
def test_each_entry_of_a_history_can_be_told(move: Move) -> None:
    told = Change(1, move, NOON, "ana", "Asked twice.").text

    assert told.en.replace("\N{NO-BREAK SPACE}", " ").endswith(" by ana on 2 March 2026: Asked twice.")
    assert told.fr.replace("\N{NO-BREAK SPACE}", " ").endswith(" par ana le 2 mars 2026 : Asked twice.")


def test_whether_a_rule_holds_is_told_again() -> None:
    book = Rulebook().propose(RULE, **BY).adopt(RULE.id, **BY).retire(RULE.id, **BY)

    assert [change.version for change in book[RULE.id].history] == [1, 2, 3]


def test_the_history_tells_what_is_different_in_words() -> None:
    book = Rulebook([attrs.evolve(RULE, expect=(attrs.evolve(RULE.expect[0], within=Duration(days=4)),))])

    shorter = attrs.evolve(RULE.expect[0], within=Duration(days=2))
    change = book.amend(RULE.id, expect=[shorter], **BY)[RULE.id].history[-1]

    assert change.what == Text(
        "After 'quote_sent', 'call' follows: from now on within 2 days instead of 4.",
        "Après « quote_sent » vient « call » : désormais dans un délai de 2 jours au lieu de 4.",
    )


def test_an_amendment_that_changes_nothing_is_refused() -> None:
    with pytest.raises(RuleError, match="nothing would change"):
        Rulebook([RULE]).amend(RULE.id, owner="sales-ops", **BY)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("guidnce", "did you mean guidance?"),
        ("zzz", "there are situation, kind"),
        ("status", "is not amended by hand: adopt, forbid, retire"),
        ("version", "is not amended by hand"),
        ("id", "is not amended by hand"),
    ],
)
def test_only_what_a_rule_says_is_amended(name: str, says: str) -> None:
    with pytest.raises(RuleError, match=says.replace("?", r"\?")):
        Rulebook([RULE]).amend(RULE.id, **{name: "x"}, **BY)


@pytest.mark.parametrize("verb", ["adopt", "amend", "retire", "forbid"])
def test_a_rule_that_is_not_there_is_named_with_the_nearest_that_is(verb: str) -> None:
    with pytest.raises(RuleError, match=r"no rule 'secnd-offer' .*did you mean 'second-offer'\?"):
        getattr(Rulebook([RULE]), verb)("secnd-offer", **BY)
    with pytest.raises(RuleError, match="propose, observe or adopt brings a new one in"):
        getattr(Rulebook(), verb)("second-offer", **BY)


@pytest.mark.parametrize("empty", ["who", "why"])
def test_nothing_changes_without_somebody_and_a_reason(empty: str) -> None:
    with pytest.raises(RuleError, match=f"{empty} is empty"):
        Rulebook().propose(RULE, **{**BY, empty: " "})


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(RuleError, match="needs its zone"):
        Rulebook().propose(RULE, who="ana", why="asked", at=dt.datetime(2026, 3, 2))  # noqa: DTZ001


def test_a_time_that_is_a_text_is_refused() -> None:
    with pytest.raises(RuleError, match="at takes a day or a time, not '2026-03-02'"):
        Rulebook().propose(RULE, who="ana", why="asked", at="2026-03-02")


# --- proposals of findings


def test_a_finding_s_proposal_is_done_for_the_reason_that_it_gives() -> None:
    retire = Proposal(Verb.RETIRE, Text("Nobody keeps it any more", "Plus personne ne la suit"), RULE.id)

    rule = Rulebook([RULE]).apply(retire, who="ana", at=NOON)[RULE.id]

    assert rule.status is Status.RETIRED
    assert rule.history[-1] == Change(2, "retire", NOON, "ana", "Nobody keeps it any more")


@pytest.mark.parametrize(("verb", "status"), [(Verb.ADOPT, Status.ACTIVE), (Verb.FORBID, Status.FORBIDDEN)])
def test_a_proposal_about_an_unwritten_usage_takes_the_usage(verb: Verb, status: Status) -> None:
    proposal = Proposal(verb, Text("a", "b"))

    assert Rulebook().apply(proposal, who="ana", rule=Discovered())[RULE.id].status is status
    with pytest.raises(RuleError, match="names no rule: say which, with rule="):
        Rulebook().apply(proposal, who="ana")


def test_a_proposal_to_amend_takes_what_is_to_be_different() -> None:
    amend = Proposal(Verb.AMEND, Text("Too short a time", "Délai trop court"), RULE.id)

    assert Rulebook([RULE]).apply(amend, who="ana", kind="request")[RULE.id].kind == "request"
    with pytest.raises(RuleError, match="say how to amend it"):
        Rulebook([RULE]).apply(amend, who="ana")


def test_a_rule_is_retired_as_it_is() -> None:
    with pytest.raises(RuleError, match="retired as it is: leave out kind"):
        Rulebook([RULE]).apply(Proposal(Verb.RETIRE, Text("a", "b"), RULE.id), who="ana", kind="request")


@pytest.mark.parametrize("verb", [Verb.ANNOUNCE, Verb.TRAIN])
def test_to_announce_or_to_train_changes_no_rule(verb: Verb) -> None:
    with pytest.raises(RuleError, match=f"to {verb} changes no rule"):
        Rulebook([RULE]).apply(Proposal(verb, Text("a", "b"), RULE.id), who="ana")


# --- situations


def sharing(
    rule_id: str, words: Text = ASKED, situation: str | None = "offers", **fields: object
) -> UsageRule:
    return attrs.evolve(RULE, id=rule_id, situation=Situation(words.en, words.fr, situation), **fields)


def test_rules_belong_together_by_the_id_of_their_situation_or_else_by_its_words() -> None:
    other = Text("Leave begins tomorrow", "Les congés commencent demain")
    a, b, c, d = sharing("a"), sharing("b"), sharing("c", other, None), sharing("d", other, None)

    assert Rulebook([a, b, c, d]).situations() == {
        Situation(ASKED.en, ASKED.fr, "offers"): (a, b),
        Situation(other.en, other.fr): (c, d),
    }


def test_one_situation_worded_in_two_ways_is_a_fault_that_names_both_rules() -> None:
    with pytest.raises(BookError, match="b: situation: 'a' words the situation 'offers' otherwise"):
        Rulebook([sharing("a"), sharing("b", Text("x", "y"))]).situations()


def test_other_words_for_a_situation_are_the_words_in_all_its_rules() -> None:
    retired = sharing("c", status=Status.RETIRED)
    book = Rulebook([sharing("a"), sharing("b"), retired, RULE]).amend("a", situation=Text("x", "y"), **BY)

    assert [rule.situation for rule in book][:2] == [Situation("x", "y", "offers")] * 2
    assert [rule.version for rule in book] == [2, 2, 1, 1]
    assert (book["c"], book[RULE.id]) == (retired, RULE)
    assert book.situations()[Situation("x", "y", "offers")] == (book["a"], book["b"], retired)


@pytest.mark.parametrize(
    "join",
    [
        lambda book, other: book.propose(other, **BY),
        lambda book, other: book.adopt(other, **BY),
        lambda book, other: book.propose(RULE, **BY).amend(RULE.id, situation=other.situation, **BY),
    ],
)
def test_a_rule_joins_a_situation_only_in_its_words(join: Callable[[Rulebook, UsageRule], Rulebook]) -> None:
    book, other = Rulebook([sharing("a")]), sharing("b", Text("x", "y"))

    with pytest.raises(RuleError, match="'a' words the situation 'offers' otherwise: take the same words"):
        join(book, other)


def test_rules_that_are_at_odds_already_can_still_be_cared_for() -> None:
    book = Rulebook([sharing("a"), sharing("b", Text("x", "y"))])

    assert book.retire("b", **BY).situations().keys() == {Situation(ASKED.en, ASKED.fr, "offers")}
    assert book.amend("a", owner="ben", **BY)["a"].owner == "ben"


# --- whatever is done


@given(st.lists(st.sampled_from(Move), max_size=12))
def test_after_any_moves_the_history_is_whole(moves: list[Move]) -> None:
    book = Rulebook([RULE])
    for move in moves:
        before = book[RULE.id]
        try:
            book = done(book, move)
        except RuleError:
            assert book[RULE.id] is before
            continue
        after = book[RULE.id]
        assert after.history[:-1] == before.history
        assert after.history[-1].verb is move
        assert after.history[-1].version == after.version
        # A version is one text and one standing.
        told = [attrs.evolve(rule, history=(), version=1) for rule in (before, after)]
        assert (after.version > before.version) == (told[0] != told[1])
    assert len(book) == 1
