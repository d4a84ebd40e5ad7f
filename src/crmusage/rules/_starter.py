from __future__ import annotations

from crmusage.errors import BookError, RuleError
from crmusage.rules._book import Rulebook
from crmusage.rules._reading import read

_FOLDERS = {"opportunity": "opportunities", "request": "requests"}
"""By kind of case, where its rules are."""


def starter(kind: str | None = None) -> Rulebook:
    """The starter rulebook: rules for situations that nearly every company meets, each citing where it comes from.

    They are in force as they stand, with activities by the data contract's meanings; owners and profiles are names to
    be replaced by your own. `docs/reference/starter-rulebook.md` lists them.

    Args:
        kind: only the rules for this kind of case, opportunity or request; None: all.

    Raises:
        RuleError: when there are no rules for such a kind.
    """
    if kind is not None and kind not in _FOLDERS:
        raise RuleError(
            f"the starter rulebook has no rules for {kind!r}; it has some for {', '.join(_FOLDERS)}"
        )
    from importlib import resources

    rules, faults = [], []
    for folder in _FOLDERS.values() if kind is None else [_FOLDERS[kind]]:
        for file in (resources.files("crmusage.rules") / "starter" / folder).iterdir():
            rule, wrong = read(file.read_text(encoding="utf-8"), file.name)
            faults += wrong
            if rule is not None:
                rules.append(rule)
    if faults:  # pragma: no cover — the files come with the package, and are tested
        raise BookError(faults)
    return Rulebook(rules)
