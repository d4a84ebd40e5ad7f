"""What the commands ask that tell people of rules: who works here, who has read what, and on which day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from crmusage.model import Acknowledgement, Person, SetAside

F = TypeVar("F", bound=Callable[..., Any])
_FILE = click.Path(dir_okay=False, path_type=Path)


def _day(_: click.Context, parameter: click.Parameter, value: str | None) -> dt.date:
    if value is None:
        return dt.datetime.now(dt.UTC).date()
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no day (2026-10-31).", param=parameter) from None


def on_option(command: F) -> F:
    """Add --on to a command."""
    return click.option(
        "--on",
        metavar="DAY",
        callback=_day,
        help="As things stand on this day (2026-10-31); by default today.",
    )(command)


def people_option(*, required: bool) -> Callable[[F], F]:
    """Add --people to a command."""
    return click.option(
        "--people",
        "people_file",
        type=_FILE,
        required=required,
        metavar="FILE",
        help="Who works here: the table people of the data contract (CSV, Parquet or JSON lines).",
    )


def acknowledgements_option(command: F) -> F:
    """Add --acknowledgements and --zone to a command."""
    zone = click.option(
        "--zone", metavar="NAME", help="Zone of times that do not tell theirs, such as Europe/Paris."
    )
    read = click.option(
        "--acknowledgements",
        "acknowledgements_file",
        type=_FILE,
        metavar="FILE",
        help="Who has read which version of which rule: the table acknowledgements of the data contract.",
    )
    return read(zone(command))


def people_in(file: Path) -> tuple[Person, ...]:
    """The people in a file; what of it cannot be used is told."""
    from crmusage.history import read_people

    people, aside = read_people(file)
    _tell(file, aside)
    return people


def acknowledgements_in(file: Path, zone: str | None) -> tuple[Acknowledgement, ...]:
    """The acknowledgements in a file; what of it cannot be used is told."""
    from crmusage.history import read_acknowledgements

    acknowledgements, aside = read_acknowledgements(file, zone=zone)
    _tell(file, aside)
    return acknowledgements


def _tell(file: Path, aside: tuple[SetAside, ...]) -> None:
    for entry in aside:
        examples = f" ({', '.join(entry.examples)})" if entry.examples else ""
        click.echo(f"Warning: {file}: set aside: {entry.reason}: {entry.count}{examples}", err=True)
