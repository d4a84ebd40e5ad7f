from __future__ import annotations

import re

import attrs

from crmusage.model import Text
from crmusage.rules._field import FieldError

ID = re.compile(r"[a-z0-9][a-z0-9_.-]*")


def check_id(value: object, field: str = "id") -> None:
    """Refuse what is no id of a rule or a situation.

    Raises:
        FieldError: when it is none.
    """
    if not isinstance(value, str) or ID.fullmatch(value) is None:
        raise FieldError(field, f"{field} is made of small letters, digits, - _ and ., not {value!r}")


@attrs.frozen
class Situation(Text):
    """What people face when they ask what to do. Rules whose situations have the same `id` belong together."""

    id: str | None = None
    """None: a situation of the rule's own, or shared with the rules that word it the same."""

    def __attrs_post_init__(self) -> None:
        if self.id is not None:
            check_id(self.id)
