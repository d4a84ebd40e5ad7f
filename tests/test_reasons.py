"""Why there is no figure is told in the reader's language: of every `Undefined` that the project itself makes."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from pathlib import Path

import pytest

import crmusage
from crmusage.adoptability import Response, alpha, items, omega, score
from crmusage.knowledge import Reading, fit
from crmusage.maturity import agreement
from crmusage.metrics import (
    contrast,
    mantel_haenszel,
    onset,
    rate,
    rotation_test,
    share,
    typical_duration,
)
from crmusage.model import (
    Evidence,
    Finding,
    Kind,
    Measure,
    Scope,
    Severity,
    Telling,
    Text,
    Undefined,
    Wording,
)
from crmusage.signals import share_of_persons

SOURCES = sorted(Path(inspect.getfile(crmusage)).parent.rglob("*.py"))


def told_in_one_language(source: str) -> list[str]:
    """Of each `Undefined(name, reason)` whose reason cannot be seen to be in both languages: the reason as written.

    A reason is in both if it is `Text(a, b)` with two different arguments, or a name or a function of the module that
    is nothing but that. One that a JSON text brings is what whoever wrote it told.
    """
    module = ast.parse(source)
    makers = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]

    def given(name: str) -> list[ast.expr]:
        found: list[ast.expr] = []
        for node in ast.walk(module):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            value = getattr(node, "value", None)
            if value is not None and any(isinstance(one, ast.Name) and one.id == name for one in targets):
                found.append(value)
        return found

    def in_both(node: ast.expr | None, depth: int = 0) -> bool:
        if depth > 5 or node is None:
            return False
        if isinstance(node, ast.IfExp):
            return all(in_both(part, depth) for part in (node.body, node.orelse) if not is_none(part))
        if isinstance(node, ast.Name):
            values = [value for value in given(node.id) if not is_none(value)]
            return bool(values) and all(in_both(value, depth + 1) for value in values)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            return False
        if node.func.id == "Text":
            return len(node.args) == 2 and ast.dump(node.args[0]) != ast.dump(node.args[1])
        if node.func.id == "_reason_in":
            return True
        returned = [
            part.value
            for maker in makers
            if maker.name == node.func.id
            for part in ast.walk(maker)
            if isinstance(part, ast.Return) and not is_none(part.value)
        ]
        return bool(returned) and all(in_both(value, depth + 1) for value in returned)

    return [ast.unparse(call.args[1]) for call in undefined(module) if not in_both(call.args[1])]


def is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def undefined(module: ast.Module) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Undefined"
    ]


def test_every_reason_in_the_project_is_written_in_both_languages() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in SOURCES}
    texts = {path: text for path, text in texts.items() if "Undefined(" in text}
    assert sum(len(undefined(ast.parse(text))) for text in texts.values()) > 40
    assert {path.name: bad for path, text in texts.items() if (bad := told_in_one_language(text))} == {}


@pytest.mark.parametrize(
    "reason",
    [
        "'nothing'",
        "f'fewer than {n}'",
        "Text('nothing', 'nothing')",
        "Text(why, why)",
        "WHY",
        "why()",
        "whatever",
        "WHY if n else TEXT",
        "MIXED",
    ],
)
def test_a_reason_in_one_language_would_be_seen(reason: str) -> None:
    source = textwrap.dedent(
        f"""
        WHY = "nothing"
        TEXT = Text("nothing", "rien")
        MIXED = TEXT
        MIXED = "nothing"
        def why():
            if n:
                return TEXT
            return "nothing"
        Undefined("x", {reason})
        """
    )
    assert len(told_in_one_language(source)) == 1
    assert (
        told_in_one_language(
            "TEXT = Text('a', 'b')\nUndefined('x', TEXT)\nUndefined('x', Text(f'{n} a', 'b'))"
        )
        == []
    )


def everybody(answer: int) -> list[Response]:
    return [Response({one.id: answer for one in items()}, unit="North") for _ in range(8)]


ENGLISH = frozenset(
    (
        *(
            "the",
            "there",
            "is",
            "are",
            "was",
            "were",
            "of",
            "no",
            "one",
            "with",
            "fewer",
            "than",
            "to",
            "all",
        ),
        *("only", "people", "answers", "nothing"),
    )
)

UNDEFINED = [
    share(0, 0),
    rate(0, 0),
    contrast(0, 0, 1, 2),
    onset([1], [1], [1]),
    typical_duration(0, 0, 0, name="typical_cycle", unit="days"),
    rotation_test([[0, 0]], [[True, False]]),
    mantel_haenszel([[[5, 5], [0, 0]]]),
    mantel_haenszel([[[5, 0], [5, 5]]]),
    share_of_persons("use", [1], [1], 5),
    fit([]),
    fit([Reading(1, 1, 1)]),
    fit([Reading(6, 80, 100)]),
    fit([Reading(0, 10, 20), Reading(12, 10, 20)], start=1.0),
    fit([Reading(1, 8, 10), Reading(30, 4, 10)]),
    agreement([(1,)], 3),
    agreement([(1, None), (None, 1)], 3),
    agreement([(1, 1), (1, 1)], 3),
    alpha([]),
    alpha([[1], [2]]),
    alpha([[1, 1], [1, 1]]),
    omega([[1, 2], [2, 1]]),
    omega([(1, 1, 3), (2, 2, 1), (3, 3, 5), (4, 4, 2), (5, 5, 4)]),
    *(
        one
        for scores in (score(everybody(4)), score(everybody(3)[:1], min_group=1), score([]))
        for group in (scores.overall, *(scores for _, scores in scores.units))
        for each in group
        for one in (each.value, each.alpha, each.omega)
        if isinstance(one, Undefined)
    ),
]


@pytest.mark.parametrize(
    "figure", sorted({one.reason for one in UNDEFINED}, key=str), ids=lambda one: one.en[:40]
)
def test_a_reason_is_told_in_french_words_and_not_in_english_ones(figure: Text) -> None:
    finding = Finding(
        "X1",
        "x",
        Kind.RISK,
        Severity.LOW,
        Scope(),
        Measure("x", 1.0),
        Text("x", "x"),
        evidence=(Evidence(Undefined("x", figure)),),
    )
    told = Telling(finding, Wording("fr")).evidence_line(finding.evidence[0])
    assert ENGLISH.isdisjoint(re.findall(r"\w+", told))
    assert told != Telling(finding, Wording("en")).evidence_line(finding.evidence[0])


def test_a_plain_reason_is_told_as_it_stands_in_either_language() -> None:
    assert Undefined("x", "no sessions").reason == Text("no sessions", "no sessions")
    both = Text("no sessions", "pas de sessions")
    assert Undefined("x", both).reason is both
