"""How many ways of working there are: which groups work alike, and how far the others are from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs
import numpy as np

from crmusage.discovery._group import Group, checked, grouped, sizes
from crmusage.discovery._guard import guarded
from crmusage.discovery._log import Floats, Int64, Log, log_of
from crmusage.discovery._screen import FEWEST
from crmusage.history import NEVER, History
from crmusage.metrics import divergences
from crmusage.model import MapFigure, MapPoint, Text

ALIKE = 0.1
"""Bits of divergence, over what chance gives, within which groups work alike. Guessed, after simulated companies in
which nothing is planted: there the department furthest from the others is about half as far."""
_DRAWS = 20
"""Random dealings of the cases to the groups, to see what chance gives for groups of these sizes."""


@attrs.frozen
class Ways:
    """Ways of working, and who works so."""

    groups: tuple[Group, ...]
    """Those that were compared, in order."""
    cases: tuple[int, ...]
    """Of each."""
    apart: tuple[tuple[float, ...], ...]
    """How unlike each two of them are in what follows what, in bits (0 to 1), over what chance gives."""
    ways: tuple[tuple[Group, ...], ...]
    """Groups that work alike, the largest number of cases first."""
    places: tuple[tuple[float, float], ...]
    """Of each group on a map on which distances stand for how unlike they are, as well as a plane can."""
    not_assessable: Mapping[Group, Text]

    def figure(self, title: Text | None = None) -> MapFigure:
        """The map, to be drawn: `crmusage.report.ways_chart` makes SVG of it."""
        way = {group: k for k, members in enumerate(self.ways) for group in members}
        return MapFigure(
            title or Text("Who works alike", "Qui travaille de la même façon"),
            tuple(
                MapPoint(Text(group.into("en"), group.into("fr")), x, y, float(n), way[group])
                for group, (x, y), n in zip(self.groups, self.places, self.cases, strict=True)
            ),
        )

    def explain(self, lang: str = "en") -> str:
        """Who works alike, as plain text in `lang` ("en" or "fr")."""
        from crmusage.discovery._ways_told import told

        return told(self, lang)


def ways(history: History, by: str | Iterable[str] = "unit", *, min_group: int = 5, seed: int = 0) -> Ways:
    """Compare what follows what in the work of groups of people.

    Args:
        history: what happened.
        by: as for `discover`.
        min_group: groups of fewer persons are not compared.
        seed: for the random dealings.

    Raises:
        CrmUsageError: when `by` names something else.
    """
    traits = checked(by)
    grouping = grouped(history, traits)
    return ways_of(
        log_of(history, traits, grouping), sizes(history, traits, grouping), min_group=min_group, seed=seed
    )


def ways_of(log: Log, sizes_: Mapping[Group, int], *, min_group: int = 5, seed: int = 0) -> Ways:
    """The same, of what was read of a history."""
    log, _ = guarded(log)
    row, pair, row_group = _steps(log)
    n_groups, kinds = len(log.groups), (len(log.activities) + 1) ** 2
    cases = np.bincount(row_group, minlength=n_groups)
    few = Text(f"fewer than {FEWEST} cases", f"moins de {FEWEST} dossiers")
    small = Text(f"fewer than {min_group} persons", f"moins de {min_group} personnes")
    out = {
        group: small if min_group > 1 and sizes_.get(group, 0) < min_group else few
        for k, group in enumerate(log.groups)
        if (min_group > 1 and sizes_.get(group, 0) < min_group) or cases[k] < FEWEST
    }
    use = np.array([k for k, group in enumerate(log.groups) if group not in out], dtype=np.int64)
    # Only what is compared is dealt anew: who is left out is no part of chance either.
    mine = np.isin(row_group, use)
    _, pair = np.unique(pair, return_inverse=True)
    kinds = int(pair.max(initial=0)) + 1

    def counted(groups: Int64) -> Floats:
        cell = groups[row] * kinds + pair
        return np.bincount(cell, minlength=n_groups * kinds).reshape(n_groups, kinds)[use].astype(np.float64)

    measured = divergences(counted(row_group))
    rng = np.random.default_rng(seed)
    chance = np.zeros_like(measured)
    for _ in range(_DRAWS):
        dealt = row_group.copy()
        dealt[mine] = rng.permutation(row_group[mine])
        chance += divergences(counted(dealt)) / _DRAWS
    apart = np.maximum(measured - chance, 0.0)
    members = _clusters(apart, cases[use])
    groups = tuple(log.groups[k] for k in use)
    return Ways(
        groups=groups,
        cases=tuple(int(cases[k]) for k in use),
        apart=tuple(tuple(float(x) for x in line) for line in apart),
        ways=tuple(tuple(groups[k] for k in way) for way in members),
        places=_places(apart),
        not_assessable=out,
    )


def _steps(log: Log) -> tuple[Int64, Int64, Int64]:
    """What follows what: of each step a number of (case, group) and the pair; and the group of each such number.

    A step counts for who made its second event; the last one, to the end of a closed case, for who made the last event.
    """
    n, case = len(log.activities), log.case
    use = (log.why_not < 0) & (log.group >= 0) & (log.case_why_not[case] < 0)
    begins = np.zeros(log.n_events, dtype=bool)
    begins[log.offsets[:-1][np.diff(log.offsets) > 0]] = True
    before = np.where(begins, n, np.roll(log.activity, 1)).astype(np.int64)
    ends = np.roll(begins, -1) & (log.closed[case] != NEVER)
    at = np.concatenate([np.flatnonzero(use), np.flatnonzero(use & ends)])
    last = np.arange(len(at)) >= np.count_nonzero(use)
    pair = np.where(last, log.activity[at] * (n + 1) + n, before[at] * (n + 1) + log.activity[at])
    key = case[at].astype(np.int64) * max(len(log.groups), 1) + log.group[at]
    keys, row = np.unique(key, return_inverse=True)
    return row, pair.astype(np.int64), keys % max(len(log.groups), 1)


def _clusters(apart: Floats, cases: Int64) -> list[list[int]]:
    """Groups put together while the mean distance between their members is small (average linkage)."""
    clusters = [[k] for k in range(len(apart))]
    while len(clusters) > 1:
        distance = np.array(
            [
                [np.inf if one is other else apart[np.ix_(one, other)].mean() for other in clusters]
                for one in clusters
            ]
        )
        i, j = sorted(int(x) for x in np.unravel_index(np.argmin(distance), distance.shape))
        if distance[i, j] > ALIKE:
            break
        clusters[i] = sorted(clusters[i] + clusters[j])
        del clusters[j]
    return sorted(clusters, key=lambda way: (-int(cases[way].sum()), way))


def _places(apart: Floats) -> tuple[tuple[float, float], ...]:
    """Classical scaling (Torgerson 1952) of the roots of the divergences, which are distances."""
    n = len(apart)
    if n < 2:
        return ((0.0, 0.0),) * n
    centre = np.eye(n) - 1 / n
    values, vectors = np.linalg.eigh(-0.5 * centre @ apart @ centre)
    found = np.zeros((n, 2))
    for axis, k in enumerate(np.argsort(values)[::-1][:2]):
        vector = vectors[:, k]
        # The sign of an axis means nothing: it is fixed, so that equal data give equal pictures.
        sign = 1.0 if vector[int(np.argmax(np.abs(vector)))] >= 0 else -1.0
        found[:, axis] = sign * vector * np.sqrt(max(float(values[k]), 0.0))
    return tuple((float(x), float(y)) for x, y in found)
