"""What several commands ask and tell in the same way."""

from __future__ import annotations

import datetime as dt
import difflib
import os
import shutil
import textwrap
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import click

from crmusage.model import LANGUAGES

F = TypeVar("F", bound=Callable[..., Any])
_WIDEST = 110
"""Longer lines are hard to read (guessed), however wide the terminal is."""
_NARROWEST = 40


def _language(_: click.Context, __: click.Parameter, value: str | None) -> str:
    return value or language_of(os.environ)


def lang_option(command: F) -> F:
    """Add --lang to a command."""
    return click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        callback=_language,
        help="Language of the text; by default that of the environment (LC_ALL, LANG), else English.",
    )(command)


def language_of(environment: Mapping[str, str]) -> str:
    """The language that an environment asks for: French, or English for every other."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return "fr" if environment[name].lower().startswith("fr") else "en"
    return "en"


def instant(text: str, zone: str | None, parameter: str = "--as-of") -> dt.datetime:
    """The instant that a day (its end, in `zone`, else in UTC) or a time says.

    Raises:
        click.BadParameter: for what is neither, and for a time of which nobody knows the zone.
    """
    here: dt.tzinfo = dt.UTC if zone is None else _zone(zone)
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        pass
    else:
        return dt.datetime.combine(day, dt.time.max, here)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is neither a day (2026-10-31) nor a time (2026-10-31T18:00Z).", param_hint=parameter
        ) from None
    if moment.tzinfo is not None:
        return moment
    if zone is None:
        raise click.BadParameter(
            f"{text!r} needs its zone: write {text}Z for UTC, or name one with --zone Europe/Paris.",
            param_hint=parameter,
        )
    return moment.replace(tzinfo=here)


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise click.BadParameter(
            f"{name!r} is not the name of a time zone (like Europe/Paris).", param_hint="--zone"
        ) from None


def near(word: str, words: Iterable[str]) -> str:
    """`Did you mean CU112?`, or the words that there are."""
    known = list(words)
    by_lower = {one.lower(): one for one in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=3)
    if found:
        return f"Did you mean {' or '.join(by_lower[one] for one in found)}?"
    return f"There are: {', '.join(known)}."


def width() -> int:
    """How wide lines are to be in this terminal."""
    return max(_NARROWEST, min(shutil.get_terminal_size((100, 24)).columns, _WIDEST))


def paragraphs(text: str, indent: str = "") -> str:
    """A text wrapped to the terminal, paragraph by paragraph."""
    return "\n\n".join(
        textwrap.fill(part, width(), initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
        for part in text.split("\n\n")
    )


def folded(text: str) -> str:
    """A text whose lines are wrapped to the terminal, each under its own indent."""
    lines = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        lines.append(textwrap.fill(line, width(), subsequent_indent=indent, break_on_hyphens=False))
    return "\n".join(lines)


def columns(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows as lines with their cells under each other; the last cell is wrapped."""
    table = list(rows)
    widths = [max(map(len, cells)) for cells in zip(*table, strict=True)][:-1]
    lines = []
    for row in table:
        head = "".join(f"{cell:<{size}}  " for cell, size in zip(row, widths, strict=False))
        lines.append(
            textwrap.fill(
                row[-1], max(width(), len(head) + 20), initial_indent=head, subsequent_indent=" " * len(head)
            )
        )
    return "\n".join(lines)
