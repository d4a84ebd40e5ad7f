"""Ways of working, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmusage.model import Text, Wording, printable

if TYPE_CHECKING:
    from crmusage.discovery._ways import Ways


def told(ways: Ways, lang: str) -> str:
    """Who works alike, and who could not be compared."""
    w = Wording(lang)
    n, groups = len(ways.ways), len(ways.groups)
    if groups < 2:
        lines = [
            w.pick(
                "Fewer than two groups can be compared.", "Moins de deux groupes se prêtent à la comparaison."
            )
        ]
    elif n == 1:
        lines = [
            w.pick(
                f"All {groups} groups work alike.", f"Les {groups} groupes travaillent tous de la même façon."
            )
        ]
    else:
        lines = [
            w.pick(
                f"{n} ways of working in {groups} groups:",
                f"{n} façons de travailler dans {groups} groupes :",
            )
        ]
        for place, way in enumerate(ways.ways, 1):
            names = ", ".join(printable(group.into(lang)) for group in way)
            lines.append(f"{place}. {names} ({w.number(distance(ways, place - 1), 2)} {_BITS.into(lang)})")
    if ways.not_assessable:
        lines.append(w.pick("Not assessable:", "Non évaluables :"))
        lines += [
            f"  {printable(group.into(lang))}{w.pick(': ', ' : ')}{w.of(why)}"
            for group, why in ways.not_assessable.items()
        ]
    return "\n".join(lines) + "\n"


def distance(ways: Ways, place: int) -> float:
    """How far a way is from the groups of all others, in bits, in the mean."""
    way = set(ways.ways[place])
    inside = [k for k, group in enumerate(ways.groups) if group in way]
    outside = [k for k, group in enumerate(ways.groups) if group not in way]
    pairs = [ways.apart[i][j] for i in inside for j in outside]
    return sum(pairs) / len(pairs) if pairs else 0.0


_BITS = Text("bits from the others", "bit d'écart avec les autres")
