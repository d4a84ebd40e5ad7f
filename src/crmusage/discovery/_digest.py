"""A discovery on a page of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmusage.discovery._told import _NATURES
from crmusage.model import Text, Wording, printable

if TYPE_CHECKING:
    from crmusage.discovery._discover import Discovery

_OUT = {
    "deleted": (Text("deleted case", "dossier supprimé"), Text("deleted cases", "dossiers supprimés")),
    "import": (Text("imported case", "dossier importé"), Text("imported cases", "dossiers importés")),
    "merge": (
        Text("case from a merge", "dossier issu d'une fusion"),
        Text("cases from a merge", "dossiers issus d'une fusion"),
    ),
    "cascade": (
        Text("case made by another change", "dossier créé par ricochet"),
        Text("cases made by another change", "dossiers créés par ricochet"),
    ),
    "automation": (
        Text("case that only an automation touched", "dossier que seul un automate a touché"),
        Text("cases that only an automation touched", "dossiers que seul un automate a touchés"),
    ),
    "machine": (
        Text("case that only programs touched", "dossier que seuls des programmes ont touché"),
        Text("cases that only programs touched", "dossiers que seuls des programmes ont touchés"),
    ),
    "burst": (
        Text("case entered in a burst", "dossier saisi en rafale"),
        Text("cases entered in a burst", "dossiers saisis en rafale"),
    ),
    "young": (
        Text("case too recent to judge", "dossier trop récent pour en juger"),
        Text("cases too recent to judge", "dossiers trop récents pour en juger"),
    ),
    "import events": (
        Text("imported event", "événement importé"),
        Text("imported events", "événements importés"),
    ),
    "merge events": (
        Text("event from a merge", "événement issu d'une fusion"),
        Text("events from a merge", "événements issus d'une fusion"),
    ),
    "cascade events": (
        Text("event made by another change", "événement par ricochet"),
        Text("events made by another change", "événements par ricochet"),
    ),
    "automation events": (
        Text("event of an automation", "événement d'un automate"),
        Text("events of an automation", "événements d'un automate"),
    ),
    "machine events": (
        Text("event of programs", "événement de programme"),
        Text("events of programs", "événements de programmes"),
    ),
}
"""What was left out: one, and several."""


def digest(found: Discovery, lang: str) -> str:
    """What was looked at, what was found, and what could not be seen."""
    w = Wording(lang)
    n, groups = w.number(len(found)), w.count(len(found.assessed), "group")
    tried, alone, seasonal = w.count(found.tried, "comparison"), found.of_one_person, found.of_a_season
    usages = w.pick(
        "unwritten usage" if len(found) == 1 else "unwritten usages",
        "usage non écrit" if len(found) < 2 else "usages non écrits",
    )
    lines = [
        w.pick(
            f"{n} {usages} in {groups}; {tried} {w.agree(found.tried, 'was', 'were')} made, and "
            f"{w.agree(found.tried, 'it is', 'all of them are')} allowed for.",
            f"{n} {usages} dans {groups} ; {tried} {w.agree(found.tried, 'a été faite', 'ont été faites')}, et il en "
            "est tenu compte.",
        )
    ]
    for place, usage in enumerate(found, 1):
        kept, peers = w.value(usage.measure.value, "share"), w.value(usage.peers.value, "share")
        against = w.pick("against", "contre")
        lines.append(f"\n{place}. {w.of(usage.title)}")
        lines.append(f"   {w.of(_NATURES[usage.nature])} ({kept} {against} {peers}). {w.of(usage.reason)}")
    if found.left_out:
        told = [
            f"{w.number(count)} {w.agree(count, *map(w.of, _OUT[reason]))}"
            for reason, count in found.left_out.items()
        ]
        lines.append(w.pick("\nLeft out: ", "\nÉcartés : ") + ", ".join(told) + ".")
    if found.of_one_person:
        lines.append(
            w.pick(
                f"\n{w.number(alone)} more {w.agree(alone, 'rests', 'rest')} on one person's cases alone: no group's "
                "usage, and not told.",
                f"\n{w.number(alone)} de plus ne {w.agree(alone, 'tient', 'tiennent')} qu'aux dossiers d'une seule "
                "personne : ce n'est pas l'usage d'un groupe, rien n'en est dit.",
            )
        )
    if found.of_a_season:
        lines.append(
            w.pick(
                f"\n{w.number(seasonal)} more {w.agree(seasonal, 'comes and goes', 'come and go')} with a few months: "
                f"{w.agree(seasonal, 'a campaign', 'campaigns')}, and not told.",
                f"\n{w.number(seasonal)} de plus {w.agree(seasonal, 'ne dure', 'ne durent')} que quelques mois : "
                f"{w.agree(seasonal, 'une campagne, non signalée', 'des campagnes, non signalées')}.",
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
