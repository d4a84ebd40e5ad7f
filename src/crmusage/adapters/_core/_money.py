"""Amounts in one currency, or none: sums over several currencies are no figures."""

from __future__ import annotations

import attrs
import polars as pl

_SINCE_EVER = pl.lit(-(10**6)).cast(pl.Int32).cast(pl.Date)


@attrs.frozen(eq=False)
class Rates:
    """What currencies were worth: columns code, since (a day, or missing: ever), rate (of one base unit)."""

    frame: pl.DataFrame

    @classmethod
    def of(cls, code: pl.Series, rate: pl.Series, since: pl.Series | None = None) -> Rates:
        """Rates as a CRM keeps them: so many units of `code` for one of its base currency, from a day on."""
        day = pl.Series([None], dtype=pl.Date).new_from_index(0, len(code)) if since is None else since
        frame = pl.DataFrame({"code": code, "since": day, "rate": rate})
        sound = pl.col("code").is_not_null() & (pl.col("rate") > 0) & pl.col("rate").is_finite()
        # Several rates from one day on contradict each other; the same one is taken whatever their order.
        return cls(frame.filter(sound).sort("code", "since", "rate").unique(["code", "since"], keep="last"))

    @property
    def codes(self) -> frozenset[str]:
        """The currencies that have a rate."""
        return frozenset(self.frame["code"].to_list())

    def factors(self, code: pl.Series, day: pl.Series, to: str) -> pl.Series:
        """By what to multiply amounts in `code` to have them in `to`, at the rates of their days.

        Missing where a currency has no rate on that day; 1 where the amount is in `to` already.
        """
        rows = pl.DataFrame({"code": code, "day": day.cast(pl.Date)}).with_row_index(" row")
        rated = rows.with_columns(of=self._at(rows["code"], rows["day"]))
        wanted = pl.Series("code", [to], dtype=pl.String).new_from_index(0, len(code))
        rated = rated.with_columns(base=self._at(wanted, rows["day"]))
        return rated.select(
            pl.when(pl.col("code") == to).then(1.0).otherwise(pl.col("base") / pl.col("of")).alias("factor")
        ).to_series()

    def _at(self, code: pl.Series, day: pl.Series) -> pl.Series:
        rows = pl.DataFrame({"code": code, "day": day}).with_row_index(" row")
        if not self.frame.height:
            return pl.Series("rate", [None], dtype=pl.Float64).new_from_index(0, rows.height)
        dated = self.frame.with_columns(pl.col("since").fill_null(_SINCE_EVER)).sort("since")
        # A record without a day is counted at the latest rate.
        found = (
            rows.with_columns(pl.col("day").fill_null(pl.lit(dated["since"]).max()))
            .sort("day")
            .join_asof(dated, left_on="day", right_on="since", by="code", check_sortedness=False)
        )
        joined = rows.join(found.select(" row", "rate"), on=" row", how="left", maintain_order="left")
        return joined["rate"]
