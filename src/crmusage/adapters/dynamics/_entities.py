"""The tables of Dataverse that are read: their keys, their names in URLs, and what their columns hold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType

import attrs

from crmusage.adapters._core import Entity, folded
from crmusage.history import Kind

ANNOTATED = "@Microsoft.Dynamics.CRM.lookuplogicalname"
SHOWN = "@OData.Community.Display.V1.FormattedValue"

_KINDS: Mapping[Kind, str] = {
    "time": """createdon modifiedon overriddencreatedon actualend scheduledstart scheduledend senton
        activestagestartedon completedon enteredon resolveby responseby followupby
        effectiveintervalstart effectiveintervalend effectivefrom fiscalcalendarstart sinkmodifiedon""",
    "date": "estimatedclosedate actualclosedate closedon",
    "number": """estimatedvalue estimatedvalue_base actualvalue actualvalue_base exchangerate totalamount
        totalamount_base actualrevenue actualrevenue_base""",
    "whole number": """statecode statuscode prioritycode closeprobability salesstage servicestage opportunityratingcode
        caseorigincode casetypecode resolutiontypecode opportunitystatuscode importsequencenumber
        revisionnumber versionnumber teamtype accessmode stagecategory fiscalperiodtype
        auditretentionperiodv2 languagecode langid displayorder attributevalue action operation
        timespent currencyprecision option localizedlabellanguagecode state status""",
    "true or false": """isescalated firstresponsesent isdisabled isauditenabled isuseraccessauditenabled directioncode
        pursuitdecision evaluatefit resolvefeedback""",
}
_KIND_OF: Mapping[str, Kind] = {name: kind for kind, names in _KINDS.items() for name in names.split()}


@attrs.frozen(slots=False)
class Dataverse(Entity):
    """A table, with the many names that its lookups have."""

    set_name: str = ""
    """What Web API addresses call it, as `opportunities`."""
    columns: tuple[str, ...] = ()
    """What is asked for."""
    lookups: frozenset[str] = frozenset()
    """Those of its columns that point to another row."""

    @cached_property
    def by_fold(self) -> Mapping[str, str]:
        """The columns by their spellings: `_ownerid_value` is `ownerid`, and what it points to `ownerid_type`."""
        names = {folded(name): name for name in self.fields}
        for name in self.lookups:
            names[folded(f"_{name}_value")] = name
            kind = f"{name}_type"
            spelt = (
                f"_{name}_value{ANNOTATED}",
                f"{name}{ANNOTATED}",
                f"{name}_entitytype",
                f"{name}type",
                f"{name}_type",
            )
            names.update({folded(one): kind for one in spelt})
        # Synapse Link calls every key Id, and fills nothing else in the row of what was deleted.
        names.setdefault("id", self.id)
        if self.name == "audit":
            names.update({f"auditrecord{spelling}": name for spelling, name in list(names.items())})
            names.update({f"auditdetail{spelling}": name for spelling, name in list(names.items())})
        return names


_BY = ("createdon", "createdby", "modifiedon", "modifiedby", "overriddencreatedon")
_LOOKUPS = frozenset(
    {
        "createdby", "modifiedby", "ownerid", "owningbusinessunit", "transactioncurrencyid",
        "customerid", "originatingleadid", "parentcaseid", "masterid", "opportunityid", "incidentid",
        "quoteid", "competitorid", "activestageid", "regardingobjectid", "businessunitid",
        "parentsystemuserid", "parentbusinessunitid", "objectid", "queueid", "workerid",
        "basecurrencyid", "calendarid", "userid", "callinguserid",
    }
)  # fmt: skip
_OF_OTHERS = frozenset({"createdonbehalfby", "modifiedonbehalfby", "owninguser", "owningteam"})
"""Lookups that come unasked and tell nothing that the others do not."""
_OWNED = ("ownerid", "owningbusinessunit")
_MONEY = ("transactioncurrencyid", "exchangerate")
_STATUS = ("statecode", "statuscode")


def _table(
    name: str,
    set_name: str,
    key: str,
    *own: str,
    tracked: bool = True,
    also: tuple[str, ...] = (),
) -> Dataverse:
    columns = (key, *own, *(_BY if tracked else ()))
    lookups = frozenset({*columns} & _LOOKUPS) - {key} | (_OF_OTHERS if tracked else frozenset())
    ids: dict[str, Kind] = dict.fromkeys((key, *lookups), "id")
    fields: dict[str, Kind] = {one: _KIND_OF.get(one, "text") for one in (*columns, "versionnumber")}
    return Dataverse(
        name,
        fields={**fields, **ids},
        id=key,
        stamps=("modifiedon", "createdon"),
        also=(set_name, *also),
        set_name=set_name,
        columns=columns,
        lookups=lookups,
    )


def _activity(name: str, set_name: str, *own: str) -> Dataverse:
    times = ("scheduledstart", "scheduledend", "actualend")
    return _table(
        name,
        set_name,
        "activityid",
        "regardingobjectid",
        *_STATUS,
        *times,
        *_OWNED,
        *own,
    )


def _options(name: str, *own: str) -> Dataverse:
    """One of the tables in which Synapse Link writes labels."""
    shared = ("entityname", "localizedlabel", "localizedlabellanguagecode")
    return attrs.evolve(_table(name, "", "", *shared, *own, tracked=False), id="no id", also=(), columns=())


_ALL = (
    _table(
        "opportunity", "opportunities", "opportunityid", *_STATUS, "estimatedvalue", "estimatedvalue_base",
        "actualvalue", "actualvalue_base", *_MONEY, "estimatedclosedate", "actualclosedate", "closeprobability",
        "salesstage", "stepname", "stageid", "opportunityratingcode", "pursuitdecision", "evaluatefit",
        "resolvefeedback", "customerid", "originatingleadid", "importsequencenumber", *_OWNED,
    ),
    _table(
        "incident", "incidents", "incidentid", *_STATUS, "prioritycode", "servicestage",
        "caseorigincode", "casetypecode", "isescalated", "resolveby", "responseby", "followupby", "firstresponsesent",
        "customerid", "parentcaseid", "masterid", "importsequencenumber", *_OWNED,
    ),
    _table(
        "opportunityclose", "opportunitycloses", "activityid", "opportunityid", "actualend", "opportunitystatuscode"
    ),
    _table("incidentresolution", "incidentresolutions", "activityid", "incidentid", "actualend", *_STATUS),
    _table("quoteclose", "quotecloses", "activityid", "quoteid"),
    _table(
        "opportunitysalesprocess", "opportunitysalesprocesses", "businessprocessflowinstanceid", "opportunityid",
        "activestageid", "activestagestartedon", "completedon", "traversedpath", *_STATUS,
    ),
    _table("processstage", "processstages", "processstageid", "stagename", "stagecategory", tracked=False),
    _table("quote", "quotes", "quoteid", "opportunityid", *_STATUS, "closedon"),
    _activity("task", "tasks"),
    _activity("appointment", "appointments"),
    _activity("phonecall", "phonecalls", "directioncode"),
    _activity("email", "emails", "directioncode", "senton"),
    _activity("activitypointer", "activitypointers", "activitytypecode"),
    _table(
        "systemuser", "systemusers", "systemuserid", "fullname", "domainname",
        "azureactivedirectoryobjectid", "title", "isdisabled", "accessmode", "applicationid", "businessunitid",
        "parentsystemuserid",
    ),
    _table("team", "teams", "teamid", "name", "teamtype", "businessunitid"),
    _table("teammembership", "teammembershipcollection", "teammembershipid", "teamid", "systemuserid", tracked=False),
    _table("businessunit", "businessunits", "businessunitid", "name", "parentbusinessunitid"),
    _table("queue", "queues", "queueid", "name"),
    _table("queueitem", "queueitems", "queueitemid", "objectid", "queueid", "workerid", "enteredon"),
    _table(
        "transactioncurrency", "transactioncurrencies", "transactioncurrencyid", "isocurrencycode", "exchangerate",
        "currencyprecision",
    ),
    _table(
        "organization", "organizations", "organizationid", "basecurrencyid", "fiscalcalendarstart", "fiscalperiodtype",
        "isauditenabled", "isuseraccessauditenabled", "auditretentionperiodv2", "languagecode", tracked=False,
    ),
    _table(
        "calendarrule", "calendarrules", "calendarruleid", "calendarid", "name", "effectiveintervalstart",
        "effectiveintervalend", tracked=False,
    ),
    _table(
        "stringmap", "stringmaps", "stringmapid", "objecttypecode", "attributename", "attributevalue", "value",
        "displayorder", "langid", tracked=False,
    ),
    _table(
        "audit", "audits", "auditid", "createdon", "action", "operation", "objecttypecode", "objectid", "userid",
        "callinguserid", "transactionid", tracked=False,
    ),
    _options("OptionsetMetadata", "optionsetname", "option"),
    _options("GlobalOptionsetMetadata", "optionsetname", "option"),
    _options("StateMetadata", "state"),
    _options("StatusMetadata", "state", "status"),
    _options("TargetMetadata", "attributename", "referencedentity", "referencedattribute"),
)  # fmt: skip

ENTITIES: Mapping[str, Dataverse] = MappingProxyType({entity.name: entity for entity in _ALL})
"""The tables by their logical names."""

LOOKUPS = frozenset(name for entity in _ALL for name in entity.lookups)
"""Columns that hold the id of another row, in whatever table."""

CASES: Mapping[str, str] = MappingProxyType({"opportunity": "opportunity", "incident": "request"})
"""Tables whose rows are cases, and the kind of case."""

ACTIVITIES = ("appointment", "email", "phonecall", "task")
"""Tables of things that people do about a case."""
