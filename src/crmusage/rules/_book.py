from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs

from crmusage.errors import BookError, Fault, RuleError
from crmusage.model import Proposal, Verb
from crmusage.rules._change import Move
from crmusage.rules._moves import AsRule, Signature, contents, entered, is_other, moved, seen_again
from crmusage.rules._rule import Status, UsageRule
from crmusage.rules._situation import Situation
from crmusage.rules._table import nearest


def _in_order(rules: Iterable[UsageRule]) -> tuple[UsageRule, ...]:
    return tuple(sorted(rules, key=lambda rule: rule.id))


def _rule(given: UsageRule | AsRule) -> UsageRule:
    return given if isinstance(given, UsageRule) else given.as_rule()


def _worded_otherwise(rule: UsageRule, other: UsageRule) -> str:
    return f"{other.id!r} words the situation {rule.situation.id!r} otherwise"


def _wording(rules: Iterable[UsageRule]) -> Situation:
    # Of those that are not retired, if there are any: they agree.
    return min(rules, key=lambda rule: rule.status is Status.RETIRED).situation


@attrs.frozen
class Rulebook:
    """The usages, written ones and others, one rule an id, in id order. A value: each verb gives a new book.

    Verbs take who makes the change, why, and when (`at`, by default now), and put it into the rule's history. The
    rule's version rises when people must be told of it again. What makes no sense for a rule as it stands is a
    RuleError that says how it stands and what may be done.
    """

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

    def __contains__(self, rule_id: object) -> bool:
        """Whether there is a rule with this id (or this very rule)."""
        return any(rule_id in (rule.id, rule) for rule in self.rules)

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

    def situations(self) -> dict[Situation, tuple[UsageRule, ...]]:
        """The rules by the situation that they are for, whatever their status.

        Rules belong together when their situations have the same id, or no id and the same words. Retired ones may
        still have older words.

        Raises:
            BookError: when one situation is worded in two ways.
        """
        grouped: dict[object, list[UsageRule]] = {}
        for rule in self.rules:
            grouped.setdefault(rule.situation.id or rule.situation, []).append(rule)
        faults = [
            Fault(rule.id, "situation", _worded_otherwise(rule, other))
            for rule in self.rules
            for other in self._at_odds(rule)[:1]
            if other.id < rule.id
        ]
        if faults:
            raise BookError(faults)
        return {_wording(rules): tuple(rules) for rules in grouped.values()}

    def propose(self, rule: UsageRule | AsRule, *, who: str, why: str, at: dt.date | None = None) -> Rulebook:
        """With a rule to be talked about: a draft that binds nobody. A retired one comes up again, as `rule` says.

        Raises:
            RuleError: when the book has a rule of this id that is not retired.
        """
        return self._brought(Move.PROPOSE, _rule(rule), Signature(who, why, at))

    def observe(self, rule: UsageRule | AsRule, *, who: str, why: str, at: dt.date | None = None) -> Rulebook:
        """With a usage that was seen in what is done; one that was observed before says from now on what `rule` does.

        Raises:
            RuleError: when the book has a rule of this id that people decided on, and did not retire.
        """
        return self._brought(Move.OBSERVE, _rule(rule), Signature(who, why, at))

    def adopt(
        self,
        rule: str | UsageRule | AsRule,
        *,
        who: str,
        why: str,
        at: dt.date | None = None,
        **changes: object,
    ) -> Rulebook:
        """With a rule put in force: a draft, an observed usage, or one that the book does not have yet.

        Args:
            rule: its id, the rule, or anything with `as_rule()`, such as a discovered usage.
            who: who decides.
            why: for what reason.
            at: when; None: now.
            **changes: what it is to say otherwise (`owner=…`, `guidance=…`), as for `amend`.

        Raises:
            RuleError: when there is no such rule, it stands where it cannot be adopted, or the book has another
                rule of this id.
        """
        return self._decided(Move.ADOPT, rule, Signature(who, why, at), changes)

    def forbid(
        self,
        rule: str | UsageRule | AsRule,
        *,
        who: str,
        why: str,
        at: dt.date | None = None,
        **changes: object,
    ) -> Rulebook:
        """With a usage declared forbidden: what it describes is not to be done. Takes and raises what `adopt` does."""
        return self._decided(Move.FORBID, rule, Signature(who, why, at), changes)

    def amend(
        self, rule_id: str, *, who: str, why: str, at: dt.date | None = None, **changes: object
    ) -> Rulebook:
        """With a rule that says something else: `amend("a-rule", guidance=Text(…), who=…, why=…)`.

        Other words for a situation that has an id are the new words in all its rules.

        Raises:
            RuleError: when there is no such rule, it is retired, a change has no such name, or nothing changes.
        """
        there, by = self._there(rule_id), Signature(who, why, at)
        after = moved(there, Move.AMEND, by, **contents(there, changes))
        words = after.situation
        if words.id is None or words.id != there.situation.id or words == there.situation:
            return self._with(after)
        others = (rule for rule in self._at_odds(after) if rule.situation == there.situation)
        return self._with(after, *(moved(other, Move.AMEND, by, situation=words) for other in others))

    def review(self, rule_id: str, *, who: str, why: str, at: dt.date | None = None) -> Rulebook:
        """With a rule that was looked at again and left as it is; its next review counts from then.

        Raises:
            RuleError: when there is no such rule, or it is retired.
        """
        return self._with(moved(self._there(rule_id), Move.REVIEW, Signature(who, why, at)))

    def retire(self, rule_id: str, *, who: str, why: str, at: dt.date | None = None) -> Rulebook:
        """With a rule that no longer holds. It stays in the book, and can be proposed again.

        Raises:
            RuleError: when there is no such rule, or it is retired already.
        """
        return self._with(moved(self._there(rule_id), Move.RETIRE, Signature(who, why, at)))

    def apply(
        self,
        proposal: Proposal,
        *,
        who: str,
        why: str | None = None,
        at: dt.date | None = None,
        rule: UsageRule | AsRule | None = None,
        **changes: object,
    ) -> Rulebook:
        """With what a finding proposes: its verb, done to its rule.

        Args:
            proposal: to amend, adopt, forbid or retire.
            who: who decides.
            why: for what reason; None: what the proposal says in English.
            at: when; None: now.
            rule: what to adopt or forbid, where the book does not have it.
            **changes: what the rule is to say otherwise. To amend takes some: a proposal names none.

        Raises:
            RuleError: when the proposal changes no rule (announce, train), names none, or lacks what it takes.
        """
        by = Signature(who, why if why is not None else proposal.text.en, at)
        given = rule if rule is not None else proposal.rule
        if proposal.verb in {Verb.ANNOUNCE, Verb.TRAIN}:
            raise RuleError(
                f"to {proposal.verb} changes no rule: people are to be told or trained, the book stays"
            )
        if given is None:
            raise RuleError(f"the proposal to {proposal.verb} names no rule: say which, with rule=…")
        if proposal.verb is Verb.ADOPT or proposal.verb is Verb.FORBID:
            return self._decided(Move(proposal.verb.value), given, by, changes)
        rule_id = given if isinstance(given, str) else _rule(given).id
        if proposal.verb is Verb.RETIRE:
            if changes:
                raise RuleError(f"{rule_id}: a rule is retired as it is: leave out {', '.join(changes)}")
            return self.retire(rule_id, who=who, why=by.why, at=at)
        if not changes:
            raise RuleError(
                f"{rule_id}: say how to amend it (guidance=…, expect=…): the proposal tells only why"
            )
        return self.amend(rule_id, who=who, why=by.why, at=at, **changes)

    def _brought(self, move: Move, rule: UsageRule, by: Signature) -> Rulebook:
        if rule.id not in self:
            return self._with(entered(rule, move, by))
        there = self[rule.id]
        return self._with(moved(there, move, by, **seen_again(there, rule)))

    def _decided(
        self, move: Move, given: str | UsageRule | AsRule, by: Signature, changes: dict[str, object]
    ) -> Rulebook:
        if isinstance(given, str):
            there = self._there(given)
        else:
            rule = _rule(given)
            if rule.id not in self:
                return self._with(entered(rule, move, by, **contents(rule, changes)))
            there = self[rule.id]
            if is_other(there, rule):
                raise RuleError(
                    f"cannot {move} this {rule.id!r}: the book has another rule of that id ({there.status}, version "
                    f"{there.version}); {move} that one by its id, or give this one an id of its own"
                )
        return self._with(moved(there, move, by, **contents(there, changes)))

    def _there(self, rule_id: str) -> UsageRule:
        if rule_id in self:
            return self[rule_id]
        near = nearest(rule_id, [rule.id for rule in self.rules])
        hint = f"did you mean {near!r}?" if near else "propose, observe or adopt brings a new one in"
        raise RuleError(f"there is no rule {rule_id!r} in the rulebook: {hint}")

    def _with(self, *rules: UsageRule) -> Rulebook:
        before = {rule.id: rule for rule in self.rules}
        book = Rulebook({**before, **{rule.id: rule for rule in rules}}.values())
        for rule in rules:
            is_as_it_was = rule.id in before and before[rule.id].situation == rule.situation
            for other in () if is_as_it_was else book._at_odds(rule)[:1]:
                raise RuleError(
                    f"{rule.id}: {_worded_otherwise(rule, other)}: take the same words, or another id"
                )
        return book

    def _at_odds(self, rule: UsageRule) -> list[UsageRule]:
        """The rules, retired ones apart, that word the situation of this one otherwise."""
        return [
            other
            for other in self.rules
            if rule.situation.id is not None and rule.situation.id == other.situation.id
            if rule.situation != other.situation
            if Status.RETIRED not in {rule.status, other.status}
        ]

    @classmethod
    def load(cls, path: str | Path) -> Rulebook:
        """Read a folder of TOML files (one rule a file, subfolders too) or one such file.

        Raises:
            BookError: with every fault of every file.
            SourceError: when there is nothing to read at `path`.
        """
        from crmusage.rules._toml import RULES

        return cls(RULES.load(Path(path)))

    def save(self, path: str | Path) -> Rulebook:
        """Write each rule into the folder `path`: to the file that holds its id, or else to `<id>.toml`.

        A rule that was loaded keeps the text of its file but for what changed, comments included; unchanged,
        it keeps every byte. Files of rules that are not in this book stay as they are. Each file is old or new,
        and whole, whenever the program or the machine stops.

        Returns:
            The book as its files say it now (what somebody else changed meanwhile and this book did not, is
            theirs): go on with this one to change and save again.

        Raises:
            BookError: when a rule was changed here, and in its file by somebody else since it was loaded. Then none
                is written.
            SourceError: when the folder or a file cannot be written.
        """
        from crmusage.rules._toml import RULES

        return Rulebook(RULES.save(self.rules, Path(path)))
