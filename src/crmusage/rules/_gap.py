"""What people met and no rule speaks of: filed in their words, and answered, by a rule or by a stated refusal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import attrs

from crmusage.errors import RuleError
from crmusage.rules._book import Rulebook
from crmusage.rules._field import FieldError
from crmusage.rules._rule import UsageRule
from crmusage.rules._situation import check_id


def _ids(value: Iterable[str]) -> tuple[str, ...]:
    if isinstance(value, str):
        raise FieldError("examples", f"ids of cases come as a list, [{value!r}], even a single one")
    return tuple(value)


def _day(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


@attrs.frozen
class Answer:
    """What became of a gap report: the rule that speaks of the situation now, or why there will be none."""

    who: str
    on: dt.date = attrs.field(converter=_day)
    rule: str | None = None
    refused: str | None = None
    """The reason, for whoever filed the report."""

    def __attrs_post_init__(self) -> None:
        if not self.who.strip():
            raise FieldError("who", "who is empty: an answer is somebody's")
        if (self.rule is None) == (self.refused is None):
            raise RuleError("an answer names the rule, or says why it was refused: one of the two")
        if self.refused is not None and not self.refused.strip():
            raise FieldError("refused", "refused is empty: whoever filed the report is owed a reason")


@attrs.frozen
class GapReport:
    """A situation that somebody met and found no rule for."""

    id: str
    words: str
    """What was met, as whoever met it says it."""
    who: str
    """Who filed it."""
    on: dt.date = attrs.field(converter=_day)
    unit: str | None = None
    kind: str | None = None
    """The kind of case that it is about."""
    examples: tuple[str, ...] = attrs.field(default=(), converter=_ids)
    """Ids of cases that show it."""
    answer: Answer | None = None
    """None: it is open."""
    source: str | None = attrs.field(default=None, eq=False, repr=False)
    """The text of the file that it came from, so that saving it keeps the comments."""

    def __attrs_post_init__(self) -> None:
        check_id(self.id)
        for name in ("words", "who"):
            if not getattr(self, name).strip():
                raise FieldError(name, f"{name} is empty: a report says what was met, and by whom")

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered it yet."""
        return self.answer is None


def triage(
    book: Rulebook,
    report: GapReport,
    *,
    who: str,
    on: dt.date,
    rule: UsageRule | str | None = None,
    refuse: str | None = None,
) -> tuple[Rulebook, GapReport]:
    """Answer a gap report: with a new rule, proposed as a draft; with the id of one that there is; or with a refusal.

    Returns:
        The book, with the draft if there is a new one, and the report with its answer.

    Raises:
        RuleError: when the report is answered already, the rule is not in the book (or, a new one, is already),
            or the answer is none of the three, or a refusal without a reason.
    """
    if report.answer is not None:
        became = report.answer.rule or "a refusal"
        raise RuleError(
            f"gap report {report.id!r} was answered on {report.answer.on} by {report.answer.who}: {became}"
        )
    if isinstance(rule, UsageRule):
        answer = Answer(who, on, rule.id, refuse)
        why = f"Gap report {report.id}: {' '.join(report.words.split())}"
        return book.propose(rule, who=who, why=why, at=on), attrs.evolve(report, answer=answer)
    answer = Answer(who, on, rule, refuse)
    if rule is not None and rule not in book:
        raise RuleError(f"there is no rule {rule!r} in the rulebook: give the rule itself to propose it")
    return book, attrs.evolve(report, answer=answer)
