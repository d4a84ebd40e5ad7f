from __future__ import annotations

import datetime as dt

import pytest

from crmusage.errors import RuleError
from crmusage.requests import REQUEST_DISCIPLINE, Request, XrmArea, rule_pack, xrm_checklist
from crmusage.rules import WorkCalendar, lint, starter
from crmusage.rules._monitor import Monitor

from .life import DAY, HOUR, MONDAY

MINUTE = dt.timedelta(minutes=1)


def broken(request: Request, until: dt.datetime = MONDAY + 30 * DAY) -> set[str]:
    people = {name: {"time_zone": "UTC"} for name in ("ann", "bob")}
    monitor = Monitor(rule_pack(), calendar=WorkCalendar(), people=people, kind="request", closing=["closed"])
    said = [verdict for event in request.events for verdict in monitor.observe(event)]
    said += monitor.advance(until)
    return {verdict.rule for verdict in said if verdict.verdict.name == "VIOLATED"}


def delivered(**more: object) -> Request:
    request = Request("R-1").submit(
        MONDAY, by="ann", to="bob", **{"text": "40 chairs", "priority_rank": 2, **more}
    )
    return request.deliver(MONDAY + MINUTE)


def accepted() -> Request:
    return delivered().accept(MONDAY + 2 * MINUTE, by="bob")


def test_a_disciplined_request_breaks_no_rule_of_the_pack():
    now = MONDAY + HOUR
    request = accepted().defer(now, now + DAY, by="bob").decide_now(now + DAY, by="bob")
    request = request.start(now + DAY + MINUTE, by="bob").wait(
        now + DAY + 2 * MINUTE, now + 2 * DAY, by="bob"
    )
    request = request.resume(now + 2 * DAY, by="bob").document(
        now + 2 * DAY + MINUTE, "Sent from the depot.", by="bob"
    )
    request = request.fulfil(now + 2 * DAY + 2 * MINUTE, by="bob").return_(
        now + 2 * DAY + 3 * MINUTE, by="bob"
    )
    assert broken(request.close(now + 2 * DAY + HOUR, by="ann")) == set()


def folded(*rows: tuple[str, dict[str, object]]) -> Request:
    head = [
        ("submitted", {"actor": "ann", "doer": "bob", "priority_rank": 2}),
        ("delivered", {}),
        ("accepted", {}),
    ]
    events = [
        {"case_id": "R-1", "activity": activity, "at": MONDAY + k * MINUTE, "actor": "bob", **more}
        for k, (activity, more) in enumerate([*head, *rows])
    ]
    return Request.fold(events)


@pytest.mark.parametrize(
    ("request_", "rule"),
    [
        (folded(("deferred", {})), "put-off-with-a-date"),
        (folded(("decided", {}), ("started", {}), ("waiting", {})), "put-off-with-a-date"),
        (folded(("refused", {})), "refusal-says-why"),
        (folded(("refused", {"reason": "skill"})), "refusal-says-why"),
        (folded(("decided", {"decision": "declined"})), "no-is-said-with-a-reason"),
        (folded(("decided", {"decision": "declined", "text": "Too dear."})), "no-is-said-with-a-reason"),
        (
            folded(("decided", {}), ("waiting", {"until": MONDAY + DAY}), ("closed", {})),
            "waiting-is-taken-up",
        ),
        (delivered(priority_rank=None), "priority-is-said-once"),
        (accepted(), "accepted-is-decided"),
    ],
)
def test_each_rule_of_the_pack_sees_its_lapse(request_, rule):
    assert rule in broken(request_)


def test_the_pack_is_the_starter_rules_and_its_own_once_each_without_contradiction():
    pack = rule_pack(REQUEST_DISCIPLINE)
    own = {rule.id for rule in pack} - {rule.id for rule in starter("request")}
    assert own == {
        "put-off-with-a-date",
        "waiting-is-taken-up",
        "refusal-says-why",
        "no-is-said-with-a-reason",
    }
    assert len(pack) == len({rule.situation.en for rule in pack})
    assert all(rule.kind == "request" and rule.guidance is not None for rule in pack)
    assert [finding for finding in lint(pack) if finding.code.startswith(("RL1", "RL2", "RL3"))] == []


def test_there_is_no_other_pack():
    with pytest.raises(RuleError, match="there is request-discipline"):
        rule_pack("sales-discipline")


def test_the_checklist_speaks_of_its_three_areas_in_both_languages():
    items = xrm_checklist()
    assert len({item.id for item in items}) == len(items) >= 9
    assert {item.area for item in items} == set(XrmArea)
    for item in items:
        for text in (item.question, item.look_for):
            assert text.en
            assert text.fr
            assert text.en != text.fr
        assert item.question.en.endswith("?")
    assert xrm_checklist("access") == tuple(item for item in items if item.area is XrmArea.ACCESS)
    with pytest.raises(ValueError, match="price"):
        xrm_checklist("price")
