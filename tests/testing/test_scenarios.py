from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from crmusage.testing import Planted, Simulation, simulate
from tests.testing.simulated import SEEDS, deals_of, simulated, win_rate

MANY_SEEDS = range(8)


def late(seed: int) -> tuple[Simulation, Planted, pl.DataFrame]:
    """A simulation, what is planted in it, and the deals of that unit created since."""
    simulation = simulated("late-creation", seed)
    (planted,) = simulation.truth.planted
    since = dt.datetime.combine(planted.since, dt.time(), dt.UTC)
    deals = deals_of(simulation, planted.unit)
    return simulation, planted, deals.filter(pl.col("created_at") >= since - dt.timedelta(hours=2))


def yes_before_creation(simulation: Simulation, deals: pl.DataFrame) -> int:
    """How many of the deals have an acceptance dated before they were created."""
    accepted = simulation.tables["events"].filter(pl.col("activity") == "quote_accepted")
    both = deals.join(accepted, on="case_id").filter(pl.col("at") < pl.col("created_at"))
    return both["case_id"].n_unique()


@pytest.mark.parametrize("seed", MANY_SEEDS)
def test_the_planted_unit_makes_two_percent_of_the_volume_and_has_eight_reps(seed: int) -> None:
    simulation, planted, _ = late(seed)
    assert planted.code == "CU112"
    share = deals_of(simulation, planted.unit).height / simulation.tables["cases"].height
    assert share == planted.share_of_volume
    assert 0.015 <= share <= 0.025
    people = simulation.tables["people"].filter(pl.col("unit") == planted.unit)
    first_day = dt.date(2024, 10, 1)
    reps = people.filter((pl.col("profile") != "manager") & (pl.col("starts_on") <= first_day))
    assert reps.height >= 8


@pytest.mark.parametrize("seed", MANY_SEEDS)
def test_since_then_the_planted_unit_closes_within_days_and_wins_nearly_all(seed: int) -> None:
    _, planted, deals = late(seed)
    assert planted.strength == pytest.approx(planted.cases / deals.height, abs=0.02)
    assert planted.strength == pytest.approx(0.95, abs=0.02)
    at_once = deals.filter(pl.col("days") <= 10)
    still_open = deals["outcome"].null_count()
    assert at_once.height + still_open >= planted.cases
    assert at_once["days"].median() < 3
    assert win_rate(at_once) > 0.9
    assert deals["outcome"].null_count() / deals.height < 0.05


def test_what_is_entered_late_is_won_in_99_percent() -> None:
    quick = pl.concat([late(seed)[2].filter(pl.col("days") <= 7) for seed in MANY_SEEDS])
    assert 0.975 <= win_rate(quick) <= 1.0


@pytest.mark.parametrize("seed", SEEDS)
def test_for_a_third_of_what_is_entered_late_a_yes_is_dated_before_its_creation(seed: int) -> None:
    simulation, planted, deals = late(seed)
    share = yes_before_creation(simulation, deals) / planted.cases
    # Four standard deviations of a share of a third: chance, not the figure, is what may vary.
    assert abs(share - 1 / 3) < 4 * (2 / 9 / planted.cases) ** 0.5 + 0.02
    peers = simulation.tables["cases"].filter((pl.col("unit") != planted.unit) & (pl.col("outcome") == "won"))
    assert yes_before_creation(simulation, peers) / peers.height < 0.03


def test_before_it_began_the_planted_unit_worked_like_its_peers() -> None:
    # The onset is drawn by seed; this one leaves enough time before.
    simulation, planted, since = next(
        one for one in map(late, MANY_SEEDS) if one[1].since > dt.date(2025, 7, 1)
    )
    before = deals_of(simulation, planted.unit).join(since, on="case_id", how="anti")
    assert before.height > 50
    assert win_rate(before) < 0.55
    assert before["days"].median() > 20


def test_it_began_with_the_data_or_within_fourteen_months() -> None:
    onsets = []
    for seed in range(20):
        (planted,) = simulate("late-creation", seed=seed, departments=3, opportunities=300).truth.planted
        onsets.append(planted.since)
    assert min(onsets) == dt.date(2024, 10, 1)
    assert max(onsets) <= dt.date(2025, 12, 1)
    assert len(set(onsets)) > 10


@pytest.mark.parametrize("seed", SEEDS)
def test_the_truth_tells_the_company_figures_with_and_without_the_planted_unit(seed: int) -> None:
    simulation, planted, _ = late(seed)
    truth, cases = simulation.truth, simulation.tables["cases"]
    others = cases.filter(pl.col("unit") != planted.unit)
    assert truth.with_planted.opportunities == cases.height
    assert truth.without_planted.opportunities == others.height
    assert truth.with_planted.win_rate == pytest.approx(win_rate(cases))
    assert truth.without_planted.win_rate == pytest.approx(win_rate(others))
    assert truth.with_planted.win_rate > truth.without_planted.win_rate
    # Out of the norm, and yet small enough for nobody to notice.
    assert truth.with_planted.win_rate - truth.without_planted.win_rate < 0.03


def test_where_nothing_is_planted_both_figures_are_the_same() -> None:
    truth = simulated("none", 0).truth
    assert truth.planted == truth.look_alikes == ()
    assert truth.with_planted == truth.without_planted


@pytest.mark.parametrize("seed", SEEDS)
def test_the_fast_honest_unit_is_small_fast_and_loses_as_fast_as_it_wins(seed: int) -> None:
    simulation = simulated("fast-honest", seed)
    (unit,) = simulation.truth.look_alikes
    deals = deals_of(simulation, unit.unit)
    assert simulation.truth.planted == ()
    assert 0.005 <= unit.share_of_volume <= 0.015
    assert 0.45 <= win_rate(deals) <= 0.75
    for outcome in ("won", "lost"):
        assert 2 <= deals.filter(pl.col("outcome") == outcome)["days"].median() <= 7


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bulk_import_enters_hundreds_of_closed_deals_by_one_person_within_minutes(seed: int) -> None:
    simulation = simulated("bulk-import", seed)
    (unit,) = simulation.truth.look_alikes
    deals = deals_of(simulation, unit.unit)
    old = deals.filter(pl.col("days") < 0.01)
    assert old.height >= unit.cases >= 150
    burst = old.group_by("created_by", pl.col("created_at").dt.date()).agg(
        pl.len(),
        (pl.col("created_at").max() - pl.col("created_at").min()).dt.total_minutes().alias("minutes"),
    )
    largest = burst.sort("len").row(-1, named=True)
    assert largest["len"] == unit.cases
    assert largest["minutes"] <= 15
    assert set(old["outcome"]) == {"won", "lost"}
    assert (old["close_date"] < old["created_at"].dt.date()).mean() > 0.9


def test_half_of_the_bulk_imports_say_so_and_the_others_do_not_know() -> None:
    told = []
    for seed in range(24):
        simulation = simulate("bulk-import", seed=seed, departments=3, months=6, opportunities=2000)
        origins = set(simulation.tables["events"]["origin"]) - {"ui", "api"}
        assert len(origins) == 1
        told.extend(origins)
    assert 6 <= told.count("import") <= 18
    assert {"unknown", None} <= set(told)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_seasonal_peak_has_months_of_four_times_the_usual_deals_some_lost_fast(seed: int) -> None:
    simulation = simulated("seasonal-peak", seed)
    (unit,) = simulation.truth.look_alikes
    deals = deals_of(simulation, unit.unit)
    by_month = deals.group_by(pl.col("created_at").dt.month().alias("month")).agg(pl.len()).sort("len")
    peak, rest = by_month.tail(2), by_month.head(10)
    assert 2.5 <= peak["len"].mean() / rest["len"].mean() <= 6
    campaign = deals.filter(
        pl.col("created_at").dt.month().is_in(peak["month"].to_list()) & (pl.col("days") < 10)
    )
    assert 0.35 <= win_rate(campaign) <= 0.7
