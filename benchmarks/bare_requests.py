"""How long a bare server needs for a request: import `requests` and `rules`, and run one through from asking to closing.

    python benchmarks/bare_requests.py --runs 30

Each run is a new interpreter, its start included. Then: how many requests a second go through once everything is loaded.
"""

# Not called requests.py: in this folder it would be imported instead of the library of that name.

from __future__ import annotations

import argparse
import inspect
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

HEAVY = ("polars", "numpy", "scipy", "pandas", "pyarrow", "jinja2", "click", "phonenumbers")


def life(number: int) -> Any:
    """A request with a question, a deferral and a wait."""
    from datetime import UTC, datetime, timedelta

    from crmusage.requests import Request

    now, hour = datetime(2026, 3, 2, 9, tzinfo=UTC), timedelta(hours=1)
    request = Request(f"R-{number}").submit(
        now, by="ann", to="bob", text="A quote for 40 chairs", priority_rank=2
    )
    request = request.deliver(now).ask_clarification(now, "Which model?").clarify(now, "The blue one.")
    request = request.accept(now).defer(now, now + hour).start(now + hour).wait(now + hour, now + 2 * hour)
    request = request.resume(now + 2 * hour).document(now + 3 * hour, "Quote 118 sent by mail.")
    return request.fulfil(now + 3 * hour).return_(now + 3 * hour).close(now + 4 * hour)


RULES = "import crmusage.rules\n"
ASK = "from crmusage.requests import obligations\nassert obligations(request, request.events[1].at)\n"


def program(*, rules: bool, owed: bool = False) -> str:
    return f"""
from typing import Any
import crmusage.requests
{RULES if rules else ""}
{inspect.getsource(life)}
request = life(1)
{ASK if owed else ""}
assert request.outcome == "fulfilled"
import sys
assert not {set(HEAVY)!r} & sys.modules.keys()
"""


def fresh(text: str) -> tuple[float, float]:
    """Milliseconds of a new interpreter: on the clock, and of the processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", text], check=True)
    clock = time.perf_counter() - began
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * clock, 1000 * (now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime)


def timed(n: int) -> float:
    began = time.perf_counter()
    for number in range(n):
        life(number)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    rows = [
        ("nothing", "pass"),
        ("import attrs and typing, which all of it needs", "import attrs, typing"),
        ("import the rules", RULES),
        ("import the requests, run one through", program(rules=False)),
        ("import both, run one through", program(rules=True)),
        ("the same, and ask who owes what", program(rules=True, owed=True)),
    ]
    print("| a new interpreter for | ms on the clock: fastest | middle | ms of the processor: fastest |")
    print("|---|---:|---:|---:|")
    for name, text in rows:
        clock, processor = zip(*(fresh(text) for _ in range(runs)), strict=True)
        print(f"| {name} | {min(clock):.0f} | {statistics.median(clock):.0f} | {min(processor):.0f} |")
    events, n = len(life(1).events), 2000
    best = min(timed(n) for _ in range(3))
    print(f"\nOnce loaded: {n / best:,.0f} requests a second, of {events} events each.")


if __name__ == "__main__":
    main()
