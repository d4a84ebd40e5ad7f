"""Whatever bytes stand in a log that crmusage wrote, or in OCEL of others: a history, or an error that names the file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.errors import ContractError, SourceError
from crmusage.history import History
from tests.history.rows import case, day, event

NAMES = ("log.jsonocel", "log.xmlocel", "log.sqlite", "log.xes")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("damaged")
    history = History.from_records(
        events=[
            event("a", "won", actor="ann", unit="N", size=2, note='é<"'),
            event("b", "x", at=day(3), field="amount", old="", new="5", seq=1, seen=day(4)),
        ],
        cases=[
            case("a", amount=2.5, owner="ann", close_date="2026-05-01"),
            case("b", parent_id="a", kind="request"),
        ],
        people=[{"person_id": "ann", "unit": "N", "starts_on": "2020-01-01"}],
    )
    for name in NAMES:
        (folder / "whole").mkdir(exist_ok=True)
        if name.endswith(".xes"):
            history.write_xes(folder / "whole" / name)
        else:
            history.write_ocel(folder / "whole" / name)
    return folder


def opened(folder, name, held, objects):
    path = folder / name
    path.write_bytes(held)
    try:
        history = History.read(path, objects=objects)
    except (SourceError, ContractError) as error:
        assert name in str(error)  # noqa: PT017
    else:
        assert history.index.n_events == history.events.height


CHOICES = st.sampled_from([None, "opportunity", ("opportunity", "request", "person")])


def choice(name, data):
    return None if name.endswith(".xes") else data.draw(CHOICES)


@given(st.sampled_from(NAMES), st.data())
def test_a_file_with_bytes_changed_cut_or_doubled_is_a_history_or_a_clear_error(folder, name, data):
    held = bytearray((folder / "whole" / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(held)))
        how = data.draw(st.sampled_from(["change", "cut", "put", "double", "end"]))
        if how == "change":
            held[place : place + 1] = data.draw(st.binary(min_size=1, max_size=2))
        elif how == "cut":
            del held[place : place + data.draw(st.integers(1, 40))]
        elif how == "put":
            held[place:place] = data.draw(
                st.sampled_from([b'"', b",", b"[", b"\n", b"\x00", b"\xff", b"<", b"&", b"0", b"{", b"null"])
            )
        elif how == "double":
            held[place:place] = held[: data.draw(st.integers(0, 60))]
        else:
            del held[place:]
    opened(folder, name, bytes(held), choice(name, data))


WORDS = (b"opportunity", b"won", b"amount", b"created_at", b"2026-01-02T09:00:00", b"time", b"type", b"id", b"float",
         b"1970-01-01", b"person", b"owner", b"case", b"concept:name", b"keys", b"Int64", b"value", b"ocel_time")  # fmt: skip


@given(st.sampled_from(NAMES), st.data())
def test_a_file_whose_words_changed_places_is_a_history_or_a_clear_error(folder, name, data):
    held = (folder / "whole" / name).read_bytes()
    for _ in range(data.draw(st.integers(1, 3))):
        one = data.draw(st.sampled_from(WORDS))
        # A database tells lengths of its texts elsewhere: what takes a word's place there is as long.
        other = data.draw(st.sampled_from(WORDS) | st.just(b""))
        other = other[: len(one)].ljust(len(one)) if name.endswith("sqlite") else other
        held = held.replace(one, other, data.draw(st.sampled_from([1, -1])))
    opened(folder, name, held, choice(name, data))


@given(st.sampled_from(NAMES), st.binary(max_size=60))
def test_any_bytes_are_a_history_or_a_clear_error(folder, name, held):
    opened(folder, name, held, None)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_cannot_be_opened_is_one_clear_error(tmp_path, name):
    (tmp_path / name).symlink_to(tmp_path / name)
    with pytest.raises(SourceError, match=name):
        History.read(tmp_path / name)
