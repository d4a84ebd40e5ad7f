"""The contract of adapters: the built-in ones keep it, and whoever breaks a part of it is told which."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import polars as pl
import pytest

from crmusage.adapters import Crm, Delivery, Dialect, Entity, Job, Record, dynamics, read, salesforce
from crmusage.model import Finding, Text
from crmusage.testing import ADAPTER_CHECKS, AdapterError, check_adapter

from . import salesforce_org
from .dynamics_company import company, web_api

DEAL = Entity(
    "Deal",
    {
        "Id": "id",
        "Owner": "id",
        "Stage": "text",
        "Created": "time",
        "Changed": "time",
        "Amount": "number",
        "Colour": "text",
        "Id2": "id",
    },
    stamps=("Changed",),
)
STEP = Entity("Step", {"Id": "id", "Deal": "id", "At": "time", "By": "id", "Stage": "text", "Memo": "text"})
USER = Entity("User", {"Id": "id", "Team": "text"})
TITLE = Text(en="Toy", fr="Toy")
MEMO = Text(en="free text", fr="texte libre")


def translate(job: Job) -> None:
    """As it should be."""
    deals, steps, users = (job.table(name) for name in ("Deal", "Step", "User"))
    case = deals.id("Id", to="cases.case_id")
    deals.ignore(["Changed"], Text(en="when the record was touched", fr="date de dernière modification"))
    job.put(
        "cases",
        {
            "case_id": case,
            "kind": pl.repeat("opportunity", deals.height, eager=True),
            "created_at": deals.time("Created", to="cases.created_at"),
            "owner": deals.id("Owner", to="cases.owner"),
            "stage": deals.text("Stage", to="cases.stage"),
            "amount": deals.number("Amount", to="cases.amount"),
            **deals.kept("cases"),
        },
    )
    steps.ignore(["Memo"], MEMO)
    job.put(
        "events",
        {
            "case_id": steps.id("Deal", to="events.case_id"),
            "activity": pl.repeat("stage_changed", steps.height, eager=True),
            "at": steps.time("At", to="events.at"),
            "actor": steps.id("By", to="events.actor"),
            "new": steps.text("Stage", to="events.new"),
        },
    )
    job.put(
        "people",
        {"person_id": users.id("Id", to="people.person_id"), "unit": users.text("Team", to="people.unit")},
    )
    for table in (deals, steps, users):
        if not table.came:
            job.cover(table.entity.name, complete=False)
    job.note("Toys are told as they are.", "Les jouets sont racontés tels quels.")


def crm(way: Callable[[Job], None]) -> Crm:
    return Crm("Toy", (DEAL, STEP, USER), (Dialect("api", TITLE, fits=lambda _: True, zone="UTC"),), way)


@attrs.frozen
class Toy:
    """An adapter, as sound as its translation."""

    way: Callable[[Job], None] = translate

    def read(self, source: Any, **wishes: Any) -> Delivery:
        return read(crm(self.way), source, **wishes)


SAMPLE: Mapping[str, list[dict[str, Any]]] = {
    "Deal": [
        {
            "Id": f"deal-{n}",
            "Owner": f"user-{n % 2}",
            "Stage": "New",
            "Created": f"2026-01-0{n}T08:00:00Z",
            "Changed": f"2026-02-0{n}T08:00:00Z",
            "Amount": 100.0 * n,
            "Colour": "red",
        }
        for n in range(1, 5)
    ],
    "Step": [
        {"Id": f"step-{n}-{m}", "Deal": f"deal-{n}", "At": f"2026-01-1{m}T08:00:00Z", "By": "user-0", "Stage": stage, "Memo": "call"}
        for n, (m, stage) in itertools.product(range(1, 5), enumerate(("Met", "Offer")))
    ],
    "User": [{"Id": "user-0", "Team": "North"}, {"Id": "user-1", "Team": "South"}],
}  # fmt: skip


def test_a_sound_adapter_keeps_the_contract() -> None:
    check_adapter(Toy(), SAMPLE)


def test_salesforce_keeps_the_contract() -> None:
    check_adapter(salesforce, salesforce_org.as_rest(salesforce_org.org()))


def test_dynamics_keeps_the_contract() -> None:
    check_adapter(dynamics, {name: web_api(rows) for name, rows in company().items()})


def after(change: Callable[[Job], None]) -> Toy:
    """A translation that does something wrong when it has done all right."""

    def way(job: Job) -> None:
        translate(job)
        change(job)

    return Toy(way)


def replaced(job: Job, table: str, *columns: pl.Expr) -> None:
    rows = job.rows(table)
    assert rows is not None
    job.replace(table, rows.with_columns(*columns))


def fails_without_rows(job: Job) -> None:
    job.table("Deal").text("Stage").to_list()[0]


def fails_with_few_rows(job: Job) -> None:
    if 0 < job.table("Deal").height < 3:
        raise ValueError("too few")


def fails_with_strangers(job: Job) -> None:
    strangers = set(job.table("Deal").frame.columns) - set(DEAL.fields)
    if strangers:
        raise KeyError(*strangers)


def fails_when_nothing_came(job: Job) -> None:
    if not job.table("Step").came:
        raise FileNotFoundError("Step")


def looks_without_a_claim(job: Job) -> None:
    colours = job.table("Step").text("Memo")
    replaced(job, "events", colours.alias("old"))


def goes_nowhere(job: Job) -> None:
    job.table("Deal").text("Colour", to="deals.colour")


def counts_rows(job: Job) -> None:
    replaced(job, "cases", pl.int_range(pl.len()).cast(pl.Float64).alias("amount"))


def keeps_the_owner_as_text(job: Job) -> None:
    replaced(job, "cases", pl.col("owner").alias("seller"))


def says_it_in_one_language(job: Job) -> None:
    job.note("Deals are told.", "")


def says_nothing_of_what_is_missing(job: Job) -> None:
    job._seen.clear()


def casts(job: Job) -> None:
    job.table("Deal").frame["Amount"].cast(pl.Float64)


def guesses(job: Job) -> None:
    frame = job.table("Deal").frame
    if "Amount" in frame.columns:
        replaced(job, "cases", frame["Amount"].cast(pl.Float64, strict=False).alias("amount"))
    job.asides.clear()
    for table in job.tables.values():
        table.asides.clear()


def keeps_the_first_of_a_team(job: Job) -> None:
    rows = job.rows("cases")
    assert rows is not None
    job.replace("cases", rows.head(3))


_TURN = itertools.count()


def takes_turns(job: Job) -> None:
    replaced(job, "cases", pl.lit(float(next(_TURN))).alias("amount"))


@attrs.frozen
class Careless(Toy):
    """It writes findings back under another id each time."""

    def tasks(self, told: list[Finding], *, lang: str = "en") -> tuple[Record, ...]:
        return tuple(Record("task", f"{lang} {next(_TURN)}", {"subject": one.code}) for one in told)


class AnyDialect(Toy):
    """It takes every name for the name of a dialect."""

    def read(self, source: Any, **wishes: Any) -> Delivery:
        return super().read(source, **{**wishes, "dialect": None})


class OnlyTheLast(Delivery):
    """Its slices forget those before."""

    def plus(self, later: Delivery) -> Delivery:
        return later


class Forgetful(Toy):
    """What it reads does not add up."""

    def read(self, source: Any, **wishes: Any) -> Delivery:
        found = super().read(source, **wishes)
        return OnlyTheLast(**{field.alias: getattr(found, field.name) for field in attrs.fields(Delivery)})


BROKEN: Mapping[str, tuple[Toy, str, str]] = {
    "a name of no dialect is taken": (AnyDialect(), "protocol", "for the name of a dialect"),
    "a note is not French": (after(says_it_in_one_language), "languages", "a note is empty in French"),
    "it fails without rows": (after(fails_without_rows), "empty", "it raised IndexError"),
    "it fails with few rows": (after(fails_with_few_rows), "tiny", "it raised ValueError: too few"),
    "amounts are places of rows": (after(counts_rows), "row_order", "in another order it .* another row of cases"),
    "some rows count only": (after(keeps_the_first_of_a_team), "row_order", "another row of cases"),
    "slices forget": (Forgetful(), "slices", "3 slices put together .* another row"),
    "it fails when a table did not come": (after(fails_when_nothing_came), "missing", "it raised FileNotFoundError"),
    "what is missing is not said": (after(says_nothing_of_what_is_missing), "missing", "without Deal it says of nothing"),
    "what is ignored is used": (after(looks_without_a_claim), "columns", "Step.Memo is said to be ignored"),
    "a column goes nowhere": (after(goes_nowhere), "columns", "a history has no table 'deals'"),
    "a stranger is an error": (after(fails_with_strangers), "unknown", "it raised KeyError"),
    "each reading is another": (after(takes_turns), "deterministic", "read a second time it"),
    "a broken cell is an error": (after(casts), "fuzzed", "a row of str .* makes it raise"),
    "a broken cell vanishes": (after(guesses), "aside", "Deal: cells of Amount, Created"),
    "an owner stays readable": (after(keeps_the_owner_as_text), "persons", r"cases.seller still tells user-\d"),
    "records are new each time": (Careless(), "write_back", "in the next run a finding has another external id"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_told_by_its_check(name: str) -> None:
    adapter, check, words = BROKEN[name]
    with pytest.raises(AdapterError, match=rf"contract of adapters:\n  {check}: .*({words})"):
        check_adapter(adapter, SAMPLE, only=[check])


def test_every_check_has_something_that_it_finds() -> None:
    found = {check for _, check, _ in BROKEN.values()}
    assert found | {"tells"} == set(ADAPTER_CHECKS)


def test_a_sample_that_tells_little_is_no_sample() -> None:
    with pytest.raises(AdapterError, match="the sample gives 1 cases"):
        check_adapter(Toy(), {**SAMPLE, "Deal": SAMPLE["Deal"][:1]}, only=["tells"])
    with pytest.raises(AdapterError, match="no use for Weather"):
        check_adapter(Toy(), {**SAMPLE, "Weather": [{"a": 1}]}, only=["tells"])
    worse = {**SAMPLE["Deal"][0], "Amount": "a lot"}
    with pytest.raises(AdapterError, match="of the sample it sets aside: Deal: unreadable Amount"):
        check_adapter(Toy(), {**SAMPLE, "Deal": [worse, *SAMPLE["Deal"][1:]]}, only=["tells"])


def test_a_check_may_be_known_to_fail_with_the_reason_and_no_longer_than_it_does() -> None:
    broken = after(says_it_in_one_language)
    check_adapter(
        broken, SAMPLE, expected_failures={"languages": "the translator is ill"}, only=["languages"]
    )
    with pytest.raises(
        AdapterError, match=r"languages: was expected to fail .the translator is ill. and does not"
    ):
        check_adapter(
            Toy(), SAMPLE, expected_failures={"languages": "the translator is ill"}, only=["languages"]
        )
    with pytest.raises(ValueError, match="there is no check speed; there are protocol"):
        check_adapter(Toy(), SAMPLE, only=["speed"])
