"""What the supervisor of a help desk would act on: what is done twice, waits or is handed about, and where.

    python examples/help_desk/supervisor.py LOG [en|fr]

LOG is the event log of an Italian software company's help desk (doi:10.4121/uuid:0c60edf1-6f83-4e75-9367-4c63b3e9d5bb).
Products and customers are compared and not people: what is far from the others says where to look first.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import attrs
import polars as pl

from crmusage.history import History
from crmusage.metrics import Funnel, benjamini_hochberg, share
from crmusage.model import Measure, Text, Wording

FEWEST = 30
"""Tickets of which a product or a customer is judged."""

SURE = 0.05
"""Of what is told at most so many are false, over all that is compared."""

BY = {"product": Text("product", "produit"), "customer": Text("customer", "client")}
LABELS = {
    "taken_twice": Text("taken in charge by a second person", "repris par une deuxième personne"),
    "resolved_twice": Text("resolved more than once", "résolu plus d'une fois"),
    "waited": Text("set to waiting", "mis en attente"),
    "waits_unended": Text(
        "resolved from waiting, not taken up again", "résolu pendant l'attente, sans reprise"
    ),
}
ASK = {
    "taken_twice": Text("Who should have had it first?", "Qui aurait dû l'avoir d'abord ?"),
    "resolved_twice": Text("What was not set right at first?", "Qu'est-ce qui n'était pas réglé d'abord ?"),
    "waited": Text("For whom is it waiting, and does he know?", "Qui attend-on, et le sait-il ?"),
    "waits_unended": Text("Was there anything to wait for?", "Y avait-il quelque chose à attendre ?"),
}


@attrs.frozen
class Row:
    """A product or a customer that is far from the others in one figure."""

    figure: str
    by: str
    name: str
    measure: Measure
    usual: float
    """The middle of the others."""
    q_value: float
    above: bool


def tickets(path: str | Path) -> pl.DataFrame:
    """One row a ticket: what it is about, and what was so of it."""
    history = History.read(path, mapping=Path(__file__).parent / "log.toml")
    done = pl.col("activity")
    return history.events.group_by("case_id", maintain_order=True).agg(
        product=pl.col("product").first(),
        customer=pl.col("customer").first(),
        taken_twice=pl.col("actor").filter(done == "accepted").n_unique() > 1,
        resolved_twice=(done == "fulfilled").sum() > 1,
        waited=(done == "waiting").any(),
        waits_unended=((done == "waiting") & (done.shift(-1) == "fulfilled")).any(),
    )


def spans(path: str | Path) -> tuple[float, float, float]:
    """The middle ticket's days from the first taking in charge to the last resolving, from there to the closing; and
    the part of all the time up to resolving that was waiting."""
    history = History.read(path, mapping=Path(__file__).parent / "log.toml")
    done, at = pl.col("activity"), pl.col("at")
    lasts = (at.shift(-1) - at).dt.total_seconds() / 86_400
    of = history.events.group_by("case_id", maintain_order=True).agg(
        taken=at.filter(done == "accepted").first(),
        resolved=at.filter(done == "fulfilled").last(),
        closed=at.filter(done == "closed").last(),
        waiting=lasts.filter(done == "waiting").sum(),
    )
    days = of.drop_nulls().select(
        work=(pl.col("resolved") - pl.col("taken")).dt.total_seconds() / 86_400,
        after=(pl.col("closed") - pl.col("resolved")).dt.total_seconds() / 86_400,
        waiting="waiting",
    )
    work, after = (days[name].quantile(0.5) or 0.0 for name in ("work", "after"))
    return work, after, float(days["waiting"].sum()) / float(days["work"].sum())


def standing_apart(rows: pl.DataFrame) -> list[Row]:
    """The products and customers that are far from the others, with what was tried all at once counted in."""
    tried = []
    for by, figure in itertools.product(BY, LABELS):
        table = rows.group_by(by).agg(hits=pl.col(figure).sum(), n=pl.len()).sort(by)
        table = table.filter(pl.col("n") >= FEWEST)
        funnel = Funnel.of_shares(table["hits"].to_numpy(), table["n"].to_numpy())
        for place, (name, hits, n) in enumerate(table.iter_rows()):
            standing, measure = funnel.standing(place), share(hits, n, name=figure)
            if standing is not None and isinstance(measure, Measure):
                above = standing.p_above < standing.p_below
                tried.append(
                    (Row(figure, by, name, measure, standing.norm.value, 1.0, above), standing.p_apart)
                )
    q_values = benjamini_hochberg([p for _, p in tried]).tolist()
    far = [attrs.evolve(row, q_value=q) for (row, _), q in zip(tried, q_values, strict=True) if q < SURE]
    return sorted(far, key=lambda row: (not row.above, row.q_value, row.figure, row.by, row.name))


def main(log: str, lang: str = "en") -> None:
    """Print what stands apart, the worst first, and what is far better than elsewhere."""
    w, rows = Wording(lang), tickets(log)
    print(w.pick(f"{rows.height} tickets", f"{rows.height} tickets"))
    for figure, label in LABELS.items():
        whole = share(int(rows[figure].sum()), rows.height, name=figure)
        if isinstance(whole, Measure):
            print(f"  {w.of(label)}{w.pick(': ', ' : ')}{w.value(whole.value, 'share')}")
    far = standing_apart(rows)
    for row in far:
        low, high = row.measure.low or 0.0, row.measure.high or 1.0
        value, usual = (w.value(one, "share") for one in (row.measure.value, row.usual))
        better = "" if row.above else w.pick(" (learn from it)", " (à imiter)")
        print(
            f"{w.of(BY[row.by])} {row.name}{w.pick(': ', ' : ')}{w.of(LABELS[row.figure])} {value} "
            f"({w.interval(low, high, 'share')}), {w.pick('others', 'les autres')} {usual}{better}. "
            + (w.of(ASK[row.figure]) if row.above else "")
        )
    if not far:
        print(
            w.pick(
                "No product and no customer is far from the others: look at how the desk works, not at what it "
                "is asked.",
                "Aucun produit ni client ne s'écarte des autres : regardez comment le service travaille, et non ce "
                "qu'on lui demande.",
            )
        )
    work, after, waiting = spans(log)
    print(
        w.pick(
            f"The middle ticket takes {w.value(work, 'days')} to resolve, and is closed {w.value(after, 'days')} "
            f"later; {w.value(waiting, 'share')} of the time up to resolving is waiting.",
            f"Le ticket médian est résolu en {w.value(work, 'days')}, et clos {w.value(after, 'days')} plus tard ; "
            f"{w.value(waiting, 'share')} du temps jusqu'à la résolution est de l'attente.",
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:3])
