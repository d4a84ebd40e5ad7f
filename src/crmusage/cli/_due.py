from __future__ import annotations

import datetime as dt
from pathlib import Path

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
    on: dt.date,
    ahead: int,
    lang: str,
) -> int:
    """Tell what is to be done about the rules of a folder, so that they are not left by the roadside.

    Contradictions, owners who have left, reviews, rules that nobody has read, open gap reports. What is not given is
    not looked at: owners need --people, and who has read what needs --acknowledgements.
    """
    from crmusage.rules import Rulebook, load_gap_reports
    from crmusage.rules import due as due_by

    found = due_by(
        Rulebook.load(folder),
        on,
        people=None if people_file is None else people_in(people_file),
        acknowledgements=(
            None if acknowledgements_file is None else acknowledgements_in(acknowledgements_file, zone)
        ),
        gaps=() if gaps_folder is None else load_gap_reports(gaps_folder),
        ahead=ahead,
    )
    words = Wording(lang)
    for one in found:
        when = "" if one.day is None else f"  {one.day.isoformat()}"
        click.echo(f"{', '.join(one.about)}  {words.of(one.title)}{when}")
        click.echo(paragraphs(printable(words.pick(one.text.en, one.text.fr)), "       "))
    return SOMETHING if found else 0
