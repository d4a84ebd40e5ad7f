"""What must work where only `pip install crmusage` was run: the rules, and one clear sentence for the rest.

Run by CI with the built wheel in a clean environment, with the sources out of reach.
"""

from __future__ import annotations

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
