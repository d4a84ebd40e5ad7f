from __future__ import annotations

from pathlib import Path

from crmusage.requests import CLEAR_FROM, PACE, AccessVerdict, CodeForm, Duty, Side, State
from crmusage.requests._lapse import _SIDE_OF
from crmusage.requests._state import MAY, OWED

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "requests.md").read_text("utf-8")


def table(header: str) -> list[list[str]]:
    rows = PAGE[PAGE.index(header) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_page_tells_every_state_with_its_duty_and_its_commands():
    rows = table("| state | who owes what |")
    assert sorted(row[0] for row in rows) == sorted(State)
    for name, owes, may in rows:
        state = State(name)
        duty = OWED.get(state)
        assert owes == ("nobody" if duty is None else f"{duty.side}: {duty}")
        assert may.split(", ") == [command.value for command in MAY[state]]


def test_the_page_tells_every_lapse_of_every_side():
    told = {
        code: Side(side) for side, codes, _ in table("| side | code | when |") for code in codes.split(", ")
    }
    assert told == _SIDE_OF


def test_the_page_tells_how_long_each_duty_may_take():
    told = {name for names, _ in table("| duty | usual |") for name in names.split(", ")}
    assert told == {duty.value for duty in Duty} == {duty.value for duty in PACE} | {"fulfil"}


def test_the_page_names_every_verdict_and_form_and_the_threshold():
    assert {row[0] for row in table("| verdict | means |")} == {verdict.value for verdict in AccessVerdict}
    assert all(f"`{form}`" in PAGE for form in CodeForm)
    assert PAGE.count(f"below {CLEAR_FROM}") == 2
