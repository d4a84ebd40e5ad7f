"""What a history shows of the programme: adoptability, coercion, maturity; never of a person."""

from crmusage.signals._controls import around_controls
from crmusage.signals._observe import observe, rows_in
from crmusage.signals._outcomes import users_against_others
from crmusage.signals._readings import readings
from crmusage.signals._shares import share_of_persons
from crmusage.signals._use import Acts, Use, acts, use

__all__ = [
    "Acts",
    "Use",
    "acts",
    "around_controls",
    "observe",
    "readings",
    "rows_in",
    "share_of_persons",
    "use",
    "users_against_others",
]
