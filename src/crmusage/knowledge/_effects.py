"""What a champion, a release or a team's departure would change in the plan of refreshers."""

from __future__ import annotations

import enum
from collections.abc import Callable

import attrs

from crmusage.knowledge._erosion import Departure, Release
from crmusage.knowledge._plan import Happening, Programme, Schedule, plan
from crmusage.model import Text

RELEASE_ADDS = 0.2
"""A large release: the tool can do a fifth more. Guessed."""
TEAM_LEAVING = 0.5
"""Half of a team leaves at once. Guessed."""


class If(enum.StrEnum):
    """What might be otherwise."""

    CHAMPION = "champion"
    NO_CHAMPION = "no_champion"
    RELEASE = "release"
    DEPARTURE = "departure"


_TEXTS = {
    If.CHAMPION: Text("If a champion told every newcomer", "Si un champion formait chaque nouveau"),
    If.NO_CHAMPION: Text("If the champion were gone", "Si le champion n'était plus là"),
    If.RELEASE: Text(
        "If a release added a fifth half-way", "Si une version ajoutait un cinquième à mi-parcours"
    ),
    If.DEPARTURE: Text(
        "If half of the largest group left half-way, without handing over",
        "Si la moitié du plus grand groupe partait à mi-parcours, sans passation",
    ),
}


@attrs.frozen
class Effect:
    """One thing otherwise: the plan as it is and as it would be."""

    what: If
    now: Schedule
    then: Schedule

    @property
    def text(self) -> Text:
        """What is otherwise."""
        return _TEXTS[self.what]

    @property
    def hours(self) -> float:
        """Hours more (less: negative) to hold the floor; what is out of reach counts as none."""
        return self.then.hours - self.now.hours

    @property
    def out_of_reach(self) -> int:
        """How many topics in groups can no longer be held above the floor (again: negative)."""
        return len(self.then.out_of_reach) - len(self.now.out_of_reach)

    @property
    def known(self) -> float:
        """Change of the known share in the last month when nothing is refreshed."""
        return self.then.average(refreshed=False)[-1] - self.now.average(refreshed=False)[-1]


def effects(programme: Programme) -> tuple[Effect, ...]:
    """What each of the usual changes would do: a champion more or less, a release, a team's departure.

    Empty when no group is large enough or there is no topic.
    """
    groups = programme.large_enough
    if not groups or not programme.topics:
        return ()
    now, middle = plan(programme), max(1, programme.months // 2)
    largest = max(groups, key=lambda one: one.people)

    def with_champion(tells: float) -> Programme:
        return attrs.evolve(programme, erosion=attrs.evolve(programme.erosion, champion_tells=tells))

    def happening(one: Happening) -> Programme:
        given = attrs.asdict(programme, recurse=False)
        return Programme(**{**given, "happenings": (*programme.happenings, one)})

    leaving = Departure(middle, TEAM_LEAVING, handed_over=False)
    changes: dict[If, Callable[[], Programme]] = {
        If.CHAMPION: lambda: with_champion(1.0),
        If.NO_CHAMPION: lambda: with_champion(0.0),
        If.RELEASE: lambda: happening(Happening(Release(middle, RELEASE_ADDS))),
        If.DEPARTURE: lambda: happening(Happening(leaving, group=largest.id)),
    }
    tells = programme.erosion.champion_tells
    nothing = {If.CHAMPION} if tells == 1 else {If.NO_CHAMPION} if tells == 0 else set()
    return tuple(Effect(what, now, plan(make())) for what, make in changes.items() if what not in nothing)
