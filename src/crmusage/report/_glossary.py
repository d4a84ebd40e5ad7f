from __future__ import annotations

from crmusage.model import Text, Wording

_ENTRIES = (
    (
        Text("peers, usual range", "pairs, plage habituelle"),
        Text(
            "the company's other units, and the limits between which a unit of this size is like them: "
            "natural differences between units are allowed for",
            "les autres unités de l'entreprise, et les limites entre lesquelles une unité de cette taille "
            "leur ressemble : les différences naturelles entre unités sont prises en compte",
        ),
    ),
    (
        Text("95% interval", "intervalle à 95 %"),
        Text(
            "where the figure may truly lie, given how few or many cases it rests on",
            "où le chiffre peut réellement se situer, compte tenu du nombre de dossiers",
        ),
    ),
    (
        Text("adjusted p", "p ajusté"),
        Text(
            "how rarely chance alone would set a unit so far apart from its peers, all comparisons made here "
            "taken into account (Benjamini and Hochberg)",
            "la rareté, par le seul hasard, d'un tel écart avec ses pairs, compte tenu de toutes les "
            "comparaisons faites ici (Benjamini et Hochberg)",
        ),
    ),
    (
        Text("usual ups and downs", "variations habituelles"),
        Text(
            "how much the company's figure changes anyway from one period to the next, 95% of the time; a "
            "smaller difference cannot be seen in it",
            "l'ampleur dont le chiffre de l'entreprise varie d'ordinaire d'une période à l'autre, 95 % du "
            "temps ; un écart plus petit ne s'y voit pas",
        ),
    ),
    (
        Text("persons", "personnes"),
        Text(
            "this report speaks of units and never of a person",
            "ce rapport parle d'unités, jamais d'une personne",
        ),
    ),
)


def glossary(words: Wording) -> tuple[tuple[str, str], ...]:
    """The few words that a reader of a report needs to be told, each with its meaning."""
    return tuple((words.pick(word.en, word.fr), words.pick(told.en, told.fr)) for word, told in _ENTRIES)
