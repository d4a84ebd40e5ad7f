"""The JSON Schema of rule files says what the reader says, as far as a schema can know."""

from __future__ import annotations

import copy
import datetime as dt
import json
import tomllib
from pathlib import Path

import attrs
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.rules import UsageRule, schema
from crmusage.rules._reading import read
from crmusage.rules._schema_words import ABOUT
from crmusage.rules._writing import line, plain, render

from .rule_strategies import RULES
from .test_rule_file_faults import FAULTS

ROOT = Path(__file__).parents[2]
FILES = sorted([*ROOT.glob("examples/**/usages/*.toml"), *ROOT.glob("src/crmusage/rules/starter/**/*.toml")])
VALIDATOR = jsonschema.Draft7Validator(schema())
BEYOND = (
    "regular expression",
    "is no recurrence rule",
    "is there twice",
    "takes a whole number from 0 to 23",
    "takes a whole number from 1, not '0'",
    "from 1 to 31",
    "is not the name of a time zone",
    "needs its zone",
    "nothing compares with nan",
    "not the time",
    "a day or a time, without quotes",
    "is a day, such as",
    "history tells of version",
    "the versions in history rise",
)
"""What is said of faults that no schema can know: what a text means, whether it is quoted, how entries hang together."""


def as_json(value: object) -> object:
    """As editors of TOML hand it to a schema: times are texts there."""
    match value:
        case dict():
            return {key: as_json(inner) for key, inner in value.items()}
        case list():
            return [as_json(item) for item in value]
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case _:
            return value


def refused(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(as_json(tomllib.loads(text)))]


def test_it_is_a_json_schema_of_the_draft_that_editors_of_toml_know() -> None:
    jsonschema.Draft7Validator.check_schema(schema())
    assert schema()["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_the_schema_in_docs_is_the_one_that_the_code_makes() -> None:
    written = (ROOT / "docs" / "rule.schema.json").read_text("utf-8")

    assert written == json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", (
        "write it anew: crmusage rules schema > docs/rule.schema.json"
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_rule_file_of_the_project_keeps_to_it(file: Path) -> None:
    assert refused(file.read_text("utf-8")) == []


@given(RULES)
def test_whatever_rule_is_written_keeps_to_it(rule: UsageRule) -> None:
    assert refused(render(plain(rule))) == []


@pytest.mark.parametrize(("text", "key", "says"), FAULTS)
def test_it_refuses_what_the_reader_refuses(text: str, key: str, says: str) -> None:
    _, (fault,) = read(text, "r.toml")

    assert bool(refused(text)) or any(beyond in fault.what for beyond in BEYOND), fault


WRONG = st.sampled_from(
    [3, -1, 0, 2.5, True, "text", "", " ", [], {}, ["a"], ["a", ""], [3], [{}], {"days": 1}, {"x": 1}]
)


def places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Where something stands in a table: keys and positions, the outermost first."""
    found = [path] if path else []
    if isinstance(value, dict):
        found += [place for key, inner in value.items() for place in places(inner, (*path, key))]
    elif isinstance(value, list):
        found += [place for at, inner in enumerate(value) for place in places(inner, (*path, at))]
    return found


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    """A rule file with something taken out, put in, renamed or replaced."""
    table = copy.deepcopy(plain(draw(RULES)))
    for _ in range(draw(st.integers(1, 2))):
        *path, last = draw(st.sampled_from(places(table)))
        holder = table
        for step in path:
            holder = holder[step]
        how = draw(st.sampled_from(["replace", "drop", "rename", "add"]))
        if how == "replace" or isinstance(holder, list):
            holder[last] = draw(WRONG)
        elif how == "add":
            holder[draw(st.sampled_from(["days", "target", "n", "working_days", "unknown", "id", "not"]))] = (
                draw(WRONG)
            )
        else:
            value = holder.pop(last)
            if how == "rename":
                holder[f"{last}s"] = value
    return "".join(line(key, value) for key, value in table.items())


@given(spoilt())
def test_on_a_spoilt_file_reader_and_schema_agree(text: str) -> None:
    _, faults = read(text, "r.toml")

    if not faults:
        assert refused(text) == []
    elif not all(any(beyond in fault.what for beyond in BEYOND) for fault in faults):
        assert refused(text), faults


def test_each_key_of_a_rule_file_is_told_of_and_no_other() -> None:
    for cls, told in ABOUT.items():
        assert told.keys() == {field.name for field in attrs.fields(cls)} - {"source"}, cls
        assert all(text.endswith(".") for text in told.values())
