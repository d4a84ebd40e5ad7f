"""What is told of ownership, in both languages."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import TypeVar

from crmusage.model import Text

T = TypeVar("T")


class Worry(enum.StrEnum):
    """What can be weak in who owns a programme."""

    NO_SPONSOR = "no_sponsor"
    NO_OBJECTIVE = "no_objective"
    NO_CHAMPION = "no_champion"
    NO_DEPUTY = "no_deputy"
    NO_CHAMPION_DEPUTY = "no_champion_deputy"
    ONE_FOR_BOTH = "one_for_both"
    DIRECTION_UNAWARE = "direction_unaware"
    EXECUTIVES_AWAY = "executives_away"
    NOT_CULTURE = "not_culture"
    SILO = "silo"
    KEY_PERSON = "key_person"
    NOBODY_SPEAKS = "nobody_speaks"
    PUT_ASIDE = "put_aside"
    KNOWLEDGE_GOES = "knowledge_goes"
    NOBODY_ELSE_MISSES_IT = "nobody_else_misses_it"
    OWNER_LEFT = "owner_left"
    OWNER_UNKNOWN = "owner_unknown"
    NO_OWNER = "no_owner"


TELLING: dict[Worry, tuple[Text, Text]] = {
    Worry.NO_SPONSOR: (
        Text("Nobody in management speaks for the CRM.", "Personne à la direction ne porte le CRM."),
        Text(
            "Ask a member of management to be its sponsor.",
            "Demander à un membre de la direction d'en être le parrain.",
        ),
    ),
    Worry.NO_OBJECTIVE: (
        Text(
            "The company has not said what it wants from the CRM.",
            "L'entreprise n'a pas dit ce qu'elle attend du CRM.",
        ),
        Text(
            "Have management write one objective that can be checked.",
            "Faire écrire par la direction un objectif vérifiable.",
        ),
    ),
    Worry.NO_CHAMPION: (
        Text(
            "Nobody keeps the CRM alive and its knowledge together.",
            "Personne ne fait vivre le CRM ni n'en garde la connaissance.",
        ),
        Text("Choose a champion, with time for it.", "Choisir un champion et lui en donner le temps."),
    ),
    Worry.NO_DEPUTY: (
        Text(
            "Nobody is named who would follow the sponsor.",
            "Personne n'est désigné pour succéder au parrain.",
        ),
        Text(
            "Name a second sponsor from another department.",
            "Désigner un second parrain, issu d'un autre service.",
        ),
    ),
    Worry.NO_CHAMPION_DEPUTY: (
        Text("The champion has nobody to stand in.", "Le champion n'a pas de suppléant."),
        Text("Train somebody to stand in for the champion.", "Former quelqu'un à remplacer le champion."),
    ),
    Worry.ONE_FOR_BOTH: (
        Text(
            "Sponsor and champion are one role: both would go at once.",
            "Le parrain et le champion ont la même fonction : tous deux partiraient ensemble.",
        ),
        Text(
            "Choose a champion who works with the tool every day.",
            "Choisir un champion qui travaille chaque jour avec l'outil.",
        ),
    ),
    Worry.DIRECTION_UNAWARE: (
        Text(
            "Top management does not know what the CRM is for.",
            "La direction générale ignore à quoi sert le CRM.",
        ),
        Text(
            "Show management once a month what the CRM did for the objective.",
            "Montrer chaque mois à la direction ce que le CRM apporte à l'objectif.",
        ),
    ),
    Worry.EXECUTIVES_AWAY: (
        Text("Executives do not use the CRM themselves.", "Les dirigeants n'utilisent pas eux-mêmes le CRM."),
        Text(
            "Hold one management meeting from the CRM, without slides.",
            "Tenir une réunion de direction à partir du CRM, sans diapositives.",
        ),
    ),
    Worry.NOT_CULTURE: (
        Text(
            "The CRM is not part of how the company works.",
            "Le CRM ne fait pas partie de la façon de travailler de l'entreprise.",
        ),
        Text(
            "Pick one routine (pipeline review, handover) and do it in the CRM only.",
            "Choisir une routine (revue des affaires, passation) et ne la faire que dans le CRM.",
        ),
    ),
    Worry.SILO: (
        Text(
            "Only the department that brought the CRM uses it.",
            "Seul le service qui a introduit le CRM l'utilise.",
        ),
        Text(
            "Connect a second department by something that it needs.",
            "Y relier un second service par une chose dont il a besoin.",
        ),
    ),
    Worry.NOBODY_SPEAKS: (
        Text(
            "If the sponsor left, nobody in management would speak for the CRM.",
            "Si le parrain partait, plus personne à la direction ne porterait le CRM.",
        ),
        Text(
            "Name who would take over, and let them meet management now.",
            "Désigner qui prendrait la suite et l'associer dès maintenant à la direction.",
        ),
    ),
    Worry.PUT_ASIDE: (
        Text(
            "Management, not knowing what the CRM is for, could put it aside.",
            "La direction, ignorant à quoi sert le CRM, pourrait l'abandonner.",
        ),
        Text(
            "Have management adopt the objective while the sponsor is here.",
            "Faire adopter l'objectif par la direction tant que le parrain est là.",
        ),
    ),
    Worry.KNOWLEDGE_GOES: (
        Text(
            "Nobody would be left to keep the knowledge; it would go with the people.",
            "Plus personne ne garderait la connaissance ; elle partirait avec les gens.",
        ),
        Text("Choose a champion other than the sponsor.", "Choisir un champion autre que le parrain."),
    ),
    Worry.NOBODY_ELSE_MISSES_IT: (
        Text(
            "No other department is known that would miss the CRM.",
            "On ne connaît aucun autre service à qui le CRM manquerait.",
        ),
        Text(
            "Find out who else uses what is in it, and connect them.",
            "Chercher qui d'autre se sert de ses données, et l'y relier.",
        ),
    ),
    Worry.OWNER_LEFT: (
        Text("The owner of these rules has left.", "Le responsable de ces règles est parti."),
        Text("Give each an owner who is here.", "Donner à chacune un responsable présent."),
    ),
    Worry.OWNER_UNKNOWN: (
        Text(
            "The owner of these rules is not known among the people.",
            "Le responsable indiqué pour ces règles ne figure pas parmi les personnes connues.",
        ),
        Text(
            "Find out who looks after them, or name somebody.",
            "Chercher qui s'en occupe, ou désigner quelqu'un.",
        ),
    ),
    Worry.NO_OWNER: (
        Text("These rules have no owner.", "Ces règles n'ont pas de responsable."),
        Text("Name an owner for each.", "Désigner un responsable pour chacune."),
    ),
}


def concern(
    worry: Worry,
    make: Callable[[Worry, Text, Text], T],
    *,
    partly: bool = False,
    unknown: bool = False,
) -> T:
    """The worry in words; half-way or unknown is said to be so."""
    text, step = TELLING[worry]
    if partly:
        text = Text(f"Partly so: {_small(text.en)}", f"En partie : {_small(text.fr)}")
    if unknown:
        text = Text(f"To be checked: {_small(text.en)}", f"À vérifier : {_small(text.fr)}")
    return make(worry, text, step)


def key_task(what: str, role: str, people: int) -> tuple[Text, Text]:
    """A task that hangs on one person or on nobody, and the step."""
    if people == 0:
        text = Text(
            f"Nobody can do this: {what} ({role}).", f"Personne ne sait faire ceci : {what} ({role})."
        )
    else:
        text = Text(
            f"Only one person can do this: {what} ({role}).",
            f"Une seule personne sait faire ceci : {what} ({role}).",
        )
    return text, Text(
        "Write it down and show it to a second person.", "L'écrire et le montrer à une deuxième personne."
    )


def _small(text: str) -> str:
    # "The CRM …" goes on inside a sentence; an acronym at its head stays.
    return text if text[:2].isupper() else text[0].lower() + text[1:]
