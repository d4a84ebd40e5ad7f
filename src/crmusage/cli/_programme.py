from __future__ import annotations

from pathlib import Path

import click

from crmusage.cli._evidence import evidence_in, takes_evidence
from crmusage.cli._options import instant, lang_option, width
from crmusage.model import MIN_GROUP

FINDINGS = 1
_PAGE = click.Path(dir_okay=False, writable=True, path_type=Path)
_OUT = click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path)


@click.command(
    short_help="Where the CRM programme stands, and what next: on one page.",
    epilog="""\b
Exit codes: 0 nothing asks to be done, 1 there are next steps, 2 bad input.
Example:
  crmusage programme programme/ --begin
  crmusage programme programme/ --export export/ --rules usages/ --html programme.html
""",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
@click.option("--begin", is_flag=True, help="Write empty sheets to fill in into FOLDER, and do no more.")
@takes_evidence
@click.option(
    "--min-group",
    type=click.IntRange(min=1),
    default=MIN_GROUP,
    show_default=True,
    metavar="N",
    help="Never tell of units of fewer persons.",
)
@click.option("--html", type=_PAGE, help="Write it as a page.")
@click.option("--json", "json_", type=_OUT, help="Write it as JSON; - prints it instead of the text.")
@lang_option
def programme(
    folder: Path,
    begin: bool,
    export: Path | None,
    rules: Path | None,
    as_of: str | None,
    zone: str | None,
    min_group: int,
    html: Path | None,
    json_: Path | None,
    lang: str,
) -> int:
    """Put together what lies in FOLDER, and what a history shows, on one page.

    FOLDER holds any of survey.csv, balance.toml, plan.toml, answers*.toml (one for each assessor) and closes of months
    (2026-10.json). What is not there is said to be missing.
    """
    from crmusage.model import Wording
    from crmusage.programme import Teller, as_json, begin_folder, load_folder, overview

    if begin:
        written = begin_folder(folder, lang)
        for file in written:
            click.echo(file)
        if not written:
            click.echo(
                Wording(lang).pick(
                    "The sheets are there already; none was written.",
                    "Les fiches sont déjà là ; aucune n'a été créée.",
                ),
                err=True,
            )
        return 0
    sheets = load_folder(folder)
    seen = evidence_in(export, rules, as_of, zone, min_group)
    found = overview(
        survey=sheets.survey,
        balance=sheets.balance,
        sheets=sheets.sheets,
        plan=sheets.plan,
        closes=sheets.closes,
        observed=None if seen is None else seen.observed,
        report=None if seen is None else seen.report,
        on=None if as_of is None else instant(as_of, zone).date(),
        min_group=min_group,
    )
    if html is not None:
        from crmusage.report import programme_page

        html.write_text(programme_page(found, lang), encoding="utf-8")
    told = Teller(found, Wording(lang)).text(width())
    if json_ is not None and str(json_) == "-":
        told = as_json(found)
    elif json_ is not None:
        json_.write_text(as_json(found), encoding="utf-8")
    click.echo(told, nl=False)
    for name in sheets.untouched:
        click.echo(
            Wording(lang).pick(
                f"{name} is not filled in yet and was left out.",
                f"{name} n'est pas encore rempli : laissé de côté.",
            ),
            err=True,
        )
    return FINDINGS if found.next else 0
