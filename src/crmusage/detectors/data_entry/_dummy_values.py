from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import OF_CHANGES, Seen
from crmusage.detectors._base import Needs
from crmusage.detectors._deals import REASONS, Bool, Int64, creators, numbers
from crmusage.detectors._grid import Grid, Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.detectors.data_entry._fields import Field, fields, required_since
from crmusage.detectors.data_entry._same import same_text
from crmusage.history import Counts, History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

MOST_FIELDS = 3
"""Fields that are named, the worst first."""

NEAR = 45
"""Days between a field's becoming required and the month of the rise within which they go together. Guessed."""

SHORT = 40
"""Texts of more characters are not the same by laziness. Guessed."""

BUCKETS = 1 << 12
"""Texts are counted by a number of so many: few enough to count, and enough that different texts seldom share one."""

REASONS_OF_VALUES = (*REASONS, "connector")
"""Why a record is left out; `connector`: a program wrote its own word for nothing into it."""

_MINUTE, _DAY = 60_000_000, 86_400_000_000


@attrs.frozen
class Values:
    """What was typed into the fields of a part of a history."""

    items: Tally
    texts: Counts
    """By unit, month, field and bucket: short texts that are no placeholders."""
    required: tuple[tuple[str, int], ...]
    """Fields, and the day from which each is required."""

    def merge(self, other: Values) -> Values:
        """Both together."""
        required = tuple(sorted({*self.required, *other.required}))
        return Values(self.items.merge(other.items), self.texts.merge(other.texts), required)


@attrs.frozen
class DummyValues(AgainstPeers):
    """Fields filled in with what means nothing."""

    code: ClassVar[str] = "CU301"
    name: ClassVar[str] = "dummy-values"
    title: ClassVar[Text] = said(
        en="Fields filled in with what means nothing", fr="Des champs remplis avec des valeurs bidon"
    )
    short: ClassVar[Text] = said(en="fields filled in for form's sake", fr="champs remplis pour la forme")
    measure: ClassVar[str] = "dummy_records"
    label: ClassVar[Text] = said(
        en="records with values that mean nothing", fr="fiches avec des valeurs qui ne veulent rien dire"
    )
    things: ClassVar[Text] = said(en="records filled in", fr="fiches remplies")
    about: ClassVar[Text] = said(
        en="Where a field must be filled in and nobody sees why, people type something: N/A, x, 999. The field "
        "then looks complete and says nothing. Of each unit's records those are counted in which a field "
        "(columns of cases beside the contract's, and the amount) holds a value that stands in a list of "
        "placeholders (English and French), is one letter over and over or nothing but marks; and those in "
        "which a free field holds a text that the unit types all the time while the others' texts differ. A "
        "unit is named when its share is far above that of its peers (over-dispersed funnel, "
        "Benjamini-Hochberg over the units), by at least 15 points and twice as much, with at least 30 "
        "records, since the month in which it rose if it did; where the table `coverage` says since when a "
        "field is required (`required_from`), and that is when it rose, that is said. Empty fields are no fake "
        "ones: a connector may have emptied them. What a connector writes for nothing (null, NaN) is nobody's "
        "doing and is left out, and so are values that the picklist itself offers, and imported, merged, "
        "deleted and programs' records.",
        fr="Quand un champ est obligatoire et que personne ne voit pourquoi, on tape quelque chose : N/A, x, 999. "
        "Le champ paraît complet et ne dit rien. Parmi les fiches de chaque unité, on compte celles dont un "
        "champ (colonnes des dossiers hors contrat, et le montant) porte une valeur de remplissage (listes "
        "anglaise et française), une même lettre répétée ou de simples signes, et celles dont un champ libre "
        "porte un texte que l'unité tape toujours à l'identique alors que ceux des autres varient. Une unité "
        "est signalée lorsque sa part dépasse nettement celle de ses pairs (entonnoir avec surdispersion, "
        "Benjamini-Hochberg sur les unités), d'au moins 15 points et du double, sur au moins 30 "
        "fiches, depuis le mois où elle a augmenté le cas échéant ; si la table `coverage` dit depuis quand un "
        "champ est obligatoire (`required_from`) et que la hausse date de là, c'est indiqué. Un champ vide "
        "n'est pas un champ bidon : un connecteur a pu le vider. Ce qu'un connecteur écrit à la place du vide "
        "(null, NaN) n'est le fait de personne et est écarté, de même que les valeurs proposées par la liste "
        "de choix et les fiches importées, fusionnées, supprimées ou créées par un automate.",
    )
    needs: ClassVar[Needs] = Needs({"cases": ("unit",)})
    apart: ClassVar[float] = 0.15
    """More than elsewhere: units differ much in how careful they are. Guessed."""
    times: ClassVar[float] = 2.0

    def tally(self, part: History) -> Values:
        """The values of a part, and those that mean nothing."""
        index = part.index
        found = fields(part)
        filled, fake, written = (
            np.sum([_none(part), *(getattr(one, name) for one in found)], axis=0)
            for name in ("filled", "fake", "written")
        )
        rows = np.flatnonzero(filled > 0)
        odd = np.flatnonzero(written > 0)
        both_of = np.concatenate([rows, odd])
        reason = np.concatenate(
            [
                guard.of_cases(part)[rows],
                np.full(len(odd), REASONS_OF_VALUES.index("connector"), dtype=np.int32),
            ]
        ).astype(np.int32)
        extra = {f"h:{one.name}": one.fake[both_of].astype(np.int64) for one in found}
        items = tally_items(
            part,
            case=both_of,
            month=months_of(index.created[both_of]).astype(np.int64),
            hits=(fake[both_of] > 0).astype(np.int64),
            n=np.ones(len(both_of), dtype=np.int64),
            reason=reason,
            reasons=REASONS_OF_VALUES,
            extra=extra,
            done=(creators(part)[0][both_of], index.created[both_of] // _MINUTE),
        )
        required = tuple(sorted(required_since(part).items()))
        return Values(
            items, _texts(part, found, (fake == 0) & (guard.of_cases(part) == guard.KEPT)), required
        )

    def lay(self, tally: Any) -> Grid:
        """The tally laid out, with the texts that a unit always types."""
        values: Values = tally
        grid = Grid.of(values.items)
        formulas = same_text(values.texts, grid)
        none = np.zeros_like(grid.sums["n"])
        # Of several free fields the one with most: which records hold several formulas is not in the tally.
        same = np.max([none, *formulas.values()], axis=0)
        sums = {**grid.sums, "hits": np.minimum(grid.sums["hits"] + same, grid.sums["n"]), "same": same}
        for name, matrix in formulas.items():
            sums[f"h:{name}"] = sums[f"h:{name}"] + matrix
        for name, day in values.required:
            # Constants stand in the last month, which is part of whatever months a unit is judged on.
            sums[f"required:{name}"] = _at_the_end(none, day)
        return attrs.evolve(grid, sums=sums)

    def words_of_reasons(self) -> Mapping[str, Text]:
        """Why records were left out, in words."""
        return {
            **OF_CHANGES,
            "connector": said("with a connector's word for nothing", "avec un vide écrit par un connecteur"),
        }

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        worst = sorted(
            (-n, key.removeprefix("h:")) for key, n in seen.sums.items() if key.startswith("h:") and n
        )
        named = ", ".join(f"{name} ({w.number(-n)})" for n, name in worst[:MOST_FIELDS])
        same = seen.sums["same"]
        parts = [
            w.pick(
                f"{seen.unit}: in {seen.value(w)} of the records made{seen.since(w)} something was filled in that "
                f"means nothing ({w.number(seen.hits)} of {w.number(seen.n)}); among its peers in {seen.usual(w)}. "
                f"Most often in: {named}.",
                f"{seen.unit} : dans {seen.value(w)} des fiches créées{seen.since(w)}, une valeur saisie ne veut rien "
                f"dire ({w.number(seen.hits)} sur {w.number(seen.n)}), contre {seen.usual(w)} chez ses pairs. Champs "
                f"les plus touchés : {named}.",
            )
        ]
        if same:
            parts.append(
                w.pick(
                    f"In {w.number(same)} of them it is always the same text, where others write different ones.",
                    f"Dans {w.number(same)} d'entre elles, c'est toujours le même texte, là où les autres varient.",
                )
            )
        since = required_when(seen)
        if since and seen.onset is not None and seen.onset.value is not None:
            month, named = w.month(seen.onset.value), ", ".join(since)
            parts.append(
                w.pick(
                    f"It rose in {month}, about when it became mandatory to fill in: {named}.",
                    f"La hausse date de {month}, vers le moment où la saisie est devenue obligatoire pour : {named}.",
                )
            )
        return " ".join(parts)

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: a field that really does not apply to this unit's customers. Then the field "
            "is at fault: it asks what cannot be answered. Ask what it is used for, by whom.",
            "Ce qui pourrait l'infirmer : un champ qui n'a réellement pas de sens pour les clients de cette unité. "
            "C'est alors le champ qui est en cause : il demande ce à quoi on ne peut répondre. Demandez à qui il sert.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                said(
                    en="Take the obligation off fields that nobody reads; keep it for those that somebody decides by, "
                    "at the moment at which the answer is known.",
                    fr="Lever l'obligation sur les champs que personne ne lit ; la garder pour ceux qui servent à "
                    "décider, au moment où la réponse est connue.",
                ),
            ),
            Proposal(
                Verb.ANNOUNCE,
                both(
                    lambda w: w.pick(
                        f"Show {unit} what becomes of these fields, and ask what it would take to fill them in.",
                        f"Montrer à {unit} à quoi servent ces champs, et lui demander ce qu'il faudrait pour les "
                        "remplir vraiment.",
                    )
                ),
            ),
        )


def required_when(seen: Seen) -> list[str]:
    """The fields that became required about when it began."""
    if seen.onset is None or seen.onset.value is None:
        return []
    day = seen.onset.value.toordinal() - 719_163
    # The month begins up to a month before the day on which the field became required.
    return sorted(
        key.removeprefix("required:")
        for key, since in seen.sums.items()
        if key.startswith("required:") and -NEAR <= since - day - 15 <= NEAR
    )


def _at_the_end(like: Int64, value: int) -> Int64:
    matrix = np.zeros_like(like)
    if matrix.size:
        matrix[:, -1] = value
    return matrix


def _none(part: History) -> Int64:
    return np.zeros(part.index.n_cases, dtype=np.int64)


def _texts(part: History, found: list[Field], kept: Bool) -> Counts:
    """Short texts of the records `kept`."""
    index = part.index
    units, months, names, buckets = [], [], [], []
    labels = [one.name for one in found]
    for place, one in enumerate(found):
        if one.texts is None:
            continue
        length = one.texts.str.len_chars().fill_null(0).to_numpy()
        rows = np.flatnonzero(one.filled & kept & (length <= SHORT))
        text = one.texts.gather(rows).str.strip_chars().str.to_lowercase()
        units.append(index.case_unit[rows])
        months.append(months_of(index.created[rows]).astype(np.int64))
        names.append(np.full(len(rows), place))
        buckets.append(numbers(text) % BUCKETS)
    empty = np.zeros(0, dtype=np.int64)
    unit, month, name, bucket = (np.concatenate([empty, *some]) for some in (units, months, names, buckets))
    return Counts.of(
        keys={"unit": (unit, index.units), "month": month, "field": (name, labels), "bucket": bucket},
        sums={"n": None},
    )
