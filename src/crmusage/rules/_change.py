from __future__ import annotations

import datetime as dt
import enum

import attrs

from crmusage.model import Text, Wording
from crmusage.rules._field import FieldError, is_whole


class Move(enum.StrEnum):
    """What can be done with a rule in a rulebook."""

    PROPOSE = "propose"
    ADOPT = "adopt"
    AMEND = "amend"
    RETIRE = "retire"
    FORBID = "forbid"
    OBSERVE = "observe"
    REVIEW = "review"


def _instant(value: dt.date) -> dt.datetime:
    """The instant that is meant: a day without a time is its midnight in UTC."""
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise FieldError("at", f"the time {value} needs its zone (2026-03-01T09:00:00Z)")
        return value
    if not isinstance(value, dt.date):
        raise FieldError("at", f"at takes a day or a time, not {value!r}")
    return dt.datetime.combine(value, dt.time(), dt.UTC)


@attrs.frozen
class Change:
    """What was done with a rule: by whom, when and why."""

    version: int
    """The rule's version from then on."""
    verb: Move = attrs.field(converter=Move)
    at: dt.datetime = attrs.field(converter=_instant)
    """When. A day stands for its midnight in UTC."""
    who: str
    why: str
    what: Text | None = None
    """What is different since, in words; None: nothing but where the rule stands."""

    def __attrs_post_init__(self) -> None:
        if not is_whole(self.version):
            raise FieldError("version", f"version is a whole number from 1, not {self.version!r}")
        for name in ("who", "why"):
            if not getattr(self, name).strip():
                raise FieldError(name, f"{name} is empty: each change of a rule says who made it and why")

    @property
    def text(self) -> Text:
        """One sentence: what was done, by whom, when and why."""
        done, why = _DONE[self.verb], self.why.rstrip(".")
        en, fr = (Wording(lang).date(self.at.astimezone(dt.UTC).date()) for lang in ("en", "fr"))
        return Text(f"{done.en} by {self.who} on {en}: {why}.", f"{done.fr} par {self.who} le {fr} : {why}.")


_DONE = {
    Move.PROPOSE: Text("Proposed", "Proposée"),
    Move.ADOPT: Text("Adopted", "Adoptée"),
    Move.AMEND: Text("Amended", "Modifiée"),
    Move.RETIRE: Text("Retired", "Retirée"),
    Move.FORBID: Text("Forbidden", "Interdite"),
    Move.OBSERVE: Text("Observed", "Constatée"),
    Move.REVIEW: Text("Reviewed", "Revue"),
}
