"""Signs of one and the same usage, put together: those that imply one another, and those that the same cases show."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs
import numpy as np

from crmusage.discovery._close import Close
from crmusage.discovery._log import Bool
from crmusage.discovery._screen import Sign
from crmusage.model import Text
from crmusage.rules import Constraint, Rulebook, UsageRule, lint

SAME_CASES = 0.8
"""Where so great a part of the cases that show one sign shows another, or another side of the same usage, they are
sides of one: a usage is a set of rules that a group keeps together. Guessed."""
AS_STRONG = 0.9
"""Of two signs that imply one another the more demanding is told when it sets the group nearly as far apart."""
MOST = 150
"""Signs of a group that are looked at case by case: the most distant ones. The others would be sides of these."""
_NOBODY = Text("", "")


@attrs.frozen
class Family:
    """A usage: the sign that tells it best, and its other sides."""

    sign: Sign
    place: int
    """Of the sign, among those looked at."""
    others: tuple[Sign, ...]
    places: tuple[int, ...]
    """Of all its sides: the sign that tells it first, then the others by how far they set the group apart."""


def families(signs: Sequence[Sign], close: Close, names: Sequence[str]) -> list[Family]:
    """One family a usage, the most distant first."""
    most = max((sign.kept for sign in signs), default=1)
    order = sorted(range(len(signs)), key=lambda k: _rank(signs[k], most))
    # What was before a look is no part of the sign that was seen in it.
    looks = np.array([sign.look for sign in signs])
    shown = close.kept & (close.period[None, :] >= looks[:, None])
    heads: list[int] = []
    members: dict[int, list[int]] = {}
    seen: dict[int, Bool] = {}
    constraints = [constraint_of(sign, names) for sign in signs]
    for k in order:
        head = next(
            (
                h
                for h in heads
                if _same(shown[k], shown[h])
                or _inside(shown[k], seen[h])
                or _implied(constraints[k], constraints[h])
            ),
            None,
        )
        if head is None:
            heads.append(k)
            members[k], seen[k] = [], shown[k].copy()
        else:
            members[head].append(k)
            seen[head] |= shown[k]
    return [_headed(head, members[head], signs, constraints, most) for head in heads]


def _headed(
    head: int, others: list[int], signs: Sequence[Sign], constraints: Sequence[Constraint], most: int
) -> Family:
    """The most demanding of those that imply the head and set the group nearly as far apart."""
    best = head
    for k in others:
        nearly = signs[k].distance >= AS_STRONG * signs[head].distance
        if nearly and signs[k].look <= signs[best].look and follows(constraints[best], constraints[k]):
            best = k
    plain = {_plain(signs[k]) for k in (head, *others) if not signs[k].pattern.is_conditional}
    # A condition adds nothing to what is so without it.
    rest = [
        s
        for s in (signs[k] for k in (head, *others) if k != best)
        if not (s.pattern.is_conditional and _plain(s) in plain)
    ]
    distinct = {(s.pattern, s.activity, s.target): s for s in reversed(rest)}
    distinct.pop((signs[best].pattern, signs[best].activity, signs[best].target), None)
    ordered = sorted(distinct.values(), key=lambda s: _rank(s, most))
    places = (best, *sorted({head, *others} - {best}, key=lambda k: _rank(signs[k], most)))
    return Family(signs[best], best, tuple(ordered), places)


def _plain(sign: Sign) -> tuple[object, ...]:
    return (sign.pattern.template, sign.pattern.within, sign.activity, sign.target)


def _rank(sign: Sign, most: int) -> tuple[float, int, int, str, int, int]:
    # Far from the peers, and seen in many cases: what is told first is to stand for the rest. And it is to be simple: a
    # condition has to earn its place.
    weight = sign.distance * math.sqrt(sign.kept / most) * (AS_STRONG if sign.pattern.is_conditional else 1.0)
    return (-weight, sign.look, -sign.n, str(sign.pattern), sign.activity, sign.target)


def _same(one: Bool, other: Bool) -> bool:
    fewer = min(int(np.count_nonzero(one)), int(np.count_nonzero(other)))
    return bool(fewer > 0 and np.count_nonzero(one & other) >= SAME_CASES * fewer)


def _inside(one: Bool, family: Bool) -> bool:
    """Whether nearly all cases of a sign show some side of the usage already."""
    return bool(np.count_nonzero(one & family) >= SAME_CASES * max(int(np.count_nonzero(one)), 1))


def _implied(one: Constraint, other: Constraint) -> bool:
    if {*one.activities, *one.targets} != {*other.activities, *other.targets}:
        # Through other activities it is the cases that show it.
        return False
    return follows(one, other) or follows(other, one)


def follows(one: Constraint, other: Constraint) -> bool:
    """Whether who keeps the other certainly keeps the one."""
    if one == other:
        return True
    first, second = (
        UsageRule(id=name, situation=_NOBODY, expect=(constraint,))
        for name, constraint in (("one", one), ("other", other))
    )
    return any(
        found.code == "RL302" or (found.code == "RL301" and found.rules[0] == "one")
        for found in lint(Rulebook((first, second)))
    )


def constraint_of(sign: Sign, names: Sequence[str]) -> Constraint:
    """What the sign says, with the names of the activities."""
    target = None if sign.target < 0 else names[sign.target]
    return sign.pattern.constraint(names[sign.activity], target)
