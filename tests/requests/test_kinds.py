from __future__ import annotations

import attrs
import pytest

from crmusage.errors import BookError, ContractError, RuleError, SourceError
from crmusage.model import Text
from crmusage.requests import (
    Doer,
    Duty,
    Emergency,
    Fact,
    Misfit,
    Request,
    RequestKind,
    check_routing,
    load_kinds,
    right_doers,
    training_needs,
)
from crmusage.rules import All, Compare, Duration, Not, Op

from .life import HOUR, MONDAY, sent

KIND = """
id = "discount"
roles = ["pricing"]
skills = ["margins"]
responsibility = ["region"]
urgent = [1]
name = { en = "Discount", fr = "Remise" }

[[fact]]
name = "customer"
pattern = 'C-\\d+'
text = { en = "the customer", fr = "le client" }

[[documentation]]
name = "granted"
text = { en = "the discount granted", fr = "la remise accordée" }

[pace]
decide = { working_hours = 2 }
"""
COMMON = """
[emergency]
text = { en = "A signature today depends on it", fr = "Une signature ce jour en dépend" }
where = { signature_today = true }
pace = { decide = { minutes = 30 } }
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "discount.toml").write_text(KIND)
    (tmp_path / "emergency.toml").write_text(COMMON)
    return tmp_path


def test_a_kind_is_read_with_the_emergency_that_holds_for_all(folder):
    (kind,) = load_kinds(folder)
    emergency = Emergency(
        Text("A signature today depends on it", "Une signature ce jour en dépend"),
        Compare("signature_today", Op.EQ, value=True),
        {Duty.DECIDE: Duration(minutes=30)},
    )
    assert kind == RequestKind(
        "discount",
        Text("Discount", "Remise"),
        ("pricing",),
        ("margins",),
        ("region",),
        (Fact("customer", Text("the customer", "le client"), r"C-\d+"),),
        (Fact("granted", Text("the discount granted", "la remise accordée")),),
        emergency=emergency,
        pace={Duty.DECIDE: Duration(working_hours=2)},
    )


def test_all_faults_of_all_files_are_told_at_once(folder):
    (folder / "a.toml").write_text('id = "A b"\nrolls = ["x"]\nurgent = [9]\n[pace]\ndecide = {}\n')
    (folder / "b.toml").write_text("id =")
    (folder / "c.toml").write_text(KIND + "[[fact]]\nname = 'customer'\npattern = '('\n")
    (folder / "d.toml").write_text(COMMON)
    (folder / "f.toml").write_text(KIND + "[[emergency]]\n")
    (folder / "g.toml").write_text(KIND.replace("urgent = [1]", 'urgent = "high"'))
    (folder / "e.toml").write_text("[emergency]\ntext = { en = 'x' }\n")
    with pytest.raises(BookError, match="in the kinds of requests") as error:
        load_kinds(folder)
    found = {(fault.where.rpartition("/")[2], fault.key) for fault in error.value.faults}
    assert found >= {
        ("a.toml", "id"), ("a.toml", "rolls"), ("a.toml", "name"), ("a.toml", "pace.decide"), ("b.toml", ""),
        ("c.toml", "fact[1].pattern"), ("c.toml", "fact[1].text"), ("e.toml", "emergency.text.fr"),
        ("e.toml", "emergency.where"), ("emergency.toml", "emergency"),
        ("f.toml", "emergency"), ("g.toml", "urgent"),
    }  # fmt: skip


def test_an_id_stands_for_one_kind(folder):
    (folder / "again.toml").write_text(KIND)
    with pytest.raises(BookError, match="'discount' is already the id of another kind"):
        load_kinds(folder)


def test_a_folder_without_kinds_and_a_file_that_is_not_there_say_so(tmp_path):
    with pytest.raises(SourceError, match="no kind of request"):
        load_kinds(tmp_path)
    with pytest.raises(SourceError, match="cannot be read"):
        load_kinds(tmp_path / "none.toml")


def test_a_kind_does_not_contradict_itself():
    name = Text("x", "x")
    with pytest.raises(RuleError, match="urgent ranks are some of"):
        RequestKind("a", name, priorities=(1, 2), urgent=(3,))
    with pytest.raises(RuleError, match="more than once"):
        RequestKind("a", name, fact=(Fact("b", name), Fact("b", name)))
    with pytest.raises(RuleError, match="no regular expression"):
        Fact("b", name, "(")


@pytest.mark.parametrize(
    ("facts", "is_one"),
    [
        ({"stopped": True, "since": 3}, True),
        ({"stopped": False, "since": 3}, False),
        ({"stopped": True}, None),
        ({"stopped": "yes", "since": 3}, None),
    ],
)
def test_an_emergency_is_one_is_none_or_cannot_be_told(facts, is_one):
    where = All(
        (Compare("stopped", Op.EQ, value=True), Not(Compare("since", Op.GT, 8)), Compare("since", Op.GE, 0))
    )
    emergency = Emergency(Text("The line stands still", "La ligne est arrêtée"), where)
    assert emergency.facts == ("stopped", "since")
    assert emergency.holds_for(sent(facts=facts)) is is_one


def test_what_is_known_of_the_request_itself_can_make_an_emergency():
    emergency = Emergency(Text("The head asks", "La direction demande"), Compare("trigger", Op.EQ, "ann"))
    assert emergency.holds_for(sent()) is True


NAME = Text("Discount", "Remise")
DISCOUNT = RequestKind("discount", NAME, ("pricing",), ("margins", "tax"), ("region",))
EVE = Doer("eve", "Pricing", ("pricing",), ("margins", "tax"), {"region": ("North",)})


def test_the_right_doer_has_role_skills_and_responsibility():
    request = sent(facts={"region": "North"})
    assert check_routing(request, DISCOUNT, EVE).fits
    wrong = Doer("bob", "Sales", ("sales",), ("tax",), {"region": ("South",)})
    routing = check_routing(request, DISCOUNT, wrong)
    assert routing.misfits == (
        (Misfit.ROLE, "pricing"),
        (Misfit.SKILL, "margins"),
        (Misfit.RESPONSIBILITY, "region = North"),
    )
    assert "the role pricing, the skill margins" in routing.text.en
    assert [doer.id for doer in right_doers(request, DISCOUNT, [wrong, EVE])] == ["eve"]


def test_what_the_request_does_not_say_is_unknown_and_speaks_against_nobody():
    routing = check_routing(sent(), DISCOUNT, EVE)
    assert routing.fits
    assert routing.unknown == ("region",)
    assert "does not say: region" in routing.text.en


def refused(number: int, doer: str, skill: str) -> Request:
    request = Request(f"R-{number}").submit(MONDAY, by="ann", to=doer, text="x").deliver(MONDAY)
    return request.refuse(MONDAY + HOUR, "skill", skill=skill)


TEAM = [Doer(f"p{n}", "Pricing", skills=("tax",) if n else ("tax", "margins")) for n in range(5)]


def test_refusals_for_want_of_a_skill_are_needs_of_a_unit():
    requests = [refused(n, f"p{n % 5}", "margins") for n in range(1, 7)] + [refused(9, "p1", "customs")]
    found = training_needs([*requests, sent().deliver(MONDAY).refuse(MONDAY, "role")], TEAM)
    assert [(need.unit, need.skill, need.refusals, need.holders) for need in found.needs] == [
        ("Pricing", "margins", 6, 1),
        ("Pricing", "customs", 1, 0),
    ]
    assert found.needs[0].requests == ("R-1", "R-2", "R-3", "R-4", "R-5", "R-6")
    assert found.withheld == 0
    told = repr(found)
    assert not any(f"'p{n}'" in told for n in range(5))


def test_a_skill_that_is_missing_when_handing_on_counts_too():
    request = Request("R-1").submit(MONDAY, by="ann", to="p1", text="x").deliver(MONDAY).accept(MONDAY)
    away = request.reroute(MONDAY, "p2", reason="skill", skill="margins")
    assert [need.refusals for need in training_needs([away], TEAM).needs] == [1]


def test_units_that_are_too_small_or_unknown_are_withheld_and_counted():
    requests = [refused(1, "p1", "margins"), refused(2, "nobody", "margins")]
    found = training_needs(requests, TEAM[:4])
    assert (found.needs, found.withheld) == ((), 2)
    assert len(training_needs(requests, TEAM[:4], min_group=1).needs) == 1


def test_a_doer_is_there_once():
    with pytest.raises(ContractError, match="'eve' is there more than once"):
        training_needs([], [EVE, attrs.evolve(EVE, unit="Sales")])
