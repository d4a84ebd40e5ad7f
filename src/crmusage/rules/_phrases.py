"""Expectations and conditions as people say them, in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from crmusage.model import Text
from crmusage.rules._condition import All, AnyOf, Compare, Condition, Not, Op, comparisons
from crmusage.rules._duration import Duration
from crmusage.rules._rule import Constraint
from crmusage.rules._template import Template

_MOST_CONDITIONS = 4
"""More comparisons than this are counted, not told (guessed: what a sentence can carry)."""

_PHRASES: dict[Template, Text] = {
    Template.EXISTENCE: Text("{a} happens at least {times}", "{a} a lieu au moins {fois}"),
    Template.ABSENCE: Text("{a} happens at most {fewer}", "{a} a lieu au plus {moins}"),
    Template.EXACTLY: Text("{a} happens exactly {times}", "{a} a lieu exactement {fois}"),
    Template.INIT: Text("the case begins with {a}", "le dossier commence par {a}"),
    Template.END: Text("the case ends with {a}", "le dossier se termine par {a}"),
    Template.RESPONDED_EXISTENCE: Text(
        "where {a} happens, {b} happens too, before or after",
        "là où {a} a lieu, {b} a lieu aussi, avant ou après",
    ),
    Template.CO_EXISTENCE: Text(
        "{a} and {b} happen both or not at all", "{a} et {b} ont lieu toutes les deux, ou aucune"
    ),
    Template.RESPONSE: Text("after {a}, {b} follows", "après {a} vient {b}"),
    Template.ALTERNATE_RESPONSE: Text(
        "after each {a}, {b} follows before the next {a}", "après chaque {a}, {b} vient avant le {a} suivant"
    ),
    Template.CHAIN_RESPONSE: Text("right after {a} comes {b}", "juste après {a} vient {b}"),
    Template.PRECEDENCE: Text("before {a}, {b} has happened", "avant {a}, {b} a eu lieu"),
    Template.ALTERNATE_PRECEDENCE: Text(
        "before each {a}, {b} has happened since the previous {a}",
        "avant chaque {a}, {b} a eu lieu depuis le {a} précédent",
    ),
    Template.CHAIN_PRECEDENCE: Text("right before {a} comes {b}", "juste avant {a} vient {b}"),
    Template.SUCCESSION: Text(
        "after {a}, {b} follows, and before {b}, {a} has happened",
        "après {a} vient {b}, et avant {b}, {a} a eu lieu",
    ),
    Template.ALTERNATE_SUCCESSION: Text(
        "{a} and {b} happen in turn, {a} first", "{a} et {b} ont lieu tour à tour, en commençant par {a}"
    ),
    Template.CHAIN_SUCCESSION: Text(
        "right after {a} comes {b}, and right before {b} comes {a}",
        "juste après {a} vient {b}, et juste avant {b} vient {a}",
    ),
    Template.NOT_CO_EXISTENCE: Text(
        "{a} and {b} do not happen in the same case", "{a} et {b} n'ont pas lieu dans le même dossier"
    ),
    Template.NOT_SUCCESSION: Text("after {a}, {b} no longer happens", "après {a}, {b} n'a plus lieu"),
    Template.NOT_CHAIN_SUCCESSION: Text(
        "{b} does not come right after {a}", "{b} ne vient pas juste après {a}"
    ),
    Template.CHOICE: Text("{a} or {b} happens", "{a} ou {b} a lieu"),
    Template.EXCLUSIVE_CHOICE: Text(
        "either {a} or {b} happens, not both", "soit {a} soit {b} a lieu, mais pas les deux"
    ),
}


def phrase(constraint: Constraint) -> Text:
    """What is expected, as a sentence without its capital and its full stop."""
    template, n = constraint.template, constraint.n or 1
    said = _PHRASES[template]
    if template is Template.ABSENCE and n == 1:
        said = Text("{a} never happens", "{a} n'a jamais lieu")
    en = said.en.format(
        a=_side(constraint.activities, constraint.where, french=False),
        b=_side(constraint.targets, constraint.target_where, french=False),
        times=_times(n),
        fewer=_times(n - 1),
    )
    fr = said.fr.format(
        a=_side(constraint.activities, constraint.where, french=True),
        b=_side(constraint.targets, constraint.target_where, french=True),
        fois=f"{n} fois",
        moins=f"{n - 1} fois",
    )
    correlated, window = _correlated(constraint), _window(constraint)
    return Text(en + correlated.en + window.en, fr + correlated.fr + window.fr)


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n} times")


def _side(activities: tuple[str, ...], where: Condition | None, *, french: bool) -> str:
    names = [f"« {activity} »" if french else f"'{activity}'" for activity in activities]
    name = _and(names, "ou" if french else "or")
    count = len(list(comparisons(where)))
    if not count:
        return name
    if count > _MOST_CONDITIONS:
        return f"{name} ({count} conditions)"
    said = conditions(where)
    return f"{name} ({said.fr if french else said.en})"


def _correlated(constraint: Constraint) -> Text:
    same, different = constraint.correlate.same, constraint.correlate.different
    en = [f"the same {name}" for name in same] + [f"a different {name}" for name in different]
    fr = [f"même valeur de {name}" for name in same] + [f"autre valeur de {name}" for name in different]
    return Text(f", with {_and(en, 'and')}", f", avec {_and(fr, 'et')}") if en else Text("", "")


def _window(constraint: Constraint) -> Text:
    en, fr = "", ""
    if constraint.after is not None and not constraint.after.is_nothing:
        en += f", at the earliest after {constraint.after}"
        fr += f", au plus tôt après {spans(amounts(constraint.after)).fr}"
    if constraint.within is not None:
        en += f", within {constraint.within}"
        fr += f", dans un délai de {spans(amounts(constraint.within)).fr}"
    return Text(en, fr)


_UNITS = {
    "years": ("an", "ans"),
    "months": ("mois", "mois"),
    "weeks": ("semaine", "semaines"),
    "days": ("jour", "jours"),
    "hours": ("heure", "heures"),
    "minutes": ("minute", "minutes"),
    "seconds": ("seconde", "secondes"),
    "working_days": ("jour ouvré", "jours ouvrés"),
    "working_hours": ("heure ouvrée", "heures ouvrées"),
}


def amounts(duration: Duration) -> dict[str, float]:
    """How many of which units a duration is written with."""
    said = {name: getattr(duration, name) for name in _UNITS if hasattr(duration, name)}
    said = {
        name: amount
        for name, amount in said.items()
        if amount or (amount is not None and name.startswith("working"))
    }
    return said or {"seconds": 0}


def spans(lengths: Mapping[str, float]) -> Text:
    """A length of time from how many of which units it is: `2 days 4 hours`."""
    en, fr = [], []
    for name, amount in lengths.items():
        one, many = _UNITS[name]
        en.append(f"{amount:.12g} {(name if amount != 1 else name[:-1]).replace('_', ' ')}")
        # In French, what is less than two is singular.
        fr.append(f"{amount:.12g} {one if amount < 2 else many}".replace(".", ","))
    return Text(" ".join(en), " ".join(fr))


def conditions(condition: Condition | None) -> Text:
    """A condition in words and signs: `amount > 10 and colour = 'red'`."""
    return Text(_said(condition, french=False), _said(condition, french=True))


def _said(condition: Condition | None, *, french: bool, inner: bool = False) -> str:
    match condition:
        case None:
            return ""
        case Compare():
            return _compared(condition, french=french)
        case Not(part):
            return f"{'non' if french else 'not'} ({_said(part, french=french)})"
        case All(parts) | AnyOf(parts):
            word = ("et" if french else "and") if isinstance(condition, All) else ("ou" if french else "or")
            text = _and([_said(part, french=french, inner=True) for part in parts], word, comma=False)
            return f"({text})" if inner and len(parts) > 1 else text


_SIGNS = {Op.EQ: "=", Op.NE: "\N{NOT EQUAL TO}", Op.LT: "<", Op.GT: ">"} | {
    Op.LE: "\N{LESS-THAN OR EQUAL TO}",
    Op.GE: "\N{GREATER-THAN OR EQUAL TO}",
}


def _compared(compare: Compare, *, french: bool) -> str:
    name, value = compare.attribute.rpartition("@")[2], compare.value
    if compare.op is Op.IS_NULL:
        return (
            (f"sans {name}" if french else f"no {name}")
            if value
            else (f"avec {name}" if french else f"with {name}")
        )
    if isinstance(value, tuple):
        return f"{name} {'parmi' if french else 'among'} {', '.join(shown(v, french=french) for v in value)}"
    if compare.op is Op.MATCHES:
        return f"{name} {'conforme à' if french else 'matching'} {shown(value, french=french)}"
    return f"{name} {_SIGNS[compare.op]} {shown(value, french=french)}"


def shown(value: object, *, french: bool = False) -> str:
    """A value as it stands in a sentence."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"« {value} »" if french else f"'{value}'"
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return str(value)


def _and(parts: Sequence[str], word: str, *, comma: bool = True) -> str:
    if not comma or len(parts) < 2:
        return f" {word} ".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"
