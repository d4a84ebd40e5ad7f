"""Discovered usages in words, English and French."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from crmusage.discovery._weigh import Between, Phase
from crmusage.history import CASE
from crmusage.metrics import Odds
from crmusage.model import Onset, Text, Wording, printable
from crmusage.rules import Compare, Constraint, Not, Template, phrase

if TYPE_CHECKING:
    from crmusage.discovery._usage import UnwrittenUsage

_NATURES = {
    "parasitic": Text("parasitic usage", "usage parasite"),
    "promising": Text("promising usage", "usage prometteur"),
    "habit": Text("habit", "habitude"),
}
_SIDES = 5
"""Other sides of a usage that are told; the rest are counted."""


def both(say: Callable[[Wording], str]) -> Text:
    """The same in both languages."""
    return Text(en=say(Wording("en")), fr=say(Wording("fr")))


def spoken(constraint: Constraint) -> Text:
    """What is kept, as a sentence without its capital and its full stop."""
    where = constraint.where
    if constraint.template is Template.ABSENCE and isinstance(where, Not) and isinstance(where.part, Compare):
        compare, name = where.part, " | ".join(constraint.activities)
        attribute = compare.attribute.removeprefix(CASE)
        return Text(
            f"every '{name}' has {attribute} = {compare.value}",
            f"tout « {name} » a {attribute} = {compare.value}",
        )
    said = phrase(constraint)
    # Whether an attribute is the event's or the case's is a matter of rules, not of sentences.
    return Text(said.en.replace(f"({CASE}", "("), said.fr.replace(f"({CASE}", "("))


def situation(usage: UnwrittenUsage) -> Text:
    """Who keeps what, on a line."""
    said = spoken(usage.constraint)
    # Names and activities stay as they are; only the colon is set as print sets it.
    return both(lambda w: printable(usage.group.into(w.lang)) + w.pick(": ", " : ") + printable(w.of(said)))


def guidance(usage: UnwrittenUsage) -> Text:
    """What was seen, for who decides about the rule."""
    return both(
        lambda w: " ".join(
            (
                w.pick("Observed, not written.", "Observé, écrit nulle part."),
                _kept(usage, w),
                _since(usage, w),
                w.of(usage.reason),
            )
        )
    )


def explained(usage: UnwrittenUsage, lang: str) -> str:
    """Everything that is known of it."""
    w = Wording(lang)
    blocks = [
        f"{w.of(situation(usage))}\n{w.of(_NATURES[usage.nature])}. {w.of(usage.reason)}",
        f"{_kept(usage, w)} {_against(usage, w)}",
        _since(usage, w),
        *_sides(usage, w),
        *_figures(usage, w),
        _outcomes(usage, w),
    ]
    if usage.cases:
        shown = w.pick("Cases that show it: ", "Dossiers qui le montrent : ")
        blocks.append(shown + ", ".join(printable(case) for case in usage.cases))
    return "\n\n".join(blocks) + "\n"


def reasoning(usage: UnwrittenUsage) -> Text:
    """What it stands on, and what can be said of outcomes."""
    return both(lambda w: "\n\n".join((_against(usage, w), *_sides(usage, w), _outcomes(usage, w))))


def _kept(usage: UnwrittenUsage, w: Wording) -> str:
    m, p = usage.measure, usage.peers
    kept = m.numerator or 0
    return w.pick(
        f"{w.number(kept)} of {w.count(m.denominator or 0, 'case')} {w.agree(kept, 'keeps', 'keep')} it "
        f"({w.value(m.value, 'share')}), "
        f"against {w.value(p.value, 'share')} of those of all others, among cases entered {_from_to(usage, w)}.",
        f"{w.count(kept, 'case')} sur {w.number(m.denominator or 0)} s'y {w.agree(kept, 'conforme', 'conforment')} "
        f"({w.value(m.value, 'share')}), contre {w.value(p.value, 'share')} chez tous les autres, parmi les dossiers "
        f"saisis {_from_to(usage, w)}.",
    )


def _from_to(usage: UnwrittenUsage, w: Wording) -> str:
    period = w.period(usage.period)
    if period.startswith("du "):
        return period
    return w.pick(f"from {period}" if " to " in period else f"in {period}", f"en {period}")


def _against(usage: UnwrittenUsage, w: Wording) -> str:
    c = usage.contrast
    apart = w.pick(
        f"The difference is {w.difference(c.difference, 'share')} "
        f"(95% interval {w.number(100 * c.low, 1)} to {w.number(100 * c.high, 1)}).",
        f"L'écart est de {w.difference(c.difference, 'share')} "
        f"(intervalle à 95 % : de {w.number(100 * c.low, 1)} à {w.number(100 * c.high, 1)}).",
    )
    if usage.norm is None:
        norm = w.pick(
            "There are too few peers to say how much such groups differ by nature: it stands apart from each "
            "of them.",
            "Trop peu de groupes comparables pour savoir combien ils diffèrent d'ordinaire : il se distingue de "
            "chacun d'eux.",
        )
    else:
        limits = w.interval(usage.norm.low, usage.norm.high, "share")
        norm = w.pick(
            f"Of {w.count(usage.norm.units, 'peer')}, the middle one keeps it in {w.value(usage.norm.value, 'share')} "
            f"of the cases; a group of this size that is like them has {limits}.",
            f"Sur {w.number(usage.norm.units)} groupes comparables, la part médiane est de "
            f"{w.value(usage.norm.value, 'share')} ; un groupe de cette taille qui leur ressemble va de "
            f"{limits}.",
        )
    chance = w.chance(usage.q_value)
    return f"{apart} {norm} " + w.pick(
        f"Adjusted for everything that was tried, the chance of a false find is {chance}.",
        f"Compte tenu de tout ce qui a été essayé, le risque de fausse découverte est {chance}.",
    )


def _since(usage: UnwrittenUsage, w: Wording) -> str:
    began = usage.onset
    if not isinstance(began, Onset):
        since = w.pick("The data do not show since when.", "Les données ne disent pas depuis quand.")
    elif began.value is None:
        since = w.pick(
            "It has been so for as long as the data go back.",
            "Il en est ainsi depuis le début des données.",
        )
    else:
        since = w.pick(f"Since {w.month(began.value)}", f"Depuis {w.month(began.value)}")
        if began.low is not None and began.high is not None and began.low != began.high:
            since += w.pick(
                f" (between {w.month(began.low)} and {w.month(began.high)})",
                f" (entre {w.month(began.low)} et {w.month(began.high)})",
            )
        if began.before is not None and began.after is not None:
            since += w.pick(
                f", from {w.value(began.before, 'share')} to {w.value(began.after, 'share')}",
                f", de {w.value(began.before, 'share')} à {w.value(began.after, 'share')}",
            )
        since += "."
    match usage.phase:
        case Phase.BORN:
            return since + w.pick(" It is being born.", " L'usage est en train de naître.")
        case Phase.FADING:
            return since + w.pick(" It is fading.", " L'usage s'efface.")
        case Phase.SETTLED:
            return since + w.pick(" It is settled.", " L'usage est installé.")


def _sides(usage: UnwrittenUsage, w: Wording) -> Iterable[str]:
    if usage.others:
        told = [f"  - {printable(w.of(spoken(side)))}" for side in usage.others[:_SIDES]]
        rest = len(usage.others) - len(told)
        if rest:
            told.append(w.pick(f"  - and {rest} more", f"  - et {rest} de plus"))
        yield "\n".join((w.pick("The same cases also show:", "Les mêmes dossiers montrent aussi :"), *told))


def _figures(usage: UnwrittenUsage, w: Wording) -> Iterable[str]:
    for bent in usage.distortions:
        name = w.measure(bent.measure, bent.label)
        with_, without = w.value(bent.with_unit, bent.unit), w.value(bent.without_unit, bent.unit)
        seen = ""
        if bent.hidden:
            seen = w.pick(
                " Nobody sees that in the company's figure: from month to month it varies more by itself.",
                " Personne ne le voit dans le chiffre de l'entreprise, qui varie davantage de lui-même d'un mois à "
                "l'autre.",
            )
        yield w.pick(
            f"The company's {name}: {with_} with this group, {without} without it.{seen}",
            f"Entreprise, {name} : {with_} avec ce groupe, {without} sans lui.{seen}",
        )


def _outcomes(usage: UnwrittenUsage, w: Wording) -> str:
    odds, rank = usage.inside, usage.between
    if isinstance(odds, Odds):
        text = w.pick(
            f"Within the group, the odds of a good outcome with it are {w.number(odds.ratio, 2)} times those without "
            f"(95% interval {w.number(odds.low, 2)} to {w.number(odds.high, 2)}, like compared with like in size, "
            "month and kind). That they go together does not say that one causes the other.",
            f"Dans le groupe, la cote d'une issue favorable avec cet usage est {w.number(odds.ratio, 2)} fois ce "
            f"qu'elle est sans lui (intervalle à 95 % : de {w.number(odds.low, 2)} à {w.number(odds.high, 2)}, à "
            "taille, mois et nature comparables). Que les deux aillent ensemble ne dit pas que l'un cause l'autre.",
        )
    else:
        text = w.pick(
            f"Within the group, outcomes with and without it cannot be compared: {odds.reason.en}.",
            f"Dans le groupe, les issues avec et sans cet usage ne se comparent pas : {odds.reason.fr}.",
        )
    if isinstance(usage.outside, Odds):
        peers = usage.outside
        text += w.pick(
            f" Against all others the group's odds of a good outcome are {w.number(peers.ratio, 2)} times theirs (95% "
            f"interval {w.number(peers.low, 2)} to {w.number(peers.high, 2)}).",
            f" Face à tous les autres, la cote du groupe est {w.number(peers.ratio, 2)} fois la leur (intervalle à "
            f"95 % : de {w.number(peers.low, 2)} à {w.number(peers.high, 2)}).",
        )
    if isinstance(rank, Between):
        text += w.pick(
            f" Over {rank.groups} groups, the share that keeps it and the share of good outcomes have a rank "
            f"correlation of {w.number(rank.correlation, 2)} (p = {w.chance(rank.p_value)}).",
            f" Sur {rank.groups} groupes, la part qui s'y conforme et la part d'issues favorables ont une corrélation "
            f"de rang de {w.number(rank.correlation, 2)} (p = {w.chance(rank.p_value)}).",
        )
    return text
