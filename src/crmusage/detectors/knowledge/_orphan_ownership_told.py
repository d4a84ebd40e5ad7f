"""What has lost its owner, in words."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from crmusage.detectors._words import said
from crmusage.metrics import share
from crmusage.model import Measure, Wording

_SAMPLE = 20
_MOST_NAMED = 5
_MONTH = 30.4375


@attrs.frozen
class Orphans:
    """Open records, and those of them whose owner has left."""

    n: int = 0
    orphaned: int = 0
    untouched: int = 0
    """Of these: nobody has worked on them since."""
    same_login: int = 0
    """Of a login that goes on being used after its last day: not counted as orphaned."""
    oldest: int = 0
    """Days since the earliest of these departures."""
    cases: tuple[str, ...] = ()

    def plus(self, other: Orphans) -> Orphans:
        """Both together."""
        return Orphans(
            self.n + other.n,
            self.orphaned + other.orphaned,
            self.untouched + other.untouched,
            self.same_login + other.same_login,
            max(self.oldest, other.oldest),
            tuple(sorted({*self.cases, *other.cases}))[:_SAMPLE],
        )

    @property
    def measure(self) -> Measure:
        """The share without an owner."""
        found = share(self.orphaned, self.n, name="orphaned")
        assert isinstance(found, Measure)  # noqa: S101 - only what has open records is told
        label = said(
            en="open records whose owner has left", fr="fiches ouvertes dont le responsable est parti"
        )
        return attrs.evolve(found, label=label)


def records(w: Wording, unit: str | None, seen: Orphans) -> str:
    """How many, since when, and how many nobody touches."""
    measure = seen.measure
    value = w.value(measure.value, "share")
    between = w.interval(measure.low or 0.0, 1.0 if measure.high is None else measure.high, "share")
    of, n = w.number(seen.orphaned), w.number(seen.n)
    months = w.value(max(1, round(seen.oldest / _MONTH)), "months")
    where = w.pick("In the company", "Dans l'entreprise") if unit is None else unit
    if seen.untouched == seen.orphaned:
        idle = w.pick("nobody has touched any of them since", "personne n'y a touché depuis")
    elif not seen.untouched:
        idle = w.pick(
            "colleagues work on all of them without owning them",
            "des collègues les suivent toutes, sans en être responsables",
        )
    else:
        idle = w.pick(
            f"{w.number(seen.untouched)} of them nobody has touched since",
            f"personne n'a touché depuis à {w.number(seen.untouched)} d'entre elles",
        )
    why = (
        w.pick(
            "Nobody calls these customers back, and forecasts still count them.",
            "Personne ne rappelle ces clients, et les prévisions les comptent toujours.",
        )
        if seen.untouched
        else w.pick(
            "Reminders go to nobody, and nobody answers for the forecast.",
            "Les relances ne parviennent à personne, et personne ne répond de la prévision.",
        )
    )
    return w.pick(
        f"{where}: {of} of {n} open records ({value}, 95% interval {between}) belong to people who have left, the "
        f"earliest {months} ago; {idle}. {why}",
        f"{where} : {of} fiches ouvertes sur {n} ({value}, intervalle à 95 % : {between}) appartiennent à des "
        f"personnes parties, depuis {months} pour le départ le plus ancien ; {idle}. {why}",
    )


def reasoning(w: Wording, seen: Orphans, grace: int, tolerated: float, tried: int) -> str:
    """What was counted, and what could mislead."""
    limit = w.value(tolerated, "share")
    kept = w.number(seen.same_login)
    return w.pick(
        f"Counted are open records of persons whose last day was more than {grace} days ago. The share is surely "
        f"above {limit} (exact binomial test, adjusted for the units judged: {tried}). Left out: {kept} of logins "
        "that were used long after their last day, what belongs to teams and queues, and what is deleted. A last "
        "day that is wrong in the list of people would look the same.",
        f"Sont comptées les fiches ouvertes des personnes parties depuis plus de {grace} jours. La part dépasse "
        f"sûrement {limit} (test binomial exact, corrigé du nombre d'unités jugées : {tried}). Écartées : {kept} "
        "sous des comptes encore utilisés longtemps après la date de départ, ce qui appartient à une équipe ou à "
        "une file, et ce qui est supprimé. Une date de départ erronée dans la liste du personnel donnerait la même "
        "image.",
    )


def rules_left(w: Wording, rules: Sequence[str], of: int) -> str:
    """Which rules nobody looks after."""
    named = ", ".join(rules[:_MOST_NAMED])
    rest = len(rules) - _MOST_NAMED
    if rest > 0:
        named += w.pick(f" and {rest} more", f" et {rest} de plus")
    if len(rules) == 1:
        return w.pick(
            f"The owner of the rule {named} has left: nobody answers questions about it, and nobody will notice when "
            "it no longer fits.",
            f"Le responsable de la règle {named} est parti : personne ne répond aux questions à son sujet, et "
            "personne ne verra qu'elle n'est plus adaptée.",
        )
    return w.pick(
        f"The owners of {len(rules)} of {of} rules have left: {named}. Nobody answers questions about them, and nobody "
        "will notice when they no longer fit.",
        f"Les responsables de {len(rules)} règles sur {of} sont partis : {named}. Personne ne répond aux questions à "
        "leur sujet, et personne ne verra qu'elles ne sont plus adaptées.",
    )


def role_gone(w: Wording, role: str) -> str:
    """That a role which keeps the tool alive is empty."""
    return w.pick(
        f"Everybody with the profile “{role}” has left: nobody looks after what people know of the tool any more.",
        f"Il n'y a plus personne au profil « {role} » : plus personne n'entretient la connaissance de l'outil.",
    )
