"""A simulated company in the tables of a CRM, as each pipeline would deliver them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import attrs
import polars as pl

from crmusage.testing import _dialects_dynamics as dynamics
from crmusage.testing import _dialects_odoo as odoo
from crmusage.testing import _dialects_salesforce as salesforce
from crmusage.testing._dialects_cells import Tables, cells, csv_texts, framed, without_versions, written
from crmusage.testing._dialects_company import Carried, Company, company
from crmusage.testing._scenario import SimulationError
from crmusage.testing._simulator import Simulation

SYNCED = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
"""When connectors say that they wrote their rows: after everything."""


@attrs.frozen(eq=False)
class CrmTables:
    """A company in the tables of a CRM."""

    crm: str
    """salesforce, dynamics or odoo: the adapter that reads them."""
    dialect: str
    """The name by which the adapter knows the dialect."""
    tables: Mapping[str, Any]
    """By name, what `read` takes: records or frames."""
    carried: Carried
    """The tables cases, events and people as far as this dialect can carry them, by the ids of the CRM. Of events:
    no origin, no alternative quotes, the time of recording only of calls, mails and meetings; a closing and its change
    of stage are one saving."""
    file: str = "parquet"

    def write(self, folder: str | Path) -> Path:
        """Write one file a table into a folder, in the format that such a pipeline writes."""
        return written(self.tables, Path(folder), self.file)


@attrs.frozen
class _Writer:
    crm: str
    dialect: str
    tell: Callable[[Company], tuple[Tables, Carried]]
    write: Callable[[Tables], Mapping[str, Any]]
    file: str = "parquet"


def _iso(end: str) -> Callable[[dt.datetime], str]:
    return lambda at: at.strftime(f"%Y-%m-%dT%H:%M:%S{end}")


def _day(day: dt.date) -> str:
    return day.isoformat()


def _rest(tables: Tables) -> Mapping[str, Any]:
    plain = cells(without_versions(tables), _iso(".000+0000"), _day)
    return {
        name: [{"attributes": {"type": name, "url": f"/services/data/{name}/{row['Id']}"}, **row} for row in rows]
        for name, rows in plain.items()
    }  # fmt: skip


def _millis(value: dt.date) -> int:
    at = (
        value
        if isinstance(value, dt.datetime)
        else dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
    )
    return int(at.timestamp() * 1000)


def _bulk_csv(tables: Tables) -> Mapping[str, Any]:
    return csv_texts(cells(without_versions(tables), _iso(".000Z"), _day, lambda one: str(one).lower()))


def _export(tables: Tables) -> Mapping[str, Any]:
    plain = cells(
        without_versions(tables),
        lambda at: at.strftime("%Y-%m-%d %H:%M:%S"),
        lambda day: f"{day} 00:00:00",
        lambda one: str(int(one)),
        none=lambda field: "000000000000000AAA" if field.endswith("Id") else None,
    )
    return csv_texts(plain)


def _snake(name: str) -> str:
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in name).strip("_")


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]


def _sf_fivetran(tables: Tables) -> Mapping[str, Any]:
    found = framed(without_versions(tables), _snake, {"_fivetran_synced": SYNCED, "_fivetran_deleted": False})
    return {f"sf_{_snake(name)}_data": frame for name, frame in found.items()}


def _sf_old_fivetran(tables: Tables) -> Mapping[str, Any]:
    found = framed(without_versions(tables), _camel, {"_fivetran_synced": SYNCED})
    return {_snake(name): frame for name, frame in found.items()}


def _sf_kept(tables: Tables) -> Mapping[str, Any]:
    found = framed(tables, _snake, {"_fivetran_synced": SYNCED})
    return {_snake(name): frame for name, frame in found.items()}


def _sf_airbyte(tables: Tables) -> Mapping[str, Any]:
    plain = cells(without_versions(tables), _iso(".000+00:00"), _day)
    return framed(plain, str, {"_airbyte_raw_id": "a", "_airbyte_extracted_at": SYNCED})


def _sf_dlt(tables: Tables) -> Mapping[str, Any]:
    found = framed(without_versions(tables), _snake, {"_dlt_load_id": "1742.5", "_dlt_id": "x"})
    return {f"sf_{_snake(name)}": frame for name, frame in found.items()}


def _sf_singer(tables: Tables) -> Mapping[str, Any]:
    plain = cells(without_versions(tables), _iso(".000000Z"), _day)
    return framed(plain, str, {"_sdc_extracted_at": _iso("Z")(SYNCED), "_sdc_table_version": 1})


def _plain(tables: Tables) -> Tables:
    return cells(tables, _iso("Z"), _day)


def _web_api(tables: Tables) -> Mapping[str, Any]:
    return {name: dynamics.web_api(rows) for name, rows in _plain(tables).items()}


def _annotated(tables: Tables) -> Mapping[str, Any]:
    return {name: dynamics.web_api(rows, annotated=True) for name, rows in _plain(tables).items()}


def _sdk(tables: Tables) -> Mapping[str, Any]:
    return {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in _annotated(tables).items()}


def _dy_fivetran(tables: Tables) -> Mapping[str, Any]:
    own = {"_fivetran_synced": SYNCED, "_fivetran_deleted": False}
    return {f"dbo_{name}": frame for name, frame in framed(tables, str, own).items()}


def _dy_airbyte(tables: Tables) -> Mapping[str, Any]:
    own = {"_airbyte_raw_id": "1", "_airbyte_extracted_at": SYNCED, "_ab_cdc_deleted_at": None}
    return framed({name: dynamics.web_api(rows) for name, rows in _plain(tables).items()}, str, own)


def _dy_singer(tables: Tables) -> Mapping[str, Any]:
    return framed(_plain(tables), str, {"_sdc_batched_at": SYNCED, "_sdc_sequence": 1})


def _synapse(tables: Tables) -> Mapping[str, Any]:
    own = {"SinkCreatedOn": _iso("")(SYNCED), "SinkModifiedOn": _iso("")(SYNCED)}
    return {name: dynamics.lake(rows, own) for name, rows in _plain(tables).items() if rows}


def _appended(tables: Tables) -> Mapping[str, Any]:
    own = {"SinkCreatedOn": _iso("")(SYNCED), "SinkModifiedOn": _iso("")(SYNCED), "IsDelete": None}
    return {name: dynamics.lake(rows, own, appended=True) for name, rows in _plain(tables).items() if rows}


def _rpc(tables: Tables) -> Mapping[str, Any]:
    return cells(tables, lambda at: at.strftime("%Y-%m-%d %H:%M:%S"), _day, none=lambda _: False)


def _with_versions(of: Any) -> Callable[[Company], tuple[Tables, Carried]]:
    return lambda company: of.told(company, versions=True)


_WRITERS: Mapping[str, _Writer] = MappingProxyType(
    {
        "salesforce-rest": _Writer("salesforce", "rest", salesforce.told, _rest, "json"),
        "salesforce-bulk-json": _Writer(
            "salesforce", "bulk", salesforce.told, lambda t: cells(without_versions(t), _millis, _millis), "json"
        ),
        "salesforce-bulk-csv": _Writer("salesforce", "bulk", salesforce.told, _bulk_csv, "csv"),
        "salesforce-export": _Writer("salesforce", "export", salesforce.told, _export, "csv"),
        "salesforce-airbyte": _Writer("salesforce", "airbyte", salesforce.told, _sf_airbyte),
        "salesforce-fivetran": _Writer("salesforce", "fivetran", salesforce.told, _sf_fivetran),
        "salesforce-fivetran-camel": _Writer("salesforce", "fivetran", salesforce.told, _sf_old_fivetran),
        "salesforce-fivetran-history": _Writer("salesforce", "fivetran", _with_versions(salesforce), _sf_kept),
        "salesforce-dlt": _Writer("salesforce", "dlt", salesforce.told, _sf_dlt),
        "salesforce-singer": _Writer("salesforce", "singer", salesforce.told, _sf_singer),
        "dynamics-webapi": _Writer("dynamics", "webapi", dynamics.told, _web_api, "json"),
        "dynamics-annotated": _Writer("dynamics", "webapi", dynamics.told, _annotated, "json"),
        "dynamics-sdk": _Writer("dynamics", "webapi", dynamics.told, _sdk),
        "dynamics-fivetran": _Writer("dynamics", "fivetran", dynamics.told, _dy_fivetran),
        "dynamics-airbyte": _Writer("dynamics", "airbyte", dynamics.told, _dy_airbyte),
        "dynamics-singer": _Writer("dynamics", "singer", dynamics.told, _dy_singer),
        "dynamics-synapse": _Writer("dynamics", "synapse", dynamics.told, _synapse, "csv"),
        "dynamics-synapse-append": _Writer(
            "dynamics", "synapse-append", _with_versions(dynamics), _appended, "csv"
        ),
        "odoo-rpc": _Writer("odoo", "rpc", odoo.told, _rpc, "json"),
        "odoo-database": _Writer("odoo", "database", odoo.told, odoo.flat),
    }
)  # fmt: skip

CRM_DIALECTS = tuple(_WRITERS)
"""The names under which `as_crm` writes a company."""


def as_crm(simulation: Simulation, dialect: str) -> CrmTables:
    """A simulated company in the tables of a CRM, as a pipeline would deliver them.

    Args:
        simulation: what `simulate` made; opportunities only.
        dialect: one of `CRM_DIALECTS`, as "salesforce-rest" or "dynamics-synapse".

    Raises:
        SimulationError: for another dialect.
    """
    writer = _WRITERS.get(dialect)
    if writer is None:
        raise SimulationError(f"there is no dialect {dialect!r}; there are: {', '.join(CRM_DIALECTS)}")
    tables, carried = writer.tell(company(simulation.tables, simulation.as_of))
    return CrmTables(writer.crm, writer.dialect, writer.write(tables), carried, writer.file)
