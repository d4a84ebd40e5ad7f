"""What discovery tells of the published logs, read through, beside what others have reported of them.

The figures are those of "On published logs" in docs/guides/find-unwritten-usages.md.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from crmusage.discovery import Discovery, Nature, discover
from crmusage.history import History

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
MACHINE = "112"


@pytest.mark.parametrize(
    "log",
    [
        "bpic2013_problems/pm4py_06_bpic2013_closed.xes.gz",
        "bpic2013_problems/hk_BPIC13_open_problems.xes.gz",
    ],
)
def test_a_support_line_that_starts_a_problem_before_it_lets_it_wait_shows_in_both_logs(
    log: str, real_logs: Path
) -> None:
    history = History.read(real_logs / log, mapping=EXAMPLES / "problems" / "log.toml")
    found = discover(history)
    told = {(usage.group.unit, str(usage.constraint)) for usage in found}
    assert ("Org line C", "precedence(waiting, started) within 30 days") in told
    assert all(
        usage.group.unit not in {"Org line D", "Org line G1"} for usage in found
    )  # fewer than five persons


@pytest.fixture(scope="module")
def problems(real_logs: Path) -> History:
    path = real_logs / "bpic2013_problems/pm4py_06_bpic2013_closed.xes.gz"
    return History.read(path, mapping=EXAMPLES / "problems" / "log.toml")


def test_what_was_asked_of_the_problems_of_2013_is_answered_as_the_guide_says(problems: History) -> None:
    events = problems.events
    assert (problems.cases.height, events.height) == (1_487, 6_660)
    # Nobody waits for a user: the log of problems has no such sub-status, so its abuse cannot be seen in it.
    assert not [name for name in events["activity_raw"].unique() if "User" in name]
    assert events.filter(pl.col("activity") == "waiting")["case_id"].n_unique() == 410
    traces = events.group_by("case_id", maintain_order=True).agg(
        pl.col("organization involved").alias("teams")
    )
    moved = back = 0
    for teams in traces["teams"].to_list():
        runs = [team for k, team in enumerate(teams) if k == 0 or teams[k - 1] != team]
        moved += len(runs) > 1
        back += any(runs[k] == runs[k - 2] for k in range(2, len(runs)))
    assert (moved, back) == (280, 107)
    first = [
        teams
        for teams in traces["teams"].to_list()
        if not any(team.endswith(("2nd", "3rd")) for team in teams)
    ]
    assert len(first) == 48


def test_the_two_organisations_differ_in_what_comes_before_waiting(problems: History) -> None:
    (usage,) = discover(problems)
    assert usage.group.unit == "Org line C"
    assert (usage.nature, round(usage.measure.value, 3), round(usage.peers.value, 3)) == (
        Nature.HABIT,
        0.753,
        0.466,
    )


@pytest.fixture(scope="module")
def loans(real_logs: Path) -> History:
    """The loan office, its people put to the desk of the work that they do most; 112 is its system."""
    past = History.read(real_logs / "bpic2012/bpic2012.xes.gz", mapping=EXAMPLES / "loans" / "log.toml")
    work = past.events.filter(pl.col("activity").str.starts_with("W_") & (pl.col("actor") != MACHINE))
    most = work.group_by("actor", "activity").len().sort("len", "activity")
    desks = most.group_by("actor", maintain_order=True).last()
    people = pl.DataFrame(
        {
            "person_id": [*desks["actor"], MACHINE],
            "unit": [*desks["activity"], None],
            "is_human": [True] * desks.height + [False],
        }
    )
    events = past.events.drop("unit").join(
        people.select(pl.col("person_id").alias("actor"), "unit"), on="actor", how="left"
    )
    return History.from_frames(cases=past.cases, events=events, people=people, as_of=past.as_of)


@pytest.fixture(scope="module")
def at_the_desks(loans: History) -> Discovery:
    return discover(loans)


def test_what_is_reported_of_the_loans_of_2012_can_be_recounted(loans: History) -> None:
    events = loans.events
    assert (loans.cases.height, events.height) == (13_087, 262_200)
    assert events["actor"].drop_nulls().n_unique() == 68
    ends = dict(loans.cases["outcome"].value_counts().iter_rows())
    assert ends == {"declined": 7_635, "cancelled": 2_807, "won": 2_246, None: 399}
    traces = events.group_by("case_id", maintain_order=True).agg(pl.col("activity"))
    variants = traces["activity"].list.join(">").value_counts(sort=True)
    assert variants.height == 4_366
    assert variants.row(0) == ("submitted>A_PARTLYSUBMITTED>A_DECLINED", 3_429)
    sent, cancelled = (
        events.filter(pl.col("activity") == name)["case_id"].n_unique()
        for name in ("quote_sent", "O_CANCELLED")
    )
    assert (sent, cancelled) == (5_015, 2_660)


def test_resource_112_declines_by_itself_within_two_minutes_and_is_left_out_as_a_program(
    loans: History, at_the_desks: Discovery
) -> None:
    entered = loans.events.filter(pl.col("activity") == "submitted").select(
        "case_id", entered="at", by="actor"
    )
    declined = loans.events.filter((pl.col("activity") == "A_DECLINED") & (pl.col("actor") == MACHINE))
    after = declined.join(entered, on="case_id").select((pl.col("at") - pl.col("entered")).dt.total_seconds())
    assert (declined.height, (after["at"] <= 60).sum(), after["at"].max()) == (3_429, 3_354, 119)
    assert entered["by"].unique().to_list() == [MACHINE]
    # The very applications that it declined alone are what discovery leaves out as untouched by people.
    assert at_the_desks.left_out["machine"] == 3_429


def test_the_desks_of_the_loan_office_differ_in_their_work_and_nothing_is_held_against_them(
    at_the_desks: Discovery,
) -> None:
    assert {usage.nature for usage in at_the_desks} == {Nature.HABIT}
    assert len(at_the_desks) == 5
    assert [group.unit for group in at_the_desks.assessed] == [
        "W_Completeren aanvraag",
        "W_Nabellen offertes",
        "W_Valideren aanvraag",
    ]
    told = {(usage.group.unit, str(usage.constraint)): usage.measure.value for usage in at_the_desks}
    back = told["W_Nabellen offertes", "chain_precedence(W_Valideren aanvraag, O_SENT_BACK)"]
    assert back == pytest.approx(0.658, abs=5e-4)
    assert ("W_Valideren aanvraag", "response(O_CREATED, W_Valideren aanvraag) within 1 hour") in told
