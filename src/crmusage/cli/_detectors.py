from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crmusage.cli._options import columns, lang_option, near, paragraphs
from crmusage.model import Text

if TYPE_CHECKING:
    from crmusage.detectors import Detector

_NEEDS = Text(en="Needs: ", fr="Données requises : ")
_EVENTS = Text(en="events", fr="événements")
_KIND = Text(en="cases of kind", fr="dossiers de type")
_BETWEEN = Text("; ", " ; ")
_NOTHING = Text(en="nothing in particular", fr="aucune en particulier")


@click.command(short_help="List what is looked for.", epilog="\b\nExample:\n  crmusage detectors --lang fr\n")
@lang_option
def detectors(lang: str) -> None:
    """List what is looked for: code, name, and what it finds."""
    from crmusage.plugins import detectors as installed

    click.echo(columns((one.code, one.name, one.title.into(lang)) for one in installed()))


@click.command(short_help="Tell how a detector judges.", epilog="\b\nExample:\n  crmusage explain CU112\n")
@click.argument("code")
@lang_option
def explain(code: str, lang: str) -> None:
    """Tell what a detector (its code or its name) finds, what it needs, and how it judges."""
    from crmusage.plugins import detectors as installed

    known = installed()
    for one in known:
        if code.lower() in {one.code.lower(), one.name.lower()}:
            click.echo(_explained(one, lang))
            return
    words = [one.code for one in known]
    if not code.upper().startswith("CU"):
        words += [one.name for one in known]
    raise click.BadParameter(f"no detector is called {code!r}. {near(code, words)}", param_hint="CODE")


def _explained(detector: Detector, lang: str) -> str:
    needs = [
        f"{table} ({', '.join(wanted)})" if wanted else table
        for table, wanted in detector.needs.tables.items()
    ]
    if detector.needs.activities:
        needs.append(f"{_EVENTS.into(lang)} ({', '.join(detector.needs.activities)})")
    if detector.needs.kind:
        needs.append(f"{_KIND.into(lang)} {detector.needs.kind}")
    return "\n\n".join(
        [
            paragraphs(f"{detector.code} {detector.name} \N{EM DASH} {detector.title.into(lang)}"),
            paragraphs(detector.about.into(lang)),
            paragraphs(
                _NEEDS.into(lang) + (_BETWEEN.into(lang).join(needs) if needs else _NOTHING.into(lang))
            ),
        ]
    )
