"""The life of one rule, from the day on which somebody did not know what to do.

A company sells from twelve branches, with six people in each. When a customer wants two offers to choose from, some enter two
opportunities, and some leave the rejected quote open: one deal stands in the forecast twice. Nobody does it out of
malice; nobody ever said what to do. What follows is told in the order in which it happened, and at each step the rulebook,
the letters, the coverage and the effect have to say what is true.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from random import Random

from crmusage.conformance import Effect, Shift, effect, tally
from crmusage.history import History
from crmusage.model import Acknowledgement, Measure, Outcome, Person, Text
from crmusage.rules import (
    AppliesTo,
    Communication,
    Constraint,
    Correlation,
    Duration,
    GapReport,
    Letter,
    Review,
    Rulebook,
    Status,
    Task,
    UsageRule,
    announcements,
    coverage,
    due,
    letters,
    triage,
)

PILOT = ("Dijon", "Lille", "Lyon", "Metz", "Nantes", "Tours")
OTHERS = ("Brest", "Caen", "Nancy", "Nice", "Reims", "Rouen")
READERS = {"Lyon": 6, "Nantes": 4, "Lille": 3, "Dijon": 2, "Metz": 1, "Tours": 0}
"""How many of the six in each pilot branch read the rule when it was announced: as it goes."""
HABIT, CONVINCED = 0.25, 0.85
"""How often the other quote is declined in time by who never heard of the rule, and by who has read it."""


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


BEGAN = day("2024-07-01")
REPORTED, PROPOSED, ADOPTED = day("2025-01-13"), day("2025-01-20"), day("2025-02-03")
FIRST_READ, NADIA_BEGINS, NADIA_READS = day("2025-02-10"), day("2025-04-07"), day("2025-04-18")
GAP_REPORTED, AMENDED, ALL_READ = day("2025-05-12"), day("2025-06-16"), day("2025-07-07")

NADIA = Person("nadia", unit="Tours", profile="account-manager", starts_on=NADIA_BEGINS)
PEOPLE = [
    *(
        Person(f"{branch.lower()}-{n}", unit=branch, profile="account-manager", starts_on=day("2020-01-01"))
        for branch in (*PILOT, *OTHERS)
        for n in range(1, 7)
    ),
    Person("svc-website", is_human=False),
    NADIA,
]


def reads(person: str, on: dt.date, version: int) -> Acknowledgement:
    return Acknowledgement("two-offers", version, person, dt.datetime.combine(on, dt.time(14), tzinfo=dt.UTC))


SOME_READ = [
    reads(f"{branch.lower()}-{n}", FIRST_READ, 2) for branch in PILOT for n in range(1, READERS[branch] + 1)
]
NADIA_READ = [*SOME_READ, reads("nadia", NADIA_READS, 2)]
EVERYBODY_READ = [
    *NADIA_READ,
    *(reads(person.id, ALL_READ, 3) for person in PEOPLE if person.unit in PILOT),
]


# --- 13 January. Somebody does not know what to do

REPORT = GapReport(
    "two-offers",
    "Ma cliente veut deux offres au choix. Je crée deux affaires ? Et celle qu'elle refuse, j'en fais quoi ?",
    who="dijon-2",
    on=REPORTED,
    unit="Dijon",
    kind="opportunity",
)


def test_a_question_that_no_rule_answers_is_not_forgotten() -> None:
    (waiting,) = due(Rulebook(), day("2025-01-14"), gaps=[REPORT])
    assert waiting.task is Task.OPEN_GAP
    assert "Ma cliente veut deux offres au choix." in waiting.text.fr
    assert "dijon-2" not in waiting.text.fr  # what was asked matters, not who did not know


# --- 20 January. A rule is proposed

DRAFT = UsageRule(
    "two-offers",
    Text("A customer asks for two offers side by side", "Un client demande deux propositions au choix"),
    kind="opportunity",
    owner="sales-ops",
    guidance=Text(
        "One opportunity, two quotes. Once the customer has chosen, decline the other one within two days.",
        "Une seule opportunité, deux devis. Dès que le client a choisi, refusez l'autre sous deux jours.",
    ),
    applies_to=AppliesTo(unit=PILOT),
    expect=[
        Constraint(
            "response",
            "quote_accepted",
            "quote_declined",
            correlate=Correlation(different=["quote_id"]),
            within=Duration(days=2),
        )
    ],
    review=Review("FREQ=MONTHLY;INTERVAL=6"),
    communication=Communication(newcomers_within=Duration(days=14), renew_every={"months": 12}),
)
BOOK, ANSWERED = triage(Rulebook(), REPORT, who="sales-ops", on=PROPOSED, rule=DRAFT)


def test_the_answer_is_a_proposal_that_binds_nobody_yet() -> None:
    rule = BOOK["two-offers"]
    assert (rule.status, rule.version) == (Status.DRAFT, 1)
    assert "Ma cliente veut deux offres" in rule.history[0].why
    assert announcements(BOOK, PEOPLE, [], PROPOSED) == ()
    assert coverage(BOOK, PEOPLE, [], PROPOSED) == ()
    assert due(BOOK, PROPOSED, gaps=[ANSWERED]) == ()


# --- 3 February. Six branches try it

IN_FORCE = BOOK.adopt("two-offers", who="sales-ops", why="six branches try it for a spring", at=ADOPTED)


def told(book: Rulebook, read: list[Acknowledgement], on: dt.date) -> tuple[Letter, ...]:
    return letters(announcements(book, PEOPLE, read, on))


def known(book: Rulebook, read: list[Acknowledgement], on: dt.date) -> dict[str | None, tuple[int, int]]:
    return {row.unit: (row.told, row.should_know) for row in coverage(book, PEOPLE, read, on)}


def test_everybody_in_the_six_branches_gets_a_letter_and_nobody_else_does() -> None:
    sent = told(IN_FORCE, [], ADOPTED)
    assert len(sent) == 36
    assert {letter.to.partition("-")[0].title() for letter in sent} == set(PILOT)
    assert {str(notice.why) for letter in sent for notice in letter.notices} == {"new"}
    text = sent[0].to_markdown("fr")
    assert "Un client demande deux propositions au choix" in text
    assert "d’ici le 17\N{NO-BREAK SPACE}février 2025" in text


def test_that_a_letter_was_sent_does_not_mean_that_the_rule_is_known() -> None:
    assert known(IN_FORCE, [], ADOPTED) == {None: (0, 36)} | dict.fromkeys(PILOT, (0, 6))
    (undone,) = due(IN_FORCE, ADOPTED, acknowledgements=[])
    assert undone.task is Task.NEVER_TOLD


# --- 10 February. Some read it


def test_coverage_tells_branch_by_branch_how_far_the_rule_is_known() -> None:
    assert known(IN_FORCE, SOME_READ, FIRST_READ) == {None: (16, 36)} | {
        branch: (readers, 6) for branch, readers in READERS.items()
    }
    (everybody, *_) = coverage(IN_FORCE, PEOPLE, SOME_READ, FIRST_READ)
    assert isinstance(everybody.share, Measure)
    assert everybody.share.low is not None
    assert everybody.share.low < 16 / 36 < (everybody.share.high or 0)
    # Whoever has read it hears no more of it; the others still have their letter coming.
    assert len(told(IN_FORCE, SOME_READ, FIRST_READ)) == 20


# --- Spring. A few keep it


def keeping(branch: str, on: dt.date) -> float:
    """How often the rule is kept, in truth: by habit, until people read what they are to do."""
    if branch in OTHERS or on < ADOPTED:
        return HABIT
    readers = READERS[branch] / 6 if on < ALL_READ else 1.0
    return HABIT + (CONVINCED - HABIT) * readers


@cache
def happened(until: dt.date, since: dt.date = BEGAN) -> History:
    """What the CRM recorded: every two weeks each branch has six opportunities, decided within nine days."""
    random = Random("two offers")
    cases, events = [], []
    for fortnight in range(40):
        for branch in (*PILOT, *OTHERS):
            for n in range(6):
                created = dt.datetime.combine(BEGAN, dt.time(9 + n), dt.UTC) + dt.timedelta(
                    weeks=2 * fortnight
                )
                chosen = created + dt.timedelta(days=3)
                kept, won = random.random() < keeping(branch, chosen.date()), random.random() < 0.4
                steps = [
                    (created, "created", None),
                    (chosen, "quote_accepted", "A"),
                    (chosen + dt.timedelta(days=1 if kept else 4), "quote_declined", "B"),
                    (chosen + dt.timedelta(days=6), "won" if won else "lost", None),
                ]
                if created.date() < since:
                    continue
                who = {"case_id": f"{branch}-{fortnight}-{n}", "unit": branch}
                cases.append({**who, "kind": "opportunity", "created_at": created})
                events.extend(
                    {
                        **who,
                        "activity": activity,
                        "at": at,
                        "quote_id": quote,
                        "actor": f"{branch.lower()}-{n + 1}",
                    }
                    for at, activity, quote in steps
                )
    end = dt.datetime.combine(until, dt.time(), dt.UTC)
    return History.from_records(
        cases=[case for case in cases if case["created_at"] < end],
        events=[event for event in events if event["at"] < end],
        people=[{"person_id": p.id, "unit": p.unit, "is_human": p.is_human} for p in PEOPLE],
        as_of=end,
    )


def share_kept(book: Rulebook, first: dt.date, until: dt.date) -> dict[str, float]:
    rule = book["two-offers"]
    rows = tally(happened(until), [rule]).by("unit", "month").rows()
    months = [row for row in rows if row["month"] >= (first.year - 1970) * 12 + first.month - 1]
    kept = {unit: sum(row["fulfilled"] for row in months if row["unit"] == unit) for unit in PILOT}
    judged = {
        unit: sum(row["fulfilled"] + row["violated"] for row in months if row["unit"] == unit)
        for unit in PILOT
    }
    return {unit: kept[unit] / judged[unit] for unit in PILOT}


def kept_more(book: Rulebook, on: dt.date, until: dt.date, *, since: dt.date = BEGAN) -> tuple[Effect, Shift]:
    found = effect(happened(until, since), book["two-offers"], on, PILOT)
    assert isinstance(found.kept, Shift)
    return found, found.kept


def test_the_rule_is_kept_where_it_was_read() -> None:
    kept = share_kept(IN_FORCE, day("2025-03-01"), day("2025-06-01"))
    assert kept["Lyon"] > 0.7 > kept["Lille"] > kept["Tours"]
    assert kept["Tours"] < 0.45


def test_telling_people_helped_as_far_as_they_read_it() -> None:
    found, kept = kept_more(IN_FORCE, ADOPTED, day("2025-06-01"))
    truth = sum(keeping(branch, day("2025-05-01")) for branch in PILOT) / 6 - HABIT
    assert round(truth, 3) == 0.267
    assert found.outcome is Outcome.FOUND
    assert kept.low is not None
    assert kept.high is not None
    assert 0 < kept.low < truth < kept.high
    # What the rule was not about stayed what it was: nobody sells more by it, and nothing here claims so.
    (win_rate,) = [one for one in found.outcomes if one.figure == "win_rate"]
    assert isinstance(win_rate, Shift)
    assert not win_rate.tells


def test_on_a_day_on_which_nothing_changed_nothing_is_found() -> None:
    found, kept = kept_more(IN_FORCE, day("2024-11-04"), ADOPTED)
    assert found.outcome is Outcome.CLEAR
    assert kept.low is not None
    assert kept.low < 0 < (kept.high or 0)


# --- 7 April. Nadia comes to Tours, where nobody has read anything


def test_a_newcomer_is_told_by_the_company_and_not_only_by_colleagues() -> None:
    (letter,) = [one for one in told(IN_FORCE, SOME_READ, NADIA_BEGINS) if one.to == "nadia"]
    (notice,) = letter.notices
    assert (notice.why, notice.due) == ("newcomer", day("2025-04-21"))
    assert "Vous nous avez rejoints le 7\N{NO-BREAK SPACE}avril 2025" in letter.to_markdown("fr")
    assert "nadia" not in {one.to for one in told(IN_FORCE, SOME_READ, day("2025-04-06"))}
    assert known(IN_FORCE, SOME_READ, NADIA_BEGINS)["Tours"] == (0, 7)


def test_once_she_has_read_it_she_is_one_of_those_who_know() -> None:
    assert known(IN_FORCE, NADIA_READ, NADIA_READS)["Tours"] == (1, 7)
    assert "nadia" not in {letter.to for letter in told(IN_FORCE, NADIA_READ, NADIA_READS)}


# --- 12 May. The rule has a gap, and on 16 June it is amended

THREE = GapReport("three-offers", "Et s'il en veut trois ?", who="metz-4", on=GAP_REPORTED, unit="Metz")
_, THREE_ANSWERED = triage(IN_FORCE, THREE, who="sales-ops", on=AMENDED, rule="two-offers")
CHANGED = IN_FORCE.amend(
    "two-offers",
    who="sales-ops",
    why="on nous a demandé ce qu'il advient d'une troisième offre",
    at=AMENDED,
    guidance=Text(
        "One opportunity, all the quotes. Once the customer has chosen, decline all the others within two days.",
        "Une seule opportunité, tous les devis. Dès que le client a choisi, refusez tous les autres sous deux jours.",
    ),
)


def test_a_forgotten_case_is_answered_by_the_rule_that_forgot_it() -> None:
    assert [one.about for one in due(IN_FORCE, GAP_REPORTED, gaps=[THREE])] == [("three-offers",)]
    assert due(CHANGED, AMENDED, gaps=[THREE_ANSWERED]) == ()
    assert CHANGED["two-offers"].version == 3
    assert [str(change.verb) for change in CHANGED["two-offers"].history] == ["propose", "adopt", "amend"]


def test_who_knew_the_old_wording_does_not_know_the_new_one() -> None:
    everybody, *_ = coverage(CHANGED, PEOPLE, NADIA_READ, AMENDED)
    assert (everybody.told, everybody.should_know) == (0, 37)
    notices = {notice.to: notice for notice in announcements(CHANGED, PEOPLE, NADIA_READ, AMENDED)}
    assert len(notices) == 37
    assert str(notices["lyon-1"].why) == str(notices["nadia"].why) == "amended"
    assert str(notices["tours-1"].why) == "new"
    told_why = notices["lyon-1"].to_markdown("fr")
    assert "Vous avez lu la version 2 le 10\N{NO-BREAK SPACE}février 2025." in told_why
    assert "une troisième offre" in told_why
    assert "refusez tous les autres" in told_why


# --- July. This time the branch managers take ten minutes for it


def test_when_all_have_read_it_there_is_nobody_left_to_tell() -> None:
    assert told(CHANGED, EVERYBODY_READ, ALL_READ) == ()
    assert known(CHANGED, EVERYBODY_READ, ALL_READ) == {None: (37, 37)} | dict.fromkeys(PILOT, (6, 6)) | {
        "Tours": (7, 7)
    }


def test_what_rose_in_february_already_is_not_put_down_to_july() -> None:
    # The year before July has February in it, when the six branches parted from the others. Who takes that year for
    # a calm one would count the spring's rise, or its going on, for the new wording: so nothing is claimed.
    found, kept = kept_more(CHANGED, ALL_READ, day("2026-01-05"))
    assert found.outcome is Outcome.NOT_ASSESSABLE
    assert kept.trend is not None
    assert kept.trend.apart


def test_held_against_the_spring_alone_the_new_wording_helped_once_all_had_read_it() -> None:
    found, kept = kept_more(CHANGED, ALL_READ, day("2026-01-05"), since=FIRST_READ)
    truth = CONVINCED - sum(keeping(branch, day("2025-05-01")) for branch in PILOT) / 6
    assert round(truth, 3) == 0.333
    assert found.outcome is Outcome.FOUND
    assert kept.low is not None
    assert kept.high is not None
    assert 0 < kept.low < truth < kept.high


# --- And on it goes


def test_the_rule_itself_is_looked_at_again_half_a_year_after_its_last_change() -> None:
    assert due(CHANGED, day("2025-12-15")) == ()
    (review,) = due(CHANGED, day("2025-12-16"))
    assert (review.task, review.day) == (Task.REVIEW, day("2025-12-16"))


def test_that_it_still_fits_is_noted_and_troubles_nobody() -> None:
    reviewed = CHANGED.review("two-offers", who="sales-ops", why="still fits", at=day("2025-12-18"))
    assert due(reviewed, day("2026-06-17")) == ()
    assert [one.day for one in due(reviewed, day("2026-06-18"))] == [day("2026-06-18")]
    assert told(reviewed, EVERYBODY_READ, day("2025-12-19")) == ()


def test_a_year_later_it_is_told_again_because_what_is_not_repeated_gets_lost() -> None:
    eve, again = day("2026-07-06"), day("2026-07-07")
    assert told(CHANGED, EVERYBODY_READ, eve) == ()
    notices = announcements(CHANGED, PEOPLE, EVERYBODY_READ, again)
    assert len(notices) == 37
    assert {str(notice.why) for notice in notices} == {"renewal"}
    assert known(CHANGED, EVERYBODY_READ, again)[None] == (0, 37)
