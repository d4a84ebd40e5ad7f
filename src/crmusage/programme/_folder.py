"""A folder in which the answer sheets of a programme lie, by their names."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import attrs

from crmusage.adoptability import Balance, Response, load_balance, load_survey, questions
from crmusage.errors import BookError, Fault, SourceError
from crmusage.knowledge import Close, PlanFile, load_close, load_plan
from crmusage.maturity import Answer, Sheet, blank_sheet, load_sheets
from crmusage.programme import _blank

SURVEY, BALANCE, PLAN, ANSWERS, CLOSES = (
    "survey.csv",
    "balance.toml",
    "plan.toml",
    "answers*.toml",
    "[0-9][0-9][0-9][0-9]-[0-9][0-9].json",
)
"""What the files are called: answers.toml, answers-director.toml …; 2026-10.json for the close of October."""
T = TypeVar("T")


@attrs.frozen
class Folder:
    """What lies in the folder of a programme; what is not there is None or empty."""

    survey: tuple[Response, ...] | None = None
    balance: Balance | None = None
    sheets: tuple[Sheet, ...] = ()
    plan: PlanFile | None = None
    closes: tuple[Close, ...] = ()
    untouched: tuple[str, ...] = ()
    """Files that nobody has filled in yet; they count as not given."""


def load_folder(path: str | Path) -> Folder:
    """Read `survey.csv`, `balance.toml`, `plan.toml`, `answers*.toml` and closes (`2026-10.json`).

    Raises:
        BookError: with the faults of all files.
        SourceError: when there is no such folder, none of these is in it, or a close was changed.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise SourceError(f"{folder}: is no folder; give the one in which the answer sheets lie")
    faults: list[Fault] = []
    untouched: list[str] = []

    def read(load: Callable[[], T], *files: Path) -> T | None:
        if not files or not files[0].is_file():
            return None
        if _is_untouched(files[0]):
            untouched.append(files[0].name)
            return None
        try:
            return load()
        except BookError as error:
            faults.extend(error.faults)
            return None

    answers = sorted(folder.glob(ANSWERS))
    found = Folder(
        survey=read(lambda: load_survey(folder / SURVEY), folder / SURVEY),
        balance=read(lambda: load_balance(folder / BALANCE), folder / BALANCE),
        sheets=read(lambda: load_sheets(*answers), *answers) or (),
        plan=read(lambda: load_plan(folder / PLAN), folder / PLAN),
        closes=tuple(load_close(file) for file in sorted(folder.glob(CLOSES))),
        untouched=tuple(untouched),
    )
    if found.sheets and not any(
        reply.answer is not Answer.UNKNOWN for sheet in found.sheets for reply in sheet.replies.values()
    ):
        names = (file.name for file in answers)
        found = attrs.evolve(found, sheets=(), untouched=(*names, *found.untouched))
    if faults:
        raise BookError(faults, "programme")
    if found == Folder():
        raise SourceError(
            f"{folder}: has none of {SURVEY}, {BALANCE}, {PLAN}, answers.toml and closes such as 2026-10.json; "
            "crmusage programme --begin writes them empty"
        )
    return found


def begin_folder(path: str | Path, lang: str = "en") -> tuple[Path, ...]:
    """Write empty sheets to fill in: `answers.toml`, `survey.csv`, `questions.txt`, `balance.toml`, `plan.toml`.

    Nothing that is there is written over.

    Returns:
        The files that were written.

    Raises:
        ValueError: for a language other than "en" and "fr".
        SourceError: when a file cannot be written.
    """
    folder = Path(path)
    asked = questions(lang)
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in _sheets(asked, lang):
            file = folder / name
            if not file.exists():
                file.write_text(text, encoding="utf-8")
                written.append(file)
    except OSError as error:
        raise SourceError(f"{folder}: cannot be written: {error.strerror or error}") from None
    return tuple(written)


def _is_untouched(file: Path) -> bool:
    try:
        text = file.read_text(encoding="utf-8-sig")
        if file.suffix == ".csv":
            return not any(line.strip(",;\t ") for line in text.splitlines()[1:])
        values = tomllib.loads(text)
    except (OSError, ValueError, RecursionError):
        # Whoever reads it says what is wrong with it.
        return False
    return values.get("example") is True


def _sheets(asked: str, lang: str) -> Iterator[tuple[str, str]]:
    yield "answers.toml", blank_sheet(lang)
    yield "questions.txt", asked
    # The last line of the questions is the first one of the table.
    yield SURVEY, asked.rstrip("\n").rpartition("\n")[2] + "\n"
    yield BALANCE, _blank.balance(lang)
    yield PLAN, _blank.plan(lang)
