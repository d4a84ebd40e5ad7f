"""Reasons why there is no figure, from English into French. English is what values carry."""

from __future__ import annotations

import re

_REASONS = {
    r"fewer than (\d+) people answered": r"moins de \1 personnes ont répondu",
    r"fewer than (\d+) people answered every statement": r"moins de \1 personnes ont répondu à tout",
    r"fewer than two people answered every statement": "moins de deux personnes ont répondu à tout",
    r"fewer than two statements were asked": "moins de deux affirmations posées",
    r"fewer than three statements were asked, too few for a factor": "moins de trois affirmations : pas de facteur",
    r"all gave the same answers: nothing varies": "toutes les réponses sont identiques : rien ne varie",
    r"one common factor does not fit these answers": "un facteur commun ne convient pas à ces réponses",
    r"no statement was asked": "aucune affirmation posée",
    r"one answer has no spread: there is no telling how sure it is": "une seule réponse : pas d'intervalle possible",
    r"all answered the same \((.+)\): there is no telling how sure it is": r"réponses toutes égales (\1) : pas "
    "d'intervalle possible",
    # of what a history cannot show
    r"no written rule was judged": "aucune règle écrite n'a été jugée",
    r"there is no written rule in force": "aucune règle écrite n'est en vigueur",
    r"nobody is recorded to have read a rule \(acknowledgements\)": "aucune lecture de règle n'est enregistrée "
    "(acknowledgements)",
    r"nothing to take a share of": "rien dont prendre une part",
    r"fewer than (\d+) people to tell it of": r"moins de \1 personnes : on n'en dit rien",
    r"fewer than (\d+) people on one side, in units that have users and others": r"moins de \1 personnes d'un côté, "
    "dans les unités qui ont des utilisateurs et d'autres",
    r"no case that was won or lost in the last year has an owner and a unit": "aucune affaire gagnée ou perdue dans "
    "l'année n'a de responsable et d'unité",
    r"no entry says whether it was typed in \(events\.origin\)": "aucune saisie ne dit d'où elle vient (events.origin)",
    r"no session says what it was on \(sessions\.client\)": "aucune session ne dit sur quel appareil (sessions.client)",
    r"no session says how long it kept people waiting \(sessions\.latency, in seconds\)": "aucune session ne dit "
    "combien elle fait attendre (sessions.latency, en secondes)",
    r"sessions\.latency is not in seconds: (.+)": r"sessions.latency n'est pas en secondes : \1",
    r"the calendar has no outages \(rows of kind outage\)": "le calendrier n'a pas de pannes (lignes outage)",
    r"no sessions: who reads without entering leaves no trace \(sessions\)": "pas de sessions : qui lit sans saisir ne "
    "laisse pas de trace (sessions)",
    r"there was no working time": "il n'y a pas eu de temps de travail",
    r"nobody is named as a manager \(people\.manager\)": "personne n'est désigné comme manager (people.manager)",
    r"fewer than (\d+) rows of kind (\w+) or (\w+) in the calendar of the last half-year": r"moins de \1 lignes \2 "
    r"ou \3 au calendrier du dernier semestre",
    r"controls are so close together that most use falls around one": "contrôles si rapprochés que presque tout "
    "l'usage tombe autour de l'un d'eux",
}
_SET_ASIDE = {
    r"survey: no statement answered": "aucune affirmation renseignée",
    r"survey: fewer than half of the statements on (\w+) answered": "moins de la moitié des affirmations renseignées "
    r"pour : \1",
}


def in_french(reason: str) -> str:
    """A reason, or one for which rows were set aside; what is not known stays as it is."""
    for pattern, french in {**_REASONS, **_SET_ASIDE}.items():
        if re.fullmatch(pattern, reason):
            return re.sub(pattern, french, reason)
    return reason
