"""The vocabulary: frozen values that the other parts speak in. Nothing here computes."""

from crmusage.model._explain import Passage, passages
from crmusage.model._finding import (
    Assessment,
    Distortion,
    Evidence,
    Figure,
    Finding,
    FunnelFigure,
    FunnelPoint,
    Kind,
    Lack,
    MapFigure,
    MapPoint,
    Norm,
    Onset,
    Outcome,
    Proposal,
    Scope,
    SeriesFigure,
    Severity,
    Verb,
)
from crmusage.model._interval import wilson
from crmusage.model._measure import Measure, Undefined
from crmusage.model._person import Acknowledgement, Person
from crmusage.model._set_aside import SetAside
from crmusage.model._tally import RuleTally
from crmusage.model._telling import USUAL, Telling
from crmusage.model._text import LANGUAGES, Text
from crmusage.model._time import Period
from crmusage.model._wording import Wording, printable
from crmusage.model._words import CLOSING, KINDS_OF_ORIGIN, MEANINGS, MIN_GROUP, OUTCOMES

__all__ = [
    "CLOSING",
    "KINDS_OF_ORIGIN",
    "LANGUAGES",
    "MEANINGS",
    "MIN_GROUP",
    "OUTCOMES",
    "USUAL",
    "Acknowledgement",
    "Assessment",
    "Distortion",
    "Evidence",
    "Figure",
    "Finding",
    "FunnelFigure",
    "FunnelPoint",
    "Kind",
    "Lack",
    "MapFigure",
    "MapPoint",
    "Measure",
    "Norm",
    "Onset",
    "Outcome",
    "Passage",
    "Period",
    "Person",
    "Proposal",
    "RuleTally",
    "Scope",
    "SeriesFigure",
    "SetAside",
    "Severity",
    "Telling",
    "Text",
    "Undefined",
    "Verb",
    "Wording",
    "passages",
    "printable",
    "wilson",
]
