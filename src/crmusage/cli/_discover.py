from __future__ import annotations

from pathlib import Path

import click

from crmusage.cli._options import instant, lang_option

FINDINGS = 1
TRAITS = ("unit", "profile", "region", "tenure")


@click.command(
    short_help="Find usages that are written nowhere.",
    epilog="""\b
Exit codes: 0 nothing found, 1 usages found, 2 bad input.
Example:
  crmusage discover export/ --by unit --rules usages/
""",
)
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--by",
    multiple=True,
    type=click.Choice(TRAITS),
    default=("unit",),
    show_default=True,
    help="Whose usages: groups of people who have this in common; repeated, in all of it.",
)
@click.option(
    "--rules",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The written usages (a folder of TOML files): what a usage may contradict, or follow from.",
)
@click.option(
    "--map",
    "mapping",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="How a plain event log calls its columns and activities (TOML).",
)
@click.option("--as-of", metavar="WHEN", help="Look at the CRM as it was then: a day or a time.")
@click.option("--zone", metavar="NAME", help="Zone of times that do not tell theirs, such as Europe/Paris.")
@click.option("--ordered", is_flag=True, help="Rows of one case stand in the order in which they happened.")
@click.option(
    "--min-group",
    type=click.IntRange(min=1),
    metavar="N",
    help="Never tell of groups of fewer persons (5 unless you say otherwise).",
)
@click.option("--full", is_flag=True, help="Explain each usage with its figures and cases.")
@click.option(
    "--save",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the usages into this folder, as rules with the status `observed`.",
)
@lang_option
def discover(
    path: Path,
    by: tuple[str, ...],
    rules: Path | None,
    mapping: Path | None,
    as_of: str | None,
    zone: str | None,
    ordered: bool,
    min_group: int | None,
    full: bool,
    save: Path | None,
    lang: str,
) -> int:
    """Find what one group of people does that its peers don't, since when, and what it is worth."""
    from crmusage.discovery import discover as look
    from crmusage.history import History
    from crmusage.rules import Rulebook
    from crmusage.verification import MIN_GROUP

    until = None if as_of is None else instant(as_of, zone)
    book = None if rules is None else Rulebook.load(rules)
    history = History.read(path, as_of=until, zone=zone, ordered=ordered, mapping=mapping)
    found = look(history, by=by, rulebook=book, min_group=MIN_GROUP if min_group is None else min_group)
    click.echo(found.explain(lang), nl=False)
    if full:
        for place, usage in enumerate(found, 1):
            click.echo(f"\n--- {place} ---\n{usage.explain(lang)}", nl=False)
    if save is not None:
        Rulebook([usage.as_rule() for usage in found]).save(save)
    return FINDINGS if found else 0
