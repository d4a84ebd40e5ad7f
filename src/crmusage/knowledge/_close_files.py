"""A close as a JSON file that shows whether it was changed."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from crmusage.errors import CrmUsageError, SourceError
from crmusage.knowledge._close import Close, Control, ControlKind, ControlResult, Signature
from crmusage.model import Outcome, Period, Text
from crmusage.rules._files import text_of, write_whole


def save_close(one: Close, path: str | Path) -> None:
    """Write a close, with its digest and seal.

    Raises:
        SourceError: when the file cannot be written.
    """
    signed = one.signature
    value = {
        **one.content,
        "signature": None if signed is None else {"role": signed.role, "on": signed.on.isoformat()},
        "digest": one.digest,
        "seal": one.seal,
    }
    write_whole(Path(path), json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def load_close(path: str | Path) -> Close:
    """Read a close.

    Raises:
        SourceError: when the file cannot be read, is no close, or is not what was frozen.
    """
    file = Path(path)
    try:
        value = json.loads(text_of(file))
        one = _close(value)
        digest, seal = value["digest"], value["seal"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, CrmUsageError):
            raise SourceError(f"{file}: is no close of a period: {error}") from error
        raise SourceError(f"{file}: is no close of a period as save_close writes it ({error!r})") from error
    if one.digest != digest or one.seal != seal:
        raise SourceError(
            f"{file}: was changed after the close of {one.period}: its digest or seal is another one; "
            "take the file from a copy, or close the period again"
        )
    return one


def _close(value: dict[str, Any]) -> Close:
    if value["schema"] != 1:
        raise ValueError(f"schema {value['schema']!r} is not known; this version reads 1")
    results = {
        Control(ControlKind(one["kind"]), one["subject"], one["role"]): _result(one["result"])
        for one in value["controls"]
    }
    signed = value["signature"]
    return Close(
        Period.parse(value["period"]),
        results,
        dt.date.fromisoformat(value["closed_on"]),
        value["previous"],
        None if signed is None else Signature(signed["role"], dt.date.fromisoformat(signed["on"])),
    )


def _result(value: dict[str, Any] | None) -> ControlResult | None:
    if value is None:
        return None
    why = value["reason"]
    return ControlResult(
        Outcome(value["outcome"]),
        value["found"],
        None if why is None else Text(why["en"], why["fr"]),
        value.get("out_of", {}),
    )
