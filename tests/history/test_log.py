from __future__ import annotations

import polars as pl
import pytest

from crmusage.errors import ContractError, SourceError
from crmusage.history import History, LogMapping
from tests.history.rows import aside, day

LOG = pl.DataFrame(
    {
        "ticket": ["1", "1", "2"],
        "task": ["Open", "Sold", "Open"],
        "step": ["s", None, "s"],
        "when": [day(1), day(4), day(2)],
        "who": ["ann", "bob", "ann"],
        "value": [10.0, 12.0, None],
        "unit": ["north", "north", None],
    }
)
COLUMNS = {"case": "ticket", "activity": "task", "at": "when"}


def said(history, words):
    return any(words in note.en for note in history.notes)


def test_a_log_becomes_events_and_cases_under_the_contracts_names():
    history = History.from_log(
        LOG, **COLUMNS, actor="who", kind="request", meanings={"Sold": "won"}, cases={"amount": "value"}
    )
    assert history.events.select("case_id", "activity", "at", "actor", "unit").rows() == [
        ("1", "Open", day(1), "ann", "north"),
        ("1", "won", day(4), "bob", "north"),
        ("2", "Open", day(2), "ann", None),
    ]
    assert history.cases.select(
        "case_id", "kind", "amount", "outcome", "owner", "created_by", "unit"
    ).rows() == [
        ("1", "request", 12.0, "won", "bob", "ann", "north"),
        ("2", "request", None, None, "ann", "ann", None),
    ]
    assert "ticket" not in history.events.columns
    assert "value" in history.events.columns
    assert "amount" in history.columns_given["cases"]


def test_a_column_of_the_log_that_bears_a_name_it_was_not_mapped_to_gets_another():
    frame = LOG.with_columns(at=pl.lit("somewhere"), case_id=pl.lit(7))
    history = History.from_log(frame, **COLUMNS)
    assert history.events.select("at_log", "case_id_log").row(0) == ("somewhere", 7)


def test_activities_told_by_two_columns_are_joined_by_a_plus():
    history = History.from_log(LOG, case="ticket", activity=["task", "step"], at="when")
    assert history.events["activity"].to_list() == ["Open+s", "Sold", "Open+s"]


@pytest.mark.parametrize(
    ("closing", "outcome"),
    [(["Sold"], None), ({"Sold": "won"}, "won"), ({"Sold": None}, None), ("Sold", None)],
)
def test_closing_activities_end_cases_with_the_outcome_that_is_said(closing, outcome):
    history = History.from_log(LOG, **COLUMNS, closing=closing)
    assert history.cases.select("closed_at", "outcome").rows() == [(day(4), outcome), (None, None)]
    assert not said(history, "taken as ended")


def test_closing_may_name_meanings_and_outcomes():
    history = History.from_log(
        LOG, **COLUMNS, meanings={"Sold": "quote_accepted"}, closing={"quote_accepted": "fulfilled"}
    )
    assert history.cases["outcome"].to_list() == ["fulfilled", None]
    frame = LOG.with_columns(task=pl.col("task").replace("Sold", "cancelled"))
    assert History.from_log(frame, **COLUMNS, closing=["cancelled"]).cases["outcome"].to_list() == [
        "cancelled",
        None,
    ]


def test_names_of_activities_that_never_occur_are_told():
    history = History.from_log(LOG, **COLUMNS, meanings={"sold": "won"}, closing=["Lost it"])
    assert said(history, "never occur in the data: Lost it, sold")
    assert history.cases["closed_at"].null_count() == 2


def test_without_an_end_each_case_ends_with_its_last_event():
    history = History.from_log(LOG, **COLUMNS)
    assert history.cases["closed_at"].to_list() == [day(4), day(2)]
    assert said(history, "every case is taken as ended")


def test_cases_told_by_the_log_keep_their_own_creation_and_end():
    frame = LOG.with_columns(born=pl.lit(day(-5)), died=pl.when(ticket="1").then(pl.lit(day(9))))
    history = History.from_log(frame, **COLUMNS, cases={"created_at": "born", "closed_at": "died"})
    assert history.cases.select("created_at", "closed_at").rows() == [(day(-5), day(9)), (day(-5), None)]
    assert not said(history, "every case is taken as ended")


def test_a_cell_that_cannot_be_what_the_cases_need_is_counted():
    frame = LOG.with_columns(value=pl.Series(["10", "lots", "5"]))
    history = History.from_log(frame, **COLUMNS, cases={"amount": "value"})
    assert aside(history) == {"cases: unreadable amount": 1}


def test_columns_that_are_not_there_are_all_named_with_the_likely_ones():
    with pytest.raises(ContractError) as caught:
        History.from_log(LOG, case="Ticket", activity="task", at="moment", cases={"amount": "worth"})
    message = str(caught.value)
    assert "columns.case_id names the column 'Ticket', which is not there (do you mean 'ticket'?)" in message
    assert "columns.at names the column 'moment'" in message
    assert "cases.amount names the column 'worth'" in message
    assert "The columns there are: ticket, task" in message


def test_a_log_may_be_a_file(tmp_path):
    path = tmp_path / "log.csv"
    LOG.write_csv(path)
    history = History.from_log(path, **COLUMNS, zone="UTC")
    assert history.events.height == 3
    with pytest.raises(SourceError):
        History.from_log(tmp_path / "none.csv", **COLUMNS)


MAPPING = """
kind = "request"
zone = "Europe/Paris"
ordered = true
closing = ["Sold"]

[columns]
case_id = "ticket"
activity = ["task", "step"]
at = "when"

[cases]
amount = "value"

[meanings]
"Open+s" = "created"
"""


def test_a_mapping_is_read_from_toml(tmp_path):
    (tmp_path / "log.toml").write_text(MAPPING)
    mapping = LogMapping.load(tmp_path / "log.toml")
    assert mapping == LogMapping(
        columns={"case_id": "ticket", "activity": ("task", "step"), "at": "when"},
        cases={"amount": "value"},
        meanings={"Open+s": "created"},
        closing=["Sold"],
        kind="request",
        zone="Europe/Paris",
        ordered=True,
    )
    (tmp_path / "data.csv").write_text(
        "ticket,task,step,when,value\n1,Open,s,2026-01-01 10:00,5\n1,Sold,,2026-01-01 10:00,6\n"
    )
    history = History.read(tmp_path / "data.csv", mapping=tmp_path / "log.toml")
    assert history.events.select("activity", "at", "seq").rows() == [
        ("created", day(1), 0),
        ("Sold", day(1), 1),
    ]
    assert history.cases.select("amount", "kind", "closed_at").rows() == [(6.0, "request", day(1))]


def test_all_faults_of_a_mapping_are_told_at_once(tmp_path):
    path = tmp_path / "log.toml"
    path.write_text(
        'closing = { Sold = "sold" }\n[columns]\ncase = "ticket"\nat = 3\n[cases]\namout = "x"\n[meanings]\nSold = "wun"\nOpen = "created"\n'
    )
    with pytest.raises(ContractError) as caught:
        LogMapping.load(path)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("5 faults in the mapping")
    told = "\n".join(lines[1:])
    assert "log.toml: columns.case: the contract has no such column; do you mean case_id?" in told
    assert "log.toml: columns.at: needs the name of a column, not 3" in told
    assert "log.toml: cases.amout: the contract has no such column; do you mean amount?" in told
    assert "log.toml: meanings.Sold: 'wun' is no meaning; do you mean won?" in told
    assert "log.toml: closing.Sold: 'sold' is no outcome; the outcomes are: won" in told


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ("columns = 3", "columns: needs a table, not 3"),
        ("kinds = 'x'", "kinds: a mapping has no such key; do you mean kind?"),
        ("closing = [1]", "closing: needs texts in its list"),
        ("[meanings]\na = 1", "meanings.a: needs a text, not 1"),
        ("ordered = 'yes'", "ordered: needs true or false"),
        ("x = ", "is no TOML"),
    ],
)
def test_a_mapping_of_the_wrong_shape_is_one_clear_error(tmp_path, held, said):
    path = tmp_path / "log.toml"
    path.write_text(held)
    with pytest.raises(ContractError) as caught:
        LogMapping.load(path)
    assert said in str(caught.value)
    assert "log.toml" in str(caught.value)


def test_a_mapping_that_is_not_there_is_one_clear_error(tmp_path):
    with pytest.raises(SourceError, match="cannot be read as a mapping"):
        LogMapping.load(tmp_path / "none.toml")


def test_an_unknown_zone_in_a_mapping_is_one_clear_error():
    with pytest.raises(ContractError, match="is not known"):
        History.from_log(LOG, **COLUMNS, zone="Paris")


def test_cases_are_told_by_the_column_that_was_named_even_if_it_bears_anothers_name():
    frame = LOG.with_columns(at=pl.lit(7.0))
    history = History.from_log(frame, **COLUMNS, cases={"amount": "at", "created_at": "when"})
    assert history.cases["amount"].to_list() == [7.0, 7.0]
    assert history.events["at_log"].to_list() == [7.0] * 3
    named = History.from_log(
        frame.drop("at").rename({"when": "at"}),
        case="ticket",
        activity="task",
        at="at",
        cases={"due_at": "at"},
    )
    assert named.cases["due_at"].to_list() == [day(4), day(2)]


def test_activities_of_two_columns_keep_both_as_attributes():
    history = History.from_log(LOG, case="ticket", activity=["task", "step"], at="when")
    assert history.events.select("task", "step").row(0) == ("Open", "s")


def test_a_row_whose_activity_is_told_by_no_column_is_set_aside():
    frame = LOG.with_columns(task=pl.lit(None, dtype=pl.String))
    assert aside(History.from_log(frame, case="ticket", activity=["task", "step"], at="when")) == {
        "events: no activity": 1
    }


def test_a_nested_column_cannot_be_part_of_an_activity():
    frame = LOG.with_columns(step=pl.lit([1]))
    with pytest.raises(
        ContractError, match=r"column step: it holds List\(Int\d+\), which cannot be part of an activity"
    ):
        History.from_log(frame, case="ticket", activity=["task", "step"], at="when")
