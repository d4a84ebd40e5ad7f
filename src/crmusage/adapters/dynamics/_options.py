"""Microsoft's option codes as data: what a stored number says, and what it means for a usage."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

Labels = Mapping[int, str]


def _freeze(options: Mapping[str, Mapping[str, Labels]]) -> Mapping[str, Mapping[str, Labels]]:
    return MappingProxyType(
        {entity: MappingProxyType({**fields}) for entity, fields in sorted(options.items())}
    )


_DONE_OR_NOT = {0: "Open", 1: "Completed", 2: "Canceled"}
_PLANNED_OR_DONE = {**_DONE_OR_NOT, 3: "Scheduled"}
_CLOSING = {1: "Open", 2: "Completed", 3: "Canceled"}

OPTIONS: Mapping[str, Mapping[str, Labels]] = _freeze(
    {
        "opportunity": {
            "statecode": {0: "Open", 1: "Won", 2: "Lost"},
            "statuscode": {1: "In Progress", 2: "On Hold", 3: "Won", 4: "Canceled", 5: "Out-Sold"},
            "salesstage": {0: "Qualify", 1: "Develop", 2: "Propose", 3: "Close"},
            "opportunityratingcode": {1: "Hot", 2: "Warm", 3: "Cold"},
        },
        "incident": {
            "statecode": {0: "Active", 1: "Resolved", 2: "Canceled"},
            "statuscode": {
                1: "In Progress",
                2: "On Hold",
                3: "Waiting for Details",
                4: "Researching",
                5: "Problem Solved",
                1000: "Information Provided",
                6: "Canceled",
                2000: "Merged",
            },
            "prioritycode": {1: "High", 2: "Normal", 3: "Low"},
            "servicestage": {0: "Identify", 1: "Research", 2: "Resolve"},
            "caseorigincode": {1: "Phone", 2: "Email", 3: "Web", 2483: "Facebook", 3986: "Twitter"},
            "casetypecode": {1: "Question", 2: "Problem", 3: "Request"},
        },
        "quote": {
            "statecode": {0: "Draft", 1: "Active", 2: "Won", 3: "Closed"},
            "statuscode": {
                1: "In Progress",
                2: "In Progress",
                3: "Open",
                4: "Won",
                5: "Lost",
                6: "Canceled",
                7: "Revised",
            },
        },
        "opportunityclose": {"statecode": _DONE_OR_NOT, "statuscode": _CLOSING},
        "quoteclose": {"statecode": _DONE_OR_NOT, "statuscode": _CLOSING},
        "incidentresolution": {
            "statecode": _DONE_OR_NOT,
            "statuscode": {1: "Open", 2: "Closed", 3: "Canceled"},
        },
        "activitypointer": {
            "statecode": _PLANNED_OR_DONE,
            "statuscode": {1: "Open", 2: "Completed", 3: "Canceled", 4: "Scheduled"},
        },
        "task": {
            "statecode": _DONE_OR_NOT,
            "statuscode": {
                2: "Not Started",
                3: "In Progress",
                4: "Waiting on someone else",
                5: "Completed",
                6: "Canceled",
                7: "Deferred",
            },
        },
        "appointment": {
            "statecode": _PLANNED_OR_DONE,
            "statuscode": {
                1: "Free",
                2: "Tentative",
                3: "Completed",
                4: "Canceled",
                5: "Busy",
                6: "Out of Office",
            },
        },
        "phonecall": {
            "statecode": _DONE_OR_NOT,
            "statuscode": {1: "Open", 2: "Made", 3: "Canceled", 4: "Received"},
        },
        "email": {
            "statecode": _DONE_OR_NOT,
            "statuscode": {
                1: "Draft",
                2: "Completed",
                3: "Sent",
                4: "Received",
                5: "Canceled",
                6: "Pending Send",
                7: "Sending",
                8: "Failed",
            },
        },
        "systemuser": {
            "accessmode": {
                0: "Read-Write",
                1: "Administrative",
                2: "Read",
                3: "Support User",
                4: "Non-interactive",
                5: "Delegated Admin",
            }
        },
        "team": {"teamtype": {0: "Owner", 1: "Access"}},
    }
)
"""The labels of the codes that are interpreted, as Microsoft ships them, by table and column. Organisations add codes
of their own (100000000 and up), which a delivered `stringmap` or option set table names."""

OPPORTUNITY_OUTCOMES: Mapping[int, str | None] = MappingProxyType({0: None, 1: "won", 2: "lost"})
"""By statecode. Cancelled is a status reason of the state Lost, and counts as lost as it does in Microsoft's charts."""

INCIDENT_OUTCOMES: Mapping[int, str | None] = MappingProxyType({0: None, 1: "fulfilled", 2: "cancelled"})
"""By statecode."""

MERGED = 2000
"""The statuscode of an incident that went on as another one (`masterid`)."""

INCIDENT_PRIORITY: Mapping[int, int] = MappingProxyType({1: 1, 2: 2, 3: 3})
"""`incident.prioritycode` to a rank where 1 is the highest: it already runs that way."""

TASK_PRIORITY: Mapping[int, int] = MappingProxyType({0: 3, 1: 2, 2: 1})
"""Activities count the other way: 0 is Low, 2 is High."""


@attrs.frozen
class Hold:
    """What entering and leaving a status means."""

    entered: str
    left: str | None = None


INCIDENT_HOLDS: Mapping[int, Hold] = MappingProxyType(
    {2: Hold("waiting", "resumed"), 3: Hold("clarification_asked", "clarified"), 4: Hold("started")}
)
"""By statuscode of an active incident. Leaving one tells something too: whoever goes on has been answered."""

OPPORTUNITY_HOLDS: Mapping[int, Hold] = MappingProxyType({2: Hold("waiting", "resumed")})
"""By statuscode of an open opportunity."""

INVERTED = frozenset({"pursuitdecision", "evaluatefit", "resolvefeedback"})
"""Booleans of an opportunity whose stored 1 says No and 0 says Yes. 0 is their default, so an opportunity that nobody
touched reads as decided."""

DATES = frozenset(
    {
        "actualclosedate", "estimatedclosedate", "finaldecisiondate", "schedulefollowup_prospect",
        "schedulefollowup_qualify", "scheduleproposalmeeting", "closedon", "expireson", "requestdeliveryby",
    }
)  # fmt: skip
"""Columns of the behaviour DateOnly: a day without a time or a zone, though some connectors write midnight."""


class Action:
    """`audit.action`: what was done. Only the codes that mean something here."""

    CREATE, UPDATE, DELETE, ACTIVATE, DEACTIVATE = 1, 2, 3, 4, 5
    CASCADE, MERGE, ASSIGN, CLOSE, CANCEL, COMPLETE = 11, 12, 13, 16, 17, 18
    RESOLVE, REOPEN, HOLD, SET_STATE, WIN, LOSE, ADD_TO_QUEUE = 20, 21, 30, 41, 44, 45, 52
    WEB_ACCESS, SERVICE_ACCESS = 64, 65


AUDIT_ON = frozenset({105, 106, 107})
"""Auditing was started: for a table, for a column, for the organisation."""
AUDIT_OFF = frozenset({108, 109, 110})
"""Auditing was stopped, likewise."""
ACCESS_ON, ACCESS_OFF = 112, 113
"""Auditing of logins was started and stopped."""
LOG_DELETED = 111
"""A part of the audit log was deleted: what lies before is not there any more."""

CLIENTS: Mapping[int, str] = MappingProxyType(
    {Action.WEB_ACCESS: "web", Action.SERVICE_ACCESS: "web services"}
)
"""Which client a login came by. Web services are other programs, often not a person at a screen."""

UNATTENDED = frozenset({3, 4, 5})
"""`systemuser.accessmode` of accounts that nobody works with: support, non-interactive, delegated administrator."""

NO_ID = "00000000-0000-0000-0000-000000000000"
"""An id that names nothing."""
