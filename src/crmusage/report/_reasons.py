"""The reasons for which rows are set aside, in French: in English they are told as the history names them."""

from __future__ import annotations

import re

from crmusage.model import Wording

_TABLES = {
    "absences": "absences",
    "acknowledgements": "accusés de lecture",
    "calendar": "calendrier",
    "cases": "dossiers",
    "coverage": "couverture",
    "events": "événements",
    "people": "personnes",
    "sessions": "connexions",
    "vocabulary": "vocabulaire",
}

_WHOLE = {
    "about nothing, so of no case": "lié à rien, donc à aucun dossier",
    "about something that is no case": "lié à autre chose qu'un dossier",
    "about something that is no request": "lié à autre chose qu'une demande",
    "after as_of": "postérieur à la date d'arrêt",
    "amount in a currency without a rate": "montant dans une devise sans taux de change",
    "attribute given twice": "attribut donné deux fois",
    "changedata is no JSON of changed attributes": "changedata n'est pas un JSON d'attributs modifiés",
    "closed after as_of": "clôture postérieure à la date d'arrêt",
    "closed before created": "clôture antérieure à la création",
    "currency without a rate": "devise sans taux de change",
    "created after as_of": "création postérieure à la date d'arrêt",
    "end before start": "fin antérieure au début",
    "no events and no creation time": "ni événement ni date de création",
    "no time (details without their AuditRecord do not tell who and when)": (
        "sans date (sans leur AuditRecord, les détails ne disent ni qui ni quand)"
    ),
    "object without an id or a type": "objet sans identifiant ou sans type",
    "of a case set aside": "d'un dossier mis de côté",
    "of an unknown case": "d'un dossier inconnu",
    "of no lead and no ticket": "sans piste ni ticket",
    "outcome without a closing time": "issue sans date de clôture",
    "planned for later": "prévu pour plus tard",
    "planned, cancelled or not sent, so it did not take place": "prévu, annulé ou non envoyé : n'a pas eu lieu",
    "related to an object that is not there": "lié à un objet absent",
    "relation of an event that is not there": "lien d'un événement absent",
    "same id, different rows": "même identifiant, lignes différentes",
    "same object more than once": "objet en plusieurs exemplaires",
    "same row more than once": "ligne en plusieurs exemplaires",
    "without a day on which it is due": "sans date d'échéance",
}

# What is wrong, around the word for the column.
_PATTERNS = (
    (re.compile(r"no (?P<word>.+)"), "sans {word}"),
    (re.compile(r"unreadable (?P<word>.+)"), "{word} illisible"),
    (re.compile(r"unknown (?P<word>.+)"), "{word} : valeur inconnue"),
    (re.compile(r"(?P<word>.+) without a zone"), "{word} sans fuseau horaire"),
    (
        re.compile(r"(?P<word>.+) that was skipped when the clocks of its zone changed"),
        "{word} sautée au changement d'heure",
    ),
    (
        re.compile(r"(?P<word>.+) that was twice when the clocks of its zone changed"),
        "{word} ambiguë au changement d'heure",
    ),
    (re.compile(r"(?P<word>.+) that is not finite"), "{word} : nombre non fini"),
    (
        re.compile(r"(?P<word>.+) outside the years (?P<first>\d+) to (?P<last>\d+)"),
        "{word} hors des années {first} à {last}",
    ),
)

_WORDS = {
    "account id": "compte",
    "activity": "activité",
    "actor": "acteur",
    "amount": "montant",
    "case": "dossier",
    "close date": "date de clôture prévue",
    "closing time": "date de clôture",
    "created by": "créateur",
    "creation time": "date de création",
    "currency": "devise",
    "due time": "échéance",
    "end": "fin",
    "entity": "entité",
    "ends on": "date de départ",
    "field": "champ",
    "id": "identifiant",
    "is deleted": "marque de suppression",
    "is human": "marque de personne",
    "kind": "type",
    "meaning": "sens",
    "new": "nouvelle valeur",
    "old": "ancienne valeur",
    "opportunity": "opportunité",
    "order": "rang",
    "origin": "origine",
    "outcome": "issue",
    "owner": "propriétaire",
    "owner kind": "type de propriétaire",
    "parent id": "dossier parent",
    "person": "personne",
    "priority rank": "rang de priorité",
    "recording time": "heure d'enregistrement",
    "rule": "règle",
    "seq": "numéro d'ordre",
    "stage": "étape",
    "start": "début",
    "starts on": "date d'arrivée",
    "time": "date",
    "time of a value": "date d'une valeur",
    "unit": "unité",
    "version": "version",
}


def reason(slug: str, words: Wording) -> str:
    """A reason as a reader is told it; one that is not known here stays as it is."""
    table, colon, what = slug.partition(": ")
    if not words.french or not colon:
        return slug
    return words.pick("", f"{_TABLES.get(table, table)} : {_french(what)}")


def _french(what: str) -> str:
    if what in _WHOLE:
        return _WHOLE[what]
    for pattern, template in _PATTERNS:
        match = pattern.fullmatch(what)
        if match:
            # A field of the source has its own name in either language.
            word = _WORDS.get(match["word"], match["word"])
            return template.format(**{**match.groupdict(), "word": word})
    return what
