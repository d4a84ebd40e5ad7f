from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs

from crmusage.errors import BookError, Fault
from crmusage.rules._rule import Status, UsageRule


def _in_order(rules: Iterable[UsageRule]) -> tuple[UsageRule, ...]:
    return tuple(sorted(rules, key=lambda rule: rule.id))


@attrs.frozen
class Rulebook:
    """The written usages, one rule an id, in id order. A value: verbs give a new book."""

    rules: tuple[UsageRule, ...] = attrs.field(default=(), converter=_in_order)

    def __attrs_post_init__(self) -> None:
        ids = [rule.id for rule in self.rules]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise BookError(Fault("the rulebook", "id", f"{i!r} is there more than once") for i in twice)

    def __iter__(self) -> Iterator[UsageRule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    def __getitem__(self, rule_id: str) -> UsageRule:
        """The rule with this id (KeyError: there is none)."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)

    @property
    def active(self) -> tuple[UsageRule, ...]:
        """The rules in force."""
        return tuple(rule for rule in self.rules if rule.status is Status.ACTIVE)

    @classmethod
    def load(cls, path: str | Path) -> Rulebook:
        """Read a folder of TOML files (one rule a file, subfolders too) or one such file.

        Raises:
            BookError: with every fault of every file.
            SourceError: when there is nothing to read at `path`.
        """
        from crmusage.rules._toml import load

        return cls(load(Path(path)))

    def save(self, path: str | Path) -> None:
        """Write one `<id>.toml` a rule into the folder `path`; comments of the files they came from are kept."""
        from crmusage.rules._toml import save

        save(self.rules, Path(path))
