"""What is expected otherwise, as sentences for the people who live by it."""

from __future__ import annotations

import attrs

from crmusage.model import Text, Wording
from crmusage.rules._diff_words import clock, instead, listed
from crmusage.rules._duration import Duration
from crmusage.rules._phrases import amounts, conditions, phrase, spans
from crmusage.rules._recurrence import recurrence
from crmusage.rules._rule import Cadence, Constraint


def asked(constraint: Constraint | Cadence) -> Text:
    """That something is expected that was not."""
    said = in_words(constraint)
    return Text(f"Expected from now on: {said.en}.", f"Attendu désormais : {said.fr}.")


def asked_no_more(constraint: Constraint | Cadence) -> Text:
    """That something is no longer expected."""
    said = in_words(constraint)
    return Text(f"No longer expected: {said.en}.", f"N'est plus attendu : {said.fr}.")


def asked_otherwise(old: Constraint | Cadence, new: Constraint | Cadence) -> Text:
    """That something else is expected."""
    before, after = in_words(old), in_words(new)
    return Text(
        f"From now on: {after.en}. Until now: {before.en}.",
        f"Désormais : {after.fr}. Jusqu'ici : {before.fr}.",
    )


def asked_in_another_order() -> Text:
    """That the same is expected, listed otherwise."""
    return Text("The expectations are listed in another order.", "L'ordre des attentes a changé.")


def timed(name: str, old: Constraint, new: Constraint) -> Text:
    """That the time for it is another one; `name`: within or after."""
    head = _head(attrs.evolve(new, within=None, after=None))
    at = (
        Text("within", "dans un délai de")
        if name == "within"
        else Text("at the earliest after", "au plus tôt après")
    )
    before: Duration | None = getattr(old, name)
    after: Duration | None = getattr(new, name)
    if before is not None and after is not None:
        span = instead(amounts(before), amounts(after))
        return Text(f"{head.en} from now on {at.en} {span.en}.", f"{head.fr} désormais {at.fr} {span.fr}.")
    free = (
        Text("without a limit of time", "sans limite de temps")
        if name == "within"
        else Text("without having to wait", "sans devoir attendre")
    )
    said = [
        free
        if length is None
        else Text(f"{at.en} {spans(amounts(length)).en}", f"{at.fr} {spans(amounts(length)).fr}")
        for length in (before, after)
    ]
    return Text(
        f"{head.en} from now on {said[1].en}, until now {said[0].en}.",
        f"{head.fr} désormais {said[1].fr}, jusqu'ici {said[0].fr}.",
    )


def counted_where(name: str, old: Constraint, new: Constraint) -> Text:
    """That other events count, by a condition; `name`: where or target_where."""
    if name == "where":
        head, side = _head(attrs.evolve(new, where=None)), listed(new.activities, either=True)
    else:
        head, side = _head(attrs.evolve(new, target_where=None)), listed(new.targets, either=True)
    before, after = getattr(old, name), getattr(new, name)
    if after is None:
        only = conditions(before)
        return Text(
            f"{head.en} from now on each {side.en} counts, until now only where {only.en}.",
            f"{head.fr} désormais tout {side.fr} compte, jusqu'ici seulement si {only.fr}.",
        )
    until = (
        Text("in all cases", "dans tous les cas")
        if before is None
        else Text(f"where {conditions(before).en}", f"si {conditions(before).fr}")
    )
    return Text(
        f"{head.en} from now on {side.en} counts only where {conditions(after).en}, until now {until.en}.",
        f"{head.fr} désormais {side.fr} ne compte que si {conditions(after).fr}, jusqu'ici {until.fr}.",
    )


def _head(constraint: Constraint) -> Text:
    said = phrase(constraint)
    return Text(f"{_capital(said.en)}:", f"{_capital(said.fr)} :")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def in_words(expected: Constraint | Cadence) -> Text:
    """What is expected, as a sentence without its capital and its full stop."""
    return phrase(expected) if isinstance(expected, Constraint) else _due(expected)


def _due(cadence: Cadence) -> Text:
    due, needs = recurrence(cadence.rrule), listed(cadence.activities, either=True)
    since = Text("since the time before", "depuis l'échéance précédente")
    if cadence.since is not None:
        span = spans(amounts(cadence.since))
        since = Text(f"in the {span.en} before", f"dans un délai de {span.fr} avant l'échéance")
    by = Text("", "")
    if cadence.zone is not None:
        by = Text(f" ({clock(cadence.zone).en})", f" ({clock(cadence.zone).fr})")
    if cadence.starts_on is not None:
        en, fr = (Wording(lang).date(cadence.starts_on) for lang in ("en", "fr"))
        due = Text(f"{due.en} counted from {en}", f"{due.fr} à compter du {fr}")
    return Text(
        f"{due.en}{by.en}, each open case has had {needs.en} {since.en}",
        f"{due.fr}{by.fr}, chaque dossier ouvert a connu {needs.fr} {since.fr}",
    )
