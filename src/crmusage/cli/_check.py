from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from crmusage.cli._export import Export, reads_export
from crmusage.cli._options import lang_option, near, width

FINDINGS = 1
_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


def _in_a_folder(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    # Told before the work, not after it.
    if value is not None and not value.parent.is_dir():
        raise click.BadParameter(f"there is no folder {value.parent}.", context, parameter)
    return value


def _a_table(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    if value is not None and value.suffix.lower() not in {".csv", ".parquet"}:
        raise click.BadParameter(f"{value} ends neither in .csv nor in .parquet.", context, parameter)
    return _in_a_folder(context, parameter, value)


@click.command(
    short_help="Hold a CRM's data against the usages.",
    epilog="""\b
Exit codes: 0 nothing found, 1 findings, 2 bad input.
Example:
  crmusage check export/ --rules usages/ --as-of 2026-10-31 --zone Europe/Paris --html report.html
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
    "--only", multiple=True, metavar="CODE", help="Run this detector only, such as CU112; can be repeated."
)
@click.option(
    "--all",
    "full",
    is_flag=True,
    help="List each check that could not be made with its reason, not only what is missing most.",
)
@click.option("--html", type=_FILE, callback=_in_a_folder, help="Write the report as a page.")
@click.option(
    "--json",
    "json_",
    type=click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path),
    callback=_in_a_folder,
    help="Write the report as JSON; - prints it instead of the text.",
)
@click.option(
    "--witnesses",
    type=_FILE,
    callback=_a_table,
    help="Write each verdict, with the event that decided, as .csv or .parquet. It holds ids of cases.",
)
@lang_option
def check(
    export: Export,
    rules: Path | None,
    only: tuple[str, ...],
    full: bool,
    html: Path | None,
    json_: Path | None,
    witnesses: Path | None,
    lang: str,
) -> int:
    """Hold what happened (a folder of tables, or a log) against the written usages and every detector."""
    from crmusage.errors import SourceError
    from crmusage.history import write_safe
    from crmusage.plugins import detectors
    from crmusage.rules import Rulebook
    from crmusage.verification import verify

    codes = [detector.code for detector in detectors()]
    for code in only:
        if code.upper() not in codes:
            raise click.BadParameter(
                f"no detector has the code {code!r}. {near(code, codes)}", param_hint="--only"
            )
    book = None if rules is None else Rulebook.load(rules)
    history = export.history()
    report = verify(
        history,
        book,
        only=[code.upper() for code in only] or None,
        min_group=export.min_group,
    )
    if html is not None:
        report.to_html(html, lang=lang)
    if witnesses is not None:
        write_safe(report.witnesses, witnesses)
    if json_ is None or str(json_) != "-":
        click.echo(report.to_text(lang, width(), colour=_colours(), full=full), nl=False)
    if json_ is not None:
        _write_json(report.to_json(), json_)
    if not report.n_cases and not report.n_events:
        raise SourceError(
            f"{export.path}: there is not one case or event in it, so nothing was checked. Is the export whole?"
        )
    return FINDINGS if report.findings else 0


def _write_json(text: str, path: Path) -> None:
    if str(path) == "-":
        click.echo(text)
    else:
        path.write_text(text, encoding="utf-8")


def _colours() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
