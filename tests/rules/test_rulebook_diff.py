"""What is different between two rules, in words that people understand who live by them."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.model import Text
from crmusage.rules import (
    AppliesTo,
    Cadence,
    Communication,
    Compare,
    Constraint,
    Duration,
    Op,
    Review,
    Rulebook,
    Situation,
    Status,
    UsageRule,
    diff,
)

from .rule_strategies import RULES

RULE = UsageRule("r", Text("a quote is out", "un devis est parti"))
CALL = Constraint("response", "quote_sent", "call", within=Duration(working_days=4))
LARGE, SMALL = (Compare("amount", op, 10000) for op in (Op.GE, Op.LT))
MONDAY = "FREQ=WEEKLY;BYDAY=MO;BYHOUR=12"


def made(**fields: object) -> UsageRule:
    return attrs.evolve(RULE, **fields)


def asked(**fields: object) -> UsageRule:
    return made(expect=[attrs.evolve(CALL, **fields)])


def told(**fields: object) -> UsageRule:
    return made(communication=Communication(**fields))


def for_whom(**fields: object) -> UsageRule:
    return made(applies_to=AppliesTo(**fields))


@pytest.mark.parametrize(
    ("old", "new", "key", "en", "fr"),
    [
        (
            asked(),
            asked(within=Duration(working_days=2)),
            "expect[0].within",
            "After 'quote_sent', 'call' follows: from now on within 2 working days instead of 4.",
            "Après « quote_sent » vient « call » : désormais dans un délai de 2 jours ouvrés au lieu de 4.",
        ),
        (
            asked(),
            asked(within=Duration(hours=1.5)),
            "expect[0].within",
            "After 'quote_sent', 'call' follows: from now on within 1.5 hours instead of 4 working days.",
            "Après « quote_sent » vient « call » : désormais dans un délai de 1,5 heure au lieu de 4 jours ouvrés.",
        ),
        (
            asked(within=None),
            asked(),
            "expect[0].within",
            "After 'quote_sent', 'call' follows: from now on within 4 working days, until now without a limit of time.",
            (
                "Après « quote_sent » vient « call » : désormais dans un délai de 4 jours ouvrés, "
                "jusqu'ici sans limite de temps."
            ),
        ),
        (
            asked(after=Duration(hours=1)),
            asked(),
            "expect[0].after",
            (
                "After 'quote_sent', 'call' follows: from now on without having to wait, "
                "until now at the earliest after 1 hour."
            ),
            (
                "Après « quote_sent » vient « call » : désormais sans devoir attendre, "
                "jusqu'ici au plus tôt après 1 heure."
            ),
        ),
        (
            asked(within=None),
            asked(within=None, where=LARGE),
            "expect[0].where",
            (
                "After 'quote_sent', 'call' follows: from now on 'quote_sent' counts only where amount ≥ 10000, "
                "until now in all cases."
            ),
            (
                "Après « quote_sent » vient « call » : désormais « quote_sent » ne compte que si amount ≥ 10000, "
                "jusqu'ici dans tous les cas."
            ),
        ),
        (
            asked(within=None, target_where=LARGE),
            asked(within=None),
            "expect[0].target_where",
            "After 'quote_sent', 'call' follows: from now on each 'call' counts, until now only where amount ≥ 10000.",
            (
                "Après « quote_sent » vient « call » : désormais tout « call » compte, "
                "jusqu'ici seulement si amount ≥ 10000."
            ),
        ),
        (
            asked(within=None),
            asked(within=None, target=["call", "email"]),
            "expect[0]",
            "From now on: after 'quote_sent', 'call' or 'email' follows. Until now: after 'quote_sent', 'call' follows.",
            (
                "Désormais : après « quote_sent » vient « call » ou « email ». "
                "Jusqu'ici : après « quote_sent » vient « call »."
            ),
        ),
        (
            made(),
            made(expect=[Constraint("init", "created")]),
            "expect[0]",
            "Expected from now on: the case begins with 'created'.",
            "Attendu désormais : le dossier commence par « created ».",
        ),
        (
            made(expect=[CALL, Constraint("init", "created")]),
            made(expect=[Constraint("init", "created")]),
            "expect[0]",
            "No longer expected: after 'quote_sent', 'call' follows, within 4 working days.",
            "N'est plus attendu : après « quote_sent » vient « call », dans un délai de 4 jours ouvrés.",
        ),
        (
            made(expect=[CALL, Constraint("init", "created")]),
            made(expect=[Constraint("init", "created"), CALL]),
            "expect",
            "The expectations are listed in another order.",
            "L'ordre des attentes a changé.",
        ),
        (
            made(),
            made(cadence=Cadence(MONDAY, "updated", Duration(hours=12), "person")),
            "cadence",
            (
                "Expected from now on: every Monday at 12:00 (in each person's own time), "
                "each open case has had 'updated' in the 12 hours before."
            ),
            (
                "Attendu désormais : chaque lundi à 12 h (à l'heure de chacun), "
                "chaque dossier ouvert a connu « updated » dans un délai de 12 heures avant l'échéance."
            ),
        ),
        (
            made(cadence=Cadence(MONDAY, ["updated", "call"])),
            made(),
            "cadence",
            (
                "No longer expected: every Monday at 12:00, each open case has had 'updated' or 'call' "
                "since the time before."
            ),
            (
                "N'est plus attendu : chaque lundi à 12 h, chaque dossier ouvert a connu « updated » ou « call » "
                "depuis l'échéance précédente."
            ),
        ),
        (
            made(status="draft"),
            made(),
            "status",
            "The rule is in force from now on.",
            "La règle est désormais en vigueur.",
        ),
        (
            for_whom(profile=["rep"]),
            for_whom(profile=["rep", "inside-sales", "support"]),
            "applies_to.profile",
            "Also for the profiles 'inside-sales' and 'support' from now on.",
            "Vaut désormais aussi pour les profils « inside-sales » et « support ».",
        ),
        (
            for_whom(),
            for_whom(unit=["north"]),
            "applies_to.unit",
            "Only for the unit 'north' from now on, until now for all units.",
            "Ne vaut désormais que pour l'unité « north », jusqu'ici pour toutes les unités.",
        ),
        (
            for_whom(region=["east", "west"]),
            for_whom(region=["north"]),
            "applies_to.region",
            "Also for the region 'north' from now on, no longer for the regions 'east' and 'west'.",
            "Vaut désormais aussi pour la région « north », mais plus pour les régions « east » et « west ».",
        ),
        (
            for_whom(where=LARGE),
            for_whom(where=SMALL),
            "applies_to.where",
            "Only where amount < 10000 from now on, until now where amount ≥ 10000.",
            "Ne vaut désormais que si amount < 10000, jusqu'ici si amount ≥ 10000.",
        ),
        (
            made(zone="Europe/Paris"),
            made(zone="unit"),
            "zone",
            "Days and times are now read in the time of the unit, until now in Europe/Paris time.",
            (
                "Les jours et les heures se lisent désormais à l'heure de l'unité, "
                "jusqu'ici à l'heure du fuseau Europe/Paris."
            ),
        ),
        (
            made(),
            made(kind="request"),
            "kind",
            "The rule is now about cases of the kind 'request', until now of every kind.",
            "La règle porte désormais sur les dossiers de type « request », jusqu'ici de tout type.",
        ),
        (
            made(),
            made(situation=Text("x", "y")),
            "situation",
            "The situation is now called 'x' instead of 'a quote is out'.",
            "La situation s'intitule désormais « y » au lieu de « un devis est parti ».",
        ),
        (
            made(guidance=Text("x", "y")),
            made(guidance=Text("x", "z")),
            "guidance",
            "The guidance is worded anew in French.",
            "La consigne est reformulée en français.",
        ),
        (
            made(expect=[Constraint("absence", "lost")]),
            made(expect=[Constraint("init", "created")]),
            "expect[0]",
            "From now on: the case begins with 'created'. Until now: 'lost' never happens.",
            "Désormais : le dossier commence par « created ». Jusqu'ici : « lost » n'a jamais lieu.",
        ),
        (
            made(),
            made(situation=Text("a quote is out", "y")),
            "situation",
            "The situation is worded anew in French.",
            "La situation est reformulée en français.",
        ),
        (
            made(),
            made(guidance=Text("x", "y")),
            "guidance",
            "Guidance is given from now on.",
            "Une consigne est désormais donnée.",
        ),
        (
            made(guidance=Text("x", "y")),
            made(),
            "guidance",
            "The guidance is taken out.",
            "La consigne est supprimée.",
        ),
        (
            made(guidance=Text("x", "y")),
            made(guidance=Text("z", "y")),
            "guidance",
            "The guidance is worded anew in English.",
            "La consigne est reformulée en anglais.",
        ),
        (
            for_whom(unit=["north", "south"]),
            for_whom(unit=["north"]),
            "applies_to.unit",
            "No longer for the unit 'south'.",
            "Ne vaut plus pour l'unité « south ».",
        ),
        (
            for_whom(unit=["north"]),
            for_whom(),
            "applies_to.unit",
            "For all units from now on, until now only for the unit 'north'.",
            "Vaut désormais pour toutes les unités, jusqu'ici seulement pour l'unité « north ».",
        ),
        (
            for_whom(where=LARGE),
            for_whom(),
            "applies_to.where",
            "Whatever the case is from now on, until now only where amount ≥ 10000.",
            "Vaut désormais quel que soit le dossier, jusqu'ici seulement si amount ≥ 10000.",
        ),
        (
            made(cadence=Cadence(MONDAY, "updated")),
            made(cadence=Cadence(f"{MONDAY};INTERVAL=2", "updated", starts_on=dt.date(2026, 1, 5))),
            "cadence",
            (
                "From now on: every 2 weeks on Monday at 12:00 counted from 5\N{NO-BREAK SPACE}January 2026, "
                "each open case has had 'updated' since the time before. "
                "Until now: every Monday at 12:00, each open case has had 'updated' since the time before."
            ),
            (
                "Désormais : toutes les 2 semaines, le lundi à 12 h à compter du 5\N{NO-BREAK SPACE}janvier 2026, "
                "chaque dossier ouvert a connu « updated » depuis l'échéance précédente. "
                "Jusqu'ici : chaque lundi à 12 h, "
                "chaque dossier ouvert a connu « updated » depuis l'échéance précédente."
            ),
        ),
        (
            made(owner="ana"),
            made(owner="ben"),
            "owner",
            "ben looks after the rule from now on, instead of ana.",
            "ben remplace désormais ana comme responsable de la règle.",
        ),
        (
            made(review=Review("FREQ=YEARLY")),
            made(review=Review("FREQ=MONTHLY;INTERVAL=6")),
            "review.rrule",
            "The rule is reviewed every 6 months from now on, until now every year.",
            "La règle est désormais revue tous les 6 mois, jusqu'ici chaque année.",
        ),
        (
            told(audience={"profile": ["a", "b"]}),
            told(),
            "communication.audience",
            "Told from now on: whomever the rule is for; until now: the profiles 'a' and 'b'.",
            "Destinataires désormais : toutes les personnes concernées ; jusqu'ici : les profils « a » et « b ».",
        ),
        (
            told(newcomers_within=Duration(days=14)),
            told(newcomers_within=Duration(days=7)),
            "communication.newcomers_within",
            "From now on newcomers are told within 7 days instead of 14.",
            "Les nouveaux arrivants sont désormais informés dans un délai de 7 jours au lieu de 14.",
        ),
        (
            told(renew_every={"years": 1}),
            told(renew_every={"months": 6}),
            "communication.renew_every",
            "From now on people are reminded of it after 6 months instead of 1 year.",
            "Un rappel est désormais fait au bout de 6 mois au lieu de 1 an.",
        ),
        (
            made(),
            made(situation=Situation(RULE.situation.en, RULE.situation.fr, "quotes")),
            "situation.id",
            "It belongs to the situation quotes from now on.",
            "La règle relève désormais de la situation quotes.",
        ),
    ],
)
def test_a_change_is_told_in_one_sentence(old: UsageRule, new: UsageRule, key: str, en: str, fr: str) -> None:
    (found,) = diff(old, new)

    assert (found.rule, found.key) == ("r", key)
    assert found.text == Text(en, fr)


def test_a_difference_carries_what_was_and_what_is() -> None:
    (found,) = diff(asked(), asked(within=Duration(working_days=2)))

    assert (found.old, found.new) == (Duration(working_days=4), Duration(working_days=2))


def test_an_expectation_is_held_against_the_one_that_is_about_the_same() -> None:
    other = Constraint("absence", "won")
    found = diff(
        made(expect=[CALL, other]), made(expect=[attrs.evolve(other, n=2), attrs.evolve(CALL, within=None)])
    )

    assert [(one.key, one.old) for one in found] == [
        ("expect[1].within", CALL.within),
        ("expect[0]", other),
        ("expect", (CALL, other)),
    ]


def test_the_order_of_names_makes_no_difference() -> None:
    assert diff(for_whom(unit=["a", "b"]), for_whom(unit=["b", "a"])) == ()


def test_true_is_not_one() -> None:
    (found,) = diff(
        for_whom(where=Compare("alternative", Op.EQ, True)), for_whom(where=Compare("alternative", Op.EQ, 1))
    )

    assert found.key == "applies_to.where"


def test_rules_of_two_rulebooks_are_held_against_each_other_by_their_ids() -> None:
    gone, new = attrs.evolve(RULE, id="gone"), attrs.evolve(RULE, id="new", status=Status.DRAFT)
    old = Rulebook([gone, RULE])

    found = diff(old, Rulebook([new, made(kind="request")]))

    assert [(one.rule, one.key, one.old, one.new) for one in found] == [
        ("gone", "", gone, None),
        ("new", "", None, new),
        ("r", "kind", None, "request"),
    ]
    assert (
        found[0].text.fr == "La règle pour la situation « un devis est parti » ne figure plus au référentiel."
    )
    assert found[1].text.en == (
        "A new rule for the situation 'a quote is out'. This is a proposal; nobody is held to it yet."
    )


def test_a_rule_and_a_rulebook_cannot_be_held_against_each_other() -> None:
    with pytest.raises(TypeError, match="two rules or two rulebooks"):
        diff(RULE, Rulebook())


@given(RULES)
def test_a_rule_does_not_differ_from_itself_whatever_its_past(rule: UsageRule) -> None:
    assert diff(rule, attrs.evolve(rule, history=(), source="anything")) == ()


@given(RULES, RULES)
def test_whatever_differs_is_told_in_whole_sentences_both_ways(old: UsageRule, new: UsageRule) -> None:
    found = diff(old, new)

    for one in found:
        for text in (one.text.en, one.text.fr):
            assert text.endswith(".")
    assert bool(found) == bool(diff(new, old))
    said = {one.key.partition(".")[0].partition("[")[0] for one in found}
    for name in ("id", "version", "status", "kind", "owner", "guidance", "zone", "cadence", "review"):
        assert (name in said) == (getattr(old, name) != getattr(new, name)), name
    assert ("expect" in said) >= (len(old.expect) != len(new.expect))


@given(RULES, st.data())
def test_each_difference_that_is_told_again_makes_a_new_version(rule: UsageRule, data: st.DataObject) -> None:
    other = data.draw(RULES)
    name = data.draw(
        st.sampled_from(["kind", "owner", "guidance", "applies_to", "expect", "cadence", "review"])
    )
    changed = attrs.evolve(rule, status="active", **{name: getattr(other, name)})
    found = diff(attrs.evolve(rule, status="active"), changed)
    if found:
        by = {"who": "ana", "why": "better so"}
        after = Rulebook([attrs.evolve(rule, status="active")]).amend(
            rule.id, **{name: getattr(other, name)}, **by
        )
        assert after[rule.id].version == rule.version + any(one.is_told for one in found)
