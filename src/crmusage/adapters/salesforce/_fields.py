"""The tables of Salesforce that are read, by the names and types of its object reference."""

from __future__ import annotations

from crmusage.adapters._core import Entity
from crmusage.history import Kind

_STAMPS = ("SystemModstamp", "LastModifiedDate", "CreatedDate")

_AUDIT: dict[Kind, str] = {
    "id": "Id CreatedById LastModifiedById",
    "time": "CreatedDate LastModifiedDate SystemModstamp LastViewedDate LastReferencedDate",
    "true or false": "IsDeleted",
}
_HISTORY: dict[Kind, str] = {
    "id": "Id CreatedById",
    "text": "Field DataType OldValue NewValue",
    "time": "CreatedDate",
    "true or false": "IsDeleted",
}


def _fields(*several: dict[Kind, str]) -> dict[str, Kind]:
    return {name: kind for fields in several for kind, names in fields.items() for name in names.split()}


_OPPORTUNITY: dict[Kind, str] = {
    "id": "AccountId OwnerId CampaignId ContactId ContractId Pricebook2Id PrimaryPartnerAccountId RecordTypeId "
    "SyncedQuoteId Territory2Id LastAmountChangedHistoryId LastCloseDateChangedHistoryId",
    "text": "Name Description StageName Type NextStep LeadSource ForecastCategory ForecastCategoryName Fiscal "
    "CurrencyIsoCode",
    "time": "LastStageChangeDate",
    "date": "CloseDate LastActivityDate",
    "number": "Amount Probability ExpectedRevenue TotalOpportunityQuantity",
    "whole number": "FiscalYear FiscalQuarter PushCount StageSortOrder AgeInDays LastStageChangeInDays "
    "LastActivityInDays",
    "true or false": "IsClosed IsWon IsPrivate HasOpportunityLineItem HasOpenActivity HasOverdueTask "
    "IsExcludedFromTerritory2Filter",
}
_OPPORTUNITY_HISTORY: dict[Kind, str] = {
    "id": "Id OpportunityId CreatedById",
    "text": "StageName ForecastCategory FromForecastCategory FromOpportunityStageName CurrencyIsoCode",
    "time": "CreatedDate SystemModstamp CreatedDateForInsert ValidThroughDate PrevForecastUpdate "
    "PrevOpportunityStageUpdate",
    "date": "CloseDate PrevCloseDate",
    "number": "Amount PrevAmount Probability ExpectedRevenue",
    "true or false": "IsDeleted",
}
_CASE: dict[Kind, str] = {
    "id": "AccountId AssetId BusinessHoursId ContactId EntitlementId MasterRecordId OwnerId ParentId ProductId "
    "RecordTypeId",
    "text": "CaseNumber Comments ContactEmail ContactFax ContactMobile ContactPhone Description MilestoneStatus "
    "Origin Priority Reason Status Subject SuppliedCompany SuppliedEmail SuppliedName SuppliedPhone Type "
    "CurrencyIsoCode",
    "time": "ClosedDate EventsProcessedDate SlaExitDate SlaStartDate StopStartDate",
    "true or false": "IsClosed IsClosedOnCreate IsEscalated IsStopped",
}
_CASE_HISTORY: dict[Kind, str] = {
    "id": "CaseId OwnerId LastModifiedById",
    "text": "Status",
    "time": "LastModifiedDate PreviousUpdate",
}
_ACTIVITY: dict[Kind, str] = {
    "id": "AccountId OwnerId RecurrenceActivityId WhatId WhoId RecordTypeId",
    "text": "Subject Description Type RecurrenceInstance RecurrenceMonthOfYear RecurrenceTimeZoneSidKey "
    "RecurrenceType CurrencyIsoCode",
    "time": "ReminderDateTime",
    "date": "ActivityDate RecurrenceEndDateOnly",
    "whole number": "RecurrenceDayOfMonth RecurrenceDayOfWeekMask RecurrenceInterval WhatCount WhoCount",
    "true or false": "IsArchived IsRecurrence IsReminderSet",
}
_TASK: dict[Kind, str] = {
    "text": "CallDisposition CallObject CallType Priority RecurrenceRegeneratedType Status TaskSubtype",
    "time": "CompletedDateTime",
    "date": "RecurrenceStartDateOnly",
    "whole number": "CallDurationInSeconds",
    "true or false": "IsClosed IsHighPriority",
}
_EVENT: dict[Kind, str] = {
    "text": "EventSubtype GroupEventType Location ProposedEventTimeframe Recurrence2PatternText "
    "Recurrence2PatternTimeZone Recurrence2PatternVersion ShowAs",
    "time": "ActivityDateTime EndDateTime RecurrenceStartDateTime StartDateTime Recurrence2PatternStartDate",
    "date": "EndDate",
    "whole number": "DurationInMinutes",
    "true or false": "IsAllDayEvent IsChild IsGroupEvent IsPrivate IsRecurrence2 IsRecurrence2Exception "
    "IsRecurrence2Exclusion",
}
_QUOTE: dict[Kind, str] = {
    "id": "AccountId ContactId ContractId OpportunityId OwnerId Pricebook2Id RecordTypeId",
    "text": "Description Name QuoteNumber Status CurrencyIsoCode",
    "date": "ExpirationDate",
    "number": "Discount GrandTotal Subtotal Tax TotalPrice ShippingHandling",
    "whole number": "LineItemCount",
    "true or false": "IsSyncing",
}
_USER: dict[Kind, str] = {
    "id": "AccountId CallCenterId ContactId DelegatedApproverId IndividualId ManagerId ProfileId UserRoleId",
    "text": "AboutMe Alias City CommunityNickname CompanyName Country Department Division Email EmployeeNumber "
    "FederationIdentifier FirstName LastName Name Phone MobilePhone Fax State Street PostalCode TimeZoneSidKey "
    "Title UserType Username",
    "time": "LastLoginDate OfflineTrialExpirationDate",
    "true or false": "IsActive ForecastEnabled",
}
_LOGIN: dict[Kind, str] = {
    "id": "Id UserId",
    "text": "Application ApiType ApiVersion Browser LoginType LoginUrl Platform SourceIp Status",
    "time": "LoginTime",
}
_ACCOUNT: dict[Kind, str] = {"id": "MasterRecordId ParentId OwnerId RecordTypeId", "text": "Name Type"}
_PICKLIST: dict[Kind, str] = {
    "id": "Id",
    "text": "ApiName MasterLabel Description ForecastCategory ForecastCategoryName DefaultProbability",
    "whole number": "SortOrder",
    "true or false": "IsActive IsClosed IsWon IsDefault",
}
_PERIOD: dict[Kind, str] = {
    "id": "Id FiscalYearSettingsId",
    "text": "Type PeriodLabel QuarterLabel FullyQualifiedLabel",
    "date": "StartDate EndDate",
    "whole number": "Number",
    "true or false": "IsForecastPeriod",
}
_RATE: dict[Kind, str] = {
    "text": "IsoCode",
    "date": "StartDate NextStartDate",
    "number": "ConversionRate",
    "whole number": "DecimalPlaces",
    "true or false": "IsActive IsCorporate",
}
_HOLIDAY: dict[Kind, str] = {
    "text": "Name Description RecurrenceInstance RecurrenceMonthOfYear RecurrenceType",
    "date": "ActivityDate RecurrenceEndDateOnly RecurrenceStartDate",
    "whole number": "StartTimeInMinutes EndTimeInMinutes RecurrenceDayOfMonth RecurrenceDayOfWeekMask "
    "RecurrenceInterval",
    "true or false": "IsAllDay IsRecurrence",
}
_ENTITY_HISTORY: dict[Kind, str] = {
    "id": "ParentId",
    "text": "ParentSobjectType FieldName OldvalString NewvalString OldvalFirstName NewvalFirstName "
    "OldvalLastName NewvalLastName OldvalNumber NewvalNumber OldvalDate NewvalDate",
}


def history_of(custom: str) -> tuple[Entity, ...]:
    """The history of a custom object: that of Visit__c is Visit__History."""
    if not custom.endswith("__c"):
        return ()
    return (Entity(f"{custom[:-3]}__History", _fields(_HISTORY, {"id": "ParentId"}), stamps=_STAMPS),)


ENTITIES = (
    Entity(
        "OpportunityHistory",
        _fields(_OPPORTUNITY_HISTORY),
        stamps=_STAMPS,
        also=("OpportunityHistories",),
        # A connector calls the states of Opportunity by the same name.
        unlike=("Name", "OwnerId"),
    ),
    Entity(
        "OpportunityFieldHistory",
        _fields(_HISTORY, {"id": "OpportunityId ParentId"}),
        stamps=_STAMPS,
    ),
    Entity(
        "CaseHistory",
        _fields(_HISTORY, _CASE_HISTORY),
        stamps=_STAMPS,
        unlike=("CaseNumber", "Subject", "IsClosed"),
    ),
    Entity("EntityHistory", _fields(_HISTORY, _ENTITY_HISTORY), stamps=_STAMPS),
    Entity(
        "FieldHistoryArchive",
        _fields(_HISTORY, {"text": "FieldHistoryType FieldNameAfterArchival", "id": "ParentId"}),
    ),
    Entity(
        "FieldHistory",
        {
            "Id": "id",
            "TableEnumOrId": "text",
            "FieldEnumOrId": "text",
            "CreatedDate": "time",
            "CreatedById": "id",
        },
    ),
    Entity(
        "Opportunity",
        _fields(_AUDIT, _OPPORTUNITY),
        stamps=_STAMPS,
        also=("Opportunities", "OpportunityHistory"),
        unlike=("OpportunityId",),
    ),
    Entity("Case", _fields(_AUDIT, _CASE), stamps=_STAMPS, also=("Cases", "CaseHistory"), unlike=("CaseId",)),
    Entity("Task", _fields(_AUDIT, _ACTIVITY, _TASK), stamps=_STAMPS, also=("Tasks", "TaskHistory")),
    Entity("Event", _fields(_AUDIT, _ACTIVITY, _EVENT), stamps=_STAMPS, also=("Events", "EventHistory")),
    Entity("Quote", _fields(_AUDIT, _QUOTE), stamps=_STAMPS, also=("Quotes", "QuoteHistory")),
    Entity("User", _fields(_AUDIT, _USER), stamps=_STAMPS, also=("Users", "UserHistory"), versions=True),
    Entity(
        "UserRole",
        _fields(
            _AUDIT, {"id": "ParentRoleId ForecastUserId", "text": "Name DeveloperName RollupDescription"}
        ),
        stamps=_STAMPS,
        also=("UserRoles", "Role", "UserRoleHistory"),
    ),
    Entity("Profile", _fields(_AUDIT, {"text": "Name UserType"}), stamps=_STAMPS, also=("Profiles",)),
    Entity(
        "Group",
        _fields(_AUDIT, {"text": "Name DeveloperName Type Email", "id": "OwnerId RelatedId"}),
        stamps=_STAMPS,
        also=("Groups", "Queue", "Queues", "QueueSobject"),
    ),
    Entity("LoginHistory", _fields(_LOGIN), stamps=("LoginTime",)),
    Entity(
        "Account",
        _fields(_AUDIT, _ACCOUNT),
        stamps=_STAMPS,
        also=("Accounts", "AccountHistory"),
        unlike=("AccountId", "OldValue"),
    ),
    Entity("OpportunityStage", _fields(_AUDIT, _PICKLIST), stamps=_STAMPS),
    Entity("CaseStatus", _fields(_AUDIT, _PICKLIST), stamps=_STAMPS),
    Entity("Period", _fields(_AUDIT, _PERIOD), stamps=_STAMPS),
    Entity("DatedConversionRate", _fields(_AUDIT, _RATE), stamps=_STAMPS),
    Entity("CurrencyType", _fields(_AUDIT, _RATE), stamps=_STAMPS),
    Entity("Holiday", _fields(_AUDIT, _HOLIDAY), stamps=_STAMPS, also=("Holidays",)),
)
