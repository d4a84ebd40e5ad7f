from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Any

import attrs

from crmusage.errors import ContractError


class Misfit(enum.StrEnum):
    """Why somebody is not the right doer."""

    ROLE = "role"
    SKILL = "skill"
    RESPONSIBILITY = "responsibility"


def _aware(event: RequestEvent, field: attrs.Attribute[Any], value: object) -> None:
    if value is None and field.name != "at":
        return
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        raise ContractError(
            f"request {event.case_id!r}: {field.name} is a datetime with a zone "
            f"(datetime(2026, 3, 1, 9, tzinfo=timezone.utc)), not {value!r}"
        )


@attrs.frozen
class RequestEvent:
    """One thing that happened to a request, under the names of the data contract's `events` table.

    It can be given to a `Monitor` as it is.
    """

    case_id: str
    activity: str
    """`submitted`, `delivered`, `accepted` … as in the data contract."""
    at: dt.datetime = attrs.field(validator=_aware)
    actor: str | None = None
    doer: str | None = None
    """To whom it goes (submitted, rerouted), or where it arrived (delivered)."""
    text: str | None = None
    """The words that go with it: the request, the question, the answer, the reason, what was done."""
    until: dt.datetime | None = attrs.field(default=None, validator=_aware)
    """The date in the calendar on which it is taken up again (deferred, waiting)."""
    decision: str | None = None
    """On `decided`: `now` or `declined`."""
    reason: Misfit | None = attrs.field(default=None, converter=attrs.converters.optional(Misfit))
    """On `refused` and `rerouted`: why the doer is not the right one."""
    skill: str | None = None
    """The skill that was missing."""
    kind: str | None = None
    priority_rank: int | None = None
    """1 is the highest."""
    due_at: dt.datetime | None = attrs.field(default=None, validator=_aware)
    facts: Mapping[str, object] = attrs.field(factory=dict, converter=dict, hash=False)
    """What was filled in besides the text, by field."""
    unit: str | None = None
    """The unit of who acted."""
    seq: int | None = None
