"""The live reading: the same rules, one event at a time."""

from crmusage.rules._monitor._door import LateEventError
from crmusage.rules._monitor._monitor import Monitor
from crmusage.rules._monitor._verdict import LiveVerdict, State

__all__ = ["LateEventError", "LiveVerdict", "Monitor", "State"]
