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

    def save(self, path: str | Path) -> Rulebook:
        """Write each rule into the folder `path`: to the file that holds its id, or else to `<id>.toml`.

        A rule that was loaded keeps the text of its file but for what changed, comments included; unchanged,
        it keeps every byte. Files of rules that are not in this book stay as they are.

        Returns:
            The book as it is saved: go on with this one to change and save again.

        Raises:
            BookError: when a file says something else than when its rule was loaded. Then none is written.
            SourceError: when the folder or a file cannot be written.
        """
        from crmusage.rules._toml import save

        return Rulebook(save(self.rules, Path(path)))
