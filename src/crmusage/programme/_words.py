"""The sentences on a programme as a whole, in both languages."""

from __future__ import annotations

from crmusage.knowledge import Concern, Session
from crmusage.maturity import Verb
from crmusage.model import Finding, Telling, Text, Wording

_SHOWN = 3
"""Rules named in a sentence; more would drown it (guessed)."""
_W = (Wording("en"), Wording("fr"))

PARTS = {
    "usages": Text("usages", "usages"),
    "adoptability": Text("adoptability", "adoptabilité"),
    "maturity": Text("maturity", "maturité"),
    "knowledge": Text("knowledge", "connaissance"),
    "ownership": Text("ownership", "portage"),
    "close": Text("monthly close", "clôture du mois"),
}
TURNS = {
    "FIND_OUT": Text("find out", "se renseigner"),
    "STOP": Text("stop", "faire cesser"),
    "GIVE": Text("give users something", "apporter aux utilisateurs"),
    "CARRY": Text("who carries it", "qui le porte"),
    "GROW": Text("grow", "faire grandir"),
    "KEEP": Text("keep alive", "entretenir"),
}

LET_GO = Text(
    "Ask what people would enter if nobody checked, and make that much worth their while.",
    "Demandez ce que chacun saisirait si personne ne contrôlait, et faites que cela lui serve.",
)
ASK_PEOPLE = Text(
    "Talk with users before anything is decided on it.", "Parlez-en avec les utilisateurs avant de décider."
)
TRAIN_BETTER = Text("Train better, or ask for less.", "Mieux former, ou viser moins haut.")
NOT_CLOSED = Text(
    "A process that is forgotten shows at the close of a month, and this one was never closed and signed.",
    "Un processus oublié se voit à la clôture, or ce mois n'a été ni clos ni signé.",
)
DISTURBED = Text(
    "It is unsigned, or something is new, worse or no longer seen.",
    "Elle n'est pas signée, ou quelque chose est nouveau, aggravé ou n'est plus visible.",
)
FIRST_CLOSE = Text(
    "Close this month, and have somebody sign it.", "Clôturez ce mois et faites-le signer par un responsable."
)
NO_CLOSE = Text(
    "Without a close, nobody notices a process that has stopped.",
    "Sans clôture, personne ne remarque un processus qui s'est arrêté.",
)


def look_together(practice: Text) -> Text:
    """Answers and a history differ."""
    return Text(
        f"Check with those who know the data: {practice.en}.",
        f"À vérifier avec ceux qui connaissent les données : {practice.fr}.",
    )


def look_into(finding: Finding) -> Text:
    """A finding that proposes nothing."""
    names = [Telling(finding, w).name for w in _W]
    return Text(f"Look into it: {names[0]}.", f"À examiner : {names[1]}.")


def cut_down(feature: Text) -> Text:
    """Something in place costs more than it brings."""
    return Text(f"Cut down: {feature.en}.", f"À alléger : {feature.fr}.")


def bring(feature: Text) -> Text:
    """The next thing that users gain by."""
    return Text(f"Bring: {feature.en}.", f"À apporter : {feature.fr}.")


def planned(verb: Verb, practice: Text) -> Text:
    """A step of the plan of maturity."""
    return Text(f"{verb.text.en}: {practice.en}.", f"{verb.text.fr} : {practice.fr}.")


def refresh(session: Session) -> Text:
    """The next refresher."""
    name, group, month = session.topic.name, session.group.id, session.month
    return Text(
        f"Refresh in month {month}: {name.en}, for {group}.",
        f"Rappel au mois {month} : {name.fr}, pour {group}.",
    )


def falls(session: Session) -> Text:
    """Why a refresher is due then."""
    en, fr = (w.value(session.before, "share") for w in _W)
    return Text(
        f"By then {en} would know it; without the refresher the floor is not held.",
        f"D'ici là, {fr} le sauraient encore ; sans rappel, le seuil n'est pas tenu.",
    )


def out_of_reach(topic: Text, group: str) -> Text:
    """No refresher holds the floor."""
    return Text(
        f"{topic.en}, for {group}: not even a refresher every month holds the floor.",
        f"{topic.fr}, pour {group} : même un rappel chaque mois ne tient pas le seuil.",
    )


def orphaned(concern: Concern) -> Text:
    """What to do about rules that nobody looks after, with a few of their names."""
    shown = ", ".join(concern.about[:_SHOWN])
    more = len(concern.about) - _SHOWN
    en, fr = (f" and {more} more", f" et {more} de plus") if more > 0 else ("", "")
    return Text(
        f"Rules {shown}{en}: {concern.step.en[0].lower()}{concern.step.en[1:]}",
        f"Règles {shown}{fr} : {concern.step.fr[0].lower()}{concern.step.fr[1:]}",
    )


def close_month(month: str) -> Text:
    """A month that nobody closed."""
    return Text(f"Close {month}.", f"Clôturez {month}.")


def look_at_close(month: Text) -> Text:
    """A close that differs."""
    return Text(f"Look at the close of {month.en}.", f"Reprenez la clôture de {month.fr}.")
