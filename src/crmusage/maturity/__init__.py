"""Maturity: four stages in three dimensions, by what can be observed. No calendar, no average, no league table."""

from crmusage.maturity._agreement import agreement, linear_weights, weighted_kappa
from crmusage.maturity._assess import Assessment, assess
from crmusage.maturity._balance import Inconsistency, Readiness, Risk, RiskKind
from crmusage.maturity._catalogue import Catalogue, Dimension, Practice, Stage, catalogue
from crmusage.maturity._files import blank_sheet, load_sheets
from crmusage.maturity._levels import Gate, GateState, Level
from crmusage.maturity._plan import Step, Verb
from crmusage.maturity._sheet import Answer, Observation, Reply, Sheet, Standing
from crmusage.maturity._telling import Teller

__all__ = [
    "Answer",
    "Assessment",
    "Catalogue",
    "Dimension",
    "Gate",
    "GateState",
    "Inconsistency",
    "Level",
    "Observation",
    "Practice",
    "Readiness",
    "Reply",
    "Risk",
    "RiskKind",
    "Sheet",
    "Stage",
    "Standing",
    "Step",
    "Teller",
    "Verb",
    "agreement",
    "assess",
    "blank_sheet",
    "catalogue",
    "linear_weights",
    "load_sheets",
    "weighted_kappa",
]
