from __future__ import annotations

import datetime as dt
import re
import tomllib
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.errors import BookError, SourceError
from crmusage.model import Text
from crmusage.rules import (
    All,
    AnyOf,
    AppliesTo,
    Compare,
    Constraint,
    Correlation,
    Duration,
    Not,
    Op,
    Review,
    Rulebook,
    Status,
    Template,
    UsageRule,
)
from crmusage.rules._editing import edited
from crmusage.rules._reading import read
from crmusage.rules._writing import plain, render

from .rule_strategies import RULES, TEXTS

ALTERNATIVES = '''\
# Written after the spring audit: half of the double offers were never closed.
id = "alternative-offers"   # also the name of its training sheet
version = 2
status = "active"
kind = "opportunity"
owner = "sales-ops"

# Small offers are not worth the work.
applies_to = { profile = [
    "account-manager",   # not the assistants
    "key-account-manager",
], where = { amount = { ge = 10000 } } }

# What the customer asks for.
[situation]
en = "A customer asks for two offers side by side"
fr = "Un client demande deux propositions au choix"

[guidance]
en = """
Enter one opportunity, and mark both of its quotes as alternatives.
Once one is accepted, decline the other within two working days."""
fr = """
Une seule opportunité, deux devis marqués comme alternatifs.
Le devis écarté est refusé sous deux jours ouvrés."""

# The one that was not chosen must go, or it stays in the forecast.
[[expect]]
template = "response"   # DECLARE's
activity = "quote_accepted"
target = "quote_declined"
where = { alternative = true }
correlate = { same = ["case_id"], different = ["quote_id"] }
within = { working_days = 2 }   # what the customers accept

# And only one can win.
[[expect]]
template = "absence"
activity = "quote_accepted"
n = 2

[review]
rrule = "FREQ=MONTHLY;INTERVAL=6"
# Newcomers come in September.
[communication]
audience = { profile = ["account-manager"] }
newcomers_within = { days = 14 }
renew_every = { months = 12 }
# That is all.
'''


def loaded(text: str) -> UsageRule:
    rule, faults = read(text, "a file")
    assert rule is not None, faults
    return rule


def changed_lines(before: str, after: str) -> tuple[set[str], set[str]]:
    old, new = before.splitlines(), after.splitlines()
    return {line for line in old if line not in new}, {line for line in new if line not in old}


def comments(text: str) -> list[str]:
    return re.findall(r"# .*", text)


def test_a_rule_file_says_everything_that_a_rule_can_say() -> None:
    rule = loaded(ALTERNATIVES)

    assert (rule.id, rule.version, rule.status, rule.kind, rule.owner) == (
        "alternative-offers",
        2,
        Status.ACTIVE,
        "opportunity",
        "sales-ops",
    )
    assert rule.applies_to == AppliesTo(
        profile=("account-manager", "key-account-manager"), where=Compare("amount", Op.GE, 10000)
    )
    assert rule.situation.fr == "Un client demande deux propositions au choix"
    assert rule.expect == (
        Constraint(
            Template.RESPONSE,
            "quote_accepted",
            "quote_declined",
            where=Compare("alternative", Op.EQ, True),
            correlate=Correlation(same=("case_id",), different=("quote_id",)),
            within=Duration(working_days=2),
        ),
        Constraint(Template.ABSENCE, "quote_accepted", n=2),
    )
    assert rule.review == Review("FREQ=MONTHLY;INTERVAL=6")
    assert rule.communication is not None
    assert rule.communication.audience == {"profile": ("account-manager",)}
    assert rule.communication.newcomers_within == Duration(days=14)
    assert rule.communication.renew_every == {"months": 12}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("{ stage = 'won' }", Compare("stage", Op.EQ, "won")),
        ("{ stage = { in = ['a', 'b'] } }", Compare("stage", Op.IN, ("a", "b"))),
        ("{ amount = { ge = 1, lt = 5 } }", All((Compare("amount", Op.GE, 1), Compare("amount", Op.LT, 5)))),
        ("{ a = 1, b = { ne = 2 } }", All((Compare("a", Op.EQ, 1), Compare("b", Op.NE, 2)))),
        ("{ any = [{ a = 1 }, { b = 2 }] }", AnyOf((Compare("a", Op.EQ, 1), Compare("b", Op.EQ, 2)))),
        ("{ all = [{ a = 1 }] }", All((Compare("a", Op.EQ, 1),))),
        ("{ not = { a = { is_null = true } } }", Not(Compare("a", Op.IS_NULL, True))),
        ("{ 'account.region' = 'x' }", Compare("account.region", Op.EQ, "x")),
    ],
)
def test_a_condition_reads_as_it_is_written(written: str, meant: object) -> None:
    text = f'id = "r"\napplies_to = {{ where = {written} }}\nsituation = {{ en = "a", fr = "b" }}\n'

    assert loaded(text).applies_to.where == meant


def test_an_offset_of_seconds_is_written_as_the_same_instant_in_utc() -> None:
    paris = dt.timezone(dt.timedelta(minutes=9, seconds=21))
    rule = attrs.evolve(
        loaded(ALTERNATIVES),
        applies_to=AppliesTo(where=Compare("signed_at", Op.LT, dt.datetime(1900, 1, 1, tzinfo=paris))),
    )

    text = render(plain(rule))

    assert "1899-12-31T23:50:39Z" in text
    assert loaded(text) == rule


@given(RULES)
def test_any_rule_comes_back_from_its_file_as_it_was(rule: UsageRule) -> None:
    text = render(plain(rule))
    again = loaded(text)

    assert again == rule
    # True == 1 in Python: the texts tell them apart.
    assert render(plain(again)) == text


def test_a_new_rule_is_written_in_the_order_in_which_people_read_it(tmp_path: Path) -> None:
    rule = attrs.evolve(loaded(ALTERNATIVES), source=None)

    Rulebook((rule,)).save(tmp_path)

    text = (tmp_path / "alternative-offers.toml").read_text("utf-8")
    assert list(tomllib.loads(text)) == [
        "id", "version", "status", "kind", "owner", "applies_to", "situation", "guidance", "expect", "review",
        "communication",
    ]  # fmt: skip
    assert (
        'where = { alternative = true }\ncorrelate = { same = ["case_id"], different = ["quote_id"] }\n'
        in text
    )
    assert 'en = """\nEnter one opportunity, and mark both of its quotes as alternatives.\nOnce one' in text
    assert Rulebook.load(tmp_path).rules == (rule,)


@pytest.mark.parametrize("end", ['"', '"""', "\\", "\t", "\r", "\n", "\x00", " "])
def test_a_text_of_several_lines_ends_as_it_ends(end: str) -> None:
    rule = attrs.evolve(loaded(ALTERNATIVES), guidance=Text(f'one\ntwo """ two{end}', f"\n{end}x"))

    assert loaded(render(plain(rule))) == rule


@pytest.mark.parametrize(
    "disguise",
    [
        lambda text: text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.rstrip("\n"),
        lambda text: text.replace(" = ", "="),
        lambda text: text.replace("[review]\nrrule", "review.rrule"),
    ],
    ids=["plain", "windows line ends", "byte order mark", "no last line end", "tight", "dotted key"],
)
def test_a_rule_saved_unchanged_keeps_every_byte(tmp_path: Path, disguise) -> None:
    file = tmp_path / "sub" / "any name.toml"
    file.parent.mkdir()
    text = disguise(ALTERNATIVES)
    if text.count("review.rrule"):
        text = text.replace(
            "# Small offers", 'review.rrule = "FREQ=MONTHLY;INTERVAL=6"\n# Small offers'
        ).replace('\nreview.rrule = "FREQ=MONTHLY;INTERVAL=6"\n# Newcomers', "\n# Newcomers")
    file.write_bytes(text.encode())

    Rulebook.load(tmp_path).save(tmp_path)

    assert file.read_bytes() == text.encode()
    assert [p.name for p in tmp_path.rglob("*.toml")] == ["any name.toml"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_new_version_changes_one_line_and_keeps_every_comment(tmp_path: Path, end: str) -> None:
    (tmp_path / "a.toml").write_bytes(ALTERNATIVES.replace("\n", end).encode())
    rule = Rulebook.load(tmp_path)["alternative-offers"]

    Rulebook((attrs.evolve(rule, version=3),)).save(tmp_path)

    after = (tmp_path / "a.toml").read_bytes().decode()
    assert after == ALTERNATIVES.replace("version = 2", "version = 3").replace("\n", end)


def test_what_is_new_stands_where_people_look_for_it_and_not_behind_the_next_comment() -> None:
    text = ALTERNATIVES.replace("version = 2\n", "")
    rule = loaded(text)
    other = attrs.evolve(
        rule,
        version=3,
        expect=(
            attrs.evolve(rule.expect[0], after=Duration(hours=1)),
            *rule.expect[1:],
            Constraint("init", "created"),
        ),
    )

    after = edited(text, plain(rule), plain(other))

    assert loaded(after) == other
    assert changed_lines(text, after) == (
        set(),
        {"version = 3", "after = { hours = 1 }", 'template = "init"', 'activity = "created"'},
    )
    assert comments(after) == comments(text)
    assert "training sheet\nversion = 3\n" in after
    assert "# what the customers accept\nafter = { hours = 1 }\n" in after
    assert 'n = 2\n\n[[expect]]\ntemplate = "init"\nactivity = "created"\n\n[review]' in after


def test_values_in_long_lists_change_without_their_neighbours_comments() -> None:
    rule = loaded(ALTERNATIVES)
    other = attrs.evolve(
        rule,
        applies_to=AppliesTo(
            profile=("account-manager", "reseller", "key-account-manager"),
            where=Compare("amount", Op.GE, 20000),
        ),
    )

    after = edited(ALTERNATIVES, plain(rule), plain(other))

    assert loaded(after) == other
    assert '"account-manager",   # not the assistants\n    "reseller",\n    "key-account-manager",\n' in after
    assert comments(after) == comments(ALTERNATIVES)


def test_what_goes_takes_its_own_comments_along_and_no_other() -> None:
    rule = loaded(ALTERNATIVES)
    other = attrs.evolve(rule, expect=rule.expect[1:], review=None, owner=None)

    after = edited(ALTERNATIVES, plain(rule), plain(other))

    assert loaded(after) == other
    gone = {"# DECLARE's", "# what the customers accept"}
    assert comments(after) == [c for c in comments(ALTERNATIVES) if c not in gone]


@given(RULES, RULES)
def test_any_change_of_any_rule_reads_back_and_keeps_the_comments_on_what_stays(
    rule: UsageRule, other: UsageRule
) -> None:
    rule = attrs.evolve(rule, situation=Text("one line", "une ligne"), guidance=None)
    head, _, rest = render(plain(rule)).partition("[situation]")
    text = f"# one\n{head}# two\n[situation] # three\n# four{rest}# five\n"
    assert loaded(text) == rule

    after = edited(text, plain(rule), plain(other))

    assert loaded(after) == other
    kept = [c for c in comments(after) if c in {"# one", "# two", "# three", "# four"}]
    assert kept == ["# one", "# two", "# three", "# four"]


@given(RULES, st.integers(9, 99), TEXTS)
def test_a_second_saving_changes_nothing(
    tmp_path_factory, rule: UsageRule, version: int, guidance: Text
) -> None:
    folder = tmp_path_factory.mktemp("book")
    book = Rulebook((rule,)).save(folder)
    book = Rulebook((attrs.evolve(book[rule.id], version=version, guidance=guidance),)).save(folder)
    (file,) = folder.iterdir()
    before = file.read_bytes()

    book.save(folder)

    assert file.read_bytes() == before
    assert Rulebook.load(folder) == book


def test_a_rulebook_is_loaded_from_one_file_too(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(ALTERNATIVES, "utf-8")

    assert len(Rulebook.load(tmp_path / "a.toml")) == 1


@pytest.mark.parametrize("name", ["nothing", "empty"])
def test_where_there_is_no_rule_file_the_error_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(SourceError, match="there is no"):
        Rulebook.load(tmp_path / name)


def test_hidden_files_and_folders_are_no_rules(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(ALTERNATIVES, "utf-8")
    (tmp_path / ".a.toml").write_text("broken", "utf-8")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "b.toml").write_text("broken", "utf-8")

    assert len(Rulebook.load(tmp_path)) == 1


def test_two_files_with_one_id_are_both_named(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(ALTERNATIVES, "utf-8")

    with pytest.raises(BookError) as caught:
        Rulebook.load(tmp_path)

    (fault,) = caught.value.faults
    assert fault.where.endswith("b.toml")
    assert fault.key == "id"
    assert "a.toml" in fault.what
