"""What the data lack, put together over all the checks that it keeps from being made."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import attrs

from crmusage.model import Assessment, Lack, Text, Wording

SHORT = 8
"""Lines of what could not be assessed that are told one by one; of more it is told what is missing. Guessed."""

MOST = 6
"""Things that are missing and told with what each is; the others only by name. Guessed."""

_Key = tuple[str, str | None]
_KIND: _Key = ("cases", "kind")

_CASES = {
    "close_date": Text("the day on which an opportunity is planned to close", "la date de clôture prévue"),
    "closed_at": Text("when a case ended", "la date de fin du dossier"),
    "created_at": Text("when a case was entered", "la date de saisie du dossier"),
    "due_at": Text("by when a request is to be done", "l'échéance de la demande"),
    "outcome": Text("how a case ended: won, lost …", "l'issue du dossier : gagné, perdu…"),
    "owner": Text("whose case it is", "le responsable du dossier"),
    "priority_rank": Text("how urgent it was called, 1 first", "la priorité annoncée, 1 en tête"),
    "unit": Text("the team or department", "l'équipe ou le service"),
}
_EVENTS = {
    "activity": Text("steps that never occur", "des étapes qui n'apparaissent jamais"),
    "actor": Text("who did it", "qui l'a fait"),
    "new": Text("the value after a change", "la valeur après modification"),
    "old": Text("the value before a change", "la valeur avant modification"),
    "recorded_at": Text("when it was entered", "la date de saisie de l'événement"),
    "unit": Text("the team of who did it", "l'équipe de celui qui l'a fait"),
}
_TABLES = {
    "calendar": Text("fiscal periods, meetings, holidays", "exercices, réunions, jours fériés"),
    "cases": Text("the opportunities or requests", "les opportunités ou les demandes"),
    "coverage": Text("what the source could see", "ce que la source pouvait voir"),
    "events": Text("what happened to the cases", "ce qui est arrivé aux dossiers"),
    "people": Text("who works in which unit, since when", "qui travaille dans quelle unité, depuis quand"),
    "sessions": Text("who logged in, and when", "qui s'est connecté, et quand"),
    "vocabulary": Text("the values of the lists, and their order", "les valeurs des listes et leur ordre"),
}
_PEOPLE = {
    "ends_on": Text("when somebody left", "la date de départ"),
    "manager": Text("who leads whom", "le responsable de chacun"),
    "profile": Text("the role", "la fonction"),
    "starts_on": Text("when somebody came", "la date d'arrivée"),
    "time_zone": Text("where somebody works", "le fuseau horaire de chacun"),
}
_OF_COLUMNS = {"cases": _CASES, "events": _EVENTS, "people": _PEOPLE}


@attrs.frozen
class Missing:
    """What is missing: a table, columns of one table that the same checks need, or activities."""

    table: str
    columns: tuple[str, ...]
    """Empty: the table as a whole."""
    values: tuple[str, ...]
    """The activities, where it is those: that first which most checks need."""
    checks: int
    """How many checks need it."""
    alone: int
    """How many of these need nothing else."""

    @property
    def name(self) -> str:
        """As the data contract calls it."""
        return ", ".join(f"{self.table}.{column}" for column in self.columns) or self.table

    def what(self, w: Wording) -> str:
        """What it is, for who does not know the contract."""
        known = _OF_COLUMNS.get(self.table, {})
        texts = [known[column] for column in self.columns if column in known]
        if not self.columns and self.table in _TABLES:
            texts = [_TABLES[self.table]]
        told = ", ".join(w.pick(text.en, text.fr) for text in texts)
        return f"{told}{w.pick(':', ' :')} {', '.join(self.values)}" if self.values else told

    def needed(self, w: Wording) -> str:
        """`33 checks need it, 20 of them nothing else`."""
        checks = w.count(self.checks, "check")
        need = w.agree(self.checks, "needs", "need")
        lack = "manquent" if len(self.columns) > 1 or len(self.values) > 1 else "manque"
        if not self.alone:
            return w.pick(f"{checks} {need} it, among other things", f"{lack} à {checks}, entre autres")
        if self.alone == self.checks:
            return w.pick(
                f"{checks} {need} it and nothing else",
                f"{lack} à {checks}, {w.agree(self.checks, 'qui n’attend', 'qui n’attendent')} rien d'autre",
            )
        return w.pick(
            f"{checks} {need} it, {w.number(self.alone)} of them nothing else",
            f"{lack} à {checks}, dont {w.number(self.alone)} "
            f"{w.agree(self.alone, 'n’attend', 'n’attendent')} rien d'autre",
        )

    def how(self, w: Wording) -> str:
        """How to give it: where in a mapping, or in which file."""
        under = w.pick("under", "sous")
        colon = w.pick(":", " :")
        word, yours = w.pick("your word", "votre mot"), w.pick("your column", "votre colonne")
        given = [f'{column} = "{yours}"' for column in self.columns]
        if self.values:
            return f'{under} [meanings]{colon} "{word}" = "{self.values[0]}"'
        if not self.columns:
            return w.pick(
                f"a file {self.table}.csv beside the others", f"un fichier {self.table}.csv à côté des autres"
            )
        if self.columns[0] in {"closed_at", "outcome"}:
            or_ = w.pick("or", "ou")
            return f'{under} [closing]{colon} "{word}" = "won" ({or_} "lost", "fulfilled" …)'
        if self.table == "events" or self.columns == ("unit",):
            return f"{under} [columns]{colon} {'; '.join(given)}"
        if self.table == "cases":
            return f"{under} [cases]{colon} {'; '.join(given)}"
        return w.pick(f"in {self.table}.csv", f"dans {self.table}.csv")


def lacking(assessments: Sequence[Assessment]) -> tuple[Missing, ...]:
    """What is missing, that first which most checks need; kinds of cases left out."""
    needs = [{_key(lack) for lack in one.lacks} for one in assessments]
    values: dict[_Key, Counter[str]] = defaultdict(Counter)
    for one in assessments:
        for lack in one.lacks:
            if lack.value is not None:
                values[_key(lack)][lack.value] += 1
    # Columns that the same checks need, as a value before and after a change, are one thing to mend.
    together: dict[tuple[str, bool, frozenset[int]], list[_Key]] = defaultdict(list)
    for key in sorted(set().union(*needs) - {_KIND}, key=str):
        checks = frozenset(place for place, needed in enumerate(needs) if key in needed)
        together[key[0], key in values, checks].append(key)
    found = [
        Missing(
            table,
            tuple(column for _, column in keys if column is not None),
            tuple(value for key in keys if key in values for value in _most_first(values[key])),
            len(checks),
            sum(needs[check] <= set(keys) for check in checks),
        )
        for (table, _, checks), keys in together.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.checks, -one.alone, one.name)))


def kinds(assessments: Sequence[Assessment]) -> tuple[tuple[str, int], ...]:
    """The kinds of cases of which there are none, and how many checks are about them."""
    counted = Counter(
        lack.value
        for one in assessments
        for lack in one.lacks
        if _key(lack) == _KIND and lack.value is not None
    )
    return tuple(sorted(counted.items()))


def _most_first(counted: Counter[str]) -> list[str]:
    return sorted(counted, key=lambda value: (-counted[value], value))


def _key(lack: Lack) -> _Key:
    return lack.table, lack.column
