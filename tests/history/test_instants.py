# ruff: noqa: DTZ001 - times without a zone are a matter here
from __future__ import annotations

import datetime as dt
import zoneinfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.errors import ContractError
from crmusage.history import History
from tests.history.rows import UTC, aside, event, examples

NINE = dt.datetime(2026, 3, 1, 9, tzinfo=UTC)


def at_of(*written, **options):
    """What the time of each event becomes, by case; each event has a case of its own."""
    rows = [event(f"c{n:03}", at=value) for n, value in enumerate(written)]
    history = History.from_records(events=rows, **options)
    return dict(history.events.select("case_id", "at").iter_rows()), history


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01T09:00:00Z",
        "2026-03-01T09:00:00z",
        "2026-03-01 09:00:00Z",
        "2026-03-01T09:00:00+00:00",
        "2026-03-01T09:00:00+0000",
        "2026-03-01T09:00:00.000+0000",
        "2026-03-01T11:00:00+02:00",
        "2026-03-01T11:00:00+0200",
        "2026-03-01 11:00:00+02",
        "2026-03-01 11:00:00 +02:00",
        "2026-03-01T04:00-05:00",
        "2026-03-01 09:00 UTC",
        "2026-03-01T09:00:00.000000000Z",
        "2026-03-01T09:00:00.00000000000000Z",
        " 2026-03-01T09:00:00Z ",
        "2026-03-01T09:00:00,000Z",
        "2026-03-01T14:30:00+05:30",
    ],
)
def test_every_way_to_write_an_instant_is_one_instant(written):
    alone, _ = at_of(written)
    assert alone == {"c000": NINE}
    mixed, history = at_of("2026-03-01T09:00:00Z", written, "2026-03-01 10:00:00+01:00")
    assert set(mixed.values()) == {NINE}
    assert aside(history) == {}


def test_fractions_of_any_length_keep_their_microseconds():
    found, _ = at_of(
        "2026-03-01T09:00:00.5Z", "2026-03-01T09:00:00.123456789012Z", "2026-03-01T09:00:00.000001+00:00"
    )
    assert [at.microsecond for at in found.values()] == [500_000, 123_456, 1]


@given(
    st.datetimes(dt.datetime(1753, 1, 2), dt.datetime(2262, 12, 30)),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["T", " "]),
    st.booleans(),
)
def test_what_python_writes_is_read_as_the_same_instant(moment, minutes, separator, colon):
    aware = moment.replace(tzinfo=dt.timezone(dt.timedelta(minutes=minutes)))
    written = aware.isoformat(separator)
    if not colon:
        written = written[:-3] + written[-2:]
    found, history = at_of(written)
    assert aside(history) == {}
    assert found == {"c000": aware}


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "America/Montreal"])
def test_typed_instants_come_in_any_unit_and_zone(unit, zone):
    series = pl.Series([NINE]).dt.convert_time_zone(zone).dt.cast_time_unit(unit)
    history = History.from_frames(events=pl.DataFrame({"case_id": ["a"], "activity": ["x"], "at": series}))
    assert history.events["at"].to_list() == [NINE]
    assert history.events.schema["at"] == pl.Datetime("us", "UTC")


@pytest.mark.parametrize(
    "value",
    [
        dt.datetime(2026, 3, 1, 9),
        dt.date(2026, 3, 1),
        "2026-03-01T09:00:00",
        "2026-03-01 09:00",
        "2026-03-01",
    ],
)
def test_a_column_without_a_zone_is_refused_until_the_zone_is_named(value):
    with pytest.raises(ContractError) as caught:
        at_of(value, value)
    message = str(caught.value)
    assert "events: column at" in message
    assert "without a zone" in message
    assert "2026-03-01" in message
    assert 'zone="Europe/Paris"' in message
    found, _ = at_of(value, value, zone="Europe/Paris")
    hour = 8 if "9" in str(value) else 23
    assert {at.hour for at in found.values()} == {hour}


def test_a_few_times_without_a_zone_among_others_are_set_aside():
    found, history = at_of("2026-03-01T09:00:00Z", "2026-03-01T09:00:00Z", "2026-03-01T09:00:00")
    assert list(found) == ["c000", "c001"]
    assert aside(history) == {"events: time without a zone": 1}
    assert examples(history, "events: time without a zone") == ("c002: 2026-03-01T09:00:00",)


def test_when_most_times_lack_a_zone_it_is_the_column_that_lacks_it():
    with pytest.raises(ContractError, match="without a zone"):
        at_of("2026-03-01T09:00:00Z", "2026-03-01T09:00:00", "2026-03-01T10:00:00")


def test_with_a_zone_named_only_the_times_without_one_are_read_in_it():
    found, _ = at_of("2026-03-01T09:00:00Z", "2026-03-01T10:00:00", zone="Europe/Paris")
    assert set(found.values()) == {NINE}


@pytest.mark.parametrize("typed", [False, True])
def test_times_that_the_clocks_skipped_or_repeated_are_set_aside_each_for_its_reason(typed):
    written = ["2026-03-29T02:30:00", "2026-10-25T02:30:00", "2026-07-01T12:00:00"]
    values = [dt.datetime.fromisoformat(one) for one in written] if typed else written
    found, history = at_of(*values, zone="Europe/Paris")
    assert found == {"c002": dt.datetime(2026, 7, 1, 10, tzinfo=UTC)}
    assert aside(history) == {
        "events: time that was skipped when the clocks of its zone changed": 1,
        "events: time that was twice when the clocks of its zone changed": 1,
    }


@given(
    st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2030, 1, 1)),
    st.sampled_from(["Europe/Paris", "America/Lima", "Asia/Kolkata"]),
)
def test_wall_clocks_are_read_as_zoneinfo_reads_them(moment, zone):
    moment = moment.replace(microsecond=0)
    place = zoneinfo.ZoneInfo(zone)
    early, late = moment.replace(tzinfo=place, fold=0), moment.replace(tzinfo=place, fold=1)
    found, _ = at_of(moment, zone=zone)
    if early.utcoffset() == late.utcoffset():
        assert found == {"c000": early.astimezone(UTC)}
    else:
        assert found == {}


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "Europe/paris ", "+02:00"])
def test_an_unknown_zone_is_one_clear_error(zone):
    with pytest.raises(ContractError, match="is not known: give an IANA name"):
        at_of("2026-03-01T09:00:00", zone=zone)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1767225600, 1767225601], "epoch numbers"),
        ([1767225600.5], "epoch numbers"),
        ([True, False], "Boolean"),
        ([dt.timedelta(days=1)], "holds"),
        ([dt.time(9)], "holds"),
        (["31/12/2026 09:00", "01/02/2026 10:00"], "'31/12/2026 09:00'"),
        (["1767225600000"], "'1767225600000'"),
        (["Dec 3 2026"], "'Dec 3 2026'"),
        (["46023.375"], "46023.375"),
        (["2026-02-30T09:00:00Z"], "2026-02-30"),
        (["2026-03-01T09:00:00+99:00"], "+99:00"),
    ],
)
def test_a_column_that_holds_no_times_is_one_error_with_what_it_holds_and_the_fix(values, said):
    frame = pl.DataFrame({"case_id": ["a"] * len(values), "activity": ["x"] * len(values), "at": values})
    with pytest.raises(ContractError) as caught:
        History.from_frames(events=frame)
    message = str(caught.value)
    assert message.startswith("events: column at: ")
    assert said in message
    assert "2026-03-01T09:00:00Z" in message


@pytest.mark.parametrize(
    "written", ["garbage", "2026-02-30T09:00:00Z", "2026-03-01T25:00:00Z", "1767225600", "31/12/2026"]
)
def test_an_unreadable_time_sets_its_row_aside(written):
    found, history = at_of("2026-03-01T09:00:00Z", written)
    assert found == {"c000": NINE}
    assert aside(history) == {"events: unreadable time": 1}
    assert examples(history, "events: unreadable time") == (f"c001: {written}",)


@pytest.mark.parametrize(
    "written",
    ["0001-01-01T00:00:00Z", "1752-12-31T23:59:59Z", "2263-01-01T00:00:00Z", "9999-12-31T23:59:59Z"],
)
def test_absurd_years_are_set_aside(written):
    found, history = at_of("2026-03-01T09:00:00Z", written)
    assert found == {"c000": NINE}
    assert aside(history) == {"events: time outside the years 1753 to 2262": 1}


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_instants_at_the_ends_of_64_bits_are_set_aside_and_do_not_overflow(unit):
    ticks = pl.Series([2**63 - 1, -(2**63) + 1, 0]).cast(pl.Datetime(unit, "UTC"))
    frame = pl.DataFrame({"case_id": ["a", "b", "c"], "activity": "x", "at": ticks})
    history = History.from_frames(events=frame)
    if unit == "ns":
        assert history.events["at"].dt.year().to_list() == [2262, 1970]
        assert aside(history) == {"events: time outside the years 1753 to 2262": 1}
    else:
        assert history.events["at"].dt.year().to_list() == [1970]
        assert aside(history) == {"events: time outside the years 1753 to 2262": 2}


def test_an_optional_time_that_is_absurd_is_emptied_and_its_row_kept():
    rows = [event("a", recorded_at="9999-12-31T00:00:00Z"), event("b", recorded_at="2026-01-02T10:00:00Z")]
    history = History.from_records(events=rows)
    assert history.events.height == 2
    assert history.events["recorded_at"].null_count() == 1
    assert history.set_aside[0].kept
    assert aside(history) == {"events: recording time outside the years 1753 to 2262": 1}


def test_a_column_of_ten_thousand_different_odd_times_is_read():
    start = dt.datetime(2026, 1, 1, tzinfo=UTC)
    times = [start + dt.timedelta(seconds=n) for n in range(10_000)]
    written = [f"{at:%Y-%m-%d %H:%M:%S} +0000" for at in times]
    frame = pl.DataFrame({"case_id": "a", "activity": "x", "at": written})
    assert History.from_frames(events=frame).events["at"].to_list() == times


@pytest.mark.parametrize(
    "first",
    [
        "2026-03-01T09:00:00Z",
        "2026-03-01T09:00:00.000250Z",
        "2026-03-01T09:00:00.250+0000",
        "2026-03-01 09:00:00",
    ],
)
@given(st.data())
def test_how_the_first_time_is_written_does_not_change_how_others_are_read(first, data):
    def changed(place, put, length):
        return first[:place] + put + first[place + length :]

    others = data.draw(
        st.lists(
            st.builds(
                changed,
                st.integers(0, len(first)),
                st.text("0123456789 +-:.TZ", max_size=2),
                st.integers(0, 2),
            ),
            min_size=1,
            max_size=20,
        )
    )
    fast, _ = at_of(first, *others, first, zone="UTC")
    patient, _ = at_of("the first of March", *others, first, zone="UTC")
    assert {case: at for case, at in fast.items() if case != "c000"} == patient
