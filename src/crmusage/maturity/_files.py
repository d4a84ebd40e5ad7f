"""Answer sheets as TOML files, read with every fault of every file told at once; and empty ones to fill in."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from crmusage.errors import BookError, Fault, SourceError
from crmusage.maturity._catalogue import Practice, Stage, catalogue
from crmusage.maturity._sheet import IN_FRENCH, Answer, Reply, Sheet
from crmusage.model import Wording
from crmusage.rules._table import Table

_SHEET = ("role", "on", "answers")
_REPLY = ("answer", "note", "since")


def load_sheets(*paths: str | Path) -> tuple[Sheet, ...]:
    """The sheets of one or more TOML files, each with one assessor or several, in the order of the files.

    What a sheet does not answer is unknown.

    Raises:
        BookError: with every fault of every file.
        SourceError: when a file cannot be read.
    """
    faults: list[Fault] = []
    sheets: list[Sheet] = []
    for path in paths:
        sheets += _load(Path(path), faults)
    twice = sorted({one.role for one in sheets if [each.role for each in sheets].count(one.role) > 1})
    faults += [
        Fault("the sheets", "role", f"{role!r} has more than one sheet: tell them apart") for role in twice
    ]
    if faults:
        raise BookError(faults, "answer sheets")
    return tuple(sheets)


def blank_sheet(lang: str = "en") -> str:
    """An empty sheet in TOML, with every statement to be answered above its answer.

    Raises:
        ValueError: for a language other than "en" and "fr".
    """
    w = Wording(lang)
    lines = [
        w.pick(
            "# For each statement: yes, partly, no or unknown. Unknown is a good answer where you do not know.",
            "# Pour chaque affirmation : oui, en partie, non ou inconnu. « Inconnu » est une bonne réponse si vous ne "
            "savez pas.",
        ),
        w.pick(
            '# With the evidence: users-trained = { answer = "partly", note = "two of five teams" }',
            '# Avec la preuve : users-trained = { answer = "en partie", note = "deux équipes sur cinq" }',
        ),
        "",
        "[[assessor]]",
        f'role = "{w.pick("sales director", "direction commerciale")}"'
        + w.pick("   # a role, not a name", "   # une fonction, pas un nom"),
        "",
        "[assessor.answers]",
    ]
    heading = None
    for one in catalogue().items:
        here = _heading(one, w)
        if here != heading:
            lines += ["", f"# --- {here}"]
            heading = here
        lines += ["", f"# {w.of(one.text)}.", f"# {w.pick('Look at:', 'À regarder :')} {w.of(one.shown_by)}."]
        lines.append(f'{one.id} = "{w.pick(Answer.UNKNOWN, IN_FRENCH[Answer.UNKNOWN])}"')
    return "\n".join(lines) + "\n"


def _heading(one: Practice, w: Wording) -> str:
    if one.wheel:
        return w.pick("Is this still so?", "Est-ce encore le cas ?")
    return f"{w.of(one.dimension.text)}, {w.of(Stage(one.stage).text)}"


def _load(path: Path, faults: list[Fault]) -> list[Sheet]:
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        faults.append(Fault(str(path), "", f"is not TOML in UTF-8: {error}"))
        return []
    table = Table(values, "", ("assessor",), str(path), faults)
    sheets = table.each("assessor", _SHEET, _sheet)
    if sheets is None and not table.bad:
        table.fault("assessor", "is missing: each assessor has a table [[assessor]] with role and answers")
    return list(sheets or ())


def _sheet(table: Table) -> Sheet | None:
    ids = tuple(one.id for one in catalogue().items)
    role = table.text("role", needed="whose answers these are, such as sales director (a role, not a name)")
    on = table.day("on")
    replies = table.nested("answers", ids, _replies, needed="an answer for each statement that can be judged")
    return None if role is None or replies is None else Sheet(role, replies, on)


def _replies(table: Table) -> dict[str, Reply]:
    found = {}
    for name, value in _known(table):
        if isinstance(value, dict):
            reply = table.nested(name, _REPLY, _reply)
        else:
            answer = table.one_of(name, Answer)
            reply = None if answer is None else Reply(answer)
        if reply is not None:
            found[name] = reply
    return found


def _known(table: Table) -> Iterable[tuple[str, object]]:
    return [(name, value) for name, value in table.values.items() if name in table.allowed]


def _reply(table: Table) -> Reply | None:
    answer = table.one_of("answer", Answer, needed="yes, partly, no or unknown")
    note, since = table.text("note"), table.day("since")
    return None if answer is None else Reply(answer, note, since)
