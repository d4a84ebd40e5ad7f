"""The contract kit: a good detector passes, and each check fails on a detector that breaks what it asks."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any, ClassVar

import attrs
import pytest

from crmusage.detectors import Context, Judgement, Needs
from crmusage.history import Counts, History
from crmusage.model import (
    Assessment,
    Finding,
    Kind,
    Measure,
    Outcome,
    Scope,
    Severity,
    Text,
)
from crmusage.testing import DETECTOR_CHECKS, DetectorError, check_detector

AS_OF = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ABOUT = Text(en="Many deals.", fr="Beaucoup d'affaires.")


def company(busy: int = 60) -> History:
    """Two teams of six: one has many opportunities, the other few."""
    return History.from_records(
        as_of=AS_OF,
        cases=[
            {
                "case_id": f"{unit}-{i:02}",
                "kind": "opportunity",
                "created_at": AS_OF - dt.timedelta(days=1 + i),
                "owner": f"{unit}.{i % 6}",
                "unit": unit,
                "amount": 100.0,
            }
            for unit, n in (("quiet", 10), ("busy", busy))
            for i in range(n)
        ],
        events=[{"case_id": "busy-00", "activity": "call", "at": AS_OF, "origin": "ui", "actor": "busy.0"}],
    )


@attrs.frozen
class Good:
    """A unit with more than fifty opportunities that have an amount."""

    code: ClassVar[str] = "TEST101"
    name: ClassVar[str] = "many-deals"
    title: ClassVar[Text] = Text(en="Many deals", fr="Beaucoup d'affaires")
    about: ClassVar[Text] = ABOUT
    needs: ClassVar[Needs] = Needs({"cases": ("unit", "amount")})

    def tally(self, part: History) -> Any:
        known = part.cases["amount"].is_not_null().to_numpy().astype(int)
        return Counts.of(keys={"unit": (part.index.case_unit, part.index.units)}, sums={"n": known})

    def merge(self, one: Any, other: Any) -> Any:
        return one.merge(other)

    def judge(self, tally: Any, context: Context) -> Judgement:
        findings, ended = [], []
        for row in tally.rows():
            reason = self.why_not(row["unit"], context)
            if reason is not None:
                ended.append(self.assessed(row["unit"], Outcome.NOT_ASSESSABLE, reason))
            elif row["n"] > 50:
                findings.append(self.found(row["unit"], row["n"]))
                ended.append(self.assessed(row["unit"], Outcome.FOUND))
            else:
                ended.append(self.assessed(row["unit"], Outcome.CLEAR))
        return Judgement(findings, ended)

    def why_not(self, unit: str, context: Context) -> Text | None:
        return context.unreportable(unit)

    def assessed(self, unit: str, outcome: Outcome, reason: Text | None = None) -> Assessment:
        return Assessment(self.code, Scope(unit), outcome, reason)

    def found(self, unit: str, n: int, **what: Any) -> Finding:
        usual: dict[str, Any] = {
            "title": Text("many deals", "beaucoup d'affaires"),
            "text": Text(f"{unit} has {n} deals", f"{unit} a {n} affaires"),
            "measure": Measure("deals", float(n), unit="count", label=Text("deals", "affaires")),
        }
        return Finding(
            code=self.code,
            name=self.name,
            kind=Kind.RISK,
            severity=Severity.LOW,
            scope=Scope(unit),
            **(usual | what),
        )


class BadCode(Good):
    code = "CU999"


class NoFrench(Good):
    title = Text(en="Many deals", fr=" ")


class NoLabel(Good):
    def found(self, unit: str, n: int) -> Finding:
        return super().found(unit, n, measure=Measure("number_of_deals", float(n), unit="count"))


class SeesNothingInNothing(Good):
    needs = Needs()

    def judge(self, tally: Any, context: Context) -> Judgement:
        whole = super().judge(tally, context)
        return whole if whole.assessments else Judgement((), (Assessment(self.code, Scope(), Outcome.CLEAR),))


class Hasty(Good):
    def judge(self, tally: Any, context: Context) -> Judgement:
        del tally, context
        return Judgement([self.found("busy", 60)], [self.assessed("busy", Outcome.FOUND)])


class Remembering(Good):
    calls: ClassVar[Any] = itertools.count()

    def found(self, unit: str, n: int) -> Finding:
        return super().found(unit, n + next(self.calls))


class Forgetful(Good):
    def merge(self, one: Any, other: Any) -> Any:
        return one


class NeedsInvoices(Good):
    needs = Needs({"invoices": ()})


class Undeclared(Good):
    needs = Needs({"cases": ("unit",)})


class AsksForOrigins(Good):
    def tally(self, part: History) -> Any:
        assert part.events["origin"].null_count() < part.events.height, "no origins"
        return super().tally(part)


class Indiscreet(Good):
    def why_not(self, unit: str, context: Context) -> Text | None:
        return None


class Personal(Good):
    def tally(self, part: History) -> Any:
        return super().tally(part), str(part.cases["owner"].drop_nulls().sort().head(1).to_list())

    def merge(self, one: Any, other: Any) -> Any:
        return one[0].merge(other[0]), min(one[1], other[1])

    def judge(self, tally: Any, context: Context) -> Judgement:
        whole = super().judge(tally[0], context)
        told = Text(f"{tally[1]} has many deals", f"{tally[1]} a beaucoup d'affaires")
        return Judgement([attrs.evolve(finding, text=told) for finding in whole.findings], whole.assessments)


class Spoiling(Good):
    def judge(self, tally: Any, context: Context) -> Judgement:
        whole = super().judge(tally, context)
        object.__setattr__(tally, "values", Counts.of_rows((), {"unit": str}, ("n",)).values)
        return whole


class NotANumber(Good):
    def found(self, unit: str, n: int) -> Finding:
        nan = Measure("deals", float("nan"), unit="count", label=Text("deals", "affaires"))
        return super().found(unit, n, measure=nan)


class OfAnother(Good):
    def assessed(self, unit: str, outcome: Outcome, reason: Text | None = None) -> Assessment:
        return Assessment("TEST102", Scope(unit), outcome, reason)


class Contradicting(Good):
    def assessed(self, unit: str, outcome: Outcome, reason: Text | None = None) -> Assessment:
        return Assessment(self.code, Scope(unit), Outcome.CLEAR)


class SilentOnOthers(Good):
    def judge(self, tally: Any, context: Context) -> Judgement:
        whole = super().judge(tally, context)
        return Judgement(whole.findings, [one for one in whole.assessments if one.scope.unit == "busy"])


class Blind(Good):
    def found(self, unit: str, n: int) -> Finding:
        raise ZeroDivisionError("no peers")


BAD = [
    ("protocol", BadCode, "the prefix CU is crmusage's"),
    ("languages", NoFrench, "title is empty in French"),
    ("languages", NoLabel, "'number_of_deals' has no words in French: give it a label"),
    ("empty", SeesNothingInNothing, "calls an empty history clear"),
    ("tiny", Hasty, "finds something in a history of 1 cases"),
    ("row_order", Remembering, "the same rows in another order"),
    ("parts", Forgetful, "2 parts merged in order"),
    ("missing", NeedsInvoices, "no history has one of that name"),
    ("bare", Undeclared, "it needs cases.amount"),
    ("bare", AsksForOrigins, "no origins"),
    ("small_units", Indiscreet, "it names busy, a unit of 4 persons"),
    ("persons", Personal, "it tells the id of a person"),
    ("deterministic", Spoiling, "judge changes the tally"),
    ("deterministic", Remembering, "asked twice"),
    ("schema", NotANumber, "deals"),
    ("accounts", OfAnother, "an assessment has the code TEST102"),
    ("accounts", Contradicting, "assessments say found for nothing"),
    ("accounts", SilentOnOthers, "nothing is said of quiet"),
    ("finds", Blind, "it raised ZeroDivisionError: no peers"),
]


def test_a_good_detector_passes() -> None:
    check_detector(Good(), company())


def test_a_quiet_company_is_at_hand_for_a_detector_that_has_no_history_to_show() -> None:
    check_detector(Good(), expected_failures={})


@pytest.mark.parametrize(
    ("check", "bad", "told"), BAD, ids=[f"{check}-{bad.__name__}" for check, bad, _ in BAD]
)
def test_each_check_fails_on_a_detector_that_breaks_what_it_asks(
    check: str, bad: type[Good], told: str
) -> None:
    with pytest.raises(DetectorError) as failed:
        check_detector(bad(), company(), only=[check])
    (line,) = (line for line in str(failed.value).splitlines() if line.startswith(f"  {check}: "))
    assert told in line


def test_every_check_has_a_detector_that_fails_it() -> None:
    assert {check for check, _, _ in BAD} == set(DETECTOR_CHECKS)


def test_a_history_in_which_nothing_is_found_cannot_show_the_contract() -> None:
    with pytest.raises(DetectorError, match="finds: it finds nothing"):
        check_detector(Good(), company(busy=20))


def test_checks_can_be_run_one_by_one() -> None:
    check_detector(Forgetful(), company(), only=["languages", "empty"])


def test_an_expected_failure_is_accepted_with_its_reason() -> None:
    check_detector(NoFrench(), company(), expected_failures={"languages": "an English team only"})


def test_an_expected_failure_that_passes_is_told() -> None:
    with pytest.raises(DetectorError, match="was expected to fail \\(too slow\\) and does not"):
        check_detector(Good(), company(), expected_failures={"parts": "too slow"})


@pytest.mark.parametrize("expected", [{"speed": "no such check"}, {"parts": " "}])
def test_an_expected_failure_names_a_check_and_gives_a_reason(expected: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"there is no check|needs the reason"):
        check_detector(Good(), company(), expected_failures=expected)
