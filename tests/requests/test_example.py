from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from crmusage.requests import code_conformance, load_codes, load_kinds

FOLDER = Path(__file__).parents[2] / "examples" / "requests"


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["R-1: it is closed, 0 lapses", "doer: By 4 March"]),
        ("fr", ["R-1 : elle est close, manquements : 0", "faiseur : Au 4 mars", "R-2 avant R-3"]),
    ],
)
def test_the_week_tells_what_it_says_it_tells(lang, said, capsys):
    runpy.run_path(str(FOLDER / "a_week.py"))["main"](lang)
    told = capsys.readouterr().out
    assert all(words in told.replace("\N{NO-BREAK SPACE}", " ") for words in said)


def test_the_kinds_and_codes_of_the_example_are_read():
    kinds = load_kinds(FOLDER / "standard")
    assert [kind.id for kind in kinds] == ["delivery-date", "discount"]
    assert all(kind.emergency is not None for kind in kinds)
    record = {
        "unit": "North",
        "phone": "+33123456789",
        "postal_code": "69003",
        "sector": "steel",
        "vat": "FR12345678901",
    }
    found = code_conformance([record], load_codes(FOLDER / "codes.toml"), sizes={"North": 7})
    assert [row.conforming.value for row in found.rows] == [1, 1, 1, 1]
