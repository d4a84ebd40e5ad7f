"""Requests for tests, and an independent account of what may be done and what is owed."""

from __future__ import annotations

import datetime as dt

from crmusage.requests import Request

MONDAY = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)

CLEAR = "Customer C-1042 asks for 12 % off the yearly contract, answer needed before the renewal in May."
DONE = "Granted 8 % on the yearly contract of the customer, signed by the head of sales on Monday."


def sent(**more: object) -> Request:
    return Request("R-1").submit(MONDAY, by="ann", to="bob", **{"text": CLEAR, "priority_rank": 2, **more})


def accepted(**more: object) -> Request:
    return sent(**more).deliver(MONDAY).accept(MONDAY + HOUR, by="bob")


def fulfilled(**more: object) -> Request:
    now = MONDAY + 2 * HOUR
    return accepted(**more).decide_now(now).start(now).fulfil(now + HOUR)


def closed(**more: object) -> Request:
    now = MONDAY + 4 * HOUR
    return fulfilled(**more).document(now, DONE).return_(now).close(now + HOUR, by="ann")
