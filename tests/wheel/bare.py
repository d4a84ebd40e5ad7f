"""What must work where only `pip install crmusage` was run: the rules, and one clear sentence for the rest.

Run by CI with the built wheel in a clean environment, with the sources out of reach.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import sys
import tempfile
from pathlib import Path

for heavy in ("polars", "numpy", "scipy", "jinja2", "click"):
    assert importlib.util.find_spec(heavy) is None, f"{heavy} is installed: this is no bare environment"

import crmusage as cu

assert "site-packages" in (cu.__file__ or ""), cu.__file__
assert Path(cu.__file__).with_name("py.typed").exists()

rule = cu.UsageRule(
    "quote-is-followed-up",
    cu.Text("A quote has been sent", "Un devis a été envoyé"),
    expect=(cu.Constraint("response", "quote_sent", target="call", within=cu.Duration(days=7)),),
)
with tempfile.TemporaryDirectory() as folder:
    cu.Rulebook((rule,)).save(folder)
    assert cu.Rulebook.load(folder)["quote-is-followed-up"] == rule

from crmusage.rules import due, starter

assert len(starter()) == 19
assert {one.task for one in due(starter(), dt.date(2026, 1, 5))} == {"no_date"}

from crmusage.requests import Request

now = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
asked = Request("R-1").submit(now, by="ann", to="bob", text="A quote for 40 chairs").deliver(now).accept(now)
done = asked.decide_now(now).start(now).document(now, "Sent.").fulfil(now).return_(now).close(now)
assert Request.fold(done.events).outcome == "fulfilled"

for name, extra in (("History", "analysis"), ("verify", "analysis")):
    try:
        getattr(cu, name)
    except cu.MissingExtraError as error:
        assert f"pip install 'crmusage[{extra}]'" in str(error), error
    else:
        sys.exit(f"crmusage.{name} came without its extra")

from crmusage.cli import main

assert main(["--version"]) == 2, "the command needs its extra"
print("the bare install holds")
