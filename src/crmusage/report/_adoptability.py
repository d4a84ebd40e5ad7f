from __future__ import annotations

from crmusage.adoptability import Balance, Coercion, Score, Scores, Teller
from crmusage.model import Measure, Wording
from crmusage.report._programme import bullets, page, section, table
from crmusage.report._svg import Svg, circle, line, picture, tag, text

_LEFT, _WIDE, _ROW, _TOP = 220, 360, 32, 24
_LOWEST, _HIGHEST = 1, 5


def adoptability_page(
    scores: Scores, balance: Balance | None = None, lang: str = "en", *, coercion: Coercion | None = None
) -> str:
    """A survey, and perhaps a benefit balance, as one self-contained page with the criteria and their intervals.

    Indicators of a history stand beside the answers, if the scores have them; `coercion` says whether use is kept up
    by pressure.

    Raises:
        ValueError: for a language other than "en" and "fr".
    """
    w = Wording(lang)
    teller = Teller(w)
    parts = [
        Svg(criteria_chart(scores.overall, lang)),
        section(
            w.pick("By criterion", "Par critère"),
            table(teller.head(), [teller.row(one) for one in scores.overall]),
        ),
    ]
    if scores.indicators:
        parts.append(
            section(
                w.pick("What a history shows, beside the answers", "Ce que montre l'historique, en regard"),
                table(teller.indicator_head(), [teller.indicator(one) for one in scores.indicators]),
            )
        )
    if coercion is not None:
        parts.append(
            section(
                w.pick("Use under pressure?", "Un usage sous contrainte ?"),
                tag("p", teller.of(coercion.text)),
                bullets(teller.coercion(coercion)),
            )
        )
    lists = [
        (
            w.pick("Answers and figures differ", "Réponses et chiffres divergent"),
            teller.disagreements(scores),
        ),
        (w.pick("Notes", "Remarques"), teller.notes(scores)),
    ]
    parts += [section(heading, bullets(lines)) for heading, lines in lists if lines]
    parts += [
        section(unit, Svg(criteria_chart(of_unit, lang, key=f"unit-{number}")))
        for number, (unit, of_unit) in enumerate(scores.units)
    ]
    if balance is not None:
        accounts = table(teller.accounts_head(), teller.accounts(balance))
        parts.append(section(w.pick("Who gains, who pays", "Qui gagne, qui paie"), accounts))
        parts += [section(heading, bullets(lines)) for heading, lines in teller.sections(balance)]
        parts.append(section(teller.backlog_heading, bullets(teller.backlog(balance), "ol")))
    return page(teller.title(scores), teller.weakest(scores), parts, w)


def criteria_chart(scores: tuple[Score, ...], lang: str = "en", *, key: str = "criteria") -> str:
    """The criteria with their intervals as SVG, on the scale from 1 to 5."""
    w = Wording(lang)
    teller = Teller(w)
    bottom = _TOP + len(scores) * _ROW
    drawn: list[Svg] = []
    for point in range(_LOWEST, _HIGHEST + 1):
        drawn.append(line("axis", (_at(point), _TOP), (_at(point), bottom)))
        drawn.append(text("tick", w.number(point), (_at(point), _TOP - 8)))
    for row, score in enumerate(scores):
        y, value = _TOP + row * _ROW + _ROW / 2, score.value
        drawn.append(text("row", teller.of(score.criterion.text), (_LEFT - 12, y + 4), "end"))
        if not isinstance(value, Measure):
            drawn.append(text("none", teller.sure(value), (_at(_LOWEST) + 8, y + 4), "start"))
            continue
        if value.low is not None and value.high is not None:
            drawn.append(line("whisker", (_at(value.low), y), (_at(value.high), y)))
        drawn.append(tag("g", tag("title", teller.sure(value)), circle("spot", (_at(value.value), y), 5)))
    title = w.pick(
        "Criteria of adoptability with 95% intervals", "Critères d'adoptabilité, intervalles à 95 %"
    )
    colon = w.pick(": ", " : ")
    told = w.pick("; ", " ; ").join(
        f"{teller.of(one.criterion.text)}{colon}{teller.sure(one.value)}" for one in scores
    )
    return picture(key, title, told, (_LEFT + _WIDE + 20, bottom + 6), *drawn)


def _at(points: float) -> float:
    return _LEFT + (points - _LOWEST) / (_HIGHEST - _LOWEST) * _WIDE
