from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crmusage.maturity import Answer, Dimension, Reply, Sheet, Stage, Verb, assess, catalogue
from crmusage.maturity._levels import levels
from crmusage.maturity._sheet import standing

from .sheets import ids_at, level, sheet, sheets, up_to

WORK = {Verb.BEGIN, Verb.FINISH}


def reached(replies) -> list[int]:
    found = levels(standing(one, (Sheet("all", replies),)) for one in catalogue().practices)
    return [int(one.reached or 0) for one in found]


def agreed(given_) -> dict[str, Reply]:
    """What counts of several sheets, as one."""
    found = assess(given_)
    return {one.practice.id: Reply(one.answer) for one in (*found.standings, *found.wheels)}


@given(sheets())
def test_every_dimension_is_brought_level_before_any_is_raised(given_) -> None:
    replies = agreed(given_)
    plan = assess(given_).plan
    # What is found out and settled turns out well; then the work is done step by step, as planned.
    replies |= {
        step.practice.id: Reply(Answer.YES) for step in plan if step.verb in {Verb.FIND_OUT, Verb.SETTLE}
    }
    for step in plan:
        if step.verb not in WORK:
            continue
        assert min(reached(replies)) >= step.practice.stage - 1, step.practice.id
        replies[step.practice.id] = Reply(Answer.YES)


@given(sheets())
def test_following_the_plan_brings_all_dimensions_to_one_level_or_to_the_next_question(given_) -> None:
    before = assess(given_)
    replies = agreed(given_) | {
        step.practice.id: Reply(Answer.NO if step.practice.wheel else Answer.YES) for step in before.plan
    }
    if any(step.verb is Verb.FIND_OUT for step in before.plan):
        assert min(map(int, reached(replies))) >= min(int(one.reached or 0) for one in before.levels)
        return
    goal = min(max(int(one.reached or 0) for one in before.levels) + 1, 4)
    assert min(reached(replies)) >= goal


@given(sheets())
def test_a_step_comes_after_everything_that_it_needs(given_) -> None:
    before: set[str] = set()
    for step in assess(given_).plan:
        assert {one.id for one in step.needs} <= before
        before.add(step.practice.id)


@given(sheets())
def test_each_practice_has_one_step_at_most_and_a_reason_and_something_that_shows_it(given_) -> None:
    plan = assess(given_).plan
    ids = [step.practice.id for step in plan]
    assert len(set(ids)) == len(ids)
    for step in plan:
        assert step.reason.en
        assert step.reason.fr
        assert step.practice.shown_by.en


@given(sheets())
def test_nothing_is_planned_beyond_the_stage_after_the_highest(given_) -> None:
    found = assess(given_)
    horizon = max(int(one.reached or 0) for one in found.levels) + 1
    assert all(step.practice.stage <= horizon for step in found.plan)


@given(st.integers(0, 3), st.data())
def test_what_is_unknown_is_found_out_first_and_later_stages_are_not_planned(stage: int, data) -> None:
    here = [one.id for one in catalogue().practices if one.stage == stage + 1]
    asked = data.draw(st.sampled_from(here))
    plan = assess([sheet(level(stage) | {asked: "unknown"})]).plan
    assert plan[0].verb is Verb.FIND_OUT
    assert plan[0].practice.id == asked
    assert {step.practice.stage for step in plan} == {Stage(stage + 1)}


def test_what_is_unknown_below_others_stops_the_plan_there() -> None:
    answers = up_to(users=2, processes=2, technology=0) | {
        "system-stable": "unknown",
        "daily-work-covered": "no",
    }
    plan = assess([sheet(answers)]).plan
    assert [(step.verb, step.practice.id) for step in plan] == [
        (Verb.FIND_OUT, "system-stable"),
        (Verb.BEGIN, "daily-work-covered"),
    ]


def test_a_dispute_is_settled_before_the_work() -> None:
    one, other = level(1), level(1) | {"users-trained": "no", "system-stable": "partly"}
    plan = assess([sheet(one), sheet(other, "area manager")]).plan
    assert [step.verb for step in plan[:2]] == [Verb.SETTLE, Verb.SETTLE]
    assert {step.practice.id for step in plan[:2]} == {"users-trained", "system-stable"}
    assert "1 of 2 say yes" in plan[0].reason.en


def test_what_is_begun_is_finished_and_the_rest_begun() -> None:
    answers = level(0) | {"users-trained": "partly"}
    verbs = {step.practice.id: step.verb for step in assess([sheet(answers)]).plan}
    assert verbs.pop("users-trained") is Verb.FINISH
    assert set(verbs.values()) == {Verb.BEGIN}


def test_the_reason_of_a_step_names_who_is_there_already() -> None:
    plan = assess([sheet(up_to(users=2, processes=1, technology=1))]).plan
    first = plan[0]
    assert first.practice.stage is Stage.PREADOLESCENCE
    assert "for users it is" in first.reason.en
    last = plan[-1]
    assert "next stage for all dimensions" in last.reason.en


def test_training_wheels_come_off_at_their_stage() -> None:
    answers = level(3) | {one.id: "yes" for one in catalogue().wheels}
    plan = assess([sheet(answers)]).plan
    taken = [step.practice for step in plan if step.verb is Verb.TAKE_OFF]
    assert taken == list(catalogue().wheels)
    assert not [
        step
        for step in assess([sheet(level(1) | {one.id: "yes" for one in catalogue().wheels})]).plan
        if step.verb is Verb.TAKE_OFF
    ]


def test_a_training_wheel_nobody_knows_of_is_looked_at() -> None:
    wheel = catalogue().wheels[0]
    plan = assess([sheet(level(4) | {wheel.id: "unknown"})]).plan
    assert [(step.verb, step.practice) for step in plan] == [(Verb.FIND_OUT, wheel)]


def test_a_grown_up_programme_with_nothing_unknown_has_an_empty_plan() -> None:
    assert assess([sheet(level(4))]).plan == ()
    assert "continues" in assess([sheet(level(4))]).to_text("fr")


def test_prerequisites_within_a_stage_order_the_steps() -> None:
    plan = [step.practice.id for step in assess([sheet(level(2))]).plan]
    assert plan.index("users-see-value") < plan.index("users-question")
    assert ids_at(Stage.ADOLESCENCE, Dimension.TECHNOLOGY)[0] in plan
