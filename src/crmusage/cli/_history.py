from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmusage.cli._options import lang_option, near, paragraphs
from crmusage.errors import SourceError
from crmusage.model import Text, Wording, printable

if TYPE_CHECKING:
    from crmusage.rules import Difference, UsageRule

_NO_HISTORY = Text("Its file tells of no change.", "Son fichier ne mentionne aucun changement.")
_ALIKE = Text("No difference.", "Aucune différence.")


@click.command(
    "diff",
    short_help="Tell in words what is different between two rulebooks.",
    epilog="""\b
Exit codes: 0 no difference, 1 differences, 2 bad input.
Example:
  crmusage rules diff usages-of-last-year/ usages/
""",
)
@click.argument("old", metavar="A", type=click.Path(path_type=Path))
@click.argument("new", metavar="B", type=click.Path(path_type=Path))
@lang_option
def diff_(old: Path, new: Path, lang: str) -> int:
    """Tell what is different in B from A: two rule files, or two folders of them."""
    from crmusage.rules import Rulebook, diff

    before, after = Rulebook.load(old), Rulebook.load(new)
    # Two files are held against each other whatever the ids in them.
    both_files = old.is_file() and new.is_file()
    found = diff(before.rules[0], after.rules[0]) if both_files else diff(before, after)
    if not found:
        click.echo(_ALIKE.into(lang))
    for rule_id in dict.fromkeys(one.rule for one in found):
        click.echo(rule_id)
        for one in found:
            if one.rule == rule_id:
                click.echo(_said(one.text, lang))
                click.echo("".join(f"      {line}\n" for line in _lines(one, lang)), nl=False)
    return 1 if found else 0


@click.command(
    "history",
    short_help="Tell what was done with a rule, by whom, when and why.",
    epilog="\b\nExample:\n  crmusage rules history usages/ alternative-offers\n",
)
@click.argument("path", metavar="PATH", type=click.Path(path_type=Path))
@click.argument("rule_id", metavar="[ID]", required=False)
@lang_option
def history(path: Path, rule_id: str | None, lang: str) -> None:
    """Tell the history of the rule in a file, or of the rules in a folder (of one of them: its ID)."""
    from crmusage.rules import Rulebook

    book = Rulebook.load(path)
    if rule_id is not None and rule_id not in book:
        raise SourceError(
            f"{path}: no rule is called {rule_id!r}. {near(rule_id, [rule.id for rule in book])}"
        )
    for rule in book if rule_id is None else [book[rule_id]]:
        _tell(rule, lang)


def _tell(rule: UsageRule, lang: str) -> None:
    click.echo(f"{rule.id}  v{rule.version}  {rule.status.text.into(lang)}")
    if not rule.history:
        click.echo(f"  {_NO_HISTORY.into(lang)}")
    for change in rule.history:
        click.echo(f"  v{change.version}  {_said(change.text, lang).lstrip()}")
        if change.what is not None:
            click.echo(_said(change.what, lang, "      "))


@click.command(
    "schema",
    short_help="Print the JSON Schema of rule files, for editors.",
    epilog="\b\nExample:\n  crmusage rules schema > rule.schema.json\n",
)
def schema_() -> None:
    """Print the JSON Schema of rule files: an editor that knows it completes and checks the keys."""
    from crmusage.rules import schema

    click.echo(json.dumps(schema(), indent=2, ensure_ascii=False))


def _said(text: Text, lang: str, indent: str = "  ") -> str:
    # In French, quotes and colons stay with what they belong to at the end of a line.
    said = Wording("fr").pick("", text.fr) if lang == "fr" else text.en
    return paragraphs(printable(said), indent)


def _lines(one: Difference, lang: str) -> list[str]:
    """The lines of a guidance that came and went."""
    if one.key != "guidance":
        return []
    old, new = (text.into(lang).splitlines() if isinstance(text, Text) else [] for text in (one.old, one.new))
    return [printable(line) for line in difflib.ndiff(old, new) if line[0] in "+-"]
