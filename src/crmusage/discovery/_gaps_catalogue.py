"""The situations that are looked for: what people face sooner or later, and rulebooks forget."""

from __future__ import annotations

import datetime as dt
import re

import attrs

from crmusage.discovery._gaps_forms import ENDS, After, Again, Form, Happens, Lasts, OnEve, Without
from crmusage.model import Text
from crmusage.rules import Constraint, Duration, Situation, Template

HANDING = ("owner_changed", "rerouted")
WORK = (
    "accepted", "call", "clarification_asked", "clarified", "decided", "deferred", "meeting", "resumed",
    "stage_changed", "started", "waiting",
)  # fmt: skip
GOES_ON = (
    "accepted", "closed", "decided", "fulfilled", "lost", "refused", "rerouted", "resumed", "returned", "started",
    "won",
)  # fmt: skip
"""What ends a wait."""
SETTLED = ("declined", "fulfilled", "lost", "refused", "returned", "won")

OWN = "own."
"""Before the ids of situations that are an activity of the company's own."""

LONG_WAIT = dt.timedelta(days=30)
"""A wait of a month is no wait any more. Guessed."""

OFTEN = 3
"""Handed on so often, a case has been with four people or teams. Guessed."""


@attrs.frozen
class Pattern:
    """One situation: what it is called, what to think of when a rule is written for it, and how it is seen."""

    situation: Situation
    guidance: Text
    form: Form
    zone: str | None = None
    """Whose clock a rule for it goes by."""

    @property
    def id(self) -> str:
        """The id of the situation."""
        return str(self.situation.id)


def _p(
    id_: str, en: str, fr: str, guidance_en: str, guidance_fr: str, form: Form, zone: str | None = None
) -> Pattern:
    return Pattern(Situation(en, fr, id_), Text(guidance_en, guidance_fr), form, zone)


CATALOGUE: tuple[Pattern, ...] = (
    _p(
        "amount-changed-after-win",
        "The amount changes after the opportunity was won",
        "Le montant change alors que l'opportunité est gagnée",
        "Say where a change of the order goes: a new opportunity, a credit note, or this amount after all.",
        "Dites où va une modification de commande : nouvelle opportunité, avoir, ou bien ce montant malgré tout.",
        After(("won",), ("amount_changed",), unless=("reopened",)),
    ),
    _p(
        "asked-back-again",
        "The details of a request are asked for a second time",
        "On redemande des précisions sur une demande",
        "Say what a request must contain, and when to pick up the phone instead of asking again.",
        "Dites ce qu'une demande doit contenir, et à partir de quand on décroche son téléphone au lieu de redemander.",
        Again(("clarification_asked",)),
    ),
    _p(
        "close-date-changed-after-closing",
        "The close date is changed after closing",
        "La date de clôture est modifiée après la clôture",
        "Say who may still correct the date, until when, and who is told.",
        "Dites qui peut encore corriger la date, jusqu'à quand, et qui en est informé.",
        After(ENDS, ("close_date_changed",), unless=("reopened",)),
    ),
    _p(
        "closed-again",
        "What is closed already is closed once more",
        "Un dossier déjà clos est clos une deuxième fois",
        "Say whether a returning matter reopens the case or begins a new one; closing twice does neither.",
        "Dites si une affaire qui revient rouvre le dossier ou en ouvre un nouveau ; clore deux fois ne fait ni l'un "
        "ni l'autre.",
        Again(("closed",), unless=("reopened",)),
    ),
    _p(
        "closed-unsettled",
        "A case is closed without a word on how it ended",
        "Un dossier est clos sans qu'on sache comment il s'est terminé",
        "Say how it is recorded that something was fulfilled, refused, lost or given up before it is closed.",
        "Dites comment on indique qu'une demande est satisfaite, refusée, perdue ou abandonnée avant de clore.",
        Without(("closed",), SETTLED),
    ),
    _p(
        "given-on-eve-of-leave",
        "A case is given to somebody on the eve of a leave",
        "Un dossier est attribué à quelqu'un à la veille de ses congés",
        "Say who stands in, by when it is handed on, and who tells the customer.",
        "Dites qui remplace, sous quel délai le dossier est transmis, et qui prévient le client.",
        OnEve((*HANDING, "submitted")),
        zone="person",
    ),
    _p(
        "handed-on-after-closing",
        "A closed case is given to somebody else",
        "Un dossier clos est réattribué",
        "Say whether closed cases follow the customer to a new owner, and who then answers for the figures.",
        "Dites si les dossiers clos suivent le client chez un nouveau responsable, et qui répond alors des chiffres.",
        After(ENDS, HANDING, unless=("reopened",)),
    ),
    _p(
        "handed-on-often",
        "A case is handed on again and again",
        "Un dossier passe de main en main",
        "Say who stops the round, and who decides whose it is.",
        "Dites qui arrête la ronde, et qui tranche à qui revient le dossier.",
        Again(HANDING, times=OFTEN),
    ),
    _p(
        "parallel-offers",
        "A second offer goes out while the first one is unanswered",
        "Une seconde offre part alors que la première est sans réponse",
        "Say how alternatives are marked, so that they count once, and what becomes of the one not chosen.",
        "Dites comment marquer les variantes pour qu'elles ne comptent qu'une fois, et ce que devient celle qui n'est "
        "pas retenue.",
        Again(
            ("quote_sent",),
            unless=("quote_accepted", "quote_declined"),
            settled=("quote_accepted", "quote_declined"),
        ),
    ),
    _p(
        "priority-raised-after-submission",
        "The priority is raised after the request was sent",
        "La priorité est relevée après l'envoi de la demande",
        "Say what makes a request more urgent than it was, and who decides.",
        "Dites ce qui rend une demande plus urgente qu'elle ne l'était, et qui en décide.",
        After(("created", "submitted"), ("priority_changed",), alone=True, raised=True),
    ),
    _p(
        "quote-sent-after-win",
        "An offer goes out after the opportunity was won",
        "Une offre part alors que l'opportunité est gagnée",
        "Say whether it belongs to the deal that was won or begins a new one.",
        "Dites si elle relève de l'affaire gagnée ou en commence une nouvelle.",
        After(("won",), ("quote_sent",), unless=("reopened",)),
    ),
    _p(
        "reopened",
        "A closed case is opened again",
        "Un dossier clos est rouvert",
        "Say when to reopen and when to begin a new case, who may, and by when it is closed again.",
        "Dites quand rouvrir et quand créer un nouveau dossier, qui le peut, et sous quel délai il est reclos.",
        After(
            ENDS,
            ("reopened",),
            alone=True,
            draft=Constraint(Template.RESPONSE, "reopened", ENDS, within=Duration(days=30)),
        ),
    ),
    _p(
        "settled-untaken",
        "A request is settled that nobody had taken in charge",
        "Une demande est réglée sans que personne ne l'ait prise en charge",
        "Say whether what is settled at once still has to be taken in charge, so that others see whose it is.",
        "Dites si ce qui se règle aussitôt doit quand même être pris en charge, pour que chacun voie à qui c'est.",
        Without(("fulfilled",), ("accepted", "started")),
    ),
    _p(
        "taken-over",
        "What somebody has taken in charge is taken in charge by another",
        "Ce que l'un a pris en charge, un autre le prend en charge",
        "Say how a case passes from one to the other, what is written down, and who tells the customer.",
        "Dites comment un dossier passe de l'un à l'autre, ce qui est noté, et qui prévient le client.",
        Again(("accepted",), unless=("owner_changed", "reopened", "rerouted"), other="actor"),
    ),
    _p(
        "waiting-again",
        "What waits already is put on hold again",
        "Un dossier déjà en attente y est remis",
        "Say what must have happened before a case is put on hold once more.",
        "Dites ce qui doit s'être passé avant de remettre un dossier en attente.",
        Again(("waiting",), unless=GOES_ON),
    ),
    _p(
        "waiting-long",
        "A case waits for a month and more",
        "Un dossier est en attente depuis un mois et plus",
        "Say after how long somebody asks again, and when the case is closed without an answer.",
        "Dites au bout de combien de temps on relance, et quand on clôt sans réponse.",
        Lasts(("waiting",), GOES_ON, LONG_WAIT),
    ),
    _p(
        "waiting-past-due",
        "A case is on hold when it falls due",
        "Un dossier est en attente à son échéance",
        "Say whether waiting for the customer stops the clock, and who tells the customer of the delay.",
        "Dites si l'attente du client suspend le délai, et qui prévient le client du retard.",
        Lasts(("waiting",), GOES_ON),
    ),
    _p(
        "won-without-quote",
        "An opportunity is won without an offer",
        "Une opportunité est gagnée sans offre",
        "Say what a win rests on where no offer was sent: repeat orders, calls for tender, contracts.",
        "Dites sur quoi repose un gain sans offre : réassorts, appels d'offres, contrats-cadres.",
        Without(("won",), ("quote_accepted", "quote_sent")),
    ),
    _p(
        "worked-on-after-closing",
        "Work goes on in a closed case",
        "Le travail continue dans un dossier clos",
        "Say whether to reopen the case or to begin a new one: what is done in a closed one is in no figure.",
        "Dites s'il faut rouvrir le dossier ou en créer un nouveau : ce qui se fait dans un dossier clos n'apparaît "
        "dans aucun chiffre.",
        After(ENDS, WORK, unless=("reopened",)),
    ),
    _p(
        "worked-on-after-settling",
        "Work goes on after a request was settled",
        "Le travail reprend alors que la demande est réglée",
        "Say who may declare a request settled, and what becomes of it when it was not.",
        "Dites qui peut déclarer une demande réglée, et ce qu'elle devient quand elle ne l'était pas.",
        After(("fulfilled",), WORK, unless=("reopened", "returned")),
    ),
)
"""By id."""


def of_activity(name: str) -> Pattern:
    """The situation that an activity of the company's own stands for, which no meaning tells."""
    slug = re.sub(r"[^a-z0-9_.-]+", "-", name.lower()).strip("-.")
    return Pattern(
        Situation(f"“{name}” comes up", f"« {name} » se présente", f"{OWN}{slug}"),
        Text(
            en="Say what to do when this comes up, and who does it.",
            fr="Dites ce qu'il faut faire quand cela se présente, et qui le fait.",
        ),
        Happens((name,)),
    )
