"""A monitor that outlives its process: what it knows, and what of the stream it has read, are one file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import crmusage as cu
from crmusage.rules import LiveVerdict

CLOSING = ("won", "lost", "fulfilled", "closed")
REMEMBERED = 1000
"""Messages that are known again when they come twice. Guessed."""


class Live:
    """Takes in what `events_of` gives, and says what it settles.

    Cases of which something was not seen are in `unsure`: nothing is said of them until somebody has looked, the
    nightly run for one. Nothing is on disk before `keep`.
    """

    def __init__(self, book: cu.Rulebook, file: Path, *, ordered: bool = False) -> None:
        self.file = file
        self.read: list[str] = []
        """The last messages, by the stream's own names for them."""
        self.unsure: set[str] = set()
        if file.exists():
            kept = json.loads(file.read_text("utf-8"))
            self.monitor = cu.Monitor.restore(book, kept["monitor"])
            self.read, self.unsure = kept["read"], set(kept["unsure"])
        else:
            self.monitor = cu.Monitor(book, ordered=ordered, closing=CLOSING, linger=cu.Duration(days=1))

    @property
    def position(self) -> str | None:
        """The last message that was read."""
        return self.read[-1] if self.read else None

    def take(self, message: str, events: Iterable[Mapping[str, Any]]) -> list[LiveVerdict]:
        """Take in the events of one message; nothing, if it came before."""
        if message in self.read:
            return []
        said: list[LiveVerdict] = []
        for event in events:
            case, what = event["case_id"], event["activity"]
            if what == "not seen":
                self.unsure |= set(self.monitor.open_cases) if case is None else {case}
            elif what == "deleted":
                if case in self.monitor.open_cases:
                    self.monitor.close_case(case, event["at"])  # what it still owed, nobody owes now
            else:
                try:
                    if "case" in event:
                        said += self.monitor.open_case(case, event["at"], **event["case"])
                    said += self.monitor.observe(event)
                except cu.ContractError:  # its beginning came after its end, or what it tells is no event
                    self.unsure.add(case)
        self.read = [*self.read, message][-REMEMBERED:]
        return self.sure(said)

    def advance(self, to: datetime) -> list[LiveVerdict]:
        """Everything before `to` has come in: which deadlines have passed?"""
        return self.sure(self.monitor.advance(to))

    def sure(self, said: Iterable[LiveVerdict]) -> list[LiveVerdict]:
        return [verdict for verdict in said if verdict.case_id not in self.unsure]

    def keep(self) -> None:
        """Write the file as a whole: whoever dies has taken a message in, or has not."""
        kept = {"monitor": self.monitor.snapshot(), "read": self.read, "unsure": sorted(self.unsure)}
        part = self.file.with_name(self.file.name + ".part")
        part.write_text(json.dumps(kept), "utf-8")
        part.replace(self.file)
