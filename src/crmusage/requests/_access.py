"""What departments need to know, against what they are granted and what they use."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from crmusage.errors import ContractError
from crmusage.model import Text
from crmusage.requests._units import MIN_GROUP, is_reported

ACCESS = ("read", "edit", "delete")
"""What can be done with information, each including those before."""
SCOPES = ("own", "unit", "all")
"""Whose records, each including those before."""
_Level = tuple[int, int]


class AccessVerdict(enum.StrEnum):
    """How need, grant and use go together."""

    TOO_LITTLE = "too-little"
    """Needed and not granted, or not as far as it is needed."""
    TOO_MUCH = "too-much"
    """Granted and not needed, or further than it is needed."""
    UNDECLARED = "undeclared"
    """Used, though nobody said that it is needed: a need to write down, or a grant to take back."""
    UNUSED = "unused"
    """Needed, granted, and not used."""
    FITS = "fits"


@attrs.frozen
class AccessFinding:
    """One department and one piece of information."""

    department: str
    information: str
    verdict: AccessVerdict
    needed: tuple[str, str] | None
    """(access, scope), such as ("read", "all"); None: no need was declared."""
    granted: tuple[tuple[str, str], ...]
    """Every grant, once each."""
    used: int | None
    """How often; None: not known, or the department is too small to be looked at."""
    text: Text


def need_to_know(
    needs: Iterable[Mapping[str, Any]],
    grants: Iterable[Mapping[str, Any]],
    uses: Iterable[Mapping[str, Any]] | None = None,
    *,
    sizes: Mapping[str, int] | None = None,
    min_group: int = MIN_GROUP,
) -> tuple[AccessFinding, ...]:
    """Hold what each department is granted against what it needs and what it uses.

    Rows are mappings with `department` and `information`, the same names in all three tables (an object and a
    field such as `Account.Phone`; whoever fills them writes out wildcards). Needs and grants may say `access` (read,
    edit, delete; read by default) and `scope` (own, unit, all; all by default). Permission sets and security roles
    give one grant a row; several for the same thing add up. Uses may say `count`, how often (1 by default).

    Args:
        needs: what each department needs for its work.
        grants: what it may do.
        uses: what it did; None: not known, and then nothing is called unused.
        sizes: how many persons each department has; None: not known, and then what they use is not looked at.
        min_group: what is used in smaller departments is not looked at.

    Returns:
        What does not fit first (too little, too much, undeclared, unused), then what does.

    Raises:
        ContractError: when a row lacks a name, or says another access or scope.
    """
    needed: dict[tuple[str, str], set[_Level]] = defaultdict(set)
    granted: dict[tuple[str, str], set[_Level]] = defaultdict(set)
    for rows, table, into in ((needs, "needs", needed), (grants, "grants", granted)):
        for position, row in enumerate(rows):
            into[_key(row, table, position)].add(_level(row, table, position))
    used: dict[tuple[str, str], int] = defaultdict(int)
    for position, row in enumerate(uses or ()):
        used[_key(row, "uses", position)] += _count(row, position)
    seen = uses is not None
    found = []
    for key in sorted({*needed, *granted, *used}):
        looked_at = seen and is_reported(key[0], sizes or {}, min_group)
        times = used.get(key, 0) if looked_at else None
        if key in needed or key in granted or times:
            found.append(_finding(key, needed.get(key, set()), granted.get(key, set()), times))
    order = list(AccessVerdict)
    return tuple(sorted(found, key=lambda f: (order.index(f.verdict), f.department, f.information)))


def _key(row: Mapping[str, Any], table: str, position: int) -> tuple[str, str]:
    for name in ("department", "information"):
        if not isinstance(row.get(name), str) or not row[name]:
            raise ContractError(f"{table}, row {position}: {name} is a text, not {row.get(name)!r}")
    return row["department"], row["information"]


def _level(row: Mapping[str, Any], table: str, position: int) -> _Level:
    access, scope = row.get("access") or ACCESS[0], row.get("scope") or SCOPES[-1]
    for name, value, words in (("access", access, ACCESS), ("scope", scope, SCOPES)):
        if value not in words:
            raise ContractError(
                f"{table}, row {position}: {name} is one of {', '.join(words)}, not {value!r}"
            )
    return ACCESS.index(access), SCOPES.index(scope)


def _count(row: Mapping[str, Any], position: int) -> int:
    count = row.get("count", 1)
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise ContractError(f"uses, row {position}: count is a whole number from 0, not {count!r}")
    return count


def _finding(
    key: tuple[str, str], needs: set[_Level], grants: set[_Level], used: int | None
) -> AccessFinding:
    # Several needs of one department are met by what covers them all.
    need = (max(a for a, _ in needs), max(s for _, s in needs)) if needs else None
    verdict = _verdict(need, grants, used)
    said = None if need is None else _said(need)
    given = tuple(_said(level) for level in sorted(grants))
    return AccessFinding(*key, verdict, said, given, used, _told(key, verdict, said, given))


def _verdict(need: _Level | None, grants: set[_Level], used: int | None) -> AccessVerdict:
    if need is None:
        return AccessVerdict.UNDECLARED if used else AccessVerdict.TOO_MUCH
    if not any(access >= need[0] and scope >= need[1] for access, scope in grants):
        return AccessVerdict.TOO_LITTLE
    if any(access > need[0] or scope > need[1] for access, scope in grants):
        return AccessVerdict.TOO_MUCH
    return AccessVerdict.UNUSED if used == 0 else AccessVerdict.FITS


def _said(level: _Level) -> tuple[str, str]:
    return ACCESS[level[0]], SCOPES[level[1]]


_FRENCH = {
    "read": "lecture",
    "edit": "modification",
    "delete": "suppression",
    "own": "les siens",
    "unit": "son unité",
}
_FRENCH["all"] = "tous"


def _told(
    key: tuple[str, str],
    verdict: AccessVerdict,
    need: tuple[str, str] | None,
    grants: tuple[tuple[str, str], ...],
) -> Text:
    department, information = key

    def levels(those: Iterable[tuple[str, str]], *, french: bool) -> str:
        told = [f"{_FRENCH[a]} ({_FRENCH[s]})" if french else f"{a} ({s})" for a, s in those]
        return ", ".join(told) or ("rien" if french else "nothing")

    wants = (levels([need] if need else [], french=french) for french in (False, True))
    has = (levels(grants, french=french) for french in (False, True))
    (want_en, want_fr), (has_en, has_fr) = wants, has
    match verdict:
        case AccessVerdict.TOO_LITTLE:
            en = f"needs {want_en} and is granted {has_en}"
            fr = f"accès insuffisant, besoin : {want_fr} ; accordé : {has_fr}"
        case AccessVerdict.TOO_MUCH:
            en = f"is granted {has_en} and needs {want_en}"
            fr = f"accès trop large, accordé : {has_fr} ; besoin : {want_fr}"
        case AccessVerdict.UNDECLARED:
            en = "uses it, and nobody said that it is needed"
            fr = "utilisé sans que le besoin ait été exprimé"
        case AccessVerdict.UNUSED:
            en = "needs it, has it and does not use it"
            fr = "nécessaire, accordé, mais pas utilisé"
        case AccessVerdict.FITS:
            en, fr = "has what it needs", "dispose de ce qu'il lui faut"
    return Text(f"{department}, {information}: {en}.", f"{department}, {information} : {fr}.")
