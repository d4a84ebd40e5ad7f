"""How a contract is checked: one function a demand, every one that fails is told, in words."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from crmusage.errors import MissingExtraError

Checks = Mapping[str, Callable[[Any], None]]
"""By name; the first line of each one's docstring says what it asks."""


def chosen(
    checks: Checks, only: Iterable[str] | None, expected_failures: Mapping[str, str] | None
) -> tuple[list[str], dict[str, str]]:
    """The names of the checks to run, and the failures that are accepted, each with its reason.

    Raises:
        ValueError: when a name is no check's, or a reason is empty.
    """
    expected = dict(expected_failures or {})
    names = list(checks if only is None else only)
    unknown = sorted({*expected, *names} - set(checks))
    if unknown:
        raise ValueError(f"there is no check {', '.join(unknown)}; there are {', '.join(checks)}")
    if not all(reason.strip() for reason in expected.values()):
        raise ValueError("every expected failure needs the reason for which it is accepted")
    return names, expected


def failures(checks: Checks, bench: Any, names: Sequence[str], expected: Mapping[str, str]) -> Iterator[str]:
    """What each check that fails has seen; one that passes though it is expected to fail is told as well."""
    for name, check in checks.items():
        if name not in names:
            continue
        fault = _fault(check, bench)
        if fault is None and name in expected:
            yield f"{name}: was expected to fail ({expected[name]}) and does not: take it off the list"
        elif fault is not None and name not in expected:
            yield f"{name}: {fault}"


def ask(holds: bool, otherwise: str) -> None:
    """Fail with `otherwise` unless it holds."""
    if not holds:
        raise AssertionError(otherwise)


def _fault(check: Callable[[Any], None], bench: Any) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            check(bench)
    except MissingExtraError:
        raise
    except AssertionError as failed:
        return str(failed)
    except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001 — whatever is raised is the fault to tell
        return f"it raised {type(error).__name__}: {error}"
    return None
