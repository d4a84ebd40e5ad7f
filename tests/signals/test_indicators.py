from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmusage as cu
from crmusage.adoptability import Criterion, Indicator, Response, Verdict, items, score
from crmusage.model import Measure, Text, Undefined
from crmusage.signals import acts, around_controls, use, users_against_others
from tests.signals.company import DAY, END, MONDAYS, case, entry, history, login, meetings, people, person


def indicator(one: cu.History, name: str) -> Indicator:
    found = [each for each in cu.observe(one).indicators if each.measure.name == name]
    assert len(found) == 1
    return found[0]


def sessions(share: float, n: int = 10, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "person_id": person(k % 10),
            "at": END - k * DAY / 10,
            "client": "Android phone" if (k // 10) % n < share * n else "Chrome",
            **more,
        }
        for k in range(10 * n)
    ]


def test_the_mobile_share_is_of_sessions_that_say_what_they_were_on():
    rows = [*sessions(0.4), {"person_id": person(1), "at": END - DAY, "client": None}]
    found = indicator(history(people=people(), sessions=rows), "mobile")
    assert isinstance(found.measure, Measure)
    assert (found.criterion, found.measure.numerator, found.measure.denominator) == (
        Criterion.ACCESSIBILITY,
        40,
        100,
    )
    assert found.verdict is Verdict.GOOD
    assert found.text.en == "sessions on a telephone or a tablet: 40%"


def test_uptime_is_working_time_without_outages():
    # A working week has 40 hours; the outage takes four of them, and a Sunday takes none.
    tuesday = dt.datetime(2026, 6, 16, 9, 0, tzinfo=dt.UTC)
    sunday = dt.datetime(2026, 6, 14, 9, 0, tzinfo=dt.UTC)
    outages = [
        {"kind": "outage", "starts_at": at, "ends_at": at + dt.timedelta(hours=4)} for at in (tuesday, sunday)
    ]
    began = dt.datetime(2026, 6, 15, 0, 0, tzinfo=dt.UTC)
    one = history(cases=[{**case(0, 0), "created_at": began}], events=[entry(0, 0, began)], calendar=outages)
    found = indicator(one, "uptime")
    assert isinstance(found.measure, Measure)
    assert found.measure.value == pytest.approx(1 - 4 / 80)
    assert found.verdict is Verdict.POOR


def test_latency_is_the_share_of_sessions_that_were_fast_enough():
    rows = [{**row, "latency": 1.5 if k % 20 else 9.0} for k, row in enumerate(sessions(0))]
    found = indicator(history(people=people(), sessions=rows), "fast")
    assert isinstance(found.measure, Measure)
    assert found.measure.value == 0.95


def test_what_is_caught_is_held_against_what_is_typed_and_imports_are_neither():
    origins = ["automation", "api", "ui", "import", "cascade", "merge", "unknown"]
    rows = [entry(c, 0, END - (k + 1) * DAY, origin) for c in range(40) for k, origin in enumerate(origins)]
    one = history(cases=[case(c, 0) for c in range(40)], events=rows)
    found = indicator(one, "by_product")
    assert isinstance(found.measure, Measure)
    assert (found.measure.numerator, found.measure.denominator) == (80, 120)
    assert found.verdict is Verdict.GOOD


def test_managers_are_held_to_their_own_use():
    logins = [login(who, END - (7 * week + 1) * DAY) for who in range(5, 20) for week in range(13)]
    found = indicator(history(people=people(), sessions=[*logins, login(1, END - DAY)]), "managers_use")
    assert isinstance(found.measure, Measure)
    assert found.measure.value == pytest.approx(1 / 65)
    assert found.verdict is Verdict.POOR


def test_managers_who_read_without_entering_are_not_accused():
    # They may run every meeting from it: entries cannot tell.
    rows = [entry(0, who, END - (7 * week + 1) * DAY) for who in range(5, 20) for week in range(13)]
    found = indicator(history(people=people(), events=[entry(0, 0, END - 200 * DAY), *rows]), "managers_use")
    assert isinstance(found.measure, Undefined)
    assert found.verdict is Verdict.OPEN


def test_of_fewer_managers_than_the_minimum_nothing_is_told():
    one = history(people=people(managers=(0, 1, 2, 3)), sessions=[login(0, END - DAY)])
    found = indicator(one, "managers_use")
    assert isinstance(found.measure, Undefined)
    assert found.measure.reason.en == "fewer than 5 people to tell it of"
    assert found.verdict is Verdict.OPEN


def weekly(owners: range | list[int]) -> list[dict[str, Any]]:
    return [entry(0, who, END - (7 * week + 1) * DAY) for who in owners for week in range(40)]


def outcomes(chance: dict[tuple[str, bool], float], seed: int, n: int = 30) -> cu.History:
    """Forty owners in two units; those with an even half use the tool every week."""
    rng = random.Random(seed)
    users = [k for k in range(40) if k % 4 < 2]
    cases = []
    for who in range(40):
        odds = chance[("East", "West")[who % 2], who in users]
        cases += [case(1 + who * n + k, who, won=rng.random() < odds) for k in range(n)]
    return history(
        people=people(40, managers=()),
        cases=[case(0, 0), *cases],
        events=[entry(0, 0, END - 299 * DAY), *weekly(users)],
    )


def test_what_users_win_more_than_others_of_their_unit_is_found():
    held = 0
    for seed in range(10):
        one = outcomes(
            {("East", True): 0.5, ("East", False): 0.3, ("West", True): 0.4, ("West", False): 0.2}, seed, 12
        )
        measure = users_against_others(one, use(one, acts(one), 52), 5)
        assert isinstance(measure, Measure)
        held += measure.low <= 20 <= measure.high
        assert measure.value > 0
    assert held >= 8


def test_units_that_differ_do_not_make_a_difference_between_users_and_others():
    # West wins more, and has more users: across units users win far more, within units they do not.
    users = [k for k in range(40) if (k % 2 and k % 10 != 1) or (k % 10 == 0)]
    held, across = 0, []
    for seed in range(10):
        rng = random.Random(seed)
        won = {who: [rng.random() < (0.6 if who % 2 else 0.2) for _ in range(12)] for who in range(40)}
        one = history(
            people=people(40, managers=()),
            cases=[
                case(0, 0),
                *(case(1 + who * 12 + k, who, won=it) for who in won for k, it in enumerate(won[who])),
            ],
            events=[entry(0, 0, END - 299 * DAY), *weekly(users)],
        )
        measure = users_against_others(one, use(one, acts(one), 52), 5)
        assert isinstance(measure, Measure)
        held += measure.low <= 0 <= measure.high
        rates = [
            sum(sum(won[who]) for who in group) / len(group) / 12
            for group in (users, won.keys() - set(users))
        ]
        across.append(rates[0] - rates[1])
    assert held >= 8
    assert min(across) > 0.1


def test_too_few_on_one_side_give_no_difference():
    one = history(
        people=people(20, managers=()),
        cases=[case(0, 0), *(case(1 + k, k % 20, won=bool(k % 3)) for k in range(100))],
        events=[entry(0, 0, END - 299 * DAY), *weekly([0, 1, 2, 3])],
    )
    measure = users_against_others(one, use(one, acts(one), 52), 5)
    assert isinstance(measure, Undefined)
    assert "fewer than 5 people on one side" in measure.reason.en


def test_use_around_controls_only_is_seen_and_use_all_week_is_not():
    eves = [entry(0, who, at - dt.timedelta(hours=2)) for who in range(10) for at in MONDAYS]
    rest = [entry(0, who, at + k * DAY) for who in range(10) for at in MONDAYS for k in range(4)]
    for rows, verdict in ((eves, Verdict.POOR), (rest, Verdict.GOOD)):
        one = history(people=people(), events=[entry(0, 0, END - 299 * DAY), *rows], calendar=meetings())
        coercion = cu.observe(one).coercion
        assert coercion is not None
        assert coercion.verdict is verdict


def test_a_control_every_day_says_nothing():
    days = [END - k * DAY for k in range(180)]
    one = history(people=people(), calendar=meetings(days))
    assert isinstance(around_controls(one, acts(one), 5), Undefined)


def test_the_eve_of_a_monday_control_is_friday_afternoon():
    friday = [entry(0, who, at - 3 * DAY + dt.timedelta(hours=3)) for who in range(10) for at in MONDAYS]
    one = history(people=people(), events=[entry(0, 0, END - 299 * DAY), *friday], calendar=meetings())
    found = around_controls(one, acts(one), 5)
    assert isinstance(found, Measure)
    assert found.value == 1.0


def test_a_control_of_one_region_is_none_of_another():
    crew = [{**row, "region": ("North", "South")[k % 2]} for k, row in enumerate(people())]
    rows = [entry(0, who, at - dt.timedelta(hours=2)) for who in range(20) for at in MONDAYS]
    held = [{**row, "region": "North"} for row in meetings()]
    one = history(people=crew, events=[entry(0, 0, END - 299 * DAY), *rows], calendar=held)
    found = around_controls(one, acts(one), 5)
    assert isinstance(found, Measure)
    assert found.value == 0.5


def test_without_tables_every_figure_is_open_with_its_reason():
    seen = cu.observe(history())
    assert all(one.verdict is Verdict.OPEN for one in seen.indicators if one.measure.name != "by_product")
    assert all(one.measure.reason for one in seen.indicators if isinstance(one.measure, Undefined))
    assert seen.coercion is not None
    assert seen.coercion.verdict is Verdict.OPEN


def test_where_the_history_and_the_answers_say_opposite_things_it_is_said():
    one = history(
        people=people(),
        cases=[case(k, k) for k in range(20)],
        events=[entry(0, 0, END - 299 * DAY), *(entry(k, k, END - DAY) for k in range(20))],
        sessions=[login(k, END - DAY) for k in range(20)],
    )
    seen = cu.observe(one)
    fine = [
        Response({one.id: 1 + k % 2 if one.reversed else 5 - k % 2 for one in items()}) for k in range(20)
    ]
    said = {one.criterion for one, _ in score(fine, indicators=seen.indicators).disagreements}
    assert said == {Criterion.COMPATIBILITY, Criterion.REASSURANCE}


def test_an_indicator_names_no_person_and_no_unit():
    seen = cu.observe(history(people=people(), calendar=meetings()))
    told = " ".join(one.text.en + one.text.fr for one in (*seen.indicators, *seen.observations))
    assert not any(name in told for name in ("East", "West", *(person(k) for k in range(20))))


@given(st.integers(-200, 200))
def test_shifting_all_times_by_whole_weeks_changes_no_figure(weeks: int):
    by = dt.timedelta(weeks=weeks)
    rows = [entry(0, who, at - dt.timedelta(hours=2 + who)) for who in range(6) for at in MONDAYS]
    found = []
    for shift in (dt.timedelta(0), by):
        one = cu.History.from_records(
            as_of=END + shift,
            people=people(),
            cases=[{**row, "created_at": row["created_at"] + shift} for row in [case(0, 0)]],
            events=[{**row, "at": row["at"] + shift} for row in [entry(0, 0, END - 200 * DAY), *rows]],
            calendar=meetings(at + shift for at in MONDAYS),
        )
        seen = cu.observe(one)
        found.append((seen.indicators, seen.coercion))
    assert found[0] == found[1]


def test_every_reason_why_there_is_no_figure_is_told_in_french():
    slow = [{**row, "latency": "slow"} for row in sessions(0)]
    told = [
        history(),
        history(people=people(managers=(0, 1)), sessions=slow),
        history(
            people=people(), sessions=sessions(0.5), calendar=meetings([END - k * DAY for k in range(180)])
        ),
        outcomes(
            dict.fromkeys((("East", True), ("East", False), ("West", True), ("West", False)), 0.5), 1, 1
        ),
        history(people=people(4), cases=[case(k, k, won=True) for k in range(4)]),
    ]
    reasons = {
        figure.reason
        for one in map(cu.observe, told)
        for figure in (
            *(each.measure for each in (*one.indicators, *one.observations)),
            *((one.coercion.around_controls, one.coercion.by_product) if one.coercion else ()),
        )
        if isinstance(figure, Undefined)
    }
    assert len(reasons) > 10
    assert [reason for reason in reasons if reason.en == reason.fr] == []
    assert Text(
        "sessions.latency is not in seconds: 'slow'", "sessions.latency n'est pas en secondes : « slow »"
    ) in (reasons)
