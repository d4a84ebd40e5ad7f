from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from crmusage.errors import CrmUsageError, SourceError
from crmusage.history import History
from crmusage.testing import SCENARIOS, SimulationError, Truth, simulate
from tests.testing.simulated import SEEDS, simulated

SMALL = {"departments": 6, "months": 12, "opportunities": 400}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_same_arguments_give_the_same_tables_and_truth(scenario: str) -> None:
    one, other = simulate(scenario, seed=5, **SMALL), simulate(scenario, seed=5, **SMALL)
    assert one.tables.keys() == other.tables.keys()
    for name, table in one.tables.items():
        assert_frame_equal(table, other.tables[name])
    assert one.truth == other.truth


def test_another_seed_gives_another_company() -> None:
    one, other = simulated("none", 0).tables, simulated("none", 1).tables
    assert not one["people"].equals(other["people"])
    assert not one["cases"].equals(other["cases"])


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name != "none"])
def test_a_scenario_changes_nothing_outside_the_unit_that_it_is_planted_in(scenario: str) -> None:
    plain, planted = simulated("none", 1), simulated(scenario, 1)
    (unit,) = [one.unit for one in (*planted.truth.planted, *planted.truth.look_alikes)]
    for name in plain.tables.keys() - {"cases", "events"}:
        assert_frame_equal(plain.tables[name], planted.tables[name])
    ours = plain.tables["cases"].filter(pl.col("unit") != unit)
    assert_frame_equal(ours, planted.tables["cases"].filter(pl.col("unit") != unit))
    assert_frame_equal(
        plain.tables["events"].join(ours, on="case_id", how="semi"),
        planted.tables["events"].join(ours, on="case_id", how="semi"),
    )
    inside = [s.tables["cases"].filter(pl.col("unit") == unit) for s in (plain, planted)]
    assert not inside[0].equals(inside[1])


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("seed", SEEDS[:2])
def test_the_tables_keep_the_contract_so_that_nothing_is_set_aside(scenario: str, seed: int) -> None:
    simulation = simulated(scenario, seed)
    history = simulation.history()
    assert history.set_aside == ()
    assert history.notes == ()
    assert history.given == simulation.tables.keys()
    assert history.as_of == simulation.as_of
    assert history.cases.height == simulation.tables["cases"].height
    assert history.events.height == simulation.tables["events"].height


@pytest.mark.parametrize("format_", ["csv", "parquet"])
def test_what_is_written_reads_back_as_the_same_history(tmp_path: Path, format_: str) -> None:
    simulation = simulate(("late-creation", "bulk-import"), seed=2, **SMALL)
    folder = simulation.write(tmp_path / "export", format=format_)
    read, made = History.read(folder, as_of=simulation.as_of), simulation.history()
    assert read.set_aside == ()
    assert read.given == made.given
    for name in made.given:
        assert_frame_equal(getattr(read, name), getattr(made, name), check_column_order=False)
    assert Truth.read(folder) == simulation.truth
    assert Truth.read(folder / "truth.json") == simulation.truth


def test_a_folder_without_a_truth_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"truth\.json holds no truth of a simulation"):
        Truth.read(tmp_path)
    (tmp_path / "truth.json").write_text('{"seed": 1}', encoding="utf-8")
    with pytest.raises(SourceError, match=r"truth\.json holds no truth of a simulation"):
        Truth.read(tmp_path)


def test_scenarios_can_be_planted_together_each_in_a_unit_of_its_own() -> None:
    names = tuple(name for name in SCENARIOS if name != "none")
    truth = simulated(names, 3).truth
    assert truth.scenario == "+".join(names)
    units = [one.unit for one in (*truth.planted, *truth.look_alikes)]
    assert len(set(units)) == len(names)
    found = [name for name in names if SCENARIOS[name].code is not None]
    assert [one.scenario for one in truth.planted] == found
    assert [one.code for one in truth.planted] == [SCENARIOS[name].code for name in found]
    assert [one.scenario for one in truth.look_alikes] == [name for name in names if name not in found]


def test_an_unknown_scenario_is_an_error_that_lists_them() -> None:
    with pytest.raises(SimulationError, match=r"'late'.*none, late-creation, fast-honest") as caught:
        simulate("late")
    assert isinstance(caught.value, CrmUsageError)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"scenario": ("late-creation", "late-creation")}, "there twice"),
        ({"scenario": ("late-creation", "fast-honest"), "departments": 1}, "no department is left"),
        ({"departments": 0}, "departments is a whole number from 1"),
        ({"seed": -1}, "seed is a whole number from 0"),
        ({"months": 0}, "months is a whole number from 1"),
        ({"opportunities": 0}, "opportunities is a whole number from 1"),
    ],
)
def test_what_cannot_be_simulated_is_refused(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(SimulationError, match=said):
        simulate(**arguments)


def test_another_format_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    simulation = simulate("none", **SMALL)
    with pytest.raises(SimulationError, match="csv or parquet, not as 'xlsx'"):
        simulation.write(tmp_path / "export", format="xlsx")
    assert not (tmp_path / "export").exists()


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("months", [1, 3])
def test_the_smallest_companies_can_be_simulated_too(scenario: str, months: int) -> None:
    simulation = simulate(scenario, departments=1, months=months, opportunities=1)
    assert simulation.history().set_aside == ()


def test_more_departments_than_names_have_names_of_their_own() -> None:
    people = simulate("none", departments=130, months=1, opportunities=500).tables["people"]
    assert people["unit"].n_unique() == 130 + 1  # the website has none


def test_every_scenario_says_what_it_is_in_one_line_of_both_languages() -> None:
    for name, scenario in SCENARIOS.items():
        assert scenario.name == name
        for line in (scenario.text.en, scenario.text.fr):
            assert line.endswith(".")
            assert "\n" not in line
        assert scenario.text.en != scenario.text.fr
