"""A plan file looked through: the decay, the refreshers, what would change them, and who owns the tool."""

from __future__ import annotations

import textwrap

import attrs

from crmusage.knowledge._effects import Effect, effects
from crmusage.knowledge._files import PlanFile
from crmusage.knowledge._fit import Fit, fit
from crmusage.knowledge._ownership import Concern, concerns, if_sponsor_leaves
from crmusage.knowledge._plan import Programme, Schedule, Session, Strand, plan
from crmusage.model import Undefined, Wording, printable


@attrs.frozen
class Outlook:
    """Where knowledge and ownership stand, and what comes next."""

    fitted: Fit | Undefined | None
    """None: there are no readings."""
    schedule: Schedule
    effects: tuple[Effect, ...]
    concerns: tuple[Concern, ...]
    without_sponsor: tuple[Concern, ...]

    @property
    def programme(self) -> Programme:
        """What was planned for, with the fitted decay where there is one."""
        return self.schedule.programme

    @property
    def sound(self) -> bool:
        """Nothing falls below its floor within the time planned, and the ownership gives no concern."""
        falling = any(one.falls_below is not None for one in self.schedule.strands)
        return not (falling or self.concerns or self.without_sponsor)

    def to_text(self, lang: str = "en", width: int = 100) -> str:
        """The outlook in one language.

        Raises:
            ValueError: for a language other than "en" and "fr".
        """
        teller = Teller(self, Wording(lang))
        lines = [textwrap.fill(teller.headline, width), ""]
        for heading, items in teller.sections():
            lines += [heading, *(_wrapped(item, width) for item in items), ""]
        return printable("\n".join(lines[:-1])) + "\n"

    def to_json(self) -> str:
        """The outlook as JSON, with both languages of every sentence."""
        from crmusage.knowledge._json import as_json

        return as_json(self)


def outlook(file: PlanFile) -> Outlook:
    """Fit the decay to the readings, if they can tell; plan the refreshers; look at the ownership."""
    found = fit(file.readings, start=file.training_measured) if file.readings else None
    programme = file.programme
    if isinstance(found, Fit) and found.forgotten_a_year.value < 1:
        programme = attrs.evolve(programme, erosion=found.into(programme.erosion))
    owned = file.ownership
    return Outlook(
        found,
        plan(programme),
        effects(programme),
        () if owned is None else concerns(owned),
        () if owned is None else if_sponsor_leaves(owned),
    )


class Teller:
    """The parts of an outlook in words, for text and page alike."""

    def __init__(self, one: Outlook, words: Wording) -> None:
        self.one = one
        self.w = words

    @property
    def headline(self) -> str:
        """What becomes of the knowledge, in one sentence."""
        w, one = self.w, self.one
        left = one.schedule.average(refreshed=False)
        if not left:
            return w.pick(
                "No group is large enough to be spoken of.", "Aucun groupe n'est assez grand pour en parler."
            )
        months = w.count(one.programme.months, "month")
        share, hours = w.value(left[-1], "share"), w.number(one.schedule.hours)
        n = len(one.schedule.sessions)
        if one.schedule.out_of_reach:
            return w.pick(
                f"Without refreshers {share} is known after {months}; for some topics the floor is out of reach.",
                f"Sans rappels, il reste {share} des connaissances après {months} ; pour certains sujets, le seuil est "
                f"hors d'atteinte.",
            )
        if n == 0:
            return w.pick(
                f"After {months}, {share} is known without any refresher: the floor holds.",
                f"Après {months}, il reste {share} des connaissances sans aucun rappel : le seuil est tenu.",
            )
        return w.pick(
            f"Without refreshers {share} is known after {months}; {_times(n)} ({hours} hours of people's time) hold "
            f"the floor.",
            f"Sans rappels, il reste {share} des connaissances après {months} ; {n} rappel{'s' if n > 1 else ''} "
            f"({hours} heures de travail) {'suffisent' if n > 1 else 'suffit'} à tenir le seuil.",
        )

    def sections(self) -> list[tuple[str, list[str]]]:
        """Headings, each with its lines; those without lines left out."""
        w, one = self.w, self.one
        parts = [
            (w.pick("What it rests on", "Sur quoi cela repose"), list(self._ground())),
            (w.pick("Refreshers", "Rappels"), [self.session(each) for each in one.schedule.sessions]),
            (w.pick("Out of reach", "Hors d'atteinte"), [self._beyond(s) for s in one.schedule.out_of_reach]),
            (
                w.pick("What would change it", "Ce qui changerait la donne"),
                [self.effect(e) for e in one.effects],
            ),
            (w.pick("Ownership", "Qui porte l'outil"), [self.concern(each) for each in one.concerns]),
            (
                w.pick("If the sponsor left", "Si le parrain partait"),
                [self.concern(each) for each in one.without_sponsor],
            ),
        ]
        return [(heading, lines) for heading, lines in parts if lines]

    def session(self, one: Session) -> str:
        """`Month 9: Forecast for North, 61% to 92% known, 22 hours.`"""
        w = self.w
        before, after = w.value(one.before, "share"), w.value(one.after, "share")
        name, group, hours = w.of(one.topic.name), one.group.id, w.number(one.hours)
        return w.pick(
            f"Month {one.month}: {name} for {group}, known by {before} before and {after} after, {hours} hours.",
            f"Mois {one.month} : {name} pour {group}, maîtrisé par {before} avant et {after} après, {hours} heures.",
        )

    def effect(self, one: Effect) -> str:
        """What would be otherwise, in hours and in points."""
        w = self.w
        known = w.difference(one.known, "share")
        hours = w.difference(one.hours, "count")
        more = ""
        if one.out_of_reach > 0:
            more = w.pick(
                f"; topics then out of reach: {one.out_of_reach}",
                f" ; sujets alors hors d'atteinte : {one.out_of_reach}",
            )
        return w.pick(
            f"{one.text.en}: {hours} hours of refreshers, {known} known at the end without them{more}.",
            f"{one.text.fr} : {hours} heures de rappels, {known} de connaissances à la fin sans eux{more}.",
        )

    def concern(self, one: Concern) -> str:
        """The concern and the step."""
        return self.w.pick(f"{one.text.en} {one.step.en}", f"{one.text.fr} {one.step.fr}")

    def _beyond(self, one: Strand) -> str:
        w = self.w
        floor = w.value(one.floor, "share")
        return w.pick(
            f"{one.topic.name.en} for {one.group.id}: not even a refresher every month holds {floor}. Train better, or "
            f"ask for less.",
            f"{one.topic.name.fr} pour {one.group.id} : même un rappel chaque mois ne tient pas {floor}. Mieux former, "
            f"ou viser moins haut.",
        )

    def _ground(self) -> list[str]:
        w, e = self.w, self.one.programme.erosion
        fitted = self.one.fitted
        lines = []
        if isinstance(fitted, Fit):
            lines.append(w.of(fitted.text))
        elif isinstance(fitted, Undefined):
            lines.append(
                w.pick(
                    f"The company's own readings are not used: {fitted.reason.en}.",
                    f"Les relevés de l'entreprise ne sont pas utilisés ({fitted.reason.fr}).",
                )
            )
        kept = tuple(w.value(value, "share") for value in (e.training_keeps, e.relay_keeps))
        rates = tuple(
            w.value(value, "share") for value in (e.turnover_a_year, e.forgetting_a_year, e.growth_a_year)
        )
        lines.append(
            w.pick(
                f"A training leaves {kept[0]} and a relay {kept[1]}; in a year {rates[0]} of the seats change hands, "
                f"{rates[1]} is forgotten and the tool grows by {rates[2]}. Assumed where not measured.",
                f"Une formation laisse {kept[0]} des connaissances, un relais {kept[1]} ; en un an, {rates[0]} des "
                f"postes changent de titulaire, {rates[1]} de l'acquis s'oublie et l'outil s'enrichit de {rates[2]}. "
                "Hypothèses, sauf mesure.",
            )
        )
        if self.one.schedule.set_aside:
            n = len(self.one.schedule.set_aside)
            lines.append(
                w.pick(
                    f"Groups of fewer than {self.one.programme.min_group} people left out: {n}.",
                    f"Groupes de moins de {self.one.programme.min_group} personnes laissés de côté : {n}.",
                )
            )
        return lines


def _times(n: int) -> str:
    return "1 refresher" if n == 1 else f"{n} refreshers"


def _wrapped(text: str, width: int) -> str:
    return textwrap.fill(text, width, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False)
