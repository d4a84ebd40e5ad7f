"""Make the pages on the detectors from what they say of themselves, and from the comments on their thresholds.

python docs/make_detectors.py            write docs/reference/detectors/*.md
"""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

from crmusage.detectors import BUILT_IN, Detector

FOLDER = Path(__file__).parent / "reference" / "detectors"
WIDTH = 125

_HEAD = """\
# Detectors

What is looked for. Each page is made from the detector itself (`python docs/make_detectors.py`): what it finds and when it stays
silent, what the data must hold, and its thresholds, each with where it comes from. `crmusage explain CU112` tells the same in a
terminal, `--lang fr` in French. [How to write one](../../guides/write-a-detector.md).

| code | name | finds |
| --- | --- | --- |
"""


def page(detector: Detector) -> str:
    """The page of one detector."""
    needs = [
        f"- `{table}`" + (f" with {', '.join(f'`{column}`' for column in columns)}" if columns else "")
        for table, columns in detector.needs.tables.items()
    ]
    needs += [f"- events `{activity}`" for activity in detector.needs.activities]
    needs += [f"- `{name}` seen as a whole, as far as `coverage` tells" for name in detector.needs.complete]
    thresholds = [f"- `{name}` = `{value}`: {told}" for name, value, told in _thresholds(detector)]
    parts = [
        f"# {detector.code} {detector.name}",
        f"**{detector.title.en}.** {detector.about.en}",
        f"**{detector.title.fr}.** {detector.about.fr}",
        "## What the data must hold\n\n" + ("\n".join(needs) or "Nothing in particular."),
    ]
    if thresholds:
        parts.append("## Thresholds\n\n" + "\n".join(thresholds))
    return "\n\n".join(_wrapped(part) for part in parts) + "\n"


def listed(detectors: Iterable[Detector]) -> str:
    """The list of all."""
    rows = (f"| [{one.code}]({one.code}.md) | {one.name} | {one.title.en} |\n" for one in detectors)
    return _HEAD + "".join(rows)


def _thresholds(detector: Detector) -> Iterator[tuple[str, str, str]]:
    """The constants of the detector's module that have a comment, with their value and that comment."""
    module = inspect.getmodule(type(detector))
    if module is None:
        return
    body = ast.parse(inspect.getsource(module)).body
    for statement, following in itertools.pairwise(body):
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            continue
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            told = " ".join(str(following.value.value).split())
            yield statement.targets[0].id, ast.unparse(statement.value), told


def _wrapped(text: str) -> str:
    lines = []
    for line in text.split("\n"):
        indent = "  " if line.startswith("- ") else ""
        lines.extend(
            textwrap.wrap(
                line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
            )
            or [""]
        )
    return "\n".join(lines)


def main() -> None:
    """Write all pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.md"):
        old.unlink()
    for detector in BUILT_IN:
        (FOLDER / f"{detector.code}.md").write_text(page(detector), encoding="utf-8")
    (FOLDER / "README.md").write_text(listed(BUILT_IN), encoding="utf-8")


if __name__ == "__main__":
    main()
