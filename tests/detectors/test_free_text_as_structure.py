from __future__ import annotations

from collections.abc import Mapping

import attrs
import pytest

from crmusage.detectors.data_entry._facts import Patterns
from crmusage.detectors.data_entry._free_text_as_structure import FreeTextAsStructure
from crmusage.history import History
from crmusage.model import Outcome

from .company import END, judged, only, silent
from .life import FAR, TEAMS, Record, deals, event
from .records_company import simulated

CU311 = FreeTextAsStructure()


def shown() -> History:
    """A history in which it finds something, and would in the notes or the calls, and by either fact."""
    told = "reached under +33 6 12 34 56 78 or anna@example.com"
    fields = {"contact_phone": "+33 1 42 17 18 07", "contact_mail": "b@example.com"}
    cases = [case | {"notes": "has seen the line at work"} | fields for team in TEAMS for case in deals(team)]
    own = deals(FAR)
    cases += [case | {"notes": told} | dict.fromkeys(fields) for case in own]
    events = [event(case, "call", 1, text=told) for case in own]
    return History.from_records(as_of=END, cases=cases, events=events)


def test_it_names_the_unit_that_keeps_facts_in_its_notes() -> None:
    simulation = simulated("free-text-as-structure")
    found = only(judged(CU311, simulation.history()))
    assert found.scope.unit == simulation.unit
    assert "Found in the text: amounts (" in found.text.en
    assert "numéros de téléphone (" in found.text.fr


@pytest.mark.parametrize("scenario", ["no-entries-planted", "pasted-mails"])
def test_it_stays_silent_on_what_only_looks_like_it(scenario: str) -> None:
    assert silent(judged(CU311, simulated(scenario).history()))


@pytest.mark.parametrize(
    ("text", "sorts"),
    [
        ("il pense à 12 500 € pour mai", {"amount"}),
        ("about $40,000 on 3 March 2026", {"amount", "date"}),
        ("rappeler le 12/03/2026 au 06 12 34 56 78", {"date", "telephone"}),
        ("write to anna.roux@example.com", {"e-mail"}),
        ("demande 8 % de remise", {"discount"}),
        ("has 40 machines in hall 3, version 2.1", set()),
        ("order 0612345 of 2 pallets", set()),
    ],
)
def test_facts_are_known_in_english_and_french(text: str, sorts: set[str]) -> None:
    assert Patterns().facts(text) == sorts


def company(note: str, far: Record, *, phone: bool = True, as_event: bool = False) -> History:
    """Ten teams that use the field, and one that does as told; `phone`: there is such a field."""
    field: Record = {"contact_phone": "+33 1 42 17 18 07"} if phone else {}
    plain = {"notes": "has seen the line at work"}
    cases = [case | plain | field for team in TEAMS for case in deals(team)]
    own = deals(FAR)
    cases += [case | (plain if as_event else {"notes": note}) | far for case in own]
    events = [event(case, "call", 1, text=note if as_event else None) for case in own]
    return History.from_records(as_of=END, cases=cases, events=events)


REACHED = "can be reached under +33 6 12 34 56 78"


@pytest.mark.parametrize("as_event", [False, True])
def test_a_number_in_the_notes_of_cases_or_events_counts_where_its_field_is_empty(as_event: bool) -> None:
    found = only(judged(CU311, company(REACHED, {"contact_phone": None}, as_event=as_event)))
    assert (found.scope.unit, found.measure.numerator) == (FAR, 40)


def test_a_number_that_stands_in_its_field_too_does_not() -> None:
    assert silent(judged(CU311, company(REACHED, {"contact_phone": "+33 6 12 34 56 78"})))


def test_a_fact_without_a_field_says_something_of_the_form() -> None:
    history = company("wants 12 % off the list price", {}, phone=False)
    assert silent(judged(CU311, history))


def test_without_any_field_for_facts_nothing_can_be_judged() -> None:
    cases = [case | {"notes": REACHED} for team in TEAMS for case in deals(team)]
    bare = [{key: value for key, value in case.items() if key != "amount"} for case in cases]
    (one,) = judged(CU311, History.from_records(as_of=END, cases=bare)).assessments
    assert one.outcome is Outcome.NOT_ASSESSABLE


@attrs.frozen
class Machines:
    """A matcher of one's own: the numbers of machines, which have a field."""

    @property
    def homes(self) -> Mapping[str, tuple[str, ...]]:
        return {"machine": ("machine_no",)}

    def facts(self, text: str) -> frozenset[str]:
        return frozenset({"machine"} if "M-" in text else ())


def test_the_matcher_can_be_exchanged() -> None:
    detector = FreeTextAsStructure(matcher=Machines())
    history = company("stands still since M-1042 broke", {"machine_no": None})
    cases = history.cases.with_columns(machine_no=history.cases["unit"])
    given = History.from_frames(cases=cases, events=history.events, as_of=END)
    assert silent(judged(detector, given))
    emptied = [row | {"machine_no": None if row["unit"] == FAR else "M-1"} for row in cases.to_dicts()]
    found = only(judged(detector, History.from_records(cases=emptied, as_of=END)))
    assert found.scope.unit == FAR
    assert "machine (40)" in found.text.en
