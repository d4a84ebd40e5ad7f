from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmusage.cli._options import columns, lang_option
from crmusage.cli._people import (
    acknowledgements_in,
    acknowledgements_option,
    on_option,
    people_in,
    people_option,
)
from crmusage.errors import SourceError
from crmusage.model import MIN_GROUP, Measure, Text, Wording, printable

if TYPE_CHECKING:
    from crmusage.rules import Coverage, Letter, Why

FORMATS = ("md", "html")
LIST = "letters.json"
"""Which letter is for whom, and what is in it; its presence tells a folder of letters."""


@click.command(
    short_help="Write to each person which rules to read.",
    epilog="""\b
Example:
  crmusage rules announce usages/ --people people.csv --acknowledgements acknowledgements.csv --out letters
""",
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@people_option(required=True)
@acknowledgements_option
@on_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help=f"Write a file for each person, and {LIST}, which tells whom each is for; otherwise print them.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="md",
    show_default=True,
    help="Markdown or HTML.",
)
@lang_option
def announce(
    folder: Path,
    people_file: Path,
    acknowledgements_file: Path | None,
    zone: str | None,
    on: dt.date,
    out: Path | None,
    format_: str,
    lang: str,
) -> None:
    """Write a letter to each person who has a rule to read: a new one, an amended one, one read too long ago.

    The letters are for these persons alone: send them, and show nobody the list of who has not read.
    """
    from crmusage.rules import Rulebook, Task, announcements, due, letters

    words = Wording(lang)
    book, people = Rulebook.load(folder), people_in(people_file)
    read = () if acknowledgements_file is None else acknowledgements_in(acknowledgements_file, zone)
    for one in due(book, on, people=people):
        if one.task is Task.NOBODY_TO_TELL:
            about = ", ".join(one.about)
            said = words.pick(f"Warning: {about}: {one.text.en}", f"Attention, {about} : {one.text.fr}")
            click.echo(said, err=True)
    notices = announcements(book, people, read, on)
    written = [(letter, _text(letter, format_, lang)) for letter in letters(notices)]
    if out is None:
        click.echo("\n".join(text for _, text in written), nl=False)
        return
    _write(out, written, format_)
    click.echo(_wrote(len(written), Counter(notice.why for notice in notices), out, words))


def _wrote(n: int, why: Counter[Why], out: Path, words: Wording) -> str:
    listed = [(count, words.of(one.text)) for one, count in sorted(why.items())]
    en = ", ".join(f"{count} {name}" for count, name in listed) or "nobody has anything to read"
    fr = ", ".join(f"{name} ({words.number(count)})" for count, name in listed) or "personne n'a rien à lire"
    letters = words.agree(n, words.pick("letter", "lettre écrite"), words.pick("letters", "lettres écrites"))
    # Told as they stand: who copies a folder's name must not get other quotes.
    return Text(f"Wrote {n} {letters} to {out}: {en}.", f"{n} {letters} dans {out} : {fr}.").into(words.lang)


def _text(letter: Letter, format_: str, lang: str) -> str:
    return letter.to_html(lang) if format_ == "html" else letter.to_markdown(lang)


def _write(out: Path, written: list[tuple[Letter, str]], format_: str) -> None:
    # A letter left over from last time would be sent again.
    if out.is_dir() and any(out.iterdir()):
        if not (out / LIST).exists():
            raise SourceError(f"{out}: holds files that are no letters: name a new folder with --out")
        for entry in json.loads((out / LIST).read_text(encoding="utf-8")):
            (out / Path(entry["file"]).name).unlink(missing_ok=True)
    out.mkdir(parents=True, exist_ok=True)
    entries = []
    for letter, text in written:
        name = f"{_name(letter.to)}.{format_}"
        (out / name).write_text(text, encoding="utf-8")
        notices = [
            {
                "rule": notice.rule,
                "version": notice.version,
                "why": notice.why,
                "since": None if notice.since is None else notice.since.isoformat(),
                "due": None if notice.due is None else notice.due.isoformat(),
            }
            for notice in letter.notices
        ]
        entries.append({"to": letter.to, "file": name, "notices": notices})
    (out / LIST).write_text(json.dumps(entries, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _name(person: str) -> str:
    """A file name for an id that may hold anything, and another one for each."""
    plain = re.sub(r"[^A-Za-z0-9_@-]", "_", person)[:60]
    if plain == person and plain.islower():
        return plain
    # Some file systems take A for a; and what was replaced may have been all that told two ids apart.
    return f"{plain}-{hashlib.sha256(person.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


@click.command(
    short_help="Tell how far the rules are known, by unit.",
    epilog="""\b
Example:
  crmusage rules coverage usages/ --people people.csv --acknowledgements acknowledgements.csv
""",
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@people_option(required=True)
@acknowledgements_option
@on_option
@click.option(
    "--min-group",
    type=click.IntRange(min=1),
    default=MIN_GROUP,
    show_default=True,
    metavar="N",
    help="Never name units of which fewer persons should know a rule.",
)
@lang_option
def coverage(
    folder: Path,
    people_file: Path,
    acknowledgements_file: Path | None,
    zone: str | None,
    on: dt.date,
    min_group: int,
    lang: str,
) -> None:
    """Tell how many of those who should know each rule have read it as it stands, unit by unit, and never who."""
    from crmusage.rules import Rulebook
    from crmusage.rules import coverage as covered

    read = () if acknowledgements_file is None else acknowledgements_in(acknowledgements_file, zone)
    rows = covered(Rulebook.load(folder), people_in(people_file), read, on, min_group=min_group)
    if rows:
        click.echo(columns(_row(one, Wording(lang)) for one in rows))


def _row(one: Coverage, words: Wording) -> tuple[str, ...]:
    if one.unit is not None:
        unit = printable(one.unit)
    elif one.pooled:
        unit = words.pick("(small units)", "(petites unités)")
    else:
        unit = words.pick("everybody", "tous")
    if not isinstance(one.share, Measure) or one.share.low is None or one.share.high is None:
        return one.rule, f"v{one.version}", unit, "", words.pick("too few people", "trop peu de personnes")
    share = (
        f"{words.value(one.share.value, 'share')} ({words.interval(one.share.low, one.share.high, 'share')})"
    )
    return one.rule, f"v{one.version}", unit, f"{one.told}/{one.should_know}", share
