"""The contract of detectors as checks that an author runs on his own: the built-in ones pass them too."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from crmusage.detectors import Detector
from crmusage.errors import CrmUsageError, MissingExtraError
from crmusage.history import History
from crmusage.model import RuleTally
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
    expected = dict(expected_failures or {})
    chosen = list(DETECTOR_CHECKS if only is None else only)
    unknown = sorted({*expected, *chosen} - set(DETECTOR_CHECKS))
    if unknown:
        raise ValueError(f"there is no check {', '.join(unknown)}; there are {', '.join(DETECTOR_CHECKS)}")
    if not all(reason.strip() for reason in expected.values()):
        raise ValueError("every expected failure needs the reason for which it is accepted")
    faults = list(_faults(detector, history, rules, chosen, expected))
    if faults:
        name = getattr(detector, "code", type(detector).__name__)
        listed = "\n".join(f"  {fault}" for fault in faults)
        raise DetectorError(f"{name} does not keep the contract of detectors:\n{listed}")


def _faults(
    detector: Detector,
    history: History | None,
    rules: Sequence[RuleTally],
    chosen: Sequence[str],
    expected: Mapping[str, str],
) -> Iterator[str]:
    bench = Bench(detector, _quiet_company() if history is None else history, tuple(rules))
    for name, check in DETECTOR_CHECKS.items():
        if name not in chosen or (name == "finds" and history is None):
            continue
        fault = _fault(check, bench)
        if fault is None and name in expected:
            yield f"{name}: was expected to fail ({expected[name]}) and does not: take it off the list"
        elif fault is not None and name not in expected:
            yield f"{name}: {fault}"


def _fault(check: Callable[[Bench], None], bench: Bench) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            check(bench)
    except MissingExtraError:
        raise
    except AssertionError as failed:
        return str(failed)
    except Exception as error:  # noqa: BLE001 — whatever the detector raises is the fault to tell
        return f"it raised {type(error).__name__}: {error}"
    return None


@lru_cache(maxsize=1)
def _quiet_company() -> History:
    return simulate("none", seed=3, departments=8, months=12, opportunities=600).history()
