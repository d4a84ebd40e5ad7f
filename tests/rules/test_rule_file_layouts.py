"""Files as people lay them out: a change leaves the rest, or says that it could not."""

from __future__ import annotations

import tomllib
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.rules import AppliesTo, Compare, Constraint, Correlation, Duration, Op, UsageRule
from crmusage.rules._array import LayoutError, changed_array, comments
from crmusage.rules._reading import read
from crmusage.rules._toml import RULES

LIST = """\
[
    # the large ones
    "a",  # since 2024
    # the small ones
    "b",
    "c"  # too
    # no more
]"""
HEAD = 'id = "r"\nsituation = { en = "a", fr = "b" }\n'


def loaded(text: str) -> UsageRule:
    rule, faults = read(text, "r.toml")
    assert rule is not None, faults
    return rule


def saved(text: str, **changes: object) -> str:
    rule = attrs.evolve(loaded(text), **changes)
    after = RULES.text(rule, Path("r.toml"))
    assert loaded(after) == rule
    return after


@pytest.mark.parametrize(
    ("new", "lines"),
    [
        (["b", "c"], ["    # the large ones", "    # the small ones", '    "b",', '    "c"  # too', "    # no more"]),
        (["a", "b"], ['    "a",  # since 2024', "    # the small ones", '    "b",', "    # no more"]),
        (["a", "b", "c", "d"], ['    "b",', '    "c",  # too', '    "d",', "    # no more"]),
        (["d", "a", "b", "c"], ['    "d",', "    # the large ones", '    "a",  # since 2024']),
        (["a", "d", "b", "c"], ['    "a",  # since 2024', '    "d",', "    # the small ones", '    "b",']),
        (["a", "d", "c"], ["    # the small ones", '    "d",', '    "c"  # too']),
        ([], ["[", "    # the large ones", "    # the small ones", "    # no more", "]"]),
    ],
)  # fmt: skip
def test_a_list_changes_item_by_item(new: list[str], lines: list[str]) -> None:
    after = changed_array(LIST, ['"a"', '"b"', '"c"'], [f'"{item}"' for item in new])

    assert tomllib.loads(f"list = {after}")["list"] == new
    assert "\n".join(lines) in after


ITEMS = st.sampled_from(['"a"', "'b'", '"#"', '"]"', "3", "{ q = [1, 2] }", "[1]", '"""x"y"""', "'''\n#'''"])


@given(st.lists(ITEMS, max_size=5), st.lists(ITEMS, max_size=5), st.data())
def test_any_list_becomes_any_other_and_keeps_the_comments_between(old, new, data) -> None:
    def gap(i: int) -> str:
        return data.draw(st.sampled_from(["", " ", f"\n # between {i}\n ", "\n"]))

    text = "[" + "".join(f"{gap(i)}{item}," for i, item in enumerate(old)) + gap(99) + "]"

    after = changed_array(text, old, new)

    assert tomllib.loads(f"x = {after}") == tomllib.loads(f"x = [{','.join(new)}]")
    assert [c for c in comments(after) if "between" in c] == [c for c in comments(text) if "between" in c]


def test_a_list_that_is_not_what_it_is_said_to_be_is_left_alone() -> None:
    with pytest.raises(LayoutError):
        changed_array(LIST, ['"a"'], [])


def test_a_comment_inside_an_item_is_not_lost_with_it() -> None:
    with pytest.raises(LayoutError, match="comments"):
        changed_array("[ [1, # one\n 2], 3 ]", ["[1, 2]", "3"], ["[1, 3]", "3"])


def test_expectations_on_lines_of_a_list_change_one_by_one() -> None:
    text = HEAD + (
        "expect = [\n"
        '    { template = "init", activity = "created" },  # first things first\n'
        '    { template = "absence", activity = "lost", n = 3 },\n'
        "]\n"
    )

    after = saved(
        text, expect=(Constraint("init", "call"), Constraint("absence", "lost", n=3), Constraint("end", "x"))
    )

    assert after == HEAD + (
        "expect = [\n"
        '    { template = "init", activity = "call" },  # first things first\n'
        '    { template = "absence", activity = "lost", n = 3 },\n'
        '    { template = "end", activity = "x" },\n'
        "]\n"
    )


def test_the_first_expectation_goes_before_the_others_and_their_comment() -> None:
    text = HEAD + '# the old one\n[[expect]]\ntemplate = "end"\nactivity = "x"\n'

    after = saved(text, expect=(Constraint("init", "y"), Constraint("end", "x")))

    assert after == HEAD + (
        '\n[[expect]]\ntemplate = "init"\nactivity = "y"\n# the old one\n[[expect]]\ntemplate = "end"\nactivity = "x"\n'
    )


def test_a_key_of_an_expectation_with_inner_tables_stands_before_them() -> None:
    text = (
        HEAD
        + '[[expect]]\ntemplate = "response"\nactivity = "x"\ntarget = "y"\n[expect.within]\ndays = 1 # soon\n'
    )
    rule = loaded(text)

    after = saved(text, expect=(attrs.evolve(rule.expect[0], after=Duration(hours=1)),))

    assert 'target = "y"\nafter = { hours = 1 }\n[expect.within]\ndays = 1 # soon\n' in after


def test_a_condition_written_another_way_is_written_anew_where_it_changes() -> None:
    text = HEAD + "applies_to = { where = { amount = { eq = 5 } } }  # five\n"

    after = saved(text, applies_to=AppliesTo(where=Compare("amount", Op.EQ, 6)))

    assert "applies_to = { where = { amount = 6 } }  # five\n" in after


def test_only_the_number_changes_in_a_condition_written_as_we_would() -> None:
    text = HEAD + "applies_to = {where={amount={ge=5}}}\n"

    assert "applies_to = {where={amount={ge=6}}}\n" in saved(
        text, applies_to=AppliesTo(where=Compare("amount", Op.GE, 6))
    )


def test_true_does_not_pass_for_one() -> None:
    text = HEAD + "applies_to = { where = { open = 1 } }\n"

    assert "open = true" in saved(text, applies_to=AppliesTo(where=Compare("open", Op.EQ, True)))


def test_an_unwritten_default_stays_unwritten() -> None:
    text = HEAD + '[[expect]]\ntemplate = "existence"\nactivity = "x"\n'

    assert saved(text, kind="request") == text.replace("situation", 'kind = "request"\nsituation', 1)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "applies_to = { where = { all = [\n { a = 1 },  # one\n] } }\n",
        HEAD + "[applies_to.where]\na = { eq = 1 }  # one\n",
        HEAD + "applies_to = { where = { any = [\n { a = 1 },\n { not = { all = [\n { b = 2 },  # two\n] } },\n] } }\n",
    ],
    ids=["a comment inside a condition", "a condition under a header", "a comment deep inside a condition"],
)  # fmt: skip
def test_a_layout_that_cannot_be_kept_is_kept_as_a_comment(text: str) -> None:
    after = saved(text, applies_to=AppliesTo(where=Compare("a", Op.EQ, 2)))

    assert "could not be kept. It said:" in after
    for line in text.splitlines():
        assert f"# {line}".rstrip() in after.splitlines()


def test_a_table_in_two_places_changes_in_both() -> None:
    text = HEAD + (
        '[cadence]  # weekly\nrrule = "FREQ=WEEKLY;BYDAY=MO"\nneeds = "updated"\n'
        '[review]\nrrule = "FREQ=DAILY"\n[cadence.since]\nhours = 12  # half a day\n'
    )
    rule = loaded(text)

    after = saved(text, cadence=attrs.evolve(rule.cadence, since=Duration(hours=1), needs="call"))

    assert after == text.replace("updated", "call").replace("12", "1")


def test_a_removed_table_between_others_leaves_the_comment_of_the_next() -> None:
    text = HEAD + (
        '[communication]\n[communication.audience]\nunit = ["x"]\n# the newcomers\n'
        "[communication.newcomers_within]\ndays = 3\n"
    )
    rule = loaded(text)

    after = saved(text, communication=attrs.evolve(rule.communication, audience={}))

    assert after == HEAD + "[communication]\n# the newcomers\n[communication.newcomers_within]\ndays = 3\n"


def test_keys_with_dots_and_empty_headers_can_be_added_to() -> None:
    text = 'id = "r"\nsituation.en = "a" # English\nsituation.fr = "b"\n[communication]\n# nobody yet\n'
    rule = loaded(text)

    after = saved(
        text,
        guidance=attrs.evolve(rule.situation, en="c"),
        communication=attrs.evolve(rule.communication, renew_every={"years": 1}),
        situation=attrs.evolve(rule.situation, fr="d"),
    )

    assert comments(after) == ["# English", "# nobody yet"]
    assert 'situation.fr = "d"' in after
    assert "[communication]\nrenew_every = { years = 1 }\n# nobody yet" in after


def test_a_key_can_be_added_to_a_table_that_a_list_spreads_over_lines() -> None:
    text = HEAD + 'applies_to = { profile = [\n    "a",  # since May\n] }\n'

    after = saved(text, applies_to=AppliesTo(profile=("a",), region=("north",)))

    assert '    "a",  # since May\n]' in after


def test_keys_in_several_places_that_come_and_go_are_kept_as_comments() -> None:
    text = HEAD + 'cadence.rrule = "FREQ=DAILY" # daily\ncadence.needs = "x"\ncadence.zone = "UTC" # here\n'
    rule = loaded(text)

    after = saved(text, cadence=attrs.evolve(rule.cadence, zone=None))

    assert "# daily" in after
    assert "# here" in after


def test_the_last_of_several_tables_leaves_the_comment_of_the_next() -> None:
    one, other = (f'[[expect]]\ntemplate = "init"\nactivity = "{name}"\n' for name in "xy")
    text = HEAD + one + other + '# looked at daily\n[review]\nrrule = "FREQ=DAILY"\n'
    rule = loaded(text)

    assert saved(text, expect=rule.expect[:1]) == text.replace(other, "")


def test_what_correlates_can_be_added_and_taken_away() -> None:
    text = HEAD + '[[expect]]\ntemplate = "response"\nactivity = "x"\ntarget = "y"  # why\n'
    rule = loaded(text)

    more = saved(text, expect=(attrs.evolve(rule.expect[0], correlate=Correlation(same=["q"])),))

    assert more == text + 'correlate = { same = ["q"] }\n'
    assert saved(more, expect=rule.expect) == text


def test_a_line_and_a_table_that_are_both_new_do_not_get_into_each_other() -> None:
    much = Compare("an attribute with a rather long name", Op.IN, tuple(f"value {i}" for i in range(9)))

    after = saved(HEAD, applies_to=AppliesTo(where=much), zone="Europe/Paris", cites=["Usages"])

    assert after.splitlines()[:4] == [
        'id = "r"',
        'cites = ["Usages"]',
        'zone = "Europe/Paris"',
        'situation = { en = "a", fr = "b" }',
    ]
    assert after.index("zone =") < after.index("[applies_to]")
