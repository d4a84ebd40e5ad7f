"""The options by which a history is held beside answer sheets, and what it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import click

from crmusage.cli._options import instant

if TYPE_CHECKING:
    from crmusage.programme import Observed
    from crmusage.report import Report

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--export",
        type=click.Path(path_type=Path),
        metavar="EXPORT",
        help="Hold what happened (a folder of tables) beside the answers.",
    ),
    click.option(
        "--rules", type=click.Path(path_type=Path), metavar="DIR", help="The written usages, with --export."
    ),
    click.option(
        "--as-of",
        metavar="WHEN",
        help="With --export: look at the CRM as it was then, a day (its end, in --zone or UTC) or a time.",
    ),
    click.option(
        "--zone",
        metavar="NAME",
        help="With --export: zone of times that do not tell theirs, such as Europe/Paris.",
    ),
)


@attrs.frozen
class Evidence:
    """What a history shows, and what a verification of it found."""

    observed: Observed
    report: Report


def takes_evidence(command: F) -> F:
    """Add to a command what it takes to look at a history: export, rules, as_of, zone."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def evidence_in(
    export: Path | None,
    rules: Path | None,
    as_of: str | None,
    zone: str | None,
    min_group: int,
    *,
    codes: Sequence[str] | None = None,
) -> Evidence | None:
    """What those options show; None without an export. Of detectors only those with codes that begin so; None: all."""
    if export is None:
        if rules is not None:
            raise click.UsageError("--rules are held against an export: give --export as well.")
        return None
    from crmusage.history import History
    from crmusage.rules import Rulebook
    from crmusage.signals import observe
    from crmusage.verification import verify

    until = None if as_of is None else instant(as_of, zone)
    book = None if rules is None else Rulebook.load(rules)
    history = History.read(export, as_of=until, zone=zone)
    only = None
    if codes is not None:
        from crmusage.plugins import detectors

        only = [one.code for one in detectors() if one.code.startswith(tuple(codes))]
    report = verify(history, book, only=only, min_group=min_group)
    return Evidence(observe(history, book, report, min_group=min_group), report)
