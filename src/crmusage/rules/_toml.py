"""A folder of rule files: read with every fault told at once, written without ever losing an edit."""

from __future__ import annotations

import contextlib
import glob
import os
import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs
from tomlkit.exceptions import TOMLKitError

from crmusage.errors import BookError, Fault, RuleError, SourceError
from crmusage.rules._array import LayoutError
from crmusage.rules._editing import edited
from crmusage.rules._reading import BOM, read
from crmusage.rules._rule import UsageRule
from crmusage.rules._writing import plain, render

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_LOCK = ".crmusage.lock"


def load(path: Path) -> list[UsageRule]:
    """The rules of a folder of TOML files (subfolders too, hidden files not) or of one file, in file order.

    Raises:
        BookError: with every fault of every file.
        SourceError: when there is nothing to read.
    """
    files = _files(path)
    if not files:
        raise SourceError(f"{path}: there is no rule file (*.toml) in this folder")
    rules: list[UsageRule] = []
    faults: list[Fault] = []
    homes: dict[str, Path] = {}
    for file in files:
        rule, wrong = _read(file)
        faults += wrong
        if rule is None:
            continue
        first = homes.setdefault(rule.id, file)
        if first is not file:
            faults.append(Fault(str(file), "id", f"{rule.id!r} is already the id of the rule in {first}"))
        rules.append(rule)
    if faults:
        raise BookError(faults)
    return rules


def save(rules: Iterable[UsageRule], folder: Path) -> list[UsageRule]:
    """Write each rule to the file of the folder that holds its id, or else to `<id>.toml`.

    A file is written whole or not at all, and only if it still says what the rule was loaded from; if one
    file is refused, none is written. Files of rules that are not among `rules` stay as they are.

    Returns:
        The rules, each carrying the text of its file: to change and save again, go on with these.

    Raises:
        BookError: when a file was changed by somebody else since, is in the way, or cannot be read; or when
            a rule could not be read back from what would be written.
        SourceError: when the folder or a file cannot be written.
    """
    rules = list(rules)
    if folder.is_file():
        raise SourceError(f"{folder}: is a file; a rulebook is saved into a folder")
    with _system_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    faults: list[Fault] = []
    with contextlib.ExitStack() as stack:
        home = _real(folder)
        stack.enter_context(_alone_in(home))
        homes = _homes(folder)
        targets = [homes.get(rule.id, folder / f"{rule.id}.toml") for rule in rules]
        for parent in sorted({_real(target).parent for target in targets} - {home}):
            stack.enter_context(_alone_in(parent))
        texts: list[str] = []
        for rule, target in zip(rules, targets, strict=True):
            try:
                text = _text(rule, target)
                faults += _in_the_way(rule, target, text)
                texts.append(text)
            except BookError as error:
                faults += error.faults
        if faults:
            raise BookError(faults)
        for target, text in zip(targets, texts, strict=True):
            _write(target, text)
    return [attrs.evolve(rule, source=text) for rule, text in zip(rules, texts, strict=True)]


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = (
            p for p in path.rglob("*.toml") if not any(n.startswith(".") for n in p.relative_to(path).parts)
        )
        return sorted(p for p in found if p.is_file())
    if path.is_file():
        return [path]
    raise SourceError(f"{path}: there is no such file or folder; a rulebook is a folder of TOML files")


def _source(file: Path) -> str:
    # Bytes, so that line ends stay what they are.
    with _system_errors(file):
        return file.read_bytes().decode()


def _read(file: Path) -> tuple[UsageRule | None, list[Fault]]:
    try:
        source = _source(file)
    except UnicodeDecodeError as error:
        what = f"is not UTF-8, as TOML must be (byte {error.start + 1}): save it in that encoding"
        return None, [Fault(str(file), "", what)]
    return read(source, str(file))


def _homes(folder: Path) -> dict[str, Path]:
    """The file of each rule that a folder already holds."""
    homes: dict[str, Path] = {}
    faults: list[Fault] = []
    for file in _files(folder):
        rule, wrong = _read(file)
        faults += wrong
        if rule is None:
            continue
        if rule.id in homes:
            faults.append(
                Fault(str(file), "id", f"{rule.id!r} is already the id of the rule in {homes[rule.id]}")
            )
        homes[rule.id] = file
    if faults:
        # A file that cannot be read may hold one of our rules: writing beside it would make two of it.
        raise BookError(faults)
    return homes


def _text(rule: UsageRule, target: Path) -> str:
    """What the file of a rule will say: its source as it is, its source edited, or a new text."""
    try:
        table = plain(rule)
        fresh = render(table)
    except RuleError as error:
        raise BookError([Fault(str(target), "", str(error))]) from None
    before, _ = (None, []) if rule.source is None else read(rule.source, str(target))
    if rule.source is not None and before is not None:
        said = plain(before)
        if repr(said) == repr(table):
            return rule.source
        mark = BOM if rule.source.startswith(BOM) else ""
        with contextlib.suppress(
            LayoutError, TOMLKitError, AttributeError, LookupError, TypeError, ValueError
        ):
            # A layout that tomlkit cannot change is no fault of the rule's: the file is written anew below.
            text = mark + edited(rule.source.removeprefix(BOM), said, table)
            if read(text, str(target))[0] == rule:
                return text
        old = "".join(f"# {line}".rstrip() + "\n" for line in rule.source.removeprefix(BOM).splitlines())
        fresh = f"{fresh}\n# The layout of this file could not be kept. It said:\n#\n{old}"
    again, faults = read(fresh, str(target))
    if faults:
        raise BookError(faults)
    if again != rule:  # pragma: no cover — no value is known that gets here; it would be lost if one did
        raise BookError([Fault(str(target), "", f"the rule would not read back as it is: {rule}")])
    return fresh


def _in_the_way(rule: UsageRule, target: Path, text: str) -> list[Fault]:
    """Why a file may not be overwritten with `text`; nothing where it may."""
    with _system_errors(target):
        if not target.exists():
            return []
    there = _source(target)
    if there in {text, rule.source}:
        return []
    holds = read(there, str(target))[0]
    if holds is not None and holds.id != rule.id:
        what = f"holds the rule {holds.id!r}, and {rule.id!r} was to be written there: rename the file"
    elif rule.source is None:
        what = f"already holds a rule {rule.id!r}, not the one to be saved: load that one and change it"
    else:
        what = (
            "was changed by somebody else since the rule was loaded: load it again and make the change there"
        )
    return [Fault(str(target), "", what)]


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _write(target: Path, text: str) -> None:
    """Put a whole file in the place of another: a crash at any instant leaves the old one or the new one."""
    # Through a link to the file itself, which would otherwise take the link's place.
    target = _real(target)
    data = text.encode()
    with _system_errors(target):
        if target.exists() and target.read_bytes() == data:
            return
        for left_over in target.parent.glob(f".{glob.escape(target.name)}.*.tmp"):
            # Of a writer that was killed: no other is at work on this file.
            left_over.unlink(missing_ok=True)
        draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
        try:
            with draft.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, draft)
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        if sys.platform != "win32":
            # The new name, too, must outlive a power cut.
            with _opened(target.parent) as folder:
                os.fsync(folder)


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other program saves into this folder; the lock ends with the program, however it ends."""
    if sys.platform == "win32":
        # A folder cannot be locked there, so a file beside the rules is.
        with _system_errors(folder), (folder / _LOCK).open("ab") as file:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            try:
                yield
            finally:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
    else:
        with _opened(folder) as handle:
            with _system_errors(folder):
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    with _system_errors(folder):
        handle = os.open(folder, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


@contextlib.contextmanager
def _system_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror or error}") from error
