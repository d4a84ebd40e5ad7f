from __future__ import annotations

import itertools
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
    Cadence,
    Compare,
    Constraint,
    Correlation,
    Duration,
    Not,
    Op,
    Rulebook,
    Status,
    Template,
    UsageRule,
    read_decl,
    write_decl,
)

from ..conformance import oracle
from . import rule_strategies

SITUATION = Text("a situation", "une situation")


def read(tmp_path: Path, *lines: str) -> list[UsageRule]:
    path = tmp_path / "model.decl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return sorted(read_decl(path), key=lambda rule: int(rule.id.rpartition("-")[2]))


def constraint(tmp_path: Path, line: str, *declared: str) -> Constraint:
    (rule,) = read(tmp_path, *declared, line)
    return rule.expect[0]


def faults(tmp_path: Path, *lines: str) -> list[str]:
    with pytest.raises(BookError) as caught:
        read(tmp_path, *lines)
    return [f"{fault.key}: {fault.what}" for fault in caught.value.faults]


# --- reading


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("data-model1", 14), ("data-model2", 2), ("data_model", 14), ("model1", 17), ("model2", 34), ("sepsis", 4),
    ],
)  # fmt: skip
def test_every_line_of_the_published_models_is_read_and_can_be_written_again(
    real_logs: Path, tmp_path: Path, name: str, rules: int
) -> None:
    path = real_logs / "declare" / "models" / f"{name}.decl"
    book = read_decl(path)
    lines = path.read_text().splitlines()
    assert len(book) == rules == sum("[" in line for line in lines)
    for rule in book:
        line = lines[int(rule.id.rpartition("-")[2]) - 1]
        sides = [rule.expect[0].activity, rule.expect[0].target]
        assert all(side in line for side in sides if side)
    write_decl(book, tmp_path / "again.decl")
    again = read_decl(tmp_path / "again.decl")
    assert sorted(map(repr, (r.expect for r in again))) == sorted(map(repr, (r.expect for r in book)))


def test_a_constraint_of_a_published_model_says_what_its_line_says(real_logs: Path) -> None:
    book = read_decl(real_logs / "declare" / "models" / "data-model1.decl")
    assert book["chain-precedence-iv-liquid-admission-nc-58"].expect == (
        Constraint(
            "chain_precedence",
            "Admission NC",
            target="IV Liquid",
            where=Compare("unit", Op.EQ, "I"),
            target_where=Compare("unit", Op.EQ, "A"),
            after=Duration(seconds=92),
            within=Duration(seconds=14473),
        ),
    )
    where = book["chain-response-er-registration-er-triage-59"].expect[0].where
    assert isinstance(where, All)
    assert len(where.parts) == 25
    assert Compare("DiagnosticBlood", Op.EQ, True) in where.parts
    assert Compare("Age", Op.GE, 45) in where.parts


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Existence", Constraint("existence", "X")),
        ("Existence3", Constraint("existence", "X", n=3)),
        ("Absence2", Constraint("absence", "X", n=2)),
        ("Exactly1", Constraint("exactly", "X", n=1)),
        ("Init", Constraint("init", "X")),
        ("End", Constraint("end", "X")),
        ("Choice", Constraint("choice", "X", target="Y")),
        ("Exclusive Choice", Constraint("exclusive_choice", "X", target="Y")),
        ("Responded Existence", Constraint("responded_existence", "X", target="Y")),
        ("Co-Existence", Constraint("co_existence", "X", target="Y")),
        ("Response", Constraint("response", "X", target="Y")),
        ("Alternate Response", Constraint("alternate_response", "X", target="Y")),
        ("ChainResponse", Constraint("chain_response", "X", target="Y")),
        ("Precedence", Constraint("precedence", "Y", target="X")),
        ("Alternate Precedence", Constraint("alternate_precedence", "Y", target="X")),
        ("Chain Precedence", Constraint("chain_precedence", "Y", target="X")),
        ("Succession", Constraint("succession", "X", target="Y")),
        ("Alternate Succession", Constraint("alternate_succession", "X", target="Y")),
        ("Chain Succession", Constraint("chain_succession", "X", target="Y")),
        ("Not Co-Existence", Constraint("not_co_existence", "X", target="Y")),
        ("Not Succession", Constraint("not_succession", "X", target="Y")),
        ("Not Chain Succession", Constraint("not_chain_succession", "X", target="Y")),
        ("Not Response", Constraint("not_succession", "X", target="Y")),
        ("Not Precedence", Constraint("not_succession", "X", target="Y")),
        ("Not Chain Response", Constraint("not_chain_succession", "X", target="Y")),
        ("Not Chain Precedence", Constraint("not_chain_succession", "X", target="Y")),
        ("Not Responded Existence", Constraint("not_co_existence", "X", target="Y")),
    ],
)
def test_each_template_of_the_models_has_its_counterpart(
    tmp_path: Path, name: str, wanted: Constraint
) -> None:
    sides = "X" if wanted.template.is_unary else "X, Y"
    assert constraint(tmp_path, f"{name}[{sides}] | | |") == wanted


NEGATIVE = {
    "Not Response": lambda t: not any(t[i] == "X" and "Y" in t[i + 1 :] for i in range(len(t))),
    "Not Precedence": lambda t: not any(t[i] == "Y" and "X" in t[:i] for i in range(len(t))),
    "Not Chain Response": lambda t: not any(pair == ("X", "Y") for pair in itertools.pairwise(t)),
    "Not Chain Precedence": lambda t: not any(pair == ("X", "Y") for pair in itertools.pairwise(t)),
    "Not Responded Existence": lambda t: not ("X" in t and "Y" in t),
}


@pytest.mark.parametrize("name", list(NEGATIVE))
def test_the_negative_templates_are_kept_by_the_same_cases_and_say_so_where_they_count_others(
    tmp_path: Path, name: str
) -> None:
    (rule,) = read(tmp_path, f"{name}[X, Y] | | |")
    read_as = rule.expect[0]
    for length in range(6):
        for trace in itertools.product("XYZ", repeat=length):
            events = [oracle.Event(k, activity, k, {}) for k, activity in enumerate(trace)]
            case = oracle.Case(0, 0, tuple(events), {})
            kept = all(
                oracle.is_kept(read_as, case, events, found)
                for found in oracle.activations(read_as, case, events)
            )
            assert kept == NEGATIVE[name](trace), trace
    assert (rule.guidance is not None) == (
        name in {"Not Precedence", "Not Chain Precedence", "Not Responded Existence"}
    )


def test_in_what_looks_back_the_activation_is_the_second_activity(tmp_path: Path) -> None:
    found = constraint(tmp_path, "Precedence[X, Y] |A.p > 1 |T.q < 2 |1,2,h")
    assert (found.activity, found.where) == ("Y", Compare("p", Op.GT, 1))
    assert (found.target, found.target_where) == ("X", Compare("q", Op.LT, 2))
    assert (found.after, found.within) == (Duration(hours=1), Duration(hours=2))


def test_where_the_activation_becomes_the_target_the_conditions_go_with_it(tmp_path: Path) -> None:
    found = constraint(tmp_path, "Not Precedence[X, Y] |A.p > 1 |T.q < 2 |")
    assert (found.activity, found.where) == ("X", Compare("q", Op.LT, 2))
    assert (found.target, found.target_where) == ("Y", Compare("p", Op.GT, 1))


X, Y = Compare("x", Op.EQ, "a"), Compare("y", Op.GT, 2)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A.x is a", X),
        ("a.x IS a", X),
        ("(A.x is a)", X),
        ("A.x is not a", Compare("x", Op.NE, "a")),
        ("A.y = 2", Compare("y", Op.EQ, 2)),
        ("A.y != -2.50", Compare("y", Op.NE, -2.5)),
        ("A.y>=2", Compare("y", Op.GE, 2)),
        ("A.x in (a, b c,d)", Compare("x", Op.IN, ("a", "b c", "d"))),
        ("A.x not in (a, b)", All((Compare("x", Op.NE, "a"), Compare("x", Op.NE, "b")))),
        ("A.x in (1, b)", Compare("x", Op.IN, ("1", "b"))),
        ("A.x not in (a)", Compare("x", Op.NE, "a")),
        ("A.x is a AND A.y > 2", All((X, Y))),
        ("(A.x is a) and (A.y > 2)", All((X, Y))),
        ("(A.x is a)AND(A.y > 2)", All((X, Y))),
        ("A.x is a OR A.y > 2 AND A.x is a", AnyOf((X, All((Y, X))))),
        ("(A.x is a OR A.y > 2) AND A.x is a", All((AnyOf((X, Y)), X))),
        ("NOT A.x is a", Not(X)),
        ("not (A.x is a or A.y > 2)", Not(AnyOf((X, Y)))),
        ("A.x is true", Compare("x", Op.EQ, True)),
        ("A.x is not False", Compare("x", Op.NE, False)),
        ("A.x = red", Compare("x", Op.EQ, "red")),
        ("A.org:group is ?", Compare("unit", Op.EQ, "?")),
        ("A.two words is three more words", Compare("two words", Op.EQ, "three more words")),
        ("A.x is orange AND A.y > 2", All((Compare("x", Op.EQ, "orange"), Y))),
        ("A.x is android OR A.x is or", AnyOf((Compare("x", Op.EQ, "android"), Compare("x", Op.EQ, "or")))),
        ("A.x is Research and Development and A.y > 2", All((Compare("x", Op.EQ, "Research and Development"), Y))),
        ("A.x is notary", Compare("x", Op.EQ, "notary")),
        ("A.x is Accepted (final) AND A.y > 2", All((Compare("x", Op.EQ, "Accepted (final)"), Y))),
        ("A.x in (and, or, not (yet))", Compare("x", Op.IN, ("and", "or", "not (yet)"))),
        ("A.island is Isle", Compare("island", Op.EQ, "Isle")),
    ],
)  # fmt: skip
def test_conditions_are_read(tmp_path: Path, text: str, wanted: object) -> None:
    found = constraint(tmp_path, f"Response[a, b] |{text} | |").where
    assert found == wanted
    assert repr(found) == repr(wanted)


@pytest.mark.parametrize(
    ("declared", "text", "value"),
    [
        ("x: a, b, 5", "is 5", "5"),
        ("x: 5, 6", "= 5", "5"),
        ("x: true, false", "is true", True),
        ("x: true, false, maybe", "is true", "true"),
        ("x: integer between 0 and 9", "is 5", 5),
        ("x: float between 0.5 and 9.5", "is 5", 5),
        ("x, y: float between 0.5 and 9.5", "= 5.0", 5.0),
    ],
)
def test_what_an_attribute_is_declared_as_decides_what_its_values_are(
    tmp_path: Path, declared: str, text: str, value: object
) -> None:
    found = constraint(tmp_path, f"Existence[a] |A.x {text} |", "activity a", "bind a: x, y", declared).where
    assert repr(found) == repr(Compare("x", Op.EQ, value))


def test_attributes_may_be_declared_below_what_names_them_and_hold_operators(tmp_path: Path) -> None:
    found = constraint(tmp_path, "Existence[a] |A.is it in (x)", "is it: x, y").where
    assert found == Compare("is it", Op.IN, ("x",))


def test_what_two_events_have_in_common_becomes_the_correlation(tmp_path: Path) -> None:
    found = constraint(tmp_path, "Response[a, b] | |same owner AND T.x is a and different org:group |0,2,d")
    assert found.correlate == Correlation(same=("owner",), different=("unit",))
    assert found.target_where == X
    assert (found.after, found.within) == (None, Duration(days=2))


def test_attributes_have_the_names_that_a_history_gives_them(tmp_path: Path) -> None:
    line = "Response[a, b] |A.org:group is x |T.org:resource is y AND same org:group |"
    (rule,) = read(tmp_path, line)
    assert rule.expect[0].attributes == {"unit", "actor"}
    write_decl([rule], tmp_path / "again.decl")
    assert line in (tmp_path / "again.decl").read_text()
    (kept,) = read_decl(tmp_path / "model.decl", names={"org:resource": "who"})
    assert kept.expect[0].attributes == {"org:group", "who"}
    (fault,) = faults(tmp_path, "Init[a] |A.org:group is x |", "Init[a] |A.unit is x |")
    assert fault.startswith("line 2: org:group and unit would both be read as unit")


def test_a_condition_on_a_choice_is_on_both_activities(tmp_path: Path) -> None:
    found = constraint(tmp_path, "Choice[a, b] |A.x is a | |")
    assert found.where == found.target_where == X


@pytest.mark.parametrize(
    ("line", "within"),
    [
        ("Existence[a] |A.x is a |0,3,m", Duration(minutes=3)),
        ("Existence[a] | | |0,3,s", Duration(seconds=3)),
        ("Existence[a] |0, 1.5, H", Duration(hours=1.5)),
        ("Response[a, b] |A.x is a |0,3,d", Duration(days=3)),
        ("Response[a, b]|||0,3,d", Duration(days=3)),
    ],
)
def test_a_time_stands_in_the_last_column(tmp_path: Path, line: str, within: Duration) -> None:
    assert constraint(tmp_path, line).within == within


def test_activities_with_commas_are_known_by_their_lines(tmp_path: Path) -> None:
    found = constraint(
        tmp_path, "Response[Call, then wait, Write] | | |", "activity Call, then wait", "activity Write"
    )
    assert (found.activity, found.target) == ("Call, then wait", "Write")


def test_what_declares_and_comments_makes_no_rule_and_a_mark_of_the_editor_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "m.decl"
    path.write_bytes(
        b"\xef\xbb\xbfactivity A b\r\nbind A b: org:group, x\n\n# a comment\n/ another\norg:group: A, B\n"
        b"trace kind: a, b\nx: integer between -5 and 5\nInit[A b]\r\n"
    )
    (rule,) = read_decl(path, kind="request")
    assert rule == UsageRule(
        "init-a-b-9",
        Text("The case begins with 'A b'.", "Le dossier commence par « A b »."),
        kind="request",
        expect=(Constraint("init", "A b"),),
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Respons[a, b] | | |", "did you mean Response?"),
        ("Whatever[a, b] | | |", "they are Existence, Absence,"),
        ("Response[a] | | |", "takes two activities"),
        ("Response[a, b, c] | | |", "names with commas need their activity lines"),
        ("Response[, b] | | |", "takes two activities"),
        ("Existence[a, b] | |", "takes one activity"),
        ("Existence[ ] | |", "names no activity"),
        ("Existence0[a] | |", "n is a whole number from 1"),
        ("Response2[a, b] | | |", "Response takes no number"),
        ("Response[a, b] |A.x | |", "compares nothing"),
        ("Response[a, b] |A.x is | |", "compares nothing"),
        ("Response[a, b] |A.x = | |", "is compared with nothing"),
        ("Response[a, b] |x is a | |", "expects a condition such as A.amount >= 10"),
        ("Response[a, b] |A.x is a AND | |", "cannot tell whether 'a AND' is one value"),
        ("Response[a, b] |A.x is a OR B.y is b | |", "cannot tell whether 'a OR B.y is b' is one value"),
        ("Response[a, b] |A.x > 1 AND | |", "cannot tell whether"),
        ("Response[a, b] |A.x is a) | |", "does not end where it should"),
        ("Response[a, b] |(A.x is a | |", "a parenthesis is not closed"),
        ("Response[a, b] |A.x in (a | |", "a parenthesis is not closed"),
        ("Response[a, b] |A.x in a | |", "in takes values in parentheses"),
        ("Response[a, b] |A.x in (a,) | |", "empty value in a set"),
        ("Response[a, b] |A.x > b | |", "which is no number"),
        ("Response[a, b] |T.x is a | |", "the first column speaks of A"),
        ("Response[a, b] | |A.x is a |", "the second column speaks of T"),
        ("Response[a, b] |same x | |", "belongs in the second column"),
        ("Response[a, b] | |same x OR T.y is a |", "can only be joined to the rest by AND"),
        ("Response[a, b] | |NOT same x |", "can only be joined to the rest by AND"),
        ("Response[a, b] | |same |", "expects a condition"),
        ("Response[a, b] | | |soon", "the third column is a time"),
        ("Response[a, b] | | |0,2", "a time is from, to, and"),
        ("Response[a, b] | | |3,2,d", "ends before it begins"),
        ("Response[a, b] | | | |0,2,d", "the third column is a time"),
        ("Init[a] | |0,2,d", "takes no time"),
        ("Existence[a] |A.x is a |A.y is b", "takes no second condition"),
        ("Choice[a, b] | |T.x is a |", "tools disagree"),
        ("bind c: x", "no activity of the model"),
        ("what is this", "is no activity, no bind, no attribute and no constraint"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_or_said_names_its_line(tmp_path: Path, line: str, words: str) -> None:
    (fault,) = faults(tmp_path, "activity a", "activity b", "", line)
    assert fault.startswith("line 4: ")
    assert words in fault


def test_all_faults_of_a_model_are_told_at_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path, "Init[a]", "Nonsense[a]", "Response[a, b] |A.x | |", "bind q: x", "End[a] |A.y is 1"
    )
    assert [fault.split(":")[0] for fault in found] == ["line 2", "line 3", "line 4"]


def test_activities_that_can_be_parted_in_two_ways_are_a_fault(tmp_path: Path) -> None:
    lines = ["activity a", "activity b, c", "activity a, b", "activity c", "Response[a, b, c] | | |"]
    assert faults(tmp_path, *lines) == ["line 5: 'a, b, c' can be read as several pairs of activities"]


def test_a_model_that_is_not_there_or_not_text_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere"):
        read_decl(tmp_path / "nowhere.decl")
    (tmp_path / "m.decl").write_bytes(b"activity \xff")
    with pytest.raises(SourceError, match="not UTF-8"):
        read_decl(tmp_path / "m.decl")


# --- writing


NAMES = st.sampled_from(
    ["a", "b", "Call, then wait", "Or else", "not yet", "x [1]", "is in", "été", "A.b", "same x"]
)
ATTRIBUTES = st.sampled_from(["x", "unit", "and", "is", "two words", "Notes", "x y", "in"])
TEXTS = st.sampled_from(
    [
        "red",
        "orange",
        "and",
        "or",
        "not",
        "or else",
        "Research and Development",
        "Accepted (final)",
        "1",
        "?",
        "is a",
    ]
)
NUMBERS = st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9).filter(lambda x: x == 0 or abs(x) > 1e-9)


@st.composite
def sayable(draw: st.DrawFn, depth: int = 2) -> object:
    kind = draw(st.sampled_from(["compare", "compare", "all", "any", "not"])) if depth else "compare"
    if kind == "not":
        return Not(draw(sayable(depth - 1)))
    if kind in {"all", "any"}:
        parts = tuple(draw(st.lists(sayable(depth - 1), min_size=2, max_size=3)))
        return All(parts) if kind == "all" else AnyOf(parts)
    # One sort an attribute, as a model has it.
    name = draw(ATTRIBUTES)
    values = {0: TEXTS, 1: NUMBERS, 2: st.booleans()}[len(name) % 3]
    if len(name) % 3 == 1:
        op = draw(st.sampled_from([Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE, Op.IN]))
    else:
        op = draw(st.sampled_from([Op.EQ, Op.NE, Op.IN]))
    if op is Op.IN:
        return Compare(name, op, tuple(draw(st.lists(values, min_size=1, max_size=3))))
    return Compare(name, op, draw(values))


@st.composite
def constraints(draw: st.DrawFn) -> Constraint:
    template = draw(st.sampled_from(list(Template)))
    where = draw(st.none() | sayable())
    kwargs: dict[str, object] = {"where": where}
    if template.counts:
        kwargs["n"] = draw(st.integers(1, 12))
    if not template.is_unary:
        kwargs["target"] = draw(NAMES)
        kwargs["target_where"] = where if template.is_of_case else draw(st.none() | sayable())
        if not template.is_of_case:
            kwargs["correlate"] = Correlation(
                same=draw(st.sampled_from([(), ("actor",), ("x", "q")])),
                different=draw(st.sampled_from([(), ("z",)])),
            )
    if template not in {Template.INIT, Template.END}:
        kwargs["within"] = draw(
            st.sampled_from([None, Duration(days=2), Duration(hours=36), Duration(seconds=90.5)])
        )
        if kwargs["within"] is not None:
            kwargs["after"] = draw(st.sampled_from([None, Duration(seconds=1), Duration(minutes=1.5)]))
    return Constraint(template, draw(NAMES), **kwargs)


def lengths(of: Constraint) -> Constraint:
    """With windows in seconds, so that equal ones look equal."""

    def plain(duration: Duration | None) -> Duration | None:
        return None if duration is None else Duration(seconds=duration.microseconds / 1_000_000)

    return attrs.evolve(of, within=plain(of.within), after=plain(of.after))


@given(st.lists(constraints(), min_size=1, max_size=4))
def test_what_can_be_said_in_a_model_is_read_back_as_it_was(
    tmp_path_factory, drawn: list[Constraint]
) -> None:
    path = tmp_path_factory.mktemp("decl") / "model.decl"
    rule = UsageRule("r", SITUATION, kind="request", expect=tuple(drawn))
    try:
        write_decl(Rulebook([rule]), path)
    except BookError as caught:
        refused = caught.faults
    else:
        refused = ()
    if refused:
        # Names that cannot be told apart in this company: refused with the expectation's place, never miswritten.
        assert all(
            "cannot tell apart" in fault.what and fault.key.startswith("r.expect[") for fault in refused
        )
        assert not path.exists()
        return
    found = sorted(read_decl(path), key=lambda rule: int(rule.id.rpartition("-")[2]))
    assert [repr(lengths(one.expect[0])) for one in found] == [repr(lengths(one)) for one in drawn]


def test_names_and_values_that_look_like_words_of_the_language_survive(tmp_path: Path) -> None:
    where = All(
        (
            Compare("team", Op.EQ, "order desk"),
            Compare("team", Op.IN, ("and so on", "Research and Development")),
        )
    )
    rule = UsageRule(
        "r", SITUATION, expect=(Constraint("response", "Or else", target="not yet", where=where),)
    )
    write_decl([rule], tmp_path / "m.decl")
    assert next(iter(read_decl(tmp_path / "m.decl"))).expect == rule.expect


def test_joints_that_join_nothing_are_left_out(tmp_path: Path) -> None:
    where = AnyOf((All((Compare("x", Op.EQ, "a"),)),))
    rule = UsageRule("r", SITUATION, expect=(Constraint("init", "a", where=where),))
    write_decl([rule], tmp_path / "m.decl")
    assert next(iter(read_decl(tmp_path / "m.decl"))).expect[0].where == Compare("x", Op.EQ, "a")


@given(st.data())
def test_any_rule_is_written_so_that_it_reads_back_or_is_refused(tmp_path_factory, data) -> None:
    drawn = data.draw(st.lists(rule_strategies.constraints(), min_size=1, max_size=2))
    rule = UsageRule("r", SITUATION, expect=tuple(drawn))
    path = tmp_path_factory.mktemp("decl") / "model.decl"
    try:
        write_decl([rule], path)
    except BookError:
        assert not path.exists()
        return
    assert len(read_decl(path)) == len(rule.expect)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"applies_to": AppliesTo(unit=("u",))}, "applies_to"),
        ({"cadence": Cadence("FREQ=DAILY", "updated")}, "cadences"),
        ({"zone": "Europe/Paris"}, "time zones"),
    ],
)
def test_what_would_change_the_meaning_of_a_rule_is_refused(tmp_path: Path, more: dict, words: str) -> None:
    expect = (Constraint("response", "a", target="b", within=Duration(days=2)),)
    with pytest.raises(BookError, match=words):
        write_decl([UsageRule("r", SITUATION, expect=expect, **more)], tmp_path / "m.decl")
    assert not (tmp_path / "m.decl").exists()


@pytest.mark.parametrize(
    ("expect", "words"),
    [
        (Constraint("existence", "a", where=Compare("x", Op.MATCHES, "a.*")), "no way to say matches"),
        (Constraint("existence", "a", where=Compare("x", Op.IS_NULL, True)), "no way to say is_null"),
        (Constraint("existence", "a", where=Compare("x", Op.LT, "m")), "orders numbers only"),
        (Constraint("existence", "a", where=Compare("case.x", Op.EQ, "m")), "events only"),
        (Constraint("existence", "a", where=AnyOf(())), "without parts"),
        (Constraint("existence", "a", where=Compare("x", Op.EQ, "a|b")), "cannot tell apart"),
        (Constraint("existence", "a", where=Compare("x", Op.EQ, " a")), "cannot tell apart"),
        (Constraint("existence", "a|b"), "cannot be a name"),
        (Constraint("choice", "a", target="b", where=Compare("x", Op.EQ, 1)), "one condition for both"),
        (Constraint("response", "a", target="b", after=Duration(days=1)), "say within"),
        (Constraint("response", "a", target="b", within=Duration(working_days=1)), "no working time"),
        (
            Constraint(
                "existence", "a", where=All((Compare("x", Op.EQ, 1), Compare("x", Op.EQ, "b")))
            ),
            "compared with number and text",
        ),
    ],
)  # fmt: skip
def test_what_a_model_has_no_way_to_say_is_refused(tmp_path: Path, expect: Constraint, words: str) -> None:
    with pytest.raises(BookError, match=words) as caught:
        write_decl([UsageRule("r", SITUATION, expect=(expect,))], tmp_path / "m.decl")
    assert caught.value.faults[0].where == str(tmp_path / "m.decl")


def test_a_book_is_written_as_far_as_it_is_in_force_and_of_one_kind(tmp_path: Path) -> None:
    path = tmp_path / "m.decl"
    active = UsageRule("a", SITUATION, kind="k", expect=(Constraint("init", "a"),))
    retired = UsageRule("r", SITUATION, kind="l", status=Status.RETIRED, expect=(Constraint("end", "a"),))
    write_decl(Rulebook([active, retired]), path)
    assert path.read_text() == "activity a\nInit[a] | |\n"
    with pytest.raises(BookError, match="one kind of case"):
        write_decl([active, retired], path)
    assert path.read_text() == "activity a\nInit[a] | |\n"
