"""The contract of detectors as checks that an author runs on his own: the built-in ones pass them too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from crmusage.detectors import Detector
from crmusage.errors import CrmUsageError
from crmusage.history import History
from crmusage.model import RuleTally
from crmusage.testing import _contract_kit as kit
from crmusage.testing import _detector_checks as checks
from crmusage.testing._detector_bench import Bench
from crmusage.testing._simulator import simulate


class DetectorError(CrmUsageError, AssertionError):
    """A detector does not keep the contract: every check that failed, with what was seen."""


DETECTOR_CHECKS: Mapping[str, Callable[[Bench], None]] = MappingProxyType(
    {
        "protocol": checks.protocol,
        "languages": checks.languages,
        "empty": checks.empty,
        "tiny": checks.tiny,
        "row_order": checks.row_order,
        "parts": checks.parts,
        "missing": checks.missing,
        "bare": checks.bare,
        "small_units": checks.small_units,
        "persons": checks.persons,
        "deterministic": checks.deterministic,
        "schema": checks.schema,
        "accounts": checks.accounts,
        "finds": checks.finds,
    }
)
"""Every check by name; the first line of each one's docstring says what it asks."""


def check_detector(
    detector: Detector,
    history: History | None = None,
    *,
    rules: Sequence[RuleTally] = (),
    only: Iterable[str] | None = None,
    expected_failures: Mapping[str, str] | None = None,
) -> None:
    """Hold a detector against the contract; what it finds in the data is its author's own to test.

    Args:
        detector: the one to check.
        history: one in which it finds something in a unit: what is never found cannot be checked. None: a small
            simulated company in which nothing is planted, and then nothing needs to be found.
        rules: tallies of written rules, for a detector that judges with them (`verify(...).rules` has them).
        only: names of the checks to run; None: all of them.
        expected_failures: names of checks that are known to fail, each with the reason. One that passes is a
            fault as well: its reason is no longer true.

    Raises:
        DetectorError: with all checks that failed.
        MissingExtraError: when jsonschema is not installed.
        ValueError: when `only` or `expected_failures` names no check, or gives no reason.
    """
    names, expected = kit.chosen(DETECTOR_CHECKS, only, expected_failures)
    if history is None:
        names = [name for name in names if name != "finds"]
    bench = Bench(detector, _quiet_company() if history is None else history, tuple(rules))
    faults = list(kit.failures(DETECTOR_CHECKS, bench, names, expected))
    if faults:
        name = getattr(detector, "code", type(detector).__name__)
        listed = "\n".join(f"  {fault}" for fault in faults)
        raise DetectorError(f"{name} does not keep the contract of detectors:\n{listed}")


@lru_cache(maxsize=1)
def _quiet_company() -> History:
    return simulate("none", seed=3, departments=8, months=12, opportunities=600).history()
