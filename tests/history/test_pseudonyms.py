from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.errors import ContractError
from crmusage.history import History
from tests.history.rows import case, day, event


def made(key="secret"):
    return History.from_records(
        cases=[
            case("a", owner="ann", created_by="bob"),
            case("b", owner="ann", owner_kind="Team"),
            case("d", owner="ann", owner_kind="user"),
            case("e", owner="q1", owner_kind="queue"),
        ],
        events=[
            event("a", actor="ann"),
            event("a", "owner_changed", field="owner", old="ann", new="bob"),
            event("a", field="amount", old="ann", new="12"),
        ],
        people=[
            {"person_id": "ann", "manager": "bob", "unit": "n"},
            {"person_id": "bob", "manager": None, "unit": "n", "starts_on": "1/2/26"},
        ],
        absences=[{"person_id": "ann", "starts_at": day(1), "ends_at": day(2)}],
        sessions=[{"person_id": "ann", "at": day(1)}, {"person_id": "ann", "at": None}],
        acknowledgements=[{"rule_id": "r", "version": 1, "person_id": "ann", "at": day(1)}],
        pseudonymise=key,
    )


def test_the_same_person_has_the_same_pseudonym_in_every_table():
    history = made()
    ann = history.absences["person_id"][0]
    assert re.fullmatch("[0-9a-f]{16}", ann)
    assert history.cases["owner"].to_list() == [ann, "ann", ann, "q1"]
    assert history.events["actor"].drop_nulls().to_list() == [ann]
    assert ann in history.people["person_id"].to_list()
    assert history.sessions["person_id"].to_list() == [ann]
    assert history.acknowledgements["person_id"].to_list() == [ann]
    bob = history.cases["created_by"][0]
    assert bob != ann
    assert history.people.filter(person_id=ann)["manager"].to_list() == [bob]
    changed = history.events.filter(activity="owner_changed")
    assert changed.select("old", "new").row(0) == (ann, bob)
    assert history.events.filter(field="amount").select("old", "new").row(0) == ("ann", "12")


def test_examples_of_what_was_set_aside_show_no_person():
    told = [example for entry in made().set_aside for example in entry.examples]
    assert len(told) >= 2
    assert not any("ann" in example or "bob" in example for example in told)


def test_the_pseudonym_hangs_on_the_key_and_a_key_may_be_bytes():
    ann = made("secret").absences["person_id"][0]
    assert made(b"secret").absences["person_id"][0] == ann
    assert made("other").absences["person_id"][0] != ann


@pytest.mark.parametrize("key", ["", b""])
def test_an_empty_key_is_refused(key):
    with pytest.raises(ContractError, match="needs a secret that is not empty"):
        made(key)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=20, unique=True))
def test_different_persons_stay_different(ids):
    ids = list(dict.fromkeys(one.encode("utf-8", "replace").decode() for one in ids))
    plain = History.from_records(people=[{"person_id": one} for one in ids])
    hidden = History.from_records(people=[{"person_id": one} for one in ids], pseudonymise="k")
    assert hidden.people["person_id"].n_unique() == plain.people["person_id"].n_unique()


def test_units_have_the_same_sizes_with_and_without_pseudonyms():
    assert made().unit_sizes() == {"n": 2}


def test_an_unreadable_id_of_a_person_is_not_shown():
    import polars as pl

    frame = pl.DataFrame({"case_id": ["a", "b"], "activity": "x", "at": day(1), "actor": [12.5, 3.0]})
    history = History.from_frames(events=frame, pseudonymise="k")
    assert [entry.examples for entry in history.set_aside] == [("a: (hidden)",)]


def test_attributes_that_were_left_as_they_came_are_named():
    history = History.from_records(events=[event(typed_by="ann", size=1)], pseudonymise="k")
    assert any(
        "as they came: events.typed_by." in note.en and "events.typed_by" in note.fr for note in history.notes
    )
    assert not any(
        "typed_by" in note.en for note in History.from_records(events=[event(typed_by="ann")]).notes
    )
    assert not any(
        "as they came" in note.en for note in History.from_records(events=[event()], pseudonymise="k").notes
    )


def test_old_and_new_values_are_left_alone_where_no_field_of_persons_changed():
    rows = [event(field="amount", old="1", new="2"), event("b", field="owner", new="ann")]
    history = History.from_records(events=rows, pseudonymise="k")
    assert history.events.filter(case_id="c1").select("old", "new").row(0) == ("1", "2")
    assert history.events.filter(case_id="b")["new"][0] != "ann"
    assert History.from_records(events=rows[:1], pseudonymise="k").events.select("old", "new").row(0) == (
        "1",
        "2",
    )


def test_persons_that_a_log_tells_of_its_cases_are_hidden_in_both_places(tmp_path):
    import polars as pl

    frame = pl.DataFrame(
        {
            "id": ["1", "1"],
            "what": ["a", "b"],
            "when": [day(1), day(2)],
            "who": ["ann", "bob"],
            "boss": ["cho", "cho"],
        }
    )
    history = History.from_log(
        frame,
        case="id",
        activity="what",
        at="when",
        actor="who",
        cases={"owner": "who", "created_by": "boss"},
        pseudonymise="k",
    )
    assert history.cases["owner"].to_list() == history.events["actor"].to_list()[1:]
    held = [
        *history.events.write_csv().replace("\n", ",").split(","),
        *history.cases.write_csv().replace("\n", ",").split(","),
    ]
    assert not {"ann", "bob", "cho"} & set(held)
    assert not any("as they came" in note.en for note in history.notes)


def test_persons_that_traces_tell_are_hidden_in_both_places(tmp_path):
    from crmusage.history import LogMapping

    path = tmp_path / "log.xes"
    path.write_text(
        '<log><trace><string key="concept:name" value="t"/><string key="agent" value="ann"/><event><string key="concept:name" value="a"/>'
        '<date key="time:timestamp" value="2026-01-02T09:00:00Z"/><string key="org:resource" value="ann"/></event></trace></log>'
    )
    history = History.read(path, mapping=LogMapping(cases={"owner": "agent"}), pseudonymise="k")
    assert history.cases["owner"].to_list() == history.events["actor"].to_list()
    assert "agent" not in history.cases.columns


def test_a_change_of_owner_that_names_no_field_shows_nobody():
    changed = event("a", "owner_changed", old="ann", new="bob")
    history = History.from_records(cases=[case("a", owner="bob")], events=[changed], pseudonymise="secret")
    assert history.events["new"].to_list() == history.cases["owner"].to_list()
    assert not {"ann", "bob"} & {*history.events["old"], *history.events["new"]}
