"""The sentences of an assessment, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crmusage.maturity._catalogue import Dimension, Practice, Stage
from crmusage.model import Text

_U, _P, _T = Dimension

AHEAD: Mapping[tuple[Dimension, Dimension], Text] = {
    (_U, _T): Text(
        "People are further than the tool: it holds them back, and they will do without it what they could do in it.",
        "Les utilisateurs sont plus avancés que l'outil : il les freine, et ils feront sans lui ce qu'ils pourraient "
        "faire avec.",
    ),
    (_U, _P): Text(
        "People have outgrown the process: where it tells them nothing, each team settles on habits of its own.",
        "Les utilisateurs ont dépassé le processus : là où il ne dit rien, chaque équipe prend ses habitudes.",
    ),
    (_P, _U): Text(
        "The process asks for more than people have learned: it will be kept in form only.",
        "Le processus exige plus que ce que les gens ont appris : il sera respecté pour la forme seulement.",
    ),
    (_P, _T): Text(
        "The process asks for what the tool cannot carry: it lives on paper, and in double entry.",
        "Le processus demande ce que l'outil ne sait pas porter : il vit sur le papier et en double saisie.",
    ),
    (_T, _U): Text(
        "Knives in the hands of children: the tool offers more than people can handle yet.",
        "Des couteaux dans des mains d'enfant : l'outil propose plus que ce que les gens savent manier.",
    ),
    (_T, _P): Text(
        "The tool is ahead of the way of working: what nobody has defined gets automated all the same.",
        "L'outil devance la façon de travailler : on automatise ce que personne n'a encore défini.",
    ),
}
"""By who is ahead and who is behind: what it looks like, and what it leads to."""

REBELS = Text(
    "Rebellious users on an immature system: people are ready to question the tool, and it cannot answer yet. They "
    "will work around it.",
    "Des utilisateurs rebelles sur un système immature : ils sont prêts à contester un outil qui ne sait pas encore "
    "leur répondre. Ils le contourneront.",
)
"""Users from adolescence on, ahead of the tool."""

RISKS = {
    "rushing": Text("rushing", "précipitation"),
    "smothering": Text("smothering", "couvage excessif"),
}

VERBS = {
    "find_out": Text("Find out", "Se renseigner"),
    "settle": Text("Settle", "Trancher"),
    "begin": Text("Put in place", "Mettre en place"),
    "finish": Text("Finish", "Achever"),
    "take_off": Text("Take off", "Retirer"),
}

ANSWERS = {
    "yes": Text("yes", "oui"),
    "partly": Text("partly", "en partie"),
    "no": Text("no", "non"),
    "unknown": Text("not known", "non connu"),
}


def listed(texts: Iterable[Text]) -> Text:
    """`a`, `a and b`, `a, b and c`."""
    parts = list(texts)
    return Text(_listed([one.en for one in parts], "and"), _listed([one.fr for one in parts], "et"))


def _listed(parts: list[str], last: str) -> str:
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}" if len(parts) > 1 else "".join(parts)


def named(practices: Iterable[Practice]) -> Text:
    """The statements of several practices, each in quotes."""
    parts = [one.text for one in practices]
    return Text("; ".join(f'"{one.en}"' for one in parts), " ; ".join(f"« {one.fr} »" for one in parts))


def level_of(stage: Stage | None) -> Text:
    """The stage, or that there is none yet."""
    return Text("newborn", "nouveau-né") if stage is None else stage.text


def ahead(
    one: Dimension, other: Dimension, stage: Stage, behind: Stage | None, signs: tuple[Practice, ...]
) -> Text:
    """That one dimension is ahead of another, how far, and what that leads to."""
    rebels = (one, other) == (_U, _T) and stage >= Stage.ADOLESCENCE
    what, low = REBELS if rebels else AHEAD[one, other], level_of(behind)
    if signs:
        shown = named(signs)
        where = Text(
            f"For {one.text.en} there are signs of {stage.text.en} already ({shown.en}), while for "
            f"{other.text.en} the level is: {low.en}.",
            f"Côté {one.text.fr}, des signes du stade « {stage.text.fr} » apparaissent ({shown.fr}) alors que côté "
            f"{other.text.fr} on en est à : {low.fr}.",
        )
    else:
        where = Text(
            f"For {one.text.en}: {stage.text.en}; for {other.text.en}: {low.en}.",
            f"Côté {one.text.fr} : {stage.text.fr} ; côté {other.text.fr} : {low.fr}.",
        )
    return Text(f"{where.en} {what.en}", f"{where.fr} {what.fr}")


def rushed(dimension: Dimension, reached: Stage | None, practices: tuple[Practice, ...]) -> Text:
    """That a dimension has skipped what comes before."""
    shown, low = named(practices), level_of(reached)
    return Text(
        f"For {dimension.text.en}, the level is: {low.en}, yet this is in place already: {shown.en}. What should "
        "carry it is missing.",
        f"Côté {dimension.text.fr}, le niveau est : {low.fr}, et pourtant ceci existe déjà : {shown.fr}. Ce qui "
        "devrait le porter manque.",
    )


def smothered(dimension: Dimension, stage: Stage, wheels: tuple[Practice, ...]) -> Text:
    """That training wheels are still on."""
    shown = named(wheels)
    return Text(
        f"For {dimension.text.en}, {stage.text.en} is reached, and a support of the early days is still there: "
        f"{shown.en}.",
        f"Côté {dimension.text.fr}, le stade « {stage.text.fr} » est atteint et une béquille des débuts est "
        f"toujours là : {shown.fr}.",
    )


def grown_up() -> Text:
    """There is no next stage."""
    return Text(
        "All four stages are reached; what changes now is small, and goes on.",
        "Les quatre stades sont atteints ; les évolutions sont désormais petites, mais continues.",
    )


def find_out_first(practices: tuple[Practice, ...]) -> Text:
    """Something is unknown."""
    shown = named(practices)
    return Text(
        f"Not assessable until it is known whether: {shown.en}.",
        f"Non évaluable tant qu'on ne sait pas si : {shown.fr}.",
    )


def wait_for(others: Iterable[Dimension]) -> Text:
    """Others are behind."""
    who = listed(one.text for one in others)
    return Text(
        f"Not before the others are level: {who.en} come first.",
        f"Pas avant la mise à niveau : {who.fr} d'abord.",
    )


def may_begin(nxt: Stage, *, alone: bool) -> Text:
    """It may go on."""
    if alone:
        return Text(
            f"May begin {nxt.text.en} now: it is behind the others and comes first.",
            f"Peut passer à « {nxt.text.fr} » : en retard sur le reste, c'est par là qu'on commence.",
        )
    return Text(
        f"May begin {nxt.text.en} together with the others: all stand level.",
        f"Peut passer à « {nxt.text.fr} », en même temps que le reste : tout est au même niveau.",
    )


def level_first(dimension: Dimension, stage: Stage, others: Iterable[Dimension]) -> Text:
    """Why a step is there: others have it already."""
    who = listed(one.text for one in others)
    return Text(
        f"For {dimension.text.en}, {stage.text.en} is not reached yet; for {who.en} it is. All dimensions are "
        "brought level before any is raised.",
        f"Côté {dimension.text.fr}, le stade « {stage.text.fr} » n'est pas encore atteint ; il l'est côté "
        f"{who.fr}. On met tout à niveau avant d'élever quoi que ce soit.",
    )


def carried(dimension: Dimension, stage: Stage) -> Text:
    """Why a step is there: it belongs below what has been reached elsewhere or is being reached."""
    return Text(
        f"{stage.text.en.capitalize()} needs it for {dimension.text.en}; it is the next stage for all dimensions.",
        f"Le stade « {stage.text.fr} » l'exige côté {dimension.text.fr} ; c'est le prochain stade pour tous.",
    )


def unknown(stage: Stage) -> Text:
    """Why a step is there: nobody knows."""
    return Text(
        f"Nobody could say. Until it is known, {stage.text.en} cannot be assessed, and later stages are not planned.",
        f"Personne n'a su répondre. Sans cela, le stade « {stage.text.fr} » n'est pas évaluable et la suite ne se "
        "planifie pas.",
    )


def unknown_wheel() -> Text:
    """Why a step is there: nobody knows whether a training wheel is still on."""
    return Text(
        "Nobody could say, and the level that no longer needs it is reached.",
        "Personne n'a su répondre, alors que le niveau qui permet de s'en passer est atteint.",
    )


def in_dispute(yes: int, known: int) -> Text:
    """Why a step is there: assessors differ."""
    return Text(
        f"The assessors differ: {yes} of {known} say yes. The lower answer counts until they have looked together; "
        "if it is not in place, do it.",
        f"Les évaluateurs divergent : {yes} oui sur {known} réponses. La réponse la plus basse compte tant qu'ils "
        "n'ont pas vérifié ensemble ; si ce n'est pas en place, à faire.",
    )


def no_longer_needed(dimension: Dimension, stage: Stage) -> Text:
    """Why a training wheel comes off."""
    return Text(
        f"{stage.text.en.capitalize()} is reached for {dimension.text.en}: it holds people back now.",
        f"Le stade « {stage.text.fr} » est atteint côté {dimension.text.fr} : cela freine désormais les gens.",
    )


def contradicted(answer: str, observation: Text) -> Text:
    """Answers and evidence differ."""
    said = ANSWERS[answer]
    return Text(
        f"The answer is {said.en}; the history says otherwise: {observation.en}",
        f"La réponse est « {said.fr} » ; l'historique dit autre chose : {observation.fr}",
    )
