from __future__ import annotations

import datetime as dt
from pathlib import Path

import attrs
import click

from crmusage.cli._options import lang_option
from crmusage.cli._people import on_option
from crmusage.model import Text

WHO = "crmusage rules starter"
WHY = Text("taken over from the starter rulebook", "repris du référentiel de départ")


@click.command(
    short_help="Write the starter rulebook.",
    epilog="""\b
Example:
  crmusage rules starter --out usages
  crmusage rules list usages
""",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("usages"),
    show_default=True,
    metavar="DIR",
    help="Where to write.",
)
@click.option(
    "--kind",
    type=click.Choice(["opportunity", "request"]),
    help="Only the rules for this kind of case; by default all.",
)
@click.option(
    "--zone",
    metavar="NAME",
    help="By whose clock working days and noon are read, such as Europe/Paris; by default everybody's own, for "
    "which the table people has to tell time zones.",
)
@click.option("--who", default=WHO, metavar="NAME", help="Who puts the rules in force, for their history.")
@on_option
@lang_option
def starter(out: Path, kind: str | None, zone: str | None, who: str, on: dt.date, lang: str) -> None:
    """Write rules for situations that nearly every company meets, one file each, to begin with and to learn from.

    They are in force from the day given by --on, which their history tells. A file that is there is never overwritten.
    """
    from crmusage.rules import Rulebook
    from crmusage.rules import starter as rules

    book = Rulebook()
    for rule in rules(kind):
        clock = zone if zone is not None and rule.zone == "person" else rule.zone
        book = book.adopt(attrs.evolve(rule, zone=clock), who=who, why=WHY.into(lang), at=on)
    book.save(out)
    # Told as they stand: who copies a folder's name must not get other quotes.
    said = Text(
        f"Wrote {len(book)} rules to {out}. Owners and profiles in them are names to be replaced by yours.\n"
        f"Next: crmusage rules list {out}",
        f"{len(book)} règles écrites dans {out}. Remplacez-y les responsables et les profils par les vôtres.\n"
        f"Ensuite : crmusage rules list {out}",
    )
    click.echo(said.into(lang))
