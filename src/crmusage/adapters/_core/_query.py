from __future__ import annotations

import attrs

from crmusage.model import Text


@attrs.frozen
class Query:
    """A question to a CRM, ready to paste, that brings what an adapter reads of one table."""

    name: str
    """The table that its answer is, by the name under which `read` takes it."""
    text: str
    """The query in the CRM's language."""
    why: Text
    """What the answer is needed for."""
    caveats: tuple[Text, ...] = ()
    """What its answer leaves out, and whom the CRM answers."""
