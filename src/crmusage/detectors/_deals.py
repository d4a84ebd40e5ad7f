"""Opportunities as plain sums: what the detectors of the sales funnel have in common."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from crmusage.detectors._once import once
from crmusage.history import NEVER, Counts, History, months_of
from crmusage.metrics import fixed_log

Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

BORN_WON_WITHIN = dt.timedelta(hours=72)
"""A deal won within so long of being entered was won when it was entered. Guessed: a Thursday's yes is
entered on a Monday; a sale that really begins and ends in three days is rare, and the peers tell how rare."""

SHORTEST_DAYS = 1 / 24
"""Shorter cycles count as an hour: what is entered and closed in one sitting says no more than that."""

REASONS = ("deleted", "import", "merge", "cascade", "machine")
"""Why an entry says nothing of how people work: who deleted, copied or generated it did not sell it."""

SAMPLE = 20
"""Cases that are shown as examples."""

_MINUTE = 60_000_000
_DAY = 86_400_000_000
_MOST = 1e13  # an amount beyond it is a fault of typing, and its cents would not add up in 64 bits

Example = tuple[str, int, int]
"""A case, its creator's number, and the minute in which it was entered."""
Examples = Mapping[tuple[str, int], tuple[Example, ...]]
"""By unit and month of entry."""


@attrs.frozen
class Deals:
    """The opportunities of a part of a history.

    Whether an entry was one of a burst shows only in the whole, so entries are kept by creator and minute.
    Creators are numbers made from their ids: no person is in a tally.
    """

    entries: Counts
    """By sort of case, unit, reason to leave it out, creator, minute of entry and month of closing (-1:
    open)."""
    money: Counts
    """Cents by sort of case, unit, currency and month: entered, closed and won in that month."""
    examples: Examples
    """Of those that were won when they were entered."""

    def merge(self, other: Deals) -> Deals:
        """Both together."""
        examples = {
            key: _first((*self.examples.get(key, ()), *other.examples.get(key, ())))
            for key in sorted({*self.examples, *other.examples})
        }
        return Deals(self.entries.merge(other.entries), self.money.merge(other.money), examples)


def tally_deals(part: History, within: dt.timedelta = BORN_WON_WITHIN) -> Deals:
    """Add up the opportunities of a part of a history.

    Args:
        part: cases of kind "opportunity" count, and for histories that have none, whatever was won or lost.
        within: so soon after its entry an opportunity was won when it was entered.
    """
    index, cases = part.index, part.cases
    won, lost = _is(cases["outcome"], "won"), _is(cases["outcome"], "lost")
    # An outcome without a closing time belongs to no month and has no cycle: it is as good as open.
    closed, ended = index.closed, index.closed != NEVER
    won, lost = won & ended, lost & ended
    deal = _is(cases["kind"], "opportunity")
    use = np.flatnonzero(deal | won | lost)
    age = np.where(won, closed - index.created, 0)
    late = won & ((age <= within // dt.timedelta(microseconds=1)) | _yes_before(part))
    creator, reason = creators(part)
    minute = index.created // _MINUTE
    month = np.where(ended, months_of(np.where(ended, closed, 0)), -1)
    logs = np.where(won, fixed_log(age / _DAY, least=SHORTEST_DAYS), 0)
    entries = Counts.of(
        keys={
            "deal": deal[use].astype(np.int64),
            "unit": (index.case_unit[use], index.units),
            "reason": (reason[use], REASONS),
            "creator": creator[use],
            "minute": minute[use],
            "closed": month[use],
        },
        sums={
            "n": None,
            "won": won[use],
            "lost": lost[use],
            "late": late[use],
            "logs": logs[use],
            "squares": (logs**2)[use],
            "span": age[use],
        },
    )
    shown = np.flatnonzero(late & (reason < 0) & (index.case_unit >= 0) & (deal | won))
    return Deals(entries, _money(part, use, deal, won, month), _examples(part, shown, creator, minute))


def merge_deals(one: Deals, other: Deals) -> Deals:
    """Both together, as `Detector.merge` has it."""
    return one.merge(other)


def _is(series: Any, value: str) -> Bool:
    found: Bool = (series == value).fill_null(False).to_numpy()
    return found.astype(bool, copy=False)


def _yes_before(part: History) -> Bool:
    """The customer's yes is dated before the opportunity was entered, or at the same instant."""
    index = part.index
    found = np.zeros(index.n_cases, dtype=bool)
    if "quote_accepted" in index.activities:
        at = index.positions("quote_accepted")
        case = index.case[at]
        found[case[index.at[at] <= index.created[case]]] = True
    return found


@once
def creators(part: History) -> tuple[Int64, npt.NDArray[np.int32]]:
    """Each case's creator as a number, and the place in `REASONS` of why to leave it out (-1: none).

    Where nobody knows the creator the unit stands for one, so that a burst is seen all the same.
    """
    index = part.index
    creator = numbers(part.cases["created_by"])
    reason = np.full(index.n_cases, -1, dtype=np.int32)
    if "created" in index.activities:
        at = index.positions("created")[::-1]  # the first of each case is written last
        case = index.case[at]
        actor = np.zeros(index.n_cases, dtype=np.int64)
        actor[case] = actors(part)[at]
        creator = np.where(creator != 0, creator, actor)
        origin = part.events["origin"].gather(at)
        for word, why in (
            ("automation", "machine"),
            ("cascade", "cascade"),
            ("merge", "merge"),
            ("import", "import"),
        ):
            reason[case[_is(origin, word)]] = REASONS.index(why)
    machines = part.people["person_id"].filter(_is_false(part.people["is_human"]))
    reason[(reason < 0) & np.isin(creator, numbers(machines))] = REASONS.index("machine")
    deleted = part.cases["is_deleted"].fill_null(False).to_numpy().astype(bool)
    reason[deleted] = REASONS.index("deleted")
    of_unit = np.array([0, *(_number(f"unit {unit}") for unit in index.units)], dtype=np.int64)
    return np.where(creator != 0, creator, of_unit[index.case_unit + 1]), reason


def _is_false(series: Any) -> Any:
    return (series == False).fill_null(False)  # noqa: E712 - a column, not a truth


@once
def actors(part: History) -> Int64:
    """A number for who did each event; 0: not known."""
    return numbers(part.events["actor"])


def numbers(series: Any) -> Int64:
    """A number for each text, the same in every part and every run; 0: missing."""
    known = series.drop_nulls().unique().sort()
    table = np.array([0, *(_number(text) for text in known.to_list())], dtype=np.int64)
    ranks = series.rank("dense").fill_null(0).to_numpy().astype(np.int64)
    numbers: Int64 = table[ranks]
    return numbers


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), signed=True)


def _money(part: History, use: Int64, deal: Bool, won: Bool, month: Int64) -> Counts:
    amount = part.cases["amount"].fill_null(0.0).to_numpy()
    sane = np.isfinite(amount) & (np.abs(amount) <= _MOST)
    cents = np.rint(np.where(sane, amount, 0.0) * 100).astype(np.int64)
    deleted = part.cases["is_deleted"].fill_null(False).to_numpy().astype(bool)
    use = use[~deleted[use]]
    over = use[month[use] >= 0]
    nothing_in, nothing_out = np.zeros(len(over), dtype=np.int64), np.zeros(len(use), dtype=np.int64)
    labels = part.cases["currency"].drop_nulls().unique().sort().to_list()
    codes = part.cases["currency"].rank("dense").fill_null(0).to_numpy().astype(np.int64) - 1
    both = np.concatenate([use, over])
    return Counts.of(
        keys={
            "deal": deal[both].astype(np.int64),
            "unit": (part.index.case_unit[both], part.index.units),
            "currency": (codes[both], labels),
            "month": np.concatenate([months_of(part.index.created[use]), month[over]]),
        },
        sums={
            "opened": np.concatenate([cents[use], nothing_in]),
            "closed": np.concatenate([nothing_out, cents[over]]),
            "won": np.concatenate([nothing_out, np.where(won[over], cents[over], 0)]),
        },
    )


def _examples(part: History, shown: Int64, creator: Int64, minute: Int64) -> Examples:
    """By unit and month the first ids in text order, one of each creator and minute.

    A burst that only the whole shows can so take no more than a few of the places.
    """
    index = part.index
    _, first = np.unique(
        np.stack([index.case_unit[shown].astype(np.int64), creator[shown], minute[shown]]),
        axis=1,
        return_index=True,
    )
    rows = shown[np.sort(first)]  # cases stand in the order of their ids
    month = months_of(index.created[rows])
    found: dict[tuple[str, int], list[Example]] = {}
    ids = part.cases["case_id"].gather(rows).to_list()
    for row, month_, case_id in zip(rows.tolist(), month.tolist(), ids, strict=True):
        place = found.setdefault((index.units[index.case_unit[row]], month_), [])
        if len(place) < SAMPLE:
            place.append((case_id, int(creator[row]), int(minute[row])))
    return {key: tuple(found[key]) for key in sorted(found)}


def _first(examples: Iterable[Example]) -> tuple[Example, ...]:
    one_each: dict[tuple[int, int], Example] = {}
    for example in sorted(examples):
        one_each.setdefault(example[1:], example)
    return tuple(one_each.values())[:SAMPLE]
