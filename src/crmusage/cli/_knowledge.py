from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

from crmusage.cli._evidence import takes_evidence
from crmusage.cli._options import instant, lang_option, width

if TYPE_CHECKING:
    from crmusage.knowledge import Reading

FINDINGS = 1


@click.command(
    short_help="What stays known of the tool, when to refresh it, and who owns it.",
    epilog="""\b
Exit codes: 0 what is known stays above the floor and the ownership is sound, 1 not so, 2 bad input.
Example:
  crmusage knowledge plan.toml --export export/ --rules usages/ --html knowledge.html
""",
)
@click.argument("plan", type=click.Path(dir_okay=False, path_type=Path), metavar="PLAN")
@takes_evidence
@click.option(
    "--html",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write it as a page, with the curves with and without refreshers.",
)
@click.option(
    "--json",
    "json_",
    type=click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path),
    help="Write it as JSON; - prints it instead of the text.",
)
@lang_option
def knowledge(
    plan: Path,
    export: Path | None,
    rules: Path | None,
    as_of: str | None,
    zone: str | None,
    html: Path | None,
    json_: Path | None,
    lang: str,
) -> int:
    """Plan refreshers from PLAN (TOML), so that what people know stays above a floor at the least hours.

    Groups are planned for, never persons. What the file does not measure is assumed, and the text says so. The
    ownership (sponsor, champion, silo …) is looked at if the file speaks of it. With --export and --rules, the decay is
    fitted to who kept a rule how long after reading it (table acknowledgements), too.
    """
    from crmusage.knowledge import load_plan, outlook

    file = load_plan(plan)
    if export is not None:
        file = attrs.evolve(file, readings=(*file.readings, *_readings(export, rules, as_of, zone)))
    found = outlook(file)
    if html is not None:
        from crmusage.report import knowledge_page

        html.write_text(knowledge_page(found, lang), encoding="utf-8")
    printed = json_ is not None and str(json_) == "-"
    if json_ is not None and not printed:
        json_.write_text(found.to_json(), encoding="utf-8")
    click.echo(found.to_json() if printed else found.to_text(lang, width()), nl=False)
    return 0 if found.sound else FINDINGS


def _readings(export: Path, rules: Path | None, as_of: str | None, zone: str | None) -> tuple[Reading, ...]:
    from crmusage.history import History
    from crmusage.rules import Rulebook
    from crmusage.signals import acts, readings

    if rules is None:
        raise click.UsageError("what people keep is read from rules: give --rules as well.")
    history = History.read(export, as_of=None if as_of is None else instant(as_of, zone), zone=zone)
    return readings(history, Rulebook.load(rules), acts(history)).readings
