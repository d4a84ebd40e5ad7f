from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import crmusage


def test_every_public_name_is_there_and_listed_in_order() -> None:
    assert list(crmusage.__all__) == sorted(crmusage.__all__)
    for name in crmusage.__all__:
        assert getattr(crmusage, name) is not None
    assert dir(crmusage) == list(crmusage.__all__)


def test_each_name_is_the_one_of_the_room_it_comes_from() -> None:
    for name, room in crmusage._HOME.items():
        assert getattr(crmusage, name) is getattr(importlib.import_module(f"crmusage.{room}"), name)
    assert {*crmusage._HOME, "__version__"} == set(crmusage.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Histroy'"):
        crmusage.Histroy  # noqa: B018


HEAVY = ("polars", "numpy", "scipy", "pandas", "pyarrow", "jinja2", "click", "hypothesis")


@pytest.mark.parametrize(
    "module", ["crmusage", "crmusage.requests", "crmusage.rules", "crmusage.model", "crmusage.errors"]
)
def test_the_pure_domain_loads_nothing_heavy(module: str) -> None:
    program = f"import {module}, sys; print(*sorted(set({HEAVY!r}) & sys.modules.keys()))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


@pytest.mark.parametrize(
    "room",
    [
        "errors",
        "model",
        "rules",
        "requests",
        "history",
        "metrics",
        "conformance",
        "detectors",
        "report",
        "testing",
    ],
)
def test_each_room_offers_what_it_lists(room: str) -> None:
    module = importlib.import_module(f"crmusage.{room}")
    assert len(set(module.__all__)) == len(module.__all__) > 0
    for name in module.__all__:
        assert getattr(module, name) is not None, name
