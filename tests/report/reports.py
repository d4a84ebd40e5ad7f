"""Strategies for reports: any values that the model allows, with names as strange as a CRM holds them."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from crmusage.model import (
    Assessment,
    Distortion,
    Evidence,
    Finding,
    Kind,
    Measure,
    Norm,
    Onset,
    Outcome,
    Period,
    Proposal,
    RuleTally,
    Scope,
    SetAside,
    Severity,
    Text,
    Undefined,
    Verb,
)
from crmusage.report import Report

NAMES = st.text(max_size=12) | st.sampled_from(
    ("<script>alert(1)</script>", "\x1b[31mred", "a\u202eb", '"&<>', "")
)
NUMBERS = st.floats(-1e9, 1e9)
WHOLES = st.integers(0, 10**7)
SHARES = st.floats(0, 1)
UNITS = st.sampled_from(("share", "days", "hours", "amount", "count", "clicks"))
DATES = st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1))
INSTANTS = st.builds(dt.datetime.combine, DATES, st.times(), st.just(dt.UTC))
TEXTS = st.builds(Text, NAMES, NAMES)
PERIODS = st.builds(Period.month, st.integers(1990, 2100), st.integers(1, 12)) | st.builds(
    lambda start, days: Period(start, start + dt.timedelta(days=days)), DATES, st.integers(1, 800)
)
SCOPES = st.builds(Scope, st.none() | NAMES, st.none() | NAMES, st.none() | PERIODS)


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


MEASURES = st.builds(
    Measure,
    NAMES,
    NUMBERS,
    maybe(NUMBERS),
    maybe(NUMBERS),
    maybe(NUMBERS),
    maybe(NUMBERS),
    UNITS,
    maybe(TEXTS),
)
NORMS = st.builds(Norm, NUMBERS, NUMBERS, NUMBERS, WHOLES, NAMES)
EVIDENCE = st.builds(
    Evidence, MEASURES | st.builds(Undefined, NAMES, TEXTS), maybe(NORMS), maybe(SHARES), maybe(SHARES)
)
DISTORTIONS = st.builds(
    Distortion, NAMES, NUMBERS, NUMBERS, st.booleans(), maybe(st.floats(0, 1e9)), UNITS, maybe(TEXTS)
)
FINDINGS = st.builds(
    Finding,
    code=NAMES,
    name=NAMES,
    kind=st.sampled_from(Kind),
    severity=st.sampled_from(Severity),
    scope=SCOPES,
    measure=MEASURES,
    text=TEXTS,
    norm=maybe(NORMS),
    q_value=maybe(SHARES),
    rule=maybe(NAMES),
    onset=maybe(st.builds(Onset, maybe(DATES), maybe(DATES), maybe(DATES), maybe(SHARES), maybe(SHARES))),
    distortions=st.lists(DISTORTIONS, max_size=2).map(tuple),
    evidence=st.lists(EVIDENCE, max_size=2).map(tuple),
    cases=st.lists(NAMES, max_size=3).map(tuple),
    proposals=st.lists(st.builds(Proposal, st.sampled_from(Verb), TEXTS, maybe(NAMES)), max_size=2).map(
        tuple
    ),
    reasoning=maybe(TEXTS),
    title=maybe(TEXTS),
)
TALLIES = st.builds(
    RuleTally, NAMES, st.integers(1, 9), st.integers(0, 3), NAMES, maybe(TEXTS), maybe(NAMES), maybe(PERIODS),
    WHOLES, WHOLES, WHOLES, WHOLES, WHOLES, WHOLES, maybe(TEXTS),
)  # fmt: skip
REPORTS = st.builds(
    Report,
    as_of=INSTANTS,
    findings=st.lists(FINDINGS, max_size=3),
    assessments=st.lists(
        st.builds(Assessment, NAMES, SCOPES, st.sampled_from(Outcome), maybe(TEXTS), maybe(TEXTS)), max_size=4
    ),
    rules=st.lists(TALLIES, max_size=4),
    set_aside=st.lists(
        st.builds(SetAside, NAMES, NAMES, WHOLES, st.lists(NAMES, max_size=2).map(tuple), st.booleans()),
        max_size=3,
    ),
    notes=st.lists(TEXTS, max_size=2),
    n_cases=WHOLES,
    n_events=WHOLES,
    n_units=WHOLES,
    first=maybe(INSTANTS),
)
