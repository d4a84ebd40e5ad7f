"""Amounts in one currency, or none at all."""

from __future__ import annotations

import attrs
import polars as pl

from crmusage.adapters._core import Job, Rates, Table
from crmusage.adapters.dynamics._rows import ids, latest


@attrs.frozen(eq=False)
class Currencies:
    """What the tables of the organisation tell of its currencies."""

    codes: pl.DataFrame
    """Columns id, code."""
    rates: Rates
    """So many units of each for one of the base currency, as they are now."""
    base: str | None
    """The code of the organisation's base currency, in which `_base` columns are."""

    def code(self, currency: pl.Series) -> pl.Series:
        """The codes of currencies by their ids."""
        if not self.codes.height:
            return pl.Series(currency.name, [None], dtype=pl.String).new_from_index(0, len(currency))
        return currency.replace_strict(
            self.codes["id"], self.codes["code"], default=None, return_dtype=pl.String
        )


def currencies(job: Job) -> Currencies:
    """Read the tables of currencies and of the organisation."""
    table = latest(job.table("transactioncurrency"))
    frame = pl.DataFrame(
        {
            "id": ids(table.id("transactioncurrencyid", to="cases.currency")),
            "code": table.text("isocurrencycode", to="cases.currency").str.strip_chars().str.to_uppercase(),
            "rate": table.number("exchangerate", to="cases.amount"),
        }
    ).drop_nulls(["id", "code"])
    frame = frame.sort("id", "code").unique("id", keep="first", maintain_order=True)
    organization = latest(job.table("organization"))
    base_id = ids(organization.id("basecurrencyid", to="cases.currency"))
    told = frame.filter(pl.col("id").is_in(base_id.implode()))["code"].to_list()
    # The base currency's own rate is one; where several are, it cannot be told by it.
    ones = frame.filter(pl.col("rate") == 1)["code"].unique().to_list()
    base = told[0] if told else ones[0] if len(ones) == 1 else None
    return Currencies(frame.select("id", "code"), Rates.of(frame["code"], frame["rate"]), base)


@attrs.frozen(eq=False)
class Amounts:
    """The amounts of some records."""

    amount: pl.Series
    currency: pl.Series
    factor: pl.Series
    """By what an amount that was entered for a record is multiplied, to have it in `currency`."""
    entered: pl.Series | None = None
    """The amounts as they were entered, where those are others."""
    entered_in: pl.Series | None = None


def amounts(
    job: Job, table: Table, value: pl.Series, based: pl.Series, known: Currencies, where: str
) -> Amounts:
    """One currency in the data: the amounts as they stand. Several: those in the base currency, at the rate which
    each record keeps of the day on which its amount was entered. Neither: none, and a note.

    Args:
        job: to whom notes and values set aside are told.
        table: the records, with transactioncurrencyid and exchangerate.
        value: the amounts as entered.
        based: their twins in the base currency.
        known: the currencies.
        where: what notes call the amounts.
    """
    currency = ids(table.id("transactioncurrencyid", to="cases.currency"))
    rate = table.number("exchangerate", to="cases.amount")
    code = known.code(currency)
    label = pl.select(pl.coalesce(code, currency)).to_series()
    several = label.filter(value.is_not_null()).n_unique() > 1
    one = code.drop_nulls().unique().to_list()
    nothing = pl.Series([None], dtype=pl.Float64).new_from_index(0, table.height)
    wanted = job.currency
    if not several and (wanted is None or one in ([], [wanted])):
        told = one[0] if one else wanted
        return Amounts(value, _all(told, table.height), pl.Series([1.0]).new_from_index(0, table.height))
    own = pl.DataFrame(
        {
            "value": value,
            "based": based,
            "rate": rate,
            "listed": known.rates.factors(code, _days(table), known.base) if known.base else nothing,
        }
    )
    factor = own.select(
        pl.coalesce(
            pl.when(pl.col("value") != 0).then(pl.col("based") / pl.col("value")),
            pl.when(pl.col("rate") > 0).then(1 / pl.col("rate")),
            "listed",
        )
    ).to_series()
    target = known.base
    if wanted is not None and wanted != known.base:
        if known.base is None:
            job.note(
                f"{where}: nothing tells the organisation's base currency; its amounts are taken to be in "
                f"{wanted}.",
                f"{where} : rien n'indique la devise de base de l'organisation ; les montants sont supposés "
                f"en {wanted}.",
            )
        elif wanted in known.rates.codes:
            at = known.rates.factors(_all(known.base, table.height), _days(table), wanted)
            factor = factor * at
            based = based * at
        else:
            job.note(
                f"{where}: no rate tells what {known.base} is in {wanted}, so there are no amounts.",
                f"{where} : aucun cours ne dit ce que vaut {known.base} en {wanted} ; il n'y a donc pas de "
                "montants.",
            )
            factor, based = nothing, nothing
        target = wanted
    amount = pl.select(pl.coalesce(based, value * factor)).to_series()
    lost = value.is_not_null() & amount.is_null()
    if lost.any():
        job.aside("cases", "amount in a currency without a rate", int(lost.sum()), kept=True)
    if lost.all() or amount.null_count() == len(amount):
        job.note(
            f"{where} are in several currencies, and neither _base columns nor rates came: there are no "
            "amounts.",
            f"{where} : plusieurs devises, sans colonnes _base ni cours de change ; il n'y a donc pas de "
            "montants.",
        )
    return Amounts(
        amount,
        pl.select(pl.when(amount.is_not_null()).then(pl.lit(target))).to_series(),
        factor,
        value,
        label,
    )


def _days(table: Table) -> pl.Series:
    return table.time("modifiedon").dt.date()


def _all(text: str | None, height: int) -> pl.Series:
    return pl.Series([text], dtype=pl.String).new_from_index(0, height)
