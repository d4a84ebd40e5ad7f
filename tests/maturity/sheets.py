"""Sheets of answers for tests."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from crmusage.maturity import Answer, Dimension, Reply, Sheet, Stage, catalogue

IDS = tuple(one.id for one in catalogue().items)


def up_to(**stages: int) -> dict[str, str]:
    """Answers with each dimension exactly at a stage (0 to 4), and every training wheel off."""
    answers = {
        one.id: "yes" if one.stage <= stages.get(one.dimension.value, 0) else "no"
        for one in catalogue().practices
    }
    return answers | {one.id: "no" for one in catalogue().wheels}


def level(stage: int) -> dict[str, str]:
    return up_to(users=stage, processes=stage, technology=stage)


def sheet(answers: Mapping[str, str], role: str = "sales director") -> Sheet:
    return Sheet(role, {id_: Reply(Answer(answer)) for id_, answer in answers.items()})


def ids_at(stage: Stage, dimension: Dimension) -> list[str]:
    return [one.id for one in catalogue().at(stage, dimension)]


def sheets(most: int = 2) -> st.SearchStrategy[list[Sheet]]:
    # Mostly yes: random answers would hardly ever leave the first stage.
    answers = st.sampled_from([*(Answer.YES,) * 6, Answer.PARTLY, Answer.NO, Answer.UNKNOWN])
    one = st.lists(answers, min_size=len(IDS), max_size=len(IDS))
    return st.lists(one, min_size=1, max_size=most).map(
        lambda given: [
            Sheet(f"role {i}", {id_: Reply(answer) for id_, answer in zip(IDS, each, strict=True)})
            for i, each in enumerate(given)
        ]
    )
