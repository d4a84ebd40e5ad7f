from __future__ import annotations

from pathlib import Path

import click

from crmusage.cli._export import Export, reads_export
from crmusage.cli._options import folded, lang_option

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
@reads_export
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
@click.option("--full", is_flag=True, help="Explain each usage with its figures and cases.")
@click.option(
    "--save",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the usages into this folder, as rules with the status `observed`.",
)
@lang_option
def discover(
    export: Export,
    by: tuple[str, ...],
    rules: Path | None,
    full: bool,
    save: Path | None,
    lang: str,
) -> int:
    """Find what one group of people does that its peers don't, since when, and what it is worth."""
    from crmusage.discovery import discover as look
    from crmusage.rules import Rulebook

    book = None if rules is None else Rulebook.load(rules)
    history = export.history()
    found = look(history, by=by, rulebook=book, min_group=export.min_group)
    click.echo(folded(found.explain(lang)), nl=False)
    if full:
        for place, usage in enumerate(found, 1):
            click.echo(folded(f"\n--- {place} ---\n{usage.explain(lang)}"), nl=False)
    if save is not None:
        Rulebook([usage.as_rule() for usage in found]).save(save)
    return FINDINGS if found else 0
