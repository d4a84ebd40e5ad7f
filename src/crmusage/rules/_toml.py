"""A folder of TOML files, one value a file: read with every fault told at once, written without ever losing an edit."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import attrs
from tomlkit.exceptions import TOMLKitError

from crmusage.errors import BookError, Fault, RuleError, SourceError
from crmusage.rules._array import LayoutError
from crmusage.rules._editing import edited
from crmusage.rules._files import (
    alone_in,
    clear_left_overs,
    real,
    system_errors,
    text_of,
    toml_files,
    write_all,
)
from crmusage.rules._reading import BOM, read
from crmusage.rules._writing import Plain, plain, render


class Kept(Protocol):
    """What is kept in a file of its own; `source` is the text of the file that it came from."""

    @property
    def id(self) -> str: ...

    @property
    def source(self) -> str | None: ...


T = TypeVar("T", bound=Kept)


@attrs.frozen
class Shelf(Generic[T]):
    """Values of one sort, each in a file of a folder."""

    word: str
    """What one of them is called."""
    whole: str
    """What all of them are called."""
    read: Callable[[str, str], tuple[T | None, list[Fault]]]
    """What a text says, carrying it; or None and every fault in it. The second argument tells where it stands."""
    plain: Callable[[T], Plain]
    """The keys and values of its file."""

    def load(self, path: Path) -> list[T]:
        """The values of a folder of TOML files (subfolders too, hidden files not) or of one file, in file order.

        Raises:
            BookError: with every fault of every file.
            SourceError: when there is nothing to read.
        """
        files = self._files(path)
        if not files:
            raise SourceError(f"{path}: there is no {self.word} file (*.toml) in this folder")
        found: list[T] = []
        faults: list[Fault] = []
        homes: dict[str, Path] = {}
        for file in files:
            one, wrong = self._read(file)
            faults += wrong
            if one is None:
                continue
            first = homes.setdefault(one.id, file)
            if first is not file:
                faults.append(self._twice(one, file, first))
            found.append(one)
        if faults:
            raise BookError(faults)
        return found

    def save(self, values: Iterable[T], folder: Path) -> list[T]:
        """Write each value to the file of the folder that holds its id, or else to `<id>.toml`.

        A file is written whole or not at all, and only if it still says what the value was loaded from; if one
        file is refused, none is written. Files of values that are not among `values`, or that are as they were
        loaded, stay as they are.

        Returns:
            The values as they stand in the files now: to change and save again, go on with these.

        Raises:
            BookError: when a file was changed by somebody else since, is in the way, or cannot be read; or when
                a value could not be read back from what would be written.
            SourceError: when the folder or a file cannot be written.
        """
        values = list(values)
        if folder.is_file():
            raise SourceError(f"{folder}: is a file; {self.whole} is saved into a folder")
        with system_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        faults: list[Fault] = []
        with contextlib.ExitStack() as stack:
            home = real(folder)
            stack.enter_context(alone_in(home))
            homes = self._homes(folder)
            targets = [homes.get(one.id, folder / f"{one.id}.toml") for one in values]
            others = sorted({real(target).parent for target in targets} - {home})
            for parent in others:
                stack.enter_context(alone_in(parent))
            saved: list[tuple[T, Path, str]] = []
            for one, target in zip(values, targets, strict=True):
                try:
                    text = self.text(one, target)
                    theirs = self._theirs(one, target, text)
                    if theirs is None:
                        faults += self._in_the_way(one, target, text)
                    saved.append(
                        (one, target, text) if theirs is None else (theirs, target, str(theirs.source))
                    )
                except BookError as error:
                    faults += error.faults
            if faults:
                raise BookError(faults)
            for parent in (home, *others):
                clear_left_overs(parent)
            write_all((target, text) for _, target, text in saved)
        return [_with_source(one, text) for one, _, text in saved]

    def text(self, one: T, target: Path) -> str:
        """What the file of a value will say: its source as it is, its source edited, or a new text.

        Raises:
            BookError: when a file cannot say it.
        """
        try:
            table = self.plain(one)
            fresh = render(table)
        except RuleError as error:
            raise BookError([Fault(str(target), "", str(error))]) from None
        before, _ = (None, []) if one.source is None else self.read(one.source, str(target))
        if one.source is not None and before is not None:
            said = self.plain(before)
            if repr(said) == repr(table):
                return one.source
            mark = BOM if one.source.startswith(BOM) else ""
            with contextlib.suppress(
                LayoutError, TOMLKitError, AttributeError, LookupError, TypeError, ValueError
            ):
                # A layout that tomlkit cannot change is no fault of the value's: the file is written anew below.
                text = mark + edited(one.source.removeprefix(BOM), said, table)
                if self.read(text, str(target))[0] == one:
                    return text
            old = "".join(f"# {line}".rstrip() + "\n" for line in one.source.removeprefix(BOM).splitlines())
            fresh = f"{fresh}\n# The layout of this file could not be kept. It said:\n#\n{old}"
        again, faults = self.read(fresh, str(target))
        if faults:
            raise BookError(faults)
        if again != one:  # pragma: no cover — no value is known that gets here; it would be lost if one did
            raise BookError([Fault(str(target), "", f"the {self.word} would not read back as it is: {one}")])
        return fresh

    def _files(self, path: Path) -> list[Path]:
        return toml_files(path, f"{self.whole} is a folder of TOML files")

    def _read(self, file: Path) -> tuple[T | None, list[Fault]]:
        try:
            source = text_of(file)
        except UnicodeDecodeError as error:
            what = f"is not UTF-8, as TOML must be (byte {error.start + 1}): save it in that encoding"
            return None, [Fault(str(file), "", what)]
        return self.read(source, str(file))

    def _twice(self, one: T, file: Path, first: Path) -> Fault:
        return Fault(str(file), "id", f"{one.id!r} is already the id of the {self.word} in {first}")

    def _homes(self, folder: Path) -> dict[str, Path]:
        """The file of each value that a folder already holds."""
        homes: dict[str, Path] = {}
        faults: list[Fault] = []
        for file in self._files(folder):
            one, wrong = self._read(file)
            faults += wrong
            if one is None:
                continue
            if one.id in homes:
                faults.append(self._twice(one, file, homes[one.id]))
            homes[one.id] = file
        if faults:
            # A file that cannot be read may hold one of ours: writing beside it would make two of it.
            raise BookError(faults)
        return homes

    def _theirs(self, one: T, target: Path, text: str) -> T | None:
        """What somebody else has made of a value since it was loaded, where it is not to be saved as another."""
        with system_errors(target):
            if text != one.source or not target.exists():
                return None
        there = text_of(target)
        holds = None if there == text else self.read(there, str(target))[0]
        return holds if holds is not None and holds.id == one.id else None

    def _in_the_way(self, one: T, target: Path, text: str) -> list[Fault]:
        """Why a file may not be overwritten with `text`; nothing where it may."""
        with system_errors(target):
            if not target.exists():
                return []
        there = text_of(target)
        if there in {text, one.source}:
            return []
        holds = self.read(there, str(target))[0]
        if holds is not None and holds.id != one.id:
            what = (
                f"holds the {self.word} {holds.id!r}, and {one.id!r} was to be written there: rename the file"
            )
        elif one.source is None:
            what = f"already holds a {self.word} {one.id!r}, not the one to be saved: load that one and change it"
        else:
            what = (
                f"was changed by somebody else since the {self.word} was loaded{_told(one, holds)}: "
                "load it again and make the change there"
            )
        return [Fault(str(target), "", what)]


def _told(one: object, holds: object) -> str:
    """Who else changed it, where what the file holds tells."""
    history = getattr(holds, "history", ())
    if not history or history[-1] in getattr(one, "history", ()):
        return ""
    last = history[-1]
    return f" ({last.verb} by {last.who} on {last.at:%Y-%m-%d}: {last.why})"


def _with_source(one: Any, text: str) -> Any:
    return attrs.evolve(one, source=text)


RULES = Shelf("rule", "a rulebook", read, plain)
