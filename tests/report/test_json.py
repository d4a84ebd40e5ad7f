from __future__ import annotations

import datetime as dt
import json
import math
from importlib import resources
from pathlib import Path

import attrs
import jsonschema
import numpy as np
import pytest
from hypothesis import given

from crmusage.errors import SourceError
from crmusage.model import Evidence, Measure, SetAside, Text, Undefined
from crmusage.report import Report
from tests.report import sample
from tests.report.reports import REPORTS

SCHEMA = json.loads(resources.files("crmusage.report").joinpath("schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(
    SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


def without_figures(report: Report) -> Report:
    return attrs.evolve(report, findings=[attrs.evolve(f, figures=()) for f in report.findings])


def objects(schema):
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for part in schema.values():
            yield from objects(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from objects(part)


def test_the_schema_in_the_docs_is_the_one_in_the_package():
    in_docs = Path(__file__).parents[2] / "docs" / "report.schema.json"
    assert json.loads(in_docs.read_text(encoding="utf-8")) == SCHEMA


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_object_of_the_schema_names_all_its_keys_and_allows_no_other():
    found = list(objects(SCHEMA))
    assert len(found) > 10
    for schema in found:
        if "properties" in schema:
            assert schema["additionalProperties"] is False
            assert schema["required"] == list(schema["properties"])


def test_a_full_report_keeps_the_schema():
    VALIDATOR.validate(json.loads(sample.full().to_json()))


@given(REPORTS)
def test_any_report_keeps_the_schema(report):
    VALIDATOR.validate(json.loads(report.to_json()))


@given(REPORTS)
def test_a_report_comes_back_from_its_json_without_its_figures(report):
    assert Report.from_json(report.to_json()) == without_figures(report)


def test_the_full_report_comes_back_from_its_json_without_its_figures():
    report = sample.full()
    assert Report.from_json(report.to_json()) == without_figures(report)
    assert any(finding.figures for finding in report.findings)


def without_words(told):
    """The plain values as they were before findings and figures carried their own words."""
    if isinstance(told, dict):
        return {key: without_words(value) for key, value in told.items() if key not in {"title", "label"}}
    return [without_words(one) for one in told] if isinstance(told, list) else told


def test_a_report_that_was_stored_without_words_of_its_own_is_still_read():
    report = sample.full()
    assert Report.from_json(json.dumps(without_words(report.to_dict()))) == without_figures(report)


def test_a_broken_report_breaks_the_schema():
    told = sample.full().to_dict()
    told["findings"][0]["severity"] = "terrible"
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(told)


def test_the_keys_of_the_contract_stand_where_the_contract_says():
    told = sample.full().to_dict()
    finding = told["findings"][0]
    assert told["schema"] == 1
    assert told["as_of"] == "2026-10-31T00:00:00+00:00"
    assert finding["code"] == "CU112"
    assert finding["scope"] == {"unit": sample.UNIT, "profile": None, "period": "2025-10-01/2026-11-01"}
    assert finding["measure"]["numerator"] == 302
    assert finding["distortion"] == finding["distortions"][0]
    assert finding["distortion"]["with"] == 0.273
    assert finding["distortion"]["without"] == 0.258
    assert finding["distortion"]["hidden"] is True
    assert told["rules"][4]["period"] == "2026-03"
    assert told["rules"][0]["id"] == "first-contact"
    assert told["set_aside"]["events: no case"] == 12


def test_a_reason_of_two_entries_adds_up_in_the_count():
    entries = [SetAside("events", "events: no case", 2), SetAside("events", "events: no case", 3, kept=True)]
    told = Report(sample.AS_OF, set_aside=entries).to_dict()
    assert told["set_aside"] == {"events: no case": 5}
    assert len(told["set_aside_rows"]) == 2


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_finite_number_is_null_with_a_reason(value):
    finding = attrs.evolve(sample.late_creation(), measure=Measure("share", value), q_value=value)
    told = json.loads(Report(sample.AS_OF, [finding]).to_json())
    VALIDATOR.validate(told)
    assert told["findings"][0]["measure"]["value"] is None
    assert told["findings"][0]["measure"]["reason"]["en"] == "not a finite number"
    assert told["findings"][0]["q_value"] is None


def without_a_figure() -> Report:
    why = Text("no opportunity was closed", "aucune opportunité n'a été clôturée")
    nothing = Evidence(Undefined("win_rate", why))
    return without_figures(Report(sample.AS_OF, [attrs.evolve(sample.late_creation(), evidence=(nothing,))]))


def test_an_undefined_measure_is_null_with_its_reason_and_comes_back():
    report = without_a_figure()
    stored = json.loads(report.to_json())
    VALIDATOR.validate(stored)
    told = stored["findings"][0]["evidence"][0]["measure"]
    assert told["value"] is None
    assert told["reason"] == {"en": "no opportunity was closed", "fr": "aucune opportunité n'a été clôturée"}
    assert Report.from_json(report.to_json()) == report


def test_a_reason_that_was_stored_in_one_language_is_told_in_either():
    told = without_a_figure().to_dict()
    told["findings"][0]["evidence"][0]["measure"]["reason"] = "no opportunity was closed"
    measure = Report.from_json(json.dumps(told)).findings[0].evidence[0].measure
    assert measure == Undefined("win_rate", "no opportunity was closed")
    assert measure.reason.into("fr") == "no opportunity was closed"


@pytest.mark.parametrize("reason", [None, 3, {"en": "no opportunity was closed"}])
def test_a_measure_without_value_and_reason_is_refused(reason):
    told = without_a_figure().to_dict()
    told["findings"][0]["evidence"][0]["measure"]["reason"] = reason
    with pytest.raises(SourceError, match="a text in en and fr"):
        Report.from_json(json.dumps(told))


def test_numbers_of_numpy_become_plain_numbers():
    tally = attrs.evolve(sample.tallies()[0], activations=np.int64(7))
    bent = attrs.evolve(sample.late_creation().distortions[0], hidden=np.True_, with_unit=np.float64(0.25))
    report = Report(
        sample.AS_OF,
        [attrs.evolve(sample.late_creation(), distortions=(bent,))],
        rules=[tally],
        n_cases=np.int32(3),
    )
    told = json.loads(report.to_json())
    VALIDATOR.validate(told)
    assert told["rules"][0]["activations"] == 7
    assert told["findings"][0]["distortion"]["hidden"] is True


def test_half_a_surrogate_pair_survives_as_an_escape():
    finding = attrs.evolve(sample.late_creation(), cases=("broken \ud83d id",))
    text = Report(sample.AS_OF, [finding]).to_json()
    assert text.encode("utf-8").decode("utf-8") == text
    assert json.loads(text)["findings"][0]["cases"] == ["broken \ud83d id"]


def test_french_is_written_as_it_is_and_not_as_escapes():
    assert "été lues" in sample.full().to_json()


def test_the_same_report_gives_the_same_text():
    assert sample.full().to_json() == sample.full().to_json()


def test_an_instant_of_another_zone_is_told_in_utc():
    paris = dt.timezone(dt.timedelta(hours=2))
    told = Report(dt.datetime(2026, 7, 1, 2, tzinfo=paris)).to_dict()
    assert told["as_of"] == "2026-07-01T00:00:00+00:00"


@pytest.mark.parametrize("text", ["", "{", "[1]", "{}", '{"schema": 2}'])
def test_what_is_no_report_is_refused_with_what_it_should_be(text):
    with pytest.raises(SourceError, match="report"):
        Report.from_json(text)


def test_all_faults_of_a_report_are_told_at_once_with_their_places():
    told = sample.full().to_dict()
    told["findings"][0]["severity"] = "terrible"
    told["findings"][1]["surprise"] = 1
    del told["rules"][2]["version"]
    with pytest.raises(SourceError) as caught:
        Report.from_json(json.dumps(told))
    message = str(caught.value)
    assert "severity" in message
    assert "surprise" in message
    assert "version" in message


@pytest.mark.parametrize(
    "key", ["as_of", "history", "findings", "assessments", "rules", "set_aside_rows", "notes"]
)
def test_a_report_that_lacks_a_key_is_refused(key):
    told = sample.full().to_dict()
    del told[key]
    with pytest.raises(SourceError):
        Report.from_json(json.dumps(told))


def test_a_list_where_a_finding_should_be_is_refused():
    told = sample.full().to_dict()
    told["findings"] = [[1]]
    with pytest.raises(SourceError):
        Report.from_json(json.dumps(told))
