from __future__ import annotations

import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.adoptability import (
    About,
    Better,
    Criterion,
    Indicator,
    Response,
    Verdict,
    items,
    score,
)
from crmusage.model import Measure, Text, Undefined

IDS = {one.id: one for one in items()}


def agreeing(points: float, unit: str | None = None, spread: float = 0.0, rng: random.Random | None = None):
    """A person whose answers are worth about `points` throughout."""
    drawn = rng or random.Random(0)
    answers = {}
    for id_, item in IDS.items():
        value = max(1, min(5, round(points + drawn.gauss(0, spread))))
        answers[id_] = 6 - value if item.reversed else value
    return Response(answers, unit)


def crowd(n: int, points: float, unit: str | None = None, seed: int = 1) -> list[Response]:
    rng = random.Random(seed)
    return [agreeing(points, unit, 0.8, rng) for _ in range(n)]


def test_every_criterion_has_three_to_five_statements_reversed_ones_and_the_project_in_them() -> None:
    for criterion in Criterion:
        some = [one for one in items() if one.criterion is criterion]
        assert 3 <= len(some) <= 5
        assert any(one.reversed for one in some)
        assert not all(one.reversed for one in some)
        assert any(one.about is About.PROJECT for one in some)
    assert any(one.about is About.PRODUCT for one in items())


def test_statements_have_ids_of_their_own_and_both_languages() -> None:
    assert len(IDS) == len(items())
    assert all(one.text.en and one.text.fr and one.text.en != one.text.fr for one in items())


def test_agreeing_with_a_reversed_statement_speaks_against_the_criterion() -> None:
    for item in items():
        assert [item.points(answer) for answer in (1, 2, 3, 4, 5)] == (
            [5, 4, 3, 2, 1] if item.reversed else [1, 2, 3, 4, 5]
        )
    glad = [Response({id_: 2 if item.reversed else 5 - n % 2 for id_, item in IDS.items()}) for n in range(6)]
    assert {one.verdict for one in score(glad).overall} == {Verdict.GOOD}


def test_the_interval_is_students_over_persons() -> None:
    people = crowd(12, 3.4)
    found = score(people).overall[0]
    some = [item for item in items() if item.criterion is found.criterion]
    means = [statistics.fmean(item.points(one.answers[item.id]) for item in some) for one in people]
    half = 2.201 * statistics.stdev(means) / 12**0.5  # t with 11 degrees of freedom
    assert found.value.value == pytest.approx(statistics.fmean(means))
    assert found.value.high - found.value.value == pytest.approx(half, rel=1e-3)
    assert found.value.denominator == 12


def test_students_interval_holds_the_true_mean_about_as_often_as_it_says() -> None:
    rng = random.Random(5)
    held = 0
    for _ in range(200):
        group = [
            Response({"fits-day": rng.choice([1, 2, 3, 4, 5]), "answers-needs": rng.choice([1, 2, 3, 4, 5])})
            for _ in range(10)
        ]
        value = score(group).overall[0].value
        held += value.low <= 3 <= value.high
    assert 0.92 <= held / 200 <= 0.98


def test_a_small_unit_is_kept_back_and_its_figures_cannot_be_worked_out() -> None:
    found = score([*crowd(9, 3, "North"), *crowd(7, 3, "South"), *crowd(3, 1, "Two"), *crowd(6, 4, "West")])
    # The three alone could be had from the total: the next smallest unit goes with them.
    assert [unit for unit, _ in found.units] == ["North", "South"]
    assert found.kept_back == 2
    assert found.overall[0].value.denominator == 25


def test_small_units_that_cover_each_other_keep_no_other_back() -> None:
    found = score([*crowd(9, 3, "North"), *crowd(3, 1, "A"), *crowd(4, 1, "B")])
    assert [unit for unit, _ in found.units] == ["North"]


def test_who_gives_no_unit_is_kept_back_with_the_rest() -> None:
    found = score([*crowd(9, 3, "North"), *crowd(6, 3, "South"), *crowd(2, 1)])
    assert [unit for unit, _ in found.units] == ["North"]


def test_min_group_of_one_lifts_it() -> None:
    found = score([*crowd(9, 3, "North"), *crowd(2, 2, "Two")], min_group=1)
    assert [unit for unit, _ in found.units] == ["North", "Two"]
    assert found.kept_back == 0


@given(st.dictionaries(st.sampled_from("abcdef") | st.none(), st.integers(1, 9), min_size=1))
def test_what_is_kept_back_is_nobody_or_enough_people(sizes: dict[str | None, int]) -> None:
    people = [Response({"fits-day": 1 + i % 5}, unit) for unit, n in sizes.items() for i in range(n)]
    found = score(people)
    shown = {unit for unit, _ in found.units}
    hidden = sum(n for unit, n in sizes.items() if unit not in shown)
    assert hidden == 0 or hidden >= 5 or not shown
    assert all(sizes[unit] >= 5 for unit in shown)


def test_fewer_than_the_minimum_in_all_give_no_figure() -> None:
    for one in score(crowd(4, 3)).overall:
        assert isinstance(one.value, Undefined)
        assert isinstance(one.alpha, Undefined)
        assert one.verdict is Verdict.OPEN


def test_answers_all_alike_give_no_interval_and_say_so() -> None:
    found = score([agreeing(4) for _ in range(8)]).overall[0]
    assert isinstance(found.value, Undefined)
    assert "all answered the same" in found.value.reason.en
    assert isinstance(found.alpha, Undefined)


def test_one_answer_has_no_interval_and_no_figure() -> None:
    found = score(crowd(1, 3), min_group=1).overall[0].value
    assert isinstance(found, Undefined)
    assert "one answer has no spread" in found.reason.en


def test_who_leaves_out_most_of_a_criterion_is_counted_aside_not_scored() -> None:
    person = {"fits-day": 1} | {id_: 3 for id_, item in IDS.items() if item.criterion != "compatibility"}
    found = score([*crowd(8, 4), Response(person)])
    assert found.overall[0].value.denominator == 8
    assert found.overall[1].value.denominator == 9
    assert [(one.reason, one.count) for one in found.set_aside] == [
        ("survey: fewer than half of the statements on compatibility answered", 1)
    ]


def test_a_row_without_any_answer_is_no_person() -> None:
    found = score([*crowd(8, 4, "North"), Response({}, "North")])
    assert found.people == 8
    assert [(one.reason, one.count) for one in found.set_aside] == [("survey: no statement answered", 1)]


def test_a_criterion_that_was_not_asked_has_no_figure() -> None:
    people = [Response({"fits-day": n, "answers-needs": 6 - n}) for n in (1, 2, 3, 4, 5)]
    people[0] = Response({"fits-day": 2, "answers-needs": 1})
    by = {one.criterion: one for one in score(people).overall}
    assert by[Criterion.AVAILABILITY].value == Undefined(
        "availability", Text("no statement was asked", "aucune affirmation proposée")
    )
    assert isinstance(by[Criterion.COMPATIBILITY].value, Measure)


def test_product_and_project_are_told_apart() -> None:
    def person(n: int) -> Response:
        worth = {About.PRODUCT: 4 + n % 2, About.PROJECT: 1 + n % 2}
        return Response(
            {id_: 6 - worth[item.about] if item.reversed else worth[item.about] for id_, item in IDS.items()}
        )

    aspects = dict(score([person(n) for n in range(8)]).overall[0].aspects)
    assert aspects[About.PRODUCT].value == pytest.approx(4.5)
    assert aspects[About.PROJECT].value == pytest.approx(1.5)


@pytest.mark.parametrize(("points", "verdict"), [(4.5, Verdict.GOOD), (1.5, Verdict.POOR)])
def test_a_reading_takes_the_whole_interval(points: float, verdict: Verdict) -> None:
    people = crowd(20, points)
    assert {one.verdict for one in score(people).overall} == {verdict}
    opposite = [Response({id_: 6 - answer for id_, answer in one.answers.items()}) for one in people]
    assert {one.verdict for one in score([*people, *opposite]).overall} == {Verdict.OPEN}


def test_the_weakest_criterion_is_named() -> None:
    people = crowd(10, 4)
    weak = [
        Response(
            {
                **one.answers,
                **{
                    id_: 5 if IDS[id_].reversed else 1 + i % 2
                    for id_ in ("time-saved", "others-gain", "pays-off")
                },
            }
        )
        for i, one in enumerate(people)
    ]
    assert score(weak).weakest.criterion is Criterion.ADVANTAGE


def indicator(
    low: float, high: float, better: Better = Better.HIGH, criterion=Criterion.AVAILABILITY
) -> Indicator:
    measure = Measure("uptime", (low + high) / 2, low=low, high=high)
    return Indicator(criterion, measure, better, 0.95, Text("uptime", "disponibilité mesurée"))


def test_where_answers_and_a_figure_say_opposite_things_it_is_said() -> None:
    found = score(crowd(20, 4.5), indicators=[indicator(0.80, 0.90)])
    ((one, text),) = found.disagreements
    assert one.verdict is Verdict.POOR
    assert "people answer well of it, and the figure speaks against it: uptime" in text.en
    assert "disponibilité mesurée" in text.fr
    assert score(crowd(20, 4.5)).overall == found.overall, "a figure changes no answer"


@pytest.mark.parametrize("points", [4.5, 3, 1.5])
@pytest.mark.parametrize("ends", [(0.93, 0.97), (0.96, 0.99)])
def test_what_is_not_opposite_is_no_disagreement(points: float, ends: tuple[float, float]) -> None:
    disagree = score(crowd(20, points), indicators=[indicator(*ends)]).disagreements
    assert bool(disagree) == (points == 1.5 and ends[0] > 0.95)


def test_low_can_be_good() -> None:
    assert indicator(0.1, 0.2, Better.LOW).verdict is Verdict.GOOD
    assert indicator(0.96, 0.97, Better.LOW).verdict is Verdict.POOR
    assert (
        Indicator(Criterion.ADVANTAGE, Undefined("x", "no sessions"), Better.HIGH, 1, Text("", "")).verdict
        is Verdict.OPEN
    )
