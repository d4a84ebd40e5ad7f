"""A report as the JSON of docs/report.schema.json, and back. The schema says what each key means.

What goes beyond the first drawing of the contract, and why: `distortions` tells every company figure that a
finding bends where `distortion` tells the first; `evidence` and `reasoning` let a reader see why; `history`
says what was looked at; `set_aside_rows` gives each reason its table and examples where `set_aside` only
counts; `notes` carries what else the reader should know; a measure has a `reason`, which says why it has no
value.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import cattrs
import cattrs.v
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from crmusage.errors import SourceError
from crmusage.model import (
    Assessment,
    Distortion,
    Finding,
    Measure,
    Period,
    RuleTally,
    SetAside,
    Text,
    Undefined,
)

if TYPE_CHECKING:
    from crmusage.report._report import Report

SCHEMA = 1
"""The version of the contract. It grows when a key changes its meaning or goes away."""

_NOT_FINITE = Text("not a finite number", "pas un nombre fini")
_HALF_SURROGATE = re.compile("[\ud800-\udfff]")


def to_dict(report: Report) -> dict[str, Any]:
    """The report as the contract's plain values, figures left out."""
    counted: Counter[str] = Counter()
    for entry in report.set_aside:
        counted[entry.reason] += int(entry.count)
    return {
        "schema": SCHEMA,
        "as_of": _CONVERTER.unstructure(report.as_of),
        "history": {
            "cases": int(report.n_cases),
            "events": int(report.n_events),
            "units": int(report.n_units),
            "first": _CONVERTER.unstructure(report.first),
        },
        "findings": [_finding_out(finding) for finding in report.findings],
        "assessments": _CONVERTER.unstructure(report.assessments, tuple[Assessment, ...]),
        "rules": _CONVERTER.unstructure(report.rules, tuple[RuleTally, ...]),
        "set_aside": dict(sorted(counted.items())),
        "set_aside_rows": _CONVERTER.unstructure(report.set_aside, tuple[SetAside, ...]),
        "notes": _CONVERTER.unstructure(report.notes, tuple[Text, ...]),
    }


def to_json(report: Report) -> str:
    """The report as JSON text, indented, keys in the contract's order, the same for the same report."""
    text = json.dumps(to_dict(report), ensure_ascii=False, indent=2, allow_nan=False)
    # Half a surrogate pair, as broken exports hold them, has no UTF-8: it stays readable as an escape.
    return _HALF_SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


def parts_of(text: str) -> dict[str, Any]:
    """The arguments of the report that a JSON text holds.

    Raises:
        SourceError: when it is no JSON, of another version of the contract, or breaks it: all faults at once.
    """
    try:
        given = json.loads(text)
    except ValueError as error:
        raise SourceError(f"this is not the JSON of a report: {error}") from error
    if not isinstance(given, Mapping) or given.get("schema") != SCHEMA:
        found = given.get("schema", "none") if isinstance(given, Mapping) else "none"
        raise SourceError(
            f'this is no report of schema {SCHEMA} (its "schema" is {found}): write it with Report.to_json'
        )
    try:
        told = {name: value for name, value in given.items() if name not in {"schema", "set_aside"}}
        stored = _CONVERTER.structure(told, _Stored)
    except cattrs.BaseValidationError as error:
        faults = "\n".join(f"  {fault}" for fault in cattrs.transform_error(error, "report", _fault))
        raise SourceError(f"this report does not keep docs/report.schema.json:\n{faults}") from error
    return {
        "as_of": stored.as_of,
        "findings": stored.findings,
        "assessments": stored.assessments,
        "rules": stored.rules,
        "set_aside": stored.set_aside,
        "notes": stored.notes,
        "n_cases": stored.history.cases,
        "n_events": stored.history.events,
        "n_units": stored.history.units,
        "first": stored.history.first,
    }


def _fault(error: BaseException, cls: type | None) -> str:
    # cattrs' own words hide what a value error says.
    return str(error) if type(error) is ValueError else cattrs.v.format_exception(error, cls)


@attrs.frozen
class _Span:
    cases: int
    events: int
    units: int
    first: dt.datetime | None


@attrs.frozen
class _Stored:
    as_of: dt.datetime
    history: _Span
    findings: tuple[Finding, ...]
    assessments: tuple[Assessment, ...]
    rules: tuple[RuleTally, ...]
    set_aside: tuple[SetAside, ...]
    notes: tuple[Text, ...]


def _finding_out(finding: Finding) -> dict[str, Any]:
    told: dict[str, Any] = _CONVERTER.unstructure(finding, Finding)
    first = told["distortions"][0] if told["distortions"] else None
    at = list(told).index("distortions")
    entries = list(told.items())
    return dict([*entries[:at], ("distortion", first), *entries[at:]])


def _measure_out(measure: Measure | Undefined) -> dict[str, Any]:
    if isinstance(measure, Undefined):
        blank = dict.fromkeys(("value", "numerator", "denominator", "low", "high", "unit"))
        return {"name": measure.name, **blank, "reason": _text_out(measure.reason), "label": None}
    value = _float_out(measure.value)
    return {
        "name": measure.name,
        "value": value,
        "numerator": _float_out(measure.numerator),
        "denominator": _float_out(measure.denominator),
        "low": _float_out(measure.low),
        "high": _float_out(measure.high),
        "unit": measure.unit,
        "reason": None if value is not None else _text_out(_NOT_FINITE),
        "label": None if measure.label is None else _text_out(measure.label),
    }


def _measure_in(told: Mapping[str, Any], _: type) -> Measure | Undefined:
    if told["value"] is None:
        return Undefined(told["name"], _reason_in(told["reason"]))
    label = told.get("label")
    given = {name: value for name, value in told.items() if name not in {"reason", "label"}}
    return Measure(**given, label=None if label is None else Text(**label))


def _reason_in(told: Any) -> Text | str:
    # Reports of the first days told it in English only.
    if isinstance(told, Mapping) and set(told) == {"en", "fr"}:
        return Text(**told)
    if isinstance(told, str):
        return told
    raise ValueError(f"the reason of a measure without a value is a text in en and fr, not {told!r}")


def _text_out(text: Text) -> dict[str, str]:
    return {"en": text.en, "fr": text.fr}


def _float_out(value: float | None) -> float | None:
    # JSON has no NaN and no infinity; and NumPy's numbers are not its numbers.
    return float(value) if value is not None and math.isfinite(value) else None


def _float_in(value: float | None, _: type) -> float:
    return math.nan if value is None else float(value)


def _instant_out(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat()


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)
    converter.register_unstructure_hook(float, _float_out)
    converter.register_structure_hook(float, _float_in)
    converter.register_unstructure_hook(int, int)
    converter.register_unstructure_hook(bool, bool)
    converter.register_unstructure_hook(dt.datetime, _instant_out)
    converter.register_structure_hook(dt.datetime, lambda text, _: dt.datetime.fromisoformat(text))
    converter.register_unstructure_hook(dt.date, lambda day: day.isoformat())
    converter.register_structure_hook(dt.date, lambda text, _: dt.date.fromisoformat(text))
    converter.register_unstructure_hook(Period, str)
    converter.register_structure_hook(Period, lambda text, _: Period.parse(text))
    converter.register_unstructure_hook(Measure, _measure_out)
    converter.register_structure_hook(Measure, _measure_in)
    renamed: dict[type, dict[str, Any]] = {
        Distortion: {"with_unit": override(rename="with"), "without_unit": override(rename="without")},
        RuleTally: {"rule": override(rename="id")},
        Finding: {"figures": override(omit=True)},
        _Stored: {"set_aside": override(rename="set_aside_rows")},
    }
    for cls, overrides in renamed.items():
        converter.register_unstructure_hook(cls, make_dict_unstructure_fn(cls, converter, **overrides))
        converter.register_structure_hook(
            cls, make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True, **overrides)
        )
    finding_in = converter.get_structure_hook(Finding)

    def _finding_in(told: Any, cls: type) -> Any:
        if not isinstance(told, Mapping):
            raise ValueError(f"a finding is an object, not {told!r}")  # noqa: TRY004 - a fault of data, as others
        # `distortion` says again what `distortions` says.
        return finding_in({name: value for name, value in told.items() if name != "distortion"}, cls)

    converter.register_structure_hook(Finding, _finding_in)
    return converter


_CONVERTER = _converter()
