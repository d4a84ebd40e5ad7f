"""Saves rulebooks in child processes that are killed, or that run side by side; tells on stdout what was found.

Run as a program of its own, because children are made by forking, which only a process of one thread may do.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType

from crmusage.errors import BookError
from crmusage.model import Text
from crmusage.rules import Constraint, Rulebook, UsageRule, _toml

IDS = ("eve-of-leave", "second-offer")
TOUCHING = {"open", "write", "flush", "fsync", "chmod", "rename", "replace", "unlink", "close"}
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
RULES = [UsageRule(i, Text("a", "b"), owner="v0", expect=(Constraint("init", "created"),)) for i in IDS]


def texts(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.glob("*.toml")}


def renewed(book: Rulebook) -> Rulebook:
    """Every rule with another text, the same whoever writes it."""
    for rule in book:
        book = book.amend(rule.id, guidance=Text("new " * 400, "neuf"), who="ana", why="better", at=NOON)
    return book


def forked(work: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException:  # noqa: BLE001 — a child must not go on as its parent
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def state_after(folder: Path, old: dict[str, bytes], new: dict[str, bytes]) -> str:
    """How a folder stands after a killing: old, new, between; or what is wrong with it."""
    now = texts(folder)
    if now.keys() - new.keys() or old.keys() - now.keys():
        return f"other files: {sorted(now)}"
    for name, text in now.items():
        if text not in (old.get(name), new[name]):
            return f"{name} is neither old nor new: {text[:80]!r} ... {len(text)} bytes"
    if now:
        Rulebook.load(folder)
    return "old" if now == old else "new" if now == new else "between"


def both_states(folder: Path, fresh: bool) -> tuple[dict[str, bytes], dict[str, bytes], Rulebook]:
    """The texts before and after a saving, and the book to be saved, whose saving is undone."""
    book = Rulebook(RULES) if fresh else renewed(Rulebook(RULES).save(folder))
    old = texts(folder)
    book.save(folder)
    new = texts(folder)
    restored(folder, old)
    return old, new, book


def restored(folder: Path, old: dict[str, bytes]) -> None:
    for file in folder.iterdir():
        file.unlink()
    for name, text in old.items():
        (folder / name).write_bytes(text)


def at_each_call(folder: Path, fresh: bool) -> dict[str, int]:
    """Killed by itself right before and right after each call that touches a file, one after the other."""
    old, new, book = both_states(folder, fresh)
    found: dict[str, int] = {}
    for call in range(1, 10_000):

        def dying(at: int = call) -> None:
            left = at

            def step(_: FrameType, event: str, called: object) -> None:
                nonlocal left
                left -= event in {"c_call", "c_return"} and getattr(called, "__name__", "") in TOUCHING
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)

            write_all = _toml.write_all

            def watched(texts: Iterable[tuple[Path, str]]) -> None:
                texts = list(texts)
                sys.setprofile(step)
                write_all(texts)
                sys.setprofile(None)

            _toml.write_all = watched
            book.save(folder)

        _, status = os.waitpid(forked(dying), 0)
        state = state_after(folder, old, new)
        found[state] = found.get(state, 0) + 1
        if not os.WIFSIGNALED(status):
            found["lived"] = os.WEXITSTATUS(status)
            break
        if state == "between":
            # Whoever saves next finishes it, and clears away what lies about.
            finish(folder, new)
        restored(folder, old)
    return found


def finish(folder: Path, new: dict[str, bytes]) -> None:
    there = Rulebook.load(folder)
    if any(rule.history for rule in there):
        renewed(Rulebook(rule for rule in there if not rule.history)).save(folder)
    else:
        Rulebook(rule for rule in RULES if rule.id not in there).save(folder)
    assert texts(folder) == new
    assert {file.name for file in folder.iterdir()} == new.keys(), "left-overs"


def at_random(folder: Path, rounds: int) -> dict[str, int]:
    """Killed from outside at a random instant after the first file is begun."""
    old, new, book = both_states(folder, fresh=False)
    found: dict[str, int] = {}
    chance = random.Random(20260301)
    takes = 0.0
    for turn in range(rounds + 1):
        told, tell = os.pipe()

        def saving(tell: int = tell) -> None:
            def begun(event: str, args: tuple[object, ...]) -> None:
                if event == "open" and str(args[0]).endswith(".tmp"):
                    os.write(tell, b".")

            sys.addaudithook(begun)
            book.save(folder)

        child = forked(saving)
        os.close(tell)
        os.read(told, 1)
        began = time.monotonic()
        if turn:
            time.sleep(chance.uniform(0, takes))
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(told)
        # The first one lives, to tell how long it takes.
        takes = takes or time.monotonic() - began
        state = state_after(folder, old, new)
        if any(file.suffix == ".tmp" for file in folder.iterdir()):
            found["in mid-save"] = found.get("in mid-save", 0) + 1
        elif turn:
            # Too late: what a saving takes is not what it took the first time, and a signal takes its time too.
            takes *= 0.7
        found[state] = found.get(state, 0) + 1
        restored(folder, old)
    return found


def side_by_side(folder: Path, writers: int, edits: int) -> dict[str, int]:
    """Several writers at once, each of whom loads again when refused, as the error says."""
    Rulebook(RULES).save(folder)

    def writing(writer: int) -> None:
        for edit in range(edits):
            rule_id = IDS[edit % len(IDS)]
            while True:
                book = Rulebook.load(folder)
                name = f"{writer}.{edit}"
                try:
                    book.amend(rule_id, owner=name, who=name, why="edited").save(folder)
                    break
                except BookError as error:
                    if "was changed by somebody else" not in str(error):
                        raise
                    (folder / f".refused.{os.getpid()}.{time.monotonic_ns()}").touch()

    children = [forked(lambda writer=writer: writing(writer)) for writer in range(writers)]
    failed = sum(os.waitpid(child, 0)[1] != 0 for child in children)
    kept = [change.who for rule in Rulebook.load(folder) for change in rule.history]
    refused = sum(file.name.startswith(".refused") for file in folder.iterdir())
    return {"failed": failed, "kept": len(set(kept)), "twice": len(kept) - len(set(kept)), "refused": refused}


if __name__ == "__main__":
    what, place, *numbers = sys.argv[1:]
    work = {"calls": at_each_call, "random": at_random, "writers": side_by_side}[what]
    sys.stdout.write(json.dumps(work(Path(place), *map(int, numbers))))
