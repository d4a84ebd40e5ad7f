from __future__ import annotations

from crmusage.maturity import Assessment, GateState, Stage, Teller
from crmusage.model import Text, Wording
from crmusage.report._programme import bullets, page, section, table
from crmusage.report._svg import Svg, picture, tag, text

_CLASSES = {GateState.MET: "yes", GateState.MISSING: "no", GateState.NOT_ASSESSABLE: "unsure"}
_STATES = {
    GateState.MET: Text("all in place", "tout est en place"),
    GateState.MISSING: Text("something missing", "il en manque"),
    GateState.NOT_ASSESSABLE: Text("not assessable", "non évaluable"),
}
_WIDE, _HIGH, _LEFT, _TOP = 130, 40, 110, 26


def maturity_page(assessment: Assessment, lang: str = "en") -> str:
    """An assessment of maturity as one self-contained page, with the grid of stages.

    Raises:
        ValueError: for a language other than "en" and "fr".
    """
    w = Wording(lang)
    teller = Teller(assessment, w)
    steps = [
        tag("li", tag("strong", first), *(tag("small", line) for line in rest))
        for first, *rest in map(teller.step, assessment.plan)
    ]
    parts = [Svg(stage_grid(assessment, lang))]
    parts += [section(heading, bullets(lines)) for heading, lines in teller.sections()]
    parts.append(section(teller.plan_heading, tag("ol", *steps) if steps else tag("p", teller.nothing_to_do)))
    notes = teller.notes()
    if notes:
        head = (
            w.pick("practice", "pratique"),
            w.pick("who", "qui"),
            w.pick("answer", "réponse"),
            w.pick("evidence noted", "preuve notée"),
        )
        parts.append(
            section(
                w.pick("Answers and what they rest on", "Les réponses et ce qui les fonde"),
                table(head, notes),
            )
        )
    return page(
        w.pick("Maturity of the CRM programme", "Maturité du programme CRM"), teller.headline, parts, w
    )


def stage_grid(assessment: Assessment, lang: str = "en") -> str:
    """The grid of stages as SVG: a row for each dimension, a column for each stage."""
    w = Wording(lang)
    teller = Teller(assessment, w)
    cells: list[Svg] = []
    for column, stage in enumerate(Stage):
        x = _LEFT + column * _WIDE
        cells.append(text("head", teller.of(stage.text), (x + _WIDE / 2, _TOP - 8)))
        for row, level in enumerate(assessment.levels):
            y, state = _TOP + row * _HIGH, level.gates[column].state
            cells.append(
                tag(
                    "rect",
                    class_=f"cell {_CLASSES[state]}",
                    x=x + 2,
                    y=y + 2,
                    width=_WIDE - 4,
                    height=_HIGH - 4,
                    rx=4,
                )
            )
            on = "on" if state is GateState.MET else "off"
            cells.append(text(on, teller.of(_STATES[state]), (x + _WIDE / 2, y + _HIGH / 2 + 4)))
    for row, level in enumerate(assessment.levels):
        told = teller.of(level.dimension.text)
        cells.append(text("row", told, (_LEFT - 8, _TOP + row * _HIGH + _HIGH / 2 + 4), "end"))
    size = (_LEFT + len(Stage) * _WIDE, _TOP + len(assessment.levels) * _HIGH)
    return picture(
        "stages", w.pick("Stages by dimension", "Stades par dimension"), teller.headline, size, *cells
    )
