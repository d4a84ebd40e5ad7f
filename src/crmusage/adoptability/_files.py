"""A survey as CSV, read with every fault told at once."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from crmusage.adoptability._survey import HIGHEST, LOWEST, Response, items
from crmusage.errors import BookError, Fault, SourceError
from crmusage.model import Wording
from crmusage.rules._table import nearest

_UNIT = "unit"


def load_survey(path: str | Path) -> tuple[Response, ...]:
    """The answers in a CSV file: a row for each person, a column for each item by its id, and perhaps `unit`.

    Cells hold 1 to 5, or nothing for an answer left out. Commas, semicolons and tabs are told apart by the first
    line. Columns that identify a person have no place here and are refused, as any other column is.

    Raises:
        BookError: with every fault, by line and column.
        SourceError: when the file cannot be read.
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise BookError(
            [Fault(str(path), "", f"is not UTF-8 (byte {error.start}): save it as UTF-8")], "survey"
        ) from None
    faults: list[Fault] = []
    responses = _read(text, str(path), faults)
    if faults:
        raise BookError(faults, "survey")
    return responses


def questions(lang: str = "en") -> str:
    """The statements to put to people, with their ids, and the first line of the CSV file.

    Raises:
        ValueError: for a language other than "en" and "fr".
    """
    w = Wording(lang)
    lines = [
        w.pick(
            "How far do you agree? 1 not at all, 2 rather not, 3 neither, 4 rather, 5 fully. Leave out what does not "
            "apply to you.",
            "Êtes-vous d'accord ? 1 pas du tout, 2 plutôt non, 3 ni oui ni non, 4 plutôt oui, 5 tout à fait. Laissez "
            "vide ce qui ne vous concerne pas.",
        ),
        "",
        *(f"{one.id}: {w.pick(one.text.en, one.text.fr)}." for one in items()),
        "",
        ",".join([_UNIT, *(one.id for one in items())]),
    ]
    return "\n".join(lines) + "\n"


def _read(text: str, where: str, faults: list[Fault]) -> tuple[Response, ...]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[Response] = []
    try:
        header = [cell.strip() for cell in next(rows, [])]
        _check(header, where, faults)
        found.extend(
            _response(header, row, where, rows.line_num, faults)
            for row in rows
            if any(cell.strip() for cell in row)
        )
    except csv.Error as error:
        faults.append(Fault(where, f"line {rows.line_num}", f"is not CSV: {error}"))
    if not found and not faults:
        faults.append(Fault(where, "", "has no answers: a row for each person is missing"))
    return tuple(found)


def _check(header: list[str], where: str, faults: list[Fault]) -> None:
    known = [_UNIT, *(one.id for one in items())]
    if not any(header):
        faults.append(
            Fault(where, "line 1", f"is empty: it names the columns, such as {', '.join(known[:3])}")
        )
        return
    for number, name in enumerate(header, 1):
        place = f"line 1, column {number}"
        if name not in known:
            near = nearest(name, known)
            hint = (
                f"did you mean {near}?"
                if near
                else "columns are unit and the ids of the statements, nothing else"
            )
            faults.append(Fault(where, place, f"unknown column {name!r}: {hint}"))
        elif name in header[: number - 1]:
            faults.append(Fault(where, place, f"column {name!r} is there twice"))
    if not set(header) & set(known[1:]) and not faults:
        faults.append(Fault(where, "line 1", "no column is a statement of the survey"))


def _response(header: list[str], row: list[str], where: str, line: int, faults: list[Fault]) -> Response:
    if len(row) != len(header):
        faults.append(
            Fault(where, f"line {line}", f"has {len(row)} cells where the first line has {len(header)}")
        )
    unit = None
    answers = {}
    known = {one.id for one in items()}
    for name, cell in zip(header, (cell.strip() for cell in row), strict=False):
        if name == _UNIT:
            unit = cell or None
        elif cell and name in known:
            if cell in {str(point) for point in range(LOWEST, HIGHEST + 1)}:
                answers[name] = int(cell)
            else:
                what = f"takes a whole number from {LOWEST} to {HIGHEST} or nothing, not {cell!r}"
                faults.append(Fault(where, f"line {line}, column {name}", what))
    return Response(answers, unit)
