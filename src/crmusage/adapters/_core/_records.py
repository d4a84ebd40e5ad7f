"""What was found, as records that a CRM can take: plain, of the right length, and the same ones in every run."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import attrs

from crmusage.model import Finding, Wording, printable
from crmusage.rules import Notice

ID_LENGTH = 32
"""Hexadecimal digits of an external id: 128 bits, so a CRM never holds two that meet by chance."""

ELLIPSIS = "…"

_TAG = re.compile(r"<[^<>]*>?")
_FORMULA = re.compile(r"^[\s]*[=+\-@]+")
"""What makes a spreadsheet compute the cell into which somebody exports the record."""


def _frozen(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(value))


@attrs.frozen
class Record:
    """One record to be written: inserted when it is new, updated when its external id is there."""

    table: str
    external_id: str
    fields: Mapping[str, Any] = attrs.field(converter=_frozen)


def stable_id(*parts: object) -> str:
    """An external id that is the same whenever the same thing is told."""
    told = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=ID_LENGTH // 2).hexdigest()


def finding_id(finding: Finding) -> str:
    """The external id of a finding: of what it is about, not of its figures, which move from run to run."""
    scope = finding.scope
    period = "" if scope.period is None else f"{scope.period.start}/{scope.period.end}"
    return stable_id("finding", finding.code, finding.rule, scope.unit, scope.profile, period)


def notice_id(notice: Notice) -> str:
    """The external id of a notice: one for each rule, version, person and reason."""
    return stable_id("notice", notice.rule, notice.version, notice.to, notice.why)


def plain(text: str, limit: int, *, lines: bool = False) -> str:
    """A text that a field of `limit` characters takes and that no page, mail or spreadsheet runs.

    Tags go, control and invisible signs go, a leading sign of a formula goes. `lines`: line breaks stay.
    Characters are counted as UTF-16 does, which is what CRMs count.
    """
    shown = printable(unicodedata.normalize("NFC", html.unescape(text)))
    while (bare := _TAG.sub("", shown)) != shown:
        shown = bare
    shown = shown.replace("<", "‹").replace(">", "›")
    kept = [line.strip() for line in shown.splitlines()]
    told = "\n".join(kept).strip() if lines else " ".join(" ".join(kept).split())
    return _cut(_FORMULA.sub("", told), limit)


def _cut(text: str, limit: int) -> str:
    if _units(text) <= limit:
        return text
    short = text
    while _units(short) > limit - len(ELLIPSIS):
        short = short[: len(short) - max(1, (_units(short) - limit) // 2)]
    return short.rstrip() + ELLIPSIS


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@attrs.frozen
class Told:
    """What a finding or a notice says, in one language, before it is cut to fields."""

    external_id: str
    subject: str
    body: str
    due: dt.date | None = None
    to: str | None = None
    """The person whom a notice is for; a finding is for whoever the host says."""


def told_finding(finding: Finding, lang: str) -> Told:
    """A finding as a task tells it: what, where, the figures, and what can be done. It names no person."""
    words = Wording(lang)
    title = finding.name if finding.title is None else words.pick(finding.title.en, finding.title.fr)
    unit = finding.scope.unit
    subject = f"{finding.code} {title}" + ("" if unit is None else f" ({unit})")
    body = [words.pick(finding.text.en, finding.text.fr)]
    if finding.reasoning is not None:
        body.append(words.pick(finding.reasoning.en, finding.reasoning.fr))
    body += [f"- {words.pick(one.text.en, one.text.fr)}" for one in finding.proposals]
    return Told(finding_id(finding), subject, "\n".join(body))


def told_notice(notice: Notice, lang: str) -> Told:
    """A notice as a task for the one person whom it is for."""
    words = Wording(lang)
    parts = [notice.reason, notice.guidance, notice.request]
    body = [words.pick(part.en, part.fr) for part in parts if part is not None]
    body.append(f"{words.pick('Rule', 'Règle')} {notice.rule}, version {notice.version}")
    return Told(
        notice_id(notice),
        words.pick(notice.title.en, notice.title.fr),
        "\n".join(body),
        notice.due,
        notice.to,
    )
