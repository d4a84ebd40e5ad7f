"""Files that are read and written whole, by one program at a time: an edit is never lost, nor half a file left."""

from __future__ import annotations

import contextlib
import glob
import os
import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from crmusage.errors import SourceError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_LOCK = ".crmusage.lock"


def toml_files(path: Path, what: str) -> list[Path]:
    """The TOML files of a folder and its subfolders, hidden ones not, in order; or the one file that `path` is.

    Raises:
        SourceError: when there is neither; `what` tells what was wanted.
    """
    if path.is_dir():
        found = (
            p for p in path.rglob("*.toml") if not any(n.startswith(".") for n in p.relative_to(path).parts)
        )
        return sorted(p for p in found if p.is_file())
    if path.is_file():
        return [path]
    raise SourceError(f"{path}: there is no such file or folder; {what}")


def text_of(file: Path) -> str:
    """What is in a file.

    Raises:
        SourceError: when it cannot be read.
        UnicodeDecodeError: when it is not UTF-8.
    """
    # Bytes, so that line ends stay what they are.
    with system_errors(file):
        return file.read_bytes().decode()


def real(path: Path) -> Path:
    """Where a path leads, through links."""
    return Path(os.path.realpath(path))


def write_whole(target: Path, text: str) -> None:
    """Put a whole file in the place of another: a crash at any instant leaves the old one or the new one."""
    write_all([(target, text)])


def write_all(texts: Iterable[tuple[Path, str]]) -> None:
    """Put whole files in the places of others: a crash at any instant leaves of each the old one or the new one.

    All are written beside their places before the first one takes its place: a full disk leaves all as they were.
    """
    drafts: list[tuple[Path, Path]] = []
    with contextlib.ExitStack() as stack:
        for place, text in texts:
            # Through a link to the file itself, which would otherwise take the link's place.
            target, data = real(place), text.encode()
            with system_errors(target):
                if not target.exists() or target.read_bytes() != data:
                    drafts.append((stack.enter_context(_draft(target, data)), target))
        for draft, target in drafts:
            with system_errors(target):
                draft.replace(target)
    if sys.platform != "win32":
        for folder in sorted({target.parent for _, target in drafts}):
            # The new names, too, must outlive a power cut.
            with _opened(folder) as handle, system_errors(folder):
                os.fsync(handle)


@contextlib.contextmanager
def _draft(target: Path, data: bytes) -> Iterator[Path]:
    """A file beside the target with the data in it, safely on the disk; gone in the end, if it is still there."""
    clear_left_overs(target.parent, glob.escape(target.name))
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, draft)
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def clear_left_overs(folder: Path, name: str = "*.toml") -> None:
    """Take away what writers of such files that were killed left there; none must be at work on one."""
    with system_errors(folder):
        for left_over in folder.glob(f".{name}.*.tmp"):
            left_over.unlink(missing_ok=True)


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other program saves into this folder; the lock ends with the program, however it ends."""
    if sys.platform == "win32":
        # A folder cannot be locked there, so a file beside the rules is.
        with system_errors(folder), (folder / _LOCK).open("ab") as file:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            try:
                yield
            finally:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
    else:
        with _opened(folder) as handle:
            with system_errors(folder):
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    with system_errors(folder):
        handle = os.open(folder, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


@contextlib.contextmanager
def system_errors(path: Path) -> Iterator[None]:
    """Whatever the system refuses here is a SourceError that names the file."""
    try:
        yield
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror or error}") from error
