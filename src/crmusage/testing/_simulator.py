from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import attrs
import numpy as np
import polars as pl
from dateutil.relativedelta import relativedelta

from crmusage.history import History
from crmusage.testing._clock import Ints
from crmusage.testing._company import DEALS, SCENARIOS, Company, Department, found
from crmusage.testing._deals import draw
from crmusage.testing._habits import Batch
from crmusage.testing._life import Cases, live
from crmusage.testing._scenario import Ground, Plant, Scenario, SimulationError
from crmusage.testing._scenarios import chosen
from crmusage.testing._sheet import Events
from crmusage.testing._tables import Part, tables
from crmusage.testing._truth import LookAlike, Planted, Truth, figures

FORMATS = ("csv", "parquet")


@attrs.frozen(eq=False)
class Simulation:
    """A company's CRM over some months, and what was planted in it."""

    tables: Mapping[str, pl.DataFrame]
    """In the contract's columns: cases, events, people, absences, calendar, vocabulary, coverage."""
    truth: Truth

    @property
    def as_of(self) -> dt.datetime:
        """The instant at which the CRM was looked at: the end of the last day, UTC."""
        return self.truth.as_of

    def history(self) -> History:
        """The tables as a history, as of the last day."""
        frames: dict[str, Any] = dict(self.tables)
        return History.from_frames(as_of=self.as_of, **frames)

    def write(self, folder: str | Path, format: Literal["csv", "parquet"] = "csv") -> Path:  # noqa: A002 - the word that users know
        """Write one file a table, and `truth.json` beside them, into a folder (made if need be).

        Raises:
            SimulationError: for another format.
        """
        if format not in FORMATS:
            raise SimulationError(f"a simulation is written as {' or '.join(FORMATS)}, not as {format!r}")
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        for name, table in self.tables.items():
            if format == "csv":
                table.write_csv(place / f"{name}.csv", datetime_format="%Y-%m-%dT%H:%M:%SZ")
            else:
                table.write_parquet(place / f"{name}.parquet")
        (place / "truth.json").write_text(self.truth.to_json(), encoding="utf-8")
        return place


def simulate(
    scenario: str | Iterable[str] = "late-creation",
    *,
    seed: int = 0,
    departments: int = 40,
    months: int = 24,
    opportunities: int = 10_000,
    start: dt.date = dt.date(2024, 10, 1),
) -> Simulation:
    """A believable company's CRM with the scenarios (one name or several) planted in it.

    The same arguments always give the same tables; the same seed gives the same company in every scenario
    but for the departments that are planted in. `opportunities` is how many there would be if nothing were
    planted; a dozen events come with each.

    Raises:
        SimulationError: when a scenario is unknown, or there are fewer departments than scenarios.
    """
    scenarios = chosen(scenario)
    for name, value, least in (
        ("seed", seed, 0),
        ("departments", departments, 1),
        ("months", months, 1),
        ("opportunities", opportunities, 1),
    ):
        if value < least:
            raise SimulationError(f"{name} is a whole number from {least}, not {value}")
    days = (start + relativedelta(months=months) - start).days
    company = found(seed, departments, days, opportunities, start)
    plants = _plant(company, scenarios)
    by_department = {plant.department.index: plant for _, plant in plants}
    parts, shown = [], {}
    for department in company.departments:
        plant = by_department.get(department.index)
        batches = plant.batches if plant is not None else (Batch(department.deals, department.habits),)
        part, created_showing = _part(company, department, batches)
        parts.append(part)
        shown[department.index] = created_showing
    frames = tables(company, parts)
    return Simulation(
        frames, _truth(company, scenarios, plants, parts=parts, shown=shown, cases=frames["cases"])
    )


def _plant(company: Company, scenarios: tuple[Scenario, ...]) -> list[tuple[Scenario, Plant]]:
    plants: list[tuple[Scenario, Plant]] = []
    for scenario in scenarios:
        if scenario.plant is None:
            continue
        taken = {plant.department.index for _, plant in plants}
        free = tuple(d for d in company.departments if d.index not in taken)
        if not free:
            raise SimulationError(
                f"no department is left for {scenario.name!r}: ask for more than {len(company.departments)}"
            )
        stream = zlib.crc32(scenario.name.encode())
        rng = np.random.default_rng([company.seed, SCENARIOS, stream])
        plants.append((scenario, scenario.plant(Ground(company, free, rng))))
    return plants


def _part(company: Company, department: Department, batches: tuple[Batch, ...]) -> tuple[Part, int]:
    """What the department leaves in the CRM, and how many of its cases show what is planted."""
    lives = []
    for number, batch in enumerate(batches):
        # A stream for each batch: the first is the same whatever is planted beside it.
        rng = np.random.default_rng([company.seed, DEALS, department.index, number])
        lives.append(live(company, department, batch, draw(company, department, batch, rng), rng))
    cases = [c for c, _ in lives]
    before = np.cumsum([0] + [len(c.created) for c in cases])
    joined = Cases(
        **{f.name: np.concatenate([getattr(c, f.name) for c in cases]) for f in attrs.fields(Cases)}
    )
    events = Events.joined(
        [attrs.evolve(e, deal=e.deal + first) for (_, e), first in zip(lives, before[:-1], strict=True)]
    )
    order = np.argsort(joined.created, kind="stable")
    rank: Ints = np.empty_like(order)
    rank[order] = np.arange(len(order))
    events = attrs.evolve(events, deal=rank[events.deal])
    by_time = np.lexsort((events.at, events.deal))
    return Part(
        unit=department.index,
        first_person=department.first_person,
        cases=Cases(**{f.name: getattr(joined, f.name)[order] for f in attrs.fields(Cases)}),
        events=events.take(by_time),
    ), sum(batch.deals for batch in batches if batch.shows)


def _truth(
    company: Company,
    scenarios: tuple[Scenario, ...],
    plants: list[tuple[Scenario, Plant]],
    *,
    parts: list[Part],
    shown: dict[int, int],
    cases: pl.DataFrame,
) -> Truth:
    planted, look_alikes = [], []
    for scenario, plant in plants:
        department = plant.department
        created = parts[department.index].cases.created
        since = int(department.clock.midnight(np.array([plant.since]))[0])
        share = len(created) / max(cases.height, 1)
        count = shown[department.index]
        if scenario.code is None:
            look_alikes.append(LookAlike(scenario.name, department.name, share, count))
            continue
        planted.append(
            Planted(
                scenario=scenario.name,
                code=scenario.code,
                unit=department.name,
                since=company.date(plant.since),
                share_of_volume=share,
                strength=count / max(int((created >= since).sum()), 1),
                cases=count,
            )
        )
    units = [one.unit for one in planted]
    return Truth(
        scenarios=tuple(scenario.name for scenario in scenarios),
        seed=company.seed,
        as_of=dt.datetime.combine(company.end, dt.time(), dt.UTC),
        planted=tuple(planted),
        look_alikes=tuple(look_alikes),
        with_planted=figures(cases),
        without_planted=figures(cases.filter(~pl.col("unit").is_in(units))),
    )
