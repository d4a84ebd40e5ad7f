from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import SURE, AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._deals import REASONS, Bool, Int64
from crmusage.detectors._grid import Grid, Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.detectors.requests._channels import channels_judged
from crmusage.detectors.requests._hands import HELD, is_request
from crmusage.history import NEVER, Counts, History, Work, months_of
from crmusage.model import Proposal, Text, Verb, Wording

LATE = dt.timedelta(hours=4)
"""Working time after which a request that was sent in should have reached its doer: half a day. Guessed."""

LOST_DAYS = 5
"""Working days without a delivery after which a request counts as lost, if nobody has done anything for it. Guessed."""

MORE = 1.5
"""A unit is told only if it waits so many times as often as the same channels make others wait: else it is the
channel, and that is told by itself. Guessed."""

_ACTS = (*(step for step in HELD if step != "delivered"), "decided", "deferred", "refused", "rerouted",
         "clarification_asked", "documented", "returned", "closed")  # fmt: skip
_FINE, _MINUTE = 1_000_000, 60_000_000
_CLASSES = 60


@attrs.frozen
class Deliveries:
    """The requests of a part of a history that were sent in, and how they arrived."""

    items: Tally
    delays: Counts
    """By unit, channel and class of the delay (-1: lost): requests, and those late or lost."""

    def merge(self, other: Deliveries) -> Deliveries:
        """Both together."""
        return Deliveries(self.items.merge(other.items), self.delays.merge(other.delays))


@attrs.frozen
class SlowTransmitter(AgainstPeers):
    """Requests that the tool delivers late, or loses."""

    code: ClassVar[str] = "CU411"
    name: ClassVar[str] = "slow-transmitter"
    title: ClassVar[Text] = said(
        en="A tool that delivers requests late or loses them",
        fr="Un outil qui remet les demandes en retard ou les perd",
    )
    short: ClassVar[Text] = said(
        en="requests arrive late or never", fr="demandes remises en retard ou jamais reçues"
    )
    measure: ClassVar[str] = "late_or_lost"
    label: ClassVar[Text] = said(
        en="requests delivered late or lost", fr="demandes remises en retard ou perdues"
    )
    things: ClassVar[Text] = said(en="requests sent in", fr="demandes envoyées")
    about: ClassVar[Text] = said(
        en="Between who asks and who acts stands a tool; where it is slow or loses what it carries, both sides blame "
        "each other. Of the requests sent to each unit (submitted), those are counted that took more than four "
        "working hours to be delivered, and those that were not delivered within five working days although nobody "
        "has done anything for them. A unit is named when its share is far above that of its peers (over-dispersed "
        "funnel, Benjamini-Hochberg over the units), by at least 10 points and half as much again, with at least 30 "
        "requests, since the month in which it rose if it did; and when it waits half as often again as others do who "
        "are reached by the same channels (the column `channel` of events or cases, if there is one). A channel that "
        "is slow for everybody is told by itself, for the company: its requests are held against those that reach the "
        "same units by other channels (Mantel-Haenszel), with at least 30 on each side. A night or a weekend "
        "between sending and delivery costs no working time. Requests made by a program, imported, merged or deleted "
        "ones are left out; a request that was worked on although no delivery is recorded has arrived.",
        fr="Entre celui qui demande et celui qui agit, il y a un outil ; s'il est lent ou perd ce qu'il transporte, "
        "chacun accuse l'autre. Parmi les demandes envoyées à chaque unité (submitted), on compte celles qui ont mis "
        "plus de quatre heures ouvrées à lui parvenir, et celles qui ne sont pas arrivées sous cinq jours ouvrés sans "
        "que personne n'ait rien fait pour elles. Une unité est signalée lorsque sa part dépasse nettement celle de "
        "ses pairs (entonnoir avec surdispersion, Benjamini-Hochberg sur les unités), d'au moins 10 points et de "
        "moitié en plus, sur au moins 30 demandes, depuis le mois où elle a augmenté le cas échéant ; et lorsqu'elle "
        "attend moitié plus souvent que les autres unités jointes par les mêmes canaux (colonne `channel` des "
        "événements ou des dossiers, si elle existe). Un canal lent pour tous est signalé à part, pour l'entreprise : "
        "ses demandes sont comparées à celles qui parviennent aux mêmes unités par d'autres canaux (Mantel-Haenszel), "
        "sur au moins 30 de chaque côté. Une nuit ou un week-end entre l'envoi et la remise ne coûte aucun temps "
        "ouvré. Les demandes créées par un automate, importées, fusionnées ou supprimées sont écartées ; une demande "
        "traitée sans remise enregistrée est bien arrivée.",
    )
    needs: ClassVar[Needs] = Needs(
        {"cases": ("unit",), "events": ()},
        activities=("submitted", "delivered"),
        complete=("events.delivered",),
        kind="request",
    )
    witness: ClassVar[tuple[str, Text]] = (
        "delivered",
        said(en="no delivery to it is recorded", fr="aucune remise n'y est enregistrée"),
    )

    def tally(self, part: History) -> Deliveries:
        """The requests of a part that were sent in, those late and lost, by unit and channel."""
        index = part.index
        sent, delivered, acted = _instants(part)
        rows = np.flatnonzero(is_request(part) & (sent != NEVER))
        sent, delivered, acted = sent[rows], delivered[rows], np.minimum(acted, index.closed)[rows]
        in_time, given_up = _limits(part, sent)
        arrived = np.minimum(delivered, index.as_of + 1)
        # Who did something for a request had it, whether its delivery was recorded or not.
        unrecorded = (delivered == NEVER) & (acted != NEVER)
        lost = (delivered == NEVER) & ~unrecorded & (given_up <= index.as_of)
        late = (arrived > in_time) & (in_time <= index.as_of) & ~unrecorded
        known = ~unrecorded & ((delivered != NEVER) | (in_time <= index.as_of))
        rows, sent, delivered, late, lost = (one[known] for one in (rows, sent, delivered, late, lost))
        reason = guard.of_cases(part)[rows]
        items = tally_items(
            part,
            case=rows,
            month=months_of(sent).astype(np.int64),
            hits=late.astype(np.int64),
            n=np.ones(len(rows), dtype=np.int64),
            reason=reason,
            reasons=REASONS,
            extra={"lost": lost.astype(np.int64), "delivered": (delivered != NEVER).astype(np.int64)},
        )
        kept = reason == guard.KEPT
        minutes = np.where(delivered != NEVER, delivered - sent, 0) // _MINUTE
        channel, names = _channels(part, rows)
        delays = Counts.of(
            keys={
                "unit": (index.case_unit[rows][kept], index.units),
                "channel": (channel[kept], names),
                "delay": np.where(delivered != NEVER, _class(minutes), -1)[kept],
            },
            sums={"n": None, "late": late[kept], "lost": lost[kept]},
        )
        return Deliveries(items, delays)

    def lay(self, tally: Any) -> Grid:
        """The tally laid out, with what the same channels would make of others, and how long half and most took."""
        deliveries: Deliveries = tally
        grid = Grid.of(deliveries.items)
        columns = {name: deliveries.delays.column(name) for name in ("unit", "channel", "delay", "n", "late")}
        expected, half, most = (np.zeros_like(grid.sums["n"]) for _ in range(3))
        if not grid.sums["n"].size:
            return attrs.evolve(grid, sums={**grid.sums, "expected": expected, "half": half, "most": most})
        for row, name in enumerate(grid.units):
            mine = columns["unit"] == name
            usual = 0.0
            for channel in {*columns["channel"][mine].tolist()}:
                of_it = columns["channel"] == channel
                n, late = (int(columns[key][of_it & ~mine].sum()) for key in ("n", "late"))
                own = int(columns["n"][of_it & mine].sum())
                # A channel that nobody else has may be like that for anybody, for all that is known.
                usual += own * late / n if n else float(columns["late"][of_it & mine].sum())
            # Constants of a unit stand in the last month, which is part of whatever months it is judged on.
            expected[row, -1] = round(_FINE * usual / max(int(columns["n"][mine].sum()), 1))
            half[row, -1], most[row, -1] = _quantiles(columns["delay"][mine], columns["n"][mine], (0.5, 0.9))
        return attrs.evolve(grid, sums={**grid.sums, "expected": expected, "half": half, "most": most})

    def also(self, grid: Grid, unit: int, months: Bool | None, context: Context) -> bool:
        """It waits more often than others do who are reached by the same channels."""
        del context
        hits, n = (int(grid.total(name, months)[unit]) for name in ("hits", "n"))
        return hits * _FINE >= MORE * n * int(grid.sums["expected"][unit].sum())

    def judge(self, tally: Any, context: Context) -> Judgement:
        """Which units stand out, and which channels are slow for everybody."""
        of_units = super().judge(tally, context)
        deliveries: Deliveries = tally
        if all(one.scope.unit is None for one in of_units.assessments):
            return of_units
        of_channels = channels_judged(self, deliveries.delays, SURE)
        return Judgement(
            (*of_channels.findings, *of_units.findings), (*of_channels.assessments, *of_units.assessments)
        )

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        lost, half, most = (
            seen.sums["lost"],
            _span(w, seen.sums["half"]),
            _span(w, seen.sums["most"]),
        )
        return w.pick(
            f"{seen.unit}: of the requests sent to it{seen.since(w)}, {seen.value(w)} arrived more than four working "
            f"hours later or not at all ({w.number(seen.hits)} of {w.number(seen.n)}, {w.number(lost)} of them lost); "
            f"among its peers {seen.usual(w)}. Half of what arrives does so within {half}, nine in ten within {most}.",
            f"{seen.unit} : parmi les demandes qui lui ont été envoyées{seen.since(w)}, {seen.value(w)} sont arrivées "
            f"plus de quatre heures ouvrées après ou jamais ({w.number(seen.hits)} sur {w.number(seen.n)}, dont "
            f"{w.number(lost)} {w.agree(lost, 'perdue', 'perdues')}), contre {seen.usual(w)} "
            f"chez ses pairs. La moitié de celles qui arrivent le font en moins de {half}, neuf sur dix en moins de "
            f"{most}.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a delivery that is stamped when somebody opens the request, not when it "
            "arrives; then it is the doer who is late, and not the tool. Send one, and watch what is stamped when.",
            "Ce qui pourrait l'infirmer : une remise horodatée à l'ouverture de la demande et non à son arrivée ; "
            "c'est alors le service destinataire qui tarde, et non l'outil. Envoyez-en une et regardez ce qui est "
            "horodaté, et quand.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                both(
                    lambda w: w.pick(
                        f"Have whoever runs the tool follow some late requests of {unit} from hand to hand, and set a "
                        "limit for delivery that the tool itself watches.",
                        f"Faire suivre pas à pas, par l'exploitant de l'outil, quelques demandes tardives de {unit}, "
                        "et fixer un délai de remise que l'outil surveille lui-même.",
                    )
                ),
            ),
            Proposal(
                Verb.ADOPT,
                said(
                    en="Until it is mended, who asks gets a receipt, and asks again if none has come by the next day.",
                    fr="En attendant, celui qui demande reçoit un accusé de réception et relance s'il n'a rien le "
                    "lendemain.",
                ),
            ),
        )


def _instants(part: History) -> tuple[Int64, Int64, Int64]:
    """When each case was first sent in, first delivered after that, and first acted on by a person; NEVER: not."""
    index = part.index
    found = []
    since = np.zeros(index.n_cases, dtype=np.int64)
    for place, activities in enumerate((("submitted",), ("delivered",), _ACTS)):
        at = guard.positions(part, *activities).astype(np.int64)[::-1]
        if place == 2:
            at = at[guard.of_events(part, at) == guard.KEPT]
        at = at[index.at[at] >= since[index.case[at]]]
        first = np.full(index.n_cases, NEVER, dtype=np.int64)
        first[index.case[at]] = index.at[at]
        found.append(first)
        since = found[0]
    return found[0], found[1], found[2]


def _limits(part: History, sent: Int64) -> tuple[Int64, Int64]:
    """Until when a request sent at each instant arrives in time, and after when it counts as lost; NEVER: never."""
    if not len(sent):
        return sent, sent
    work = Work(part.work_calendar, None, None, sent)
    in_time, ends = work.first_with(sent, LATE // dt.timedelta(microseconds=1))
    day, there = work.day_away(sent, LOST_DAYS)
    return np.where(ends, in_time, NEVER), np.where(there, work.clock.start_of(day + 1), NEVER)


def _channels(part: History, rows: Int64) -> tuple[Int64, tuple[str, ...]]:
    """By which channel each request was sent in, as codes into names; -1: not told."""
    told: dict[int, str] = {}
    if "channel" in part.cases.columns:
        told = {row: str(one) for row, one in enumerate(part.cases["channel"].to_list()) if one is not None}
    if "channel" in part.events.columns:
        at = guard.positions(part, "submitted").astype(np.int64)[::-1]
        names = part.events["channel"].gather(at).to_list()
        # The first of each case is written last.
        of_events = zip(part.index.case[at].tolist(), names, strict=True)
        told |= {case: str(one) for case, one in of_events if one is not None}
    labels = tuple(sorted(set(told.values())))
    code = {name: number for number, name in enumerate(labels)}
    return np.array([code[told[row]] if row in told else -1 for row in rows.tolist()], dtype=np.int64), labels


def _class(minutes: Int64) -> Int64:
    steps: Int64 = np.floor(np.log(np.maximum(minutes, 1)) / np.log(1.25)).astype(np.int64)
    return np.minimum(steps, _CLASSES)


def _quantiles(delay: Any, n: Any, parts: tuple[float, ...]) -> tuple[int, ...]:
    """Minutes within which so great a part of what was delivered arrived."""
    table = np.zeros(_CLASSES + 1, dtype=np.int64)
    arrived = delay >= 0
    np.add.at(table, delay[arrived].astype(np.int64), n[arrived].astype(np.int64))
    if not table.any():
        return tuple(0 for _ in parts)
    until = np.cumsum(table) / table.sum()
    return tuple(round(1.25 ** (int(np.searchsorted(until, part)) + 1)) for part in parts)


def _span(w: Wording, minutes: int) -> str:
    for size, unit in ((24 * 60, "days"), (60, "hours")):
        if minutes >= 2 * size:
            return w.value(float(np.ceil(minutes / size)), unit)
    return w.count(minutes, "minute")
