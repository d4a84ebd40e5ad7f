from __future__ import annotations

import attrs

from crmusage.model import Text
from crmusage.rules._book import Rulebook
from crmusage.rules._rule import Status

LINTED = frozenset({Status.ACTIVE, Status.DRAFT})
"""What is in force and what is to be; what people merely do, or may not do, is no rule to be kept."""


TITLES = {
    "RL101": Text("cannot be kept", "impossible à respecter"),
    "RL102": Text("never activated", "jamais activée"),
    "RL103": Text("broken whenever activated", "enfreinte dès qu'elle est activée"),
    "RL104": Text("asks nothing", "n'exige rien"),
    "RL105": Text("compares unlike values", "compare des valeurs de natures différentes"),
    "RL201": Text("contradiction", "contradiction"),
    "RL202": Text("contradiction once activated", "contradiction dès l'activation"),
    "RL203": Text("activation forbidden", "activation interdite"),
    "RL204": Text("contradiction of several", "contradiction à plusieurs"),
    "RL205": Text("contradiction of several once activated", "contradiction à plusieurs dès l'activation"),
    "RL301": Text("follows from another", "découle d'une autre"),
    "RL302": Text("say the same", "disent la même chose"),
    "RL303": Text("follows from several", "découle de plusieurs autres"),
    "RL901": Text("not settled", "non tranché"),
}
"""By code, what a linter can find."""


@attrs.frozen
class Step:
    """One event of an example."""

    activity: str | None
    """None: some activity that the rules do not name."""
    where: tuple[Text, ...] = ()
    """What holds for the event besides."""

    def into(self, lang: str) -> str:
        """The event in words, `lang` "en" or "fr"."""
        other = Text("something else", "autre chose")
        name = other.into(lang) if self.activity is None else self.activity
        conditions = ", ".join(text.into(lang) for text in self.where)
        return f"{name} ({conditions})" if conditions else name


@attrs.frozen
class LintFinding:
    """Something wrong with the rules themselves, whatever people do."""

    code: str
    """RL1…: one rule; RL2…: contradictions; RL3…: what follows from the rest; RL9…: what is not settled."""
    rules: tuple[str, ...]
    """The ids of the rules involved. The first is the one that the finding is about: what follows from the others,
    or can never be activated because of them."""
    expectations: tuple[tuple[str, int], ...]
    """Each rule's id with the place of the expectation in it."""
    text: Text
    """What is wrong and why."""
    trace: tuple[Step, ...] | None = None
    """The shortest case that shows it; None: there is none to show. Empty: a case without events."""

    @property
    def title(self) -> Text:
        """What it is, in a few words."""
        return TITLES[self.code]

    def __str__(self) -> str:
        """`RL201 contradiction: …`."""
        return f"{self.code} {self.title.en}: {self.text.en}"


def lint(book: Rulebook) -> tuple[LintFinding, ...]:
    """Hold the rules of a book against each other.

    Which contradict each other, which follow from others, which can never be activated? Rules in force and drafts
    are read, each expectation as the automaton of its template over the activities and conditions that the rules
    tell apart, for the cases and people that it is for. Everything said is certain for all cases that can ever be:
    where times, correlations or patterns could make it otherwise, nothing is said. What is too large to be settled
    is a finding of its own (RL901). Cadences are not looked at.

    Returns:
        Findings on single rules, then on two, then on several; none: nothing to say.
    """
    from crmusage.rules._linter import findings

    return tuple(findings(rule for rule in book if rule.status in LINTED))
