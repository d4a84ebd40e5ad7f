"""What each question to Dataverse is for, and what its answer leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from crmusage.model import Text

DETAILS = Text(
    en="Needs the privilege prvReadRecordAuditHistory; columns under field security come empty for who may "
    "not see them.",
    fr="Nécessite le privilège prvReadRecordAuditHistory ; les colonnes protégées arrivent vides pour qui "
    "n'y a pas droit.",
)
RECORD_HISTORY = Text(
    en="By its documentation the answer of the Web API tells neither who made a change nor when; rows "
    "without AuditRecord are set aside. RetrieveAttributeChangeHistory lacks them as well.",
    fr="D'après sa documentation, la réponse de la Web API ne dit ni qui a fait le changement ni quand ; les "
    "lignes sans AuditRecord sont mises de côté. Il en va de même de RetrieveAttributeChangeHistory.",
)
WHY_CUSTOM = Text(en="A table that you named.", fr="Une table que vous avez nommée.")

_CLOSE = Text(
    en="The instant at which a case was closed: the record itself keeps only a day, or nothing.",
    fr="L'instant de clôture d'un dossier : la fiche elle-même n'en garde que le jour, ou rien.",
)
_ACTIVITY = Text(
    en="What was done about a case: calls, messages, meetings, tasks.",
    fr="Ce qui a été fait autour d'un dossier : appels, messages, rendez-vous, tâches.",
)

WHY: Mapping[str, Text] = MappingProxyType(
    {
        "opportunity": Text(en="The opportunities as they stand.", fr="Les opportunités telles qu'elles sont."),
        "incident": Text(en="The requests as they stand.", fr="Les demandes telles qu'elles sont."),
        "opportunityclose": _CLOSE,
        "incidentresolution": _CLOSE,
        "opportunitysalesprocess": Text(
            en="The stage of the business process flow; the opportunity's own stageid is deprecated.",
            fr="L'étape du flux des processus d'entreprise ; le stageid de l'opportunité est obsolète.",
        ),
        "processstage": Text(en="The names of the stages.", fr="Les noms des étapes."),
        "quote": Text(en="Quotes sent, accepted and declined.", fr="Devis envoyés, acceptés et refusés."),
        **dict.fromkeys(("task", "appointment", "phonecall", "email", "activitypointer"), _ACTIVITY),
        "systemuser": Text(
            en="Who people are, and which accounts are programs.",
            fr="Qui est qui, et quels comptes sont des programmes.",
        ),
        "team": Text(en="Teams that own records.", fr="Les équipes propriétaires de fiches."),
        "teammembership": Text(en="Who belongs to which team.", fr="Qui appartient à quelle équipe."),
        "businessunit": Text(en="The units.", fr="Les unités."),
        "queue": Text(en="The queues in which requests wait.", fr="Les files où attendent les demandes."),
        "queueitem": Text(
            en="When a request came into which queue.", fr="Quand une demande est arrivée dans quelle file."
        ),
        "transactioncurrency": Text(en="The codes of the currencies.", fr="Les codes des devises."),
        "organization": Text(
            en="The base currency, the fiscal year, and whether auditing is on.",
            fr="La devise de base, l'exercice fiscal, et si l'audit est activé.",
        ),
        "calendarrule": Text(
            en="Public holidays, as the service calendar has them.",
            fr="Les jours fériés du calendrier de service.",
        ),
        "stringmap": Text(en="The labels of option codes.", fr="Les libellés des codes d'option."),
        "audit": Text(
            en="Who changed what when: stages, amounts, dates, owners, states; and logins.",
            fr="Qui a changé quoi et quand : étapes, montants, dates, propriétaires, états ; et les "
            "connexions.",
        ),
    }
)  # fmt: skip

_POINTERS = Text(
    en="activitypointer holds every activity once more; ask for it only if you do not ask for the tables of "
    "each kind.",
    fr="activitypointer reprend toutes les activités ; ne la demandez que si vous ne demandez pas les tables "
    "par type.",
)

CAVEATS: Mapping[str, tuple[Text, ...]] = MappingProxyType(
    {
        "audit": (
            Text(
                en="Auditing has to be on for the organisation, the table and the column; what was changed "
                "before cannot be had. Actions 105 to 110 tell since when, and are asked for.",
                fr="L'audit doit être activé pour l'organisation, la table et la colonne ; ce qui a changé "
                "avant est perdu. Les actions 105 à 110 disent depuis quand, et sont demandées.",
            ),
            Text(
                en="Rows are deleted after the organisation's retention period (auditretentionperiodv2, in "
                "days; -1: never).",
                fr="Les lignes sont supprimées après la durée de conservation de l'organisation "
                "(auditretentionperiodv2, en jours ; -1 : jamais).",
            ),
            Text(
                en="Needs the privilege prvReadAuditSummary. The table takes one link at most and cannot be "
                "read through the TDS endpoint; $expand of userid is always empty, the lookup columns are "
                "not.",
                fr="Nécessite le privilège prvReadAuditSummary. La table n'admet qu'une jointure et ne se "
                "lit pas par le point de terminaison TDS ; $expand sur userid est toujours vide, les "
                "colonnes de recherche non.",
            ),
            Text(
                en="Where the organisation answers that there is no property changedata, leave it out and "
                "ask for the details of each row.",
                fr="Si l'organisation répond que la propriété changedata n'existe pas, retirez-la et "
                "demandez le détail de chaque ligne.",
            ),
            Text(
                en="Logins (actions 64 and 65) are there only if user access is audited, and at most once in "
                "a few hours.",
                fr="Les connexions (actions 64 et 65) n'y sont que si l'accès des utilisateurs est audité, "
                "et au plus une fois en quelques heures.",
            ),
        ),
        "opportunity": (
            Text(
                en="Deleted rows do not come; ask with Prefer: odata.track-changes, or through Synapse Link, "
                "for them.",
                fr="Les lignes supprimées ne viennent pas ; demandez-les par Prefer: odata.track-changes ou "
                "Synapse Link.",
            ),
        ),
        "opportunitysalesprocess": (
            Text(
                en="Each organisation may have flows of its own, each with a table of its own; name yours in "
                "the mapping.",
                fr="Chaque organisation peut avoir ses propres flux, chacun avec sa table ; nommez les "
                "vôtres dans la correspondance.",
            ),
        ),
        "activitypointer": (_POINTERS,),
        "calendarrule": (
            Text(
                en="The rules come inside of their calendars: give read the rows below "
                "calendar_calendar_rules.",
                fr="Les règles arrivent dans leurs calendriers : donnez à read les lignes de "
                "calendar_calendar_rules.",
            ),
        ),
        "systemuser": (
            Text(
                en="Without the privilege to read all users, those of other units are missing and their work "
                "has no unit.",
                fr="Sans le droit de lire tous les utilisateurs, ceux des autres unités manquent, et leur "
                "travail n'a pas d'unité.",
            ),
        ),
    }
)
