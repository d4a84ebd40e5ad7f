"""Make up logins for a simulated export: who enters something logs in that day, managers early in a month only."""

from __future__ import annotations

import csv
from pathlib import Path

FOLDER = globals().get("FOLDER", "export")


def logins(export: Path) -> list[dict[str, str]]:
    """A row for each person and day; every third person works on a telephone."""
    with (export / "people.csv").open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    managers = {row["manager"] for row in people}
    days = set()
    with (export / "events.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            day, person = row["at"][:10], row["actor"]
            if row["origin"] == "ui" and (person not in managers or day[8:] < "07"):
                days.add((person, day, row["at"]))
    first = {(person, day): at for person, day, at in sorted(days, reverse=True)}
    mobile = {row["person_id"] for row in people[::3]}
    return [
        {"person_id": person, "at": at, "client": "Android phone" if person in mobile else "Chrome"}
        for (person, _), at in sorted(first.items())
    ]


def write(export: Path) -> None:
    """Put `sessions.csv` beside the other tables."""
    rows = logins(export)
    with (export / "sessions.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, ["person_id", "at", "client"])
        table.writeheader()
        table.writerows(rows)


write(Path(FOLDER))
