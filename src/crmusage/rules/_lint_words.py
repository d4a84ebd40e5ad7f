"""What a linter says, in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from crmusage.model import Text
from crmusage.rules._automata import is_restricted
from crmusage.rules._letters import MixedSortsError
from crmusage.rules._lint import Step
from crmusage.rules._phrases import phrase
from crmusage.rules._scene import Expectation
from crmusage.rules._search import Trace

_SORTS = {
    "number": Text("a number", "un nombre"),
    "text": Text("a text", "un texte"),
    "truth": Text("true or false", "vrai ou faux"),
    "time": Text("a time", "un instant"),
    "date": Text("a date", "une date"),
}


def steps(trace: Trace) -> tuple[Step, ...]:
    """A trace as the events of an example."""
    return tuple(Step(letter.activity, letter.labels) for letter in trace.letters)


def named(item: Expectation) -> Text:
    """The rule, and which of its expectations where it has several."""
    rule = item.rule
    if len(rule.expect) == 1:
        return Text(f"'{rule.id}'", f"« {rule.id} »")
    place = item.position + 1
    return Text(f"'{rule.id}' (expectation {place})", f"« {rule.id} » (attente {place})")


def listed(items: Sequence[Expectation]) -> Text:
    """Several rules: 'a', 'b' and 'c'."""
    return _and([named(item) for item in items])


def _and(parts: Sequence[Text]) -> Text:
    if len(parts) == 1:
        return parts[0]
    en, fr = [part.en for part in parts], [part.fr for part in parts]
    return Text(f"{', '.join(en[:-1])} and {en[-1]}", f"{', '.join(fr[:-1])} et {fr[-1]}")


def example(
    trace: Trace | None, *, keeps: Sequence[Expectation] = (), breaks: Sequence[Expectation] = ()
) -> Text | None:
    """`The case "a, b" keeps 'x' and breaks 'y'.` None: there is no trace to show."""
    if trace is None:
        return None
    what = []
    if keeps:
        names = _and([_kept(item) for item in keeps])
        what.append(Text(f"keeps {names.en}", f"respecte {names.fr}"))
    if breaks:
        names = listed(breaks)
        what.append(Text(f"breaks {names.en}", f"enfreint {names.fr}"))
    said = _and(what)
    return Text(f"{_subject(trace, 'en')} {said.en}.", f"{_subject(trace, 'fr')} {said.fr}.")


def _kept(item: Expectation) -> Text:
    name = named(item)
    if not is_restricted(item.constraint):
        return name
    return Text(
        f"{name.en} (if times and values fit)", f"{name.fr} (si les délais et les valeurs conviennent)"
    )


def _subject(trace: Trace, lang: str) -> str:
    inside = ", ".join(text.into(lang) for text in trace.setting.labels)
    events = ", ".join(step.into(lang) for step in steps(trace))
    kind = f" ({inside})" if inside else ""
    if lang == "fr":
        return f"Le dossier{kind} « {events} »" if events else f"Un dossier sans événement{kind}"
    return f'The case{kind} "{events}"' if events else f"A case without events{kind}"


def sentences(*texts: Text | None) -> Text:
    """Sentences one after the other; None is none."""
    there = [text for text in texts if text is not None]
    return Text(" ".join(text.en for text in there), " ".join(text.fr for text in there))


def of_one(code: str, item: Expectation) -> Text:
    """What is wrong with one expectation (RL101 to RL104)."""
    name, what = named(item), phrase(item.constraint)
    return {
        "RL101": Text(
            f"{name.en}: no case can keep it, whatever happens ({what.en}).",
            f"{name.fr} : aucun dossier ne peut la respecter, quoi qu'il arrive ({what.fr}).",
        ),
        "RL102": Text(
            f"{name.en}: nothing can ever be what it is about ({what.en}).",
            f"{name.fr} : rien ne peut jamais être ce dont elle parle ({what.fr}).",
        ),
        "RL103": Text(
            f"{name.en}: whatever activates it breaks it, because nothing can be the other event that it asks for"
            f" ({what.en}).",
            f"{name.fr} : tout ce qui l'active l'enfreint, car rien ne peut être l'autre événement qu'elle demande"
            f" ({what.fr}).",
        ),
        "RL104": Text(
            f"{name.en}: nothing can break it, so it asks nothing ({what.en}).",
            f"{name.fr} : rien ne peut l'enfreindre, elle n'exige donc rien ({what.fr}).",
        ),
    }[code]


def never_both(first: Expectation, second: Expectation) -> Text:
    """RL201."""
    a, b, where = named(first), named(second), _where(first, second)
    return Text(
        f"No case can keep both {a.en} and {b.en}: whatever happens breaks one of them{where.en}.",
        f"Aucun dossier ne peut respecter à la fois {a.fr} et {b.fr} : quoi qu'il arrive, l'une des deux est"
        f" enfreinte{where.fr}.",
    )


def not_once_activated(first: Expectation, second: Expectation, *, either: bool) -> Text:
    """RL202; `either`: the activation of any of the two is enough, not just of the first."""
    a, b, where = named(first), named(second), _where(first, second)
    whose = (
        Text("one of them is activated", "l'une d'elles est activée")
        if either
        else Text(f"{a.en} is activated", f"{a.fr} est activée")
    )
    return Text(
        f"As soon as {whose.en}, {a.en} and {b.en} cannot both be kept{where.en}.",
        f"Dès que {whose.fr}, {a.fr} et {b.fr} ne peuvent plus être respectées toutes les deux{where.fr}.",
    )


def forbidden(first: Expectation, second: Expectation) -> Text:
    """RL203."""
    a, b, where = named(first), named(second), _where(first, second)
    return Text(
        f"{a.en} is never activated where {b.en} is kept: {b.en} forbids what activates it{where.en}.",
        f"{a.fr} n'est jamais activée là où {b.fr} est respectée : {b.fr} interdit ce qui l'active{where.fr}.",
    )


def follows(second: Expectation, first: Expectation) -> Text:
    """RL301: the second adds nothing to the first."""
    a, b = named(first), named(second)
    return Text(
        f"{b.en} follows from {a.en}: whoever keeps {a.en} keeps it, so it adds nothing.",
        f"{b.fr} découle de {a.fr} : qui respecte {a.fr} la respecte aussi, elle n'ajoute donc rien.",
    )


def the_same(first: Expectation, second: Expectation) -> Text:
    """RL302."""
    a, b = named(first), named(second)
    return Text(
        f"{a.en} and {b.en} ask the same: one of them is enough.",
        f"{a.fr} et {b.fr} exigent la même chose : une seule suffit.",
    )


def never_all(items: Sequence[Expectation]) -> Text:
    """RL204."""
    names = listed(items)
    return Text(
        f"No case can keep all of {names.en}: whatever happens breaks one of them.",
        f"Aucun dossier ne peut respecter à la fois {names.fr} : quoi qu'il arrive, l'une d'elles est enfreinte.",
    )


def not_with(first: Expectation, others: Sequence[Expectation]) -> Text:
    """RL205."""
    a, names = named(first), listed(others)
    return Text(
        f"As soon as {a.en} is activated, it cannot be kept together with {names.en}.",
        f"Dès que {a.fr} est activée, elle ne peut être respectée en même temps que {names.fr}.",
    )


def follows_from_all(item: Expectation, reasons: Sequence[Expectation]) -> Text:
    """RL303."""
    a, names = named(item), listed(reasons)
    return Text(
        f"{a.en} follows from {names.en} together: it adds nothing to them.",
        f"{a.fr} découle de {names.fr} prises ensemble : elle ne leur ajoute rien.",
    )


def unlike(items: Sequence[Expectation], error: MixedSortsError) -> Text:
    """RL105."""
    names, sorts = listed(items), _and([_SORTS[sort] for sort in error.sorts])
    attribute = error.attribute.rpartition("@")[2]
    return Text(
        f"{names.en}: {attribute} is compared with {sorts.en}, and can only be one of them.",
        f"{names.fr} : {attribute} est comparé à {sorts.fr}, et ne peut être que l'un des deux.",
    )


def unsettled(items: Sequence[Expectation]) -> Text:
    """RL901, for one or two expectations."""
    names = listed(items)
    return Text(
        f"{names.en}: too large to be examined to the end. That nothing else is reported proves nothing.",
        f"{names.fr} : trop vaste pour être examiné jusqu'au bout. L'absence d'autre remarque ne prouve rien.",
    )


def unsettled_together(items: Sequence[Expectation]) -> Text:
    """RL901, for many expectations that have to do with each other."""
    names = listed(items)
    return Text(
        f"{names.en} were compared two by two, but all together they are too much to be examined to the end."
        " That nothing else is reported does not mean that they go together.",
        f"{names.fr} ont été comparées deux à deux, mais l'ensemble est trop vaste pour être examiné jusqu'au"
        " bout. L'absence d'autre remarque ne veut pas dire qu'elles sont compatibles.",
    )


def _where(first: Expectation, second: Expectation) -> Text:
    """For whom it holds, where the two are not for the same."""
    one, two = first.rule, second.rule
    if (one.kind, one.applies_to) == (two.kind, two.applies_to):
        return Text("", "")
    return Text(
        ", in the cases and for the people that both are for",
        ", pour les dossiers et les personnes qu'elles ont en commun",
    )
