from __future__ import annotations

from pathlib import Path

import click

from crmusage.cli._announce import announce, coverage
from crmusage.cli._due import due
from crmusage.cli._history import diff_, history, schema_
from crmusage.cli._options import columns, lang_option, paragraphs
from crmusage.cli._starter import starter


@click.group()
def rules() -> None:
    """Look after the written usages."""


@rules.command("list", epilog="\b\nExample:\n  crmusage rules list usages/\n")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@lang_option
def list_(folder: Path, lang: str) -> None:
    """List the rules of a folder: id, version, status, kind of case, situation."""
    from crmusage.rules import Rulebook

    click.echo(
        columns(
            (
                rule.id,
                f"v{rule.version}",
                rule.status.text.into(lang),
                rule.kind or "*",
                rule.situation.into(lang),
            )
            for rule in Rulebook.load(folder)
        )
    )


@rules.command(
    "lint",
    short_help="Find contradictions among rules, and rules that add nothing.",
    epilog="""\b
Exit codes: 0 nothing found, 1 findings, 2 bad input.
Example:
  crmusage rules lint usages/
""",
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@lang_option
def lint_(folder: Path, lang: str) -> int:
    """Hold the rules of a folder (or of a Declare model, .decl) against each other.

    Tells which contradict each other, which follow from others and which can never be activated, each with the
    shortest case that shows it.
    """
    from crmusage.model import Wording, printable
    from crmusage.rules import Rulebook, lint, read_decl

    found = lint(read_decl(folder) if folder.suffix == ".decl" else Rulebook.load(folder))
    for one in found:
        click.echo(f"{one.code}  {one.title.into(lang)}")
        # In French, quotes and colons stay with what they belong to at the end of a line.
        text = Wording("fr").pick("", one.text.fr) if lang == "fr" else one.text.en
        click.echo(paragraphs(printable(text), "       "))
    return 1 if found else 0


for command in (announce, coverage, diff_, due, history, schema_, starter):
    rules.add_command(command)
