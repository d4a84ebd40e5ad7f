from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import click

from crmusage.cli._options import columns, lang_option
from crmusage.errors import SourceError
from crmusage.model import Text, Wording

FORMATS = ("csv", "parquet")
TRUTH = "truth.json"


@click.command(
    short_help="Write the data of a believable company.",
    epilog="""\b
Example:
  crmusage simulate --scenario late-creation --seed 7 --out export
  crmusage check export
""",
)
@click.option("--list", "list_", is_flag=True, help="List the scenarios, and write nothing.")
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="NAME",
    help="What to plant; can be repeated. Default: late-creation.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("export"),
    show_default=True,
    metavar="DIR",
    help="Where to write.",
)
@click.option("--seed", type=int, metavar="N", help="The same number gives the same company.")
@click.option("--departments", type=int, metavar="N", help="How many departments the company has.")
@click.option("--months", type=int, metavar="N", help="How many months to simulate.")
@click.option("--opportunities", type=int, metavar="N", help="About how many opportunities there are.")
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default="csv", show_default=True, help="What to write."
)
@lang_option
def simulate(
    list_: bool,
    scenarios: tuple[str, ...],
    out: Path,
    seed: int | None,
    departments: int | None,
    months: int | None,
    opportunities: int | None,
    format_: Literal["csv", "parquet"],
    lang: str,
) -> None:
    """Write the CRM data of a believable company, with a usage planted in it and the truth beside it."""
    from crmusage.testing import SCENARIOS
    from crmusage.testing import simulate as simulated

    if list_:
        click.echo(columns((one.name, one.text.into(lang)) for one in SCENARIOS.values()))
        return
    asked: dict[str, Any] = {
        "seed": seed,
        "departments": departments,
        "months": months,
        "opportunities": opportunities,
    }
    _refuse_strangers(out)
    company = simulated(scenarios or ("late-creation",), **{k: v for k, v in asked.items() if v is not None})
    _clear(out, company.tables)
    company.write(out, format=format_)
    w = Wording(lang)
    rows = ", ".join(f"{w.number(table.height)} {name}" for name, table in company.tables.items())
    # Told as they stand: who copies a folder's name must not get other quotes.
    said = Text(
        f"Wrote {rows} to {out}; {TRUTH} there tells what was planted.\nNext: crmusage check {out}",
        f"{out} : {rows}. Le fichier {TRUTH} y dit ce qui a été implanté.\nEnsuite : crmusage check {out}",
    )
    click.echo(said.into(lang))


def _refuse_strangers(out: Path) -> None:
    if out.is_dir() and any(out.iterdir()) and not (out / TRUTH).exists():
        raise SourceError(f"{out}: holds files that no simulation wrote: name a new folder with --out")


def _clear(out: Path, tables: Mapping[str, object]) -> None:
    """Take away what an earlier simulation wrote: in two formats, everything would be there twice."""
    for name in tables:
        for ending in FORMATS:
            (out / f"{name}.{ending}").unlink(missing_ok=True)
