from __future__ import annotations

from typing import Any, ClassVar

import attrs
import numpy as np

from crmusage.detectors import _guard as guard
from crmusage.detectors._against_peers import AgainstPeers
from crmusage.detectors._against_peers_told import Seen
from crmusage.detectors._base import Context, Judgement, Needs
from crmusage.detectors._deals import REASONS, Bool, Int64, creators
from crmusage.detectors._grid import Tally, tally_items
from crmusage.detectors._words import both, said
from crmusage.detectors.data_entry._facts import Matcher, Patterns
from crmusage.detectors.data_entry._fields import OF_THE_CONTRACT, placeholders
from crmusage.history import History, months_of
from crmusage.model import Proposal, Text, Verb, Wording

FEWEST_WORDS = 4
"""A value of so many words is free text; shorter ones are names, codes and choices. Guessed."""

MOST_SORTS = 3
"""Sorts of facts that are named, the most frequent first."""

_NAMED: dict[str, Text] = {
    "amount": Text("amounts", "montants"),
    "date": Text("dates", "dates"),
    "e-mail": Text("e-mail addresses", "adresses électroniques"),
    "telephone": Text("telephone numbers", "numéros de téléphone"),
    "discount": Text("discounts", "remises"),
}
_MINUTE = 60_000_000


@attrs.frozen
class FreeTextAsStructure(AgainstPeers):
    """Facts that are written into notes, while the fields for them stay empty."""

    code: ClassVar[str] = "CU311"
    name: ClassVar[str] = "free-text-as-structure"
    title: ClassVar[Text] = said(
        en="Facts kept in free text, beside the fields for them",
        fr="Des faits notés en texte libre, à côté des champs prévus",
    )
    short: ClassVar[Text] = said(
        en="facts in the notes, their fields empty", fr="des faits en commentaire, les champs vides"
    )
    measure: ClassVar[str] = "facts_in_text"
    label: ClassVar[Text] = said(
        en="records with facts in the text whose field is empty",
        fr="fiches dont le texte contient des faits absents de leur champ",
    )
    things: ClassVar[Text] = said(en="records with free text", fr="fiches comportant du texte libre")
    about: ClassVar[Text] = said(
        en="What stands in a note can be read by one person at a time, and counted by nobody. Of each unit's records "
        "with free text (a value of four words or more, or the column `text` of events), those are counted whose text "
        "holds an amount, a date, an e-mail address, a telephone number or a discount while the field that is made "
        "for it (found by its name) is empty. A fact for which there is no field says something of the form and not "
        "of the unit, and does not count; nor does one that stands in its field as well, as in a signature or a mail "
        "that was pasted. Which facts are looked for can be exchanged: `FreeTextAsStructure(matcher=...)` takes "
        "anything that tells the sorts of facts in a text and their fields. A unit is named when its share is far "
        "above that of its peers (over-dispersed funnel, Benjamini-Hochberg over the units), by at least 10 points and "
        "half as much again, with at least 30 records, since the month in which it rose if it did. Imported, merged, "
        "deleted and programs' records and bulk loads are left out first.",
        fr="Ce qui est noté en commentaire se lit une fiche à la fois, et ne se compte pas. Parmi les fiches "
        "de chaque unité comportant du texte libre (une valeur d'au moins quatre mots, ou la colonne `text` des "
        "événements), on compte celles dont le texte contient un montant, une date, une adresse électronique, un "
        "numéro de téléphone ou une remise alors que le champ prévu (reconnu à son nom) est vide. Un fait pour lequel "
        "il n'existe aucun champ en dit long sur le formulaire, non sur l'unité, et ne compte pas ; ni celui qui "
        "figure aussi dans son champ, comme dans une signature ou un courriel collé. Les faits recherchés peuvent être "
        "remplacés : `FreeTextAsStructure(matcher=...)` accepte tout ce qui indique les faits contenus dans un texte "
        "et leurs champs. Une unité est signalée lorsque sa part dépasse nettement celle de ses pairs (entonnoir avec "
        "surdispersion, Benjamini-Hochberg sur les unités), d'au moins 10 points et de moitié en plus, sur au moins 30 "
        "fiches, depuis le mois où elle a augmenté le cas échéant. Les fiches importées, fusionnées, supprimées ou "
        "créées par un automate et les chargements en masse sont d'abord écartés.",
    )
    needs: ClassVar[Needs] = Needs({"cases": ("unit",)})

    matcher: Matcher = attrs.field(factory=Patterns)
    """Which facts a text holds, and which fields are made for them."""

    def tally(self, part: History) -> Tally:
        """The records of a part with free text, and those with a fact beside its empty field."""
        index = part.index
        homes = _homes(part, self.matcher)
        told = {sort: np.zeros(index.n_cases, dtype=bool) for sort in sorted(homes)}
        free = np.zeros(index.n_cases, dtype=bool)
        for case, texts in _free_texts(part):
            free[case] = True
            known = {one: self.matcher.facts(one) for one in sorted(set(texts))}
            for sort, found in told.items():
                found[case[np.array([sort in known[one] for one in texts], dtype=bool)]] = True
        amiss = {sort: found & ~homes[sort] for sort, found in told.items()}
        rows = np.flatnonzero(free & bool(homes))
        hits = np.zeros(index.n_cases, dtype=bool)
        for found in amiss.values():
            hits |= found
        return tally_items(
            part,
            case=rows,
            month=months_of(index.created[rows]).astype(np.int64),
            hits=hits[rows].astype(np.int64),
            n=np.ones(len(rows), dtype=np.int64),
            reason=guard.of_cases(part)[rows],
            reasons=REASONS,
            extra={f"sort:{sort}": found[rows].astype(np.int64) for sort, found in amiss.items()},
            done=(creators(part)[0][rows], index.created[rows] // _MINUTE),
        )

    def judge(self, tally: Any, context: Context) -> Judgement:
        """Which units stand out; nothing where no field is made for any fact."""
        if not any(name.startswith("sort:") for name in tally.cells.sums):
            return Judgement.not_assessable(
                self.code,
                said(
                    en="no field is made for any of the facts that are looked for",
                    fr="aucun champ n'est prévu pour les faits recherchés",
                ),
            )
        return super().judge(tally, context)

    def say(self, w: Wording, seen: Seen) -> str:
        """What was seen, against what."""
        most = sorted(
            (-n, key.removeprefix("sort:")) for key, n in seen.sums.items() if key.startswith("sort:") and n
        )
        named = ", ".join(
            f"{w.of(_NAMED[sort]) if sort in _NAMED else sort} ({w.number(-n)})"
            for n, sort in most[:MOST_SORTS]
        )
        return w.pick(
            f"{seen.unit}: {seen.value(w)} of the records with free text made{seen.since(w)} keep facts there whose "
            f"own field is empty ({w.number(seen.hits)} of {w.number(seen.n)}); among its peers {seen.usual(w)}. "
            f"Found in the text: {named}.",
            f"{seen.unit} : {seen.value(w)} des fiches avec texte libre créées{seen.since(w)} y gardent des faits dont "
            f"le champ est vide ({w.number(seen.hits)} sur {w.number(seen.n)}), contre {seen.usual(w)} chez ses pairs. "
            f"Trouvés dans le texte : {named}.",
        )

    def caveats(self, w: Wording) -> str:
        """What else could look like it."""
        return w.pick(
            "What could make this wrong: facts of another sort than the field is for, as the date of the last call or "
            "the price of a rival. Read a dozen of the texts before anything is said.",
            "Ce qui pourrait l'infirmer : des faits d'une autre nature que celle du champ, comme la date du dernier "
            "appel ou le prix d'un concurrent. Lisez une douzaine de textes avant d'en parler.",
        )

    def proposals(self, unit: str) -> tuple[Proposal, ...]:
        """What to do."""
        return (
            Proposal(
                Verb.AMEND,
                said(
                    en="Put the fields for these facts where the note is written: what takes three clicks is typed "
                    "into the note.",
                    fr="Placer les champs de ces faits là où s'écrit le commentaire : ce qui demande trois clics finit "
                    "dans le commentaire.",
                ),
            ),
            Proposal(
                Verb.TRAIN,
                both(
                    lambda w: w.pick(
                        f"Show {unit} a list or a reminder that it gets only from the field, not from the note.",
                        f"Montrer à {unit} une liste ou un rappel que seul le champ permet, et non le commentaire.",
                    )
                ),
            ),
        )


def _homes(part: History, matcher: Matcher) -> dict[str, Bool]:
    """By sort of fact for which there is a field: in which cases one of its fields is filled."""
    found: dict[str, Bool] = {}
    given = part.columns_given.get("cases", frozenset())
    for sort, parts_of_names in matcher.homes.items():
        for name in part.cases.columns:
            own = name not in OF_THE_CONTRACT and name != "amount"
            if (own or name in given) and any(piece in name.lower() for piece in parts_of_names):
                filled = part.cases[name].is_not_null().to_numpy().astype(bool)
                found[sort] = found.get(sort, np.zeros(len(filled), dtype=bool)) | filled
    return found


def _free_texts(part: History) -> list[tuple[Int64, list[str]]]:
    """Free texts with the case of each: of the cases' own fields, and of what people did."""
    every = np.arange(part.index.n_cases)
    own = (part.cases[name] for name in part.cases.columns if name not in OF_THE_CONTRACT)
    found = [_long(every, series) for series in own if str(series.dtype) == "String"]
    if "text" in part.events.columns and str(part.events["text"].dtype) == "String":
        at = np.flatnonzero(part.events["text"].is_not_null().to_numpy())
        at = at[guard.of_events(part, at) == guard.KEPT]
        found.append(_long(part.index.case[at].astype(np.int64), part.events["text"].gather(at)))
    return found


def _long(case: Int64, series: Any) -> tuple[Int64, list[str]]:
    words = series.str.count_matches(r"\S+").fill_null(0).to_numpy()
    rows = np.flatnonzero(words >= FEWEST_WORDS)
    texts = series.gather(rows).to_list()
    known = placeholders()
    keep = [place for place, one in enumerate(texts) if not known.is_typed(one)]
    return case[rows[keep]], [texts[place] for place in keep]
