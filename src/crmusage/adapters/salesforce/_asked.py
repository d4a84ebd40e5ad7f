"""The tables that are asked for: their fields, what for, and what an answer leaves out."""

from __future__ import annotations

import attrs

from crmusage.model import Text

PERMISSIONS = Text(
    en="A field that the login may not read makes the whole query fail, or is missing without a word "
    "in other tools: "
    "the login needs read access to every field that stands here, and View All for the object, else "
    "it sees only "
    "what is shared with it.",
    fr="Un champ que le compte ne peut pas lire fait échouer toute la requête ou, dans d'autres "
    "outils, disparaît sans "
    "un mot : le compte doit pouvoir lire chaque champ cité ici et disposer de « Afficher tout » "
    "sur l'objet, sans "
    "quoi il ne voit que ce qui est partagé avec lui.",
)
DELETED = Text(
    en="Send it to queryAll: query leaves out what was deleted, and deleted records leave the recycle "
    "bin after two "
    "weeks or so.",
    fr="Envoyez-la à queryAll : query omet les enregistrements supprimés, qui quittent la corbeille au "
    "bout de deux "
    "semaines environ.",
)
ARCHIVED = Text(
    en="Send it to queryAll: activities of more than a year are archived and come only there, together "
    "with deleted "
    "ones.",
    fr="Envoyez-la à queryAll : les activités de plus d'un an sont archivées et n'y apparaissent que "
    "là, avec celles "
    "qui ont été supprimées.",
)
TRACKED = Text(
    en="Only fields that an administrator tracks have a history, about twenty an object, and only from "
    "the day on which "
    "tracking began. Salesforce keeps it for 18 months in its pages and 24 through the API; longer "
    "only with Field "
    "Audit Trail, in FieldHistoryArchive.",
    fr="Seuls les champs suivis par un administrateur ont un historique, une vingtaine par objet, et "
    "seulement depuis "
    "l'activation du suivi. Salesforce le conserve 18 mois à l'écran et 24 par l'API ; au-delà, "
    "seulement avec Field "
    "Audit Trail, dans FieldHistoryArchive.",
)
LONG_TEXTS = Text(
    en="Of long texts and lists of several values it says that they changed, not how.",
    fr="Pour les textes longs et les listes à choix multiple, il indique qu'ils ont changé, sans dire comment.",
)
HALF_A_YEAR = Text(
    en="Kept for six months. The login needs Manage Users. Aggregates of it cannot be paged: page by "
    "LoginTime.",
    fr="Conservé six mois. Le compte doit disposer de « Gérer les utilisateurs ». Ses agrégats ne se "
    "lisent pas page à "
    "page : découpez par LoginTime.",
)
NO_BULK = Text(
    en="The Bulk API does not read this table: use REST.",
    fr="L'API Bulk ne lit pas cette table : passez par REST.",
)
SETUP = Text(
    en="The login needs View Setup and Configuration.",
    fr="Le compte doit disposer de « Afficher la configuration ».",
)
OTHERS_NAMES = Text(
    en="Names, mails and numbers of employees are needed to tell persons from logins, and go no further: give "
    "`pseudonymise` to keep ids out of reports as well.",
    fr="Les noms, adresses et matricules servent à distinguer les personnes des identifiants de "
    "connexion et ne vont pas "
    "plus loin : `pseudonymise` écarte aussi les identifiants des rapports.",
)
MULTI = Text(
    en="Exists only where several currencies are switched on.",
    fr="N'existe que si la gestion de plusieurs devises est activée.",
)


@attrs.frozen
class Asked:
    name: str
    fields: str
    why: Text
    caveats: tuple[Text, ...] = ()
    since: str | None = "SystemModstamp"
    """The field by which a later slice is cut; None: always the whole table."""
    where: str | None = None
    money: bool = False
    """It has the currency of its amounts, where there are several."""


_DONE = "Id, IsDeleted, CreatedDate, CreatedById, SystemModstamp"
_AUDIT = "Id, IsDeleted, CreatedDate, CreatedById, LastModifiedDate, LastModifiedById, SystemModstamp"

ASKED = (
    Asked(
        "Opportunity",
        f"{_AUDIT}, Name, AccountId, OwnerId, StageName, Amount, Probability, ExpectedRevenue, CloseDate, Type, "
        "NextStep, LeadSource, IsClosed, IsWon, ForecastCategoryName, HasOpportunityLineItem",
        Text("how opportunities stand now", "l'état actuel des opportunités"),
        (DELETED, PERMISSIONS),
        money=True,
    ),
    Asked(
        "OpportunityHistory",
        "Id, OpportunityId, CreatedDate, CreatedById, StageName, Amount, Probability, CloseDate, "
        "ForecastCategory, "
        "IsDeleted",
        Text(
            "every change of stage, amount, close date and probability",
            "chaque changement d'étape, de montant, de date de clôture et de probabilité",
        ),
        (
            Text(
                en="Rows of the time before Winter '21 do not tell the amount and close date before; the row "
                "before does, "
                "if it came too: fetch whole opportunities the first time.",
                fr="Les lignes antérieures à Winter '21 ne donnent pas le montant et la date précédents ; la ligne "
                "d'avant "
                "les donne, si elle est là : récupérez la première fois des opportunités entières.",
            ),
            PERMISSIONS,
        ),
        since="CreatedDate",
    ),
    Asked(
        "OpportunityFieldHistory",
        "Id, OpportunityId, Field, DataType, OldValue, NewValue, CreatedDate, CreatedById, IsDeleted",
        Text(
            "changes of the owner and of other tracked fields",
            "les changements de propriétaire et des autres champs suivis",
        ),
        (TRACKED, LONG_TEXTS),
        since="CreatedDate",
    ),
    Asked(
        "Case",
        f"{_AUDIT}, CaseNumber, AccountId, OwnerId, ParentId, Status, Priority, Origin, Reason, Type, IsClosed, "
        "ClosedDate, IsEscalated",
        Text("how cases stand now", "l'état actuel des requêtes"),
        (DELETED, PERMISSIONS),
    ),
    Asked(
        "CaseHistory",
        "Id, CaseId, Field, DataType, OldValue, NewValue, CreatedDate, CreatedById, IsDeleted",
        Text(
            "changes of status, owner and priority",
            "les changements de statut, de propriétaire et de priorité",
        ),
        (TRACKED, LONG_TEXTS),
        since="CreatedDate",
    ),
    Asked(
        "Task",
        f"{_DONE}, WhatId, OwnerId, Status, Priority, TaskSubtype, Type, CallType, ActivityDate, CompletedDateTime, "
        "IsClosed, IsArchived, IsRecurrence",
        Text("calls, mails and what is planned", "les appels, les courriels et ce qui est prévu"),
        (ARCHIVED, PERMISSIONS),
    ),
    Asked(
        "Event",
        f"{_DONE}, WhatId, OwnerId, EventSubtype, Type, ActivityDate, StartDateTime, EndDateTime, IsAllDayEvent, "
        "IsChild, IsArchived, IsRecurrence",
        Text("meetings", "les rendez-vous"),
        (ARCHIVED, PERMISSIONS),
    ),
    Asked(
        "Quote",
        f"{_AUDIT}, OpportunityId, OwnerId, Status, GrandTotal, ExpirationDate, IsSyncing",
        Text("what customers answered to quotes", "les réponses des clients aux devis"),
        (
            Text(
                en="Exists only where quotes are switched on. It tells the present status only: fetch it often, "
                "and add "
                "the slices up.",
                fr="N'existe que si les devis sont activés. Ne donne que le statut actuel : récupérez-la souvent "
                "et "
                "cumulez les extraits.",
            ),
            PERMISSIONS,
        ),
        money=True,
    ),
    Asked(
        "User",
        "Id, Username, Name, Email, EmployeeNumber, FederationIdentifier, IsActive, UserType, "
        "UserRoleId, ProfileId, "
        "ManagerId, Department, Division, Country, TimeZoneSidKey, LastLoginDate, CreatedDate, SystemModstamp",
        Text("persons, their units and their managers", "les personnes, leurs unités et leurs responsables"),
        (
            OTHERS_NAMES,
            Text(
                en="It tells who has a login today: keep the slices, so that a login that passes on to somebody "
                "else is "
                "seen as two persons.",
                fr="Elle indique le titulaire actuel d'un identifiant : conservez les extraits, afin qu'un "
                "identifiant "
                "repris par quelqu'un d'autre donne deux personnes.",
            ),
        ),
    ),
    Asked(
        "UserRole",
        "Id, Name, DeveloperName, ParentRoleId",
        Text("the units", "les unités"),
        (SETUP,),
        since=None,
    ),
    Asked("Profile", "Id, Name", Text("the names of profiles", "les noms des profils"), (SETUP,), since=None),
    Asked(
        "Group",
        "Id, Name, DeveloperName, Type",
        Text("queues, which own records too", "les files d'attente, qui possèdent aussi des enregistrements"),
        since=None,
        where="Type = 'Queue'",
    ),
    Asked(
        "LoginHistory",
        "Id, UserId, LoginTime, LoginType, Status, Application",
        Text("who used the CRM, and when", "qui a utilisé le CRM, et quand"),
        (HALF_A_YEAR,),
        since="LoginTime",
    ),
    Asked(
        "Account",
        "Id, MasterRecordId, IsDeleted, SystemModstamp",
        Text("which accounts were merged", "les comptes fusionnés"),
        (DELETED,),
        where="IsDeleted = TRUE AND MasterRecordId != NULL",
    ),
    Asked(
        "OpportunityStage",
        "Id, ApiName, MasterLabel, SortOrder, IsActive, IsClosed, IsWon",
        Text(
            "the stages in their order, and which end an opportunity",
            "les étapes dans l'ordre, et celles qui closent",
        ),
        since=None,
    ),
    Asked(
        "CaseStatus",
        "Id, ApiName, MasterLabel, SortOrder, IsDefault, IsClosed",
        Text(
            "the statuses in their order, and which end a case",
            "les statuts dans l'ordre, et ceux qui closent",
        ),
        (NO_BULK,),
        since=None,
    ),
    Asked(
        "Period",
        "Id, Type, Number, StartDate, EndDate, FullyQualifiedLabel",
        Text("the fiscal calendar", "le calendrier fiscal"),
        since=None,
    ),
    Asked(
        "Holiday",
        "Id, Name, ActivityDate, IsAllDay, StartTimeInMinutes, EndTimeInMinutes, IsRecurrence, RecurrenceType, "
        "RecurrenceMonthOfYear, RecurrenceDayOfMonth, RecurrenceStartDate, RecurrenceEndDateOnly",
        Text("days that nobody works", "les jours non travaillés"),
        since=None,
    ),
    Asked(
        "CurrencyType",
        "Id, IsoCode, ConversionRate, IsCorporate, IsActive",
        Text(
            "the company's currency, and the rates without a date",
            "la devise de l'entreprise et les taux sans date",
        ),
        (MULTI,),
        since=None,
    ),
    Asked(
        "DatedConversionRate",
        "Id, IsoCode, StartDate, NextStartDate, ConversionRate",
        Text("the rates of each day", "les taux de chaque jour"),
        (MULTI,),
        since=None,
    ),
)
