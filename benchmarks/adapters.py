"""How long a Salesforce history of a million rows takes, next to Polars reading and sorting the same files.

    python benchmarks/adapters.py [--rows 1000000] [--times 3]

The files are what the Bulk API writes: OpportunityHistory, about ten rows an opportunity; in a second run the
opportunities and users that belong to it as well. Polars reads them with its own guesses of the types and sorts the
history by opportunity and time; the adapter makes a `History` of them: changes read off successive rows, closings and
reopenings, persons and their units, everything typed and checked. Both are run in turn, the best of each counts.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from crmusage.adapters import salesforce

STAGES = ("Prospecting", "Qualification", "Proposal", "Negotiation", "Closed Won", "Closed Lost")
ASKED = 3.0
"""So many times what Polars takes is what was asked for."""


def write(path: Path, rows: int, seed: int = 0) -> None:
    """A file of the history of opportunities, as the Bulk API writes it: in the order of its ids, which is that of time."""
    rng = np.random.default_rng(seed)
    deal = np.sort(rng.integers(0, max(rows // 10, 1), rows))
    begin = np.datetime64("2023-01-01T00:00:00", "ms").astype(np.int64)
    at = begin + rng.integers(0, 3 * 365 * 86_400, rows) * 1000
    order = np.lexsort((at, deal))
    deal, at = deal[order], at[order]
    # In each row of a deal something changed, mostly the stage or the close date.
    moved, valued, dated = (np.cumsum(rng.random(rows) < share) for share in (0.4, 0.2, 0.35))
    stage, amount = moved % len(STAGES), (valued * 7919) % 500 * 1000
    day = np.datetime64("2024-01-01", "D") + ((dated * 31) % 700)
    frame = pl.DataFrame(
        {
            "OpportunityId": deal,
            "CreatedById": rng.integers(0, 200, rows),
            "CreatedDate": pl.Series(at).cast(pl.Datetime("ms")),
            "StageName": pl.Series(STAGES).gather(stage),
            "Amount": pl.Series(amount).cast(pl.Float64),
            "Probability": pl.Series(stage * 20).cast(pl.Float64),
            "ExpectedRevenue": pl.Series(amount * stage * 0.2),
            "CloseDate": pl.Series(day),
            "ForecastCategory": pl.Series(["Pipeline", "BestCase", "Commit", "Closed"]).gather(stage % 4),
        }
    ).sort("CreatedDate")
    frame.with_row_index("Id").with_columns(
        _id("008", "Id"),
        _id("006", "OpportunityId"),
        _id("005", "CreatedById"),
        pl.col("CreatedDate").dt.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        pl.col("CreatedDate").dt.strftime("%Y-%m-%dT%H:%M:%S.000Z").alias("SystemModstamp"),
        pl.lit("false").alias("IsDeleted"),
    ).write_csv(path)


def _id(prefix: str, number: str) -> pl.Expr:
    return (pl.lit(prefix) + pl.col(number).cast(pl.String).str.zfill(12) + pl.lit("AAA")).alias(number)


def write_others(folder: Path, rows: int) -> None:
    """The opportunities and users that belong to the history."""
    deals = max(rows // 10, 1)
    since = "2023-01-01T00:00:00.000Z"
    stage = np.arange(deals) % len(STAGES)
    opportunities = pl.DataFrame({"Id": np.arange(deals), "OwnerId": np.arange(deals) % 200}).with_columns(
        _id("006", "Id"),
        _id("005", "OwnerId"),
        _id("005", "OwnerId").alias("CreatedById"),
        pl.Series("StageName", STAGES).gather(stage),
        pl.Series("IsClosed", stage >= STAGES.index("Closed Won")),
        pl.Series("IsWon", stage == STAGES.index("Closed Won")),
        pl.lit(1000.0).alias("Amount"),
        pl.lit("2025-06-30").alias("CloseDate"),
        *(pl.lit(since).alias(name) for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp")),
    )
    opportunities.write_csv(folder / "Opportunity.csv")
    users = pl.DataFrame({"Id": np.arange(200), "unit": np.arange(200) % 20}).select(
        _id("005", "Id"),
        pl.format("Unit {}", "unit").alias("Department"),
        pl.lit("Standard").alias("UserType"),
        pl.lit(since).alias("SystemModstamp"),
    )
    users.write_csv(folder / "User.csv")


def by_polars(folder: Path) -> int:
    frames = {path.stem: pl.read_csv(path, try_parse_dates=True) for path in sorted(folder.glob("*.csv"))}
    return frames["OpportunityHistory"].sort("OpportunityId", "CreatedDate", "Id").height


def by_adapter(folder: Path) -> int:
    return salesforce.read(folder).history().events.height


def best(times: int, work: Callable[[Path], int], folder: Path) -> tuple[float, int]:
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        made = work(folder)
        found.append(time.perf_counter() - begin)
    return min(found), made


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "OpportunityHistory.csv", asked.rows)
        for files in ("OpportunityHistory", "OpportunityHistory, Opportunity, User"):
            if "User" in files:
                write_others(folder, asked.rows)
            polars, rows = best(asked.times, by_polars, folder)
            adapter, events = best(asked.times, by_adapter, folder)
            told = {
                "files": files,
                "rows": rows,
                "events": events,
                "polars_seconds": round(polars, 2),
                "adapter_seconds": round(adapter, 2),
                "ratio": round(adapter / polars, 2),
                "asked": ASKED,
                "on": f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, Polars {pl.__version__}",
            }
            print(json.dumps(told))


if __name__ == "__main__":
    main()
