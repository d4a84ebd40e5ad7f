"""Tables as they came, turned into the tables of a history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import attrs
import polars as pl

from crmusage.errors import ContractError
from crmusage.history._admit import Admitted, Raw, admit
from crmusage.history._cases import DERIVED, Ending, close_by_events, closed_by_events, derive
from crmusage.history._contract import TABLES, empty
from crmusage.history._instants import check_zone
from crmusage.history._mapping import LogMapping
from crmusage.history._meanings import with_known_meanings, with_meanings
from crmusage.history._order import in_order, positions
from crmusage.history._pseudonyms import Pseudonyms, as_they_came
from crmusage.history._set_aside import Ledger
from crmusage.history._sound import (
    AS_THEY_STAND,
    forwards,
    latest,
    of_known_cases,
    sound_cases,
    straggling,
    unlike,
    until,
)
from crmusage.model import SetAside, Text


@attrs.frozen
class Wishes:
    """What the caller asked for."""

    as_of: dt.datetime | None = None
    zone: str | None = None
    ordered: bool = False
    pseudonyms: Pseudonyms | None = None
    mapping: LogMapping = attrs.field(factory=LogMapping)

    @classmethod
    def checked(
        cls,
        *,
        as_of: dt.datetime | None,
        zone: str | None,
        ordered: bool,
        pseudonymise: str | bytes | None,
        mapping: LogMapping | None = None,
    ) -> Wishes:
        """The wishes, if they make sense.

        Raises:
            ContractError: for an instant without a zone, an unknown zone or an empty secret.
        """
        mapping = mapping or LogMapping()
        zone = zone or mapping.zone
        if as_of is not None and (getattr(as_of, "tzinfo", None) is None):
            raise ContractError(
                f"as_of is a datetime with a zone, not {as_of!r}: datetime(2026, 10, 31, tzinfo=timezone.utc)"
            )
        if zone is not None:
            check_zone(zone)
        return cls(
            None if as_of is None else as_of.astimezone(dt.UTC),
            zone,
            ordered or mapping.ordered,
            None if pseudonymise is None else Pseudonyms(pseudonymise),
            mapping,
        )


@attrs.frozen
class Made:
    """All that a history holds."""

    tables: Mapping[str, pl.DataFrame]
    as_of: dt.datetime
    given: frozenset[str]
    columns_given: Mapping[str, frozenset[str]]
    set_aside: tuple[SetAside, ...]
    notes: tuple[Text, ...]


def make(
    raws: Iterable[Raw], wishes: Wishes, *, ledger: Ledger | None = None, notes: Iterable[Text] = ()
) -> Made:
    """A history's tables from tables as they came.

    Raises:
        ContractError: when tables as a whole break the contract; all reasons in one message.
    """
    ledger = ledger or Ledger()
    told = list(notes)
    raws = list(raws)
    admitted = _admitted(raws, wishes, ledger)
    given = frozenset(raw.table for raw in raws if not raw.partial)
    tables = {name: admitted[name].frame if name in admitted else empty(name) for name in TABLES}
    tables["vocabulary"] = with_known_meanings(tables["vocabulary"], ledger)
    events = with_meanings(tables["events"], tables["vocabulary"], wishes.mapping, told)
    if wishes.ordered and events.height and events.select(pl.col("seq").null_count()).item() == events.height:
        # Nothing else tells the order; where `seq` tells some of it, the rest is a tie whatever the rows' order.
        events = events.with_columns(seq=positions(events))
    events = until("events", events, wishes.as_of, ledger)
    if "cases" in given:
        cases = unlike(tables["cases"], ledger)
    else:
        events = in_order(events)
        partial = admitted.get("cases")
        cases = derive(
            events,
            None if partial is None else unlike(partial.frame.select(sorted(partial.given)), ledger),
            kind=wishes.mapping.kind,
            ending=Ending.of(wishes.mapping.closing),
            told=next((raw.told for raw in raws if raw.table == "events"), {}),
            zone=wishes.zone,
            ledger=ledger,
            notes=told,
        )
        if "events" in given:
            told.append(DERIVED)
    came = cases.height
    cases, undone = sound_cases(cases, wishes.as_of, ledger)
    if "cases" in given or cases.height < came:
        came_ids = admitted["cases"].ids if "cases" in given else events["case_id"]
        events = of_known_cases(events, cases, came_ids, ledger)
    if "cases" in given:
        events = in_order(events)
    cases, taken = close_by_events(
        cases, events, Ending.of(wishes.mapping.closing), but=undone, ledger=ledger
    )
    if taken and "cases" in given:
        told.append(closed_by_events(taken))
    tables["cases"] = pl.concat([empty("cases"), cases], how="diagonal_relaxed").sort("case_id")
    tables["events"] = events
    for name in TABLES:
        if name not in {"cases", "events"}:
            settled = until(name, tables[name], wishes.as_of, ledger) if name in _HAPPENINGS else tables[name]
            tables[name] = in_order(forwards(name, settled, ledger))
    if wishes.pseudonyms is not None:
        told.extend(as_they_came(tables, {name for raw in raws for name in raw.persons}))
    columns = {name: one.given for name, one in admitted.items()}
    columns["cases"] = columns.get("cases", frozenset()) | frozenset(wishes.mapping.cases)
    as_of = wishes.as_of
    if as_of is None:
        as_of = latest(tables)
        told.extend(straggling(tables["events"]["at"], as_of))
    elif any(entry.reason.endswith("after as_of") for entry in ledger) and "cases" in given:
        told.append(AS_THEY_STAND)
    return Made(
        MappingProxyType(tables),
        as_of,
        given,
        MappingProxyType({name: columns.get(name, frozenset()) for name in TABLES}),
        tuple(ledger),
        tuple(told),
    )


_HAPPENINGS = ("sessions", "acknowledgements")
"""Besides events, the tables whose rows happened at an instant."""


def _admitted(raws: Iterable[Raw], wishes: Wishes, ledger: Ledger) -> dict[str, Admitted]:
    faults: list[str] = []
    admitted: dict[str, Admitted] = {}
    for raw in raws:
        if raw.table == "cases" and not raw.partial and wishes.mapping.cases:
            faults.append(
                f"{raw.where}: cases come from this table, and the mapping tells them too; take its cases out"
            )
        if not raw.frame.width:
            # Nothing at all, not even headers: a table without rows.
            admitted[raw.table] = Admitted(empty(raw.table), frozenset(), None)
            continue
        one = admit(raw, ledger, faults, zone=wishes.zone, pseudonyms=wishes.pseudonyms)
        if one is not None:
            admitted[raw.table] = one
    if len(faults) == 1:
        raise ContractError(faults[0])
    if faults:
        listed = "\n".join(f"  {fault}" for fault in faults)
        raise ContractError(f"{len(faults)} things keep the data from being read:\n{listed}")
    return admitted
