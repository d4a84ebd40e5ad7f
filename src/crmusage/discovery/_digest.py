"""A discovery on a page of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmusage.discovery._told import _NATURES
from crmusage.model import Text, Wording, printable

if TYPE_CHECKING:
    from crmusage.discovery._discover import Discovery

_OUT = {
    "deleted": Text("deleted cases", "dossiers supprimés"),
    "import": Text("imported cases", "dossiers importés"),
    "merge": Text("cases from a merge", "dossiers issus d'une fusion"),
    "cascade": Text("cases made by another change", "dossiers créés par ricochet"),
    "automation": Text("cases that only an automation touched", "dossiers que seul un automate a touchés"),
    "machine": Text("cases that only programs touched", "dossiers que seuls des programmes ont touchés"),
    "burst": Text("cases entered in a burst", "dossiers saisis en rafale"),
    "young": Text("cases too recent to judge", "dossiers trop récents pour en juger"),
    "import events": Text("imported events", "événements importés"),
    "merge events": Text("events from a merge", "événements issus d'une fusion"),
    "cascade events": Text("events made by another change", "événements par ricochet"),
    "automation events": Text("events of an automation", "événements d'un automate"),
    "machine events": Text("events of programs", "événements de programmes"),
}


def digest(found: Discovery, lang: str) -> str:
    """What was looked at, what was found, and what could not be seen."""
    w = Wording(lang)
    n, groups, tried = w.number(len(found)), w.number(len(found.assessed)), w.number(found.tried)
    usages = w.pick(
        "unwritten usage" if len(found) == 1 else "unwritten usages",
        "usage non écrit" if len(found) < 2 else "usages non écrits",
    )
    lines = [
        w.pick(
            f"{n} {usages} in {groups} groups; {tried} comparisons were made, and all of them are allowed for.",
            f"{n} {usages} dans {groups} groupes ; {tried} comparaisons ont été faites, et il en est tenu compte.",
        )
    ]
    for place, usage in enumerate(found, 1):
        kept, peers = w.value(usage.measure.value, "share"), w.value(usage.peers.value, "share")
        against = w.pick("against", "contre")
        lines.append(f"\n{place}. {w.of(usage.title)}")
        lines.append(f"   {w.of(_NATURES[usage.nature])} ({kept} {against} {peers}). {w.of(usage.reason)}")
    if found.left_out:
        told = [f"{w.number(count)} {w.of(_OUT[reason])}" for reason, count in found.left_out.items()]
        lines.append(w.pick("\nLeft out: ", "\nÉcartés : ") + ", ".join(told) + ".")
    if found.of_one_person:
        lines.append(
            w.pick(
                f"\n{found.of_one_person} more rest on one person's cases alone: no group's usage, and not told.",
                f"\n{found.of_one_person} de plus ne tiennent qu'aux dossiers d'une seule personne : ce n'est pas "
                "l'usage d'un groupe, rien n'en est dit.",
            )
        )
    if found.of_a_season:
        lines.append(
            w.pick(
                f"\n{found.of_a_season} more come and go with a few months: campaigns, and not told.",
                f"\n{found.of_a_season} de plus vont et viennent avec quelques mois : des campagnes, non "
                "signalées.",
            )
        )
    if found.untried:
        names = ", ".join(printable(name) for name in found.untried)
        lines.append(
            w.pick(
                f"\nNot tried as conditions, for they have too many values together: {names}.",
                f"\nNon essayés comme conditions, car ils ont trop de valeurs à eux tous : {names}.",
            )
        )
    if found.not_assessable:
        lines.append(w.pick("\nNot assessable:", "\nNon évaluables :"))
        lines += [
            f"  {printable(group.into(lang))}{w.pick(': ', ' : ')}{w.of(reason)}"
            for group, reason in found.not_assessable.items()
        ]
    return "\n".join(lines) + "\n"
