"""What a usage is worth: parasitic, promising or a habit, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs
import numpy as np

from crmusage.discovery._family import follows
from crmusage.discovery._told import both
from crmusage.discovery._usage import Nature, UnwrittenUsage
from crmusage.discovery._weigh import Selected
from crmusage.metrics import Odds, benjamini_hochberg
from crmusage.model import Text, Wording
from crmusage.rules import Constraint, Rulebook, Status, UsageRule, lint

MOST_SIDES = 12
"""Sides of a usage that are held against the written rules, besides the one that tells it best."""
SURE = 0.05
_NOBODY = Text("", "")
_ORDER = {Nature.PARASITIC: 0, Nature.PROMISING: 1, Nature.HABIT: 2}


@attrs.frozen
class Weighed:
    """A usage before it is named, and what speaks of selected entries."""

    usage: UnwrittenUsage
    selected: Selected | None
    """What is entered only once it is as good as won, since its onset; None: no such thing."""


def judged(weighed: Sequence[Weighed], book: Rulebook) -> tuple[tuple[UnwrittenUsage, ...], int]:
    """The usages with their natures, what matters most first; and how many follow from a written rule."""
    odds = [one.usage.inside for one in weighed]
    p = [one.p_value if isinstance(one, Odds) else np.nan for one in odds]
    adjusted = benjamini_hochberg(p) if p else np.zeros(0)
    usages, written = [], 0
    for one, q in zip(weighed, adjusted.tolist(), strict=True):
        usage = attrs.evolve(one.usage, inside_q=None if np.isnan(q) else q)
        if any(_is_written(usage, rule) for rule in book.active):
            written += 1
            continue
        broken = tuple(rule.id for rule in book.active if _contradicts(usage, rule))
        banned = tuple(rule.id for rule in book if rule.status is Status.FORBIDDEN and _is_of(usage, rule))
        nature, reason = _nature(usage, broken, banned, one.selected)
        usages.append(attrs.evolve(usage, nature=nature, reason=reason, contradicts=(*broken, *banned)))
    usages.sort(key=lambda u: (_ORDER[u.nature], u.q_value, u.group, str(u.constraint)))
    return tuple(usages), written


def _nature(
    usage: UnwrittenUsage, broken: tuple[str, ...], banned: tuple[str, ...], good: Selected | None
) -> tuple[Nature, Text]:
    if broken:
        ids = ", ".join(broken)
        return Nature.PARASITIC, both(
            lambda w: w.pick(
                f"It contradicts what is written: {ids}.", f"Il contredit ce qui est écrit : {ids}."
            )
        )
    if banned:
        named = ", ".join(banned)
        return Nature.PARASITIC, both(
            lambda w: w.pick(f"It has been forbidden: {named}.", f"Il a été interdit : {named}.")
        )
    if good is not None:
        return Nature.PARASITIC, both(lambda w: _bent(good, w))
    inside, outside = usage.inside, usage.outside
    if (
        isinstance(inside, Odds)
        and isinstance(outside, Odds)
        and usage.inside_q is not None
        and usage.inside_q <= SURE
        and outside.p_value <= 2 * SURE
        # What goes with outcomes within the group only, and leaves the group where its peers are, tells how far a case
        # has come rather than how it is worked. (One-sided: the group's own cases have said which way.)
        and (inside.ratio < 1) == (outside.ratio < 1)
    ):
        nature = Nature.PARASITIC if inside.ratio < 1 else Nature.PROMISING
        return nature, both(lambda w: _goes_with(inside, outside, w))
    return Nature.HABIT, both(
        lambda w: w.pick(
            "A way of its own: it contradicts no written rule, bends no figure, and no outcome goes with it that can "
            "be told from chance.",
            "Une façon de faire à soi : elle ne contredit aucune règle écrite, ne fausse aucun chiffre, et aucune "
            "issue ne va avec elle qu'on puisse distinguer du hasard.",
        )
    )


def _goes_with(inside: Odds, outside: Odds, w: Wording) -> str:
    within, without = w.number(inside.ratio, 2), w.number(outside.ratio, 2)
    worse = inside.ratio < 1
    end = w.pick(
        "" if worse else ", and no figure is bent", "" if worse else ", et aucun chiffre n'est faussé"
    )
    return w.pick(
        f"Cases that keep it end well {'less' if worse else 'more'} often: the odds are {within} times those of the "
        f"others in the same group, layer by layer, and the group's are {without} times those of its peers{end}. An "
        "association, not a proof.",
        f"Les dossiers qui s'y conforment finissent bien {'moins' if worse else 'plus'} souvent : la cote est "
        f"{within} fois celle des autres dans le même groupe, à taille et nature comparables, et celle du groupe "
        f"{without} fois celle de ses pairs{end}. C'est une association, pas une preuve.",
    )


def _bent(found: Selected, w: Wording) -> str:
    elsewhere = w.value(found.elsewhere, "share")
    return w.pick(
        f"It bends the figures: of {w.number(found.n)} cases that this group decided soon after entering them, "
        f"{w.number(found.good)} ended well, against {elsewhere} of such cases elsewhere. Where hardly anything is "
        "lost soon, what would be lost is not entered: rates, cycles and forecasts that count these cases are off.",
        f"Il fausse les chiffres : sur {w.number(found.n)} dossiers décidés par ce groupe peu après leur saisie, "
        f"{w.number(found.good)} finissent bien, contre {elsewhere} des dossiers semblables ailleurs. Là où presque "
        "rien n'est vite perdu, ce qui l'aurait été n'est pas saisi : taux, cycles et prévisions qui comptent ces "
        "dossiers sont faussés.",
    )


def _sides(usage: UnwrittenUsage) -> Iterable[Constraint]:
    return (usage.constraint, *usage.others[:MOST_SIDES])


def _about(usage: UnwrittenUsage, rule: UsageRule) -> bool:
    """Whether the rule is for the group, as far as its name says."""
    applies, group = rule.applies_to, usage.group
    for names, own in (
        (applies.unit, group.unit),
        (applies.profile, group.profile),
        (applies.region, group.region),
    ):
        if names and own is not None and own not in names:
            return False
    return rule.kind is None or usage.kind is None or rule.kind == usage.kind


def _is_written(usage: UnwrittenUsage, rule: UsageRule) -> bool:
    if not _about(usage, rule) or rule.applies_to.where is not None:
        return False
    return any(_related(usage.constraint, one) and follows(usage.constraint, one) for one in rule.expect)


def _is_of(usage: UnwrittenUsage, rule: UsageRule) -> bool:
    """Whether the usage is the very one that a rule describes, or a stricter one: who keeps it keeps all of that."""
    if not _about(usage, rule) or not rule.expect:
        return False
    return all(
        any(_related(side, one) and follows(one, side) for side in _sides(usage)) for one in rule.expect
    )


def _contradicts(usage: UnwrittenUsage, rule: UsageRule) -> bool:
    """Whether no case in which both are put to the test can keep both."""
    if not _about(usage, rule):
        return False
    return any(_related(side, one) and _opposed(side, one) for side in _sides(usage) for one in rule.expect)


def _related(one: Constraint, other: Constraint) -> bool:
    return bool({*one.activities, *one.targets} & {*other.activities, *other.targets})


def _opposed(one: Constraint, other: Constraint) -> bool:
    plain = [
        UsageRule(id=name, situation=_NOBODY, status=Status.ACTIVE, expect=(constraint,))
        for name, constraint in (("one", one), ("other", other))
    ]
    return any(found.code in {"RL201", "RL202", "RL203"} for found in lint(Rulebook(plain)))
