from __future__ import annotations

import re
from pathlib import Path

from crmusage.rules import Move, Rulebook, Status, schema
from crmusage.rules._reading import read

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reference" / "rule-file.md").read_text(encoding="utf-8")
GUIDE = (DOCS / "guides" / "keep-the-rulebook-alive.md").read_text(encoding="utf-8")


def test_the_rule_on_the_page_on_rule_files_is_one() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    rule, faults = read(text, "the page")

    assert faults == []
    assert rule is not None
    assert rule.history


def test_the_page_on_rule_files_has_every_key_and_every_status() -> None:
    whole = schema()
    keys = {*whole["properties"]}.union(*(one.get("properties", {}) for one in whole["definitions"].values()))
    named = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", PAGE.replace("```", "")))))

    assert keys - named == set()
    assert set(Status) <= named


def test_the_guide_on_a_living_rulebook_has_every_verb() -> None:
    verbs = set(re.findall(r"^\| `(\w+)\(", GUIDE, re.MULTILINE))

    assert verbs == set(Move)
    assert all(callable(getattr(Rulebook, verb)) for verb in verbs)
