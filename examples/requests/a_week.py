"""A week at a pricing desk: who owes what, what went wrong, which request is next.

python examples/requests/a_week.py [en|fr]
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crmusage.model import Wording
from crmusage.requests import (
    Clock,
    CommandRefusedError,
    Doer,
    Queued,
    Request,
    check_routing,
    compare_orders,
    load_kinds,
    next_request,
    obligations,
    review,
)

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PARIS = Clock(zone="Europe/Paris")


def main(lang: str = "en") -> None:
    """Print the week."""
    kinds = {kind.id: kind for kind in load_kinds(Path(__file__).parent / "standard")}
    discount = kinds["discount"]
    eve = Doer("eve", "Pricing", ("pricing",), ("margins",), {"region": ("North",)})

    # A clear one: asked, taken on, put off to a date, done, written down, told, closed.
    clear = Request("R-1").submit(
        MONDAY,
        by="ann",
        to="eve",
        kind="discount",
        text="Customer C-1042 asks for 12 % off the renewal of the yearly contract, against a second year.",
        facts={"answer_by": "2026-03-12", "region": "North"},
        priority_rank=2,
        due_at=MONDAY + 10 * DAY,
    )
    print(check_routing(clear, discount, eve).text.into(lang))
    clear = clear.deliver(MONDAY).accept(MONDAY + HOUR, by="eve")
    try:
        clear.fulfil(MONDAY + HOUR)
    except CommandRefusedError as error:
        print(error)
    clear = clear.defer(MONDAY + 2 * HOUR, MONDAY + 3 * DAY, by="eve", clock=PARIS)
    for obligation in obligations(clear, MONDAY + DAY, clock=PARIS):
        print(obligation.text.into(lang))
    clear = clear.start(MONDAY + 3 * DAY).document(
        MONDAY + 3 * DAY + HOUR,
        "Granted 8 % for two years, agreed with the head of sales by mail of 5 March.",
    )
    clear = clear.fulfil(MONDAY + 3 * DAY + HOUR).return_(MONDAY + 3 * DAY + HOUR)
    clear = clear.close(MONDAY + 3 * DAY + 2 * HOUR, by="ann")
    words, lapses = Wording(lang), len(review(clear, kind=discount, clock=PARIS))
    counted = words.pick(f"{lapses} lapses", f"manquements : {lapses}")
    print(f"{clear.id}{words.pick(':', ' :')} {clear.state.text.into(lang)}, {counted}")

    # One that everybody knows: urgent, unclear, asked back, then left lying.
    vague = Request("R-2").submit(
        MONDAY + DAY,
        by="tom",
        to="eve",
        kind="discount",
        text="Urgent, see attached, thanks",
        priority_rank=1,
    )
    vague = vague.deliver(MONDAY + DAY).ask_clarification(
        MONDAY + DAY + HOUR, "Which customer, and how much?", by="eve"
    )
    vague = vague.clarify(MONDAY + DAY + 3 * HOUR, "C-2001, 15 %", by="tom", facts={"signature_today": False})
    vague = vague.accept(MONDAY + DAY + 4 * HOUR, by="eve")
    for lapse in review(vague, kind=discount, at=MONDAY + 4 * DAY, clock=PARIS):
        print(f"{lapse.side.text.into(lang)}{words.pick(':', ' :')} {lapse.text.into(lang)}")

    # More than there is time for: which is next, and what it would cost to take everything as it comes.
    queue = [
        Queued("R-2", MONDAY + 4 * DAY, 2 * HOUR, 2, MONDAY + 4 * DAY + 6 * HOUR),
        Queued("R-3", MONDAY + 4 * DAY, 5 * HOUR, 2, MONDAY + 4 * DAY + 7 * HOUR, promised=True),
        Queued("R-4", MONDAY + 4 * DAY + HOUR, HOUR, 3),
    ]
    choice = next_request(queue, MONDAY + 4 * DAY, clock=PARIS)
    if choice is not None:
        print(choice.text.into(lang))
    print(compare_orders(queue, clock=PARIS).text.into(lang))


if __name__ == "__main__":
    main(*sys.argv[1:2])
