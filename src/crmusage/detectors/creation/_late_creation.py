from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import ClassVar

import attrs
import numpy as np

from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._deals import BORN_WON_WITHIN, SAMPLE, Deals, merge_deals, tally_deals
from crmusage.detectors._peers import FEWEST_OF_PEER, Held, Totals, held
from crmusage.detectors._sheet import Sheet, sheet_of
from crmusage.detectors._words import NO_UNIT, TOO_FEW_PEERS, both, left_out, said, too_few
from crmusage.detectors.creation._late_creation_told import Found, finding
from crmusage.history import History
from crmusage.metrics import (
    Change,
    benjamini_hochberg,
    change_point,
)
from crmusage.model import Assessment, Measure, Onset, Outcome, Scope, Text, Wording

SURE = 0.05
"""Of what is found at most so many are false (after adjustment), and so rarely a steady share seems to have
changed."""

ALMOST_ALL = 0.80
"""Almost nothing is lost when at least this is won: half-way between an excellent honest 60 % and the 99 % of
the case that the project starts from."""

AT_LEAST = 0.70
"""And the lower limit of the win rate is at least this: surely above the excellent honest 60 %. To ask 80 %
of the limit too would ask of a small unit that it wins 29 of 30, even if it enters one deal in twenty in
time."""

FEWEST = 20
"""Opportunities won or lost; of fewer nothing is said. With 20, the limit is reached if one is lost."""

BEGUN = 0.5
"""A usage began where the share before was at most this part of the share since; else it has only grown.
Guessed."""

MOST = 0.5
"""A rise to more than half of the entries, though too recent to be judged, is said to be so. Guessed."""


@attrs.frozen(eq=False)
class _Reading:
    """One unit over the time that it is judged on, held against its peers over the same time."""

    unit: int
    totals: Totals
    onset: Onset
    tries: int
    """The choices of time that could have been made, weighed: what a p-value is multiplied with."""
    late: Held
    wins: Held
    cycle: Held

    @property
    def p_values(self) -> tuple[float, float, float]:
        """How likely so many late entries, so many wins and so short cycles are among the peers."""
        p = (self.late.standing.p_above, self.wins.standing.p_above, self.cycle.standing.p_below)
        return tuple(min(1.0, self.tries * one) for one in p)  # type: ignore[return-value]  # three of three


@attrs.frozen
class LateCreation:
    """Opportunities that are entered when the customer has already said yes."""

    code: ClassVar[str] = "CU112"
    name: ClassVar[str] = "late-creation"
    title: ClassVar[Text] = said(
        en="Opportunities that are entered when the customer has already said yes",
        fr="Opportunités saisies quand le client a déjà dit oui",
    )
    about: ClassVar[Text] = said(
        en="A unit enters its opportunities only once the customer has said yes: its sales cycle is a few "
        "days, it wins nearly everything, and what it loses is never seen. It is found when three figures "
        "are far from the peers' together: the share of its opportunities that were already won when "
        "entered (won within 72 hours, or after a yes dated before the entry), its win rate, of at least "
        "80% (the lower limit at least 70%), and its sales cycle. Each is held against the other units "
        "over the same time (over-dispersed funnel, Benjamini-Hochberg), since the day from which the "
        "share rose, if it did. Imports, merges, programs, deleted entries and bursts of ten entries in "
        "five minutes are left out first. A unit that sells fast and loses as others do is not found, nor "
        "one that wins nearly everything after a long cycle. A unit that only takes orders may look the "
        "same.",
        fr="Une unité ne crée ses opportunités qu'une fois l'accord du client obtenu : cycle de vente de "
        "quelques jours, presque tout est gagné, et ce qui est perdu ne se voit jamais. Elle est signalée "
        "lorsque trois chiffres s'écartent ensemble de ceux de ses pairs : la part d'opportunités déjà "
        "gagnées à leur création (gagnées en moins de 72 heures, ou après un accord antérieur à la "
        "saisie), le taux de succès, d'au moins 80 % (borne basse d'au moins 70 %), et le cycle de vente. "
        "Chacun est comparé aux autres unités sur la même période (entonnoir avec surdispersion, "
        "Benjamini-Hochberg), depuis le jour où la part a augmenté le cas échéant. Importations, fusions, "
        "automates, fiches supprimées et rafales de dix saisies en cinq minutes sont d'abord écartés. Une "
        "unité qui vend vite mais perd comme les autres n'est pas signalée, ni celle qui gagne presque "
        "tout au terme d'un long cycle. Une unité qui ne fait que prendre des commandes peut avoir la même "
        "allure.",
    )
    needs: ClassVar[Needs] = Needs(
        {"cases": ("created_at", "closed_at", "outcome", "unit")}, kind="opportunity"
    )

    within: dt.timedelta = BORN_WON_WITHIN
    """An opportunity won within so long of its entry was won when it was entered."""

    def tally(self, part: History) -> Deals:
        """The opportunities of a part of a history."""
        return tally_deals(part, self.within)

    def merge(self, one: Deals, other: Deals) -> Deals:
        """Those of two parts."""
        return merge_deals(one, other)

    def judge(self, tally: Deals, context: Context) -> Judgement:
        """Which units enter their opportunities late."""
        sheet = sheet_of(tally)
        whole = Totals.of(sheet)
        readings: list[_Reading] = []
        assessments: list[Assessment] = []
        for unit, name in enumerate(sheet.units):
            reason = context.unreportable(name)
            reading = reason or _read(sheet, whole, unit, context.seed)
            if isinstance(reading, _Reading):
                readings.append(reading)
            else:
                assessments.append(Assessment(self.code, Scope(name), Outcome.NOT_ASSESSABLE, reading))
        if not sheet.units:
            return Judgement.not_assessable(self.code, NO_UNIT)
        q_values = _adjusted(readings)
        findings = []
        for reading, q in zip(readings, q_values, strict=True):
            name = sheet.units[reading.unit]
            if max(q) >= SURE or not _hardly_loses(reading.wins.measure):
                assessments.append(Assessment(self.code, Scope(name), Outcome.CLEAR))
                continue
            findings.append(finding(self, sheet, _found(reading, q, sheet, tally, len(readings)), context))
            assessments.append(Assessment(self.code, Scope(name), Outcome.FOUND))
        assessments.sort(key=lambda assessment: assessment.scope.unit or "")
        return Judgement(tuple(findings), tuple(assessments))


_DAY = 24 * 60  # minutes


def _hardly_loses(wins: Measure) -> bool:
    return wins.value >= ALMOST_ALL and wins.low is not None and wins.low >= AT_LEAST


def _read(sheet: Sheet, whole: Totals, unit: int, seed: int) -> _Reading | Text:
    """The unit's three figures among its peers; or why it cannot be judged."""
    # Of everything entered, not of what was won: of the latest entries only the quick ones are won yet, so
    # that the share of quick ones among the won rises for everybody at the end of the data.
    change = change_point(sheet.months, sheet.late[unit], sheet.entered[unit], direction="up", seed=seed)
    if isinstance(change, Change) and change.p_value <= SURE and change.before <= BEGUN * change.after:
        day = _on_the_day(sheet, unit)
        since = Totals.of(sheet, sheet.entries.minute >= day.at * _DAY)
        if since.decided[unit] >= FEWEST:
            onset = Onset(
                _date(day.at), low=_date(day.low), high=_date(day.high), before=day.before, after=day.after
            )
            # Half of the chance of error goes to judging all time, half is shared by the months in which it
            # could have begun; days of one month have nearly all entries in common.
            return _held(since, unit, onset, 2 * (len(sheet.months) - 1))
        if day.after > MOST:
            return _too_recent(day, int(since.decided[unit]))
    if whole.decided[unit] < FEWEST:
        return _too_few(int(whole.decided[unit]), sheet.out(unit))
    return _held(whole, unit, Onset(None, after=float(whole.late[unit] / whole.entered[unit])), 2)


def _on_the_day(sheet: Sheet, unit: int) -> Change:
    """The change that the months have told, to the day."""
    mine = sheet.entries.unit == unit
    days, place = np.unique(sheet.entries.minute[mine] // _DAY, return_inverse=True)
    late, entered = np.zeros(len(days), dtype=np.int64), np.zeros(len(days), dtype=np.int64)
    np.add.at(late, place, sheet.entries.late[mine])
    np.add.at(entered, place, sheet.entries.n[mine])
    change = change_point(days, late, entered, direction="up", draws=0)
    assert isinstance(change, Change)  # noqa: S101 - there are no fewer days than months
    return change


def _date(day: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=day)


def _held(totals: Totals, unit: int, onset: Onset, tries: int) -> _Reading | Text:
    late = held(totals.late_share(unit), totals.late_shares.standing(unit))
    wins = held(totals.win_rate(unit), totals.win_rates.standing(unit))
    cycle = held(totals.cycle(unit), totals.cycles.standing(unit))
    if late is None or wins is None or cycle is None:
        won = int(totals.won[unit])
        return TOO_FEW_PEERS if won >= FEWEST_OF_PEER else _too_few_won(won)
    return _Reading(unit, totals, onset, tries, late, wins, cycle)


def _adjusted(readings: list[_Reading]) -> list[tuple[float, float, float]]:
    if not readings:
        return []
    p_values = np.array([reading.p_values for reading in readings])
    columns = [benjamini_hochberg(p_values[:, figure]) for figure in range(3)]
    return [(float(a), float(b), float(c)) for a, b, c in zip(*columns, strict=True)]


def _found(
    reading: _Reading, q: tuple[float, float, float], sheet: Sheet, tally: Deals, judged: int
) -> Found:
    name = sheet.units[reading.unit]
    since = reading.onset.value
    first = None if since is None else (since - dt.date(1970, 1, 1)).days * _DAY
    return Found(
        unit=reading.unit,
        name=name,
        totals=reading.totals,
        onset=reading.onset,
        figures=(reading.late, reading.wins, reading.cycle),
        p_values=reading.p_values,
        q_values=q,
        judged=judged,
        cases=_sample(
            case_id
            for (unit, _), examples in tally.examples.items()
            if unit == name
            for case_id, creator, minute in examples
            if (creator, minute) not in sheet.bursts and (first is None or minute >= first)
        ),
    )


def _sample(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(ids)[:SAMPLE])


def _too_few(decided: int, out: dict[str, int]) -> Text:
    text = too_few(decided, FEWEST)
    if not out:
        return text
    return both(
        lambda w: w.of(text) + w.pick(f" (left out: {left_out(w, out)})", f" (écartées : {left_out(w, out)})")
    )


def _too_few_won(won: int) -> Text:
    return both(
        lambda w: w.pick(
            f"only {w.count(won, 'opportunity')} won: too few for a typical cycle",
            f"{w.count(won, 'opportunity')} {w.agree(won, 'gagnée', 'gagnées')} seulement : trop peu pour un "
            "cycle typique",
        )
    )


def _too_recent(change: Change, decided: int) -> Text:
    def say(w: Wording) -> str:
        month, share = w.month(_date(change.at)), w.value(change.after, "share")
        return w.pick(
            f"since {month} {share} of what it enters is already won, but only "
            f"{w.count(decided, 'opportunity')} {w.agree(decided, 'has', 'have')} been decided since; {FEWEST} "
            "are needed",
            f"depuis {month}, {share} de ses saisies sont déjà gagnées, mais {w.count(decided, 'opportunity')} "
            f"seulement {w.agree(decided, 'a été décidée', 'ont été décidées')} depuis ; il en faut {FEWEST}",
        )

    return both(say)
