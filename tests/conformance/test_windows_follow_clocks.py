from __future__ import annotations

import datetime as dt
from functools import cache

import attrs
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.conformance import judge, judge_rule
from crmusage.conformance._window import Places, Window
from crmusage.history import History
from crmusage.model import Text
from crmusage.rules import Constraint, Duration, Template, UsageRule, bounds

from ..rules import clock_oracle
from ..rules.clock_oracle import Place, micros
from . import oracle
from .logs import cases, history_of, instant
from .oracle import NEVER, Case, Event
from .test_kernels_agree_with_the_oracle import by_activation

HOUR = 3_600_000_000
EPOCHS = [dt.datetime.fromisoformat(f"{day}T00:00Z") for day in (
    "2026-01-01",  # a Thursday, a holiday for who takes it
    "2026-03-06", "2026-03-27", "2026-10-23", "2026-10-30",  # the Fridays before the clocks change in New York and Paris
    "2028-02-28", "2026-12-30",
)]  # fmt: skip
PEOPLE = [
    {"person_id": "p", "unit": "u0", "time_zone": "Europe/Paris", "region": "FR"},
    {"person_id": "n", "unit": "u1", "time_zone": "America/New_York", "region": "US"},
    {"person_id": "q", "unit": "u1", "time_zone": "Europe/Paris", "region": None},
    {"person_id": "x", "unit": "u0", "time_zone": None, "region": "75"},
]
UNIT_ZONES = {"u0": "Europe/Paris", "u1": "America/New_York"}
DURATIONS = st.one_of(
    st.builds(Duration, days=st.integers(0, 2), hours=st.sampled_from([0, 2])),
    st.builds(Duration, working_days=st.integers(0, 2)),
    st.builds(Duration, working_hours=st.sampled_from([0, 1, 8, 10])),
)


@attrs.frozen(eq=False)
class World:
    epoch: dt.datetime
    zone: str | None
    rows: tuple[tuple[str, str | None, int, int], ...]
    """Of the calendar: kind, region, and hours from the epoch."""

    def calendar(self) -> pl.DataFrame:
        rows = [
            {
                "kind": kind,
                "region": region,
                "starts_at": instant(a * HOUR, self.epoch),
                "ends_at": instant(b * HOUR, self.epoch),
            }
            for kind, region, a, b in self.rows
        ]
        time = pl.Datetime("us", "UTC")
        return pl.DataFrame(
            rows, schema={"kind": pl.String, "region": pl.String, "starts_at": time, "ends_at": time}
        )

    def history(self, log: list[Case], as_of: int) -> History:
        return history_of(log, as_of, epoch=self.epoch, people=pl.DataFrame(PEOPLE), calendar=self.calendar())

    def place(self, zone: str | None, region: str | None) -> Place:
        start = micros(self.epoch)

        def spans(kind: str, *regions: str | None) -> tuple[tuple[int, int], ...]:
            return tuple(
                (start + a * HOUR, start + b * HOUR) for k, r, a, b in self.rows if k == kind and r in regions
            )

        listed = spans("working_hours", region) or spans("working_hours", None) or None
        return Place(zone, spans("holiday", None, region), (), listed, step=HOUR)

    def reach(self, log: list[Case]) -> oracle.Reach:
        """The oracle's windows: by the clock and the calendar of whom the rule means."""
        units = {id(case): f"u{k % 2}" for k, case in enumerate(log)}
        traits = {row["person_id"]: row for row in PEOPLE}
        start = micros(self.epoch)

        def told(case: Case, event: Event | None, name: str) -> str | None:
            actor = None if event is None else traits.get(event.attributes.get("actor"), {}).get(name)
            return actor or traits.get(case.attributes["owner"], {}).get(name)

        @cache
        def window(
            within: Duration | None, after: Duration | None, at: int, place: Place, back: bool
        ) -> tuple[int, int]:
            first, last = clock_oracle.bounds(within, after, at, place, back=back)
            return (first if abs(first) == NEVER else first - start), (
                last if abs(last) == NEVER else last - start
            )

        def reach(
            constraint: Constraint, case: Case, event: Event | None, at: int, back: bool
        ) -> tuple[int, int]:
            zone = self.zone
            if zone == "person":
                zone = told(case, event, "time_zone")
            elif zone == "unit":
                zone = UNIT_ZONES["u0" if event is not None and event.name % 3 == 0 else units[id(case)]]
            place = self.place(zone, told(case, event, "region"))
            return window(constraint.within, constraint.after, start + at, place, back)

        return reach


@st.composite
def worlds(draw: st.DrawFn) -> World:
    rows = []
    for _ in range(draw(st.integers(0, 3))):
        begins = draw(st.integers(-10, 90))
        kind = draw(st.sampled_from(["holiday", "holiday", "working_hours", "meeting"]))
        rows.append(
            (kind, draw(st.sampled_from([None, "FR", "US", "75"])), begins, begins + draw(st.integers(1, 30)))
        )
    zone = draw(st.sampled_from([None, "person", "unit", "Europe/Paris", "America/New_York"]))
    return World(draw(st.sampled_from(EPOCHS)), zone, tuple(rows))


@pytest.mark.parametrize("template", sorted(set(Template) - {Template.INIT, Template.END}))
@given(data=st.data())
def test_every_verdict_with_a_window_by_the_clock_is_the_formulas(template: Template, data) -> None:
    world = data.draw(worlds())
    log, as_of = data.draw(cases(most_events=4, step=5 * HOUR, steps=14, persons=("p", "n", "q", "x", "?")))
    # Conditions and correlation are proven elsewhere; here they would only hide windows.
    within, after = data.draw(st.sampled_from([(True, False), (True, False), (True, True), (False, True)]))
    constraint = Constraint(
        template,
        "a",
        target=None
        if template.is_unary
        else data.draw(st.sampled_from("ab" if template is not Template.EXCLUSIVE_CHOICE else "b")),
        within=data.draw(DURATIONS) if within else None,
        after=data.draw(DURATIONS) if after else None,
    )
    history = world.history(log, as_of)
    reach = world.reach(log)
    expected = [oracle.verdicts(constraint, case, as_of, reach) for case in log]
    first_side = sum(name is None or name >= 0 for wanted in expected for name in wanted)
    assert by_activation(history, constraint, first_side, zone=world.zone) == expected


ZONES = [
    "Europe/Paris",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/St_Johns",
    "Africa/Cairo",
    "Asia/Kathmandu",
    None,
]


@given(data=st.data())
def test_many_windows_at_once_are_what_each_is_alone(data) -> None:
    n = data.draw(st.integers(0, 12))
    # 2010 to 2012, with the half hours of Lord Howe, the day that Apia lost and the midnights of St John's.
    start, span = micros(dt.datetime(2010, 3, 1, tzinfo=dt.UTC)), 26 * 30 * 24 * 60
    lost = (micros(dt.datetime(2011, 12, 30, tzinfo=dt.UTC)) - start) // 60_000_000
    minute = st.integers(0, span) | st.integers(lost - 4000, lost + 4000)
    minutes = data.draw(st.lists(minute, min_size=n, max_size=n))
    zones = data.draw(st.lists(st.sampled_from(ZONES), min_size=n, max_size=n))
    regions = data.draw(st.lists(st.sampled_from(["FR", "US", None]), min_size=n, max_size=n))
    at = start + np.array(minutes, dtype=np.int64) * 60_000_000
    epoch = dt.datetime(2010, 12, 20, tzinfo=dt.UTC)
    rows = data.draw(
        st.sampled_from(
            [(), (("holiday", "FR", 0, 30), ("holiday", None, 100, 900)), (("working_hours", "US", 0, 500),)]
        )
    )
    world = World(epoch, "person", rows)
    history = History.from_records(
        cases=[
            {
                "case_id": f"c{k:02}",
                "kind": "k",
                "created_at": clock_oracle.EPOCH + dt.timedelta(microseconds=int(one)),
                "owner": f"p{k}",
            }
            for k, one in enumerate(at)
        ],
        people=[
            {"person_id": f"p{k}", "time_zone": zone, "region": region}
            for k, (zone, region) in enumerate(zip(zones, regions, strict=True))
        ],
        calendar=world.calendar().to_dicts(),
    )
    within, after = data.draw(st.none() | DURATIONS), data.draw(st.none() | DURATIONS)
    window = Window(after, within, Places(history, "person"))
    constraint = Constraint("response", "a", target="b", within=within, after=after)
    for back, (first, last) in ((False, window.forward(at, None)), (True, window.backward(at, None))):
        alone = [
            bounds(constraint, int(one), back=back, zone=zone, region=region, calendar=history.work_calendar)
            for one, zone, region in zip(at, zones, regions, strict=True)
        ]
        assert list(zip(first.tolist(), last.tolist(), strict=True)) == alone


def test_a_rule_names_the_zone_of_its_days() -> None:
    # Saturday noon in Paris; 23 hours later it is Sunday noon, as the clocks are put forward in between.
    events = [
        {"case_id": "c", "activity": "a", "at": dt.datetime(2026, 3, 28, 11, tzinfo=dt.UTC)},
        {"case_id": "c", "activity": "b", "at": dt.datetime(2026, 3, 29, 10, 30, tzinfo=dt.UTC)},
    ]
    history = History.from_records(
        cases=[{"case_id": "c", "kind": "k", "created_at": events[0]["at"], "closed_at": events[1]["at"]}],
        events=events,
    )
    expect = (Constraint("response", "a", target="b", within=Duration(days=1)),)
    situation = Text("a situation", "une situation")
    assert judge_rule(history, UsageRule("r", situation, expect=expect))[0].verdict.tolist() == [0]
    assert judge_rule(history, UsageRule("r", situation, expect=expect, zone="Europe/Paris"))[
        0
    ].verdict.tolist() == [1]
    assert judge(history, expect[0], zone="UTC").verdict.tolist() == [0]
