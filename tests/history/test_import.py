from __future__ import annotations

import subprocess
import sys

import pytest

import crmusage.history
from crmusage.errors import MissingExtraError


@pytest.mark.parametrize("missing", ["polars", "numpy"])
def test_without_the_analysis_extra_the_import_says_how_to_install_it(missing):
    code = f"import sys; sys.modules[{missing!r}] = None; import crmusage.history"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    last = ran.stderr.strip().splitlines()[-1]
    assert last.startswith("crmusage.errors.MissingExtraError")
    assert "pip install 'crmusage[analysis]'" in last
    assert "crmusage.history" in last


def test_a_missing_extra_is_an_import_error():
    assert issubclass(MissingExtraError, ImportError)


def test_the_public_names_are_sorted_and_there():
    names = crmusage.history.__all__
    assert [*names] == [*sorted(names, key=lambda name: (not name.isupper(), name))]
    assert all(hasattr(crmusage.history, name) for name in names)
