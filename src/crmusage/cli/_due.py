from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmusage.cli._options import lang_option, paragraphs
from crmusage.cli._people import (
    acknowledgements_in,
    acknowledgements_option,
    on_option,
    people_in,
    people_option,
)
from crmusage.model import Wording, printable

if TYPE_CHECKING:
    from crmusage.rules import Rulebook

SOMETHING = 1


@click.command(
    short_help="Tell what is to be done about the rules.",
    epilog="""\b
Exit codes: 0 nothing is due, 1 something is, 2 bad input.
Example:
  crmusage rules due usages/ --people people.csv --ahead 30
""",
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@people_option(required=False)
@acknowledgements_option
@click.option(
    "--gaps",
    "gaps_folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Gap reports: what people met and no rule speaks of (TOML files).",
)
@click.option(
    "--history",
    "export",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="What happened (a folder of tables): tells of rules that do nothing any more, and of people and what they "
    "have read where no other file does.",
)
@on_option
@click.option(
    "--ahead",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="DAYS",
    help="Tell of reviews so many days ahead.",
)
@lang_option
def due(
    folder: Path,
    people_file: Path | None,
    acknowledgements_file: Path | None,
    zone: str | None,
    gaps_folder: Path | None,
    export: Path | None,
    on: dt.date,
    ahead: int,
    lang: str,
) -> int:
    """Tell what is to be done about the rules of a folder, so that people can go on relying on them.

    Contradictions, owners who have left, reviews, rules that nobody has read, open gap reports, rules that do nothing
    any more. What is not given is not looked at: owners need --people, who has read what needs --acknowledgements.
    """
    from crmusage.rules import Rulebook, load_gap_reports
    from crmusage.rules import due as due_by

    book = Rulebook.load(folder)
    given: dict[str, Any] = {} if export is None else _seen(export, book, on, zone)
    if people_file is not None:
        given["people"] = people_in(people_file)
    if acknowledgements_file is not None:
        given["acknowledgements"] = acknowledgements_in(acknowledgements_file, zone)
    gaps = () if gaps_folder is None else load_gap_reports(gaps_folder)
    found = due_by(book, on, gaps=gaps, ahead=ahead, **given)
    words = Wording(lang)
    for one in found:
        when = "" if one.day is None else f"  {one.day.isoformat()}"
        click.echo(f"{', '.join(one.about)}  {words.of(one.title)}{when}")
        click.echo(paragraphs(printable(words.pick(one.text.en, one.text.fr)), "       "))
    return SOMETHING if found else 0


def _seen(export: Path, book: Rulebook, on: dt.date, zone: str | None) -> dict[str, Any]:
    """What a history says: of rules that do nothing any more, of people, and of what they have read."""
    from crmusage.detectors import dead_rules
    from crmusage.history import History, acknowledgements_of, people_of

    history = History.read(export, as_of=dt.datetime.combine(on, dt.time.max, dt.UTC), zone=zone)
    does_nothing = dead_rules(history, book)
    given: dict[str, Any] = {"dead": does_nothing.dead, "training_wheels": does_nothing.training_wheels}
    if "people" in history.given:
        given["people"] = people_of(history)
    if "acknowledgements" in history.given:
        given["acknowledgements"] = acknowledgements_of(history)
    return given
