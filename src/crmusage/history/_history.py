from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
import polars as pl

from crmusage.errors import ContractError
from crmusage.history._admit import Raw
from crmusage.history._attributes import Attributes
from crmusage.history._contract import TABLES, nearest
from crmusage.history._door import Made, Wishes, make
from crmusage.history._frames import frame_of, frame_of_records
from crmusage.history._index import Index, build
from crmusage.history._leaves import BEFORE_LEAVE, BeforeLeave
from crmusage.history._log import as_events
from crmusage.history._mapping import LogMapping
from crmusage.history._ocel_out import write_ocel
from crmusage.history._people import Who
from crmusage.history._read import read
from crmusage.history._xes_out import pm4py_frame, write_xes
from crmusage.model import SetAside, Text
from crmusage.rules import WorkCalendar


@attrs.frozen(eq=False, slots=False, repr=False)
class History:
    """What happened: the tables of the data contract, checked and typed. A value, made once.

    Each table has every column of the contract (empty ones where the source had none), with exact types: ids
    and texts String, instants Datetime("us", "UTC"), days Date, amounts Float64, whole numbers Int64, truths
    Boolean. Other columns follow as attributes. Cases stand by case_id, events by (case_id, at, seq), missing
    seq last.
    """

    as_of: dt.datetime
    """The instant, in UTC, at which the history was looked at: what is open then is pending."""
    cases: pl.DataFrame
    events: pl.DataFrame
    people: pl.DataFrame
    absences: pl.DataFrame
    sessions: pl.DataFrame
    acknowledgements: pl.DataFrame
    vocabulary: pl.DataFrame
    calendar: pl.DataFrame
    coverage: pl.DataFrame
    given: frozenset[str]
    """The tables that the source had; cases that were put together from events are not among them."""
    columns_given: Mapping[str, frozenset[str]]
    """The columns that came with each table."""
    set_aside: tuple[SetAside, ...] = ()
    """Rows and values that could not be used, by reason."""
    notes: tuple[Text, ...] = ()
    """What the reader should know about how the history was made."""

    @classmethod
    def read(
        cls,
        path: str | Path,
        *,
        as_of: dt.datetime | None = None,
        zone: str | None = None,
        ordered: bool = False,
        mapping: LogMapping | str | Path | None = None,
        objects: str | Iterable[str] | Mapping[str, str] | None = None,
        pseudonymise: str | bytes | None = None,
    ) -> History:
        """Read a folder of tables, or one file of events or cases.

        Args:
            path: a folder with `<table>.csv`, `.parquet`, `.jsonl` or `.ndjson` files; or one such file; or
                an event log `.xes` or `.xes.gz`; or objects and events in OCEL 2.0, `.jsonocel` (`.json`),
                `.xmlocel` (`.xml`) or `.sqlite`.
            as_of: forget what came later; by default the latest instant in the data.
            zone: the IANA zone of times that do not tell theirs.
            ordered: the rows of one case stand in the order in which they happened.
            mapping: how a log's columns and activities are called (a value, or a TOML file).
            objects: of OCEL, the types of objects that are cases, which become their kinds; a mapping tells
                the kind of each, as {"orders": "opportunity"}.
            pseudonymise: a secret; ids of persons become keyed hashes.

        Raises:
            SourceError: when a file cannot be read as what it claims to be.
            ContractError: when a table as a whole breaks the contract, or the cases of an OCEL file are not
                chosen and there are several types of objects.
        """
        if mapping is not None and not isinstance(mapping, LogMapping):
            mapping = LogMapping.load(mapping)
        wishes = Wishes.checked(
            as_of=as_of, zone=zone, ordered=ordered, pseudonymise=pseudonymise, mapping=mapping
        )
        found = read(Path(path), wishes, mapped=mapping is not None, objects=objects)
        made = make(found.raws, found.wishes, ledger=found.ledger, notes=found.notes)
        return cls._of(made if found.mark is None else found.mark.told(made))

    @classmethod
    def from_frames(
        cls,
        *,
        as_of: dt.datetime | None = None,
        zone: str | None = None,
        ordered: bool = False,
        pseudonymise: str | bytes | None = None,
        **tables: Any,
    ) -> History:
        """Take frames of any library that exports Arrow: `from_frames(cases=df, events=df2)`.

        Raises:
            ContractError: when a table as a whole breaks the contract, or is none of it.
        """
        wishes = Wishes.checked(as_of=as_of, zone=zone, ordered=ordered, pseudonymise=pseudonymise)
        named = _named(tables)
        return cls._of(
            make([Raw(name, name, frame_of(frame, name)) for name, frame in named.items()], wishes)
        )

    @classmethod
    def from_records(
        cls,
        *,
        as_of: dt.datetime | None = None,
        zone: str | None = None,
        ordered: bool = False,
        pseudonymise: str | bytes | None = None,
        **tables: Iterable[Any],
    ) -> History:
        """Take dicts or attrs values, one a row: `from_records(cases=[...], events=[...])`.

        Raises:
            ContractError: when a table as a whole breaks the contract, or is none of it.
        """
        wishes = Wishes.checked(as_of=as_of, zone=zone, ordered=ordered, pseudonymise=pseudonymise)
        named = _named(tables)
        return cls._of(
            make([Raw(name, name, frame_of_records(rows, name)) for name, rows in named.items()], wishes)
        )

    @classmethod
    def from_log(
        cls,
        log: Any,
        *,
        case: str,
        activity: str | Iterable[str],
        at: str,
        actor: str | None = None,
        unit: str | None = None,
        seq: str | None = None,
        origin: str | None = None,
        recorded_at: str | None = None,
        kind: str = "case",
        meanings: Mapping[str, str] | None = None,
        closing: Mapping[str, str | None] | Iterable[str] | None = None,
        cases: Mapping[str, str] | None = None,
        zone: str | None = None,
        ordered: bool = False,
        as_of: dt.datetime | None = None,
        pseudonymise: str | bytes | None = None,
    ) -> History:
        """Take a plain event log, a frame or a file, with its columns named here. Cases are made from it.

        Args:
            log: a frame that exports Arrow, or the path of a CSV, Parquet, JSON lines or XES file.
            case: the column of case ids.
            activity: the column of activities; several are joined by +.
            at: the column of times.
            actor: the column of who acted.
            unit: the column of the unit that acted.
            seq: the column that tells the order of events at one instant.
            origin: the column of where an event came from (ui, api, automation ...).
            recorded_at: the column of when an event was recorded.
            kind: what a case is: opportunity, request ...
            meanings: what activities mean, as {"A_SUBMITTED": "submitted"}; others keep their name.
            closing: activities (or meanings) that end a case besides won, lost, fulfilled and closed; a
                mapping tells the outcome of each. If nothing ends a case, each is taken as ended at its last
                event.
            cases: the log's columns that tell columns of cases, as {"amount": "AMOUNT_REQ"}.
            zone: the IANA zone of times that do not tell theirs.
            ordered: the rows of one case stand in the order in which they happened.
            as_of: forget what came later; by default the latest instant in the data.
            pseudonymise: a secret; ids of persons become keyed hashes.

        Raises:
            SourceError: when a file cannot be read as what it claims to be.
            ContractError: when the log as a whole breaks the contract, or lacks a column that was named.
        """
        named = {
            "case_id": case,
            "activity": activity if isinstance(activity, str) else tuple(activity),
            "at": at,
            "actor": actor,
            "unit": unit,
            "seq": seq,
            "origin": origin,
            "recorded_at": recorded_at,
        }
        mapping = LogMapping(
            columns={name: source for name, source in named.items() if source is not None},
            cases=cases or {},
            meanings=meanings or {},
            closing=closing,
            kind=kind,
            zone=zone,
            ordered=ordered,
        )
        if isinstance(log, str | Path):
            return cls.read(log, as_of=as_of, mapping=mapping, pseudonymise=pseudonymise)
        wishes = Wishes.checked(
            as_of=as_of, zone=zone, ordered=ordered, pseudonymise=pseudonymise, mapping=mapping
        )
        return cls._of(make([as_events(Raw("events", "the log", frame_of(log, "the log")), mapping)], wishes))

    @classmethod
    def _of(cls, made: Made) -> History:
        tables: Mapping[str, Any] = made.tables
        return cls(
            as_of=made.as_of,
            given=made.given,
            columns_given=made.columns_given,
            set_aside=made.set_aside,
            notes=made.notes,
            **tables,
        )

    @cached_property
    def index(self) -> Index:
        """The events as arrays; made when it is first asked for."""
        since = self.as_of - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
        index = build(self.cases, self.events, since // dt.timedelta(microseconds=1))
        index.prepare()
        return index

    @cached_property
    def attributes(self) -> Attributes:
        """The columns by the names that rules give them."""
        derived = {BEFORE_LEAVE: BeforeLeave(self.who, self.index, self.work_calendar)}
        return Attributes(self.cases, self.events, self.index.case, derived)

    @cached_property
    def who(self) -> Who:
        """Who people are, who has which case when, and who is away."""
        return Who(self.people, self.absences, self.cases, self.events, self.index)

    @cached_property
    def work_calendar(self) -> WorkCalendar:
        """The working time, as the table `calendar` tells it."""
        return WorkCalendar.from_rows(self.calendar.iter_rows(named=True))

    @cached_property
    def began(self) -> int | None:
        """The first instant of anything, in microseconds since 1970 UTC; None: nothing ever happened."""
        firsts = [array.min() for array in (self.index.at, self.index.created) if len(array)]
        return int(min(firsts)) if firsts else None

    def all_of_kind(self, kind: str) -> bool:
        """Whether every case is of one kind."""
        return self._kinds == [kind]

    @cached_property
    def _kinds(self) -> list[str]:
        return self.cases["kind"].unique().sort().to_list()

    def trait(self, name: str) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
        """A column of `people`, such as profile, for each case (its owner's) and event (the actor's, else the owner's).

        Returns:
            Two arrays of texts or None: one a case, one an event.
        """
        of_person = dict(self.people.select("person_id", name).iter_rows())
        owners = self.cases["owner"].replace_strict(of_person, default=None, return_dtype=pl.String)
        actors = self.events["actor"].replace_strict(of_person, default=None, return_dtype=pl.String)
        of_events = pl.select(pl.coalesce(actors, owners.gather(self.index.case))).to_series()
        return (
            np.array(owners.to_list(), dtype=object),
            np.array(of_events.to_list(), dtype=object),
        )

    def parts(self, n: int) -> list[History]:
        """At most `n` histories of whole cases, with about as many events each.

        The first holds what was set aside and the notes.

        Raises:
            ValueError: when `n` is below 1.
        """
        if n < 1:
            raise ValueError(f"a history has at least one part, not {n}")
        offsets = self.index.offsets.astype(np.int64)
        n_cases = self.cases.height
        # An empty case weighs something too.
        weight = offsets + np.arange(n_cases + 1)
        cuts = np.searchsorted(weight, np.linspace(0, weight[-1], n + 1)[1:-1])
        bounds = sorted({0, *(int(cut) for cut in cuts), n_cases})
        spans = list(itertools.pairwise(bounds)) or [(0, 0)]
        return [
            attrs.evolve(
                self,
                cases=self.cases[first:last],
                events=self.events[int(offsets[first]) : int(offsets[last])],
                set_aside=self.set_aside if first == 0 else (),
                notes=self.notes if first == 0 else (),
            )
            for first, last in spans
        ]

    def unit_sizes(self) -> dict[str, int]:
        """How many persons each unit has, by its name.

        Who is in `people` with a unit counts there; others count for the units of their events and cases.
        Teams, queues and those who are said not to be human do not count.
        """
        seen = [
            self.people.filter(pl.col("unit").is_not_null()).select("unit", person="person_id"),
        ]
        placed = seen[0]["person"].unique()
        row = self.cases.select("case_id", of_case="unit")
        acted = self.events.lazy().filter(pl.col("actor").is_not_null()).unique(["case_id", "unit", "actor"])
        acted = acted.join(row.lazy(), on="case_id", how="left")
        own = pl.col("owner_kind").is_null() | (pl.col("owner_kind") == "user")
        others = [
            acted.select(unit=pl.coalesce("unit", "of_case"), person="actor").unique().collect(),
            self.cases.filter(own).select("unit", person="owner"),
            self.cases.select("unit", person="created_by"),
        ]
        machines = self.people.filter(~pl.col("is_human").fill_null(True))["person_id"].unique()
        seen.extend(one.filter(~pl.col("person").is_in(placed.implode())) for one in others)
        persons = pl.concat(seen).drop_nulls().unique().filter(~pl.col("person").is_in(machines.implode()))
        return dict(persons.group_by("unit").len().sort("unit").iter_rows())

    def write_xes(self, path: str | Path) -> None:
        """Write events and cases as an XES log, `.xes` or packed `.xes.gz`; other tables are not in it.

        A trace is a case, in the order of `cases`; the standard extensions' keys tell case, activity, time,
        actor and unit, all other columns are attributes by their own name. `read` gives the same events,
        cases and `as_of` back. A batch of events at a time is in memory as text.

        Raises:
            SourceError: for another ending, or when the file cannot be written.
        """
        write_xes(self, Path(path))

    def write_ocel(self, path: str | Path) -> None:
        """Write the history as OCEL 2.0: `.jsonocel` (`.json`), `.xmlocel` (`.xml`) or `.sqlite`.

        A case is an object of the type of its kind, persons, units and accounts are objects too. An event
        tells its case with the qualifier `case` (or the row's own), and who acted with `actor` and `unit`; a
        case tells owner, created_by, unit, parent_id and account_id likewise. All other columns are
        attributes. A batch of events at a time is in memory as text.

        Raises:
            SourceError: for another ending, or when the file cannot be written.
        """
        write_ocel(self, Path(path))

    def to_pm4py(self) -> pl.DataFrame:
        """The events with their cases' columns in one frame, called as pm4py calls them.

        One row an event: `case:concept:name`, `concept:name`, `time:timestamp`, `org:resource`, `org:group`,
        further columns of events by their name and of cases with `case:` before it; columns without any value
        are left out. `.to_pandas()` makes it what pm4py's functions take.
        """
        return pm4py_frame(self)

    def __repr__(self) -> str:
        """How many cases and events, up to when, and how many rows were set aside."""
        aside = sum(entry.count for entry in self.set_aside if not entry.kept)
        return (
            f"<History of {self.cases.height:,} cases and {self.events.height:,} events, as of "
            f"{self.as_of:%Y-%m-%d %H:%M} UTC, {aside:,} rows set aside>"
        )


def _named(tables: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in tables:
        if name not in TABLES:
            near = nearest(name, TABLES)
            hint = f"do you mean {near}?" if near else f"the tables are {', '.join(TABLES)}"
            raise ContractError(f"a history has no table {name!r}; {hint}")
    return MappingProxyType({name: table for name, table in tables.items() if table is not None})
