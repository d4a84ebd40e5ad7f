from __future__ import annotations

import enum
import tomllib
from importlib import resources

import attrs

from crmusage.model import Text


class XrmArea(enum.StrEnum):
    """What a tool that carries all relations of a company has to be good at."""

    PERSONALISATION = "personalisation"
    ACCESS = "access"
    CENTRALISATION = "centralisation"


@attrs.frozen
class XrmItem:
    """One question to ask of a tool, and how to find out."""

    id: str
    area: XrmArea = attrs.field(converter=XrmArea)
    question: Text
    look_for: Text


def xrm_checklist(area: XrmArea | str | None = None) -> tuple[XrmItem, ...]:
    """What to look at when a tool is chosen, by area, in reading order.

    Args:
        area: personalisation, access or centralisation; None: all.

    Raises:
        ValueError: when there is no such area.
    """
    wanted = None if area is None else XrmArea(area)
    source = resources.files(__package__).joinpath("data/xrm.toml").read_text("utf-8")
    items = (
        XrmItem(item["id"], item["area"], Text(**item["question"]), Text(**item["look_for"]))
        for item in tomllib.loads(source)["item"]
    )
    return tuple(item for item in items if wanted is None or item.area is wanted)
