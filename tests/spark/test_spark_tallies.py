from __future__ import annotations

import datetime as dt
import os
import sys
import warnings

import pytest

from crmusage.conformance import tally, tally_on_spark
from crmusage.errors import RuleError
from crmusage.history import History
from crmusage.model import Text
from crmusage.rules import AppliesTo, Cadence, Compare, Constraint, Duration, Op, UsageRule
from crmusage.testing import simulate

pyspark = pytest.importorskip("pyspark", reason="the extra `spark` is not installed")

SITUATION = Text("a situation", "une situation")
RULES = [
    UsageRule(
        "followed",
        SITUATION,
        expect=(Constraint("response", "quote_sent", target="call", within=Duration(days=7)),),
    ),
    UsageRule("rests", SITUATION, expect=(Constraint("precedence", "won", target="quote_accepted"),)),
    UsageRule(
        "large",
        SITUATION,
        expect=(
            Constraint("absence", "close_date_changed", n=3, where=Compare("case.amount", Op.GE, 10_000)),
        ),
        applies_to=AppliesTo(profile=("account-manager",)),
    ),
    UsageRule(
        "looked-after",
        SITUATION,
        # Parts begin at other times than the whole, and their second weeks are its second weeks.
        cadence=Cadence(
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;BYHOUR=12", ["call", "email"], starts_on=dt.date(2024, 1, 1)
        ),
        zone="UTC",
    ),
]


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session = (
            SparkSession.builder.master("local[2]")
            .appName("crmusage")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "4")
            .config("spark.sql.session.timeZone", "UTC")
            .getOrCreate()
        )
        yield session
        session.stop()


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_adds_up_to_the_same_tallies(spark) -> None:
    simulation = simulate("none", seed=5, opportunities=600)
    tables = simulation.tables
    whole = tally(History.from_frames(**tables, as_of=simulation.as_of), RULES)
    found = tally_on_spark(
        spark.createDataFrame(tables["cases"].to_arrow()),
        spark.createDataFrame(tables["events"].to_arrow()),
        RULES,
        as_of=simulation.as_of,
        parts=3,
        **{name: frame for name, frame in tables.items() if name not in {"cases", "events"}},
    )
    assert len(whole) > 100
    assert found == whole


def test_no_parts_are_refused() -> None:
    with pytest.raises(RuleError, match="at least one part"):
        tally_on_spark(None, None, RULES, as_of=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), parts=0)
