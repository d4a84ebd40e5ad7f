"""What editors tell of each key of a rule file."""

from __future__ import annotations

from crmusage.model import Text
from crmusage.rules._change import Change
from crmusage.rules._duration import Duration
from crmusage.rules._rule import (
    AppliesTo,
    Cadence,
    Communication,
    Constraint,
    Correlation,
    Review,
    UsageRule,
)
from crmusage.rules._situation import Situation

_IN_TEXT = {"en": "In English.", "fr": "In French."}
ABOUT: dict[type, dict[str, str]] = {
    UsageRule: {
        "id": "The rule's name for machines and files: small letters, digits, - _ and .",
        "situation": "What people face when they ask what to do.",
        "version": "Rises when people must be told again.",
        "status": "active and forbidden ones are in force; draft ones proposed; observed ones seen in what is done.",
        "kind": "The kind of cases it is about; left out: every kind.",
        "owner": "Who looks after the rule.",
        "guidance": "What to do, in the words that people are told.",
        "applies_to": "Whom and which cases it is for; all of it must fit.",
        "zone": "Whose clock days are read from: a time zone, person or unit; left out: a day is 24 hours.",
        "expect": "What is expected of the events of a case; all of it.",
        "cadence": "What is due again and again.",
        "review": "When the rule is looked at again.",
        "communication": "Who is told of the rule, and how often.",
        "cites": "Where the rule comes from: texts, decisions, audits.",
        "history": "What was done with the rule, the oldest first.",
    },
    Text: _IN_TEXT,
    Situation: {**_IN_TEXT, "id": "The same in all rules that are for this situation."},
    AppliesTo: {
        "unit": "Teams, departments or branches.",
        "profile": "Profiles of users.",
        "region": "Regions.",
        "where": "A condition on the case.",
    },
    Constraint: {
        "template": "What is asked, in DECLARE's terms.",
        "activity": "What makes it apply; of several, each does.",
        "target": "The other side; of several, any will do.",
        "n": "How often, for existence, absence (fewer than n) and exactly; left out: 1.",
        "where": "A condition on the activity.",
        "target_where": "A condition on the target.",
        "correlate": "What activity and target have in common, besides their case.",
        "within": "At the latest so long from the activity.",
        "after": "At the earliest so long from the activity.",
    },
    Correlation: {
        "same": "Attributes that have the same value on both sides.",
        "different": "Attributes that have different values.",
    },
    Duration: {
        "weeks": "Weeks.",
        "days": "Days: of 24 hours, or by the clock of the rule's zone.",
        "hours": "Hours.",
        "minutes": "Minutes.",
        "seconds": "Seconds.",
        "working_days": "Whole working days of the calendar; 0: the rest of the day.",
        "working_hours": "Hours of working time.",
    },
    Cadence: {
        "rrule": "By when, again and again: a recurrence rule of RFC 5545.",
        "needs": "What each open case must have had; of several, any will do.",
        "since": "How far back it counts; left out: since the time before.",
        "starts_on": "The day that it is counted from, where that makes a difference: every second Monday.",
        "zone": "Whose clock it is read by, if not the rule's: a time zone, person or unit.",
    },
    Review: {"rrule": "When: a recurrence rule of RFC 5545, such as FREQ=MONTHLY;INTERVAL=6."},
    Communication: {
        "audience": "Who is told, by unit, profile and region; left out: whom the rule is for.",
        "newcomers_within": "How soon somebody new is told.",
        "renew_every": "After how long everybody is told again: years, months, weeks, days.",
    },
    Change: {
        "version": "The rule's version from then on.",
        "verb": "What was done.",
        "at": "When: a day, or a time with its zone.",
        "who": "Who did it.",
        "why": "Why it was done.",
        "what": "What is different since, in words.",
    },
}
