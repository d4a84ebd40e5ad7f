from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

import numpy as np

from crmusage.conformance._search import Bool
from crmusage.conformance._times import unknown_times
from crmusage.errors import RuleError
from crmusage.history import CASE, History
from crmusage.model import MEANINGS, Text
from crmusage.rules import AppliesTo, UsageRule, comparisons


def unseen(history: History, rule: UsageRule) -> tuple[Text, ...]:
    """Why a rule cannot be judged on a history: everything it names that the history does not know.

    A name that is misspelt, or that the source never records, would count as kept or broken by everybody. So an
    activity that never occurs is unknown, unless `coverage` (entity "events", field: the activity) or
    `vocabulary` says that the source would show it.
    """
    reasons: list[Text] = []
    known = set(history.index.activities) | _declared(history)
    activities = [name for c in rule.expect for name in (*c.activities, *c.targets)]
    if rule.cadence is not None:
        activities.extend(rule.cadence.activities)
    for name in dict.fromkeys(activities):
        if name not in known:
            near = _near(name, known)
            meant = ""
            meant_fr = ""
            if name in MEANINGS and near == ("", ""):
                meant = "; if your CRM calls it otherwise, give the meaning in the mapping or the vocabulary table"
                meant_fr = (
                    " ; si votre CRM l'appelle autrement, donnez-en le sens dans la correspondance "
                    "ou dans la table vocabulary"
                )
            reasons.append(
                Text(
                    en=f"the activity {name!r} never occurs in this history{near[0]}{meant}",
                    fr=f"l'activité {name!r} n'apparaît jamais dans cet historique{near[1]}{meant_fr}",
                )
            )
    reasons.extend(_unknown_attributes(history, rule))
    reasons.extend(_unknown_scope(history, rule))
    reasons.extend(unknown_times(history, rule))
    return tuple(reasons)


def _declared(history: History) -> set[str]:
    named: set[str] = set()
    for row in history.coverage.iter_rows(named=True):
        # What the source could not see has not been shown to be absent.
        if row["entity"] in {"event", "events"} and row["field"] and row["complete"] is not False:
            named.add(row["field"])
    for row in history.vocabulary.iter_rows(named=True):
        if row["entity"] in {"event", "events"} and row["field"] == "activity":
            named.add(row.get("meaning") or row["raw"])
    return named


def _near(name: str, known: Iterable[str]) -> tuple[str, str]:
    matches = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.7)
    if not matches:
        return "", ""
    return f" (did you mean {matches[0]!r}?)", f" (vouliez-vous dire {matches[0]!r} ?)"


def _unknown_attributes(history: History, rule: UsageRule) -> Iterator[Text]:
    attributes = history.attributes
    conditions = [side for c in rule.expect for side in (c.where, c.target_where)]
    names = dict.fromkeys(name for c in rule.expect for name in sorted(c.attributes))
    names.update(dict.fromkeys(c.attribute for c in comparisons(rule.applies_to.where)))
    usable = []
    for name in names:
        try:
            sort = attributes.sort(name)
        except RuleError as error:
            yield Text(en=str(error), fr=str(error))
            continue
        if sort is None:
            near = _near(name, attributes.names())
            yield Text(
                en=f"there is no attribute {name!r} in this history{near[0]}",
                fr=f"il n'y a pas d'attribut {name!r} dans cet historique{near[1]}",
            )
        elif sort == "nothing" and name in attributes.derived:
            # What it follows from is missing, and `unknown_times` tells what that is.
            continue
        elif sort == "nothing":
            yield Text(
                en=f"the attribute {name!r} has no value anywhere in this history",
                fr=f"l'attribut {name!r} n'a aucune valeur dans cet historique",
            )
        else:
            usable.append(name)
    for name in {c.attribute: None for c in comparisons(rule.applies_to.where)}:
        if name in usable and attributes.sort(CASE + name.removeprefix(CASE)) is None:
            yield Text(
                en=f"applies_to.where speaks of cases, and {name!r} is told of events only",
                fr=f"applies_to.where porte sur les dossiers, et {name!r} n'est connu que des événements",
            )
    for condition in (*conditions, rule.applies_to.where):
        for compare in comparisons(condition):
            if compare.attribute not in usable or compare.sort == "anything":
                continue
            sort = attributes.sort(compare.attribute)
            if sort != compare.sort:
                yield Text(
                    en=f"{compare.attribute} is a {sort} in this history, the rule compares it with a {compare.sort}"
                    f" ({compare.value!r})",
                    fr=f"{compare.attribute} est de nature {sort!r} dans cet historique, la règle le compare à"
                    f" {compare.value!r}",
                )


def _unknown_scope(history: History, rule: UsageRule) -> Iterator[Text]:
    applies = rule.applies_to
    people = history.people
    known: dict[str, set[str | None]] = {
        "unit": set(history.index.units),
        "profile": set(people["profile"].unique().to_list()),
        "region": set(people["region"].unique().to_list()),
    }
    if rule.kind is not None:
        known["kind"] = set(history.cases["kind"].unique().to_list())
    for what, there in known.items():
        wanted = (rule.kind,) if what == "kind" else getattr(applies, what)
        for name in wanted:
            if name not in there:
                near = _near(str(name), [label for label in there if label])
                yield Text(
                    en=f"no {what} {name!r} in this history{near[0]}",
                    fr=f"pas de « {what} » {name!r} dans cet historique{near[1]}",
                )


def in_scope(history: History, rule: UsageRule) -> tuple[Bool, Bool] | None:
    """Which cases a rule is about, and which events count as activations: by kind, condition, and who acts.

    An event is by whoever acted; where the history does not say, by the owner of its case. None: all of them.
    """
    applies = rule.applies_to
    index = history.index
    cases = None
    if rule.kind is not None and not history.all_of_kind(rule.kind):
        cases = (history.cases["kind"] == rule.kind).fill_null(value=False).to_numpy()
    if cases is None and applies == AppliesTo():
        return None
    if cases is None:
        cases = np.ones(index.n_cases, dtype=bool)
    if applies.where is not None:
        cases = cases & history.attributes.cases_where(applies.where)
    events = cases[index.case]
    if applies.unit:
        codes = [code for code, name in enumerate(index.units) if name in applies.unit]
        events &= np.isin(index.unit, codes)
        cases = cases & np.isin(index.case_unit, codes)
    for what in ("profile", "region"):
        wanted = getattr(applies, what)
        if wanted:
            of_cases, of_events = history.trait(what)
            cases = cases & np.isin(of_cases, wanted)
            events &= np.isin(of_events, wanted)
    return cases, events
