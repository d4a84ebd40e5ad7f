from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from crmusage.cli._export import Export, reads_export
from crmusage.cli._options import instant, lang_option, near, paragraphs


@click.command(
    short_help="Tell whether a change of a rule did anything.",
    epilog="""\b
Exit codes: 0 done, 2 bad input.
Example:
  crmusage effect export/ --rules usages/ --rule updated-on-monday --on 2026-03-02 --unit Nord --unit Sud
""",
)
@reads_export
@click.option(
    "--rules",
    type=click.Path(path_type=Path),
    metavar="DIR",
    required=True,
    help="The written usages: a folder of TOML files.",
)
@click.option("--rule", "rule_id", metavar="ID", required=True, help="The rule that was changed.")
@click.option(
    "--on",
    metavar="WHEN",
    help="When it changed, was announced or told again: a day (its beginning, UTC) or a time. By default what the "
    "history of the rule tells.",
)
@click.option(
    "--unit",
    "units",
    multiple=True,
    metavar="NAME",
    help="Where it changed; can be repeated. By default the units that the rule is for.",
)
@click.option(
    "--html", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write it as a page."
)
@lang_option
def effect(
    export: Export,
    rules: Path,
    rule_id: str,
    on: str | None,
    units: tuple[str, ...],
    html: Path | None,
    lang: str,
) -> int:
    """Hold what happened before a change against what happened after it, and against the units without the change."""
    from crmusage.conformance import effect as measure
    from crmusage.report import effect_page
    from crmusage.rules import Rulebook

    book = Rulebook.load(rules)
    ids = [rule.id for rule in book]
    if rule_id not in ids:
        raise click.BadParameter(f"no rule has the id {rule_id!r}. {near(rule_id, ids)}", param_hint="--rule")
    found = measure(
        export.history(),
        book[rule_id],
        None if on is None else _beginning(on, export.zone),
        units or None,
        min_group=export.min_group,
    )
    for block in found.explain(lang).split("\n\n"):
        lines = block.rstrip("\n").split("\n")
        click.echo("\n".join(paragraphs(line) for line in lines) + "\n")
    if html is not None:
        html.write_text(effect_page(found, lang), encoding="utf-8")
    return 0


def _beginning(on: str, zone: str | None) -> dt.datetime:
    """The instant that a time says, or at which a day begins."""
    try:
        day = dt.date.fromisoformat(on)
    except ValueError:
        return instant(on, zone, "--on")
    return instant(f"{day.isoformat()}T00:00", zone or "UTC", "--on")
