"""The fixed words of the data contract."""

from __future__ import annotations

MEANINGS = frozenset(
    {
        # any case
        "created", "updated", "stage_changed", "amount_changed", "close_date_changed", "owner_changed",
        "priority_changed", "call", "email", "meeting", "task_due", "quote_sent", "quote_accepted",
        "quote_declined", "won", "lost", "reopened",
        # requests
        "submitted", "delivered", "clarification_asked", "clarified", "accepted", "refused", "rerouted",
        "decided", "deferred", "started", "waiting", "resumed", "fulfilled", "documented", "returned", "closed",
    }
)  # fmt: skip
"""What an activity can mean, whatever the CRM calls it."""

OUTCOMES = ("won", "lost", "fulfilled", "declined", "cancelled")
"""How a case can end. None: still open."""

CLOSING: dict[str, str | None] = {"won": "won", "lost": "lost", "fulfilled": "fulfilled", "closed": None}
"""The meanings that end a case, with the outcome that each gives (None: ended, outcome not said)."""

KINDS_OF_ORIGIN = ("ui", "api", "automation", "cascade", "import", "merge", "unknown")
"""Where an event came from."""

MIN_GROUP = 5
"""Smaller units are left out of reports, unless that is asked for: whoever feels observed enters less. A customary
threshold for disclosure; guessed to be right for teams."""
