"""An effect in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from crmusage.conformance._effect_value import Design, Effect, Shift, Trend, Unjudged
from crmusage.model import Measure, Text, Wording, printable

_FIGURES = {
    "kept": Text("conformance", "le respect de la règle"),
    "win_rate": Text("the win rate", "le taux de succès"),
    "fulfilled_share": Text("the share of requests fulfilled", "la part de demandes satisfaites"),
    "cycle": Text("the time from creation to closing", "le délai de la création à la clôture"),
}

_MOVES = (
    (Text("rose", "a progressé"), Text("fell", "a reculé")),
    (Text("grew", "s'est allongé"), Text("shrank", "s'est raccourci")),
)
"""Of shares, and of durations."""


def both(told: Callable[[Wording], str]) -> Text:
    """The same sentence in both languages."""
    return Text(en=told(Wording("en")), fr=told(Wording("fr")))


def say(
    what: str,
    *,
    begin: dt.date | None = None,
    end: dt.date | None = None,
    least: int = 0,
    fewest: int = 0,
    others: int = 0,
    needed: int = 0,
    steps: int = 0,
    n: int = 0,
) -> Text:
    """Why nothing can be said, or what was left out."""

    def told(w: Wording) -> str:
        from_to = (
            "" if begin is None or end is None else f"{w.date(begin)} {w.pick('to', 'au')} {w.date(end)}"
        )
        sentences = {
            "outside": (
                f"the change lies outside of what the data show ({from_to}): there is no before or no after",
                (
                    f"le changement est hors de la période couverte par les données ({from_to}) : il manque un avant "
                    "ou un après"
                ),
            ),
            "small": (
                (
                    f"the units in question have fewer than {least} persons together, or nobody knows how many: "
                    "so small a group is not reported"
                ),
                (
                    f"les unités concernées comptent moins de {least} personnes à elles toutes, ou nul ne sait combien "
                    ": un groupe aussi petit n'est pas montré"
                ),
            ),
            "few": (
                f"fewer than {fewest} cases in point before the change, or after it",
                f"moins de {fewest} applications avant le changement, ou après",
            ),
            "few_changed": (
                f"no unit in question has {fewest} cases in point before the change and as many after it",
                f"aucune unité concernée n'a {fewest} applications avant le changement et autant après",
            ),
            "few_others": (
                (
                    f"{w.count(others, 'unit')} only where the rule did not change with {fewest} cases in point before "
                    f"and after; it takes {needed} to see how much units change by themselves"
                ),
                (
                    f"{w.count(others, 'unit')} seulement sans changement de règle avec {fewest} applications avant et "
                    f"après ; il en faut {needed} pour voir combien une unité change d'elle-même"
                ),
            ),
            "constant": (
                "it is the same for every case, before and after: nothing could have changed it",
                "la valeur est la même pour tous les dossiers, avant comme après : rien n'a pu la changer",
            ),
            "pending": (
                f"the last {4 * steps} weeks are left out: too much of them is still undecided",
                f"les {4 * steps} dernières semaines ne sont pas comptées : trop de dossiers y sont en attente",
            ),
            "unplaced": (
                f"{w.number(n)} cases in point belong to no unit and are not counted",
                f"{w.number(n)} applications ne relèvent d'aucune unité et ne sont pas comptées",
            ),
        }
        return w.pick(*sentences[what])

    return both(told)


def concluded(effect: Effect) -> Text:
    """What may be said, and no more."""
    return both(lambda w: printable(" ".join(_conclusions(effect, w))))


def _conclusions(effect: Effect, w: Wording) -> list[str]:
    kept = effect.kept
    if isinstance(kept, Unjudged):
        return [
            w.pick("Whether it did anything cannot be told:", "On ne peut pas dire si cela a eu un effet :")
            + f" {w.of(kept.reason)}."
        ]
    if effect.design is Design.ALONE:
        return [_before_after(kept, w), _alone(kept, w)]
    if kept.trend is not None and kept.trend.apart:
        return [_before_after(kept, w), _apart(w)]
    told = [_shifted(kept, w)]
    told += [_shifted(one, w) for one in effect.outcomes if isinstance(one, Shift) and one.tells]
    if len(told) == 1 and any(isinstance(one, Shift) for one in effect.outcomes):
        told.append(
            w.pick(
                "No effect on how cases end can be told.", "Aucun effet sur l'issue des dossiers n'apparaît."
            )
        )
    return told


def _shifted(shift: Shift, w: Wording) -> str:
    """How much more than elsewhere: `Conformance rose by 12 points (5 to 19) more than elsewhere.`"""
    value, low, high = _ends(shift)
    name = w.of(_FIGURES[shift.figure])
    if not shift.tells:
        told = _range(w, shift.figure, low, high)
        return w.pick(
            f"No effect on {name} can be told: set against elsewhere, it moved by anything from {told}.",
            f"Aucun effet sur {name} n'apparaît : par rapport aux autres unités, l'écart va de {told}.",
        )
    own = shift.after.value - shift.before.value
    size = _size(w, shift.figure, value, low, high)
    rose, fell = _MOVES[shift.figure == "cycle"]
    # Against the others' change, it may have risen by less, or fallen by less.
    more = (own >= 0) == (value > 0)
    move = rose if own >= 0 else fell
    verb = w.pick(move.en, move.fr)
    than = w.pick("more than elsewhere", "de plus qu'ailleurs")
    less = w.pick("less than elsewhere", "de moins qu'ailleurs")
    return f"{_capital(name)} {verb} {w.pick('by', 'de')} {size} {than if more else less}."


def _before_after(shift: Shift, w: Wording) -> str:
    before, after = (w.value(one.value, one.unit) for one in (shift.before, shift.after))
    name = w.of(_FIGURES[shift.figure])
    told = w.pick(
        f"{name} was {before} before the change and {after} after it.",
        f"{name} était de {before} avant le changement et de {after} après.",
    )
    return _capital(told)


def _alone(shift: Shift, w: Wording) -> str:
    no_effect = w.pick(
        "Every unit changed at once, so there is nothing to compare with: this describes, it does not show an effect.",
        "Toutes les unités ont changé en même temps, il n'y a rien à quoi comparer : c'est une description, pas la "
        "preuve d'un effet.",
    )
    if shift.expected is None:
        return no_effect
    there = _with_interval(shift.expected, w)
    return (
        w.pick(
            f"Had the months before simply gone on, {there} would have been expected.",
            f"Si les mois précédents s'étaient simplement prolongés, on aurait attendu {there}.",
        )
        + f" {no_effect}"
    )


def _apart(w: Wording) -> str:
    return w.pick(
        "The units where the rule changed were already moving away from the others before: what came after cannot be "
        "put down to the change.",
        "Les unités où la règle a changé s'écartaient déjà des autres auparavant : la suite ne peut pas être attribuée "
        "au changement.",
    )


def explained(effect: Effect, lang: str) -> str:
    """The whole, as plain text."""
    w = Wording(lang)
    where = ", ".join(effect.units) if effect.units else w.pick("everywhere", "partout")
    head = w.pick(
        f"Rule {effect.rule}, version {effect.version}: {effect.situation.en}",
        f"Règle {effect.rule}, version {effect.version} : {effect.situation.fr}",
    )
    changed = w.pick("Changed on", "Changement le")
    blocks = [
        f"{head}\n{changed} {w.date(effect.changed_on.date())} ({where})",
        w.of(effect.text),
    ]
    blocks += ["\n".join(_lines(one, w)) for one in (effect.kept, *effect.outcomes) if isinstance(one, Shift)]
    unjudged = [one for one in effect.outcomes if isinstance(one, Unjudged)]
    if unjudged:
        lines = [f"- {w.of(_FIGURES[one.figure])}{w.pick(':', ' :')} {w.of(one.reason)}" for one in unjudged]
        blocks.append("\n".join([w.pick("Not assessable", "Non évaluable"), *lines]))
    if isinstance(effect.kept, Shift):
        blocks.append(_limits(effect, w))
    blocks += [f"{_capital(w.of(note))}." for note in effect.notes]
    return printable("\n\n".join(blocks)) + "\n"


def _lines(shift: Shift, w: Wording) -> list[str]:
    name = w.of(_FIGURES[shift.figure])
    lines = [_capital(name)]
    colon = w.pick(":", " :")
    mine = w.pick("where the rule changed", "là où la règle a changé")
    rows = [
        (mine if shift.others_before else w.pick("all units", "toutes les unités"), shift.before, shift.after)
    ]
    if shift.others_before is not None and shift.others_after is not None:
        rows.append((w.pick("elsewhere", "ailleurs"), shift.others_before, shift.others_after))
    arrow = " → "
    lines += [
        f"- {who}{colon} {_with_interval(before, w)}{arrow}{_with_interval(after, w)}"
        for who, before, after in rows
    ]
    if shift.value is not None:
        value, low, high = _ends(shift)
        lines.append(
            f"- {w.pick('more than elsewhere', 'de plus qu’ailleurs')}{colon} "
            f"{_one(w, shift.figure, value)} ({_range(w, shift.figure, low, high)}), "
            + w.pick(
                f"{w.count(shift.units, 'unit')} against {w.number(shift.others)}",
                f"{w.count(shift.units, 'unit')} face à {w.number(shift.others)}",
            )
        )
        lines.append(f"- {w.pick('before the change', 'avant le changement')}{colon} {_trend(shift, w)}")
    if shift.expected is not None:
        lines.append(
            f"- {w.pick('as the months before pointed', 'dans le prolongement des mois précédents')}{colon} "
            f"{_with_interval(shift.expected, w)}"
        )
    return lines


def _trend(shift: Shift, w: Wording) -> str:
    trend: Trend | None = shift.trend
    if trend is None:
        return w.pick(
            "too few steps to see whether both moved alike",
            "trop peu de recul pour voir si les deux évoluaient de la même façon",
        )
    ends = f"{_one(w, shift.figure, trend.drift)} ({_range(w, shift.figure, trend.low, trend.high)})"
    if trend.apart:
        return w.pick(
            f"already moving apart; that alone would have added {ends}",
            f"l'écart se creusait déjà ; à lui seul cela aurait ajouté {ends}",
        )
    return w.pick(
        f"no sign of moving apart; gone on, it would have added {ends}",
        f"aucun signe d'écart croissant ; prolongé, cela aurait ajouté {ends}",
    )


def _limits(effect: Effect, w: Wording) -> str:
    if effect.design is Design.ALONE:
        return w.pick(
            "Whatever else changed at the same time (season, staff, another release) is in these figures too. To see "
            "an effect, change the rule in some units first.",
            "Tout ce qui a changé au même moment (saison, équipes, autre mise en production) se trouve aussi dans "
            "ces chiffres. Pour voir un effet, changez d'abord la règle dans quelques unités.",
        )
    return w.pick(
        "This holds if both groups would have moved alike without the change, and if nothing else happened in the "
        "first one at the same time. If the units were chosen because they did badly, part of the difference is that "
        "bad spells pass. Both sides are judged by the rule as it reads now.",
        "Cela vaut si les deux groupes auraient évolué de la même façon sans le changement, et si rien d'autre ne "
        "s'est produit dans le premier au même moment. Si les unités ont été choisies parce qu'elles allaient mal, "
        "une part de l'écart vient de ce que les mauvaises passes finissent. Les deux côtés sont jugés selon la règle "
        "actuelle.",
    )


def _capital(told: str) -> str:
    return f"{told[0].upper()}{told[1:]}"


# --- figures


def _ends(shift: Shift) -> tuple[float, float, float]:
    if (
        shift.value is None or shift.low is None or shift.high is None
    ):  # pragma: no cover - asked of compared ones only
        raise AssertionError("a figure without a comparison has no difference")
    return shift.value, shift.low, shift.high


def _number(w: Wording, value: float) -> str:
    points = abs(value) * 100
    text = w.number(points, 0 if points >= 10 else 1)
    return text.removesuffix(w.pick(".0", ",0"))


def _noun(w: Wording, figure: str, value: float) -> str:
    return w.pick("%", " %") if figure == "cycle" else f" {w.noun('point', round(abs(value) * 100, 1))}"


def _size(w: Wording, figure: str, value: float, low: float, high: float) -> str:
    """`12 points (5 to 19)`, without a sign."""
    near, far = sorted((abs(low), abs(high)))
    to = w.pick("to", "à")
    return f"{_number(w, value)}{_noun(w, figure, value)} ({_number(w, near)} {to} {_number(w, far)})"


def _one(w: Wording, figure: str, value: float) -> str:
    return f"{_sign(value)}{_number(w, value)}{_noun(w, figure, value)}"


def _range(w: Wording, figure: str, low: float, high: float) -> str:
    """`−3 to +8 points`."""
    return f"{_sign(low)}{_number(w, low)} {w.pick('to', 'à')} {_sign(high)}{_number(w, high)}{_noun(w, figure, high)}"


def _sign(value: float) -> str:
    if round(abs(value) * 100, 1) == 0:
        return ""
    return "\N{MINUS SIGN}" if value < 0 else "+"


def _with_interval(measure: Measure, w: Wording) -> str:
    value = w.value(measure.value, measure.unit)
    if measure.low is None or measure.high is None:
        return value
    return f"{value} ({w.interval(measure.low, measure.high, measure.unit)})"
