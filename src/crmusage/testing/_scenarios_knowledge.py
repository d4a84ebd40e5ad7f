"""What can be planted in a company that knows, forgets and hands over. All figures are guessed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from types import MappingProxyType

import attrs
import numpy as np

from crmusage.model import Text
from crmusage.rules import Constraint, Duration, Rulebook, UsageRule
from crmusage.testing._knowledge_branch import DAY, DAYS, RELEASE, RULE, START, Branch, KnowledgeHabits, Rows
from crmusage.testing._planted import PlantedCompany, Planting, having, planting


@attrs.frozen(eq=False)
class KnowledgeSimulation(PlantedCompany):
    """A company with the rulebook that its people are held against."""

    book: Rulebook


_ALL: tuple[Planting[KnowledgeHabits], ...] = (
    Planting(
        "nothing-forgotten",
        Text(
            "Nothing planted: branches differ as branches do.", "Rien de particulier : les agences diffèrent."
        ),
        None,
        having(),
        everywhere=True,
    ),
    Planting(
        "forgotten",
        Text(
            "The longer ago people read the rule, the less they keep it.",
            "Plus la lecture de la règle est ancienne, moins on la respecte.",
        ),
        "CU601",
        having(kept=0.92, forgotten=0.45),
        everywhere=True,
    ),
    Planting(
        "knowledge-leaves",
        Text(
            "Four in ten leave a branch within two months, and the rule goes with them.",
            "Quatre personnes sur dix quittent une agence en deux mois, et la règle part avec elles.",
        ),
        "CU601",
        having(many_leave=0.4, after_leaving=0.55),
    ),
    Planting(
        "untaught-release",
        Text(
            "Since a release that nobody was trained for, the rule is kept less everywhere.",
            "Depuis une nouvelle version sans formation, la règle est moins respectée partout.",
        ),
        "CU601",
        having(release=True, after_release=0.65),
        everywhere=True,
    ),
    Planting(
        "taught-in-time",
        Text(
            "Look-alike: four in ten leave a branch, and those who follow were taught.",
            "Faux-semblant : quatre personnes sur dix quittent une agence, leurs successeurs ont été formés.",
        ),
        None,
        having(many_leave=0.4),
    ),
    Planting(
        "quiet-release",
        Text(
            "Look-alike: a release that changes nothing.", "Faux-semblant : une version qui ne change rien."
        ),
        None,
        having(release=True),
        everywhere=True,
    ),
    Planting(
        "summer",
        Text(
            "Look-alike: every summer the rule is kept less in all branches.",
            "Faux-semblant : chaque été, la règle est moins respectée dans toutes les agences.",
        ),
        None,
        having(in_summer=0.6, many_leave=0.12),
        everywhere=True,
    ),
    Planting(
        "orphans",
        Text(
            "A branch hands over hardly anything of what its leavers have open.",
            "Une agence ne transmet presque rien des dossiers ouverts de ceux qui partent.",
        ),
        "CU602",
        having(many_leave=0.25, handed_over=0.1),
    ),
    Planting(
        "just-left",
        Text(
            "Look-alike: some left in the last weeks, and their work is about to be handed over.",
            "Faux-semblant : des départs tout récents, dont la passation est en cours.",
        ),
        None,
        having(leave_at_the_end=0.3),
    ),
    Planting(
        "same-login",
        Text(
            "Look-alike: contracts ended on paper, and the same people go on under the same login.",
            "Faux-semblant : des contrats terminés sur le papier, mais les mêmes personnes continuent.",
        ),
        None,
        having(many_leave=0.3, handed_over=0.0, same_login=True),
    ),
    Planting(
        "own-way",
        Text(
            "A branch writes a message where the rule asks for a call.",
            "Une agence envoie un message là où la règle demande un appel.",
        ),
        "CU604",
        having(kept=0.25, own_way=0.9),
    ),
    Planting(
        "no-way-at-all",
        Text(
            "Look-alike: a branch that does not keep the rule, and does nothing else instead.",
            "Faux-semblant : une agence qui ne respecte pas la règle et ne fait rien d'autre à la place.",
        ),
        None,
        having(kept=0.25),
    ),
    Planting(
        "both",
        Text(
            "Look-alike: a branch that calls as the rule asks, and writes a message too.",
            "Faux-semblant : une agence qui appelle comme prévu, et envoie aussi un message.",
        ),
        None,
        having(own_way=0.9, message=0.9),
    ),
    Planting(
        "newcomers",
        Text(
            "In their first half year people keep the rule far less.",
            "Pendant leurs six premiers mois, les arrivants respectent bien moins la règle.",
        ),
        "CU605",
        having(when_new=0.6),
        everywhere=True,
    ),
    Planting(
        "new-branch",
        Text(
            "Look-alike: a new branch of newcomers, whose customers can seldom be called.",
            "Faux-semblant : une agence nouvelle, faite d'arrivants, dont les clients sont rarement joignables.",
        ),
        None,
        having(all_new=True, kept=0.35),
    ),
    Planting(
        "slipping",
        Text(
            "Look-alike: everybody keeps the rule a little less every month, new or not.",
            "Faux-semblant : tout le monde respecte la règle un peu moins chaque mois, arrivant ou ancien.",
        ),
        None,
        having(kept=0.9, slips=0.25),
        everywhere=True,
    ),
    Planting(
        "shadow-leaders",
        Text(
            "Managers hardly ever open the tool that their teams work with.",
            "Les responsables n'ouvrent presque jamais l'outil avec lequel leurs équipes travaillent.",
        ),
        "CU606",
        having(leaders_use=0.2),
        everywhere=True,
    ),
    Planting(
        "leaders-away",
        Text(
            "Look-alike: managers were on leave for half of the time.",
            "Faux-semblant : les responsables ont été absents la moitié du temps.",
        ),
        None,
        having(leaders_away=0.5),
        everywhere=True,
    ),
    Planting(
        "new-leaders",
        Text(
            "Look-alike: managers who took over some weeks ago and have yet to begin.",
            "Faux-semblant : des responsables nommés il y a quelques semaines, qui n'ont pas commencé.",
        ),
        None,
        having(new_leaders=True, leaders_use=0.1),
        everywhere=True,
    ),
)

KNOWLEDGE_SCENARIOS: Mapping[str, Planting[KnowledgeHabits]] = MappingProxyType(
    {one.name: one for one in _ALL}
)
"""All scenarios of knowledge by name."""


def simulate_knowledge(
    scenario: str = "nothing-forgotten", *, seed: int = 0, branches: int = 16, opportunities: int = 9_000
) -> KnowledgeSimulation:
    """Two years of a company's branches, with one scenario planted in one of them, or in all.

    The same arguments give the same tables.

    Raises:
        SimulationError: when the scenario is unknown.
    """
    planted = planting(scenario, KNOWLEDGE_SCENARIOS)
    chosen = int(np.random.default_rng([seed, zlib.crc32(scenario.encode())]).integers(branches))
    rows = Rows()
    for number in range(branches):
        rng = np.random.default_rng([seed, 2, number])
        other = planted.habits(KnowledgeHabits())
        habits = other if planted.everywhere or number == chosen else KnowledgeHabits()
        Branch(f"Branch {number + 1:02}", habits, rng, rows).live(opportunities // branches)
    if planted.habits(KnowledgeHabits()).release:
        day = START + RELEASE * DAY
        rows.calendar.append({"kind": "release", "starts_at": day, "ends_at": day + DAY, "label": "spring"})
    left = min((one["person_id"] for one in rows.people if one["ends_on"] is not None), default=None)
    owner = left if planted.code == "CU602" else "sales-ops"
    return KnowledgeSimulation(
        tables=rows.tables(),
        book=Rulebook([_rule(owner)]),
        scenario=scenario,
        code=planted.code,
        unit=None if planted.everywhere else f"Branch {chosen + 1:02}",
        as_of=START + DAYS * DAY,
    )


def _rule(owner: str | None) -> UsageRule:
    return UsageRule(
        id=RULE,
        situation=Text("An opportunity comes in", "Une opportunité arrive"),
        owner=owner,
        expect=(Constraint("response", "created", "call", within=Duration(days=2)),),
    )
