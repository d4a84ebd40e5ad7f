from __future__ import annotations

import enum


class Template(enum.StrEnum):
    """DECLARE's templates. Their meanings are their formulas on finite traces (docs/reference/templates)."""

    EXISTENCE = "existence"
    ABSENCE = "absence"
    EXACTLY = "exactly"
    INIT = "init"
    END = "end"
    RESPONDED_EXISTENCE = "responded_existence"
    CO_EXISTENCE = "co_existence"
    RESPONSE = "response"
    ALTERNATE_RESPONSE = "alternate_response"
    CHAIN_RESPONSE = "chain_response"
    PRECEDENCE = "precedence"
    ALTERNATE_PRECEDENCE = "alternate_precedence"
    CHAIN_PRECEDENCE = "chain_precedence"
    SUCCESSION = "succession"
    ALTERNATE_SUCCESSION = "alternate_succession"
    CHAIN_SUCCESSION = "chain_succession"
    NOT_CO_EXISTENCE = "not_co_existence"
    NOT_SUCCESSION = "not_succession"
    NOT_CHAIN_SUCCESSION = "not_chain_succession"
    CHOICE = "choice"
    EXCLUSIVE_CHOICE = "exclusive_choice"

    @property
    def is_unary(self) -> bool:
        """Whether it speaks of one activity only."""
        return self in _UNARY

    @property
    def counts(self) -> bool:
        """Whether it takes a number, `n`."""
        return self in _COUNTING

    @property
    def is_of_case(self) -> bool:
        """Whether it is judged once a case (the case itself is the activation), not once an event."""
        return self in _UNARY or self in {Template.CHOICE, Template.EXCLUSIVE_CHOICE}


_COUNTING = frozenset({Template.EXISTENCE, Template.ABSENCE, Template.EXACTLY})
_UNARY = _COUNTING | {Template.INIT, Template.END}


class Verdict(enum.IntEnum):
    """What became of an activation. The numbers are stable: tallies are laid out by them."""

    FULFILLED = 0
    VIOLATED = 1
    PENDING = 2
    """The case is open and time is left: it can still go either way."""
    TIED = 3
    """Events at one instant, in no known order: one order keeps the rule, another breaks it."""
