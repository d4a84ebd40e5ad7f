"""Gap reports as TOML files, one a file, kept as rules are: all faults at once, no edit lost, no half file."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from crmusage.errors import Fault
from crmusage.rules._gap import Answer, GapReport
from crmusage.rules._reading import BOM
from crmusage.rules._table import Table

if TYPE_CHECKING:
    from crmusage.rules._toml import Shelf
    from crmusage.rules._writing import Plain


def load_gap_reports(path: str | Path) -> tuple[GapReport, ...]:
    """Read a folder of gap reports (TOML, subfolders too) or one such file, in the order of their ids.

    Raises:
        BookError: with every fault of every file.
        SourceError: when there is nothing to read at `path`.
    """
    return _in_order(_reports().load(Path(path)))


def save_gap_reports(reports: Iterable[GapReport], path: str | Path) -> tuple[GapReport, ...]:
    """Write each report into the folder `path`: to the file that holds its id, or else to `<id>.toml`.

    A report that was loaded keeps the text of its file but for what changed. Give reports a folder of their own:
    in that of the rulebook they would be taken for rules.

    Returns:
        The reports as they are saved: go on with these to change and save again.

    Raises:
        BookError: when a file says something else than when its report was loaded. Then none is written.
        SourceError: when the folder or a file cannot be written.
    """
    return _in_order(_reports().save(reports, Path(path)))


def _reports() -> Shelf[GapReport]:
    # tomlkit waits until files are read or written, as for rules.
    from crmusage.rules._toml import Shelf

    return Shelf("gap report", "a collection of gap reports", _read, _plain)


def _in_order(reports: Iterable[GapReport]) -> tuple[GapReport, ...]:
    return tuple(sorted(reports, key=lambda report: report.id))


def _read(source: str, where: str) -> tuple[GapReport | None, list[Fault]]:
    try:
        values = tomllib.loads(source.removeprefix(BOM))
    except (ValueError, RecursionError) as error:
        return None, [Fault(where, "", f"is not TOML: {error}")]
    faults: list[Fault] = []
    table = Table(values, "", _names(GapReport), where, faults)
    report = table.make(
        GapReport,
        {"id": "some-id", "words": "?", "who": "?", "on": dt.date.min},
        id=table.text("id", needed="a name of its own, in small letters, such as order-in-two-parts"),
        words=table.text("words", needed="what was met, in the words of who met it"),
        who=table.text("who", needed="who filed it"),
        on=table.day("on", needed="the day on which it was filed, such as 2026-03-01"),
        unit=table.text("unit"),
        kind=table.text("kind"),
        examples=table.texts("examples"),
        answer=table.nested("answer", _names(Answer), _answer),
        source=source,
    )
    return (None if faults else report), faults


def _answer(table: Table) -> Answer | None:
    return table.make(
        Answer,
        {"who": "?", "on": dt.date.min, "rule": "?", "refused": "?"},
        who=table.text("who", needed="who answered"),
        on=table.day("on", needed="the day of the answer, such as 2026-03-01"),
        rule=table.text("rule"),
        refused=table.text("refused"),
    )


def _names(cls: type[attrs.AttrsInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(cls) if field.name != "source")


def _plain(report: GapReport) -> Plain:
    table: Plain = {}
    for name in _names(GapReport):
        value = getattr(report, name)
        if isinstance(value, Answer):
            value = {key: part for key, part in attrs.asdict(value).items() if part is not None}
        if value is not None and value != ():
            table[name] = list(value) if isinstance(value, tuple) else value
    return table
