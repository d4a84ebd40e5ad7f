"""Files and folders as raw tables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import attrs
import polars as pl

from crmusage.errors import ContractError, SourceError
from crmusage.history._admit import Raw
from crmusage.history._cells import convert
from crmusage.history._column import Unusable, emptied
from crmusage.history._contract import CASES, EVENTS, TABLES, columns_of
from crmusage.history._csv import read_csv
from crmusage.history._door import Wishes
from crmusage.history._json_lines import read_json_lines
from crmusage.history._log import FREED, as_events
from crmusage.history._mapping import LogMapping
from crmusage.history._set_aside import Ledger
from crmusage.history._xes import TRACE, XesLog, read_xes
from crmusage.model import SetAside, Text

FORMATS = (".csv", ".csv.gz", ".parquet", ".jsonl", ".ndjson")
LOGS = (".xes", ".xes.gz")

XES_COLUMNS = {
    "case_id": "concept:name",
    "activity": "concept:name",
    "at": "time:timestamp",
    "actor": "org:resource",
    "unit": "org:group",
}
"""What the standard extensions of XES call the contract's columns; the case's id is the trace's."""


@attrs.frozen
class Found:
    """What was read."""

    raws: list[Raw]
    wishes: Wishes
    ledger: Ledger = attrs.field(factory=Ledger)
    notes: tuple[Text, ...] = ()


def read(path: Path, wishes: Wishes, *, mapped: bool) -> Found:
    """The tables in a folder or a file.

    Raises:
        SourceError: when there is nothing at `path`, or nothing that can be read.
        ContractError: when a mapping names columns that are not there.
    """
    if path.is_dir():
        return _folder(path, wishes)
    if not path.exists():
        raise SourceError(f"{path}: there is no such file or folder")
    if _ending(path) in LOGS:
        return _xes(path, wishes)
    raw = read_table(path, "events", (*FORMATS, *LOGS))
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
        raise SourceError(
            f"{path}: what is in it cannot be told from its name; files end in {', '.join(formats)}"
        )
    return _table(path, table, path.name)


def _ending(path: Path) -> str:
    name = path.name.lower()
    return next((ending for ending in (*FORMATS, *LOGS) if name.endswith(ending)), "")


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
        if not ending or not file.is_file():
            continue
        table = file.name[: -len(ending)].lower()
        if ending in LOGS or table not in TABLES:
            other.append(file.name)
        elif table in found:
            raise SourceError(
                f"{path}: {found[table].name} and {file.name} both hold {table}; leave one of them there"
            )
        else:
            found[table] = file
    if not found:
        hint = f"; there are {', '.join(other[:5])} (give a log by its own path)" if other else ""
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
    events, traces, columns = _named(path, log, mapping)
    of_traces = {name: source for name, source in mapping.cases.items() if source in traces.columns}
    traces = traces.with_columns(pl.col(source).alias(name) for name, source in of_traces.items())
    # Persons that became the cases' stand there only: a second copy would escape a pseudonym.
    traces = traces.drop({source for name, source in of_traces.items() if columns_of("cases")[name].person})
    left = {name: source for name, source in mapping.cases.items() if source not in of_traces.values()}
    mapping = attrs.evolve(mapping, columns=columns, cases=left)
    events = _freed(events, "events", set(columns), wishes.zone)
    traces = _freed(traces, "cases", {"case_id", *of_traces}, wishes.zone)
    raws = [
        as_events(Raw("events", path.name, events), mapping),
        Raw("cases", f"{path.name} (traces)", traces, partial=True),
    ]
    return Found(raws, attrs.evolve(wishes, mapping=mapping, ordered=True), ledger)


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


def _freed(frame: pl.DataFrame, table: str, mapped: set[str], zone: str | None) -> pl.DataFrame:
    """An attribute that bears a name of the contract and cannot be that column gets another name."""
    names = {}
    for name, column in columns_of(table).items():
        if name in frame.columns and name not in mapped:
            try:
                convert(frame[name], column, zone=zone)
            except Unusable:
                names[name] = f"{name}{FREED}"
    return frame.rename(names)
