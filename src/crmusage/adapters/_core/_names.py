"""One name in the many spellings that connectors give it."""

from __future__ import annotations

import re

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_REST = re.compile(r"[^0-9a-z]+")


def folded(name: str) -> str:
    """What `StageName`, `stageName`, `stage_name` and `STAGE_NAME` have in common."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def snake(name: str) -> str:
    """`SLAViolation__c` and `sla_violation_c` as the attribute that rules name: `sla_violation_c`."""
    return _REST.sub("_", _HUMP.sub("_", name).casefold()).strip("_") or "column"
