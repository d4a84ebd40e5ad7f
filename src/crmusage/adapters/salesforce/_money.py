"""Amounts of opportunities in one currency, and accounts that were merged."""

from __future__ import annotations

import polars as pl

from crmusage.adapters._core import Job, Rates, Table
from crmusage.model import Text

ONLY_MERGES = Text(
    en="of accounts, only which was merged into which matters here",
    fr="des comptes, seules les fusions comptent ici",
)


class Accounts:
    """Which account each one was merged into."""

    def __init__(self, table: Table) -> None:
        """Take the table of accounts, the deleted ones among them."""
        self._into: dict[str, str] = {}
        if table.came:
            pairs = zip(
                table.id("Id", "cases.account_id").to_list(),
                table.id("MasterRecordId", "cases.account_id").to_list(),
                strict=True,
            )
            self._into = dict(sorted(pair for pair in pairs if all(pair)))
            table.ignore(table.frame.columns, ONLY_MERGES)

    @property
    def merged(self) -> pl.DataFrame:
        """Columns old and new: each account that was merged, and into which."""
        pairs = {"old": list(self._into), "new": list(self._into.values())}
        return pl.DataFrame(pairs, schema={"old": pl.String, "new": pl.String})

    def of(self, account: pl.Series) -> pl.Series:
        """The account that stands for each one today."""
        if not self._into:
            return account
        ends = {one: self._end(one) for one in self._into}
        return account.replace(list(ends), list(ends.values()))

    def _end(self, account: str) -> str:
        seen = {account}
        while (into := self._into.get(account)) is not None and into not in seen:
            seen.add(into)
            account = into
        return account


class Money:
    """What amounts are worth, all in one currency: by the rates of each opportunity's close date, or not at all.

    One factor holds for a case and all its events, so that no change of a rate looks like a change of an amount.
    """

    def __init__(self, job: Job, opportunities: Table) -> None:
        """Find the currencies that came, and the rates."""
        self.accounts = Accounts(job.table("Account"))
        self.currency: str | None = None
        self.factors: pl.DataFrame | None = None
        """Columns case_id, factor, where amounts are converted; missing factors have no rate."""
        self._none = False
        code = opportunities.text("CurrencyIsoCode", "cases.currency").str.to_uppercase()
        rates, base = _rates(job)
        found = sorted(code.drop_nulls().unique().to_list())
        wanted = None if job.currency is None else job.currency.upper()
        if not found or (len(found) == 1 and wanted in {None, found[0]}):
            self.currency = found[0] if found else wanted or base
            return
        to = wanted or base
        if rates is None or to is None or (to != base and to not in rates.codes):
            self._none = True
            job.note(
                f"Amounts are in {len(found)} currencies ({', '.join(found)}) and there are no rates to bring them "
                "together: no amount is told. Deliver DatedConversionRate or CurrencyType.",
                f"Les montants sont en {len(found)} devises ({', '.join(found)}) et aucun taux ne permet de les "
                "ramener à une seule : aucun montant n'est indiqué. Fournissez DatedConversionRate ou CurrencyType.",
            )
            return
        self.currency = to
        now = opportunities.only(opportunities.current())
        own = now.text("CurrencyIsoCode", "cases.currency").str.to_uppercase()
        factor = rates.factors(own, now.day("CloseDate", "cases.amount"), to)
        self.factors = pl.DataFrame({"case_id": now.id("Id"), "factor": factor}).unique(
            "case_id", keep="none"
        )
        lost = int((own.is_not_null() & factor.is_null()).sum())
        job.aside("cases", "currency without a rate", lost, kept=True)
        job.note(
            f"Amounts are told in {to}, at the rates of each opportunity's close date.",
            f"Les montants sont indiqués en {to}, aux taux de la date de clôture prévue de chaque opportunité.",
        )

    def columns(self, table: Table) -> dict[str, pl.Series]:
        """The amount of each opportunity and its currency, and where it was converted, what was entered."""
        amount = table.number("Amount", "cases.amount")
        entered = table.text("CurrencyIsoCode", "cases.currency").str.to_uppercase()
        nothing = pl.Series("amount", [None], dtype=pl.Float64).new_from_index(0, table.height)
        if self._none:
            return {"amount": nothing, "amount_entered": amount, "currency_entered": entered}
        currency = pl.Series("currency", [self.currency], dtype=pl.String).new_from_index(0, table.height)
        if self.factors is None:
            return {"amount": amount, "currency": currency}
        rows = pl.DataFrame({"case_id": table.id("Id"), "amount": amount})
        factor = rows.join(self.factors, on="case_id", how="left", maintain_order="left")["factor"]
        return {
            "amount": (amount * factor).round(2),
            "currency": currency,
            "amount_entered": amount,
            "currency_entered": entered,
        }

    def of_events(self, events: pl.DataFrame) -> pl.DataFrame:
        """Events with the amounts that they tell in the one currency."""
        of_money = pl.col("activity") == "amount_changed"
        if self._none:
            return events.with_columns(pl.when(~of_money).then(name).alias(name) for name in ("old", "new"))
        if self.factors is None:
            return events
        joined = events.join(self.factors, on="case_id", how="left", maintain_order="left")
        told = [
            pl.when(of_money)
            .then((pl.col(name).cast(pl.Float64, strict=False) * pl.col("factor")).round(2).cast(pl.String))
            .otherwise(name)
            .alias(name)
            for name in ("old", "new")
        ]
        return joined.with_columns(told).drop("factor")


def _rates(job: Job) -> tuple[Rates | None, str | None]:
    """The rates, dated ones before the others, and the company's own currency."""
    currencies, dated = job.table("CurrencyType"), job.table("DatedConversionRate")
    base: str | None = None
    if currencies.came:
        corporate = currencies.flag("IsCorporate", "cases.currency").fill_null(False)
        own = (
            currencies.text("IsoCode", "cases.amount")
            .str.to_uppercase()
            .filter(corporate)
            .drop_nulls()
            .sort()
        )
        base = own[0] if len(own) else None
    found = []
    # A currency that has dated rates is not worth its undated one before the first of them.
    for table, since in ((dated, "StartDate"), (currencies, None)):
        if table.came:
            code = table.text("IsoCode", "cases.amount").str.to_uppercase()
            rate = table.number("ConversionRate", "cases.amount")
            day = None if since is None else table.day(since, "cases.amount")
            found.append(Rates.of(code, rate, day).frame)
    if not found:
        return None, base
    frame = found[0]
    for more in found[1:]:
        frame = pl.concat([frame, more.join(frame, on="code", how="anti")])
    if base is None:
        same = (
            frame.group_by("code")
            .agg(((pl.col("rate") == 1).all()).alias("same"))
            .filter("same")["code"]
            .sort()
        )
        base = same[0] if len(same) == 1 else None
    if base is not None and base not in set(frame["code"]):
        own_rate = pl.DataFrame({"code": [base], "since": [None], "rate": [1.0]}, schema=frame.schema)
        frame = pl.concat([frame, own_rate])
    return Rates(frame), base
