from __future__ import annotations

from pathlib import Path

import pytest

from crmusage.errors import BookError, Fault
from crmusage.rules import Rulebook
from crmusage.rules._reading import read

HEAD = 'id = "r"\nsituation = { en = "a", fr = "b" }\n'
EXPECT = '[[expect]]\ntemplate = "response"\nactivity = "a"\ntarget = "b"\n'


def faults_of(text: str) -> list[Fault]:
    rule, faults = read(text, "r.toml")
    assert rule is None
    return faults


FAULTS = [
    # what is missing
    ('situation = { en = "a", fr = "b" }', "id", "is missing"),
    ('id = "r"', "situation", "is missing"),
    (
        'id = "r"\n[situation]\nen = "a"',
        "situation.fr",
        "is missing: people are told in English (en) and in French",
    ),
    (HEAD + '[guidance]\nfr = "a"', "guidance.en", "is missing"),
    (HEAD + '[guidance]\nen = "a"\nfr = " "', "guidance.fr", "is empty"),
    (HEAD + '[[expect]]\nactivity = "a"', "expect[0].template", "is missing"),
    (HEAD + '[[expect]]\ntemplate = "init"', "expect[0].activity", "is missing"),
    (HEAD + "[review]", "review.rrule", "is missing"),
    (HEAD + '[cadence]\nrrule = "FREQ=DAILY"', "cadence.needs", "is missing"),
    # what is unknown
    (HEAD + 'ownr = "x"', "ownr", "unknown key: did you mean owner?"),
    (HEAD + "zzz = 1", "zzz", "unknown key: the keys here are id, situation, version"),
    (HEAD + 'status = "actve"', "status", "unknown status 'actve': did you mean active?"),
    (HEAD + 'status = "zzz"', "status", "it is one of draft, active, retired, observed, forbidden"),
    (HEAD + EXPECT.replace("response", "Respnse"), "expect[0].template", "did you mean response?"),
    (HEAD + EXPECT + "within = { day = 2 }", "expect[0].within.day", "did you mean days?"),
    (
        HEAD + "applies_to = { where = { a = { gt = 1, matchs = 2 } } }",
        "applies_to.where.a.matchs",
        "did you mean matches?",
    ),
    (
        HEAD + "applies_to = { where = { account.region = 1 } }",
        "applies_to.where.account.region",
        "needs quotes",
    ),
    (
        HEAD + "[communication]\naudience = { units = ['x'] }",
        "communication.audience.units",
        "did you mean unit?",
    ),
    # what is of a wrong type
    (HEAD + "version = '3'", "version", "takes a whole number, not the text '3'"),
    (HEAD + "version = true", "version", "takes a whole number, not true"),
    (HEAD + "owner = 3", "owner", "takes a text in quotes, not the number 3"),
    (HEAD + "kind = 2026-01-01", "kind", "takes a text in quotes, not the time 2026-01-01"),
    (HEAD + "applies_to = 'all'", "applies_to", "takes a table, not the text 'all'"),
    (
        HEAD + "applies_to = { unit = 'a' }",
        "applies_to.unit",
        'takes a list of texts such as ["a", "b"], not',
    ),
    (
        HEAD + "expect = { template = 'init' }",
        "expect",
        "takes tables, each under its own [[expect]], not a table",
    ),
    (HEAD + EXPECT + "within = 2", "expect[0].within", "takes a table, not the number 2"),
    (
        HEAD + EXPECT + "within = { days = '2' }",
        "expect[0].within.days",
        "takes a number, not the text '2'",
    ),
    (
        HEAD + EXPECT + "where = 'won'",
        "expect[0].where",
        "takes conditions such as { amount = { ge = 10000 } }",
    ),
    (HEAD + EXPECT + "where = { a = ['x'] }", "expect[0].where.a", "one of several: { in = [...] }"),
    (HEAD + EXPECT + "where = { a = { in = 'x' } }", "expect[0].where.a.in", "takes a list of values"),
    (HEAD + EXPECT + "where = { any = { a = 1 } }", "expect[0].where.any", "takes a list of conditions"),
    (HEAD + EXPECT + "where = { not = 3 }", "expect[0].where.not", "takes conditions"),
    (HEAD + EXPECT + "where = { all = [{ a = 1 }, 2] }", "expect[0].where.all[1]", "takes conditions"),
    (
        HEAD + EXPECT + "where = { a = 10:00:00 }",
        "expect[0].where.a",
        "takes a value, not the time 10:00:00",
    ),
    # what says nothing
    (HEAD + EXPECT + "where = {}", "expect[0].where", "is empty"),
    (HEAD + EXPECT + "where = { a = {} }", "expect[0].where.a", "is empty"),
    (HEAD + EXPECT + "within = {}", "expect[0].within", "is empty"),
    (HEAD + EXPECT + "where = { '' = 1 }", 'expect[0].where.""', "needs the name of an attribute"),
    # what makes no sense
    ('id = "A b"\nsituation = { en = "a", fr = "b" }', "id", "is made of small letters"),
    (HEAD + "version = 0", "version", "a whole number from 1, not 0"),
    (
        HEAD + '[[expect]]\ntemplate = "response"\nactivity = "a"',
        "expect[0].target",
        "response needs a target",
    ),
    (
        HEAD + '[[expect]]\ntemplate = "init"\nactivity = "a"\ntarget = "b"',
        "expect[0].target",
        "takes no target",
    ),
    (HEAD + EXPECT + "n = 2", "expect[0].n", "response takes no n"),
    (HEAD + EXPECT + "within = { days = -1 }", "expect[0].within.days", "a number from 0, not -1"),
    (HEAD + EXPECT + "within = { days = 1, working_days = 1 }", "expect[0].within", "not in both"),
    (HEAD + EXPECT + "within = { weeks = 1e9 }", "expect[0].within", "at most a thousand years"),
    (HEAD + EXPECT + "where = { a = { in = [] } }", "expect[0].where.a.in", "at least one value"),
    (HEAD + EXPECT + "where = { a = { in = [1, 'b'] } }", "expect[0].where.a.in", "of one sort"),
    (
        HEAD + EXPECT + "where = { a = { matches = '(' } }",
        "expect[0].where.a.matches",
        "no regular expression",
    ),
    (HEAD + EXPECT + "where = { a = 2026-03-01T09:00:00 }", "expect[0].where.a", "needs its zone"),
    (HEAD + EXPECT + "where = { a = nan }", "expect[0].where.a", "nothing compares with nan"),
    (
        HEAD + "[communication]\nrenew_every = { months = 0 }",
        "communication.renew_every",
        "a whole number from 1",
    ),
    # recurrence rules
    (
        HEAD + "[review]\nrrule = 'MONTHLY'",
        "review.rrule",
        "'MONTHLY' is no part of a recurrence rule (like FREQ=",
    ),
    (HEAD + "[review]\nrrule = 'FREK=DAILY'", "review.rrule", "did you mean FREQ?"),
    (HEAD + "[review]\nrrule = 'INTERVAL=2'", "review.rrule", "FREQ is missing"),
    (HEAD + "[review]\nrrule = 'FREQ=FORTNIGHTLY'", "review.rrule", "is no recurrence rule"),
    (
        HEAD + "[review]\nrrule = 'FREQ=DAILY;INTERVAL=0'",
        "review.rrule",
        "INTERVAL takes a whole number from 1, not",
    ),
    (
        HEAD + "[review]\nrrule = 'FREQ=DAILY;BYHOUR=25'",
        "review.rrule",
        "BYHOUR takes a whole number from 0 to 23",
    ),
    (
        HEAD + "[review]\nrrule = 'FREQ=MONTHLY;BYMONTHDAY=-32'",
        "review.rrule",
        "from 1 to 31, or negative",
    ),
    (HEAD + "[review]\nrrule = 'FREQ=WEEKLY;BYDAY=XX'", "review.rrule", "is no recurrence rule"),
    (HEAD + "[review]\nrrule = 'FREQ=DAILY;FREQ=DAILY'", "review.rrule", "FREQ is there twice"),
    (HEAD + "[review]\nrrule = 'FREQ=DAILY;UNTIL=soon'", "review.rrule", "is no recurrence rule"),
    (
        HEAD + "[cadence]\nrrule = 'FREQ=DAILY'\nneeds = 'a'\nzone = 'Europe/Pariss'",
        "cadence.zone",
        "is not the name of a time zone",
    ),
]
"""A text, the key of its one fault, and what is said of it."""


@pytest.mark.parametrize(("text", "key", "says"), FAULTS)
def test_each_fault_names_its_key_and_what_would_be_right(text: str, key: str, says: str) -> None:
    (fault,) = faults_of(text)

    assert (fault.where, fault.key) == ("r.toml", key)
    assert says in fault.what


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('id = "r"\nstatus active\n', "line 2"),
        ('id = "r"\nid = "s"\n', "line 2"),
        ("a = " + "[" * 5000, "is not TOML"),
        ("version = " + "9" * 5000, "is not TOML"),
    ],
    ids=["no equals sign", "a key twice", "brackets without end", "digits without end"],
)
def test_a_file_that_is_not_toml_is_one_fault_with_the_line(text: str, says: str) -> None:
    (fault,) = faults_of(text)

    assert fault.key == ""
    assert says in fault.what


def test_a_file_of_another_sort_is_one_fault() -> None:
    (fault,) = faults_of('kind = "request"\nordered = true\n[columns]\ncase_id = "Case ID"\n')

    assert fault.key == ""
    assert fault.what.startswith("is no usage rule (it has none of id, situation, guidance, expect)")


def test_a_misspelt_key_is_not_also_called_missing() -> None:
    (fault,) = faults_of('id = "r"\nsituatoin = { en = "a", fr = "b" }')

    assert fault.key == "situatoin"


def test_one_fault_does_not_hide_the_next() -> None:
    faults = faults_of(
        'id = "R"\nversion = 0\nstatus = "on"\nsituation = { en = "a" }\n'
        '[[expect]]\ntemplate = "init"\nactivity = "a"\ntarget = "b"\nn = 3\ntarget_where = { a = { like = 1 } }\n'
        '[[expect]]\ntemplate = "respond"\nwithin = { days = "x", hours = -1 }\n'
    )

    assert sorted(fault.key for fault in faults) == [
        "expect[0].n",
        "expect[0].target",
        "expect[0].target_where.a.like",
        "expect[1].activity",
        "expect[1].template",
        "expect[1].within.days",
        "expect[1].within.hours",
        "id",
        "situation.fr",
        "status",
        "version",
    ]


def test_the_faults_of_all_files_come_in_one_error(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("id = 3", "utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.toml").write_bytes(b'id = "caf\xe9"')
    (tmp_path / "c.toml").write_text(HEAD, "utf-8")

    with pytest.raises(BookError) as caught:
        Rulebook.load(tmp_path)

    assert [(Path(fault.where).name, fault.key) for fault in caught.value.faults] == [
        ("a.toml", "id"),
        ("a.toml", "situation"),
        ("b.toml", ""),
    ]
    assert "is not UTF-8" in caught.value.faults[2].what
    assert str(caught.value).startswith("3 faults in the rulebook:\n  ")
