"""A report as the source's own case would give it, with hand-made values: what the renderings are tried on."""

from __future__ import annotations

import datetime as dt
import math

import attrs

from crmusage.model import (
    Assessment,
    Distortion,
    Evidence,
    Finding,
    FunnelFigure,
    FunnelPoint,
    Kind,
    Measure,
    Norm,
    Onset,
    Outcome,
    Period,
    Proposal,
    RuleTally,
    Scope,
    SeriesFigure,
    SetAside,
    Severity,
    Text,
    Verb,
)
from crmusage.report import Report

AS_OF = dt.datetime(2026, 10, 31, tzinfo=dt.UTC)
UNIT = "Grand Ouest"

# (opportunities, share created within a day of winning) of the peers: made up, in no order.
PEERS = (
    *((212, 0.031), (340, 0.044), (505, 0.052), (611, 0.038), (742, 0.047), (820, 0.029), (905, 0.055)),
    *((980, 0.041), (1060, 0.036), (1130, 0.049), (1210, 0.033), (1320, 0.058), (1400, 0.045), (1490, 0.040)),
    *((1580, 0.051), (1660, 0.037), (1750, 0.046), (1840, 0.043), (1930, 0.034), (2040, 0.050), (260, 0.081)),
    *((190, 0.016), (450, 0.064), (380, 0.024), (560, 0.030), (690, 0.060), (860, 0.048), (1010, 0.053)),
    *(
        (1180, 0.026),
        (1275, 0.042),
        (1350, 0.039),
        (1445, 0.056),
        (1540, 0.032),
        (1620, 0.047),
        (1705, 0.054),
    ),
    *((1795, 0.035), (1890, 0.044), (300, 0.050), (2110, 0.041), (2210, 0.048)),
)
LATE = (0, 1, 0, 2, 1, 1, 0, 2, 3, 6, 9, 11, 13, 14, 12, 15, 14, 13, 16, 15, 14, 16)
MADE = (14, 15, 13, 16, 14, 15, 12, 13, 14, 15, 14, 14, 15, 15, 13, 16, 15, 14, 17, 15, 15, 17)


def limits(centre: float = 0.043) -> tuple[tuple[float, float, float], ...]:
    """Funnel limits with some over-dispersion, as a funnel plot draws them."""
    rows = []
    for n in (40, 60, 90, 130, 180, 250, 350, 500, 700, 1000, 1400, 1900, 2400):
        half = 3 * math.sqrt(centre * (1 - centre) / n + 0.008**2)
        rows.append((float(n), max(0.0, centre - half), centre + half))
    return tuple(rows)


def months(first: tuple[int, int], n: int) -> tuple[Period, ...]:
    return tuple(
        Period.month(first[0] + (first[1] - 1 + i) // 12, (first[1] - 1 + i) % 12 + 1) for i in range(n)
    )


def late_creation(unit: str = UNIT) -> Finding:
    share = Measure("late_share", 302 / 321, 302, 321, 0.910, 0.962)
    norm = Norm(0.043, 0.008, 0.117, 43, "funnel")
    return Finding(
        code="CU112",
        name="late-creation",
        kind=Kind.PARASITIC,
        severity=Severity.HIGH,
        scope=Scope(unit=unit, period=Period(dt.date(2025, 10, 1), dt.date(2026, 11, 1))),
        measure=share,
        norm=norm,
        q_value=2.3e-11,
        text=Text(
            en=f"{unit} enters its opportunities once the deal is agreed: 94% were already won when they were "
            "entered, against 4% in its peers. So it wins 99% of them, in 0.9 days.",
            fr=f"{unit} saisit ses opportunités une fois l’affaire conclue : 94 % étaient déjà gagnées à leur "
            "saisie, contre 4 % chez ses pairs. D’où 99 % de succès, en 0,9 jour.",
        ),
        onset=Onset(dt.date(2025, 9, 14), dt.date(2025, 8, 1), dt.date(2025, 10, 20), 0.07, 0.94),
        distortions=(
            Distortion("win_rate", 0.273, 0.258, hidden=True, spread=0.0116),
            Distortion("mean_cycle", 46.8, 48.2, hidden=True, spread=1.4, unit="days"),
            Distortion("open_pipeline", 41_800_000, 44_900_000, hidden=True, spread=2_300_000, unit="amount"),
        ),
        evidence=(
            Evidence(share, norm, 5.1e-13, 2.3e-11),
            Evidence(
                Measure("win_rate", 0.990, 309, 312, 0.972, 0.997),
                Norm(0.261, 0.150, 0.380, 43, "funnel"),
                8.8e-9,
                1.9e-7,
            ),
            Evidence(
                Measure("typical_cycle", 0.9, None, 312, 0.8, 1.1, unit="days"),
                Norm(48.0, 31.0, 74.0, 43, "funnel"),
                4.0e-4,
                8.6e-3,
            ),
        ),
        cases=tuple(f"006-{n:05}" for n in range(18214, 18214 + 12 * 37, 37)),
        proposals=(
            Proposal(
                Verb.ANNOUNCE,
                Text(
                    en=f"Tell the people of {unit} again what an opportunity is for and when it is created; say why "
                    "the forecast needs it.",
                    fr=f"Rappeler aux équipes de {unit} à quoi sert une opportunité et quand la créer ; dire pourquoi "
                    "la prévision en a besoin.",
                ),
                "first-contact",
            ),
            Proposal(
                Verb.AMEND,
                Text(
                    en="Write down the situation that the rule forgets: a regular customer who orders at once.",
                    fr="Écrire la situation que la règle oublie : le client régulier qui commande d’emblée.",
                ),
                "first-contact",
            ),
        ),
        reasoning=Text(
            en="Three signs point the same way: opportunities appear just before they are won, almost none is lost, "
            "and the cycle is far shorter than in any peer of this size. Imports (14 cases) and records created by "
            "integrations (3) were left out before anything was counted. A unit that merely sells fast would still "
            "lose deals and create them before the day they are won.",
            fr="Trois signes concordent : les opportunités apparaissent juste avant d’être gagnées, presque aucune "
            "n’est perdue, et le cycle est bien plus court que chez tout pair de cette taille. Les imports "
            "(14 dossiers) et les créations par interface (3) ont été retirés avant tout calcul. Une unité qui vend "
            "simplement vite perdrait tout de même des affaires et les créerait avant le jour du gain.",
        ),
        figures=(
            FunnelFigure(
                Text("Already won when entered, by unit", "Déjà gagnées à la saisie, par unité"),
                "share",
                (*(FunnelPoint(n, value) for n, value in PEERS), FunnelPoint(321, 302 / 321, unit)),
                0.043,
                limits(),
            ),
            SeriesFigure(
                Text(
                    "Already won when entered, by month of entry",
                    "Déjà gagnées à la saisie, par mois de saisie",
                ),
                "share",
                months((2025, 1), 22),
                LATE,
                MADE,
                tuple(0.043 + 0.008 * math.sin(i) for i in range(22)),
                dt.date(2025, 9, 14),
            ),
        ),
    )


def nonconformity() -> Finding:
    return Finding(
        code="CU201",
        name="meeting-eve-logging",
        kind=Kind.NONCONFORMITY,
        severity=Severity.MEDIUM,
        scope=Scope(unit="Antilles-Guyane"),
        measure=Measure("updates_on_monday_morning", 0.81, 405, 500, 0.773, 0.842),
        norm=Norm(0.31, 0.20, 0.44, 43, "funnel"),
        q_value=0.0123,
        rule="monday-update",
        text=Text(
            en="Four updates in five are made in the two hours before the Monday meeting.",
            fr="Quatre mises à jour sur cinq sont faites dans les deux heures qui précèdent la réunion du lundi.",
        ),
        onset=Onset(None),
        proposals=(
            Proposal(
                Verb.TRAIN,
                Text("Show what the CRM does for the seller between two meetings.",
                     "Montrer ce que le CRM apporte au commercial entre deux réunions."),
            ),
        ),
    )  # fmt: skip


def promising() -> Finding:
    return Finding(
        code="CU502",
        name="unwritten-rule",
        kind=Kind.PROMISING,
        severity=Severity.LOW,
        scope=Scope(unit="Nord", profile="account-manager"),
        measure=Measure("call_after_quote", 0.88, 1_540, 1_750, 0.864, 0.894),
        norm=Norm(0.42, 0.29, 0.56, 43, "funnel"),
        q_value=0.0004,
        text=Text(
            en="Nord calls within two days of sending a quote, its peers rarely do; it goes with more deals won.",
            fr="Nord appelle dans les deux jours qui suivent l’envoi d’un devis, ses pairs rarement ; cela va de pair "
            "avec davantage d’affaires gagnées.",
        ),
        distortions=(Distortion("win_rate", 0.273, 0.262, hidden=False, spread=0.004),),
        proposals=(Proposal(Verb.ADOPT, Text("Write it as a rule and try it elsewhere.",
                                             "En faire une règle et l’essayer ailleurs.")),),
    )  # fmt: skip


def tallies() -> tuple[RuleTally, ...]:
    contact = RuleTally(
        "first-contact", 2, 0, "precedence(won, meeting)",
        Text("A customer shows interest for the first time", "Un client manifeste son intérêt pour la première fois"),
        None, None, 12_804, 11_932, 770, 88, 14, 31_007,
    )  # fmt: skip
    monday = RuleTally(
        "monday-update", 5, 0, "existence(updated, 1)",
        Text("It is Monday, an opportunity is open", "C’est lundi, une opportunité est ouverte"),
        None, None, 40_210, 33_010, 7_200, 0, 0, 0,
    )  # fmt: skip
    offers = RuleTally(
        "alternative-offers", 3, 0, "response(quote_accepted, quote_declined) within 2 working_days",
        Text("A customer asks for two offers side by side", "Un client demande deux propositions au choix"),
        None, None, 0, 0, 0, 0, 0, 48_213,
        Text("after an acceptance a refusal follows, within 2 working days",
             "après une acceptation vient un refus, sous 2 jours ouvrés"),
    )  # fmt: skip
    march = Period.month(2026, 3)
    return (
        contact,
        attrs.evolve(contact, unit=UNIT, activations=311, fulfilled=37, violated=272, pending=2, tied=0),
        attrs.evolve(contact, unit="Nord", activations=1_100, fulfilled=905, violated=190, pending=5, tied=0),
        attrs.evolve(contact, unit="Sud", activations=900, fulfilled=860, violated=40, pending=0, tied=0),
        attrs.evolve(
            contact, unit="Sud", period=march, activations=90, fulfilled=10, violated=80, pending=0, tied=0
        ),
        monday,
        offers,
    )


def full() -> Report:
    """Three findings, and something in every section."""
    small = Text(
        "fewer than 5 people, too few to be told apart",
        "moins de 5 personnes, trop peu pour être distinguées",
    )
    few = Text("fewer than 30 opportunities won", "moins de 30 opportunités gagnées")
    sessions = Text("the history has no sessions table", "l’historique n’a pas de table des connexions")
    names = tuple(f"Agence {n:02}" for n in range(1, 42))
    return Report(
        as_of=AS_OF,
        findings=(promising(), nonconformity(), late_creation()),
        assessments=(
            Assessment("CU112", Scope(unit=UNIT), Outcome.FOUND),
            *(Assessment("CU112", Scope(unit=name), Outcome.CLEAR) for name in names),
            *(Assessment("CU112", Scope(unit=name), Outcome.NOT_ASSESSABLE, few) for name in ("Corse", "Monaco")),
            Assessment("CU112", Scope(unit="Siège"), Outcome.NOT_ASSESSABLE, small),
            Assessment("CU501", Scope(), Outcome.CLEAR),
            Assessment("CU201", Scope(unit="Antilles-Guyane"), Outcome.FOUND),
            Assessment("CU606", Scope(), Outcome.NOT_ASSESSABLE, sessions),
            Assessment("CU502", Scope(unit="Nord", profile="account-manager"), Outcome.FOUND),
        ),
        rules=tallies(),
        set_aside=(
            SetAside("events", "events: no case", 12, ("e-17", "e-402")),
            SetAside("cases", "cases: closed before created", 1_204, ("006-00007: 2019-01-01", "006-00031: 2018-12-24")),
            SetAside("people", "people: duplicate id", 3, ("u-17",), kept=True),
        ),
        notes=(
            Text("Times without a zone were read as Europe/Paris.", "Les heures sans fuseau ont été lues comme Europe/Paris."),
        ),
        n_cases=48_213,
        n_events=312_904,
        n_units=46,
        first=dt.datetime(2025, 1, 2, 8, 30, tzinfo=dt.UTC),
    )  # fmt: skip


def single() -> Report:
    """The source's own case and nothing else."""
    return attrs.evolve(full(), findings=(late_creation(),))
