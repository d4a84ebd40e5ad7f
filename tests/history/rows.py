"""Small tables that keep the contract, for tests to bend."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crmusage.history import History

UTC = dt.UTC


def day(n: int, hour: int = 9) -> dt.datetime:
    """An hour of the n-th day of 2026."""
    return dt.datetime(2026, 1, 1, hour, tzinfo=UTC) + dt.timedelta(days=n - 1)


def case(case_id: str = "c1", **more: Any) -> dict[str, Any]:
    return {"case_id": case_id, "kind": "opportunity", "created_at": day(1), **more}


def event(case_id: str = "c1", activity: str = "updated", at: Any = None, **more: Any) -> dict[str, Any]:
    return {"case_id": case_id, "activity": activity, "at": day(2) if at is None else at, **more}


def aside(history: History) -> dict[str, int]:
    """What was set aside: count by reason."""
    return {entry.reason: entry.count for entry in history.set_aside}


def kept(history: History) -> dict[str, bool]:
    return {entry.reason: entry.kept for entry in history.set_aside}


def examples(history: History, reason: str) -> tuple[str, ...]:
    return next(entry.examples for entry in history.set_aside if entry.reason == reason)
