from __future__ import annotations

from pathlib import Path

import click

from crmusage.cli._evidence import evidence_in, takes_evidence
from crmusage.cli._options import lang_option, width
from crmusage.model import MIN_GROUP

FINDINGS = 1
_OF_PRACTICES = ("CU3", "CU603")
"""Detectors of false data and of dead rules: the practices that `observe` asks a report about."""
_FILE = click.Path(dir_okay=False, path_type=Path)
_PAGE = click.Path(dir_okay=False, writable=True, path_type=Path)
_OUT = click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path)


@click.command(
    short_help="Where the CRM programme stands, and what comes next.",
    epilog="""\b
Exit codes: 0 the dimensions go together, 1 they do not (or a risk is seen), 2 bad input.
Example:
  crmusage maturity --blank > answers.toml
  crmusage maturity answers.toml --export export/ --rules usages/ --html maturity.html
""",
)
@click.argument("sheets", nargs=-1, type=_FILE, metavar="ANSWERS...")
@click.option(
    "--blank", is_flag=True, help="Print an empty sheet to fill in, with every statement, and do no more."
)
@takes_evidence
@click.option("--html", type=_PAGE, help="Write the assessment as a page.")
@click.option(
    "--json", "json_", type=_OUT, help="Write the assessment as JSON; - prints it instead of the text."
)
@lang_option
def maturity(
    sheets: tuple[Path, ...],
    blank: bool,
    export: Path | None,
    rules: Path | None,
    as_of: str | None,
    zone: str | None,
    html: Path | None,
    json_: Path | None,
    lang: str,
) -> int:
    """Assess a programme from the answers of one or more people (TOML, a file each or together).

    A stage needs all its practices and the lowest dimension counts: nothing is averaged, and no date matters. What
    nobody knows is not assessable, and is the first thing that the plan asks for. With --export, what happened stands
    beside the answers, and changes none of them.
    """
    from crmusage.maturity import assess, blank_sheet, load_sheets

    if blank:
        click.echo(blank_sheet(lang), nl=False)
        return 0
    if not sheets:
        raise click.UsageError("give at least one file of answers, or ask for an empty one with --blank.")
    answers = load_sheets(*sheets)
    seen = evidence_in(export, rules, as_of, zone, MIN_GROUP, codes=_OF_PRACTICES)
    found = assess(answers, observations=() if seen is None else seen.observed.observations)
    if html is not None:
        from crmusage.report import maturity_page

        html.write_text(maturity_page(found, lang), encoding="utf-8")
    if json_ is not None and str(json_) != "-":
        json_.write_text(found.to_json(), encoding="utf-8")
    told = found.to_json() if json_ is not None and str(json_) == "-" else found.to_text(lang, width())
    click.echo(told, nl=False)
    return FINDINGS if found.inconsistencies or found.risks else 0
