"""Records that were deleted, and what imports and programs do, say nothing of how people work."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping

import polars as pl
import pytest

from crmusage.detectors import BUILT_IN, Detector, ReadsRules
from crmusage.history import History
from crmusage.testing._detector_bench import Bench


def deleted(bench: Bench) -> History:
    """The same history with every record deleted."""
    return bench.changed(
        lambda name, frame: frame.with_columns(is_deleted=pl.lit(True)) if name == "cases" else frame
    )


def imported(bench: Bench) -> History:
    """The same history, all of it imported: what happened, and the records themselves."""
    made = bench.history.events.filter(pl.col("activity") == "created")["case_id"]
    rest = bench.history.cases.filter(~pl.col("case_id").is_in(made.implode()))
    created = rest.select("case_id", at="created_at", activity=pl.lit("created"))

    def change(name: str, frame: pl.DataFrame) -> pl.DataFrame:
        if name != "events":
            return frame
        return pl.concat([frame, created], how="diagonal_relaxed").with_columns(origin=pl.lit("import"))

    return bench.changed(change)


def by_programs(bench: Bench) -> History:
    """The same history with a program in the place of everybody who did something."""
    named = pl.concat([bench.history.events["actor"], bench.history.cases["created_by"]])
    ids = named.drop_nulls().unique().sort()

    def change(name: str, frame: pl.DataFrame) -> pl.DataFrame:
        if name != "people":
            return frame
        more = ids.filter(~ids.is_in(frame["person_id"].implode()))
        rows = pl.concat([frame, pl.DataFrame({"person_id": more})], how="diagonal_relaxed")
        return rows.with_columns(is_human=pl.lit(False))

    return bench.changed(change)


_GIVEN = "it judges the tallies of rules that it is given, not the history"
_SESSIONS = "it looks at who opens the tool, whatever becomes of the records"
EXPECTED: Mapping[str, Mapping[Callable[[Bench], History], str]] = {
    "CU001": dict.fromkeys((deleted, imported, by_programs), _GIVEN),
    "CU603": dict.fromkeys((deleted, imported, by_programs), _GIVEN),
    "CU312": {
        deleted: "who imports into a record works in a file, whatever becomes of the record",
        imported: "people who import are what it looks for",
    },
    "CU602": {imported: "a record that its owner left behind is nobody's, however it came in"},
    "CU606": dict.fromkeys((deleted, imported), _SESSIONS),
}
"""Where something is found all the same, each with the reason."""


@pytest.mark.parametrize("detector", BUILT_IN, ids=lambda detector: detector.code)
def test_of_what_nobody_did_by_hand_nothing_is_said(detector: Detector) -> None:
    cases = importlib.import_module(f"tests.detectors.test_{detector.name.replace('-', '_')}")
    rules = getattr(cases, "rules", tuple)()
    if isinstance(detector, ReadsRules):
        detector = detector.with_rules(cases.book())
    bench = Bench(detector, cases.shown(), tuple(rules))
    assert bench.judgement.findings
    # Units keep their sizes, so that it is not for these that nothing is said.
    sizes = dict.fromkeys(bench.history.index.units, 99)
    found = {
        change
        for change in (deleted, imported, by_programs)
        if bench.judged(change(bench), unit_sizes=sizes).findings
    }
    assert found == set(EXPECTED.get(detector.code, {}))
