from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import crmusage.knowledge

HEAVY = {"polars", "numpy", "scipy", "pandas", "jinja2", "click"}


def test_every_name_of_the_room_loads_nothing_heavy():
    program = f"from crmusage.knowledge import *\nimport sys; print(*sorted({HEAVY!r} & sys.modules.keys()))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []


def test_the_erosion_alone_loads_no_rulebook():
    program = (
        "from crmusage.knowledge import Erosion\nimport sys; print('crmusage.rules._book' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_every_public_name_is_there_in_order_and_of_its_module():
    names = crmusage.knowledge.__all__
    assert [*names] == sorted(names, key=lambda n: (0 if n.isupper() else 1 if n[0].isupper() else 2, n))
    assert dir(crmusage.knowledge) == sorted(names)
    for name in names:
        module = importlib.import_module(f"crmusage.knowledge.{crmusage.knowledge._HOME[name]}")
        assert getattr(crmusage.knowledge, name) is getattr(module, name)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Erosoin'"):
        crmusage.knowledge.Erosoin  # noqa: B018
