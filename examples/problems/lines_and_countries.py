"""Who hands on, who waits, who leaves undecided: by support line and country, in the problem log of 2013.

    python examples/problems/lines_and_countries.py LOG [en|fr] [--html PAGE]

LOG is the closed problems of the BPI challenge of 2013 (doi:10.4121/uuid:c2c3b154-ab26-4b31-a0e8-8f2350ddac11). A unit
is a support line (told by the ending of the team's name: 2nd, 3rd, else the first) in one country.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import polars as pl

from crmusage import Report
from crmusage.detectors import BUILT_IN, Context, examine
from crmusage.history import History
from crmusage.metrics import FEWEST_PEERS, Funnel, share
from crmusage.model import (
    Assessment,
    Finding,
    FunnelFigure,
    FunnelPoint,
    Kind,
    Measure,
    Outcome,
    Scope,
    Severity,
    Text,
    Wording,
)

CODES = ("CU402", "CU404", "CU407", "CU410")
FEWEST = 10
"""Problems of which a unit is drawn; a verdict needs 30."""

RETURNED, WAITED = "returns", "waits"
LABELS = {
    "CU402": Text("given back untouched, of those handed on", "rendus sans traitement, parmi les transmis"),
    RETURNED: Text(
        "came back to a team that had handed them on", "revenus à une équipe qui les avait transmis"
    ),
    "CU410": Text("begun in line 1 or 2 and handed up", "commencés au niveau 1 ou 2 et transmis plus haut"),
    "CU404": Text("nothing decided within ten working days", "rien de décidé en dix jours ouvrés"),
    WAITED: Text("set to waiting at least once", "mis en attente au moins une fois"),
}


@attrs.frozen
class Row:
    """One figure of one unit, and where it stands among the others."""

    figure: str
    unit: str
    hits: int
    n: int
    measure: Measure
    z: float | None
    """Standard deviations from the others' middle, their own differences allowed for; None: too few others."""


def by_line_and_country(path: str | Path) -> History:
    """The log with a support line and a country as the unit of each step; a problem belongs to where it began."""
    log = History.read(path, mapping=Path(__file__).parent / "log.toml")
    line = pl.col("organization involved").str.extract(r" (2nd|3rd)$").fill_null("1st")
    unit = pl.when(pl.col("organization country") != "0").then(
        pl.format("{} line, {}", line, pl.col("organization country"))
    )
    events = log.events.with_columns(unit=unit)
    began = events.group_by("case_id", maintain_order=True).agg(unit=pl.col("unit").first())
    cases = log.cases.drop("unit").join(began, on="case_id")
    units = events["unit"].drop_nulls().unique().sort().to_list()
    lines = [(unit, 2 if unit.startswith("3rd") else 1) for unit in units]
    vocabulary = [{"entity": "unit", "field": "line", "raw": unit, "order": order} for unit, order in lines]
    tables = {"cases": cases, "events": events, "vocabulary": pl.DataFrame(vocabulary)}
    return History.from_frames(**tables, as_of=log.as_of, ordered=True)


def figures(history: History) -> dict[str, tuple[list[str], list[int], list[int]]]:
    """By figure: units, how often it was so, and of how many problems."""
    found = {}
    for detector in BUILT_IN:
        if detector.code in CODES and detector.needs.missing(history) is None:
            lay: Any = getattr(detector, "lay")  # noqa: B009 - not every detector has one
            grid = lay(detector.tally(history))
            found[detector.code] = (list(grid.units), grid.total("hits").tolist(), grid.total("n").tolist())
    waited = history.events.filter(pl.col("activity") == "waiting")["case_id"].unique()
    for name, cases in ((RETURNED, _returned(history)), (WAITED, waited.to_list())):
        by_unit = (
            history.cases.drop_nulls("unit")
            .group_by("unit")
            .agg(hits=pl.col("case_id").is_in(cases).sum(), n=pl.len())
            .sort("unit")
        )
        found[name] = tuple(by_unit[column].to_list() for column in ("unit", "hits", "n"))
    return {name: found[name] for name in sorted(found)}


def _returned(history: History) -> list[str]:
    """The problems that went from a team to another one and straight back, whatever was done there."""
    teams = history.events.group_by("case_id", maintain_order=True).agg(pl.col("organization involved"))
    found = []
    for case_id, seen in teams.iter_rows():
        held = [team for place, team in enumerate(seen) if place == 0 or team != seen[place - 1]]
        if any(first == third for first, third in zip(held, held[2:], strict=False)):
            found.append(case_id)
    return found


def rows(history: History) -> list[Row]:
    """Every unit of at least ten problems and five persons, figure by figure, by name: nobody is ranked."""
    sizes, told = history.unit_sizes(), []
    for name, (units, hits, n) in figures(history).items():
        known = [count >= FEWEST for count in n]
        funnel = Funnel.of_shares(np.array(hits) * known, np.array(n) * known)
        for place, unit in enumerate(units):
            measure = share(hits[place], n[place], name=name)
            if known[place] and sizes.get(unit, 0) >= 5 and isinstance(measure, Measure):
                standing = funnel.standing(place)
                told.append(
                    Row(name, unit, hits[place], n[place], measure, None if standing is None else standing.z)
                )
    return told


def verdicts(history: History) -> tuple[list[Finding], list[Assessment]]:
    """What the detectors themselves conclude, at their usual minimum sizes."""
    context = Context(as_of=history.as_of, unit_sizes=history.unit_sizes(), units=history.index.units)
    judged = [examine(one, history, context) for one in BUILT_IN if one.code in CODES]
    return [f for one in judged for f in one.findings], [a for one in judged for a in one.assessments]


def picture(name: str, of: list[Row]) -> FunnelFigure:
    """The funnel of a figure: each unit with its name, and the limits for a unit of each size."""
    # One more unit without any problem: its peers are all the others.
    peers = Funnel.of_shares([*(row.hits for row in of), 0], [*(row.n for row in of), 0]).peers_of(len(of))
    if peers is None:
        raise SystemExit(f"{name}: fewer than {FEWEST_PEERS} units to draw")
    points = tuple(FunnelPoint(float(row.n), row.measure.value, row.unit) for row in of)
    sizes = np.geomspace(min(row.n for row in of), max(row.n for row in of), 30)
    return FunnelFigure(LABELS[name], "share", points, peers.middle, peers.limits(np.rint(sizes)))


def page(history: History) -> str:
    """All as one page: the funnels, and what the detectors found."""
    told, (findings, assessments) = rows(history), verdicts(history)
    drawn = []
    for name, label in LABELS.items():
        of = [row for row in told if row.figure == name]
        if len(of) <= FEWEST_PEERS:
            continue
        hits, n = sum(row.hits for row in of), sum(row.n for row in of)
        whole = share(hits, n, name=name)
        if not isinstance(whole, Measure):
            continue
        drawn.append(
            Finding(
                code=name if name in CODES else "CU407",
                name="by-line-and-country",
                title=label,
                kind=Kind.RISK,
                severity=Severity.LOW,
                scope=Scope(),
                measure=attrs.evolve(whole, label=label),
                text=Text(*(_sentence(of, Wording(lang)) for lang in ("en", "fr"))),
                figures=(picture(name, of),),
            )
        )
    return Report(history.as_of, (*drawn, *findings), tuple(assessments)).to_html()


def _sentence(of: list[Row], w: Wording) -> str:
    return "; ".join(f"{row.unit}: {_share(row, w)}" for row in of)


def _share(row: Row, w: Wording) -> str:
    sure = ""
    if row.measure.low is not None and row.measure.high is not None:
        sure = f"; {w.interval(row.measure.low, row.measure.high, 'share')}"
    return f"{w.value(row.measure.value, 'share')} ({row.hits}/{row.n}{sure})"


def main(log: str, lang: str = "en", html: str | None = None) -> None:
    """Print the tables and what was concluded; write the page."""
    w, history = Wording(lang), by_line_and_country(log)
    told = rows(history)
    for name, label in LABELS.items():
        of = [row for row in told if row.figure == name]
        if of:
            print(f"\n{name} {w.of(label)}")
        for row in of:
            far = "" if row.z is None else f"  z {w.number(row.z, 1)}"
            print(f"  {row.unit:14} {_share(row, w)}{far}")
    findings, assessments = verdicts(history)
    print()
    for finding in findings:
        print(f"{finding.code} {w.of(finding.text)}")
    for code in CODES:
        counted = {o: sum(a.outcome is o for a in assessments if a.code == code) for o in Outcome}
        print(code, ", ".join(f"{outcome.value}: {n}" for outcome, n in counted.items() if n))
    for one in assessments:
        if one.scope.unit is None and one.reason is not None:
            print(one.code, w.of(one.reason))
    if html is not None:
        Path(html).write_text(page(history), encoding="utf-8")


if __name__ == "__main__":
    wishes = sys.argv[1:]
    asked = wishes.pop(wishes.index("--html") + 1) if "--html" in wishes else None
    main(*[one for one in wishes if one != "--html"], html=asked)
