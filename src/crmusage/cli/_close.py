from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmusage.cli._options import lang_option, width
from crmusage.errors import SourceError
from crmusage.model import MIN_GROUP

if TYPE_CHECKING:
    from crmusage.knowledge import Close
    from crmusage.model import Period

FINDINGS = 1
_PAGE = click.Path(dir_okay=False, writable=True, path_type=Path)
_OUT = click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path)


def _month(context: click.Context, parameter: click.Parameter, value: str | None) -> Period | None:
    if value is None:
        return None
    from crmusage.model import Period

    try:
        return Period.month(*(int(part) for part in value.split("-")))
    except (TypeError, ValueError):
        raise click.BadParameter(f"{value!r} is no month such as 2026-10.", context, parameter) from None


@click.command(
    short_help="Close a month: run its controls, freeze, sign, compare with the one before.",
    epilog="""\b
Exit codes: 0 signed and nothing worse than before, 1 not so, 2 bad input (a file that was changed, too).
Example:
  crmusage close --run export/ --rules usages/ --month 2026-09 --out 2026-09.json
  crmusage close 2026-09.json --sign "sales director"
  crmusage close 2026-09.json --run export/ --rules usages/ --month 2026-10 --out 2026-10.json
""",
)
@click.argument("files", nargs=-1, type=click.Path(dir_okay=False, path_type=Path), metavar="[CLOSES]...")
@click.option(
    "--run",
    "export",
    type=click.Path(path_type=Path),
    metavar="EXPORT",
    help="Run the controls of --month over this export (a folder of tables) and freeze what they find.",
)
@click.option("--month", callback=_month, metavar="YYYY-MM", help="The month to close, with --run.")
@click.option(
    "--rules",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The written usages: each one in force is a control.",
)
@click.option("--zone", metavar="NAME", help="Zone of times that do not tell theirs, such as Europe/Paris.")
@click.option(
    "--min-group",
    type=click.IntRange(min=1),
    default=MIN_GROUP,
    show_default=True,
    metavar="N",
    help="Never tell of units of fewer persons.",
)
@click.option("--sign", "role", metavar="ROLE", help="Sign the last close, as a role (sales director).")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Where to write what was run or signed; a signed file goes back to its place by default.",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which it is closed, signed and looked at; by default today. Months not closed and signed by then "
    "are told if it is given.",
)
@click.option("--html", type=_PAGE, help="Write it as a page, with what changed.")
@click.option("--json", "json_", type=_OUT, help="Write it as JSON; - prints it instead of the text.")
@lang_option
def close(
    files: tuple[Path, ...],
    export: Path | None,
    month: Period | None,
    rules: Path | None,
    zone: str | None,
    min_group: int,
    role: str | None,
    out: Path | None,
    as_of: dt.datetime | None,
    html: Path | None,
    json_: Path | None,
    lang: str,
) -> int:
    """Close a month over an export, or check CLOSES, the saved closes of months.

    The controls are the written usages in force, every detector, and the tables of the export. Told are what is new,
    gone, worse; which controls fell off the list or can no longer see; and whether a file was changed after its close.
    """
    from crmusage.knowledge import closes_as_json, load_close, needs_attention, save_close, tell_closes

    if (export is None) != (month is None):
        raise click.UsageError("a month is closed over an export: give --run and --month together.")
    if not files and export is None:
        raise click.UsageError("give saved closes, or run one with --run and --month.")
    if export is not None and out is None:
        raise click.UsageError("say where to write what is run, with --out.")
    closes = sorted((load_close(file) for file in files), key=lambda one: one.period)
    today = dt.date.today() if as_of is None else as_of.date()  # noqa: DTZ011 - the day of whoever signs
    if export is not None and month is not None:
        if closes and closes[-1].signature is None:
            # Its seal would change under the close that holds it.
            raise click.UsageError(
                f"the close of {closes[-1].period} is not signed yet: sign it first, with --sign ROLE."
            )
        closes.append(_run(export, month, rules, zone, min_group, closes, today))
    if role is not None:
        closes[-1] = closes[-1].sign(role, today)
    if out is not None or role is not None:
        save_close(closes[-1], out or _file_of(closes[-1], files))
    on = None if as_of is None else today
    if html is not None:
        from crmusage.report import close_page

        html.write_text(close_page(closes, lang, on=on), encoding="utf-8")
    printed = json_ is not None and str(json_) == "-"
    if json_ is not None and not printed:
        json_.write_text(closes_as_json(closes, on), encoding="utf-8")
    told = closes_as_json(closes, on) if printed else tell_closes(closes, lang, on=on, width=width())
    click.echo(told, nl=False)
    return FINDINGS if needs_attention(closes, on) else 0


def _run(
    export: Path,
    month: Period,
    rules: Path | None,
    zone: str | None,
    min_group: int,
    before: Sequence[Close],
    today: dt.date,
) -> Close:
    from crmusage.history import History
    from crmusage.knowledge import close as frozen
    from crmusage.knowledge import controls_of, results_of
    from crmusage.plugins import detectors
    from crmusage.rules import Rulebook
    from crmusage.signals import rows_in
    from crmusage.verification import verify

    end = dt.datetime.combine(month.end, dt.time(), dt.UTC) - dt.timedelta(microseconds=1)
    book = Rulebook() if rules is None else Rulebook.load(rules)
    history = History.read(export, as_of=end, zone=zone)
    rows = rows_in(history, month)
    if not any(rows.get(name) for name in ("cases", "events")):
        raise SourceError(f"{export}: has no case and no event of {month}; there is nothing to close")
    report = verify(history, book, min_group=min_group)
    controls = controls_of(book, detectors=[one.code for one in detectors()], coverage=rows)
    run = results_of(report, month, rows)
    return frozen(controls, run, month, on=today, previous=before[-1] if before else None)


def _file_of(one: Close, files: Sequence[Path]) -> Path:
    from crmusage.knowledge import load_close

    return next(file for file in files if load_close(file).period == one.period)
