"""Sheets with an example of each thing in them, to be changed line by line."""

from __future__ import annotations

from crmusage.model import Wording

_BALANCE = """{head}
example = true           # {example}

[[group]]
id = "representatives"
name = "{representatives}"
people = 20              # {people}
users = true             # {users}

[[group]]
id = "management"
name = "{management}"
people = 3

[[irritant]]             # {irritant}
id = "paper-forms"
name = "{paper}"
group = "representatives"
minutes = 30             # {minutes}

[[capability]]           # {capability}
id = "visit-by-voice"
name = "{voice}"
serves = "performance"   # {serves}
relieves = ["paper-forms"]
costs = {{ representatives = 10 }}
in_place = false

[[field]]                # {field}
id = "competitor"
name = "{competitor}"
costs = {{ representatives = 4 }}
gains = {{ management = 5 }}
in_place = true
"""

_PLAN = """{head}
example = true           # {example}

months = 36
floor = 0.6              # {floor}

[[topic]]                # {topic}
id = "forecast"
name = "{forecast}"
hours = 1                # {hours}
preparation = 2          # {preparation}

[[group]]                # {group}
id = "representatives"
people = 20

[ownership]              # {ownership}
# sponsor = "{sponsor}"
# deputy = "{deputy}"
# objective = "{objective}"
# champion = "{champion}"
# champion_deputy = "{champion_deputy}"
direction_knows = "{unknown}"
executives_use = "{unknown}"
culture = "{unknown}"
shared = "{unknown}"
"""


def balance(lang: str) -> str:
    """A benefit balance with an example of each thing."""
    w = Wording(lang)
    return _BALANCE.format(
        head=w.pick(
            "# Who gains and who pays, in minutes a week for each person, as people say it.",
            "# Qui gagne, qui paie, en minutes par semaine et par personne, selon les intéressés.",
        ),
        example=_own(w),
        representatives=w.pick("the representatives", "les commerciaux"),
        management=w.pick("sales management", "la direction commerciale"),
        paper=w.pick("visit reports on paper", "les comptes rendus de visite sur papier"),
        voice=w.pick("Visit reports dictated on the road", "Le compte rendu dicté en route"),
        competitor=w.pick("The competitor, on each lost deal", "Le concurrent, sur chaque affaire perdue"),
        people=w.pick("how many", "combien"),
        users=w.pick("they work with the tool and feed it", "ils travaillent avec l'outil et l'alimentent"),
        irritant=w.pick("what annoys people in their day", "ce qui agace au quotidien"),
        minutes=w.pick("a week, for each of them", "par semaine, pour chacun"),
        capability=w.pick("what the tool can do, or could", "ce que l'outil sait faire, ou pourrait"),
        serves=w.pick('or "data"', 'ou "data"'),
        field=w.pick("what has to be filled in", "ce qu'il faut remplir"),
    )


def plan(lang: str) -> str:
    """A plan of refreshers with an example of each thing."""
    w = Wording(lang)
    return _PLAN.format(
        head=w.pick(
            "# What is to stay known, by whom, and who owns the tool. Groups and roles, no persons.",
            "# Ce qui doit rester connu, de qui, et qui porte l'outil. Des groupes et des rôles, pas de noms.",
        ),
        example=_own(w),
        floor=w.pick("six in ten should know each topic", "six sur dix doivent connaître chaque sujet"),
        forecast=w.pick("Keeping the forecast true", "Tenir la prévision à jour"),
        unknown=w.pick("unknown", "inconnu"),
        topic=w.pick("what people should know how to do", "ce que chacun doit savoir faire"),
        hours=w.pick("of each person's time for a refresher", "du temps de chacun pour un rappel"),
        preparation=w.pick("of whoever teaches, each time", "de qui anime, à chaque fois"),
        group=w.pick(
            "a unit or a profile, of five people or more", "une unité ou un profil, cinq personnes au moins"
        ),
        ownership=w.pick(
            "roles, not names: take the # away where there is one; below, yes, partly, no or unknown",
            "des rôles, pas de noms : retirez le # s'il y en a un ; ensuite oui, en partie, non ou inconnu",
        ),
        sponsor=w.pick("head of sales", "directeur commercial"),
        deputy=w.pick("deputy head of sales", "adjoint au directeur commercial"),
        objective=w.pick("A forecast within 10 % of what comes in", "Une prévision à 10 % près"),
        champion=w.pick("sales operations", "pilotage commercial"),
        champion_deputy=w.pick("sales support", "assistance commerciale"),
    )


def _own(w: Wording) -> str:
    return w.pick(
        "take this line away once the figures are your own",
        "retirez cette ligne quand les chiffres sont les vôtres",
    )
