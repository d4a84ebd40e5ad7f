from __future__ import annotations

import re
from pathlib import Path

from crmusage.rules._lint import TITLES

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "lint.md"


def test_the_page_on_lint_has_every_code() -> None:
    assert set(re.findall(r"RL\d{3}", PAGE.read_text(encoding="utf-8"))) == set(TITLES)
