"""Linear temporal logic on finite traces, with past, read and evaluated straight from its definition.

    a              the event is an a                     (no event: false)
    X f   N f      the next event satisfies f; N: or there is none
    F f   G f      some / every event from here on
    f U g          some event from here on satisfies g, and every one before it f
    Y f   Z f      the event before satisfies f; Z: or there is none
    O f   H f      some / every event up to here
    f S g          some event up to here satisfies g, and every one after it, up to here, f

A formula holds for a trace where it holds at its first event; on the empty trace, "some" is false and "every" true.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

Formula = Callable[[Sequence[str], int], bool]

_TOKEN = re.compile(r"\s*(->|[()!&|$]|[A-Z]|[a-z]|$)")
_UNARY = frozenset("!XNFGYZOH")


def parse(text: str) -> Formula:
    """A formula from its text; parentheses that are open at the end are closed there."""
    tokens = [token for token in _TOKEN.findall(text) if token]
    rest = list(reversed(tokens))
    found = _implies(rest)
    if rest and set(rest) != {")"}:
        raise ValueError(f"{text!r} does not end where it should: {rest[::-1]}")
    return found


def holds(text: str, trace: Sequence[str]) -> bool:
    """Whether a formula holds for a trace."""
    return parse(text)(trace, 0)


def _next(rest: list[str]) -> str:
    return rest[-1] if rest else ""


def _implies(rest: list[str]) -> Formula:
    left = _either(rest)
    if _next(rest) != "->":
        return left
    rest.pop()
    right = _implies(rest)
    return lambda t, i: not left(t, i) or right(t, i)


def _either(rest: list[str]) -> Formula:
    parts = [_both(rest)]
    while _next(rest) == "|":
        rest.pop()
        parts.append(_both(rest))
    return lambda t, i: any(part(t, i) for part in parts)


def _both(rest: list[str]) -> Formula:
    parts = [_until(rest)]
    while _next(rest) == "&":
        rest.pop()
        parts.append(_until(rest))
    return lambda t, i: all(part(t, i) for part in parts)


def _until(rest: list[str]) -> Formula:
    left = _one(rest)
    word = _next(rest)
    if word not in {"U", "S", "$"}:
        return left
    rest.pop()
    right = _one(rest)
    if word == "U":
        return lambda t, i: any(
            right(t, j) and all(left(t, k) for k in range(i, j)) for j in range(i, len(t))
        )
    return lambda t, i: any(
        right(t, j) and all(left(t, k) for k in range(j + 1, i + 1)) for j in range(min(i, len(t) - 1) + 1)
    )


def _one(rest: list[str]) -> Formula:
    word = rest.pop()
    if word == "(":
        inner = _implies(rest)
        if rest and rest.pop() != ")":
            raise ValueError("a parenthesis is not closed")
        return inner
    if word in _UNARY:
        inner = _one(rest)
        return _MEANING[word](inner)
    if not word.islower():
        raise ValueError(f"unexpected {word!r}")
    return lambda t, i: i < len(t) and t[i] == word


_MEANING: dict[str, Callable[[Formula], Formula]] = {
    "!": lambda f: lambda t, i: not f(t, i),
    "X": lambda f: lambda t, i: i + 1 < len(t) and f(t, i + 1),
    "N": lambda f: lambda t, i: i + 1 >= len(t) or f(t, i + 1),
    "F": lambda f: lambda t, i: any(f(t, j) for j in range(i, len(t))),
    "G": lambda f: lambda t, i: all(f(t, j) for j in range(i, len(t))),
    "Y": lambda f: lambda t, i: i > 0 and f(t, i - 1),
    "Z": lambda f: lambda t, i: i == 0 or f(t, i - 1),
    "O": lambda f: lambda t, i: any(f(t, j) for j in range(min(i, len(t) - 1) + 1)),
    "H": lambda f: lambda t, i: all(f(t, j) for j in range(min(i, len(t) - 1) + 1)),
}
