"""What a history says of itself in a log that was written from it, so that it can be read back as it was."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import cattrs
import polars as pl

from crmusage.errors import SourceError
from crmusage.history._column import emptied, missing
from crmusage.history._contract import INSTANT, columns_of
from crmusage.history._xes import TRACE, XesLog

if TYPE_CHECKING:
    from crmusage.history._door import Made

_TYPES: Mapping[str, pl.DataType] = {
    str(dtype): dtype for dtype in (pl.String(), pl.Int64(), pl.Float64(), pl.Boolean(), pl.Date(), INSTANT)
}


@attrs.frozen
class Mark:
    """The log's attribute that `write_xes` leaves; without it a log is anybody's."""

    as_of: dt.datetime
    ordered: bool
    """Events that stand at one instant have an order."""
    given: list[str]
    columns_given: dict[str, list[str]]
    keys: dict[str, dict[str, str]]
    """By table, the column that each key holds; the case's id is not among them."""
    types: dict[str, dict[str, str]]
    """By table, the type of each column that the contract does not name."""

    @classmethod
    def of(cls, text: str | None, where: str) -> Mark | None:
        """The mark, if there is one.

        Raises:
            SourceError: when it was changed so that it cannot be read.
        """
        if text is None:
            return None
        try:
            mark = _CONVERTER.structure(json.loads(text), cls)
        except (ValueError, TypeError, AttributeError, RecursionError, cattrs.BaseValidationError):
            raise SourceError(
                f"{where}: what the log tells of the history that it was written from cannot be read; take its "
                "attribute crmusage:history out, and it is read like any other log"
            ) from None
        if mark.as_of.tzinfo is None:
            raise SourceError(f"{where}: its attribute crmusage:history tells an as_of without a zone")
        return mark

    def tables(self, log: XesLog) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Events and cases with the columns and types that they had."""
        traces = self._columns("cases", log.traces, {"concept:name": "case_id"})
        ids = (
            missing("case_id", pl.String(), log.traces.height)
            if "case_id" not in traces
            else traces["case_id"]
        )
        trace = log.events[TRACE]
        case = ids.gather(emptied(trace, trace < 0)).alias("case_id")
        events = self._columns("events", log.events, {}).with_columns(case)
        return events.drop(TRACE), traces.with_columns(ids).drop(TRACE)

    def _columns(self, table: str, frame: pl.DataFrame, more: Mapping[str, str]) -> pl.DataFrame:
        keys = {**self.keys.get(table, {}), **more}
        types = self.types.get(table, {})
        names = {key: keys.get(key, key) for key in frame.columns if key != TRACE}
        # Who edits a log can make two keys tell one column: the first is it.
        taken: dict[str, str] = {}
        for key, name in names.items():
            taken.setdefault(name, key)
        series = [frame[key].alias(name) for name, key in taken.items()]
        typed = [_cast(one, _TYPES.get(types.get(one.name, ""))) for one in series]
        absent = {
            name: _TYPES.get(types.get(name, ""), pl.String())
            for name in keys.values()
            if name not in taken and (name in columns_of(table) or name in types)
        }
        typed += [missing(name, dtype, frame.height) for name, dtype in absent.items() if name != "case_id"]
        return frame.select(TRACE).with_columns(typed)

    def told(self, made: Made) -> Made:
        """What was made, with what the history itself said that its source had."""
        return attrs.evolve(
            made,
            given=frozenset(self.given),
            columns_given={
                **made.columns_given,
                **{
                    name: frozenset(self.columns_given[name])
                    for name in ("cases", "events")
                    if name in self.columns_given
                },
            },
        )


def _cast(series: pl.Series, dtype: pl.DataType | None) -> pl.Series:
    if dtype is None or series.dtype == dtype:
        return series
    try:
        return series.cast(dtype)
    except pl.exceptions.PolarsError:
        return series


_CONVERTER = cattrs.Converter(forbid_extra_keys=False)


def _instant(value: Any, _: type) -> dt.datetime:
    return dt.datetime.fromisoformat(value)


_CONVERTER.register_structure_hook(dt.datetime, _instant)
