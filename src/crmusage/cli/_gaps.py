from __future__ import annotations

from pathlib import Path

import click

from crmusage.cli._export import Export, reads_export
from crmusage.cli._options import lang_option, paragraphs

GAPS = 1


@click.command(
    short_help="Find situations that no rule speaks of.",
    epilog="""\b
Exit codes: 0 no gap, 1 gaps, 2 bad input.
Example:
  crmusage gaps export/ --rules usages/
""",
)
@reads_export
@click.option(
    "--rules",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The written usages: a folder of TOML files.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also list what rules speak of, what is rare, and what could not be seen.",
)
@click.option(
    "--save",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write a draft of a rule for each gap into this folder.",
)
@lang_option
def gaps(
    export: Export,
    rules: Path | None,
    everything: bool,
    save: Path | None,
    lang: str,
) -> int:
    """Find frequent situations in what happened that no written usage speaks of."""
    from crmusage.discovery import gaps as look
    from crmusage.model import Outcome, Wording, printable
    from crmusage.rules import Rulebook

    book = None if rules is None else Rulebook.load(rules)
    found = look(export.history(), book, min_group=export.min_group)
    w = Wording(lang)
    for gap in found:
        click.echo(f"{gap.situation.id}  ({printable(gap.kind)})")
        click.echo(paragraphs(w.of(gap.text), "       "))
        if gap.guidance is not None:
            click.echo(paragraphs(w.pick(gap.guidance.en, gap.guidance.fr), "       "))
        if gap.examples:
            told = w.pick("For example: ", "Par exemple : ") + ", ".join(gap.examples[:5])
            click.echo(paragraphs(printable(told), "       "))
    if everything:
        for gap in (*found.spoken_of, *found.others):
            click.echo(f"{gap.situation.id}  ({printable(gap.kind)})")
            click.echo(paragraphs(w.of(gap.text), "       "))
        for one in found.assessments:
            if one.outcome is Outcome.NOT_ASSESSABLE and one.reason is not None:
                click.echo(f"{one.code.partition(':')[2]}  {w.pick('could not be seen', 'non visible')}")
                click.echo(paragraphs(printable(w.pick(one.reason.en, one.reason.fr)), "       "))
    if not len(found):
        click.echo(
            w.pick(
                "No frequent situation is without a rule, of those that the data can show.",
                "Aucune situation fréquente n'est sans règle, parmi celles que les données peuvent montrer.",
            )
        )
    if save is not None:
        Rulebook(gap.as_rule() for gap in found).save(save)
    return GAPS if len(found) else 0
