from __future__ import annotations

import datetime as dt
import sys

import pytest

from crmusage.errors import BookError, ContractError, MissingExtraError, RuleError, SourceError
from crmusage.model import Measure, Period, Undefined
from crmusage.requests import Code, CopySign, code_conformance, load_codes, local_copies, postal_patterns

from .life import DAY, MONDAY

SIZES = {"North": 8, "South": 6, "Tiny": 2}


@pytest.mark.parametrize(
    ("code", "record", "kept"),
    [
        (Code("phone", "e164"), {"phone": "+33123456789"}, True),
        (Code("phone", "e164"), {"phone": "01 23 45 67 89"}, False),
        (Code("phone", "e164"), {"phone": "+1234567890123456"}, False),
        (Code("phone", "e164"), {"phone": " "}, None),
        (Code("phone", "e164"), {}, None),
        (Code("zip", "postal_code"), {"zip": "69003", "country": "fr"}, True),
        (Code("zip", "postal_code"), {"zip": "6900", "country": "FR"}, False),
        (Code("zip", "postal_code"), {"zip": "69003", "country": "XX"}, None),
        (Code("zip", "postal_code"), {"zip": "69003"}, None),
        (Code("zip", "postal_code", country="DE"), {"zip": "69003"}, True),
        (Code("zip", "postal_code", country_field="land"), {"zip": "SW1A 1AA", "land": "GB"}, True),
        (Code("sector", "one_of", values=("food", "steel")), {"sector": "steel"}, True),
        (Code("sector", "one_of", values=("food", "steel")), {"sector": "Steel"}, False),
        (Code("vat", "pattern", r"FR\d{11}"), {"vat": "FR12345678901"}, True),
        (Code("vat", "pattern", r"FR\d{11}"), {"vat": "FR123456789012"}, False),
        (Code("size", "pattern", r"\d+"), {"size": 12}, True),
    ],
)
def test_a_value_keeps_the_rule_of_its_field_or_not(code, record, kept):
    assert code.holds_for(record) is kept


@pytest.mark.parametrize(
    ("country", "real"),
    [("FR", "20000"), ("US", "90210-1234"), ("CA", "H3Z 2Y7"), ("NL", "1012 AB"), ("PT", "1000-205"), ("IE", "D02 X285"),
     ("JP", "100-0001"), ("PL", "00-001"), ("CH", "1201"), ("BE", "1000"), ("LU", "L-1009"), ("SE", "111 22")],
)  # fmt: skip
def test_a_real_postal_code_is_one(country, real):
    code = Code("zip", "postal_code", country=country)
    assert code.holds_for({"zip": real}) is True
    assert code.holds_for({"zip": f"{real}9"}) is False


def test_every_country_has_two_letters_and_a_pattern():
    assert len(postal_patterns()) >= 40
    assert all(len(country) == 2 and country.isupper() for country in postal_patterns())
    assert all(Code("zip", "pattern", pattern) for pattern in postal_patterns().values())


def test_phones_are_held_against_numbering_plans():
    pytest.importorskip("phonenumbers")
    code = Code("phone", "phone")
    assert code.holds_for({"phone": "+33142685300"}) is True
    assert code.holds_for({"phone": "+33042685300"}) is False
    assert code.holds_for({"phone": "+33 1 42 68 53 00"}) is False
    assert code.holds_for({"phone": "call me"}) is False


def test_without_the_extra_phones_say_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'crmusage\[phone\]'"):
        Code("phone", "phone").holds_for({"phone": "+33142685300"})


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: Code("a", "pattern"), "a pattern goes with the form pattern"),
        (lambda: Code("a", "e164", "x"), "a pattern goes with the form pattern"),
        (lambda: Code("a", "one_of"), "values go with the form one_of"),
        (lambda: Code("a", "pattern", "("), "no regular expression"),
    ],
)
def test_a_rule_that_says_too_little_or_too_much_is_refused(make, why):
    with pytest.raises(RuleError, match=why):
        make()


def test_rules_are_read_from_a_file_with_all_faults_at_once(tmp_path):
    file = tmp_path / "codes.toml"
    file.write_text(
        '[[code]]\nfield = "phone"\nform = "e164"\n[[code]]\nfield = "s"\nform = "one_of"\nvalues = ["a"]\n'
    )
    assert load_codes(file) == (Code("phone", "e164"), Code("s", "one_of", values=("a",)))
    file.write_text(
        '[[code]]\nform = "e146"\n[[code]]\nfield = "s"\nform = "one_of"\n[[code]]\nfeld = "x"\nform = "phone"\n'
    )
    with pytest.raises(BookError) as error:
        load_codes(file)
    assert {fault.key for fault in error.value.faults} >= {
        "code[0].field",
        "code[0].form",
        "code[1].values",
        "code[2].feld",
    }
    file.write_text("")
    with pytest.raises(BookError, match=r"\[\[code\]\]"):
        load_codes(file)
    file.write_text("code =")
    with pytest.raises(BookError, match="not TOML"):
        load_codes(file)
    with pytest.raises(SourceError, match="cannot be read"):
        load_codes(tmp_path / "none.toml")


def record(unit: str | None, month: int, phone: str | None) -> dict[str, object]:
    return {"unit": unit, "at": dt.date(2026, month, 5), "phone": phone}


GOOD, BAD = "+33123456789", "0123456789"


def test_conformance_is_told_by_unit_field_and_month():
    records = [record("North", 1, GOOD)] * 3 + [record("North", 1, BAD), record("North", 1, None)]
    found = code_conformance([*records, record("South", 2, None)], [Code("phone", "e164")], sizes=SIZES)
    north, south = found.rows
    assert (north.unit, north.field, north.month) == ("North", "phone", Period.month(2026, 1))
    assert isinstance(north.conforming, Measure)
    assert isinstance(north.filled, Measure)
    assert (north.conforming.numerator, north.conforming.denominator) == (3, 4)
    # Wilson's interval for 3 of 4.
    assert (north.conforming.low, north.conforming.high) == pytest.approx((0.3006, 0.9544), abs=1e-4)
    assert (north.filled.numerator, north.filled.denominator) == (4, 5)
    assert isinstance(south.conforming, Undefined)


def test_the_later_months_are_held_against_the_earlier_ones():
    worse = [record("North", month, GOOD if month < 3 else BAD) for month in (1, 2, 3, 4) for _ in range(20)]
    same = [record("South", month, GOOD) for month in (1, 2, 3) for _ in range(20)]
    found = code_conformance([*worse, *same], [Code("phone", "e164")], sizes=SIZES)
    north, south = found.trends
    assert (north.change, north.before.value, north.after.value) == (-1, 1, 0)
    assert north.high < -0.8
    assert "worse" in north.text.en
    assert (south.change, south.low <= 0 <= south.high) == (0, True)
    assert "no clear change" in south.text.en
    assert "pas d’évolution nette" in south.text.fr


def test_an_interval_of_a_change_is_newcombes():
    # Newcombe 1998, table II, (a): 56/70 against 48/80, method 10: 0.0524 to 0.3339.
    records = [record("North", 1, GOOD)] * 48 + [record("North", 1, BAD)] * 32
    records += [record("North", 2, GOOD)] * 56 + [record("North", 2, BAD)] * 14
    (trend,) = code_conformance(records, [Code("phone", "e164")], sizes=SIZES).trends
    assert (trend.low, trend.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_small_and_unknown_units_are_withheld_and_counted():
    records = [record("Tiny", 1, GOOD), record("Nowhere", 1, GOOD), record(None, 1, GOOD)]
    found = code_conformance(records, [Code("phone", "e164")], sizes=SIZES)
    assert (found.rows, found.trends, found.withheld) == ((), (), 3)


def test_records_without_a_time_have_no_month_and_bad_times_are_refused():
    (row,) = code_conformance([{"unit": "North", "phone": GOOD}], [Code("phone", "e164")], sizes=SIZES).rows
    assert row.month is None
    (row,) = code_conformance(
        [record("North", 1, GOOD) | {"at": MONDAY}], [Code("phone", "e164")], sizes=SIZES
    ).rows
    assert row.month == Period.month(2026, 3)
    for at in (MONDAY.replace(tzinfo=None), "soon"):
        with pytest.raises(ContractError, match="record 0: at is"):
            code_conformance([{"unit": "North", "at": at}], [], sizes=SIZES)


def happened(n: int, **more: object) -> list[dict[str, object]]:
    return [
        {"case_id": f"C-{k:02}", "activity": "updated", "at": MONDAY, "unit": "North", **more}
        for k in range(n)
    ]


@pytest.mark.parametrize(
    ("events", "signs"),
    [
        (happened(50, origin="import"), ["bulk-import"]),
        (happened(49, origin="import"), []),
        (happened(3, activity="exported"), ["export"]),
        (happened(2, activity="exported"), []),
        (happened(20, recorded_at=MONDAY + DAY), ["late-mass-update"]),
        (happened(19, recorded_at=MONDAY + DAY), []),
        (happened(30, recorded_at=MONDAY + DAY / 2), []),
        ([e | {"recorded_at": MONDAY + DAY + k * DAY / 48} for k, e in enumerate(happened(40))], []),
        (
            happened(25, recorded_at=MONDAY + DAY) + happened(25, recorded_at=MONDAY + 2 * DAY),
            ["late-mass-update"] * 2,
        ),
    ],
)
def test_signs_of_local_copies(events, signs):
    assert [sign.sign.value for sign in local_copies(events, sizes=SIZES).signs] == signs


def test_a_sign_carries_its_cases_and_is_told_in_both_languages():
    (sign,) = local_copies(happened(60, origin="import"), sizes=SIZES).signs
    assert (sign.unit, sign.sign, sign.events, sign.since) == ("North", CopySign.BULK_IMPORT, 60, MONDAY)
    assert len(sign.cases) == 20
    assert "60 records at once" in sign.text.en
    assert "60 fiches d'un coup" in sign.text.fr


def test_small_units_leave_no_signs():
    found = local_copies(happened(60, origin="import", unit="Tiny"), sizes=SIZES)
    assert (found.signs, found.withheld) == ((), 60)


def test_an_event_without_case_or_zone_is_refused():
    with pytest.raises(ContractError, match="event 0: case_id"):
        local_copies([{"at": MONDAY}], sizes=SIZES)
    with pytest.raises(ContractError, match="event 0: recorded_at"):
        local_copies(happened(1, recorded_at=MONDAY.replace(tzinfo=None)), sizes=SIZES)
