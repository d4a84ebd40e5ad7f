from __future__ import annotations

import io
import sys
import traceback
import warnings
from collections.abc import Sequence

import click

from crmusage._version import __version__
from crmusage.cli._adoptability import adoptability
from crmusage.cli._check import check
from crmusage.cli._close import close
from crmusage.cli._detectors import detectors, explain
from crmusage.cli._discover import discover
from crmusage.cli._effect import effect
from crmusage.cli._gaps import gaps
from crmusage.cli._knowledge import knowledge
from crmusage.cli._maturity import maturity
from crmusage.cli._programme import programme
from crmusage.cli._rules import rules
from crmusage.cli._simulate import simulate
from crmusage.errors import CrmUsageError, CrmUsageWarning

BAD_INPUT = 2
CRASHED = 70
"""As sysexits.h has it: not 1, which means findings."""
INTERRUPTED = 130
PIPE_CLOSED = 141
"""As shells say it, 128 and the signal's number."""


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Exit codes: 0 nothing found, 1 findings, 2 bad input.
Example:
  crmusage simulate --scenario late-creation --out export
  crmusage check export --html report.html
""",
)
@click.version_option(__version__, prog_name="crmusage", message="%(prog)s %(version)s")
def program() -> None:
    """Find out how a CRM is really used, and hold it against the written usages."""


for command in (
    adoptability,
    check,
    close,
    detectors,
    discover,
    effect,
    explain,
    gaps,
    knowledge,
    maturity,
    programme,
    rules,
    simulate,
):
    program.add_command(command)


def run(args: Sequence[str] | None) -> int:
    """Run a command; every error that is the user's to mend is one clear message on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that knows no such sign shows another one rather than a crash.
            stream.reconfigure(errors="replace")
    with warnings.catch_warnings():
        warnings.simplefilter("always", CrmUsageWarning)
        warnings.showwarning = _warn
        return _guarded(args)


def _guarded(args: Sequence[str] | None) -> int:
    try:
        code = program.main(args, prog_name="crmusage", standalone_mode=False)
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    except CrmUsageError as error:
        click.echo(f"Error: {error}", err=True)
        return BAD_INPUT
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"Error: {where}{error.strerror or error}", err=True)
        return BAD_INPUT
    except SystemExit:
        # click's answer to a pipe that nobody reads any more (`crmusage detectors | head -1`).
        return PIPE_CLOSED
    except Exception:  # noqa: BLE001 — whatever it is, it must not leave with the code that means findings
        traceback.print_exc()
        click.echo("This is a fault of crmusage's own: please report it with the lines above.", err=True)
        return CRASHED
    return code if isinstance(code, int) else 0


def _warn(message: Warning | str, category: type[Warning], *where: object, **_: object) -> None:
    if issubclass(category, CrmUsageWarning):
        click.echo(f"Warning: {message}", err=True)
    else:
        filename, line = where[:2]
        click.echo(f"{filename}:{line}: {category.__name__}: {message}", err=True)
