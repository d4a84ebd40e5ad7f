"""The options of commands that read an export, and the reading itself."""

from __future__ import annotations

import datetime as dt
import functools
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from crmusage.cli._options import instant
from crmusage.model import MIN_GROUP

if TYPE_CHECKING:
    from crmusage.history import History

CRMS = ("dynamics", "odoo", "salesforce")
"""Those whose tables can be read as a connector delivers them: the names of the rooms in `crmusage.adapters`."""

_OPTIONS = (
    click.argument("path", metavar="EXPORT", type=click.Path(path_type=Path)),
    click.option(
        "--crm",
        type=click.Choice(CRMS),
        help="The export is a folder of this CRM's own tables, as an API or a connector delivers them.",
    ),
    click.option(
        "--map",
        "mapping",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="How a plain event log calls its columns and activities; with --crm, custom objects and fields (TOML).",
    ),
    click.option(
        "--objects",
        multiple=True,
        metavar="TYPE",
        help="In an OCEL log, the type of object whose members are the cases; can be repeated.",
    ),
    click.option(
        "--as-of",
        metavar="WHEN",
        help="Look at the CRM as it was then: a day (its end, in --zone or UTC) or a time (2026-10-31T18:00Z). "
        "By default the latest instant in the data.",
    ),
    click.option(
        "--zone", metavar="NAME", help="Zone of times that do not tell theirs, such as Europe/Paris."
    ),
    click.option(
        "--ordered", is_flag=True, help="Rows of one case stand in the order in which they happened."
    ),
    click.option(
        "--min-group",
        type=click.IntRange(min=1),
        default=MIN_GROUP,
        show_default=True,
        metavar="N",
        help="Never tell of units of fewer persons.",
    ),
)


@attrs.frozen
class Export:
    """What a command was told of the export that it is to read."""

    path: Path
    crm: str | None
    mapping: Path | None
    objects: tuple[str, ...]
    as_of: str | None
    zone: str | None
    ordered: bool
    min_group: int

    def history(self) -> History:
        """What is in it."""
        until = None if self.as_of is None else instant(self.as_of, self.zone)
        if self.crm is not None:
            return self._translated(until)
        from crmusage.history import History

        return History.read(
            self.path,
            as_of=until,
            zone=self.zone,
            ordered=self.ordered,
            mapping=self.mapping,
            objects=self.objects or None,
        )

    def _translated(self, until: dt.datetime | None) -> History:
        for said, option in ((self.ordered, "--ordered"), (self.objects, "--objects")):
            if said:
                raise click.BadParameter(
                    f"the tables of {self.crm} say by themselves what this would tell: leave it out.",
                    param_hint=option,
                )
        adapter = importlib.import_module(f"crmusage.adapters.{self.crm}")
        history: History = adapter.read(self.path, mapping=self.mapping, zone=self.zone).history(as_of=until)
        return history


def reads_export(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add to a command what it takes to read an export, which it is given as `export`."""
    names = [field.name for field in attrs.fields(Export)]

    @functools.wraps(command)
    def with_export(*args: Any, **told: Any) -> Any:
        return command(*args, export=Export(**{name: told.pop(name) for name in names}), **told)

    for option in reversed(_OPTIONS):
        with_export = option(with_export)
    return with_export
