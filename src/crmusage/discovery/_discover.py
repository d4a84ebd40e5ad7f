"""The use case: what one group does that its peers do not, dated, weighed and named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import overload

import attrs
import numpy as np

from crmusage.discovery._close import Close, close
from crmusage.discovery._family import MOST, Family, constraint_of, families
from crmusage.discovery._group import Group, checked, grouped, sizes
from crmusage.discovery._guard import guarded
from crmusage.discovery._judge import Weighed, judged
from crmusage.discovery._log import ANSWERS, Int64, Log, log_of
from crmusage.discovery._screen import LEVEL, Results, Screened, Sign, screen
from crmusage.discovery._sweep import Swept, sweep
from crmusage.discovery._told import both
from crmusage.discovery._trials import PERIODS
from crmusage.discovery._usage import Nature, UnwrittenUsage
from crmusage.discovery._weigh import (
    Company,
    between,
    dated,
    inside,
    is_steady,
    one_person,
    series,
    telling_side,
)
from crmusage.history import NEVER, History, months_of
from crmusage.metrics import Contrast, contrast, share
from crmusage.model import Measure, Norm, Onset, Period, Text, Undefined
from crmusage.rules import Rulebook

MIN_GROUP = 5
"""Groups of fewer persons are never told of, unless the caller asks for it, as everywhere."""
METHOD = "over-dispersed funnel, unit left out of its own norm"
SAMPLE = 20
"""Cases that are shown as examples."""


@attrs.frozen
class Discovery(Sequence[UnwrittenUsage]):
    """The usages found, those that matter most first; and what was tried, left out and could not be seen."""

    usages: tuple[UnwrittenUsage, ...]
    by: tuple[str, ...]
    as_of: dt.datetime
    tried: int
    """Tests made: patterns between activities, by group and stretch of time. All were paid for."""
    signs: int
    """Of those, how many set a group apart; sides of one usage were put together."""
    assessed: tuple[Group, ...]
    """The groups that were looked at."""
    not_assessable: Mapping[Group, Text]
    """The others, and why not."""
    left_out: Mapping[str, int]
    """Cases and events that nobody worked on by hand, by reason: they are not held against people."""
    of_one_person: int
    """Usages that a single person makes: those are no group's, and are not told."""
    of_a_season: int
    """Usages that come and go with a few months: campaigns, not told either."""
    written: int
    """Usages that follow from a rule of the book: those are written."""
    level: float = LEVEL
    untried: tuple[str, ...] = ()
    """Attributes whose values were not tried as conditions, as there were too many."""

    @overload
    def __getitem__(self, place: int) -> UnwrittenUsage: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[UnwrittenUsage, ...]: ...
    def __getitem__(self, place: int | slice) -> UnwrittenUsage | tuple[UnwrittenUsage, ...]:
        """A usage, by its place."""
        return self.usages[place]

    def __len__(self) -> int:
        """How many usages were found."""
        return len(self.usages)

    def __iter__(self) -> Iterator[UnwrittenUsage]:
        """One usage after the other."""
        return iter(self.usages)

    def of(self, nature: Nature | str) -> tuple[UnwrittenUsage, ...]:
        """The usages of one nature: parasitic, promising, habit."""
        return tuple(usage for usage in self.usages if usage.nature == Nature(nature))

    def explain(self, lang: str = "en") -> str:
        """What was looked at and what was found, as plain text in `lang` ("en" or "fr")."""
        from crmusage.discovery._digest import digest

        return digest(self, lang)


def discover(
    history: History,
    by: str | Iterable[str] = "unit",
    *,
    rulebook: Rulebook | None = None,
    min_group: int = MIN_GROUP,
    level: float = LEVEL,
) -> Discovery:
    """Find the rules that a group keeps, that its peers do not keep, and that are written nowhere.

    Every template of the discovery set is tried between every two activities, with and without the usual delays and
    the values of attributes, over the whole time and over its later part, for every group; a case counts once. What
    sets a group apart from its peers by more than they differ among themselves, and by enough to matter, is told.

    Args:
        history: what happened.
        by: unit, profile, region, tenure, or several of them: then groups are what people have in all of them.
        rulebook: the written rules; the active ones are what a usage may contradict or follow from.
        min_group: groups of fewer persons are not told of; 1: every group may be, also of unknown size.
        level: of the usages told, the share that may be false.

    Raises:
        CrmUsageError: when `by` names something else, or `level` is no share.
    """
    traits = checked(by)
    grouping = grouped(history, traits)
    known = sizes(history, traits, grouping)
    return discovered(
        log_of(history, traits, grouping),
        traits,
        as_of=history.as_of,
        sizes_=known,
        rulebook=rulebook,
        min_group=min_group,
        level=level,
    )


def discovered(
    log: Log,
    by: tuple[str, ...],
    *,
    as_of: dt.datetime,
    sizes_: Mapping[Group, int],
    rulebook: Rulebook | None = None,
    min_group: int = MIN_GROUP,
    level: float = LEVEL,
) -> Discovery:
    """The same, of what was read of a history."""
    log, left_out = guarded(log)
    too_small = {
        group: reason
        for group in log.groups
        if (reason := _unreportable(group, sizes_, min_group)) is not None
    }
    reportable = np.array([group not in too_small for group in log.groups], dtype=bool)
    swept = sweep(log)
    company = Company(log)
    telling = company.tells_outcome()
    answers = frozenset(code for code, name in enumerate(log.activities) if name in ANSWERS)
    found = screen(swept, reportable, results=Results(telling, answers), level=level)
    weighed, of_one_person, of_a_season = _weighed(log, swept, found, company, telling)
    usages, written = judged(weighed, rulebook or Rulebook())
    return Discovery(
        usages=usages,
        by=by,
        as_of=as_of,
        tried=found.tried,
        signs=len(found.signs),
        assessed=tuple(group for group, ok in zip(log.groups, found.tested, strict=True) if ok),
        not_assessable={
            group: too_small.get(group, _TOO_FEW)
            for group, ok in zip(log.groups, found.tested, strict=True)
            if not ok
        }
        or ({} if log.groups else {Group(): _NOBODY}),
        left_out=left_out,
        of_one_person=of_one_person,
        of_a_season=of_a_season,
        written=written,
        level=level,
        untried=swept.untried,
    )


_TOO_FEW = Text(
    "too few cases, of its own or of its peers, to hold anything against it",
    "trop peu de dossiers, chez lui ou chez les autres, pour toute comparaison",
)
_NOBODY = Text("nothing belongs to any group", "rien n'est rattaché à un groupe")


def _unreportable(group: Group, known: Mapping[Group, int], min_group: int) -> Text | None:
    if min_group <= 1 or known.get(group, 0) >= min_group:
        return None
    if group not in known:
        return both(lambda w: w.pick("nobody knows how many persons it has", "effectif inconnu"))
    return both(
        lambda w: w.pick(
            f"fewer than {min_group} persons: nobody is singled out",
            f"moins de {min_group} personnes : personne n'est montré du doigt",
        )
    )


def _weighed(
    log: Log, swept: Swept, found: Screened, company: Company, telling: frozenset[int]
) -> tuple[list[Weighed], int, int]:
    first = int(min(log.at.min(initial=NEVER), log.created.min(initial=NEVER)))
    weighed, of_one_person, of_a_season = [], 0, 0
    for group in sorted({sign.group for sign in found.signs}):
        signs = sorted((s for s in found.signs if s.group == group), key=lambda s: -s.distance)[:MOST]
        near = close(log, group, signs, first)
        for family in families(signs, near, log.activities):
            if one_person(near, family.place, family.sign):
                of_one_person += 1
                continue
            one = _weigh(log, swept, company, near, family, signs, telling, first)
            since = _month(first + (log.as_of - first) * family.sign.look // PERIODS)
            if is_steady(one.usage.series, one.usage.onset, family.sign, since):
                weighed.append(one)
            else:
                of_a_season += 1
    return weighed, of_one_person, of_a_season


def _weigh(
    log: Log,
    swept: Swept,
    company: Company,
    near: Close,
    family: Family,
    signs: Sequence[Sign],
    telling: frozenset[int],
    first: int,
) -> Weighed:
    sign, place = family.sign, family.place
    of = series(near, place)
    began, phase = dated(of, sign.middle, _month(log.as_of))
    circular = bool({sign.activity, sign.target} & telling)
    comparable = [p for p in family.places if not {signs[p].activity, signs[p].target} & telling]
    side = telling_side(near, comparable)
    alone = _ONE_SIDED if comparable else _CIRCULAR
    own = share(sign.kept, sign.n, name="kept")
    others = share(sign.peers_kept, sign.peers_n, name="kept")
    apart = contrast(sign.kept, sign.n, sign.peers_kept, sign.peers_n)
    assert isinstance(own, Measure)  # noqa: S101 - what was tested has cases on both sides
    assert isinstance(others, Measure)  # noqa: S101 - as above
    assert isinstance(apart, Contrast)  # noqa: S101 - as above
    starts = first + (log.as_of - first) * sign.look // PERIODS
    since, kinds = _since(began, first), set(log.kind.tolist())
    usage = UnwrittenUsage(
        group=log.groups[sign.group],
        constraint=constraint_of(sign, log.activities),
        others=tuple(constraint_of(other, log.activities) for other in family.others),
        measure=own,
        peers=others,
        norm=None if np.isnan(sign.low) else Norm(sign.middle, sign.low, sign.high, sign.peers, METHOD),
        contrast=apart,
        p_value=sign.p_value,
        q_value=sign.q_value,
        period=Period(_day(starts), _day(log.as_of) + dt.timedelta(days=1)),
        onset=began,
        phase=phase,
        distortions=company.distortions(sign.group),
        inside=alone if side is None else inside(near, side, signs[side].pattern),
        inside_q=None,
        outside=company.outside(sign.group, since),
        between=None if circular else between(log, *_by_group(swept, sign)),
        nature=Nature.HABIT,
        reason=Text("", ""),
        contradicts=(),
        cases=tuple(near.log.case_ids[near.kept[place]][:SAMPLE].tolist()),
        series=of,
        kind=kinds.pop() if len(kinds) == 1 else None,
    )
    return Weighed(usage, company.selected(sign.group, since))


def _by_group(swept: Swept, sign: Sign) -> tuple[Int64, Int64]:
    """Kept and tested cases of each group, in the look of the sign."""
    if sign.target < 0:
        k = swept.of_cases.index(sign.pattern)
        kept, n = (
            table[:, sign.look :, sign.activity] for table in (swept.case_kept[k], swept.case_decided[k])
        )
    else:
        k = swept.pairs.index(sign.pattern)
        both_ = (swept.kept[k], swept.decided[k])
        kept, n = (table[:, sign.look :, sign.activity, sign.target] for table in both_)
    return kept.sum(axis=1, dtype=np.int64), n.sum(axis=1, dtype=np.int64)


def _since(onset: Onset | Undefined, first: int) -> int:
    # From when it surely had begun: what was entered before would blur it.
    began = onset.high or onset.value if isinstance(onset, Onset) else None
    if began is None:
        return first
    return int(np.datetime64(began, "us").astype(np.int64))


def _month(instant: int) -> int:
    return int(months_of(np.array([instant]))[0])


def _day(instant: int) -> dt.date:
    return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=instant)).date()


_CIRCULAR = Undefined(
    "odds_ratio", Text("the usage is about the outcome itself", "l'usage porte sur l'issue elle-même")
)
_ONE_SIDED = Undefined(
    "odds_ratio",
    Text(
        "too few decided cases with it, or without",
        "trop peu de dossiers décidés avec cet usage, ou sans lui",
    ),
)
