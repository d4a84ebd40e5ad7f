from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from crmusage.cli._options import lang_option, width

FINDINGS = 1


@click.command(
    short_help="The close of a month beside the one before.",
    epilog="""\b
Exit codes: 0 signed and nothing worse than before, 1 not so, 2 bad input (a file that was changed, too).
Example:
  crmusage close 2026-09.json 2026-10.json --as-of 2026-11-15
""",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Tell which months should be closed and signed by this day, and are not.",
)
@lang_option
def close(files: tuple[Path, ...], as_of: dt.datetime | None, lang: str) -> int:
    """Check FILES, the saved closes of months, and tell how the last one differs from the one before.

    What is new, gone, worse; which controls fell off the list or can no longer see; and whether a file was
    changed after its close.
    """
    from crmusage.knowledge import load_close, needs_attention, tell_closes

    closes = [load_close(file) for file in files]
    on = None if as_of is None else as_of.date()
    click.echo(tell_closes(closes, lang, on=on, width=width()), nl=False)
    return FINDINGS if needs_attention(closes, on) else 0
