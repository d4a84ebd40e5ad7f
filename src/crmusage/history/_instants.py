from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Callable

import polars as pl

from crmusage.errors import ContractError
from crmusage.history._column import Cells, Unusable, described, emptied, missing, none_of
from crmusage.history._contract import INSTANT

FIRST_YEAR, LAST_YEAR = 1753, 2262
"""Times outside are slips of the keyboard or placeholders. 1753 is where SQL Server's datetime begins (and so
what Dynamics can hold), 2262 where 64-bit nanoseconds (pandas) end."""

MOSTLY = 0.5
"""Above this share of times without a zone it is the column that lacks one, not a few cells. Guessed."""

ISO = "write times in ISO 8601 with their zone, as 2026-03-01T09:00:00Z"

_SHAPE = (
    r"^\s*(?<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?<minute>\d{2}:\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d+))?)?)?"
    r"\s*(?:(?<utc>Z|z|UTC|GMT)|(?<sign>[+-])(?<hours>\d{2}):?(?<minutes>\d{2})?)?\s*$"
)
_PLAIN = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:?(?:\d{2})?)?)?$"
"""What the engine's reader is trusted with; `_SHAPE` is all that is read."""
_LONGEST_OFFSET = 18
"""Hours; no zone is further from UTC (java.time has the same bound)."""


def check_zone(zone: str) -> None:
    """Raise ContractError unless `zone` is an IANA name."""
    try:
        zoneinfo.ZoneInfo(zone)
        pl.Series([0], dtype=pl.Datetime("us")).dt.replace_time_zone(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, TypeError, OSError, pl.exceptions.PolarsError):
        raise ContractError(
            f"zone {zone!r} is not known: give an IANA name such as Europe/Paris, America/Montreal or UTC"
        ) from None


def instants(series: pl.Series, zone: str | None) -> Cells:
    """A column as instants in UTC.

    Raises:
        Unusable: when the column as a whole cannot be that.
    """
    dtype = series.dtype
    if dtype == pl.Null or series.null_count() == len(series):
        return Cells(missing(series.name, INSTANT, len(series)))
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is not None:
            return _in_range(_micros(series), {})
        return _local(_micros(series), zone, series)
    if dtype == pl.Date:
        return _local(series.cast(pl.Datetime("us")), zone, series)
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return _texts(series.cast(pl.String), zone)
    epoch = " (epoch numbers do not say their unit: turn them into times first)" if dtype.is_numeric() else ""
    raise Unusable(f"it should hold times and holds {described(series)}{epoch}; {ISO}")


def _micros(series: pl.Series) -> pl.Series:
    """Any datetime as microseconds; what 64 bits cannot hold ends at their bounds, in no allowed year."""
    unit = series.dtype.time_unit  # type: ignore[attr-defined]
    if unit == "ms":
        limit = 2**63 // 1000 - 1
        zone = series.dtype.time_zone  # type: ignore[attr-defined]
        series = series.to_physical().clip(-limit, limit).cast(pl.Datetime("ms", zone))
    series = series.dt.cast_time_unit("us")
    if series.dtype.time_zone is not None:  # type: ignore[attr-defined]
        series = series.dt.convert_time_zone("UTC")
    return series


def _in_range(values: pl.Series, bad: dict[str, pl.Series]) -> Cells:
    first = int(dt.datetime(FIRST_YEAR, 1, 1, tzinfo=dt.UTC).timestamp()) * 1_000_000
    after = int(dt.datetime(LAST_YEAR + 1, 1, 1, tzinfo=dt.UTC).timestamp()) * 1_000_000
    ticks = values.to_physical()
    low, high = ticks.min(), ticks.max()
    if low is not None and (low < first or high >= after):  # type: ignore[operator]
        absurd = ((ticks < first) | (ticks >= after)).fill_null(False)
        bad = {**bad, f"outside the years {FIRST_YEAR} to {LAST_YEAR}": absurd}
        values = emptied(values, absurd)
    return Cells(values.cast(INSTANT), bad)


def _local(values: pl.Series, zone: str | None, raw: pl.Series) -> Cells:
    """Times on a wall clock, as instants."""
    if zone is None:
        raise Unusable(_without_zone(raw))
    placed, bad = _placed(values, zone)
    return _in_range(placed, bad)


def _without_zone(raw: pl.Series) -> str:
    return (
        f"it holds times without a zone, {described(raw)}; say which clock they were read from, as "
        f'zone="Europe/Paris" (on the command line --zone Europe/Paris; or UTC), or {ISO}'
    )


def _placed(values: pl.Series, zone: str) -> tuple[pl.Series, dict[str, pl.Series]]:
    placed = values.dt.replace_time_zone(zone, ambiguous="null", non_existent="null").dt.convert_time_zone(
        "UTC"
    )
    bad = {}
    if placed.null_count() > values.null_count():
        lost = placed.is_null() & values.is_not_null()
        exists = values.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").is_not_null()
        bad = {
            "that was skipped when the clocks of its zone changed": lost & ~exists,
            "that was twice when the clocks of its zone changed": lost & exists,
        }
    return placed, bad


def _texts(text: pl.Series, zone: str | None) -> Cells:
    zoned, local = _quickly(text)
    left = text.is_not_null() & zoned.is_null() & local.is_null()
    unreadable = none_of(text)
    if left.any():
        # Few and often repeated: read once each, by a pattern that knows every variant.
        rest = _patiently(text.filter(left).unique())
        found = text.to_frame("text").join(rest, on="text", how="left", maintain_order="left")
        zoned = zoned.zip_with(zoned.is_not_null(), found["zoned"])
        local = local.zip_with(local.is_not_null(), found["local"])
        blank = text.str.strip_chars() == ""
        unreadable = (left & zoned.is_null() & local.is_null() & ~blank).fill_null(False)
    bad = {"unreadable": unreadable}
    without = len(local) - local.null_count()
    if without and zone is None:
        n_zoned = len(zoned) - zoned.null_count()
        if without > MOSTLY * (n_zoned + without):
            raise Unusable(_without_zone(text.filter(local.is_not_null())))
        bad["without a zone"] = local.is_not_null()
    elif without and zone is not None:
        placed, lost = _placed(local, zone)
        bad |= lost
        zoned = zoned.zip_with(zoned.is_not_null(), placed)
    return _in_range(zoned, {what: mask for what, mask in bad.items() if mask.any()})


def _quickly(text: pl.Series) -> tuple[pl.Series, pl.Series]:
    """What one format reads, guessed from the first cell: (instants in UTC, times on a wall clock)."""
    nothing = text.is_not_null().arg_max()
    sample = str(text[nothing]) if nothing is not None else ""
    zoned = missing(text.name, INSTANT, len(text))
    local = missing(text.name, pl.Datetime("us"), len(text))
    separator, tail = sample[10:11], sample[11:]
    is_zoned = tail.endswith("Z") or "+" in tail or "-" in tail
    if len(sample) == len("2026-03-01"):
        days = text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
        return zoned, emptied(days, ~text.str.contains(_PLAIN))
    if separator not in {"T", " "}:
        return zoned, local
    same = _as_sample(text, sample)
    is_all_read = same is not None and same.null_count() == text.null_count()
    if is_zoned:
        if not is_all_read:
            zoned = _parsed(text, "%+" if separator == "T" else "%Y-%m-%d %H:%M:%S%.f%#z", "UTC")
        return _either(same, zoned.cast(INSTANT)), local
    if not is_all_read:
        local = _parsed(text, f"%Y-%m-%d{separator}%H:%M:%S" + ("%.f" if "." in tail else ""), None)
    return zoned, _either(same, local)


_FIXED = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.(?P<fraction>\d{3}|\d{6}))?(?P<utc>Z|\+00:?00)?"
)


def _as_sample(text: pl.Series, sample: str) -> pl.Series | None:
    """The cells written to the letter as the sample is, in UTC or on a wall clock: read several times faster."""
    found = _FIXED.fullmatch(sample)
    if found is None:
        return None
    fraction, utc = found["fraction"] or "", found["utc"] or ""
    shape = f"%Y-%m-%d{sample[10]}%H:%M:%S" + (f".%{len(fraction)}f" if fraction else "") + utc
    values = text.str.to_datetime(shape, strict=False, time_unit="us", cache=False)
    # This reader takes blanks and signs for digits, and fewer of them; none of that is as long and as plain.
    odd = (text.str.len_bytes() != len(sample)) | text.str.starts_with("+")
    odd |= text.str.count_matches(" ", literal=True) != sample.count(" ")
    if odd.any():
        values = emptied(values, odd)
    return values.dt.replace_time_zone("UTC" if utc else None)


def _streamed(text: pl.Series, work: Callable[[pl.LazyFrame], pl.LazyFrame]) -> pl.Series:
    """A column made of the column `text`. Streamed, all cores take part."""
    found = work(text.alias("text").to_frame().lazy()).collect(engine="streaming")
    return found.to_series().rechunk().alias(text.name)


def _either(one: pl.Series | None, other: pl.Series) -> pl.Series:
    if one is None or not one.null_count():
        return other if one is None else one
    return one.zip_with(one.is_not_null(), other)


def _parsed(text: pl.Series, shape: str, zone: str | None) -> pl.Series:
    # Instants seldom repeat: a cache of them costs more than it saves.
    read = pl.col("text").str.to_datetime(shape, strict=False, time_unit="us", time_zone=zone, cache=False)
    # The engine takes one digit for two, and blanks and signs for digits.
    plain = pl.col("text").str.contains(_PLAIN)
    return _streamed(text, lambda frame: frame.select(pl.when(plain).then(read)))


def _patiently(text: pl.Series) -> pl.DataFrame:
    """Columns text, zoned, local: each text read as an instant, as a time on a wall clock, or as neither."""
    part = pl.col("part").struct.field
    hours, minutes = part("hours").cast(pl.Int64), part("minutes").cast(pl.Int64).fill_null(0)
    sound = (hours.fill_null(0) <= _LONGEST_OFFSET) & (minutes < 60)
    offset = pl.when(part("sign") == "-").then(-1).otherwise(1) * (hours * 60 + minutes)
    clock = pl.concat_str(
        part("day"),
        pl.lit("T"),
        part("minute").fill_null("00:00"),
        pl.lit(":"),
        part("second").fill_null("00"),
        pl.lit("."),
        part("fraction").fill_null("").str.slice(0, 6).str.pad_end(6, "0"),
    ).str.to_datetime("%Y-%m-%dT%H:%M:%S%.6f", strict=False, time_unit="us")
    return (
        text.to_frame("text")
        .with_columns(part=pl.col("text").str.extract_groups(_SHAPE))
        .select(
            "text",
            clock=pl.when(sound).then(clock),
            utc=part("utc").is_not_null(),
            offset=offset,
        )
        .select(
            "text",
            zoned=(
                pl.when(pl.col("utc"))
                .then("clock")
                .otherwise(pl.col("clock") - pl.duration(minutes="offset"))
            ).dt.replace_time_zone("UTC"),
            local=pl.when(~pl.col("utc") & pl.col("offset").is_null()).then("clock"),
        )
    )
