"""What a group keeps and its peers do not: everything tried is tested, and paid for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import numpy as np

from crmusage.discovery._log import Bool, Floats, Int32, Int64
from crmusage.discovery._pattern import Pattern, Reach
from crmusage.discovery._sweep import Swept
from crmusage.discovery._trials import PERIODS
from crmusage.metrics import FEWEST_PEERS, Standings, exact_above, hierarchical, standings

FEWEST = 30
"""Cases of a group in which a rule must have been put to the test. Thirty is the usual least number for a share."""
FEWEST_OF_PEER = 10
"""A group of fewer says nothing of the norm. Guessed: below it the arc-sine scale is no longer even."""
AT_LEAST = 0.5
"""What a group does in fewer than half of the cases is not its rule. Guessed."""
AT_LEAST_OF_VALUE = 0.9
"""And a value that it gives in fewer than these says which cases come to it, not how it works. Guessed."""
SMALLEST = 0.15
"""So far, in share of cases, a group must be from its peers to matter. Guessed: less is lost in what differs from
month to month."""
LEVEL = 0.05
"""Of all usages that are told, the share that may be false."""

LOOKS = (0, PERIODS // 2, PERIODS - 1)
"""The periods from which each look begins: the whole time, its second half, its last quarter, so that a usage that
began late is not drowned in what was before. Each look counts as tried."""

_CHUNK = 4_000


@attrs.frozen
class Sign:
    """A pattern that one group keeps more than its peers."""

    group: int
    look: int
    """The first of the periods looked at."""
    pattern: Pattern
    activity: int
    target: int
    """-1: the pattern is of one activity."""
    kept: int
    n: int
    peers_kept: int
    peers_n: int
    peers: int
    """Groups that made the norm; below five there was none, and the group stands apart from each of them."""
    middle: float
    low: float
    high: float
    p_value: float
    q_value: float

    @property
    def share(self) -> float:
        """Of the cases in which it was put to the test, those that kept it."""
        return self.kept / self.n

    @property
    def distance(self) -> float:
        """From the peers, on the arc-sine scale (Cohen's h): points count for more near 0 and 1."""
        both = np.arcsin(np.sqrt([self.share, self.middle]))
        return float(2 * (both[0] - both[1]))


@attrs.frozen(eq=False)
class Screened:
    """The signs found, and how many tests that took."""

    signs: tuple[Sign, ...]
    tried: int
    """Tests made: patterns between activities, by group and look."""
    tested: Bool
    """By group: whether anything of it could be tested."""


@attrs.frozen(eq=False)
class _Table:
    """One pattern in one look, or all of them side by side: [G, J]."""

    look: int
    patterns: tuple[Pattern, ...]
    of: Int64
    """The pattern, activity and target of each column: [3, J]."""
    kept: Int64
    n: Int64
    is_conditional: bool = False


def screen(
    swept: Swept, reportable: Bool, *, results: Results | None = None, level: float = LEVEL
) -> Screened:
    """Test every pattern, in every look, for every group that may be told of.

    That a group wins more is a result and no rule, so what says no more than that is not tried (see `Results`).
    """
    n_groups = len(reportable)
    tests = np.zeros((2, n_groups), dtype=np.int64)
    parts: list[tuple[_Table, Floats, dict[tuple[int, int], tuple[Standings, int]], Int64]] = []
    for table in _tables(swept, results or Results()):
        p, stood = _tested(table, reportable)
        tests[int(table.is_conditional)] += np.count_nonzero(~np.isnan(p), axis=1)
        columns = np.flatnonzero((np.nan_to_num(p, nan=1.0) < 1).any(axis=0))
        parts.append((table, p[:, columns], stood, columns))
    width = sum(len(columns) for *_, columns in parts)
    # A family is a group with what was tried of it without a condition, and another with the conditions: so many
    # more tests do not make the plain ones any weaker. What is left out here was tried, and its p-value is 1.
    laid = np.full((2, n_groups, width), np.nan)
    begins = np.cumsum([0, *(len(columns) for *_, columns in parts)])
    for k, (table, p, _, _) in enumerate(parts):
        laid[int(table.is_conditional), :, begins[k] : begins[k + 1]] = p
    hierarchy = hierarchical(laid.reshape(2 * n_groups, width), level=level, tests=tests.ravel())
    members = hierarchy.members.reshape(laid.shape)
    signs = []
    for sort, row, column in np.argwhere(members <= level):
        k = int(np.searchsorted(begins, column, side="right")) - 1
        table, _, stood, columns = parts[k]
        p_value, q = laid[sort, row, column], members[sort, row, column]
        signs.append(_sign(table, stood, int(row), int(columns[column - begins[k]]), p_value, q))
    return Screened(tuple(signs), int(tests.sum()), np.asarray(tests.any(axis=0)))


@attrs.frozen
class Results:
    """Activities that are a result: no way of working is told by whether they come."""

    outcomes: frozenset[int] = frozenset()
    """As good as an outcome. How soon they come, or right after what, may be a way of working."""
    answers: frozenset[int] = frozenset()
    """What the customer does. Nor is it the unit's doing how soon it comes; what must have come before may be."""

    def are(self, pattern: Pattern, of: Int64) -> Bool:
        """Which pairs of activities (or single ones) make a pattern no more than a result: [2, J]."""
        single = of[1] < 0
        pairs = not single.all()
        timeless = pairs and pattern.window is None and pattern.reach in _TIMELESS
        outcome = np.isin(np.where(single, of[0], of[1] if timeless else -1), list(self.outcomes))
        ahead = pairs and pattern.reach in _TO_COME
        answer = np.isin(np.where(single, of[0], of[1] if ahead else -1), list(self.answers))
        result: Bool = (outcome | answer) & (not pattern.is_of_value)
        return result


_TIMELESS = frozenset({Reach.AHEAD, Reach.ANYWHERE, Reach.BEFORE_NEXT})
"""Reaches in which a target only has to come at all."""
_TO_COME = _TIMELESS | {Reach.NEXT}
"""Reaches in which a target has to come, soon or not."""


def _tables(swept: Swept, results: Results) -> Iterator[_Table]:
    """By look, what was counted without a condition and then each condition, columns side by side."""
    plain = [k for k, pattern in enumerate(swept.pairs) if not pattern.is_conditional]
    alike: dict[tuple[str | None, object], list[int]] = {}
    for k, pattern in enumerate(swept.pairs):
        if pattern.is_conditional:
            alike.setdefault((pattern.attribute, pattern.value), []).append(k)
    pairs = [(swept.pairs[k], swept.kept[k], swept.decided[k]) for k in plain]
    cases = list(zip(swept.of_cases, swept.case_kept, swept.case_decided, strict=True))
    for look in LOOKS:
        yield from _table(look, [*pairs, *cases], results, is_conditional=False)
        for places in alike.values():
            counted = [(swept.pairs[k], swept.kept[k], swept.decided[k]) for k in places]
            yield from _table(look, counted, results, is_conditional=True)


def _table(
    look: int,
    counted: Sequence[tuple[Pattern, Int32, Int32]],
    results: Results,
    *,
    is_conditional: bool,
) -> Iterator[_Table]:
    kept: list[Int64] = []
    n: list[Int64] = []
    of: list[Int64] = []
    for k, (pattern, good, decided) in enumerate(counted):
        shape = good.shape[2:]
        of_all = np.indices(shape).reshape(len(shape), -1)
        if len(shape) == 1:
            of_all = np.vstack([of_all, np.full(of_all.shape[1], -1)])
        use = (of_all[0] != of_all[1]) & ~results.are(pattern, of_all)
        for table, counts in ((kept, good), (n, decided)):
            of_look = counts[:, look:].sum(axis=1, dtype=np.int64)
            table.append(of_look.reshape(len(good), use.size)[:, use])
        of.append(np.vstack([np.full(int(use.sum()), k), of_all[:, use]]))
    if counted:
        patterns = tuple(pattern for pattern, _, _ in counted)
        of_all, all_kept, all_n = (np.concatenate(part, axis=1) for part in (of, kept, n))
        yield _Table(look, patterns, of_all, all_kept, all_n, is_conditional)


def _tested(table: _Table, reportable: Bool) -> tuple[Floats, dict[tuple[int, int], tuple[Standings, int]]]:
    """p-values [G, J], NaN where nothing could be tested; and where those stand that are far enough off."""
    kept, n = table.kept, table.n
    all_kept, all_n = kept.sum(axis=0), n.sum(axis=0)
    others, others_n = all_kept - kept, all_n - n
    # What everybody always does, or nobody ever, cannot be told apart: no test was made.
    testable = (n >= FEWEST) & (others_n >= FEWEST) & reportable[:, None]
    testable &= (all_kept > 0) & (all_kept < all_n)
    share = np.divide(kept, n, out=np.zeros(kept.shape), where=n > 0)
    of_others = np.divide(others, others_n, out=np.ones(kept.shape), where=others_n > 0)
    # Nor can what all others do nearly always: whatever the group did, it could not be so far above them. That depends
    # on the others alone, so it is no test that was left out for its result.
    testable &= of_others <= 1 - SMALLEST
    p = np.where(testable, 1.0, np.nan)
    # Those that are not far off can never be found, whatever their p-value: 1 is on the safe side.
    of_value = np.array([pattern.is_of_value for pattern in table.patterns], dtype=bool)[table.of[0]]
    least = np.where(of_value, AT_LEAST_OF_VALUE, AT_LEAST)
    rows, columns = np.nonzero(testable & (share >= least) & (share - of_others >= SMALLEST))
    stood: dict[tuple[int, int], tuple[Standings, int]] = {}
    groups = np.arange(len(kept))
    for begin in range(0, len(rows), _CHUNK):
        g, j = rows[begin : begin + _CHUNK], columns[begin : begin + _CHUNK]
        peers = np.where((n[:, j].T >= FEWEST_OF_PEER) & (groups != g[:, None]), n[:, j].T, 0)
        found = standings(kept[g, j], n[g, j], np.where(peers > 0, kept[:, j].T, 0), peers)
        exact = exact_above(kept[g, j], n[g, j], others[g, j], others_n[g, j])
        # Where there are peers enough, their own differences count as well as chance; the weaker of both is told.
        few = found.peers < FEWEST_PEERS
        p[g, j] = np.where(few, exact, np.fmax(found.p_above, exact))
        near = ~few & (share[g, j] - found.middle < SMALLEST)
        for row in np.flatnonzero(few):
            # How much so few differ by nature nobody can say: then the group must stand apart from each of them.
            there = peers[row] > 0
            hits, sizes = kept[there, j[row]], n[there, j[row]]
            one = exact_above(
                np.full(len(hits), kept[g[row], j[row]]), np.full(len(hits), n[g[row], j[row]]), hits, sizes
            )
            p[g[row], j[row]] = one.max(initial=p[g[row], j[row]])
            near[row] = bool((share[g[row], j[row]] - hits / sizes < SMALLEST).any())
        p[g[near], j[near]] = 1.0
        for place in np.flatnonzero(p[g, j] <= LEVEL):
            stood[int(g[place]), int(j[place])] = found, int(place)
    return p, stood


def _sign(
    table: _Table,
    stood: dict[tuple[int, int], tuple[Standings, int]],
    group: int,
    j: int,
    p: float,
    q: float,
) -> Sign:
    found, place = stood[group, j]
    k, activity, target = (int(x) for x in table.of[:, j])
    kept, n = int(table.kept[group, j]), int(table.n[group, j])
    peers_kept, peers_n = int(table.kept[:, j].sum()) - kept, int(table.n[:, j].sum()) - n
    pooled = peers_kept / peers_n
    few = found.peers[place] < FEWEST_PEERS
    return Sign(
        group=group,
        look=table.look,
        pattern=table.patterns[k],
        activity=activity,
        target=target,
        kept=kept,
        n=n,
        peers_kept=peers_kept,
        peers_n=peers_n,
        peers=int(found.peers[place]),
        middle=pooled if few else float(found.middle[place]),
        low=float("nan") if few else float(found.low[place]),
        high=float("nan") if few else float(found.high[place]),
        p_value=float(p),
        q_value=float(q),
    )
