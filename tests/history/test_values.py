from __future__ import annotations

import datetime as dt
from pathlib import Path

import attrs
import pytest

from crmusage.errors import ContractError, SourceError
from crmusage.history import History, acknowledgements_of, people_of, read_acknowledgements, read_people
from crmusage.history._contract import columns_of
from crmusage.model import Acknowledgement, Person

ANN = Person(
    "ann", "Lyon", "rep", "Sud", "bob", dt.date(2026, 1, 5), dt.date(2026, 12, 31), True, "Europe/Paris"
)  # fmt: skip
READ = Acknowledgement("a-rule", 2, "ann", dt.datetime(2026, 2, 1, 8, tzinfo=dt.UTC))


def test_people_and_what_they_have_read_come_out_of_a_history_as_values() -> None:
    known = attrs.asdict(ANN)
    history = History.from_records(
        people=[{"person_id": known.pop("id"), **known}, {"person_id": "zoe"}],
        acknowledgements=[
            {"rule_id": "a-rule", "version": 2, "person_id": "ann", "at": "2026-02-01T09:00:00+01:00"}
        ],
    )
    assert people_of(history) == (ANN, Person("zoe"))
    assert acknowledgements_of(history) == (READ,)


def test_a_person_has_the_columns_of_the_data_contract_and_no_others() -> None:
    fields = ["person_id", *attrs.fields_dict(Person)]
    fields.remove("id")
    assert fields == list(columns_of("people"))


def test_a_history_without_people_gives_none() -> None:
    history = History.from_records(cases=[])
    assert people_of(history) == ()
    assert acknowledgements_of(history) == ()


def test_people_are_read_from_a_file_of_any_name_with_what_could_not_be_used(tmp_path: Path) -> None:
    file = tmp_path / "staff of 2026.csv"
    file.write_text("person_id,starts_on\nann,2026-01-05\n,2026-01-05\nbob,soon\n", encoding="utf-8")
    people, aside = read_people(file)
    assert people == (Person("ann", starts_on=dt.date(2026, 1, 5)), Person("bob"))
    assert {entry.reason: entry.count for entry in aside} == {
        "people: no person": 1,
        "people: unreadable starts on": 1,
    }


def test_times_of_acknowledgements_need_a_zone_of_their_own_or_a_given_one(tmp_path: Path) -> None:
    file = tmp_path / "read.csv"
    file.write_text("rule_id,version,person_id,at\na-rule,2,ann,2026-02-01 09:00\n", encoding="utf-8")
    with pytest.raises(ContractError, match="zone"):
        read_acknowledgements(file)
    assert read_acknowledgements(file, zone="Europe/Paris") == ((READ,), ())


@pytest.mark.parametrize("name", ["nowhere.csv", "people.txt", ""])
def test_what_is_no_table_is_told_as_such(tmp_path: Path, name: str) -> None:
    (tmp_path / "people.txt").write_text("person_id\nann\n", encoding="utf-8")
    with pytest.raises(SourceError):
        read_people(tmp_path / name)


def test_an_acknowledgement_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="at a time with a zone"):
        Acknowledgement("a-rule", 1, "ann", dt.datetime(2026, 2, 1, 9))  # noqa: DTZ001


def test_an_acknowledgement_is_of_the_day_in_utc() -> None:
    late = dt.datetime(2026, 2, 1, 0, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    assert Acknowledgement("a-rule", 1, "ann", late).day == dt.date(2026, 1, 31)


def test_somebody_is_here_from_the_first_day_to_the_last() -> None:
    days = [dt.date(2026, 1, 4), dt.date(2026, 1, 5), dt.date(2026, 12, 31), dt.date(2027, 1, 1)]
    assert [ANN.is_here(day) for day in days] == [False, True, True, False]
    assert [ANN.has_left(day) for day in days] == [False, False, False, True]
    assert all(Person("zoe").is_here(day) and not Person("zoe").has_left(day) for day in days)
