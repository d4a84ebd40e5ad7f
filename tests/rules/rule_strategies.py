"""Any usage rule that can be written."""

from __future__ import annotations

import datetime as dt

import hypothesis.strategies as st

from crmusage.model import Text
from crmusage.rules import (
    All,
    AnyOf,
    AppliesTo,
    Cadence,
    Change,
    Communication,
    Compare,
    Constraint,
    Correlation,
    Duration,
    Move,
    Not,
    Op,
    Review,
    Situation,
    Status,
    Template,
    UsageRule,
)

WORDS = st.text(min_size=1, max_size=12).filter(lambda text: text.strip())
NAMES = st.sampled_from(["amount", "stage", "account.region", "été", 'quo"te', "eq", "in", "a b", "x_1"])
ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))
SCALARS = {
    "number": st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False),
    "text": st.text(max_size=12),
    "truth": st.booleans(),
    "time": st.datetimes(timezones=ZONES),
    "date": st.dates(),
}
ORDERED = st.sampled_from(["number", "text", "time", "date"])
TEXTS = st.builds(Text, en=WORDS, fr=WORDS)
RRULES = st.sampled_from(
    [
        "FREQ=WEEKLY;BYDAY=MO;BYHOUR=12",
        "FREQ=MONTHLY;INTERVAL=6",
        "FREQ=DAILY;UNTIL=20301231",
        "FREQ=YEARLY;COUNT=3",
    ]
)


@st.composite
def comparisons(draw: st.DrawFn) -> Compare:
    attribute, op = draw(NAMES), draw(st.sampled_from(Op))
    if op is Op.IS_NULL:
        return Compare(attribute, op, draw(st.booleans()))
    if op is Op.MATCHES:
        return Compare(attribute, op, draw(st.sampled_from(["a.*", r"\d{3}", ""])))
    sort = draw(st.sampled_from(sorted(SCALARS)) if op in {Op.EQ, Op.NE, Op.IN} else ORDERED)
    if op is Op.IN:
        return Compare(attribute, op, tuple(draw(st.lists(SCALARS[sort], min_size=1, max_size=3))))
    return Compare(attribute, op, draw(SCALARS[sort]))


def _joined(parts: st.SearchStrategy) -> st.SearchStrategy:
    several = st.lists(parts, max_size=3).map(tuple)
    return st.builds(All, several) | st.builds(AnyOf, several) | st.builds(Not, parts)


CONDITIONS = st.recursive(comparisons(), _joined, max_leaves=6)
ELAPSED = st.integers(0, 400) | st.floats(0, 400)
DURATIONS = (
    st.builds(Duration, days=ELAPSED, hours=ELAPSED, seconds=ELAPSED)
    | st.builds(Duration, working_days=st.integers(0, 400))
    | st.builds(Duration, working_hours=ELAPSED)
)
LISTS = st.lists(WORDS, max_size=3).map(tuple)
ONE_OR_MORE = WORDS | st.lists(WORDS, min_size=1, max_size=3).map(tuple)


@st.composite
def constraints(draw: st.DrawFn) -> Constraint:
    template = draw(st.sampled_from(Template))
    two_sided = {} if template.is_unary else {
        "target": draw(ONE_OR_MORE),
        "target_where": draw(st.none() | CONDITIONS),
        "correlate": draw(st.builds(Correlation, same=LISTS, different=LISTS)),
    }  # fmt: skip
    return Constraint(
        template=template,
        activity=draw(ONE_OR_MORE),
        n=draw(st.integers(1, 9)) if template.counts else None,
        where=draw(st.none() | CONDITIONS),
        within=draw(st.none() | DURATIONS),
        after=draw(st.none() | DURATIONS),
        **two_sided,
    )


CLOCKS = st.sampled_from([None, "Europe/Paris", "UTC", "person", "unit"])
IDS = st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,20}", fullmatch=True)
CHANGES = st.builds(
    Change,
    version=st.integers(1, 9),
    verb=st.sampled_from(Move),
    at=st.datetimes(timezones=ZONES) | st.dates(),
    who=WORDS,
    why=WORDS,
    what=st.none() | TEXTS,
)
HISTORIES = st.lists(CHANGES, max_size=3).map(lambda told: tuple(sorted(told, key=lambda one: one.version)))
RULES = st.builds(
    UsageRule,
    id=IDS,
    situation=TEXTS | st.builds(Situation, en=WORDS, fr=WORDS, id=st.none() | IDS),
    version=st.integers(9, 10**6),
    history=HISTORIES,
    cites=LISTS,
    status=st.sampled_from(Status),
    kind=st.none() | WORDS,
    owner=st.none() | WORDS,
    guidance=st.none() | TEXTS,
    applies_to=st.builds(AppliesTo, unit=LISTS, profile=LISTS, region=LISTS, where=st.none() | CONDITIONS),
    zone=CLOCKS,
    expect=st.lists(constraints(), max_size=3).map(tuple),
    cadence=st.none()
    | st.builds(
        Cadence,
        rrule=RRULES,
        needs=ONE_OR_MORE,
        since=st.none()
        | DURATIONS.filter(lambda since: since.working_days is not None or not since.is_nothing),
        zone=CLOCKS,
        starts_on=st.dates(),
    ),
    review=st.none() | st.builds(Review, rrule=RRULES),
    communication=st.none()
    | st.builds(
        Communication,
        audience=st.dictionaries(st.sampled_from(["unit", "profile", "region"]), LISTS),
        newcomers_within=st.none() | DURATIONS,
        renew_every=st.none()
        | st.dictionaries(
            st.sampled_from(["years", "months", "weeks", "days"]), st.integers(1, 60), min_size=1
        ),
    ),
)
