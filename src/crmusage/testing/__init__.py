"""For those who test with crmusage: a company whose truth is known, and strategies for hypothesis."""

try:
    import numpy  # noqa: F401, ICN001 - is it installed?
    import polars  # noqa: F401, ICN001 - is it installed?
except ImportError as error:
    from crmusage.errors import MissingExtraError

    raise MissingExtraError("crmusage.testing", "analysis") from error

from crmusage.testing._adapter_kit import ADAPTER_CHECKS, AdapterError, check_adapter
from crmusage.testing._detector_kit import DETECTOR_CHECKS, DetectorError, check_detector
from crmusage.testing._dialects import CRM_DIALECTS, CrmTables, as_crm
from crmusage.testing._interventions import Intervention, simulate_intervention
from crmusage.testing._scenario import Scenario, SimulationError
from crmusage.testing._scenarios import SCENARIOS
from crmusage.testing._simulator import Simulation, simulate
from crmusage.testing._truth import CompanyFigures, LookAlike, Planted, Truth

__all__ = [
    "ADAPTER_CHECKS",
    "CRM_DIALECTS",
    "DETECTOR_CHECKS",
    "SCENARIOS",
    "AdapterError",
    "CompanyFigures",
    "CrmTables",
    "DetectorError",
    "Intervention",
    "LookAlike",
    "Planted",
    "Scenario",
    "Simulation",
    "SimulationError",
    "Truth",
    "as_crm",
    "check_adapter",
    "check_detector",
    "simulate",
    "simulate_intervention",
]
