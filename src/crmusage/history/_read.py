"""Files and folders as raw tables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import attrs
import polars as pl

from crmusage.errors import ContractError, SourceError
from crmusage.history._admit import Raw
from crmusage.history._column import emptied
from crmusage.history._contract import CASES, EVENTS, TABLES, columns_of
from crmusage.history._csv import read_csv
from crmusage.history._door import Wishes
from crmusage.history._json_lines import read_json_lines
from crmusage.history._log import as_events, freed
from crmusage.history._mapping import LogMapping
from crmusage.history._ocel import read_ocel
from crmusage.history._ocel_cases import as_tables
from crmusage.history._ocel_links import Chosen
from crmusage.history._set_aside import Ledger
from crmusage.history._xes import TRACE, XES_COLUMNS, XesLog, read_xes
from crmusage.history._xes_mark import Mark
from crmusage.model import SetAside, Text

FORMATS = (".csv", ".csv.gz", ".parquet", ".jsonl", ".ndjson")
LOGS = (".xes", ".xes.gz")
SHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers", ".tsv")
"""What people keep tables in as well, and is not read."""
OBJECTS = (".jsonocel", ".xmlocel", ".sqlite", ".json", ".xml")
"""OCEL 2.0; `.json` and `.xml` too, which only a path of their own says to be it."""

LIFECYCLE = "lifecycle:transition"

LISTED = 10
"""Transitions that a note lists."""


@attrs.frozen
class Found:
    """What was read."""

    raws: list[Raw]
    wishes: Wishes
    ledger: Ledger = attrs.field(factory=Ledger)
    notes: tuple[Text, ...] = ()
    mark: Mark | None = None
    """What a history that was written as a log tells of itself."""


def read(path: Path, wishes: Wishes, *, mapped: bool, objects: Chosen = None) -> Found:
    """The tables in a folder or a file; `objects` are the types of objects that are cases, in OCEL.

    Raises:
        SourceError: when there is nothing at `path`, or nothing that can be read.
        ContractError: when a mapping names columns that are not there.
    """
    if path.exists() and path.name.lower().endswith(OBJECTS) and not path.is_dir():
        return Found(*as_tables(read_ocel(path, wishes.zone), path.name, wishes, objects))
    if objects is not None:
        raise ContractError(
            f"{path}: objects= chooses the cases of an OCEL file ({', '.join(OBJECTS)}); leave it out here"
        )
    if path.is_dir():
        return _folder(path, wishes)
    if not path.exists():
        raise SourceError(f"{path}: there is no such file or folder")
    if _ending(path) in LOGS:
        return _xes(path, wishes)
    raw = read_table(path, "events", (*FORMATS, *LOGS, *OBJECTS))
    if mapped and (wishes.mapping.columns or wishes.mapping.cases):
        return Found([as_events(raw, wishes.mapping)], wishes)
    return Found([attrs.evolve(raw, table=_which(path, raw.frame))], wishes)


def read_table(path: Path, table: str, formats: tuple[str, ...] = FORMATS) -> Raw:
    """One file as a table of the contract, whatever the file is called; `formats` are told to who wants another.

    Raises:
        SourceError: when there is no such file, or it cannot be read.
    """
    if not path.is_file():
        raise SourceError(f"{path}: there is no such file")
    if _ending(path) not in FORMATS:
        if path.name.lower().endswith(SHEETS):
            raise SourceError(
                f"{path}: such files cannot be read; save it as CSV UTF-8, each sheet by itself"
            )
        raise SourceError(
            f"{path}: what is in it cannot be told from its name; files end in {', '.join(formats)}"
        )
    return _table(path, table, path.name)


def _ending(path: Path) -> str:
    name = path.name.lower()
    return next((ending for ending in (*FORMATS, *LOGS, *OBJECTS[:3]) if name.endswith(ending)), "")


def _which(path: Path, frame: pl.DataFrame) -> str:
    """What one file holds: what its name says, else what its columns are."""
    stem = path.name[: -len(_ending(path))].lower()
    if stem in TABLES:
        return stem
    there = {name.strip() for name in frame.columns}
    if not there >= {column.name for column in EVENTS if column.needed} and there >= {
        column.name for column in CASES if column.needed
    }:
        return "cases"
    return "events"


def _folder(path: Path, wishes: Wishes) -> Found:
    found: dict[str, Path] = {}
    other: list[str] = []
    for file in sorted(path.iterdir()):
        ending = _ending(file)
        if file.name.lower().endswith(SHEETS):
            other.append(file.name)
        if not ending or not file.is_file():
            continue
        table = file.name[: -len(ending)].lower()
        if ending not in FORMATS or table not in TABLES:
            other.append(file.name)
        elif table in found:
            raise SourceError(
                f"{path}: {found[table].name} and {file.name} both hold {table}; leave one of them there"
            )
        else:
            found[table] = file
    if not found:
        there = ", ".join(other[:5])
        hint = f"; there are {there} (give a log by its own path, a CRM's tables with --crm)" if other else ""
        raise SourceError(
            f"{path}: there is no table in this folder: it needs files such as cases.csv and events.parquet "
            f"({', '.join(TABLES)}){hint}"
        )
    raws = [_table(file, table, file.name) for table, file in found.items()]
    if wishes.mapping.columns:
        raws = [as_events(raw, wishes.mapping) if raw.table == "events" else raw for raw in raws]
    return Found(raws, wishes, notes=_unread(other))


def _unread(names: Iterable[str]) -> tuple[Text, ...]:
    listed = ", ".join(names)
    if not listed:
        return ()
    return (
        Text(
            en=f"Files in the folder that are no table of the contract were not read: {listed}.",
            fr=f"Fichiers du dossier non lus, car ne correspondant à aucune table du contrat : {listed}.",
        ),
    )


def _table(path: Path, table: str, where: str) -> Raw:
    ending = _ending(path)
    if ending in {".csv", ".csv.gz"}:
        frame, comma = read_csv(path)
        return Raw(table, where, frame, typed=False, comma=comma)
    return Raw(table, where, _parquet(path) if ending == ".parquet" else read_json_lines(path))


def _parquet(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise SourceError(f"{path}: cannot be read as Parquet: {error}") from None


def _xes(path: Path, wishes: Wishes) -> Found:
    log = read_xes(path)
    ledger = Ledger()
    if log.repeated:
        ledger.put(SetAside("events", "events: attribute given twice", log.repeated, kept=True))
    mapping = wishes.mapping
    mark = Mark.of(log.mark, path.name)
    if mark is not None and not (mapping.columns or mapping.cases):
        events, traces = mark.tables(log)
        raws = [Raw("events", path.name, events), Raw("cases", f"{path.name} (traces)", traces)]
        wishes = attrs.evolve(
            wishes, as_of=wishes.as_of or mark.as_of, ordered=wishes.ordered or mark.ordered
        )
        return Found(raws, wishes, ledger, mark=mark)
    events, traces, columns = _named(path, log, mapping)
    of_traces = {name: source for name, source in mapping.cases.items() if source in traces.columns}
    traces = traces.with_columns(pl.col(source).alias(name) for name, source in of_traces.items())
    # Persons that became the cases' stand there only: a second copy would escape a pseudonym.
    traces = traces.drop({source for name, source in of_traces.items() if columns_of("cases")[name].person})
    left = {name: source for name, source in mapping.cases.items() if source not in of_traces.values()}
    mapping = attrs.evolve(mapping, columns=columns, cases=left)
    events = freed(events, "events", set(columns), wishes.zone)
    traces = freed(traces, "cases", {"case_id", *of_traces}, wishes.zone)
    raws = [
        as_events(Raw("events", path.name, events), mapping),
        Raw("cases", f"{path.name} (traces)", traces, partial=True),
    ]
    wishes = attrs.evolve(wishes, mapping=mapping, ordered=True)
    return Found(raws, wishes, ledger, _transitions(log, columns["activity"]))


def _transitions(log: XesLog, activity: str | tuple[str, ...]) -> tuple[Text, ...]:
    """A note when one task has several events, of which the activity tells nothing."""
    if LIFECYCLE not in log.events.columns or LIFECYCLE in activity:
        return ()
    seen = log.events[LIFECYCLE].drop_nulls().cast(pl.String).unique().sort().to_list()
    if len({one.casefold() for one in seen}) < 2:
        return ()
    listed = ", ".join(seen[:LISTED]) + (" …" if len(seen) > LISTED else "")
    return (
        Text(
            en=f"A task has an event for each transition of its lifecycle ({listed}), and each counts as the "
            f"activity. To tell them apart, map activity to concept:name and {LIFECYCLE}.",
            fr=f"Une tâche produit un événement par transition de son cycle de vie ({listed}), et chacun compte "
            "comme l'activité. Pour les distinguer, faites correspondre l'activité à concept:name et "
            f"{LIFECYCLE}.",
        ),
    )


def _named(
    path: Path, log: XesLog, mapping: LogMapping
) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, str | tuple[str, ...]]]:
    """Events with the id of their case, traces likewise, and where the contract's columns are."""
    id_of_trace = str(mapping.columns.get("case_id", XES_COLUMNS["case_id"]))
    if not log.traces.height:
        raise ContractError(f"{path.name}: there is no trace in it, so no case; export the log again")
    if id_of_trace not in log.traces.columns:
        held = ", ".join(name for name in log.traces.columns if name != TRACE)
        raise ContractError(
            f"{path.name}: traces have no attribute {id_of_trace} to tell their case; name the one that does "
            f"in the mapping's case_id. Traces have: {held or 'none'}"
        )
    ids = log.traces[id_of_trace].alias(" case")
    # What stands outside any trace has no case.
    trace = log.events[TRACE]
    events = log.events.with_columns(ids.gather(emptied(trace, trace < 0))).drop(TRACE)
    traces = log.traces.drop(TRACE).rename({id_of_trace: "case_id"})
    columns: dict[str, str | tuple[str, ...]] = {
        name: source
        for name, source in XES_COLUMNS.items()
        if source in events.columns or name in {"activity", "at"}
    }
    return events, traces, {**columns, **mapping.columns, "case_id": " case"}
