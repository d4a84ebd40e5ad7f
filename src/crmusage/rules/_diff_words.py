"""What is different in a rule, as sentences for the people who live by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crmusage.model import Text
from crmusage.rules._condition import Condition
from crmusage.rules._duration import Duration
from crmusage.rules._phrases import amounts, conditions, shown, spans
from crmusage.rules._recurrence import recurrence
from crmusage.rules._rule import Status, UsageRule

_STANDING = {
    Status.DRAFT: Text(
        "This is a proposal; nobody is held to it yet.",
        "C'est une proposition : elle n'engage encore personne.",
    ),
    Status.ACTIVE: Text("The rule is in force from now on.", "La règle est désormais en vigueur."),
    Status.RETIRED: Text("The rule no longer holds.", "La règle n'a plus cours."),
    Status.OBSERVED: Text(
        "This is what was seen to be done; nobody has decided on it.",
        "C'est un usage constaté ; rien n'est encore décidé à son sujet.",
    ),
    Status.FORBIDDEN: Text(
        "What the rule describes is forbidden from now on.", "Ce que la règle décrit est désormais interdit."
    ),
}
_GROUPS = {
    "unit": (Text("the unit", "l'unité"), Text("the units", "les unités")),
    "profile": (Text("the profile", "le profil"), Text("the profiles", "les profils")),
    "region": (Text("the region", "la région"), Text("the regions", "les régions")),
}
_ALL_GROUPS = {
    "unit": Text("all units", "toutes les unités"),
    "profile": Text("all profiles", "tous les profils"),
    "region": Text("all regions", "toutes les régions"),
}


def came(rule: UsageRule) -> Text:
    """That there is a rule that was not there."""
    said, where = rule.situation, standing(rule.status)
    return Text(
        f"A new rule for the situation {quoted(said.en).en}. {where.en}",
        f"Nouvelle règle pour la situation {quoted(said.fr).fr}. {where.fr}",
    )


def went(rule: UsageRule) -> Text:
    """That a rule is not there any more."""
    said = rule.situation
    return Text(
        f"The rule for the situation {quoted(said.en).en} is gone from the rulebook.",
        f"La règle pour la situation {quoted(said.fr).fr} ne figure plus au référentiel.",
    )


def grouped(situation: str | None) -> Text:
    """That it stands with other rules."""
    if situation is None:
        return Text(
            "It no longer shares its situation.", "La règle ne partage plus sa situation avec d'autres."
        )
    return Text(
        f"It belongs to the situation {situation} from now on.",
        f"La règle relève désormais de la situation {situation}.",
    )


def standing(status: Status) -> Text:
    """Where the rule stands from now on."""
    return _STANDING[status]


def reworded(old: Text, new: Text) -> Text:
    """That the situation is called otherwise."""
    if old.en == new.en or old.fr == new.fr:
        only = _language(old, new)
        return Text(f"The situation is worded anew{only.en}.", f"La situation est reformulée{only.fr}.")
    return Text(
        f"The situation is now called {quoted(new.en).en} instead of {quoted(old.en).en}.",
        f"La situation s'intitule désormais {quoted(new.fr).fr} au lieu de {quoted(old.fr).fr}.",
    )


def guided(old: Text | None, new: Text | None) -> Text:
    """That the guidance says something else."""
    if old is None:
        return Text("Guidance is given from now on.", "Une consigne est désormais donnée.")
    if new is None:
        return Text("The guidance is taken out.", "La consigne est supprimée.")
    only = _language(old, new)
    return Text(f"The guidance is worded anew{only.en}.", f"La consigne est reformulée{only.fr}.")


def _language(old: Text, new: Text) -> Text:
    """In which language it is other, if not in both."""
    if old.fr == new.fr:
        return Text(" in English", " en anglais")
    return Text(" in French", " en français") if old.en == new.en else Text("", "")


def renumbered(old: int, new: int) -> Text:
    """That the version is another one."""
    return Text(f"This is version {new} instead of {old}.", f"C'est la version {new} au lieu de {old}.")


def renamed(old: str, new: str) -> Text:
    """That the id is another one."""
    return Text(f"The rule is called {new} instead of {old}.", f"La règle s'appelle {new} au lieu de {old}.")


def of_kind(old: str | None, new: str | None) -> Text:
    """That it is about other cases."""
    before, after = _kind(old), _kind(new)
    return Text(
        f"The rule is now about cases {after.en}, until now {before.en}.",
        f"La règle porte désormais sur les dossiers {after.fr}, jusqu'ici {before.fr}.",
    )


def _kind(kind: str | None) -> Text:
    if kind is None:
        return Text("of every kind", "de tout type")
    return Text(f"of the kind {quoted(kind).en}", f"de type {quoted(kind).fr}")


def owned(old: str | None, new: str | None) -> Text:
    """That somebody else looks after it."""
    if new is None:
        return Text(
            f"Nobody looks after the rule any more; it was {old}.",
            f"Plus personne n'est responsable de la règle ; c'était {old}.",
        )
    if old is None:
        return Text(
            f"{new} looks after the rule from now on.", f"{new} est désormais responsable de la règle."
        )
    return Text(
        f"{new} looks after the rule from now on, instead of {old}.",
        f"{new} remplace désormais {old} comme responsable de la règle.",
    )


def cited(new: tuple[str, ...]) -> Text:
    """That it comes from elsewhere."""
    if not new:
        return Text("The rule cites nothing any more.", "La règle ne cite plus aucune source.")
    listed = "; ".join(new)
    return Text(f"The rule now cites: {listed}.", f"La règle cite désormais : {listed}.")


def clocked(old: str | None, new: str | None) -> Text:
    """That days and times are read by another clock."""
    before, after = clock(old), clock(new)
    return Text(
        f"Days and times are now read {after.en}, until now {before.en}.",
        f"Les jours et les heures se lisent désormais {after.fr}, jusqu'ici {before.fr}.",
    )


def clock(zone: str | None) -> Text:
    """By whose clock days and times are read."""
    match zone:
        case None:
            return Text(
                "without a time zone (a day is 24 hours)", "sans fuseau horaire (un jour fait 24 heures)"
            )
        case "person":
            return Text("in each person's own time", "à l'heure de chacun")
        case "unit":
            return Text("in the time of the unit", "à l'heure de l'unité")
        case name:
            return Text(f"in {name} time", f"à l'heure du fuseau {name}")


def meant_for(group: str, old: Sequence[str], new: Sequence[str]) -> Text:
    """That other units, profiles or regions are meant."""
    every = _ALL_GROUPS[group]
    if not old:
        only = _members(group, new)
        return Text(
            f"Only for {only.en} from now on, until now for {every.en}.",
            f"Ne vaut désormais que pour {only.fr}, jusqu'ici pour {every.fr}.",
        )
    if not new:
        only = _members(group, old)
        return Text(
            f"For {every.en} from now on, until now only for {only.en}.",
            f"Vaut désormais pour {every.fr}, jusqu'ici seulement pour {only.fr}.",
        )
    came, gone = [name for name in new if name not in old], [name for name in old if name not in new]
    more, fewer = _members(group, came), _members(group, gone)
    if not gone:
        return Text(f"Also for {more.en} from now on.", f"Vaut désormais aussi pour {more.fr}.")
    if not came:
        return Text(f"No longer for {fewer.en}.", f"Ne vaut plus pour {fewer.fr}.")
    return Text(
        f"Also for {more.en} from now on, no longer for {fewer.en}.",
        f"Vaut désormais aussi pour {more.fr}, mais plus pour {fewer.fr}.",
    )


def _members(group: str, names: Sequence[str]) -> Text:
    noun, said = _GROUPS[group][len(names) > 1], listed(names)
    return Text(f"{noun.en} {said.en}", f"{noun.fr} {said.fr}")


def told_to(old: Mapping[str, Sequence[str]], new: Mapping[str, Sequence[str]]) -> Text:
    """That others are told."""
    before, after = _audience(old), _audience(new)
    return Text(
        f"Told from now on: {after.en}; until now: {before.en}.",
        f"Destinataires désormais : {after.fr} ; jusqu'ici : {before.fr}.",
    )


def _audience(audience: Mapping[str, Sequence[str]]) -> Text:
    said = [_members(group, names) for group, names in audience.items() if names]
    if not said:
        return Text("whomever the rule is for", "toutes les personnes concernées")
    return Text(" and ".join(one.en for one in said), " et ".join(one.fr for one in said))


def cases_where(old: Condition | None, new: Condition | None) -> Text:
    """That it is about other cases, by a condition."""
    before, after = conditions(old), conditions(new)
    if new is None:
        return Text(
            f"Whatever the case is from now on, until now only where {before.en}.",
            f"Vaut désormais quel que soit le dossier, jusqu'ici seulement si {before.fr}.",
        )
    until = (
        Text("in all cases", "dans tous les cas")
        if old is None
        else Text(f"where {before.en}", f"si {before.fr}")
    )
    return Text(
        f"Only where {after.en} from now on, until now {until.en}.",
        f"Ne vaut désormais que si {after.fr}, jusqu'ici {until.fr}.",
    )


def reviewed(old: str | None, new: str | None) -> Text:
    """That it is looked at again at other times."""
    if new is None:
        before = recurrence(str(old))
        return Text(
            f"No review is planned any more, until now {before.en}.",
            f"Aucune révision n'est plus prévue, jusqu'ici {before.fr}.",
        )
    after = recurrence(new)
    en, fr = f"The rule is reviewed {after.en} from now on", f"La règle est désormais revue {after.fr}"
    if old is not None:
        before = recurrence(old)
        en, fr = f"{en}, until now {before.en}", f"{fr}, jusqu'ici {before.fr}"
    return Text(f"{en}.", f"{fr}.")


def newcomers_told(old: Duration | None, new: Duration | None) -> Text:
    """That newcomers are told sooner or later than before."""
    if new is None:
        return Text(
            "Newcomers are no longer told by a set time.",
            "Plus de délai fixé pour informer les nouveaux arrivants.",
        )
    within = spans(amounts(new)) if old is None else instead(amounts(old), amounts(new))
    return Text(
        f"From now on newcomers are told within {within.en}.",
        f"Les nouveaux arrivants sont désormais informés dans un délai de {within.fr}.",
    )


def renewed(old: Mapping[str, int] | None, new: Mapping[str, int] | None) -> Text:
    """That people are told again after another time."""
    if new is None:
        return Text("Nobody is reminded of it any more.", "Plus de rappel périodique.")
    after = spans(new) if old is None else instead(old, new)
    return Text(
        f"From now on people are reminded of it after {after.en}.",
        f"Un rappel est désormais fait au bout de {after.fr}.",
    )


def instead(old: Mapping[str, float], new: Mapping[str, float]) -> Text:
    """`2 working days instead of 4`: the unit is said once where it is the same."""
    before, after = spans(old), spans(new)
    if len(old) == len(new) == 1 and old.keys() == new.keys():
        (amount,) = old.values()
        before = Text(f"{amount:.12g}", f"{amount:.12g}".replace(".", ","))
    return Text(f"{after.en} instead of {before.en}", f"{after.fr} au lieu de {before.fr}")


def quoted(text: str) -> Text:
    """A word or a name in quotes."""
    return Text(shown(text), shown(text, french=True))


def listed(names: Sequence[str], *, either: bool = False) -> Text:
    """Names in quotes, the last one behind an `and` (`either`: an `or`)."""
    words = ("or", "ou") if either else ("and", "et")
    said = [quoted(name) for name in names]
    return Text(_joined([one.en for one in said], words[0]), _joined([one.fr for one in said], words[1]))


def _joined(parts: list[str], word: str) -> str:
    return "".join(parts) if len(parts) < 2 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"
