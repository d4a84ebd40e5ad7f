from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import attrs

from crmusage.errors import MissingExtraError
from crmusage.model import Assessment, Finding, Outcome, RuleTally, SetAside, Severity, Text

_SEVERITIES = tuple(Severity)

# Examples of rows set aside show the row's id; in these tables that is a person.
_TABLES_OF_PERSONS = frozenset({"people", "absences", "sessions", "acknowledgements"})


def _ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(
        sorted(findings, key=lambda f: (_SEVERITIES.index(f.severity), f.code, f.scope.unit or "", f.name))
    )


def _without_persons(entries: Iterable[SetAside]) -> tuple[SetAside, ...]:
    return tuple(
        attrs.evolve(entry, examples=()) if entry.table in _TABLES_OF_PERSONS else entry for entry in entries
    )


@attrs.frozen(repr=False)
class Report:
    """What a verification found, what it held against what, and what it could not see: a value.

    Findings are ordered by severity, code and unit, however they come in. No single person is in a report; of
    rows set aside in tables about people it keeps the counts and drops the examples.

    Raises:
        ValueError: for an `as_of` or `first` without a time zone.
    """

    as_of: dt.datetime = attrs.field()
    """The instant up to which the history was looked at."""
    findings: tuple[Finding, ...] = attrs.field(default=(), converter=_ranked)
    assessments: tuple[Assessment, ...] = attrs.field(default=(), converter=tuple[Assessment, ...])
    """Everything that was held against something, also what is clear and what could not be assessed."""
    rules: tuple[RuleTally, ...] = attrs.field(default=(), converter=tuple[RuleTally, ...])
    """For each expectation one row of the whole company and all time, and finer ones."""
    set_aside: tuple[SetAside, ...] = attrs.field(default=(), converter=_without_persons)
    notes: tuple[Text, ...] = attrs.field(default=(), converter=tuple[Text, ...])
    """What the reader should know of the history and of how it was read."""
    n_cases: int = 0
    n_events: int = 0
    n_units: int = 0
    first: dt.datetime | None = attrs.field(default=None)
    """The first event."""
    _witnesses: Any = attrs.field(default=None, eq=False)

    @as_of.validator
    @first.validator
    def _in_a_zone(self, attribute: attrs.Attribute[Any], value: dt.datetime | None) -> None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{attribute.name} has no time zone: {value}")

    @property
    def witnesses(self) -> Any:
        """Which event of which case kept or broke which rule, as a frame; None where it was not asked for.

        It can be larger than everything else: it is made when it is first wanted, and it is in no rendering.
        """
        return self._witnesses() if callable(self._witnesses) else self._witnesses

    @property
    def clear(self) -> tuple[Assessment, ...]:
        """What was looked at and is as it should be."""
        return tuple(a for a in self.assessments if a.outcome is Outcome.CLEAR)

    @property
    def not_assessable(self) -> tuple[Assessment, ...]:
        """What could not be seen, each with the reason: that is not the same as no problem."""
        return tuple(a for a in self.assessments if a.outcome is Outcome.NOT_ASSESSABLE)

    # --- renderings

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values, as docs/report.schema.json says; no NaN, no NumPy."""
        from crmusage.report._json import to_dict

        return to_dict(self)

    def to_json(self) -> str:
        """The report as JSON, as docs/report.schema.json says: a contract."""
        from crmusage.report._json import to_json

        return to_json(self)

    @classmethod
    def from_json(cls, text: str) -> Report:
        """The report that `to_json` wrote, without figures and witnesses.

        Raises:
            SourceError: when `text` is not such a report; all faults at once.
        """
        from crmusage.report._json import parts_of

        return cls(**parts_of(text))

    def to_frame(
        self, table: Literal["findings", "assessments", "rules"] = "findings", lang: str = "en"
    ) -> Any:
        """The findings (or the assessments, or the tallies of the rules) as a Polars frame, one row each.

        Texts are in `lang`, "en" or "fr".

        Raises:
            MissingExtraError: when the extra `analysis` is not installed.
            ValueError: for another table or language.
        """
        from crmusage.report._frames import to_frame

        return to_frame(self, table, lang)

    def to_text(self, lang: str = "en", width: int = 100, *, colour: bool = False, full: bool = False) -> str:
        """The report for a terminal `width` characters wide, in `lang` ("en" or "fr").

        `colour` adds the codes that make headings bold and serious findings red. Where much could not be assessed,
        what is missing most is told; `full` lists each check with its reason instead.

        Raises:
            ValueError: for another language, or a width under 40.
        """
        from crmusage.report._text import to_text

        return to_text(self, lang, width, colour=colour, full=full)

    def to_html(self, path: str | Path | None = None, lang: str = "en") -> str:
        """The report as one self-contained page in `lang`, "en" or "fr"; written to `path` as UTF-8 if given.

        It needs no script, no network and no font; it prints, and it follows the reader's dark mode.

        Raises:
            MissingExtraError: when the extra `report` is not installed.
            ValueError: for another language.
            OSError: when `path` cannot be written.
        """
        from crmusage.report._html import page

        text = page(self, lang)
        if path is not None:
            Path(path).write_text(text, encoding="utf-8")
        return text

    def _repr_html_(self) -> str:
        from crmusage.report._html import fragment

        try:
            return fragment(self, "en")
        except MissingExtraError as missing:
            # A notebook shows something readable in any case, and how to get more.
            return f"<p>{html.escape(str(missing))}</p><pre>{html.escape(self.to_text())}</pre>"

    def __str__(self) -> str:
        """The report as English text."""
        return self.to_text()

    def __repr__(self) -> str:
        """How it went, on one line."""
        return (
            f"<Report as of {self.as_of.isoformat()}: {len(self.findings)} found, {len(self.clear)} clear, "
            f"{len(self.not_assessable)} not assessable>"
        )
