"""How customer data is written down, for everybody the same: rules for fields, and how far each unit keeps them."""

from __future__ import annotations

import datetime as dt
import enum
import importlib
import math
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import attrs

from crmusage.errors import BookError, ContractError, Fault, MissingExtraError, SourceError
from crmusage.model import Measure, Period, Text, Undefined, Wording
from crmusage.requests._units import MIN_GROUP, is_reported, share
from crmusage.rules._field import FieldError
from crmusage.rules._table import Table

_E164 = re.compile(r"\+[1-9]\d{6,14}")
"""The shape of ITU-T E.164: a plus, the country's code, at most 15 digits. The least of 7 digits is guessed."""


class CodeForm(enum.StrEnum):
    """How a field is written down."""

    E164 = "e164"
    """A phone number in the shape of ITU-T E.164: +33123456789."""
    PHONE = "phone"
    """The same, and the number exists in its country's numbering plan (needs the extra `phone`)."""
    POSTAL_CODE = "postal_code"
    """As the post of the country has it."""
    ONE_OF = "one_of"
    """One of a list of values."""
    PATTERN = "pattern"
    """As a regular expression says, the whole of it."""


@attrs.frozen
class Code:
    """The rule for one field."""

    field: str
    form: CodeForm = attrs.field(converter=CodeForm)
    pattern: str | None = None
    values: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    country: str | None = None
    """For postal codes: the country where the record says none (ISO 3166-1, such as FR)."""
    country_field: str = "country"
    """For postal codes: the field that says the country."""

    def __attrs_post_init__(self) -> None:
        if (self.pattern is not None) != (self.form is CodeForm.PATTERN):
            raise FieldError("pattern", "a pattern goes with the form pattern, and only with that")
        if bool(self.values) != (self.form is CodeForm.ONE_OF):
            raise FieldError("values", "values go with the form one_of, and only with that")
        try:
            re.compile(self.pattern or "")
        except re.error as error:
            raise FieldError("pattern", f"{self.pattern!r} is no regular expression: {error}") from None

    def holds_for(self, record: Mapping[str, Any]) -> bool | None:
        """Whether a record keeps it; None: the field is empty, or its country is not known here.

        Raises:
            MissingExtraError: for a phone number, when `phonenumbers` is not installed.
        """
        value = record.get(self.field)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        text = str(value)
        match self.form:
            case CodeForm.E164:
                return _E164.fullmatch(text) is not None
            case CodeForm.PHONE:
                return _is_phone(text)
            case CodeForm.ONE_OF:
                return text in self.values
            case CodeForm.PATTERN:
                return re.fullmatch(self.pattern or "", text) is not None
            case CodeForm.POSTAL_CODE:
                pattern = postal_patterns().get(str(record.get(self.country_field) or self.country).upper())
                return None if pattern is None else re.fullmatch(pattern, text) is not None


@cache
def postal_patterns() -> Mapping[str, str]:
    """How postal codes look, by country."""
    return tomllib.loads(resources.files(__package__).joinpath("data/postal_codes.toml").read_text("utf-8"))


def _is_phone(text: str) -> bool:
    try:
        phonenumbers = importlib.import_module("phonenumbers")
    except ImportError:
        raise MissingExtraError("checking phone numbers against numbering plans", "phone") from None
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return False
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return bool(phonenumbers.is_valid_number(number)) and written == text


def load_codes(path: str | Path) -> tuple[Code, ...]:
    """The rules of a TOML file, each under its own `[[code]]`.

    Raises:
        BookError: with every fault of the file.
        SourceError: when it cannot be read.
    """
    path = Path(path)
    try:
        values = tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise BookError(
            [Fault(str(path), "", f"is not TOML in UTF-8: {error}")], "codification rules"
        ) from None
    faults: list[Fault] = []
    codes = Table(values, "", ("code",), str(path), faults).each(
        "code", tuple(attrs.fields_dict(Code)), _code
    )
    if not codes and not faults:
        faults.append(Fault(str(path), "code", "is missing: each rule stands under its own [[code]]"))
    if faults:
        raise BookError(faults, "codification rules")
    return codes or ()


def _code(table: Table) -> Code | None:
    return table.make(
        Code,
        {"field": "some-field", "form": CodeForm.E164},
        field=table.text("field", needed="the field that it is for"),
        form=table.one_of("form", CodeForm, needed=f"one of {', '.join(CodeForm)}"),
        pattern=table.text("pattern"),
        values=table.texts("values"),
        country=table.text("country"),
        country_field=table.text("country_field"),
    )


@attrs.frozen
class CodeRow:
    """How far one unit keeps the rule of one field, in one month."""

    unit: str
    field: str
    month: Period | None
    """When the records were entered; None: they do not say."""
    conforming: Measure | Undefined
    """Of the values that are there and can be judged."""
    filled: Measure | Undefined
    """Of the records."""


@attrs.frozen
class CodeTrend:
    """The later half of a unit's months against the earlier one."""

    unit: str
    field: str
    before: Measure
    after: Measure
    change: float
    """In shares: after minus before."""
    low: float
    high: float
    """The 95 % interval of the change (Newcombe 1998, from two Wilson intervals)."""
    text: Text


@attrs.frozen
class CodeReport:
    """Conformance by unit, field and month; and how it changes."""

    rows: tuple[CodeRow, ...]
    trends: tuple[CodeTrend, ...]
    withheld: int
    """Records of units that are too small, or that name no unit."""


def code_conformance(
    records: Iterable[Mapping[str, Any]],
    codes: Iterable[Code],
    *,
    sizes: Mapping[str, int],
    min_group: int = MIN_GROUP,
) -> CodeReport:
    """How far each unit writes customer data down as everybody agreed to.

    Args:
        records: accounts, contacts … as mappings: the fields, the `unit` that entered it, and perhaps `at`, when (a
            date, or a datetime with its zone).
        codes: the rules.
        sizes: how many persons each unit has.
        min_group: units with fewer persons are not reported.

    Raises:
        ContractError: when an `at` is neither a date nor a datetime with a zone.
        MissingExtraError: when phones are to be checked and `phonenumbers` is not installed.
    """
    codes = tuple(codes)
    counts: dict[tuple[str, str, dt.date | None], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    withheld = 0
    for position, record in enumerate(records):
        unit = record.get("unit")
        if not is_reported(unit, sizes, min_group):
            withheld += 1
            continue
        month = _month(record.get("at"), position)
        for code in codes:
            kept = code.holds_for(record)
            empty = record.get(code.field) is None or not str(record[code.field]).strip()
            tally = counts[str(unit), code.field, month]
            tally[0] += kept is True
            tally[1] += kept is not None
            tally[2] += not empty
            tally[3] += 1
    rows = [_row(key, tally) for key, tally in counts.items()]
    rows.sort(key=lambda row: (row.unit, row.field, row.month is not None, row.month or _FIRST))
    return CodeReport(tuple(rows), tuple(_trends(counts)), withheld)


_FIRST = Period.month(1, 1)


def _month(at: object, position: int) -> dt.date | None:
    if at is None:
        return None
    if isinstance(at, dt.datetime):
        if at.tzinfo is None:
            raise ContractError(f"record {position}: at is a datetime with a zone, not {at!r}")
        at = at.astimezone(dt.UTC).date()
    if not isinstance(at, dt.date):
        raise ContractError(f"record {position}: at is a date or a datetime with a zone, not {at!r}")
    return at.replace(day=1)


def _row(key: tuple[str, str, dt.date | None], tally: list[int]) -> CodeRow:
    unit, field, month = key
    period = None if month is None else Period.month(month.year, month.month)
    kept, judged, filled, all_ = tally
    return CodeRow(unit, field, period, share("conforming", kept, judged), share("filled", filled, all_))


def _trends(counts: Mapping[tuple[str, str, dt.date | None], list[int]]) -> Iterable[CodeTrend]:
    series: dict[tuple[str, str], list[tuple[dt.date, int, int]]] = defaultdict(list)
    for (unit, field, month), (kept, judged, *_) in counts.items():
        if month is not None and judged:
            series[unit, field].append((month, kept, judged))
    for (unit, field), months in sorted(series.items()):
        months.sort()
        half = len(months) // 2
        parts = [
            share("conforming", sum(kept for _, kept, _ in part), sum(judged for _, _, judged in part))
            for part in (months[:half], months[half:])
        ]
        before, after = parts
        if isinstance(before, Measure) and isinstance(after, Measure):
            yield _trend(unit, field, before, after)


def _trend(unit: str, field: str, before: Measure, after: Measure) -> CodeTrend:
    change = after.value - before.value
    down = math.hypot(after.value - (after.low or 0.0), (before.high or 0.0) - before.value)
    up = math.hypot((after.high or 0.0) - after.value, before.value - (before.low or 0.0))
    low, high = max(-1.0, change - down), min(1.0, change + up)
    en, fr = (_told(unit, field, before, after, (low, high), Wording(lang)) for lang in ("en", "fr"))
    return CodeTrend(unit, field, before, after, change, low, high, Text(en, fr))


def _told(
    unit: str, field: str, before: Measure, after: Measure, interval: tuple[float, float], w: Wording
) -> str:
    one, other = w.value(before.value, "share"), w.value(after.value, "share")
    if interval[0] <= 0 <= interval[1]:
        sure = w.pick("no clear change", "pas d'évolution nette")
    else:
        sure = w.pick("better", "en progrès") if interval[0] > 0 else w.pick("worse", "en recul")
    colon = w.pick(":", " :")
    return w.pick(
        f"{unit}, {field}{colon} {one} as agreed in the earlier months, {other} in the later ones, {sure}.",
        f"{unit}, {field}{colon} {one} de valeurs conformes les premiers mois, {other} ensuite, {sure}.",
    )
