"""Make the page on the practices of maturity from the catalogue.

python docs/make_practices.py            write docs/reference/maturity-practices.md
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from crmusage.maturity import Dimension, Practice, Stage, catalogue

PAGE = Path(__file__).parent / "reference" / "maturity-practices.md"

_HEAD = """\
# The practices of maturity

What a stage needs, by dimension. Made from the catalogue (`python docs/make_practices.py`); the numbers of the source texts are told
in [the guide](../guides/maturity.md). Passages are told in this project's own words. French stands in `catalogue()`, and
`crmusage maturity --blank --lang fr` prints it.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_stages(), *_wheels()])


def _stages() -> Iterator[str]:
    for stage in Stage:
        yield f"## {stage.text.en.capitalize()}\n"
        for dimension in Dimension:
            yield f"### {dimension.text.en.capitalize()}\n"
            yield from _told(catalogue().at(stage, dimension))


def _wheels() -> Iterator[str]:
    yield "## Training wheels\n"
    yield "Right for a while. From the stage that is named on, in that dimension, they come off.\n"
    yield from _told(catalogue().wheels)


def _told(practices: Iterable[Practice]) -> Iterator[str]:
    for one in practices:
        off = f" From {one.stage.text.en} on, {one.dimension.text.en}." if one.wheel else ""
        needs = f" After {', '.join(f'`{need}`' for need in one.needs)}." if one.needs else ""
        seen = " A history can hold evidence." if one.measurable else ""
        yield f"- **`{one.id}`** {one.text.en}.{off}{needs}{seen}\\"
        yield f"  Shown by: {one.shown_by.en}.\\"
        yield f"  Source {one.source}: {one.passage.en}."
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
