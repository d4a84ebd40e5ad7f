"""Everything that can go wrong, under one root.

A message says what was wrong, where, and what to do about it. Faults of files are collected: one error
tells all of them.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

__all__ = [
    "BookError",
    "ContractError",
    "CrmUsageError",
    "CrmUsageWarning",
    "Fault",
    "MissingExtraError",
    "PluginError",
    "RuleError",
    "SourceError",
]


class CrmUsageError(Exception):
    """The root: catch this to catch all that crmusage raises on purpose."""


class CrmUsageWarning(UserWarning):
    """Something was left unjudged or set aside, and the caller should know."""


class SourceError(CrmUsageError):
    """A file or folder cannot be read as what it claims to be."""


class ContractError(CrmUsageError):
    """A table does not keep the data contract as a whole (a column missing, of a wrong type, …)."""


class RuleError(CrmUsageError, ValueError):
    """A rule, or a part of one, does not make sense."""


class PluginError(CrmUsageError):
    """An installed detector cannot be loaded or does not keep the contract of detectors."""


class MissingExtraError(CrmUsageError, ImportError):
    """An optional part of crmusage is needed and not installed."""

    def __init__(self, what: str, extra: str) -> None:
        """Say which extra brings what is missing, and the command that installs it."""
        super().__init__(f"{what} needs an optional part of crmusage: pip install 'crmusage[{extra}]'")


@attrs.frozen
class Fault:
    """One thing wrong in one place of one file."""

    where: str
    """The file, or what stands for it."""
    key: str
    """The key in the file, dotted (`expect[0].template`); empty for the file as a whole."""
    what: str
    """What is wrong, and what would be right."""

    def __str__(self) -> str:
        """The fault on one line."""
        return f"{self.where}: {self.key}: {self.what}" if self.key else f"{self.where}: {self.what}"


class BookError(CrmUsageError):
    """The files of a rulebook have faults: all of them, in the order of files and keys."""

    def __init__(self, faults: Iterable[Fault], what: str = "rulebook") -> None:
        """Collect the faults; the message lists each on its own line. `what` is what the files hold."""
        self.faults = tuple(faults)
        n = len(self.faults)
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"{n} fault{'s' if n != 1 else ''} in the {what}:\n{lines}")
