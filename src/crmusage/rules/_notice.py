"""What a person is told of one rule, and why now: a value, and it as Markdown and as HTML."""

from __future__ import annotations

import datetime as dt
import enum
import html
import itertools
import re
from collections.abc import Callable, Iterable

import attrs

from crmusage.model import Text, Wording, printable

# What marks something up anywhere in CommonMark and its tables, and what does at the start of a line.
_MARKS = re.compile(r"[\\`*_\[\]<>#|~&]")
_AT_THE_START = re.compile(r"^(\d*)([-+=.)])", re.MULTILINE)
_BLANK = re.compile(r"\n\s*\n")

Escape = Callable[[str], str]


class Why(enum.StrEnum):
    """Why a person is told of a rule now."""

    NEW = "new"
    """The rule is new to somebody who was there before it."""
    AMENDED = "amended"
    """It says something else than the version that was read."""
    NEWCOMER = "newcomer"
    """The person is new."""
    RENEWAL = "renewal"
    """It was read too long ago."""
    RETIRED = "retired"
    """It no longer holds, and the person only knows that it did."""

    @property
    def text(self) -> Text:
        """As people are told it."""
        return _WHYS[self]


_WHYS = {
    Why.NEW: Text("new", "règle nouvelle"),
    Why.AMENDED: Text("amended", "règle modifiée"),
    Why.NEWCOMER: Text("newcomer", "nouvel arrivant"),
    Why.RENEWAL: Text("renewal", "rappel"),
    Why.RETIRED: Text("retired", "règle retirée"),
}


@attrs.frozen
class Notice:
    """One rule, told to one person: for the host to send to this person and to nobody else."""

    rule: str
    version: int
    to: str
    """The person's id."""
    why: Why
    title: Text
    """The situation."""
    reason: Text
    """Why this comes now, in words."""
    guidance: Text | None
    """What to do in it; None: the rule does not say."""
    request: Text
    """What the person is asked for."""
    since: dt.date | None = None
    """Since when it should be known; None: not known."""
    due: dt.date | None = None
    """By when it should be read; None: the rule does not say."""

    def to_markdown(self, lang: str = "en") -> str:
        """The notice as CommonMark, `lang` "en" or "fr"; what people wrote can mark up nothing."""
        words = Wording(lang)
        guidance = "" if self.guidance is None else _paragraphs(self.guidance, words)
        quoted = "\n>\n".join(
            "\n".join(f"> {_marked(line.strip())}" for line in paragraph.splitlines())
            for paragraph in guidance
        )
        title = " ".join(_told(self.title, words).splitlines())
        parts = [f"## {_marked(title)}"]
        parts += [_marked(paragraph) for paragraph in _paragraphs(self.reason, words)]
        parts += [quoted] if quoted else []
        parts += [_marked(paragraph) for paragraph in _paragraphs(self.request, words)]
        parts.append(f"*{self._stamp(words, _marked)}*")
        return "\n\n".join(parts) + "\n"

    def to_html(self, lang: str = "en") -> str:
        """The notice as an HTML article, `lang` "en" or "fr"; what people wrote is escaped."""
        words = Wording(lang)
        parts = [f"<h2>{html.escape(_told(self.title, words))}</h2>"]
        parts += [f"<p>{html.escape(paragraph)}</p>" for paragraph in _paragraphs(self.reason, words)]
        if self.guidance is not None:
            inner = "".join(f"<p>{html.escape(part)}</p>" for part in _paragraphs(self.guidance, words))
            parts.append(f"<blockquote>{inner}</blockquote>")
        parts += [f"<p>{html.escape(paragraph)}</p>" for paragraph in _paragraphs(self.request, words)]
        parts.append(f"<p><small>{self._stamp(words, html.escape)}</small></p>")
        inner = "\n".join(parts)
        return f'<article lang="{words.lang}">\n{inner}\n</article>\n'

    def _stamp(self, words: Wording, escaped: Escape) -> str:
        return f"{words.pick('Rule', 'Règle')} {escaped(self.rule)}, version {self.version}"


@attrs.frozen
class Letter:
    """All that one person is told at once."""

    to: str
    notices: tuple[Notice, ...]

    def to_markdown(self, lang: str = "en") -> str:
        """The letter as CommonMark, `lang` "en" or "fr"."""
        words = Wording(lang)
        return "\n".join([f"# {self._title(words)}\n", *(one.to_markdown(lang) for one in self.notices)])

    def to_html(self, lang: str = "en") -> str:
        """The letter as a whole page, `lang` "en" or "fr"."""
        words = Wording(lang)
        title = html.escape(self._title(words))
        inner = "".join(one.to_html(lang) for one in self.notices)
        return (
            f'<!doctype html>\n<html lang="{words.lang}">\n<head>\n<meta charset="utf-8">\n'
            f"<title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n{inner}</body>\n</html>\n"
        )

    def _title(self, words: Wording) -> str:
        n = len(self.notices)
        en = "A usage to read" if n == 1 else f"{n} usages to read"
        return words.pick(en, "Un usage à lire" if n == 1 else f"{n} usages à lire")


def letters(notices: Iterable[Notice]) -> tuple[Letter, ...]:
    """Notices put together by person, in the order of the persons' ids."""
    by_person = sorted(notices, key=lambda notice: notice.to)
    return tuple(
        Letter(to, tuple(group)) for to, group in itertools.groupby(by_person, key=lambda notice: notice.to)
    )


def _told(text: Text, words: Wording) -> str:
    """A text in its language, set as print sets it, and nothing in it that could drive a terminal."""
    return printable(words.pick(text.en, text.fr).replace("\t", " ")).strip()


def _paragraphs(text: Text, words: Wording) -> list[str]:
    return [part.strip() for part in _BLANK.split(_told(text, words)) if part.strip()]


def _marked(text: str) -> str:
    """A text as CommonMark reads it for what it is: no sign of it marks anything up."""
    lines = (line.strip() for line in text.splitlines())
    return _AT_THE_START.sub(r"\1\\\2", "\n".join(_MARKS.sub(r"\\\g<0>", line) for line in lines))
