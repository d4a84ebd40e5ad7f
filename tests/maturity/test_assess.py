from __future__ import annotations

import datetime as dt
import json

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.errors import CrmUsageError
from crmusage.maturity import (
    Answer,
    Dimension,
    GateState,
    Observation,
    Reply,
    RiskKind,
    Sheet,
    Stage,
    assess,
    catalogue,
)
from crmusage.model import Measure, Text

from .sheets import ids_at, level, sheet, sheets, up_to


def assessed(answers, *more, **options):
    return assess([sheet(answers), *more], **options)


@pytest.mark.parametrize("stage", [0, 1, 2, 3, 4])
def test_a_stage_is_reached_when_all_its_practices_and_those_before_are_in_place(stage: int) -> None:
    found = assessed(level(stage))
    assert found.reached == (Stage(stage) if stage else None)
    assert found.certain
    assert not found.inconsistencies
    assert not found.risks


@pytest.mark.parametrize("practice", [one.id for one in catalogue().practices])
@pytest.mark.parametrize("answer", ["partly", "no"])
def test_one_practice_short_is_enough_to_miss_a_stage_and_nothing_is_averaged(practice, answer) -> None:
    short = next(one for one in catalogue().practices if one.id == practice)
    found = assessed(level(4) | {practice: answer})
    here = next(one for one in found.levels if one.dimension is short.dimension)
    assert (here.reached or 0) == short.stage - 1
    assert (found.reached or 0) == short.stage - 1


@given(st.tuples(*[st.integers(0, 4)] * 3))
def test_the_lowest_dimension_counts(stages) -> None:
    users, processes, technology = stages
    found = assessed(up_to(users=users, processes=processes, technology=technology))
    assert (found.reached or 0) == min(stages)
    assert [one.reached or 0 for one in found.levels] == list(stages)


@pytest.mark.parametrize("practice", [one.id for one in catalogue().practices])
def test_unknown_is_not_no(practice: str) -> None:
    asked = next(one for one in catalogue().practices if one.id == practice)
    found = assessed(level(4) | {practice: "unknown"})
    here = next(one for one in found.levels if one.dimension is asked.dimension)
    assert here.gates[asked.stage - 1].state is GateState.NOT_ASSESSABLE
    assert not here.certain
    assert here.at_most is Stage.ADULTHOOD
    assert not found.certain
    assert not found.inconsistencies, "what may well be level is not called behind"


def test_what_is_missing_for_certain_hides_no_unknown_and_is_no_doubt() -> None:
    one, other, *_ = ids_at(Stage.CHILDHOOD, Dimension.USERS)
    found = assessed(level(1) | {one: "no", other: "unknown"})
    assert found.levels[0].gates[0].state is GateState.MISSING
    assert found.certain
    assert found.reached is None


def test_a_programme_is_certain_when_a_dimension_that_is_known_holds_it_down() -> None:
    answers = up_to(users=1, processes=2, technology=2)
    answers[ids_at(Stage.ADOLESCENCE, Dimension.TECHNOLOGY)[0]] = "unknown"
    assert assessed(answers).certain


def test_of_several_assessors_the_lowest_answer_counts_and_the_difference_is_shown() -> None:
    found = assessed(level(2), sheet(level(2) | {"data-checked": "partly"}, "area manager"))
    one = next(one for one in found.standings if one.practice.id == "data-checked")
    assert one.answer is Answer.PARTLY
    assert one.disputed
    assert found.levels[1].reached is None


def test_who_does_not_know_leaves_it_to_those_who_do() -> None:
    found = assessed(level(4), sheet({}, "newcomer"))
    assert found.reached is Stage.ADULTHOOD
    assert found.certain


def test_of_a_training_wheel_one_who_still_sees_it_is_enough() -> None:
    wheel = catalogue().wheels[0]
    found = assessed(level(4), sheet(level(4) | {wheel.id: "yes"}, "area manager"))
    assert [(risk.kind, risk.practices) for risk in found.risks] == [(RiskKind.SMOTHERING, (wheel,))]


def test_rebellious_users_on_an_infant_system_are_told() -> None:
    answers = up_to(users=3, processes=2, technology=1)
    found = assessed(answers).inconsistencies
    told = {(one.ahead, one.behind): one for one in found}
    rebels = told[Dimension.USERS, Dimension.TECHNOLOGY]
    assert rebels.stage is Stage.ADOLESCENCE
    assert rebels.behind_stage is Stage.CHILDHOOD
    assert rebels.risk is RiskKind.SMOTHERING
    assert "Rebellious users" in rebels.text.en
    assert "rebelles" in rebels.text.fr
    assert set(told) == {
        (Dimension.USERS, Dimension.TECHNOLOGY),
        (Dimension.USERS, Dimension.PROCESSES),
        (Dimension.PROCESSES, Dimension.TECHNOLOGY),
    }


def test_users_short_of_adolescence_are_no_rebels() -> None:
    (found,) = assessed(
        up_to(users=2, processes=2, technology=1) | {"daily-work-covered": "yes"}
    ).inconsistencies[:1]
    assert found.behind is Dimension.TECHNOLOGY
    assert "Rebellious" not in found.text.en
    assert "further than the tool" in found.text.en


def test_signs_of_rebellion_are_told_before_its_whole_stage_is_reached() -> None:
    (rebels,) = (
        one
        for one in assessed(
            up_to(users=1, processes=1, technology=1) | {"users-question": "yes"}
        ).inconsistencies
        if one.behind is Dimension.TECHNOLOGY
    )
    assert [one.id for one in rebels.signs] == ["users-question"]
    assert rebels.stage is Stage.ADOLESCENCE


def test_a_tool_ahead_of_its_users_is_rushing() -> None:
    found = assessed(up_to(users=1, processes=1, technology=3)).inconsistencies
    assert {(one.ahead, one.risk) for one in found} == {(Dimension.TECHNOLOGY, RiskKind.RUSHING)}


def test_what_stands_above_a_gap_is_rushing_and_the_next_stage_begun_is_not() -> None:
    begun = assessed(level(1) | {"questions-answered": "yes"})
    assert not begun.risks
    skipped = assessed(level(1) | {"tool-extended": "yes"})
    assert [(risk.kind, risk.dimension) for risk in skipped.risks] == [
        (RiskKind.RUSHING, Dimension.TECHNOLOGY)
    ]


@pytest.mark.parametrize("wheel", catalogue().wheels, ids=lambda one: one.id)
def test_a_training_wheel_smothers_from_its_stage_on_and_not_before(wheel) -> None:
    before = assessed(level(wheel.stage - 1) | {wheel.id: "yes"})
    assert not before.risks
    at = assessed(level(wheel.stage) | {wheel.id: "yes"})
    assert [(risk.kind, risk.practices) for risk in at.risks] == [(RiskKind.SMOTHERING, (wheel,))]


def test_a_dimension_that_is_ahead_waits_and_those_behind_may_begin() -> None:
    ready = {one.dimension: one for one in assessed(up_to(users=2, processes=1, technology=1)).readiness}
    assert not ready[Dimension.USERS].ready
    assert "processes and technology" in ready[Dimension.USERS].reason.en
    assert ready[Dimension.PROCESSES].ready
    assert ready[Dimension.PROCESSES].next_stage is Stage.PREADOLESCENCE


def test_a_dimension_is_not_ready_for_what_cannot_be_assessed() -> None:
    answers = level(1) | {"users-stretched": "unknown", "leaders-lead": "yes"}
    users = assessed(answers).readiness[0]
    assert not users.ready
    assert "harder tasks" in users.reason.en


def test_the_grown_up_have_no_next_stage() -> None:
    assert all(one.next_stage is None and not one.ready for one in assessed(level(4)).readiness)


@given(
    sheets(),
    st.lists(st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1)), min_size=5),
    st.integers(-3650, 36500),
)
def test_shifting_all_dates_changes_nothing(given_, days, by: int) -> None:
    def at(shift: int):
        def day(i: int) -> dt.date:
            return days[i % len(days)] + dt.timedelta(shift)

        found = assess(
            Sheet(
                one.role,
                {
                    id_: attrs.evolve(reply, since=day(i))
                    for i, (id_, reply) in enumerate(one.replies.items())
                },
                day(0),
            )
            for one in given_
        )
        told = json.loads(found.to_json())
        dates = told.pop("dates")
        for one in told["practices"] + told["training_wheels"]:
            dates += [reply.pop("since") for reply in one["given"]]
        return told, found.to_text("en"), found.to_text("fr"), dates

    shifted, before = at(by), at(0)
    assert shifted[:3] == before[:3]
    assert by == 0 or all(one != other for one, other in zip(shifted[3], before[3], strict=True))


@given(sheets())
def test_the_order_of_assessors_changes_no_level_and_no_step(given_) -> None:
    one, other = assess(given_), assess(given_[::-1])
    assert [level.reached for level in one.levels] == [level.reached for level in other.levels]
    assert [step.practice.id for step in one.plan] == [step.practice.id for step in other.plan]


@given(sheets(1), st.sampled_from([one.id for one in catalogue().practices]))
def test_more_in_place_never_lowers_a_level(given_, practice: str) -> None:
    (one,) = given_
    better = attrs.evolve(one, replies={**one.replies, practice: Reply(Answer.YES)})
    before, after = assess([one]), assess([better])
    assert all((b.reached or 0) <= (a.reached or 0) for b, a in zip(before.levels, after.levels, strict=True))


def test_evidence_stands_beside_the_answers_and_changes_none() -> None:
    seen = Observation(
        "data-checked",
        holds=False,
        measure=Measure("checks", 0, unit="count"),
        text=Text("no check in the last year.", "aucun contrôle depuis un an."),
    )
    plain, shown = assessed(level(2)), assessed(level(2), observations=[seen])
    assert shown.levels == plain.levels
    assert shown.plan == plain.plan
    ((about, text),) = shown.contradictions
    assert about is seen
    assert text.en == "The answer is yes; the history says otherwise: no check in the last year."
    assert "no check in the last year" in shown.to_text()


@pytest.mark.parametrize(
    ("holds", "answer"),
    [(True, "yes"), (False, "no"), (None, "yes"), (False, "unknown"), (True, "partly"), (False, "partly")],
)
def test_evidence_that_agrees_or_cannot_tell_contradicts_nothing(holds, answer: str) -> None:
    seen = Observation("data-checked", holds, Measure("checks", 0, unit="count"), Text("x", "x"))
    assert not assessed(level(2) | {"data-checked": answer}, observations=[seen]).contradictions


def test_what_is_in_place_by_word_alone_is_listed() -> None:
    noted = {"users-trained": Reply(Answer.YES, "list of attendance")}
    found = assess([Sheet("a", {**sheet(level(4)).replies, **noted})])
    assert "users-trained" not in {one.practice.id for one in found.unbacked}
    assert len(found.unbacked) == len(catalogue().practices) - 1


def test_no_sheet_and_answers_to_other_questions_are_refused() -> None:
    with pytest.raises(CrmUsageError, match="at least one sheet"):
        assess([])
    with pytest.raises(CrmUsageError, match="answers what is not asked: nonsense"):
        assess([sheet({"nonsense": "yes"})])
    with pytest.raises(CrmUsageError, match="no practice that is asked about"):
        assess([sheet({})], observations=[Observation("x", None, Measure("m", 0), Text("", ""))])
