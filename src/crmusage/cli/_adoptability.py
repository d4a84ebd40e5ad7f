from __future__ import annotations

from pathlib import Path

import click

from crmusage.cli._evidence import evidence_in, takes_evidence
from crmusage.cli._options import lang_option, width

FINDINGS = 1
_OF_PRESSURE = ("CU201",)
_FILE = click.Path(dir_okay=False, path_type=Path)
_PAGE = click.Path(dir_okay=False, writable=True, path_type=Path)
_OUT = click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path)


@click.command(
    short_help="Would people take the CRM up of themselves, and who pays for it?",
    epilog="""\b
Exit codes: 0 no criterion is poor, no interests conflict and nobody is forced, 1 otherwise, 2 bad input.
Example:
  crmusage adoptability --questions --lang fr
  crmusage adoptability survey.csv --balance balance.toml --export export/ --html adoptability.html
""",
)
@click.argument("survey", required=False, type=_FILE, metavar="[SURVEY]")
@click.option("--questions", "asked", is_flag=True, help="Print the statements to ask, and do no more.")
@click.option("--balance", "balance_file", type=_FILE, metavar="FILE", help="Who gains and who pays (TOML).")
@takes_evidence
@click.option(
    "--min-group",
    type=click.IntRange(min=1),
    metavar="N",
    help="Never show units of fewer answers (5 unless you say otherwise).",
)
@click.option("--html", type=_PAGE, help="Write it as a page.")
@click.option("--json", "json_", type=_OUT, help="Write it as JSON; - prints it instead of the text.")
@lang_option
def adoptability(
    survey: Path | None,
    asked: bool,
    balance_file: Path | None,
    export: Path | None,
    rules: Path | None,
    as_of: str | None,
    zone: str | None,
    min_group: int | None,
    html: Path | None,
    json_: Path | None,
    lang: str,
) -> int:
    """Score a survey (CSV) on the five criteria of adoptability, and weigh who gains and who pays.

    Each criterion comes with its interval, the number of answers and how reliable it is. Small units are kept back.
    With --export, figures from what happened stand beside the answers, and where the two disagree it is said.
    """
    from crmusage.adoptability import Teller, Verdict, as_json, load_balance, load_survey, questions, score
    from crmusage.model import MIN_GROUP, Wording

    if asked:
        click.echo(questions(lang), nl=False)
        return 0
    if survey is None:
        raise click.UsageError("give the file of answers, or ask for the statements with --questions.")
    least = MIN_GROUP if min_group is None else min_group
    responses = load_survey(survey)
    balance = None if balance_file is None else load_balance(balance_file)
    seen = evidence_in(export, rules, as_of, zone, least, codes=_OF_PRESSURE)
    observed = None if seen is None else seen.observed
    scores = score(responses, min_group=least, indicators=() if observed is None else observed.indicators)
    coercion = None if observed is None else observed.coercion
    if html is not None:
        from crmusage.report import adoptability_page

        html.write_text(adoptability_page(scores, balance, lang, coercion=coercion), encoding="utf-8")
    printed = json_ is not None and str(json_) == "-"
    if json_ is not None and not printed:
        json_.write_text(as_json(scores, balance, coercion), encoding="utf-8")
    if printed:
        click.echo(as_json(scores, balance, coercion), nl=False)
    else:
        teller = Teller(Wording(lang))
        click.echo(teller.text(scores, width()), nl=False)
        if coercion is not None:
            click.echo(f"\n{teller.coercion_text(coercion, width())}", nl=False)
        if balance is not None:
            click.echo(f"\n{teller.balance_text(balance, width())}", nl=False)
    poor = any(one.verdict is Verdict.POOR for one in scores.overall)
    forced = coercion is not None and (coercion.verdict is Verdict.POOR or bool(coercion.units))
    return (
        FINDINGS if poor or (balance is not None and (balance.conflict or balance.conflicts)) or forced else 0
    )
