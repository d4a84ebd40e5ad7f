from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crmusage.detectors.data_entry._dummy_values import DummyValues
from crmusage.detectors.data_entry._fields import OF_THE_CONTRACT, placeholders
from crmusage.history import History
from crmusage.history._contract import CASES
from crmusage.testing._scenario import SimulationError
from crmusage.testing._scenarios_data_entry import simulate_records

from .company import END, START, judged, only, silent
from .life import FAR, TEAMS, Record, deals
from .records_company import simulated

CU301 = DummyValues()


def shown() -> History:
    """A history in which it finds something, and would in each of two fields."""
    names = ("Karl Roux", "Anna Berg")
    cases = [
        case | dict(zip(("contact", "buyer"), names, strict=True)) for team in TEAMS for case in deals(team)
    ]
    cases += [case | {"contact": "x", "buyer": "N/A"} for case in deals(FAR)]
    return History.from_records(as_of=END, cases=cases)


def test_it_names_the_unit_that_types_what_means_nothing() -> None:
    simulation = simulated("dummy-values")
    found = only(judged(CU301, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert "something was filled in that means nothing" in found.text.en
    assert "ne veut rien dire" in found.text.fr


@pytest.mark.parametrize("day", [360, 80])
def test_it_says_so_when_it_began_as_the_field_became_mandatory(day: int) -> None:
    def typed(case: Record) -> Record:
        late = (case["created_at"] - START).days >= 360
        return case | {"contact": "x" if late else "Karl Roux"}

    others = [case | {"contact": "Karl Roux"} for team in TEAMS for case in deals(team, 130, every=5)]
    cases = [*others, *(typed(case) for case in deals(FAR, 130, every=5))]
    since = (START + dt.timedelta(days=day)).date().isoformat()
    coverage = [{"entity": "opportunity", "field": "contact", "required_from": since}]
    found = only(judged(CU301, History.from_records(as_of=END, cases=cases, coverage=coverage)))
    assert found.onset is not None
    assert found.onset.value is not None
    assert abs((found.onset.value - (START + dt.timedelta(days=360)).date()).days) <= 31
    assert ("about when it became mandatory to fill in: contact." in found.text.en) == (day == 360)
    assert ("la saisie est devenue obligatoire" in found.text.fr) == (day == 360)


def test_it_names_the_unit_that_types_the_same_text_everywhere() -> None:
    simulation = simulated("same-text")
    found = only(judged(CU301, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert "it is always the same text" in found.text.en
    assert "toujours le même texte" in found.text.fr


@pytest.mark.parametrize("scenario", ["no-entries-planted", "connector-nulls", "one-rival"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(judged(CU301, simulated(scenario).history()))


def company(value: Any, of_others: Any = "Karl Roux", *, field: str = "contact", **tables: Any) -> History:
    """Ten teams that fill in a field, and one that types `value` into it."""
    cases: list[Record] = [case | {field: of_others} for team in TEAMS for case in deals(team)]
    cases += [case | {field: value} for case in deals(FAR)]
    return History.from_records(as_of=END, cases=cases, **tables)


@pytest.mark.parametrize("value", ["N/A", "x", "XXX", "-", "à définir", "Néant", "TBD!", "1111"])
def test_what_means_nothing_counts(value: str) -> None:
    found = only(judged(CU301, company(value)))
    assert (found.scope.unit, found.measure.numerator) == (FAR, 40)
    assert "contact (40)" in found.text.en


@pytest.mark.parametrize("value", ["null", "NaN", "#N/A", None, "", "A", "AAA", "NC", "no", "Jo"])
def test_what_a_connector_writes_and_what_may_be_meant_does_not(value: str | None) -> None:
    assert silent(judged(CU301, company(value)))


def test_texts_na_that_a_connector_emptied_are_nobodys_doing() -> None:
    # Of the same records, as typed and as they come out of a connector that reads NA as nothing.
    assert only(judged(CU301, company("NA"))).scope.unit == FAR
    assert silent(judged(CU301, company(None)))


def test_a_value_that_the_picklist_offers_is_an_answer() -> None:
    offered = [{"entity": "opportunity", "field": "contact", "raw": "unknown"}]
    assert only(judged(CU301, company("unknown"))).scope.unit == FAR
    assert silent(judged(CU301, company("unknown", vocabulary=offered)))


def test_an_amount_of_one_means_nothing_and_one_licence_does() -> None:
    cases = [case for team in TEAMS for case in deals(team)] + deals(FAR, amount=1.0)
    assert only(judged(CU301, History.from_records(as_of=END, cases=cases))).scope.unit == FAR
    assert silent(judged(CU301, company(1, 7, field="licences")))
    assert only(judged(CU301, company(9999, 7, field="employees"))).scope.unit == FAR


def test_the_columns_that_are_not_typed_in_are_those_of_the_contract_but_the_amount() -> None:
    assert {column.name for column in CASES} - {"amount"} == OF_THE_CONTRACT


def test_no_text_is_both_typed_and_written() -> None:
    assert not placeholders().typed & placeholders().written


def test_the_same_seed_gives_the_same_company_and_an_unknown_scenario_is_refused() -> None:
    one, same, other = (
        simulate_records("dummy-values", seed=seed, units=3, records=30) for seed in (4, 4, 5)
    )
    assert all(one.tables[name].equals(same.tables[name]) for name in one.tables)
    assert not one.tables["cases"].equals(other.tables["cases"])
    with pytest.raises(SimulationError, match="there is no scenario 'dummies'"):
        simulate_records("dummies")
