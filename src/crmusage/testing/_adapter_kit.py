"""The contract of adapters as checks that an author runs on his own: the built-in ones pass them too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from crmusage.errors import CrmUsageError
from crmusage.testing import _adapter_checks as checks
from crmusage.testing import _adapter_trials as trials
from crmusage.testing import _contract_kit as kit
from crmusage.testing._adapter_bench import Adapter, AdapterBench, records


class AdapterError(CrmUsageError, AssertionError):
    """An adapter does not keep the contract: every check that failed, with what was seen."""


ADAPTER_CHECKS: Mapping[str, Callable[[AdapterBench], None]] = MappingProxyType(
    {
        "protocol": checks.protocol,
        "tells": checks.tells,
        "languages": checks.languages,
        "empty": checks.empty,
        "tiny": checks.tiny,
        "row_order": checks.row_order,
        "slices": checks.slices,
        "missing": checks.missing,
        "columns": checks.columns,
        "unknown": checks.unknown,
        "deterministic": checks.deterministic,
        "fuzzed": trials.fuzzed,
        "aside": trials.aside,
        "persons": trials.persons,
        "write_back": trials.write_back,
    }
)
"""Every check by name; the first line of each one's docstring says what it asks."""


def check_adapter(
    adapter: Adapter,
    sample: Mapping[str, Any],
    *,
    only: Iterable[str] | None = None,
    expected_failures: Mapping[str, str] | None = None,
    **settings: Any,
) -> None:
    """Hold an adapter against the contract; whether it translates rightly is its author's own to test.

    Args:
        adapter: a module, or anything else, with `read`, and with `tasks` if it writes back.
        sample: tables by name, as a pipeline delivers them, small but whole: records, frames or paths of files.
            Every table should hold something of use, and no cell that cannot be read.
        only: names of the checks to run; None: all of them.
        expected_failures: names of checks that are known to fail, each with the reason. One that passes is a
            fault as well: its reason is no longer true.
        settings: what `read` takes besides, as zone="Europe/Paris".

    Raises:
        AdapterError: with all checks that failed.
        ValueError: when `only` or `expected_failures` names no check, or gives no reason.
    """
    names, expected = kit.chosen(ADAPTER_CHECKS, only, expected_failures)
    tables = {name: records(table, name) for name, table in sample.items()}
    bench = AdapterBench(adapter, tables, settings)
    faults = list(kit.failures(ADAPTER_CHECKS, bench, names, expected))
    if faults:
        name = getattr(adapter, "__name__", type(adapter).__name__)
        listed = "\n".join(f"  {fault}" for fault in faults)
        raise AdapterError(f"{name} does not keep the contract of adapters:\n{listed}")
