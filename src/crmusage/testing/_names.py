"""Invented names: the places are made up, so that no branch of a real company is meant."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

REGIONS: Mapping[str, str] = MappingProxyType(
    {
        "Nord-Ouest": "Europe/Paris",
        "Sud": "Europe/Paris",
        "Est": "Europe/Paris",
        "Belgique": "Europe/Brussels",
        "Suisse": "Europe/Zurich",
        "Britain": "Europe/London",
        "Canada": "America/Toronto",
    }
)
"""Each region with the time zone that its people work in."""

BRANCHES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Nord-Ouest": (
            "Valmoret", "Saint-Aubreuil", "Pontclaire", "Grandlieuse", "Hautecombre", "Morvanne",
            "Bréhouant", "Kerlavec", "Trémigny", "Lannevaux", "Querchamp", "Fontelaye",
        ),
        "Sud": (
            "Montfavier", "Castelroux", "Peyrelade", "Roquefeuille", "Sauvelane", "Aigremouline",
            "Mirandèze", "Olivare", "Belcastre", "Vignerac",
        ),
        "Est": (
            "Sarrevigne", "Niederfels", "Champvernois", "Malbuis", "Hohenwiller", "Aubrenay",
            "Corbenoy", "Vesolles",
        ),
        "Belgique": ("Ottremont", "Haversele", "Waelbeke", "Ronchefort"),
        "Suisse": ("Vauxrens", "Aigleroche", "Chavanex"),
        "Britain": (
            "Harrowmere", "Kingsfold Vale", "Aldenbrook", "Thornwick Bay", "Westerleigh Cross", "Dunmorran",
            "Oakhampstead", "Ferryhythe",
        ),
        "Canada": ("Rivière-aux-Ormes", "Lac-Tamarin", "Port Cardew"),
    }
)  # fmt: skip


def branches(count: int) -> list[tuple[str, str]]:
    """The first `count` branches as (name, region), each name once; regions take turns by their size."""
    queue = sorted(
        ((place + 1) / len(names), region, name)
        for region, names in BRANCHES.items()
        for place, name in enumerate(names)
    )
    first = [(name, region) for _, region, name in queue]
    return [
        (name if turn == 0 else f"{name} {turn + 1}", region)
        for turn in range(-(-count // len(first)))
        for name, region in first
    ][:count]
