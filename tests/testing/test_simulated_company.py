from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from crmusage.testing import Simulation
from tests.testing.simulated import SEEDS, simulated, win_rate


@pytest.fixture(params=SEEDS[:2])
def company(request: pytest.FixtureRequest) -> Simulation:
    return simulated("none", request.param)


def local_events(company: Simulation) -> pl.DataFrame:
    """Events of humans, with the local day and hour at which they happened."""
    people = company.tables["people"].filter(pl.col("is_human"))
    parts = []
    for (zone,), group in people.group_by("time_zone"):
        local = pl.col("at").dt.convert_time_zone(str(zone))
        parts.append(
            company.tables["events"]
            .join(group, left_on="actor", right_on="person_id")
            .with_columns(
                day=local.dt.date(), hour=local.dt.hour() + local.dt.minute() / 60, weekday=local.dt.weekday()
            )
        )
    return pl.concat(parts)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_company_wins_a_quarter_of_its_deals_in_a_month_or_two(seed: int) -> None:
    truth = simulated("none", seed).truth
    assert 0.15 <= truth.with_planted.win_rate <= 0.35
    assert 30 <= truth.with_planted.median_cycle_days <= 70
    assert truth.with_planted.opportunities == 10_000
    assert 0.05 <= truth.with_planted.open_opportunities / 10_000 <= 0.2
    assert truth.with_planted.open_amount > 0


def test_departments_differ_in_size_pace_and_win_rate(company: Simulation) -> None:
    days = (pl.col("closed_at") - pl.col("created_at")).dt.total_seconds() / 86_400
    units = company.tables["cases"].group_by("unit").agg(
        pl.len().alias("deals"),
        ((pl.col("outcome") == "won").sum() / pl.col("outcome").count()).alias("win_rate"),
        days.filter(pl.col("outcome") == "won").median().alias("pace"),
        days.filter(pl.col("outcome") == "won").le(3).mean().alias("quick"),
    )  # fmt: skip
    assert units.height == 40
    assert units["deals"].max() > 4 * units["deals"].min()
    assert 0.04 <= units["win_rate"].std() <= 0.12
    assert 1.5 <= units["pace"].quantile(0.9) / units["pace"].quantile(0.1) <= 4
    assert 0.02 <= units["quick"].mean() <= 0.07
    assert units["quick"].max() < 0.3


def test_every_unit_has_a_manager_and_five_to_forty_reps_of_two_profiles(company: Simulation) -> None:
    people = company.tables["people"].filter(pl.col("is_human"))
    on_the_first_day = people.filter(pl.col("starts_on") <= dt.date(2024, 10, 1))
    units = on_the_first_day.group_by("unit").agg(
        (pl.col("profile") != "manager").sum().alias("reps"),
        (pl.col("profile") == "manager").sum().alias("managers"),
    )
    assert units["reps"].min() >= 5
    assert units["reps"].max() <= 40
    assert set(units["managers"]) == {1}
    assert set(people["profile"]) == {"manager", "account-manager", "inside-sales"}
    managers = people.filter(pl.col("profile") == "manager").select("unit", boss="person_id")
    reps = people.filter(pl.col("profile") != "manager").join(managers, on="unit")
    assert (reps["manager"] == reps["boss"]).all()


def test_people_come_and_go_and_do_nothing_before_or_after(company: Simulation) -> None:
    people = company.tables["people"]
    assert people["ends_on"].count() > 40
    assert (people["starts_on"] > dt.date(2024, 10, 1)).sum() > 40
    events = local_events(company)
    assert (events["day"] >= events["starts_on"]).all()
    assert (events["day"] <= events["ends_on"].fill_null(dt.date(2100, 1, 1))).all()


def test_the_open_deals_of_who_leaves_are_handed_over(company: Simulation) -> None:
    gone = company.tables["people"].filter(pl.col("ends_on") < company.as_of.date() - dt.timedelta(days=5))
    pending = company.tables["cases"].filter(pl.col("closed_at").is_null())
    assert pending.join(gone, left_on="owner", right_on="person_id", how="semi").is_empty()
    handed = company.tables["events"].filter(pl.col("activity") == "owner_changed")
    assert handed.height > 50
    assert handed["old"].is_in(gone["person_id"].implode()).mean() > 0.9


def test_people_work_on_weekdays_and_by_day_in_their_own_time_zone(company: Simulation) -> None:
    events = local_events(company)
    assert events["time_zone"].n_unique() == 5
    in_hours = pl.col("hour").is_between(8, 18.6) & (pl.col("weekday") <= 5)
    shares = events.group_by("time_zone").agg(in_hours.mean().alias("share"))
    assert shares["share"].min() > 0.98
    assert shares["share"].max() < 1  # some mails are written in the evening
    holidays = company.tables["calendar"].filter(pl.col("kind") == "holiday")["starts_at"].dt.date()
    assert len(holidays) == 8
    assert events["day"].is_in(holidays.implode()).sum() == 0


def test_who_is_on_leave_does_nearly_nothing(company: Simulation) -> None:
    absences = company.tables["absences"]
    events = local_events(company).select("actor", "at", "activity", "profile")
    during = events.join(absences, left_on="actor", right_on="person_id").filter(
        pl.col("at").is_between("starts_at", "ends_at", closed="left")
    )
    assert during.filter(pl.col("activity").is_in(["call", "email", "meeting", "updated"])).is_empty()
    # A manager who is on leave may still stand in.
    assert set(during["profile"]) <= {"manager"}
    assert during.height / events.height < 0.01


def test_august_is_calm_and_the_year_end_is_busy(company: Simulation) -> None:
    cases = company.tables["cases"]
    created = cases["created_at"].dt.month().value_counts().sort("created_at")["count"].to_list()
    closed = cases["closed_at"].drop_nulls().dt.month().value_counts().sort("closed_at")["count"].to_list()
    assert created[7] < 0.75 * sum(created) / 12
    assert closed[11] > 1.1 * (closed[10] + closed[0]) / 2


def test_events_are_a_dozen_a_case_and_a_few_percent_share_an_instant(company: Simulation) -> None:
    events, cases = company.tables["events"], company.tables["cases"]
    assert 8 <= events.height / cases.height <= 16
    assert 0.02 <= events.select("case_id", "at").is_duplicated().mean() <= 0.1
    assert "seq" not in events.columns


def test_events_stand_between_creation_and_closing_but_for_what_rightly_does_not(company: Simulation) -> None:
    cases = company.tables["cases"]
    events = company.tables["events"].join(cases, on="case_id")
    early = events.filter(pl.col("at") < pl.col("created_at"))
    assert set(early["activity"]) == {"quote_accepted"}
    late = events.filter(pl.col("at") > pl.col("closed_at"))
    assert set(late["activity"]) == {"quote_declined"}
    ends = events.filter(pl.col("activity").is_in(["won", "lost"]))
    assert (ends["at"] == ends["closed_at"]).all()
    assert (ends["activity"] == ends["outcome"]).all()
    assert ends.height == cases["closed_at"].count()
    created = events.filter(pl.col("activity") == "created")
    assert created.height == cases.height
    assert (created["at"] == created["created_at"]).all()
    assert (created["actor"] == created["created_by"]).all()


def test_nothing_is_recorded_before_it_happened_or_after_the_last_day(company: Simulation) -> None:
    events = company.tables["events"]
    lag = (events["recorded_at"] - events["at"]).dt.total_minutes()
    assert lag.min() >= 0
    assert events["recorded_at"].max() < company.as_of
    assert events.filter(pl.col("activity") == "call").select(
        (pl.col("recorded_at") - pl.col("at")).dt.total_minutes().median()
    ).item() == pytest.approx(40, abs=15)


@pytest.mark.parametrize(
    ("activity", "column"),
    [
        ("stage_changed", "stage"),
        ("amount_changed", "amount"),
        ("owner_changed", "owner"),
        ("close_date_changed", "close_date"),
    ],
)
def test_changes_follow_one_another_and_lead_to_what_the_case_says(
    company: Simulation, activity: str, column: str
) -> None:
    changes = company.tables["events"].filter(pl.col("activity") == activity)
    assert set(changes["field"]) == {column}
    before = pl.col("new").shift().over("case_id")
    assert changes.filter(before.is_not_null() & (before != pl.col("old"))).is_empty()
    assert changes.filter(pl.col("old") == pl.col("new")).is_empty()
    says = company.tables["cases"].with_columns(pl.col("amount").cast(pl.Int64)).with_columns(
        pl.col(column).cast(pl.String).alias("says")
    )  # fmt: skip
    if column == "close_date":  # on closing, it becomes the day of that
        says = says.filter(pl.col("closed_at").is_null())
    last = changes.group_by("case_id", maintain_order=True).agg(pl.col("new").last()).join(says, on="case_id")
    assert last.height > 50
    assert (last["new"] == last["says"]).all()


def test_two_alternative_quotes_are_told_apart_and_the_other_one_is_mostly_declined_in_time(
    company: Simulation,
) -> None:
    quotes = company.tables["events"].filter(pl.col("quote_id").is_not_null())
    assert set(quotes["activity"]) == {"quote_sent", "quote_accepted", "quote_declined"}
    two = quotes.filter(pl.col("alternative"))
    sent = (
        two.filter(pl.col("activity") == "quote_sent").group_by("case_id").agg(pl.col("quote_id").n_unique())
    )
    assert 0.03 < sent.height / quotes["case_id"].n_unique() < 0.15
    old_enough = pl.col("at") < company.as_of - dt.timedelta(days=20)
    accepted = two.filter((pl.col("activity") == "quote_accepted") & old_enough)
    declined = two.filter(pl.col("activity") == "quote_declined").select("case_id", "quote_id", declined="at")
    answered = accepted.join(declined, on="case_id").filter(pl.col("quote_id") != pl.col("quote_id_right"))
    # Two working days are four at most with a weekend between, five with a holiday.
    in_time = answered.filter(pl.col("declined") - pl.col("at") <= dt.timedelta(days=5)).height
    assert 0.85 < in_time / accepted.height < 1


def test_the_website_enters_a_few_deals_and_does_nothing_else(company: Simulation) -> None:
    machines = company.tables["people"].filter(~pl.col("is_human"))
    assert machines.height == 1
    assert machines["unit"].null_count() == 1
    done = company.tables["events"].filter(pl.col("actor") == machines["person_id"].item())
    assert set(done["activity"]) == {"created"}
    assert set(done["origin"]) == {"api"}
    assert done["unit"].null_count() == done.height
    assert 0.005 < done.height / company.tables["cases"].height < 0.05
    everything = company.tables["events"]
    assert everything.filter(pl.col("unit").is_null()).height == done.height


def test_a_stage_is_skipped_now_and_then_as_people_do(company: Simulation) -> None:
    order = {stage: place for place, stage in enumerate(company.tables["vocabulary"]["raw"])}
    steps = company.tables["events"].filter(
        (pl.col("activity") == "stage_changed") & ~pl.col("new").str.starts_with("closed")
    )
    jump = steps.select(
        (pl.col("new").replace_strict(order) - pl.col("old").replace_strict(order) > 1).mean()
    ).item()
    assert 0.005 < jump < 0.08


def test_the_win_rate_of_the_whole_is_that_of_its_cases(company: Simulation) -> None:
    assert company.truth.with_planted.win_rate == pytest.approx(win_rate(company.tables["cases"]))
