"""Which records, fields and changes the detectors of data entry count, one doubt at a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from crmusage.detectors.data_entry._dose import Dose, Level, doses_of
from crmusage.detectors.data_entry._facts import Patterns
from crmusage.detectors.data_entry._fields import required_since
from crmusage.detectors.data_entry._free_text_as_structure import FreeTextAsStructure
from crmusage.detectors.data_entry._local_copy import LocalCopy
from crmusage.detectors.data_entry._mandatory_field_fatigue import MandatoryFieldFatigue
from crmusage.detectors.data_entry._untouched_default import UntouchedDefault
from crmusage.history import Counts, History
from crmusage.model import Outcome

from .company import END, START, judged, of_unit, only, silent
from .life import FAR, TEAMS, Record, deals, event

CU302, CU303, CU311, CU312 = UntouchedDefault(), MandatoryFieldFatigue(), FreeTextAsStructure(), LocalCopy()

# --- picklists left alone


def lists(
    others: Any, far: Any, *, names: tuple[str, ...] = ("industry", "source"), **tables: Any
) -> History:
    """Ten teams and one more, whose picklists are as told of each turn; `Other` is what the form proposes."""
    cases = [case | others(turn) for team in TEAMS for turn, case in enumerate(deals(team))]
    cases += [case | far(turn) for turn, case in enumerate(deals(FAR))]
    vocabulary = [
        {"entity": "opportunity", "field": name, "raw": raw, "is_default": raw == "Other"}
        for name in names
        for raw in ("Other", "Food", "Fair")
    ]
    return History.from_records(as_of=END, cases=cases, vocabulary=vocabulary, **tables)


def chosen(_: int) -> Record:
    return {"industry": "Food", "source": "Fair"}


def left(_: int) -> Record:
    return {"industry": "Other", "source": "Other"}


def test_records_with_one_list_filled_in_are_not_looked_at() -> None:
    found = only(
        judged(CU302, lists(chosen, lambda turn: left(turn) | ({"source": None} if turn < 8 else {})))
    )
    assert (found.measure.numerator, found.measure.denominator) == (32, 32)


@pytest.mark.parametrize("seldom", [0, 20])
def test_a_list_that_all_leave_alone_is_not_what_sets_a_unit_apart(seldom: int) -> None:
    def others(turn: int) -> Record:
        return {"industry": "Food", "source": "Fair" if seldom and turn % seldom == 0 else "Other"}

    assert silent(judged(CU302, lists(others, left)))


def test_the_first_stage_is_no_default_that_was_left_alone() -> None:
    history = lists(
        lambda _: {"industry": "Food", "stage": "Fair"},
        lambda _: {"industry": "Other", "stage": "Other"},
        names=("industry", "stage"),
    )
    (one,) = judged(CU302, history).assessments
    assert one.outcome is Outcome.NOT_ASSESSABLE


def test_what_an_import_changed_nobody_has_looked_at() -> None:
    changes = [event(case, "updated", 2, field="source", origin="import") for case in deals(FAR)]
    assert only(judged(CU302, lists(chosen, left, events=changes))).scope.unit == FAR


# --- facts in free text

REACHED = "can be reached under +33 6 12 34 56 78"


def notes(far: Any, *, events: list[Record] | None = None) -> History:
    field = {"contact_phone": "+33 1 42 17 18 07"}
    cases = [case | field | {"notes": "has seen the line"} for team in TEAMS for case in deals(team)]
    cases += [case | {"contact_phone": None, "notes": far(turn)} for turn, case in enumerate(deals(FAR))]
    return History.from_records(as_of=END, cases=cases, events=events or [event(cases[0], "call", 1)])


def test_short_values_and_those_that_mean_nothing_are_no_free_text() -> None:
    odd = {0: "+33612345678 mobile only", 1: "- - - -", 2: "tbd"}
    found = only(judged(CU311, notes(lambda turn: odd.get(turn, REACHED))))
    assert (found.measure.numerator, found.measure.denominator) == (37, 37)


def test_what_a_program_wrote_into_an_event_is_nobodys_note() -> None:
    written = [event(case, "call", 1, text=REACHED, origin="automation") for case in deals(FAR)]
    assert silent(judged(CU311, notes(lambda _: "has seen the line", events=written)))
    by_hand = [one | {"origin": "ui"} for one in written]
    assert only(judged(CU311, notes(lambda _: "has seen the line", events=by_hand))).scope.unit == FAR


@pytest.mark.parametrize("text", ["06123456", "order 0612345678901", "0 612"])
def test_numbers_of_another_length_are_no_telephone_numbers(text: str) -> None:
    assert Patterns().facts(text) == frozenset()


# --- copies kept outside


def brought(hits: list[int], n: list[int]) -> bool:
    """Whether so many changes brought in a month, of so many, are a habit."""
    grid = CU312.lay(CU312.tally(History.from_records(as_of=END, cases=deals(FAR, 1))))
    months = np.arange(len(hits))
    sums = {name: np.array([row, [0] * len(row)], dtype=np.int64) for name, row in (("hits", hits), ("n", n))}
    made = type(grid)((FAR,), months, sums, {}, {}, {})
    return CU312.also(made, 0, None, None)


@pytest.mark.parametrize(
    ("hits", "n", "habit"),
    [
        ([30, 30, 30], [40] * 3, True),
        ([30, 30], [40] * 2, False),  # in two months
        ([30, 30, 30, *[0] * 9], [40] * 12, True),
        ([30, 30, 30, *[0] * 10], [40] * 13, False),  # in less than a quarter of them
        ([40, 20, 20], [40] * 3, True),
        ([42, 20, 20], [60] * 3, False),  # more than half of it in one
    ],
)
def test_what_comes_in_by_bulk_is_a_habit_only_where_it_comes_again_and_again(
    hits: list[int], n: list[int], habit: bool
) -> None:
    assert brought(hits, n) == habit


def test_fourteen_late_entries_in_an_hour_are_no_list_that_is_copied() -> None:
    def grid(together: int) -> Any:
        when = dt.datetime(2024, 6, 25, 17, tzinfo=dt.UTC)
        rows = [
            event(case, "updated", 0)
            | {"at": when - dt.timedelta(days=20), "recorded_at": when + dt.timedelta(minutes=turn)}
            for turn, case in enumerate(deals(FAR, together, every=1))
        ]
        made = History.from_records(as_of=END, cases=deals(FAR, together, every=1), events=rows)
        return CU312.lay(CU312.tally(made))

    assert [int(grid(n).sums["hits"].sum()) for n in (14, 15)] == [0, 15]


def test_what_belongs_to_no_unit_is_no_example_of_one() -> None:
    when = dt.datetime(2024, 6, 25, tzinfo=dt.UTC)
    cases = [*deals(FAR, 2), *(case | {"unit": None} for case in deals("nobody's", 2))]
    rows = [event(case, "updated", 0) | {"at": when, "origin": "import"} for case in cases]
    tally = CU312.tally(History.from_records(as_of=END, cases=cases, events=rows))
    assert [(unit, ids) for (unit, _), ids in tally.examples.items()] == [
        (FAR, tuple(case["case_id"] for case in cases[:2]))
    ]


# --- mandatory fields


def rows(*levels: tuple[int, int, int], field: str = "f") -> list[dict[str, Any]]:
    return [{"field": field, "dose": dose, "n": n, "fake": fake} for dose, n, fake in levels]


def test_levels_of_fewer_than_thirty_values_are_left_aside() -> None:
    made = Dose.of(rows((1, 30, 3), (2, 29, 20), (3, 30, 9)))
    assert made.levels == (Level(1, 30, 3), Level(3, 30, 9))


@pytest.mark.parametrize(
    ("shares", "rises"),
    [
        ((10, 20, 30), True),
        ((10, 9, 30), True),  # a step down by chance
        ((10, 5, 30), False),
        ((10, 15, 19), False),  # by too little
        ((40, 45, 55), False),  # by less than half as much again
    ],
)
def test_what_rises_rises_at_every_step_and_by_enough(shares: tuple[int, ...], rises: bool) -> None:
    made = Dose.of(rows(*((dose, 100, fake) for dose, fake in enumerate(shares, 1))))
    assert made.rises(0.10, 1.5) is rises


def test_requests_do_not_count_where_there_are_opportunities() -> None:
    def counted(*deal: int) -> Counts:
        one = np.ones(len(deal), dtype=np.int64)
        return Counts.of(
            keys={
                "deal": np.array(deal, dtype=np.int64),
                "unit": (one - 1, (FAR,)),
                "field": (one - 1, ["contact"]),
                "dose": one,
            },
            sums={"n": one * 30, "fake": one * 3},
        )

    assert doses_of(counted(0, 1))[1][FAR].levels == (Level(1, 30, 3),)
    assert doses_of(counted(0, 0))[1][FAR].levels == (Level(1, 60, 6),)


def test_a_field_is_required_from_the_first_day_that_is_told_of_it_on() -> None:
    days = [(START + dt.timedelta(days=day)).date().isoformat() for day in (5, 2, 9)]
    coverage = [
        {"entity": entity, "field": "contact", "required_from": day}
        for entity, day in zip(("lead", "opportunity", "request"), days, strict=True)
    ]
    made = History.from_records(as_of=END, cases=deals(FAR, 2), coverage=coverage)
    assert required_since(made) == {
        "contact": (START + dt.timedelta(days=2) - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)).days
    }
    first, second = (case | {"contact": "Karl Roux"} for case in deals(FAR, 2, first=1, every=1))
    tally = CU303.tally(History.from_records(as_of=END, cases=[first, second], coverage=coverage))
    # What was made on the day before had no mandatory field; what was made on the day itself had one.
    assert [(row["dose"], row["n"]) for row in tally.rows()] == [(1, 1)]


def tired(fakes: dict[str, tuple[int, int, int]], n: int = 100, *, times: int = 1) -> Any:
    """What is judged of units whose values mean nothing so often, with one, two and three mandatory fields; FAR has so
    many times as many values."""
    units = tuple(fakes)
    cells = [
        (place, dose, fake) for place, unit in enumerate(units) for dose, fake in enumerate(fakes[unit], 1)
    ]
    place, dose, fake = (np.array(column, dtype=np.int64) for column in zip(*cells, strict=True))
    many = np.where(place == units.index(FAR), times, 1)
    tally = Counts.of(
        keys={
            "deal": np.ones(len(place), dtype=np.int64),
            "unit": (place, units),
            "field": (np.zeros(len(place), dtype=np.int64), ["contact"]),
            "dose": dose,
        },
        sums={"n": n * many, "fake": fake * many},
    )
    from crmusage.detectors import Context

    return CU303.judge(tally, Context(as_of=END, unit_sizes=dict.fromkeys(units, 9), units=units))


CALM = {f"team {k}": (2, 2, 3) for k in range(6)}


def test_who_tires_no_more_than_its_peers_do_is_not_named() -> None:
    assert only(tired({**CALM, FAR: (2, 15, 30)})).scope.unit == FAR
    # It rises by eleven points and all others by nine; that its rise is surer makes it no other.
    all_climb = {f"team {k}": (2, 6, 11) for k in range(6)}
    assert tired({**all_climb, FAR: (2, 7, 13)}, times=40).findings == ()


def test_of_nine_values_that_mean_nothing_no_trend_is_told() -> None:
    assert tired({**dict.fromkeys(CALM, (0, 0, 0)), FAR: (0, 4, 9)}, n=30).findings == ()
    assert only(tired({**dict.fromkeys(CALM, (0, 0, 0)), FAR: (0, 4, 10)}, n=30)).scope.unit == FAR


def test_a_rise_in_some_units_is_not_the_companys() -> None:
    slight = {f"team {k}": (2, 3, 4) for k in range(6)}
    found = tired({**slight, FAR: (2, 60, 90)})
    assert [one.scope.unit for one in found.findings] == [FAR]
    assert of_unit(found, None).outcome is Outcome.CLEAR


def test_where_all_tire_no_unit_is_named_beside_the_company() -> None:
    every = {f"team {k}": (2, 12, 24) for k in range(6)}
    assert [one.scope.unit for one in tired({**every, FAR: (2, 50, 95)}).findings] == [None]


def test_a_unit_under_the_minimum_size_is_not_judged_for_being_tired() -> None:
    from crmusage.detectors import Context

    history = History.from_records(as_of=END, cases=deals(FAR, 2))
    context = Context(as_of=END, unit_sizes={FAR: 4}, units=(FAR,))
    ended = of_unit(CU303.judge(CU303.tally(history), context), FAR)
    assert ended.reason == context.unreportable(FAR)
