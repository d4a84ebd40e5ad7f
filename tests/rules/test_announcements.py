from __future__ import annotations

import datetime as dt
import re
from html.parser import HTMLParser

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.errors import ContractError
from crmusage.model import Acknowledgement, Person, Text, printable
from crmusage.rules import (
    AppliesTo,
    Communication,
    Duration,
    Notice,
    Rulebook,
    Status,
    Why,
    announcements,
    audience,
    coverage,
    letters,
)

from .tellings import ADOPTED, RULE, day, draft, in_force, read, rep

TODAY = day("2026-06-10")


def told(people, acknowledgements=(), *, book=None, on=TODAY) -> list[tuple[str, str]]:
    notices = announcements(book or in_force(), people, acknowledgements, on)
    return [(notice.to, str(notice.why)) for notice in notices]


def only(people, acknowledgements=(), *, book=None, on=TODAY, **asked) -> Notice:
    (notice,) = announcements(book or in_force(), people, acknowledgements, on, **asked)
    return notice


# --- who


def test_a_rule_is_told_to_the_profiles_units_and_regions_of_its_audience() -> None:
    wanted = {"profile": ["rep"], "region": ["Sud", "Est"]}
    book = in_force(draft(communication=Communication(audience=wanted)))
    people = [
        rep("a", region="Sud"),
        rep("b", region="Nord"),
        rep("c"),
        rep("d", region="Est", profile="boss"),
    ]
    assert told(people, book=book) == [("a", "new")]


def test_a_rule_without_an_audience_is_told_to_whom_it_applies() -> None:
    people = [rep("a", unit="north"), rep("b", unit="south")]
    everybody = in_force(draft(communication=None))
    assert told(people, book=everybody) == [("a", "new"), ("b", "new")]
    north = in_force(draft(communication=None, applies_to=AppliesTo(unit=["north"])))
    assert told(people, book=north) == [("a", "new")]


def test_who_has_left_who_has_not_begun_and_who_is_no_human_are_told_nothing() -> None:
    people = [
        rep("left", ends_on=day("2026-06-09")),
        rep("last-day", ends_on=TODAY),
        rep("first-day", starts_on=TODAY),
        rep("tomorrow", starts_on=day("2026-06-11")),
        rep("robot", is_human=False),
        rep("surely", is_human=True),
        rep("perhaps", is_human=None),
    ]
    assert [to for to, _ in told(people)] == ["first-day", "last-day", "perhaps", "surely"]


@pytest.mark.parametrize(
    ("status", "is_told"),
    [("draft", False), ("active", True), ("observed", False), ("forbidden", True), ("retired", False)],
)
def test_people_are_told_what_holds_and_what_is_forbidden(status: str, is_told: bool) -> None:
    book = Rulebook([draft(status=status)])
    assert bool(told([rep()], book=book)) is is_told


def test_a_person_who_is_there_twice_is_refused() -> None:
    with pytest.raises(ContractError, match="'ann' is there more than once"):
        told([rep("ann"), rep("bob"), rep("ann", unit="south")])


# --- why


def test_who_was_there_before_the_rule_is_told_that_it_is_new_to_them() -> None:
    notice = only([rep(starts_on=day("2020-01-01"))])
    assert (notice.why, notice.since, notice.due) == (Why.NEW, ADOPTED, day("2026-01-26"))


def test_who_came_after_the_rule_is_a_newcomer_and_has_as_long_as_the_rule_says() -> None:
    notice = only([rep(starts_on=day("2026-06-01"))])
    assert (notice.why, notice.since, notice.due) == (Why.NEWCOMER, day("2026-06-01"), day("2026-06-15"))


def test_where_no_history_tells_since_when_the_first_to_have_read_it_does() -> None:
    book = Rulebook([draft()])
    people = [rep("ann"), rep("bob", starts_on=day("2026-03-01")), rep("cid", starts_on=day("2026-02-01"))]
    acknowledgements = [read("ann", "2026-02-15")]
    assert told(people, acknowledgements, book=book) == [("bob", "newcomer"), ("cid", "new")]
    # Where nobody ever read it, nobody can be said to have come after it.
    notice = only([rep("bob", starts_on=day("2026-03-01"))], book=book)
    assert (notice.why, notice.since, notice.due) == (Why.NEW, None, None)


def test_who_has_read_the_rule_as_it_stands_is_left_in_peace() -> None:
    assert told([rep()], [read("ann", "2026-01-13")]) == []


def test_a_reading_counts_from_the_day_it_happened_on_and_only_for_who_read() -> None:
    assert told([rep()], [read("ann", "2026-06-11")]) == [("ann", "new")]
    assert told([rep()], [read("ann", "2026-06-10")]) == []
    assert told([rep()], [read("bob", "2026-02-01")]) == [("ann", "new")]
    assert told([rep()], [read("ann", "2026-02-01", rule="another-rule")]) == [("ann", "new")]


def test_an_amended_rule_is_told_to_who_knows_the_version_before_with_what_changed_and_why() -> None:
    book = in_force().amend(
        RULE,
        who="sales-ops",
        why="a third offer came up",
        at=day("2026-05-04"),
        guidance=Text("One opportunity, all the quotes.", "Une opportunité, tous les devis."),
    )
    notice = only([rep()], [read("ann", "2026-02-01")], book=book)
    assert (notice.why, notice.version, notice.since) == (Why.AMENDED, 2, day("2026-05-04"))
    assert notice.due == day("2026-05-18")
    assert "You read version 1 on 1\N{NO-BREAK SPACE}February 2026" in notice.reason.en
    assert "Version 2, 4\N{NO-BREAK SPACE}May 2026: a third offer came up." in notice.reason.en
    assert notice.guidance == Text("One opportunity, all the quotes.", "Une opportunité, tous les devis.")
    assert told([rep()], [read("ann", "2026-02-01"), read("ann", "2026-05-05", 2)], book=book) == []


def test_who_missed_two_amendments_is_told_both_and_since_the_first() -> None:
    book = in_force()
    for month, why in (("03", "quotes were lost"), ("04", "too long")):
        book = book.amend(RULE, who="ops", why=why, at=day(f"2026-{month}-01"), guidance=Text(why, why))
    notice = only([rep()], [read("ann", "2026-02-01")], book=book)
    assert notice.since == day("2026-03-01")
    assert notice.reason.en.index("quotes were lost") < notice.reason.en.index("too long")


def test_a_change_that_asks_nothing_else_of_people_is_not_told() -> None:
    book = in_force().amend(RULE, who="ops", why="he moved on", at=day("2026-05-04"), owner="crm-team")
    assert told([rep()], [read("ann", "2026-02-01")], book=book) == []


@pytest.mark.parametrize(
    ("every", "read_on", "again"),
    [
        ({"months": 12}, "2025-06-10", "2026-06-10"),
        ({"months": 1}, "2026-01-31", "2026-02-28"),
        ({"years": 1}, "2024-02-29", "2025-02-28"),
        ({"months": 1, "weeks": 1, "days": 1}, "2026-01-31", "2026-03-08"),
    ],
)
def test_a_rule_is_told_again_when_its_months_by_the_calendar_are_over(
    every: dict[str, int], read_on: str, again: str
) -> None:
    book = in_force(
        draft(communication=Communication(renew_every=every, newcomers_within=Duration(weeks=1))),
        on=day("2024-01-01"),
    )
    acknowledgements = [read("ann", read_on)]
    eve = day(again) - dt.timedelta(days=1)
    assert told([rep()], acknowledgements, book=book, on=eve) == []
    notice = only([rep()], acknowledgements, book=book, on=day(again))
    assert (notice.why, notice.since) == (Why.RENEWAL, day(again))
    assert notice.due == day(again) + dt.timedelta(days=7)


def test_the_last_of_several_readings_is_the_one_that_ages() -> None:
    book = in_force(on=day("2024-01-01"))
    acknowledgements = [read("ann", "2026-01-20"), read("ann", "2024-01-20")]
    assert told([rep()], acknowledgements, book=book) == []


def test_of_a_retired_rule_those_are_told_who_know_it_once() -> None:
    book = in_force().retire(RULE, who="ops", why="everybody does it anyway", at=day("2026-05-04"))
    people = [rep("ann"), rep("bob"), rep("cid", starts_on=day("2026-06-01"))]
    acknowledgements = [read("ann", "2026-02-01")]
    notice = only(people, acknowledgements, book=book)
    assert (notice.to, notice.why, notice.guidance) == ("ann", Why.RETIRED, None)
    assert "everybody does it anyway" in notice.reason.fr
    assert told(people, [*acknowledgements, read("ann", "2026-05-05", 2)], book=book) == []


def test_a_version_that_the_book_has_not_come_to_tells_nothing() -> None:
    assert told([rep()], [read("ann", "2026-02-01", version=7)]) == [("ann", "new")]


def test_time_to_read_in_working_days_leaves_out_weekends() -> None:
    book = in_force(draft(communication=Communication(newcomers_within=Duration(working_days=3))))
    notice = only([rep(starts_on=day("2026-06-05"))], book=book)  # a Friday
    assert notice.due == day("2026-06-10")


def test_notices_stand_by_person_and_rule_whatever_the_order_of_the_people() -> None:
    book = in_force(draft("b-rule"), draft("a-rule"))
    people = [rep("zoe"), rep("ann")]
    notices = announcements(book, people, [], TODAY)
    assert [(n.to, n.rule) for n in notices] == [
        ("ann", "a-rule"), ("ann", "b-rule"), ("zoe", "a-rule"), ("zoe", "b-rule"),
    ]  # fmt: skip
    assert notices == announcements(book, people[::-1], [], TODAY)


# --- the words


def test_a_rule_without_guidance_is_told_by_its_situation_alone() -> None:
    notice = only([rep()], book=in_force(draft(guidance=None, owner=None)))
    assert "blockquote" not in notice.to_html("en")
    assert ">" not in notice.to_markdown("fr")
    assert "Say so: that is how rules get better." in notice.to_markdown("en")


def test_a_due_day_that_has_passed_is_not_held_against_anybody() -> None:
    late = only([rep()])
    assert late.due is not None
    assert late.due < TODAY
    assert "2026" not in late.request.en + late.request.fr
    soon = only([rep(starts_on=day("2026-06-01"))])
    assert "by 15\N{NO-BREAK SPACE}June 2026" in soon.request.en
    assert "d'ici le 15\N{NO-BREAK SPACE}juin 2026" in soon.request.fr


def test_a_rule_that_is_not_in_force_yet_is_told_as_one_to_come() -> None:
    soon = only([rep()], book=in_force(on=day("2026-07-01")))
    assert "It comes into force on 1\N{NO-BREAK SPACE}July 2026." in soon.reason.en
    assert (soon.since, soon.due) == (day("2026-07-01"), day("2026-07-15"))
    assert "It has been in force since 12\N{NO-BREAK SPACE}January 2026." in only([rep()]).reason.en


def test_a_forbidden_usage_is_told_as_one_that_is_not_to_be_used() -> None:
    book = in_force().forbid(RULE, who="ops", why="it hides losses", at=day("2026-05-04"))
    for notice in (only([rep()], book=book), only([rep()], [read("ann", "2026-02-01")], book=book)):
        assert "not to be used" in notice.reason.en
        assert "pas admise" in notice.reason.fr


def test_a_letter_in_french_reads_as_one() -> None:
    (letter,) = letters([only([rep(starts_on=day("2026-06-01"))])])
    assert letter.to_markdown("fr") == (
        "# Un usage à lire\n"
        "\n"
        "## Un client demande deux propositions au choix\n"
        "\n"
        "Vous nous avez rejoints le 1er\N{NO-BREAK SPACE}juin 2026\N{NO-BREAK SPACE}: voici comment nous procédons.\n"
        "\n"
        "> Une opportunité, deux devis.\n"
        "\n"
        "Merci de confirmer que vous en avez pris connaissance d’ici le 15\N{NO-BREAK SPACE}juin 2026. Une question, ou "
        "un cas qu’elle ne prévoit pas\N{NARROW NO-BREAK SPACE}? Parlez-en à sales-ops.\n"
        "\n"
        "*Règle two-offers, version 1*\n"
    )


def test_letters_put_all_notices_of_a_person_together() -> None:
    notices = announcements(in_force(draft("a-rule"), draft("b-rule")), [rep("zoe"), rep("ann")], [], TODAY)
    found = letters(reversed(notices))
    assert [(letter.to, len(letter.notices)) for letter in found] == [("ann", 2), ("zoe", 2)]
    assert found[0].to_markdown("en").startswith("# 2 usages to read\n")
    assert found[0].to_html("fr").count("<article") == 2


EVIL = "<script>alert('&amp;')</script> **x** [a](javascript:b)\n# no\n- no\n1. no\n| a | b |"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, _: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_what_people_wrote_marks_up_nothing_in_html() -> None:
    evil = Text(EVIL, EVIL)
    book = in_force(attrs.evolve(draft(owner=EVIL, guidance=evil), situation=evil))
    (letter,) = letters([only([rep()], book=book)])
    for lang in ("en", "fr"):
        page = _Tags()
        page.feed(letter.to_html(lang))
        allowed = {"html", "head", "meta", "title", "body", "h1", "article", "h2", "p", "blockquote", "small"}
        assert page.tags <= allowed
        assert page.text.count("<script>") == 3


def test_what_people_wrote_marks_up_nothing_in_markdown() -> None:
    book = in_force(draft(guidance=Text(EVIL, EVIL), owner="*boss*"))
    text = only([rep()], book=book).to_markdown("en")
    quoted = [line for line in text.splitlines() if line.startswith(">")]
    assert quoted == [
        "> \\<script\\>alert(‘\\&amp;’)\\</script\\> \\*\\*x\\*\\* \\[a\\](javascript:b)",
        "> \\# no",
        "> \\- no",
        "> 1\\. no",
        "> \\| a \\| b \\|",
    ]
    assert "Tell \\*boss\\*." in text


@given(st.text(), st.text())
def test_any_text_at_all_comes_out_of_the_html_as_it_went_in(guidance: str, owner: str) -> None:
    notice = attrs.evolve(only([rep()]), guidance=Text(guidance, guidance), rule=owner)
    page = _Tags()
    page.feed(notice.to_html("en"))
    assert page.tags <= {"article", "h2", "p", "blockquote", "small"}
    shown = printable(guidance.replace("\t", " "))
    # Only the quotes are set as print sets them.
    quotes = str.maketrans("‘’", "''")
    assert "".join(shown.translate(quotes).split()) in "".join(page.text.translate(quotes).split())


@given(st.text("ab1 .)(-+=*_`#>[]<&~|\\\n!", min_size=1))
def test_no_sign_that_marks_something_up_is_left_bare_in_markdown(guidance: str) -> None:
    text = attrs.evolve(only([rep()]), guidance=Text(guidance, guidance)).to_markdown("en")
    for line in (line.removeprefix("> ") for line in text.splitlines() if line.startswith("> ")):
        bare = re.sub(r"\\.", "", line)
        assert re.search(r"[*_`#>\[\]<&~|\\]", bare) is None
        assert re.match(r"(\d+[.)]|[-+=])", line) is None


# --- what always holds

DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2026, 12, 31))


@st.composite
def companies(draw: st.DrawFn) -> tuple[Rulebook, list[Person], list[Acknowledgement], dt.date]:
    book = in_force(on=draw(DAYS))
    if draw(st.booleans()):
        later = book[RULE].history[-1].at.date() + dt.timedelta(days=draw(st.integers(0, 300)))
        book = book.amend(RULE, who="ops", why="why", at=later, guidance=Text("other", "autre"))
    people = [
        Person(
            f"p{number}",
            unit=draw(st.sampled_from(["north", "south", None])),
            profile=draw(st.sampled_from(["rep", "boss", None])),
            starts_on=draw(st.none() | DAYS),
            ends_on=draw(st.none() | DAYS),
            is_human=draw(st.sampled_from([True, None, False])),
        )
        for number in range(draw(st.integers(0, 12)))
    ]
    acknowledgements = [
        Acknowledgement(
            draw(st.sampled_from([RULE, "another"])),
            draw(st.integers(1, 3)),
            draw(st.sampled_from([person.id for person in people])),
            dt.datetime.combine(draw(DAYS), dt.time(12), tzinfo=dt.UTC),
        )
        for _ in range(draw(st.integers(0, 15)) if people else 0)
    ]
    return book, people, acknowledgements, draw(DAYS)


@given(companies())
def test_who_should_know_is_told_or_has_read_and_nobody_else_gets_a_notice(company) -> None:
    book, people, acknowledgements, on = company
    should_know = audience(book[RULE], people, on)
    notices = announcements(book, people, acknowledgements, on)
    assert {notice.to for notice in notices} <= {person.id for person in should_know}
    assert len({notice.to for notice in notices}) == len(notices)
    (row, *_) = coverage(book, people, acknowledgements, on, min_group=1)
    assert row.should_know == len(should_know)
    assert row.should_know - row.told == len(notices)


@given(companies())
def test_who_reads_the_rule_today_gets_no_notice_of_it_today(company) -> None:
    book, people, acknowledgements, on = company
    noon = dt.datetime.combine(on, dt.time(12), tzinfo=dt.UTC)
    version = book[RULE].version
    all_read = [Acknowledgement(RULE, version, person.id, noon) for person in people]
    assert announcements(book, people, [*acknowledgements, *all_read], on) == ()


@given(companies())
def test_every_notice_can_be_read_in_both_languages(company) -> None:
    book, people, acknowledgements, on = company
    for notice in announcements(book, people, acknowledgements, on):
        assert "{" not in notice.to_markdown("en") + notice.to_markdown("fr") + notice.to_html("fr")
        assert notice.due is None or notice.since is None or notice.due >= notice.since
        assert book[notice.rule].status is Status.ACTIVE
