"""Whose login it was: a login outlives the person who has it, and one person may have several."""

from __future__ import annotations

import attrs
import polars as pl

INSTANT = pl.Datetime("us", "UTC")

MOST = 3
"""Logins that one person may have; an identity with more is a placeholder (an employee number of 0). Guessed."""


@attrs.frozen(eq=False)
class Logins:
    """Which person had a login from when on.

    A person is called by the first login that was theirs; whoever takes over a login as its second owner is
    `<login>/2`. Logins of which nobody knows the owner are persons of their own.
    """

    spans: pl.DataFrame
    """Columns login, since (the first stretch of a login has none), person."""
    reused: int = 0
    """Logins that had more than one owner."""
    shared: int = 0
    """Persons with more than one login."""

    @classmethod
    def of(
        cls, login: pl.Series, identity: pl.Series | None = None, since: pl.Series | None = None
    ) -> Logins:
        """The persons behind logins.

        Args:
            login: one row for each state of a login that was seen.
            identity: what tells a person from all others (an employee number), missing where unknown.
            since: the instant from which on the state held, or at which it was seen.
        """
        rows = pl.DataFrame(
            {
                "login": login,
                "identity": pl.Series([None], dtype=pl.String).new_from_index(0, len(login))
                if identity is None
                else identity.cast(pl.String).str.strip_chars().str.to_lowercase().replace("", None),
                "since": pl.Series([None], dtype=INSTANT).new_from_index(0, len(login))
                if since is None
                else since,
            }
        ).filter(pl.col("login").is_not_null())
        known = rows.filter(pl.col("identity").is_not_null())
        many = known.group_by("identity").agg(pl.col("login").n_unique()).filter(pl.col("login") > MOST)
        known = known.join(many, on="identity", how="anti")
        pairs = (
            known.group_by("login", "identity").agg(pl.col("since").min()).sort("login", "since", "identity")
        )
        pairs = pairs.with_columns(place=pl.int_range(1, pl.len() + 1).over("login"))
        named = pl.when(pl.col("place") == 1).then("login")
        pairs = pairs.with_columns(own=named.otherwise(pl.format("{}/{}", "login", "place")))
        persons = pairs.sort("since", "login", "place").group_by("identity", maintain_order=True).first()
        pairs = pairs.join(persons.select("identity", person="own"), on="identity", how="left")
        pairs = pairs.with_columns(since=pl.when(pl.col("place") > 1).then("since"))
        # Who owned a login when there is no telling since when is no use.
        pairs = pairs.filter((pl.col("place") == 1) | pl.col("since").is_not_null())
        rest = rows.select("login").unique().join(pairs, on="login", how="anti")
        spans = pl.concat(
            [
                pairs.select("login", "since", "person"),
                rest.select("login", pl.lit(None, dtype=INSTANT).alias("since"), person="login"),
            ]
        ).sort("login", "since", nulls_last=False)
        return cls(
            spans,
            int((spans.group_by("login").len()["len"] > 1).sum()),
            int((spans.group_by("person").agg(pl.col("login").n_unique())["login"] > 1).sum()),
        )

    def person(self, login: pl.Series, at: pl.Series | None = None) -> pl.Series:
        """Who had each login at each instant (without `at`: last); logins that are not known are persons."""
        changed = self.spans.filter((pl.col("login") != pl.col("person")) | pl.col("since").is_not_null())
        if not changed.height:
            return login
        if at is None or not self.reused:
            last = self.spans.unique("login", keep="last", maintain_order=True)
            if at is not None:
                last = last.filter(pl.col("since").is_null())
            return login.replace(last["login"], last["person"])
        begin = pl.lit(0, dtype=pl.Int64).cast(INSTANT) - pl.duration(days=365 * 250)
        rows = pl.DataFrame({"login": login, "at": at}).with_row_index(" row")
        found = (
            rows.filter(pl.col("at").is_not_null())
            .sort("at")
            .join_asof(
                self.spans.with_columns(pl.col("since").fill_null(begin)).sort("since"),
                left_on="at",
                right_on="since",
                by="login",
                check_sortedness=False,
            )
        )
        joined = rows.join(found.select(" row", "person"), on=" row", how="left", maintain_order="left")
        return joined.select(pl.coalesce("person", "login").alias(login.name)).to_series()
