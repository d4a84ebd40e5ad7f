"""The command line: where the parts are put together."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from crmusage.errors import MissingExtraError

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> int:
    """Run the command that `args` (by default the program's own arguments) say, and tell its exit code.

    0: done, or nothing found; 1: there are findings; 2: bad input; 70: a fault of crmusage's own.
    """
    try:
        import click  # noqa: F401 - is it installed?
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        print(MissingExtraError("The command line", "cli"), file=sys.stderr)
        return 2
    from crmusage.cli._run import run

    return run(args)
