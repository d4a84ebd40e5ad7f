"""The options of commands that read an export, and the reading itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from crmusage.cli._options import instant
from crmusage.model import MIN_GROUP

if TYPE_CHECKING:
    from crmusage.history import History

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.argument("path", metavar="EXPORT", type=click.Path(path_type=Path)),
    click.option(
        "--map",
        "mapping",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="How a plain event log calls its columns and activities (TOML).",
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


def reads_export(command: F) -> F:
    """Add to a command what it takes to read an export: path, mapping, as_of, zone, ordered, min_group."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def history_in(
    path: Path, mapping: Path | None, as_of: str | None, zone: str | None, ordered: bool
) -> History:
    """The history that those options say."""
    from crmusage.history import History

    until = None if as_of is None else instant(as_of, zone)
    return History.read(path, as_of=until, zone=zone, ordered=ordered, mapping=mapping)
