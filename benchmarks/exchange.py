"""Does pm4py read what crmusage writes, and what do event logs cost in time and memory?

    pip install -e '.[all]' pm4py
    python benchmarks/exchange.py                        # pm4py reads XES and the three forms of OCEL 2.0
    python benchmarks/exchange.py --memory 200000 1000000   # crmusage alone: CPU seconds and peak memory by size

The first table shows what was written and what pm4py counts in the file; a difference is an error. In the second,
each file is written, and read, by a process of its own (on Linux, which tells the highest mark of memory).
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from crmusage import History
from crmusage.testing import simulate

EVENTS_A_CASE = 12.4
FORMS = ("xes", "xes.gz", "jsonocel", "xmlocel", "sqlite")


def company(opportunities: int, folder: Path) -> History:
    simulate("late-creation", seed=1, opportunities=opportunities).write(folder, format="parquet")
    return History.read(folder)


def write(history: History, path: Path) -> None:
    if ".xes" in path.name:
        history.write_xes(path)
    else:
        history.write_ocel(path)


def read(path: Path) -> History:
    return History.read(path, objects=None if ".xes" in path.name else "opportunity")


def counted_by_pm4py(path: Path) -> dict[str, int]:
    """Events and cases, as pm4py counts them; its banner and progress bars are not for this table."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        import pm4py

        if ".xes" in path.name:
            log = pm4py.read_xes(str(path))
            amount = log.drop_duplicates("case:concept:name")["case:amount"].sum()
            return {
                "cases": log["case:concept:name"].nunique(),
                "events": len(log),
                "actors": log["org:resource"].nunique(),
                "amount": round(float(amount)),
            }
        readers: dict[str, Callable[[str], object]] = {
            ".jsonocel": pm4py.read_ocel2_json,
            ".xmlocel": pm4py.read_ocel2_xml,
            ".sqlite": pm4py.read_ocel2_sqlite,
        }
        log = readers[path.suffix](str(path))
    cases = log.objects[log.objects["ocel:type"] == "opportunity"]
    actors = log.relations[log.relations["ocel:qualifier"] == "actor"]
    return {
        "cases": len(cases),
        "events": len(log.events),
        "actors": actors["ocel:oid"].nunique(),
        "amount": round(float(cases["amount"].astype(float).sum())),
    }


def counted(history: History) -> dict[str, int]:
    return {
        "cases": history.cases.height,
        "events": history.events.height,
        "actors": history.events["actor"].drop_nulls().n_unique(),
        "amount": round(history.cases["amount"].sum()),
    }


def agreement(opportunities: int) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        history = company(opportunities, folder / "export")
        # A case without events is no row of an event log's frame.
        history = History.from_frames(
            cases=history.cases.filter(
                history.cases["case_id"].is_in(history.events["case_id"].unique().implode())
            ),
            events=history.events,
            people=history.people,
        )
        written = counted(history)
        print("| file | read by | " + " | ".join(written) + " |")
        print("| --- | --- |" + " ---: |" * len(written))
        wrong = 0
        for form in FORMS:
            path = folder / f"log.{form}"
            write(history, path)
            for who, found in (
                ("(written)", written),
                ("crmusage", counted(read(path))),
                ("pm4py", counted_by_pm4py(path)),
            ):
                wrong += found != written
                print(
                    f"| {form} | {who} | " + " | ".join(f"{n:,}" for n in found.values()) + " |", flush=True
                )
    print("\nall equal" if not wrong else f"\n{wrong} differ")
    return min(wrong, 1)


def resident(name: str) -> float:
    """What Linux says of this process's memory in MB: VmRSS as it is, VmHWM at its highest."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def alone(task: str, path: str) -> None:
    """Do one thing, and tell how long it took and how much memory it took above what was there before."""
    history = History.read(Path(path).parent / "export") if task == "write" else None
    if history is not None:
        # Made once for all; what is measured is the writing.
        assert history.index.n_events
    gc.collect()
    # The highest mark begins anew.
    Path("/proc/self/clear_refs").write_text("5", "ascii")
    before = resident("VmRSS")
    start = time.process_time()
    if history is None:
        held = read(Path(path)).events.height
    else:
        write(history, Path(path))
        held = history.events.height
    seconds = time.process_time() - start
    above = resident("VmHWM") - before
    print(f"{held:,} | {seconds:.1f} | {above:,.0f} | {Path(path).stat().st_size / 2**20:,.0f}")


def memory(sizes: list[int], forms: list[str]) -> None:
    print("| form | task | events | CPU seconds | peak above start, MB | file, MB |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            company(round(size / EVENTS_A_CASE), folder / "export")
            for form in forms:
                for task in ("write", "read"):
                    command = [sys.executable, __file__, "--alone", task, str(folder / f"log.{form}")]
                    done = subprocess.run(command, check=True, capture_output=True, text=True)
                    print(f"| {form} | {task} | {done.stdout.strip()} |", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--opportunities", type=int, default=5_000)
    parser.add_argument("--memory", type=int, nargs="+", metavar="EVENTS")
    parser.add_argument("--forms", nargs="+", default=list(FORMS), choices=FORMS)
    parser.add_argument("--alone", nargs=2, metavar=("TASK", "PATH"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    if args.alone:
        alone(*args.alone)
        return 0
    if args.memory:
        memory(args.memory, args.forms)
        return 0
    return agreement(args.opportunities)


if __name__ == "__main__":
    sys.exit(main())
