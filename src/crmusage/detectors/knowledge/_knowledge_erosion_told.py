"""What is known no longer, in words."""

from __future__ import annotations

from crmusage.detectors.knowledge._breaks import Break
from crmusage.detectors.knowledge._cohorts import Compared
from crmusage.detectors.knowledge._features import EARLY
from crmusage.detectors.knowledge._kept import called
from crmusage.knowledge import Fit
from crmusage.metrics import first_of_month
from crmusage.model import Wording
from crmusage.rules import UsageRule


def forgotten(w: Wording, rule: UsageRule, fitted: Fit, since: Compared, long_ago: int) -> str:
    """How fast a rule is forgotten."""
    start, gone = w.value(fitted.start.value, "share"), fitted.forgotten_a_year
    between = w.interval(gone.low or 0.0, 1.0 if gone.high is None else gone.high, "share")
    old, fresh = w.value(since.kept.value, "share"), w.value(since.others, "share")
    return w.pick(
        f"The {called(w, rule)} is being forgotten: on the day it is read it is kept {start} of the time, and a year "
        f"takes {w.value(gone.value, 'share')} of that (95% interval {between}). People who read it more than "
        f"{long_ago} months ago keep it {old} of the time, colleagues in the same units and months who read it "
        f"lately {fresh}.",
        f"La {called(w, rule)} s'oublie : le jour de sa lecture, elle est respectée dans {start} des cas, et une "
        f"année en emporte {w.value(gone.value, 'share')} (intervalle à 95 % : {between}). Ceux qui l'ont lue il y a "
        f"plus de {long_ago} mois la respectent dans {old} des cas, leurs collègues des mêmes unités, les mêmes "
        f"mois, qui l'ont lue récemment, dans {fresh}.",
    )


def reasoning_of_decay(w: Wording, rule: UsageRule, expect: int, fitted: Fit, since: Compared) -> str:
    """What it rests on, and what could mislead."""
    expected = str(rule.expectation(expect))
    odds, ends = (
        w.number(since.odds.ratio, 2),
        [w.number(end, 2) for end in (since.odds.low, since.odds.high)],
    )
    old, fresh, n = w.number(since.persons), w.number(since.other_persons), w.number(fitted.n)
    months = w.number(fitted.horizon)
    return w.pick(
        f"What the rule expects: {expected}. The decay is fitted to one case of each of {n} persons, up to {months} "
        f"months after reading. Within the same unit and month, {old} persons who read it long ago have {odds} times "
        f"the odds of keeping it of {fresh} who read it lately (95% interval {ends[0]} to {ends[1]}, persons counted "
        "as wholes), so it is not that the rule slips for everybody. Whoever reads rules again of their own accord "
        "may be more careful anyway.",
        f"Ce que la règle attend : {expected}. La baisse est estimée sur un dossier de chacune de {n} personnes, "
        f"jusqu'à {months} mois après la lecture. À unité et mois égaux, {old} personnes dont la lecture est "
        f"ancienne ont une cote de respect de {odds} fois celle de {fresh} personnes qui l'ont lue récemment "
        f"(intervalle à 95 % : de {ends[0]} à {ends[1]}, chaque personne comptant comme un tout) : ce n'est donc pas "
        "que la règle se relâche pour tous. Ceux qui relisent les règles d'eux-mêmes sont peut-être plus soigneux "
        "de toute façon.",
    )


def after_upset(w: Wording, one: Break, rule: UsageRule | None) -> str:
    """What fell, and after what."""
    before, after = w.value(one.before, "share"), w.value(one.measure.value, "share")
    low, high = one.measure.low or 0.0, 1.0 if one.measure.high is None else one.measure.high
    between = w.interval(low, high, "share")
    month = w.month(first_of_month(one.at))
    if rule is not None:
        what = w.pick(f"the {called(w, rule)} is kept", f"la {called(w, rule)} est respectée dans")
        cases = w.pick("of the time", "des cas")
    else:
        what = w.pick(
            f"'{one.name}' is done within {EARLY} days in",
            f"l'étape « {one.name} » est faite dans les {EARLY} jours pour",
        )
        cases = w.pick("of the new cases", "des nouveaux dossiers")
    upset = one.upset
    if upset.unit is None:
        label = f" ({upset.label})" if upset.label else ""
        since = w.month(first_of_month(upset.month))
        return w.pick(
            f"Since {month} {what} {after} {cases} (95% interval {between}), before {before}. A release came in "
            f"{since}{label}: what it changed was perhaps not shown to people.",
            f"Depuis {month}, {what} {after} {cases} (intervalle à 95 % : {between}), contre {before} auparavant. Une "
            f"nouvelle version est arrivée en {since}{label} : peut-être n'a-t-on pas montré ce qu'elle change.",
        )
    peers = ""
    if one.peers_before is not None and one.peers_after is not None:
        was, now = w.value(one.peers_before, "share"), w.value(one.peers_after, "share")
        peers = w.pick(
            f" Elsewhere it went from {was} to {now} in the same months.",
            f" Ailleurs, on est passé de {was} à {now} sur les mêmes mois.",
        )
    left, of, since = w.number(upset.left), w.number(upset.of), w.month(first_of_month(upset.month))
    return w.pick(
        f"{upset.unit}: since {month} {what} {after} {cases} (95% interval {between}), before {before}.{peers} "
        f"{left} of {of} people left within two months from {since} on: what they knew seems to have gone with them.",
        f"{upset.unit} : depuis {month}, {what} {after} {cases} (intervalle à 95 % : {between}), contre {before} "
        f"auparavant.{peers} {left} personnes sur {of} sont parties en deux mois à partir de {since} : leur "
        "savoir-faire semble être parti avec elles.",
    )


def reasoning_of_break(w: Wording, one: Break) -> str:
    """What it rests on, and what could mislead."""
    low, high = w.month(first_of_month(one.low)), w.month(first_of_month(one.high))
    from_, to = w.month(first_of_month(one.first)), w.month(first_of_month(one.last))
    where = (
        w.pick(f"is {low}", f"est {low}")
        if low == high
        else w.pick(f"lies between {low} and {high}", f"se situe entre {low} et {high}")
    )
    told = w.pick(
        f"The months from {from_} to {to} were searched for the one best point to divide them; it {where} (95%), and "
        f"a fall as great comes about by chance with p = {w.chance(one.p_value)} before adjustment. ",
        f"Les mois de {from_} à {to} ont été parcourus pour trouver le point qui les sépare le mieux ; il {where} "
        f"(95 %), et le hasard seul donne une telle baisse avec p = {w.chance(one.p_value)} avant correction. ",
    )
    if one.upset.unit is None:
        return told + w.pick(
            "Most units fell, and the months since are below the same ones a year before where these are known. That a "
            "release came first does not prove that it is the reason: look for what else changed then.",
            "La plupart des unités ont reculé, et ces mois sont au-dessous des mêmes un an plus tôt quand on les "
            "connaît. Que la nouvelle version ait précédé ne prouve pas qu'elle en soit la cause : voyez ce qui a "
            "changé d'autre.",
        )
    return told + w.pick(
        "The fall of the other units is taken off. Departures and the fall may have a third reason, such as a new "
        "customer base or a change of task: ask the unit first.",
        "Le recul des autres unités est déduit. Départs et baisse peuvent avoir une même cause, comme une nouvelle "
        "clientèle ou un changement de mission : interrogez d'abord l'unité.",
    )
