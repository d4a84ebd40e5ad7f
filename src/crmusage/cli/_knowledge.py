from __future__ import annotations

from pathlib import Path

import click

from crmusage.cli._options import lang_option, width

FINDINGS = 1


@click.command(
    short_help="What stays known of the tool, when to refresh it, and who owns it.",
    epilog="""\b
Exit codes: 0 what is known stays above the floor and the ownership is sound, 1 not so, 2 bad input.
Example:
  crmusage knowledge plan.toml --html knowledge.html
""",
)
@click.argument("plan", type=click.Path(dir_okay=False, path_type=Path), metavar="PLAN")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write it as a page, with the curves with and without refreshers.",
)
@lang_option
def knowledge(plan: Path, html: Path | None, lang: str) -> int:
    """Plan refreshers from PLAN (TOML), so that what people know stays above a floor at the least hours.

    Groups are planned for, never persons. What the file does not measure is assumed, and the text says so. The
    ownership (sponsor, champion, silo …) is looked at if the file speaks of it.
    """
    from crmusage.knowledge import load_plan, outlook

    found = outlook(load_plan(plan))
    if html is not None:
        from crmusage.report import knowledge_page

        html.write_text(knowledge_page(found, lang), encoding="utf-8")
    click.echo(found.to_text(lang, width()), nl=False)
    return 0 if found.sound else FINDINGS
