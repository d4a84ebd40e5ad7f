"""The text of a Declare model, read into rules or into everything that is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import attrs

from crmusage.errors import Fault, RuleError
from crmusage.model import Text
from crmusage.rules._condition import Condition, comparisons
from crmusage.rules._decl_conditions import Declared, read_column, renamed, renamed_correlation
from crmusage.rules._duration import Duration
from crmusage.rules._phrases import phrase
from crmusage.rules._rule import Constraint, UsageRule
from crmusage.rules._table import nearest
from crmusage.rules._template import Template

T = Template


@attrs.frozen
class Name:
    """What a template is called in a model, and what it is here."""

    text: str
    template: Template
    activation: int = 0
    """Which of the two activities `A.` speaks of: the first, or for what looks back the second."""
    swapped: bool = False
    """Whether our activation is the other one than the model's."""
    note: Text | None = None


_ONCE_FIRST = Text(
    "The model says {name}: the same cases keep it, but here {a} is what is counted, there it is {b}.",
    "Le modèle dit {name} : les mêmes dossiers le respectent, mais on compte ici {a}, là-bas {b}.",
)
_BOTH = Text(
    "The model says {name}: the same cases keep it, but here {a} and {b} are both counted, there {a} only.",
    "Le modèle dit {name} : les mêmes dossiers le respectent, mais on compte ici {a} et {b}, là-bas {a} seulement.",
)
NAMES = (
    Name("Existence", T.EXISTENCE),
    Name("Absence", T.ABSENCE),
    Name("Exactly", T.EXACTLY),
    Name("Init", T.INIT),
    Name("End", T.END),
    Name("Choice", T.CHOICE),
    Name("Exclusive Choice", T.EXCLUSIVE_CHOICE),
    Name("Responded Existence", T.RESPONDED_EXISTENCE),
    Name("Response", T.RESPONSE),
    Name("Alternate Response", T.ALTERNATE_RESPONSE),
    Name("Chain Response", T.CHAIN_RESPONSE),
    Name("Precedence", T.PRECEDENCE, activation=1),
    Name("Alternate Precedence", T.ALTERNATE_PRECEDENCE, activation=1),
    Name("Chain Precedence", T.CHAIN_PRECEDENCE, activation=1),
    Name("Co-Existence", T.CO_EXISTENCE),
    Name("Succession", T.SUCCESSION),
    Name("Alternate Succession", T.ALTERNATE_SUCCESSION),
    Name("Chain Succession", T.CHAIN_SUCCESSION),
    Name("Not Co-Existence", T.NOT_CO_EXISTENCE),
    # The first of several names is the one that is written: it counts what ours counts.
    Name("Not Response", T.NOT_SUCCESSION),
    Name("Not Succession", T.NOT_SUCCESSION),
    Name("Not Precedence", T.NOT_SUCCESSION, activation=1, swapped=True, note=_ONCE_FIRST),
    Name("Not Chain Response", T.NOT_CHAIN_SUCCESSION),
    Name("Not Chain Succession", T.NOT_CHAIN_SUCCESSION),
    Name("Not Chain Precedence", T.NOT_CHAIN_SUCCESSION, activation=1, swapped=True, note=_ONCE_FIRST),
    Name("Not Responded Existence", T.NOT_CO_EXISTENCE, note=_BOTH),
)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_TIME = re.compile(r"(\d+(?:\.\d*)?)\s*,\s*(\d+(?:\.\d*)?)\s*,\s*([smhd])", re.IGNORECASE)
_HEAD = re.compile(r"([^\[\]|:]+?)\s*(\d*)\s*\[(.*)\]\s*")
_LONGEST = 40
"""Of a rule's id, each activity takes at most so many signs: it becomes a file name."""


def read_model(
    text: str, where: str, kind: str | None, names: Mapping[str, str]
) -> tuple[list[UsageRule], list[Fault]]:
    """The rules of a model in the order of its lines, and every fault."""
    model = _Model(where, kind, names)
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith(("#", "/"))]
    # What is declared may stand anywhere, also below the constraints.
    rest = [(number, line) for number, line in lines if not model.declares(line)]
    for number, line in rest:
        try:
            model.read(number, line)
        except RuleError as error:
            model.faults.append(Fault(where, f"line {number}", str(error)))
    return model.rules, model.faults


@attrs.define
class _Model:
    where: str
    kind: str | None
    names: Mapping[str, str]
    """What the model's attributes are called here, where that is something else."""
    activities: list[str] = attrs.field(init=False, factory=list)
    attributes: dict[str, Declared] = attrs.field(init=False, factory=dict)
    _called: dict[str, str] = attrs.field(init=False, factory=dict)
    rules: list[UsageRule] = attrs.field(init=False, factory=list)
    faults: list[Fault] = attrs.field(init=False, factory=list)

    def declares(self, line: str) -> bool:
        """Take a line that names an activity, or the values of attributes."""
        word, rest = (*line.split(maxsplit=1), "")[:2]
        if word == "activity" and rest:
            self.activities.append(rest)
            return True
        if word == "trace" and rest:
            # Attributes of whole traces are for generating logs; no constraint can name them.
            return True
        head = _HEAD.fullmatch(line.partition("|")[0])
        if word == "bind" or head is not None:
            return False
        match = re.fullmatch(r"(\S.*?)\s*:\s+(\S.*)", line)
        if match is None:
            return False
        for name in match[1].split(","):
            self.attributes[name.strip()] = _declared(match[2])
        return True

    def read(self, number: int, line: str) -> None:
        word, rest = (*line.split(maxsplit=1), "")[:2]
        if word == "bind":
            self._bind(rest)
            return
        head, bar, columns = line.partition("|")
        match = _HEAD.fullmatch(head)
        if match is None:
            raise RuleError(
                f"{line!r} is no activity, no bind, no attribute and no constraint (such as Response[A, B] | | |)"
            )
        name = _name(match[1])
        activities = self._activities(match[3], 1 if name.template.is_unary else 2)
        cells = [cell.strip() for cell in columns.split("|")] if bar else []
        constraint = self._constraint(name, match[2], activities, cells)
        said = phrase(constraint)
        self.rules.append(
            UsageRule(
                "-".join(
                    part for part in (*map(_slug, (match[1] + match[2], *activities)), str(number)) if part
                ),
                Text(_capital(said.en), _capital(said.fr)),
                kind=self.kind,
                guidance=_note(name, constraint),
                expect=(constraint,),
            )
        )

    def _bind(self, rest: str) -> None:
        known = [name for name in self.activities if rest.startswith(f"{name}:")]
        if not known:
            name = rest.partition(":")[0].strip()
            near = nearest(name, self.activities)
            hint = f" (did you mean {near!r}?)" if near else ""
            raise RuleError(f"binds attributes to {name!r}, which is no activity of the model{hint}")

    def _activities(self, text: str, count: int) -> tuple[str, ...]:
        if count == 1:
            if not text.strip():
                raise RuleError("names no activity in its brackets")
            if "," in text and text.strip() not in self.activities:
                raise RuleError(f"takes one activity, not {text.strip()!r}")
            return (text.strip(),)
        commas = [match.start() for match in re.finditer(",", text)]
        pairs = [(text[:at].strip(), text[at + 1 :].strip()) for at in commas]
        known = [pair for pair in pairs if set(pair) <= set(self.activities)]
        found = known or (pairs if len(pairs) == 1 else [])
        if len(found) == 1 and all(found[0]):
            return found[0]
        if len(found) > 1:
            raise RuleError(f"{text.strip()!r} can be read as several pairs of activities")
        raise RuleError(
            f"takes two activities with a comma between, not {text.strip()!r}"
            + (" (names with commas need their activity lines)" if len(pairs) > 1 else "")
        )

    def _constraint(
        self, name: Name, count: str, activities: tuple[str, ...], cells: list[str]
    ) -> Constraint:
        template = name.template
        if count and not template.counts:
            raise RuleError(f"{name.text} takes no number")
        columns, window = _columns(template, cells)
        one, other = (
            read_column(text, side, self.attributes) for text, side in zip(columns, "AT", strict=True)
        )
        if template in {T.CHOICE, T.EXCLUSIVE_CHOICE}:
            if columns[1]:
                raise RuleError(
                    f"{name.text} with a second condition: tools disagree on what it means (write two lines)"
                )
            other = one
        activity, target = activities[name.activation], None
        where, target_where = one.condition, None
        if not template.is_unary:
            target, target_where = activities[1 - name.activation], other.condition
        if name.swapped:
            activity, target, where, target_where = str(target), activity, target_where, where
        return Constraint(
            template,
            activity,
            target=target,
            n=int(count or 1) if template.counts else None,
            where=self._renamed(where),
            target_where=self._renamed(target_where),
            correlate=renamed_correlation(other.correlate, self.names),
            **window,
        )

    def _renamed(self, condition: Condition | None) -> Condition | None:
        for compare in comparisons(condition):
            name = self.names.get(compare.attribute, compare.attribute)
            first = self._called.setdefault(name, compare.attribute)
            if first != compare.attribute:
                raise RuleError(
                    f"{first} and {compare.attribute} would both be read as {name}: give names of your own"
                )
        return renamed(condition, self.names)


def _columns(template: Template, cells: list[str]) -> tuple[tuple[str, str], dict[str, Duration]]:
    """The two columns of conditions, and the window."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    window: dict[str, Duration] = {}
    if cells and re.match(r"[\d.]+\s*,", cells[-1]) and not cells[-1][0].isalpha():
        window = _window(cells[-1])
        cells = cells[:-1]
        if template in {T.INIT, T.END}:
            raise RuleError(f"{template} takes no time: it is about the first or the last event")
    if len(cells) > 2:
        raise RuleError(
            f"the third column is a time such as 0,2,d (from, to, and s, m, h or d), not {cells[2]!r}"
        )
    one, other = ([*cells, "", ""])[:2]
    if template.is_unary and other:
        raise RuleError(f"{template} speaks of one activity: it takes no second condition ({other!r})")
    return (one, other), window


def _window(text: str) -> dict[str, Duration]:
    match = _TIME.fullmatch(text)
    if match is None:
        raise RuleError(f"a time is from, to, and s, m, h or d, such as 0,2,d, not {text!r}")
    low, high = (float(part) if "." in part else int(part) for part in (match[1], match[2]))
    if low > high:
        raise RuleError(f"the time {text!r} ends before it begins")
    unit = _UNITS[match[3].lower()]
    window = {"within": Duration(**{unit: high})}
    return {**window, "after": Duration(**{unit: low})} if low else window


def _declared(text: str) -> Declared:
    text = text.strip()
    number = r"[+-]?\d+(?:\.\d*)?"
    if re.fullmatch(
        rf"(?:integer|float)\s+between\s+{number}\s+and\s+{number}|{number}", text, re.IGNORECASE
    ):
        return Declared(numbers=True)
    return Declared(numbers=False, values=tuple(value.strip() for value in text.split(",")))


def _key(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).lower()


def _name(text: str) -> Name:
    for name in NAMES:
        if _key(name.text) == _key(text):
            return name
    near = nearest(text, [name.text.lower() for name in NAMES])
    known = {name.text.lower(): name.text for name in NAMES}
    hint = f"did you mean {known[near]}?" if near else f"they are {', '.join(name.text for name in NAMES)}"
    raise RuleError(f"unknown template {text.strip()!r}: {hint}")


def _note(name: Name, constraint: Constraint) -> Text | None:
    if name.note is None:
        return None
    a, b = constraint.activity, constraint.target
    return Text(
        name.note.en.format(name=name.text, a=f"'{a}'", b=f"'{b}'"),
        name.note.fr.format(name=name.text, a=f"« {a} »", b=f"« {b} »"),
    )


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST].strip("-")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
