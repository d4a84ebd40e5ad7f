from __future__ import annotations

import pytest

from crmusage.errors import ContractError
from crmusage.requests import AccessFinding, AccessVerdict, need_to_know


def row(department: str = "Sales", information: str = "Account.Phone", **more: object) -> dict[str, object]:
    return {"department": department, "information": information, **more}


def only(*tables: object, **more: object) -> AccessFinding:
    (found,) = need_to_know(*tables, sizes={"Sales": 9, "Tax": 2}, **more)
    return found


@pytest.mark.parametrize(
    ("need", "grants", "uses", "verdict"),
    [
        ({}, [], None, "too-little"),
        ({"access": "edit"}, [{}], None, "too-little"),
        ({}, [{"scope": "own"}], None, "too-little"),
        ({"access": "edit"}, [{"access": "edit", "scope": "own"}, {"access": "read"}], None, "too-little"),
        ({}, [{}], None, "fits"),
        ({}, [{}], [{}], "fits"),
        ({}, [{}], [], "unused"),
        ({}, [{}], [{"count": 0}], "unused"),
        ({}, [{"access": "delete"}], None, "too-much"),
        ({"scope": "unit"}, [{}], [{}], "too-much"),
        (None, [{}], None, "too-much"),
        (None, [{}], [], "too-much"),
        (None, [{}], [{"count": 3}], "undeclared"),
        (None, [], [{"count": 3}], "undeclared"),
    ],
)
def test_need_grant_and_use_give_one_verdict(need, grants, uses, verdict):
    needs = [] if need is None else [row(**need)]
    used = None if uses is None else [row(**use) for use in uses]
    found = only(needs, [row(**grant) for grant in grants], used)
    assert found.verdict == verdict
    assert found.text.en != found.text.fr


def test_what_a_few_people_use_is_not_looked_at():
    found = only([row("Tax")], [row("Tax")], [])
    assert (found.verdict, found.used) == (AccessVerdict.FITS, None)
    assert need_to_know([], [], [row("Tax")], sizes={"Tax": 2}) == ()
    assert need_to_know([row("Nobody")], [row("Nobody")], [])[0].used is None


def test_what_does_not_fit_comes_first():
    needs = [row(), row(information="Account.Tax"), row(information="Case")]
    grants = [row(), row(information="Case"), row(information="Contract")]
    found = need_to_know(needs, grants, [row()], sizes={"Sales": 9})
    assert [(f.information, f.verdict.value) for f in found] == [
        ("Account.Tax", "too-little"), ("Contract", "too-much"), ("Case", "unused"), ("Account.Phone", "fits"),
    ]  # fmt: skip
    assert "needs read (all) and is granted nothing" in found[0].text.en
    assert "besoin : lecture (tous) ; accordé : rien" in found[0].text.fr


@pytest.mark.parametrize(
    ("tables", "why"),
    [
        (([row(access="write")], []), "needs, row 0: access is one of read, edit, delete, not 'write'"),
        (([], [row(), row(scope="world")]), "grants, row 1: scope is one of own, unit, all"),
        (([], [{"department": "Sales"}]), "grants, row 0: information is a text"),
        (([], [], [row(count="many")]), "uses, row 0: count is a whole number"),
    ],
)
def test_a_row_that_makes_no_sense_says_where_it_is(tables, why):
    with pytest.raises(ContractError, match=why):
        need_to_know(*tables)
