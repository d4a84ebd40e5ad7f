"""Since when a usage is kept, what it does to the company's figures, and which outcomes go with it."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable

import attrs
import numpy as np

from crmusage.discovery._close import Close
from crmusage.discovery._log import REASONS, Bool, Floats, Int64, Log
from crmusage.discovery._pattern import Pattern
from crmusage.discovery._screen import FEWEST_OF_PEER, SMALLEST, Sign
from crmusage.history import months_of
from crmusage.metrics import Odds, change_point, distortion, mantel_haenszel, onset, wilson
from crmusage.model import Distortion, Onset, Text, Undefined

BEGUN = 0.5
"""A usage began where the share before was nearer to the peers' than to the share since; else it has only grown. As for
late creation; guessed."""
YOUNG = 6
"""Months: what began later is being born. Guessed: half a year, in which a word in time still helps."""
LAYERS = 3
"""Sizes of deals that are held apart: small, middle, large, by thirds of the group's own; and how long they lasted."""
TELLS = 0.98
"""An activity after which so great a part of the cases ends in one way is that outcome, or as good as it."""
NEARLY_ALL = 0.8
"""Where so great a part ends well and the peers are far from it, what would end badly is not entered. As for late
creation: beyond what honest selling reaches, and with room for deals that were still entered in time."""
AT_LEAST = 0.7
"""And it is sure (95 %) to be more than this."""
QUICK = 0.25
"""Soon after the entry is within so much of the time that a good outcome takes elsewhere, in the middle. Guessed."""
FEWEST_OF_EITHER = 10
"""Decided cases with the usage, and without, for their outcomes to be compared. Guessed."""
FEWEST_DECIDED = 20
"""Fewer decided cases say nothing of a rate. Guessed."""
SET_ASIDE = 0.25
"""The part of the months, those in which a usage is kept most often, without which it must still be kept: two campaign
months a year are a season, not a way of working. As for hidden-by-aggregate; guessed."""
CAMPAIGN = 2
"""Months that are set aside at least: those of one campaign."""
FEWEST_MONTHS = 3
"""Fewer months say nothing of a season."""
FEWEST_GROUPS = 8
"""Fewer groups make no line between usage and outcome. Guessed."""
SURE = 0.01
_TOO_FEW = Text("too few decided cases", "trop peu de dossiers décidés")
_AT_ODDS = Text(
    "held apart in one way or another, outcomes point opposite ways",
    "selon la façon de comparer (par mois, par taille ou par durée), les issues vont en sens contraire",
)
_DAY = 86_400_000_000
_DRAWS = 999


class Phase(enum.StrEnum):
    """How far along a usage is."""

    BORN = "being born"
    SETTLED = "settled"
    FADING = "fading"


@attrs.frozen
class Between:
    """How the groups that keep more of it fare: rank correlation of its share with the share of good outcomes."""

    correlation: float
    p_value: float
    """The chance of as strong a one, were outcomes dealt to the groups at random."""
    groups: int


@attrs.frozen
class Selected:
    """Cases that are entered only once they are as good as won."""

    good: int
    n: int
    """The cases decided soon after their entry."""
    elsewhere: float
    """The share of good ones among such cases of all others."""


@attrs.frozen
class Series:
    """Cases by month of creation in which a usage was put to the test, and kept."""

    months: tuple[int, ...]
    """Since January 1970."""
    kept: tuple[int, ...]
    n: tuple[int, ...]


def series(near: Close, place: int) -> Series:
    """A group's own, month by month."""
    month = months_of(near.log.created)
    tested = near.kept[place] | near.broken[place]
    months, row = np.unique(month[tested], return_inverse=True)
    n = np.bincount(row, minlength=len(months))
    kept = np.bincount(row, weights=near.kept[place][tested], minlength=len(months)).astype(np.int64)
    return Series(tuple(months.tolist()), tuple(kept.tolist()), tuple(n.tolist()))


def dated(of: Series, middle: float, last_month: int) -> tuple[Onset | Undefined, Phase]:
    """Since when, and whether it is being born, settled or fading. `middle`: the peers' share."""
    months, kept, n = (np.array(values) for values in (of.months, of.kept, of.n))
    began = onset(months, kept, n, direction="up")
    if isinstance(began, Onset) and _has_only_grown(began, middle):
        began = Onset(None, after=float(kept.sum() / n.sum()))
    since = -1
    if isinstance(began, Onset) and began.value is not None:
        since = (began.value.year - 1970) * 12 + began.value.month - 1
    later = months >= since
    change = change_point(months[later], kept[later], n[later], direction="down")
    if (
        not isinstance(change, Undefined)
        and change.p_value <= SURE
        and change.after < (change.before + middle) / 2
    ):
        return began, Phase.FADING
    return began, Phase.BORN if since > last_month - YOUNG else Phase.SETTLED


def _has_only_grown(began: Onset, middle: float) -> bool:
    """Whether it was there before, if less."""
    if began.before is None or began.after is None:
        return False
    return began.before - middle > BEGUN * (began.after - middle)


def is_steady(by_month: Series, began: Onset | Undefined, sign: Sign, since: int) -> bool:
    """Whether it is kept month by month, not in a season alone: from its onset, and from the month `since`."""
    months, kept, n = (np.array(values) for values in (by_month.months, by_month.kept, by_month.n))
    if isinstance(began, Onset) and began.value is not None:
        since = max(since, (began.value.year - 1970) * 12 + began.value.month - 1)
    use = months >= since
    if np.count_nonzero(use) < FEWEST_MONTHS:
        return True
    aside = max(CAMPAIGN, math.ceil(SET_ASIDE * np.count_nonzero(use)))
    others = np.argsort(-kept[use], kind="stable")[aside:]
    rest, of = int(kept[use][others].sum()), int(n[use][others].sum())
    return of == 0 or rest / of > (sign.share + sign.middle) / 2


def one_person(near: Close, place: int, sign: Sign) -> bool:
    """Whether a single person makes the difference: without their cases the group is hardly unlike its peers."""
    looked_at = near.period >= sign.look
    kept, broken, person = near.kept[place] & looked_at, near.broken[place] & looked_at, near.person[place]
    known, count = np.unique(person[kept], return_counts=True)
    if not len(known):
        return False
    others = person != known[np.argmax(count)]
    n = int(np.count_nonzero((kept | broken) & others))
    without = np.count_nonzero(kept & others) / n if n else 0.0
    return without - sign.middle < (sign.share - sign.middle) / 2


@attrs.frozen(eq=False)
class Company:
    """The figures of a company that a group can bend."""

    log: Log

    @property
    def usable(self) -> Bool:
        """The cases that people worked on, young ones too."""
        usable: Bool = (self.log.case_why_not < 0) | (self.log.case_why_not == REASONS.index("young"))
        return usable

    def distortions(self, group: int) -> tuple[Distortion, ...]:
        """Each figure with the group and without it."""
        log = self.log
        decided = self.usable & (log.outcome >= 0)
        if not (decided & (log.case_group == group)).any():
            return ()  # it acts in cases that are nobody's, or others'
        month = months_of(np.where(decided, log.closed, 0)).astype(np.int64)
        first = int(month[decided].min())
        length = int(month[decided].max()) - first + 1
        month = np.clip(month - first, 0, length - 1)
        good = decided & (log.outcome == 1)
        age = np.where(good, log.closed - log.created, 0) / _DAY
        found = []
        for name, label, top, bottom, unit in (
            ("win_rate", _RATE, good.astype(np.float64), decided, "share"),
            ("mean_cycle", _CYCLE, age, good, "days"),
        ):
            others = bottom & (log.case_group != group)
            if not others.any() or not bottom.any():
                continue
            by_month = np.bincount(month[bottom], minlength=length)
            sums = np.bincount(month[bottom], weights=top[bottom], minlength=length)
            monthly = np.divide(sums, by_month, out=np.full(length, np.nan), where=by_month > 0)
            bent = distortion(
                name, float(top[bottom].mean()), float(top[others].mean()), monthly.tolist(), unit=unit
            )
            found.append(bent if "won" in log.activities else attrs.evolve(bent, label=label))
        return tuple(found)

    def selected(self, group: int, since: int) -> Selected | None:
        """Whether a group, since an instant, enters cases only once they are as good as won. None: it does not.

        Nearly all that it decides soon after the entry ends well, surely far more than elsewhere, and it decides far
        more of its cases so soon. Who sells fast and honestly loses as fast as they win.
        """
        log = self.log
        decided = self.usable & (log.outcome >= 0) & (log.created >= since)
        own, others = decided & (log.case_group == group), decided & (log.case_group != group)
        good = log.outcome == 1
        if np.count_nonzero(own) < FEWEST_DECIDED or not (others & good).any():
            return None
        age = log.closed - log.created
        soon = age <= QUICK * float(np.median(age[others & good]))
        n, hits = int(np.count_nonzero(own & soon)), int(np.count_nonzero(own & soon & good))
        if n < FEWEST_DECIDED or hits < NEARLY_ALL * n or wilson(hits, n)[0] < AT_LEAST:
            return None
        of_others = int(np.count_nonzero(others & soon))
        elsewhere = np.count_nonzero(others & soon & good) / of_others if of_others else 0.0
        more = n / np.count_nonzero(own) - of_others / np.count_nonzero(others)
        return Selected(hits, n, float(elsewhere)) if elsewhere < AT_LEAST and more >= SMALLEST else None

    def outside(self, group: int, since: int) -> Odds | Undefined:
        """The odds of a good outcome in a group's cases entered since an instant, over those of all others.

        In layers of month of entry, size and kind.
        """
        log = self.log
        use = (log.case_why_not < 0) & (log.outcome >= 0) & (log.case_group >= 0) & (log.created >= since)
        if np.count_nonzero(use & (log.case_group == group)) < FEWEST_DECIDED:
            return Undefined("odds_ratio", _TOO_FEW)
        _, month = np.unique(months_of(log.created[use]), return_inverse=True)
        _, kind = np.unique(log.kind[use].astype(str), return_inverse=True)
        size = _thirds(log.amount[use])
        layer = (kind * (LAYERS + 1) + size) * (int(month.max(initial=0)) + 1) + month
        cell = 4 * layer + 2 * (log.case_group[use] != group) + (log.outcome[use] == 0)
        tables = np.bincount(cell, minlength=4 * (int(layer.max(initial=0)) + 1)).reshape(-1, 2, 2)
        return mantel_haenszel(tables)

    def tells_outcome(self) -> frozenset[int]:
        """Activities whose occurrence as good as says how the case ends."""
        log = self.log
        n = len(log.activities)
        pair = np.unique(log.case.astype(np.int64) * n + log.activity)
        case, activity = pair // n, pair % n
        use = log.outcome[case] >= 0
        count = np.bincount(activity[use], minlength=n)
        good = np.bincount(activity[use], weights=log.outcome[case[use]], minlength=n)
        share = np.divide(good, count, out=np.full(n, 0.5), where=count >= FEWEST_DECIDED)
        everybody = log.outcome[log.outcome >= 0].mean() if (log.outcome >= 0).any() else 0.5
        # Where nearly all ends in one way anyway, that says nothing of the activity.
        telling = ((share >= TELLS) & (everybody < TELLS)) | ((share <= 1 - TELLS) & (everybody > 1 - TELLS))
        return frozenset(np.flatnonzero(telling).tolist())


def telling_side(near: Close, places: Iterable[int]) -> int | None:
    """Of the sides of a usage, the first with enough decided cases both with it and without; None: none has."""
    decided = near.log.outcome >= 0
    enough = (
        place
        for place in places
        if all(
            np.count_nonzero(side[place] & decided) >= FEWEST_OF_EITHER for side in (near.kept, near.broken)
        )
    )
    return next(enough, None)


def inside(near: Close, place: int, pattern: Pattern) -> Odds | Undefined:
    """Within the group: the odds of a good outcome with the usage, over those without, like compared with like.

    Once in layers of size and kind, once in layers of month of entry and kind (a campaign has both its ways and its
    results); the weaker of the two is told, and nothing where they disagree. What takes time to be kept is kept less
    often where all is soon over, whatever its worth: so only cases that lasted as long as the pattern's delay count,
    and where it has none, there are layers of how long cases lasted, too.
    """
    log = near.log
    use = (near.kept[place] | near.broken[place]) & (log.outcome >= 0)
    if pattern.waits and pattern.window is not None:
        use &= log.closed - near.since[place] > pattern.window
    if np.count_nonzero(use) < FEWEST_DECIDED:
        return Undefined("odds_ratio", _TOO_FEW)
    layers = [_thirds(log.amount[use])]
    if pattern.waits and pattern.window is None:
        layers.append(_thirds((log.closed - log.created)[use].astype(np.float64)))
    _, month = np.unique(months_of(log.created[use]), return_inverse=True)
    _, kind = np.unique(log.kind[use].astype(str), return_inverse=True)
    found = []
    for layer in (*layers, month):
        both = layer + (int(layer.max(initial=0)) + 1) * kind
        cell = 4 * both + 2 * near.broken[place][use] + (log.outcome[use] == 0)
        tables = np.bincount(cell, minlength=4 * (int(both.max(initial=0)) + 1)).reshape(-1, 2, 2)
        odds = mantel_haenszel(tables)
        if isinstance(odds, Undefined):
            return odds
        found.append(odds)
    if len({odds.ratio < 1 for odds in found}) > 1:
        return Undefined("odds_ratio", _AT_ODDS)
    return max(found, key=lambda odds: odds.p_value)


def _thirds(values: Floats) -> Int64:
    """In which third each lies, from 1; 0: not known."""
    third = np.zeros(len(values), dtype=np.int64)
    known = np.isfinite(values)
    if known.any():
        ends = np.quantile(values[known], np.arange(1, LAYERS) / LAYERS)
        third[known] = 1 + np.searchsorted(ends, values[known], side="right")
    return third


def between(log: Log, kept: Int64, n: Int64, seed: int = 0) -> Between | None:
    """Between the groups; `kept` of `n` cases of each keep the usage. None: too few groups."""
    use = (log.case_why_not < 0) & (log.outcome >= 0) & (log.case_group >= 0)
    decided = np.bincount(log.case_group[use], minlength=len(log.groups))
    good = np.bincount(log.case_group[use], weights=log.outcome[use] == 1, minlength=len(log.groups))
    known = (n >= FEWEST_OF_PEER) & (decided >= FEWEST_OF_PEER)
    if np.count_nonzero(known) < FEWEST_GROUPS:
        return None
    one, other = _ranks(kept[known] / n[known]), _ranks(good[known] / decided[known])
    if one.std() == 0 or other.std() == 0:
        return None
    one, other = ((ranks - ranks.mean()) / (ranks.std() * len(ranks) ** 0.5) for ranks in (one, other))
    found = float(one @ other)
    rng = np.random.default_rng(seed)
    drawn = rng.permuted(np.tile(other, (_DRAWS, 1)), axis=1) @ one
    p = (1 + np.count_nonzero(np.abs(drawn) >= abs(found) - 1e-12)) / (1 + _DRAWS)
    return Between(found, float(p), int(known.sum()))


def _ranks(values: Floats) -> Floats:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - (count - 1) / 2
    ranks: Floats = middle[place]
    return ranks


_RATE = Text("share of good outcomes", "part d'issues favorables")
_CYCLE = Text("mean time to a good outcome", "délai moyen jusqu'à une issue favorable")
