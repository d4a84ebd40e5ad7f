from __future__ import annotations

import datetime as dt
from collections import Counter
from functools import reduce
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.conformance import _cadence, judge_rule, tally, witnesses
from crmusage.history import Counts, History
from crmusage.model import Text
from crmusage.rules import (
    AppliesTo,
    Cadence,
    Compare,
    Constraint,
    Duration,
    Op,
    Rulebook,
    UsageRule,
    Verdict,
    in_words,
)
from crmusage.verification import verify

from . import cadence_oracle
from .cadence_oracle import Weekly, event
from .oracle import Case

HOUR = 3_600_000_000
SITUATION = Text("open opportunities", "opportunités ouvertes")
PEOPLE = [
    {"person_id": "p", "unit": "u0", "time_zone": "Europe/Paris"},
    {"person_id": "n", "unit": "u1", "time_zone": "America/New_York"},
    {"person_id": "q", "unit": "u1", "time_zone": "Europe/Paris"},
    {"person_id": "x", "unit": "u1", "time_zone": None},
]
ZONES = {row["person_id"]: row["time_zone"] for row in PEOPLE}
UNIT_ZONES = {"u0": "Europe/Paris", "u1": "America/New_York"}
EPOCHS = [
    dt.datetime(2026, 3, 20, tzinfo=dt.UTC),
    dt.datetime(2026, 10, 16, 6, tzinfo=dt.UTC),
    dt.datetime(2027, 12, 20, tzinfo=dt.UTC),
]
PERSONS = ["p", "n", "q", "x", "queue", None]
HOURS = [0, 4, 5, 10, 11, 12, 16, 17, 22, 23]
"""Midnight and noon of the zones, in winter and summer, and hours between."""


def cadence_of(random: Random) -> Weekly:
    hours = random.choice([None, 1, 12, 24, 60])
    return Weekly(
        every=random.randint(1, 2),
        days=random.choice([None, (0,), (0, 3), (5, 6)]),
        hour=random.choice([0, 2, 12, 12]),
        since=None if hours is None else dt.timedelta(hours=hours),
    )


def time(random: Random) -> int:
    return (24 * random.randint(0, 12) + random.choice(HOURS)) * HOUR


def case_of(random: Random, *, early: bool) -> Case:
    created = random.choice([0, time(random)]) if early else time(random)
    events = [event(k, "updated", time(random)) for k in range(random.randint(0, 4))]
    changes = {time(random) for _ in range(random.randint(0, 3))}
    owner = now = random.choice(PERSONS)
    for k, at in enumerate(sorted(changes, reverse=True)):
        # Mostly a chain, with gaps in what was recorded.
        new = random.choice([owner, owner, owner, None])
        now = (new or now) if k == 0 else now
        owner = random.choice(PERSONS)
        events.append(event(100 + k, "owner_changed", at, old=random.choice([owner, owner, None]), new=new))
    closed = random.choice([None, max(created, time(random))])
    return Case(created, closed, tuple(events), {"owner": now, "amount": random.randint(0, 1)})


@attrs.frozen(eq=False)
class World:
    """A few dozen cases: so many that the rare meetings of a change, a leave and a due instant are among them."""

    log: list[Case]
    as_of: int
    epoch: dt.datetime
    absences: list[tuple[str, int, int]]

    @classmethod
    def of(cls, random: Random) -> World:
        early = random.random() < 0.5
        log = [case_of(random, early=early) for _ in range(random.randint(0, 30))]
        latest = max((at for case in log for at in (case.created, *(e.at for e in case.events))), default=0)
        absences = []
        for _ in range(random.randint(0, 6)):
            start = time(random)
            absences.append((random.choice("pnqx"), start, max(start + 12 * HOUR, time(random))))
        return cls(log, latest + time(random), random.choice(EPOCHS), absences)

    def history(self) -> History:
        return history_of(self.log, self.as_of, self.epoch, self.absences)


def history_of(
    log: list[Case], as_of: int, epoch: dt.datetime, absences: list[tuple[str, int, int]]
) -> History:
    def instant(at: int) -> dt.datetime:
        return epoch + dt.timedelta(microseconds=at)

    return History.from_records(
        cases=[
            {
                "case_id": f"c{k:02}", "kind": "opportunity", "created_at": instant(case.created),
                "closed_at": None if case.closed is None or case.closed > as_of else instant(case.closed),
                "unit": f"u{k % 2}", **case.attributes,
            }
            for k, case in enumerate(log)
        ],
        events=[
            {"case_id": f"c{k:02}", "activity": e.activity, "at": instant(e.at), **e.attributes}
            for k, case in enumerate(log)
            for e in case.events
            if e.at <= as_of
        ] or None,
        people=PEOPLE,
        absences=[{"person_id": who, "starts_at": instant(a), "ends_at": instant(b)} for who, a, b in absences] or None,
        as_of=instant(as_of),
    )  # fmt: skip


def rule_of(cadence: Weekly, **kwargs) -> UsageRule:
    since = None if cadence.since is None else Duration(hours=cadence.since.total_seconds() / 3600)
    return UsageRule(
        "r",
        SITUATION,
        cadence=Cadence(cadence.rrule, "updated", since, starts_on=cadence.starts_on),
        **kwargs,
    )


SEEDS = st.integers(0, 2**32)


@given(seed=SEEDS, zone=st.sampled_from([None, None, "person", "unit", "Europe/Paris"]))
def test_every_due_instant_is_judged_as_the_oracle_does(seed: int, zone: str | None) -> None:
    random = Random(seed)
    world, cadence = World.of(random), cadence_of(random)
    history = world.history()
    judged = judge_rule(history, rule_of(cadence, zone=zone))[0]
    found: list[dict[int, tuple[str, int | None]]] = [{} for _ in world.log]
    start = (world.epoch - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
    for case, verdict, by, due in zip(
        judged.case, judged.verdict, judged.decided_by, judged.deadline, strict=True
    ):
        decided = None if by < 0 else int(history.index.at[by]) - start
        found[case][int(due) - start] = (Verdict(int(verdict)).name.lower(), decided)
    for k, case in enumerate(world.log):

        def zone_at(person: str | None, k: int = k) -> str | None:
            own = ZONES.get(person)
            return {None: own, "person": own, "unit": UNIT_ZONES[f"u{k % 2}"]}.get(zone, zone)

        wanted = cadence_oracle.verdicts(case, cadence, world.epoch, world.as_of, zone_at, world.absences)
        assert found[k] == wanted
    assert sum(map(len, found)) == len(judged)


@given(seed=SEEDS, n=st.integers(1, 4), at_once=st.sampled_from([1, 30, 10**6]))
def test_tallies_of_parts_are_the_tally_of_the_whole(seed: int, n: int, at_once: int) -> None:
    random = Random(seed)
    world, cadence = World.of(random), cadence_of(random)
    about = AppliesTo(where=Compare("amount", Op.EQ, 1))
    rule = rule_of(cadence, expect=(Constraint("existence", "updated"),), applies_to=about)
    history = world.history()
    whole = tally(history, [rule])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_cadence, "AT_ONCE", at_once)
        assert reduce(Counts.merge, [tally(part, [rule]) for part in history.parts(n)]) == whole
    judged = judge_rule(history, rule)[1]
    rows = [row for row in whole.by("rule", "expect").rows() if row["expect"] == 1]
    total = rows[0] if rows else Counter()
    assert total["activations"] == len(judged) == total["fulfilled"] + total["violated"]
    assert total["fulfilled"] == (judged.verdict == Verdict.FULFILLED).sum()
    cases = {k for k, case in enumerate(world.log) if case.attributes["amount"] == 1}
    assert total["vacuous_cases"] == len(cases - set(judged.case.tolist()))
    due = judged.deadline.astype("datetime64[us]").astype("datetime64[M]").astype(int).tolist()
    by_month = whole.by("rule", "expect", "month").rows()
    found = {
        row["month"]: row["activations"] for row in by_month if row["expect"] == 1 and row["activations"]
    }
    assert found == Counter(due)


# The example of the first of the texts that the project rests on: opportunities are brought up to date on Monday mornings.
MONDAYS = UsageRule(
    "monday-update",
    SITUATION,
    kind="opportunity",
    cadence=Cadence("FREQ=WEEKLY;BYDAY=MO;BYHOUR=12", "updated", Duration(hours=12)),
)
FRIDAY = dt.datetime(2026, 3, 27, tzinfo=dt.UTC)
"""Before the clocks of Paris are put forward; those of New York were three weeks ago."""


def monday(
    hour: float, *, case: Case | None = None, absences=(), as_of: int = 5 * 24
) -> list[tuple[str, str]]:
    """What became of one opportunity, updated at an hour (UTC) of Monday the 30th, as (due, verdict)."""
    updated = event(0, "updated", int((3 * 24 + hour) * HOUR))
    case = case or Case(0, None, (), {"owner": "p"})
    made = Case(case.created, case.closed, (*case.events, updated), case.attributes)
    history = history_of([made], as_of * HOUR, FRIDAY, list(absences))
    table = witnesses(history, [MONDAYS], verdicts=("fulfilled", "violated"))
    return [(f"{row['deadline']:%d %H:%M}", row["verdict"]) for row in table.iter_rows(named=True)]


def test_by_noon_is_by_the_owners_noon() -> None:
    assert monday(10) == [("30 10:00", "fulfilled")]
    assert monday(10.01) == [("30 10:00", "violated")]
    american = Case(0, None, (), {"owner": "n"})
    assert monday(15.9, case=american) == [("30 16:00", "fulfilled")]
    assert monday(3.9, case=american) == [("30 16:00", "violated")]
    nobody = Case(0, None, (), {"owner": None})
    assert monday(11, case=nobody) == [("30 12:00", "fulfilled")]


def test_what_was_not_due_yet_is_no_activation() -> None:
    assert monday(1, as_of=3 * 24 + 9) == []


def test_a_case_created_in_the_window_or_closed_before_is_excused() -> None:
    assert monday(20, case=Case(3 * 24 * HOUR, None, (), {"owner": "p"})) == []
    assert monday(20, case=Case(0, int(3.3 * 24) * HOUR, (), {"owner": "p"})) == []


def test_an_owner_on_leave_is_excused_and_one_who_comes_back_in_the_window_is_not() -> None:
    assert monday(20, absences=[("p", 2 * 24 * HOUR, 4 * 24 * HOUR)]) == []
    assert monday(20, absences=[("p", 2 * 24 * HOUR, (3 * 24 + 8) * HOUR)]) == [("30 10:00", "violated")]


def test_two_absences_in_a_row_are_one() -> None:
    noon = (3 * 24 + 2) * HOUR
    assert monday(20, absences=[("p", 0, noon), ("p", noon, 5 * 24 * HOUR)]) == []


@pytest.mark.parametrize(("to", "verdicts"), [("q", [("30 10:00", "violated")]), ("x", [])])
def test_who_took_over_for_the_absent_is_expected_to_unless_away_too(
    to: str, verdicts: list[tuple[str, str]]
) -> None:
    given = event(1, "owner_changed", (3 * 24 + 3) * HOUR, old="p", new=to)
    away = [("p", 2 * 24 * HOUR, 5 * 24 * HOUR), ("x", 0, 5 * 24 * HOUR)]
    assert monday(20, case=Case(0, None, (given,), {"owner": to}), absences=away) == verdicts


def test_the_cadence_of_a_rule_comes_after_its_expectations() -> None:
    rule = UsageRule("r", SITUATION, expect=(Constraint("existence", "updated"),), cadence=MONDAYS.cadence)
    assert rule.expectation(0) == rule.expect[0]
    assert (
        str(rule.expectation(1)) == "cadence: updated, FREQ=WEEKLY;BYDAY=MO;BYHOUR=12, within 12 hours before"
    )
    with pytest.raises(IndexError):
        rule.expectation(2)


def test_a_history_of_nothing_has_nothing_due() -> None:
    assert len(judge_rule(history_of([], 0, FRIDAY, []), MONDAYS)[0]) == 0
    assert len(tally(history_of([], 0, FRIDAY, []), [MONDAYS])) == 0


def test_every_second_week_is_counted_from_the_first_day_of_the_whole_history() -> None:
    # The second case was created a week after the first.
    cases = [Case(week * 7 * 24 * HOUR, None, (), {"owner": "p"}) for week in range(2)]
    history = history_of(cases, 60 * 24 * HOUR, FRIDAY, [])
    rule = rule_of(Weekly(every=2, days=(0,), hour=12, since=dt.timedelta(hours=12)), applies_to=AppliesTo())
    first, second = (
        {f"{due:%d %b}" for due in judge_rule(part, rule)[0].deadline.astype("datetime64[us]").tolist()}
        for part in history.parts(2)
    )
    assert second
    assert first >= second


def test_the_report_tells_a_cadence_and_what_was_taken_for_granted() -> None:
    late = [Case(0, None, (event(0, "updated", 0),), {"owner": who}) for who in ("p", "x")]
    report = verify(history_of(late, 5 * 24 * HOUR, FRIDAY, []), Rulebook((MONDAYS,)), detectors=[])
    total = next(row for row in report.rules if row.unit is None and row.period is None)
    assert (total.expect, total.expect_text) == (0, str(MONDAYS.cadence))
    assert total.asks == in_words(MONDAYS.cadence)
    assert "chaque dossier ouvert a connu « updated »" in report.to_text("fr", 1_000).replace("\u00a0", " ")
    assert (total.activations, total.violated) == (2, 2)
    assert any("taken to be UTC" in note.en for note in report.notes)
