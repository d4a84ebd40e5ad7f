from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING

from crmusage.model import Measure, Severity, Telling, Wording, passages, printable
from crmusage.report._digest import Digest, RuleRow
from crmusage.report._table import table, wrapped

if TYPE_CHECKING:
    from crmusage.report._report import Report

_NARROWEST = 40
_INDENT = "   "
_LONGEST_NAME = 18
"""Characters of a unit's name over a column of numbers; guessed. A longer one is "the unit" there."""
_BOLD, _RED, _PLAIN = "\x1b[1m", "\x1b[1;31m", "\x1b[0m"
_RULE = "\N{BOX DRAWINGS LIGHT HORIZONTAL}"


def to_text(report: Report, lang: str, width: int, *, colour: bool, full: bool) -> str:
    """A report for a terminal."""
    if width < _NARROWEST:
        raise ValueError(f"a report needs at least {_NARROWEST} characters of width, not {width}")
    writer = _Writer(width, colour=colour)
    digest = Digest(report, Wording(lang))
    _answer(digest, writer)
    for number, telling in enumerate(digest.findings, start=1):
        _finding(number, telling, writer)
    _rules(digest, writer)
    _assessments(digest, writer, full=full)
    return "\n".join(writer.lines) + "\n"


class _Writer:
    """Collects lines that fit the width. What comes in is made printable; only its own codes colour."""

    def __init__(self, width: int, *, colour: bool) -> None:
        self.width = width
        self.lines: list[str] = []
        self._colour = colour

    def say(self, text: str = "", indent: str = "", code: str = "") -> None:
        for line in printable(text).split("\n"):
            self.lines.extend(
                self._coloured(indent, piece, code) for piece in wrapped(line, self.room(indent))
            )

    def item(self, text: str, indent: str = "") -> None:
        lines = wrapped(printable(text).replace("\n", " "), self.room(indent) - 2)
        self.lines.append(f"{indent}- {lines[0]}")
        self.lines.extend(f"{indent}  {line}" for line in lines[1:])

    def head(self, text: str, indent: str = "") -> None:
        self.lines.append("")
        self.say(text, indent, _BOLD)

    def section(self, text: str) -> None:
        self.lines += ["", _RULE * self.width]
        self.say(text, "", _BOLD)

    def table(self, headers: Iterable[str], rows: Iterable[Iterable[str]], indent: str = "") -> bool:
        """Whether there was room for it."""
        cells = [tuple(printable(cell) for cell in row) for row in (headers, *rows)]
        told = [any(column[1:]) for column in zip(*cells, strict=True)]
        cells = [tuple(itertools.compress(row, told)) for row in cells]
        lines = table(cells[0], cells[1:], self.room(indent))
        self.lines.extend((indent + line).rstrip() for line in lines or ())
        return lines is not None

    def room(self, indent: str) -> int:
        return self.width - len(indent)

    def _coloured(self, indent: str, text: str, code: str) -> str:
        if code and self._colour and text:
            text = f"{code}{text}{_PLAIN}"
        return (indent + text).rstrip()


def _answer(digest: Digest, out: _Writer) -> None:
    out.say(f"{digest.title}, {digest.as_of}")
    out.say(" · ".join(digest.extent))
    out.say()
    out.say(digest.headline, code=_BOLD)
    for sentence in digest.standfirst:
        out.say(sentence)


def _finding(number: int, telling: Telling, out: _Writer) -> None:
    finding = telling.finding
    out.lines += ["", _RULE * out.width]
    out.say(f"{number}. {telling.title}", code=_RED if finding.severity is Severity.HIGH else _BOLD)
    out.say(telling.byline, _INDENT)
    out.say()
    out.say(telling.words.of(finding.text), _INDENT)
    tables = {"peers": _peers, "company": _company}
    for passage in passages(finding, telling.words.lang):
        if passage.topic in {"reasoning", "cases"}:
            continue
        out.head(passage.heading, _INDENT)
        if passage.topic in tables and tables[passage.topic](telling, out):
            continue
        for line in passage.lines:
            if passage.listed:
                out.item(line, _INDENT)
            else:
                out.say(line, _INDENT)


def _peers(telling: Telling, out: _Writer) -> bool:
    w = telling.words
    rows = []
    for evidence in telling.evidence:
        measure, norm = evidence.measure, evidence.norm
        if not isinstance(measure, Measure):
            return False
        made_of = telling.made_of(measure)
        name = w.measure(measure.name, measure.label)
        rows.append(
            (
                f"{name}\n{made_of}" if made_of else name,
                w.value(measure.value, measure.unit),
                w.value(norm.value, measure.unit) if norm else "",
                telling.usual_range(norm, measure.unit) if norm else "",
                telling.probability(evidence),
            )
        )
    headers = (
        "",
        _over_numbers(telling),
        w.pick("peers", "ses pairs"),
        w.pick("usual range", "plage habituelle"),
        w.pick("adjusted p", "p ajusté"),
    )
    return out.table(headers, rows, _INDENT)


def _over_numbers(telling: Telling) -> str:
    w = telling.words
    if telling.finding.scope.unit is None:
        return w.pick("here", "ici")
    return telling.who if len(telling.who) <= _LONGEST_NAME else w.pick("the unit", "l'unité")


def _company(telling: Telling, out: _Writer) -> bool:
    w = telling.words
    rows = [
        (
            w.measure(distortion.measure, distortion.label),
            w.value(distortion.with_unit, distortion.unit),
            w.value(distortion.without_unit, distortion.unit),
            w.difference(distortion.shift, distortion.unit),
            telling.usual_variation(distortion),
        )
        for distortion in telling.finding.distortions
    ]
    headers = (
        "",
        w.pick("with the unit", "avec l'unité"),
        w.pick("without it", "sans elle"),
        w.pick("difference", "écart"),
        w.pick("usual ups and downs", "d'ordinaire"),
    )
    return out.table(headers, rows, _INDENT)


def _rules(digest: Digest, out: _Writer) -> None:
    if not digest.rules:
        return
    w = digest.words
    out.section(w.pick("The written rules", "Les règles écrites"))
    out.say()
    rows = [
        (
            _rule_cell(row, digest),
            w.value(row.kept, "share") if row.kept is not None else "\N{EM DASH}",
            w.number(row.tally.judged),
            w.number(row.tally.violated),
            w.number(row.tally.pending),
            w.number(row.tally.tied),
        )
        for row in digest.rules
    ]
    if not out.table(("", *digest.rule_headers), rows):
        for cells in rows:
            numbers = zip(digest.rule_headers, cells[1:], strict=True)
            name, *notes = cells[0].split("\n")
            out.item(f"{name}{w.pick(':', ' :')} {', '.join(f'{header} {cell}' for header, cell in numbers)}")
            for note in notes:
                out.say(note, "  ")


def _rule_cell(row: RuleRow, digest: Digest) -> str:
    w, tally = digest.words, row.tally
    lines = [f"{tally.rule} v{tally.version}"]
    if tally.situation is not None:
        lines.append(w.of(tally.situation).replace("\n", " "))
    lines.append(w.pick(tally.asks.en, tally.asks.fr))
    if row.behind:
        units = ", ".join(f"{unit} {w.value(share, 'share')}" for unit, share, _ in row.behind)
        lines.append(f"{digest.less_kept}{w.pick(':', ' :')} {units}")
    return "\n".join(lines)


def _assessments(digest: Digest, out: _Writer, *, full: bool) -> None:
    w = digest.words
    colon = w.pick(":", " :")
    if digest.not_assessable:
        out.section(w.pick("What could not be assessed", "Ce qui n'a pas pu être évalué"))
    if digest.in_short and not full:
        _in_short(digest, out)
    else:
        for group in digest.not_assessable:
            units = f" ({digest.named(group.units)})" if group.units else ""
            out.item(f"{digest.code(group.code)}{colon} {group.reason}{units}")
    if digest.set_aside or digest.report.notes:
        out.section(
            w.pick(
                "What was set aside, and what to know", "Ce qui a été mis de côté, et ce qu'il faut savoir"
            )
        )
        for entry in digest.set_aside:
            out.item(digest.set_aside_line(entry))
        for note in digest.report.notes:
            out.item(w.pick(note.en, note.fr))
    if digest.clear:
        out.section(w.pick("Nothing to report", "Rien à signaler"))
        for group in digest.clear:
            out.item(f"{digest.code(group.code)}{colon} {digest.extent_of(group)}")


def _in_short(digest: Digest, out: _Writer) -> None:
    w = digest.words
    colon = w.pick(":", " :")
    if digest.missing:
        out.say(f"{digest.missing_heading}{colon}")
        for one in digest.missing:
            what = one.what(w)
            out.item(f"{one.name}{f' ({what})' if what else ''}{colon} {one.needed(w)}")
            out.say(one.how(w), "    ")
        out.say(digest.missing_hint)
    out.say()
    for reason in digest.other_reasons:
        out.item(reason)
    out.say(
        w.pick(
            "Each check with its reason: add --all (in Python, full=True).",
            "Chaque contrôle et sa raison : ajoutez --all (en Python, full=True).",
        )
    )
