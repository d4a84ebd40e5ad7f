from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from crmusage.conformance._assess import KEYS, SUMS, tally
from crmusage.errors import MissingExtraError, RuleError
from crmusage.history import Counts, History
from crmusage.rules import UsageRule

SCHEMA = "rule string, expect long, unit string, month long, " + ", ".join(f"{name} long" for name in SUMS)


def tally_on_spark(
    cases: Any,
    events: Any,
    rules: Sequence[UsageRule],
    *,
    as_of: dt.datetime,
    parts: int = 64,
    zone: str | None = None,
    **tables: Any,
) -> Counts:
    """The tallies of `tally`, from Spark frames that are too large for one machine.

    Cases are brought together with their events by a hash of case_id; each part becomes a `History` on a worker,
    which runs the same code as everywhere; only sums travel back. What a part sets aside is not told here:
    check a sample with `History.from_frames` first.

    Args:
        cases: a Spark frame that keeps the contract of `cases`.
        events: likewise of `events`.
        rules: rules that the histories can show.
        as_of: the instant from which everything is seen; parts cannot find it out by themselves.
        parts: how many parts to cut the cases into; each must fit in a worker's memory.
        zone: the zone of times that do not tell theirs.
        tables: small tables for every part (people, absences, calendar …), as frames that export Arrow.

    Raises:
        MissingExtraError: when PySpark is not installed.
        RuleError: when `parts` is below 1.
    """
    try:
        from pyspark.sql import functions as F  # noqa: N812 — as everybody calls it
    except ModuleNotFoundError as error:
        raise MissingExtraError("Tallying on Spark", "spark") from error
    if parts < 1:
        raise RuleError(f"a history has at least one part, not {parts}")
    # Workers may be of another build: they are sent plain Arrow tables and attrs values.
    shared = {name: History.from_frames(**{name: frame}) for name, frame in tables.items()}
    small = {name: getattr(history, name).to_arrow() for name, history in shared.items()}

    def of_part(some_cases: Any, some_events: Any) -> Any:
        columns = {
            "cases": some_cases.drop_columns([BUCKET]),
            "events": some_events.drop_columns([BUCKET]),
            **small,
        }
        history = History.from_frames(as_of=as_of, zone=zone, **columns)
        return tally(history, rules).to_arrow()

    bucket = F.pmod(F.xxhash64("case_id"), F.lit(parts))
    of_cases = cases.withColumn(BUCKET, bucket).groupBy(BUCKET)
    of_events = events.withColumn(BUCKET, bucket).groupBy(BUCKET)
    rows = of_cases.cogroup(of_events).applyInArrow(of_part, SCHEMA).collect()
    return Counts.of_rows([row.asDict() for row in rows], KEYS, SUMS)


BUCKET = "_crmusage_part"
