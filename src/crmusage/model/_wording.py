from __future__ import annotations

import datetime as dt
import math
import re

import attrs

from crmusage.model._text import LANGUAGES, Text
from crmusage.model._time import Period

_NBSP = "\N{NO-BREAK SPACE}"
_THIN = "\N{NARROW NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"

NOTHING = "\N{EM DASH}"
"""What stands where there is no figure."""

# Control characters could drive a terminal, bidirectional overrides could make a name read as another, and
# half surrogates cannot be written as UTF-8. Names come from a CRM, where anybody types.
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
}
_SHORT_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec"),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
}

_NOUNS = {
    "case": (Text("case", "dossier"), Text("cases", "dossiers")),
    "answer": (Text("answer", "réponse"), Text("answers", "réponses")),
    "check": (Text("check", "contrôle"), Text("checks", "contrôles")),
    "comparison": (Text("comparison", "comparaison"), Text("comparisons", "comparaisons")),
    "day": (Text("day", "jour"), Text("days", "jours")),
    "entry": (Text("entry", "saisie"), Text("entries", "saisies")),
    "event": (Text("event", "événement"), Text("events", "événements")),
    "group": (Text("group", "groupe"), Text("groups", "groupes")),
    "hour": (Text("hour", "heure"), Text("hours", "heures")),
    "minute": (Text("minute", "minute"), Text("minutes", "minutes")),
    "month": (Text("month", "mois"), Text("months", "mois")),
    "more": (Text("more", "autre"), Text("more", "autres")),
    "opportunity": (Text("opportunity", "opportunité"), Text("opportunities", "opportunités")),
    "other currency": (Text("other currency", "autre devise"), Text("other currencies", "autres devises")),
    "peer": (Text("peer", "autre unité"), Text("peers", "autres unités")),
    "point": (Text("point", "point"), Text("points", "points")),
    "row": (Text("row", "ligne"), Text("rows", "lignes")),
    "time": (Text("time", "fois"), Text("times", "fois")),
    "unit": (Text("unit", "unité"), Text("units", "unités")),
    "value": (Text("value", "valeur"), Text("values", "valeurs")),
}

_MEASURES = {
    "expected_wins": Text("forecast from the open pipeline", "prévision tirée du portefeuille ouvert"),
    "kept": Text("rule kept", "règle respectée"),
    "late_share": Text("already won when entered", "déjà gagnées à la saisie"),
    "mean_cycle": Text("mean sales cycle", "cycle de vente moyen"),
    "open_pipeline": Text("open pipeline", "portefeuille ouvert"),
    "pipeline_coverage": Text("what the pipeline lasts for", "durée couverte par le portefeuille"),
    "typical_cycle": Text("typical sales cycle", "cycle de vente typique"),
    "win_rate": Text("win rate", "taux de succès"),
}

# Amounts are told to three digits or so: (from, in, English, French).
_LARGE = ((1e9, 1e9, "bn", "Md"), (1e6, 1e6, "M", "M"), (1e4, 1e3, "k", "k"))
_OF_TIME = {"days": "day", "hours": "hour", "months": "month"}


def printable(text: str) -> str:
    """`text` with everything that could drive a terminal or turn writing around made visible; lines stay."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


_QUOTED = re.compile(r"(?<![\w'])'([^\s'][^']*)'(?!\w)")
"""What stands in quotes: neither of the two is the apostrophe of a word."""


@attrs.frozen
class Wording:
    """Figures, dates and the fixed words of a language, as people of the trade write them.

    French takes a decimal comma, narrow no-break spaces between thousands and a no-break space before the
    percent sign. What is no finite number reads as a dash.

    Raises:
        ValueError: for a language other than "en" and "fr".
    """

    lang: str = attrs.field(default="en")
    """"en" or "fr"."""

    @lang.validator
    def _known(self, _: object, value: str) -> None:
        if value not in LANGUAGES:
            raise ValueError(f"no text in {value!r}: the languages are {' and '.join(LANGUAGES)}")

    @property
    def french(self) -> bool:
        """Whether it is French."""
        return self.lang == "fr"

    def of(self, text: Text) -> str:
        """The text in the language."""
        return text.into(self.lang)

    def pick(self, en: str, fr: str) -> str:
        """The one of the two that is in the language, its quotes and spaces set as print sets them."""
        if not self.french:
            return _QUOTED.sub("\N{LEFT SINGLE QUOTATION MARK}\\1'", en).replace(
                "'", "\N{RIGHT SINGLE QUOTATION MARK}"
            )
        text = fr.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")
        text = re.sub(r" (?=[:»%])|(?<=«) ", _NBSP, text)
        return re.sub(r" (?=[;?!])", _THIN, text)

    # --- numbers

    def number(self, value: float, digits: int = 0) -> str:
        """A number with `digits` decimals."""
        if not math.isfinite(value):
            return NOTHING
        text = f"{abs(value):,.{digits}f}"
        if self.french:
            text = text.replace(",", _THIN).replace(".", ",")
        # A value that rounds to nothing has no sign.
        return _MINUS + text if value < 0 and text.strip("0.,") else text

    def value(self, value: float, unit: str) -> str:
        """A figure in its unit: share (0 to 1; as percent), hours, days, months, amount, count or another."""
        return self._in_unit(value, unit, _digits(value, unit))

    def interval(self, low: float, high: float, unit: str) -> str:
        """Two ends of one range in one unit, to the same precision."""
        digits = max(_digits(low, unit), _digits(high, unit))
        if all(_is_whole(self._bare(end, unit, digits), self.french) for end in (low, high)):
            digits = 0
        first = self._bare(low, unit, digits)
        return f"{first} {self.pick('to', 'à')} {self._in_unit(high, unit, digits, trim=False)}"

    def difference(self, value: float, unit: str) -> str:
        """A change with its sign; that of a share is in percentage points."""
        shown = self.spread(abs(value), unit)
        if not any(digit in shown for digit in "123456789"):
            return shown
        return f"{_MINUS if value < 0 else '+'}{shown}"

    def spread(self, value: float, unit: str) -> str:
        """A width in the unit; that of a share is in percentage points."""
        if unit != "share" or not math.isfinite(value):
            return self.value(value, unit)
        points = value * 100
        digits = 1 if points >= 0.095 or points == 0 else 2
        return f"{_trimmed(self.number(points, digits), self.french)}{_NBSP}{self.noun('point', round(points, digits))}"

    def chance(self, p: float) -> str:
        """A probability as `< 0.001` or `0.012`."""
        if not math.isfinite(p):
            return NOTHING
        if p < 0.001:
            return f"<{_NBSP}{self.number(0.001, 3)}"
        return self.number(p, 3 if p < 0.1 else 2)

    def count(self, n: float, noun: str) -> str:
        """`1 case`, `48,213 cases`; French takes the singular below two."""
        return f"{self.number(n)}{_NBSP}{self.noun(noun, n)}"

    def noun(self, noun: str, n: float) -> str:
        """The noun, one or many of it, as `n` wants."""
        one, many = _NOUNS[noun]
        return self.agree(n, self.of(one), self.of(many))

    def agree(self, n: float, one: str, many: str) -> str:
        """The one of two forms that goes with `n`; French takes the singular below two."""
        return one if (abs(n) < 2 if self.french else abs(n) == 1) else many

    def unit(self, unit: str) -> str:
        """What stands at an axis of figures in `unit`; empty where the figures tell it themselves."""
        return self.noun(_OF_TIME[unit], 2) if unit in _OF_TIME else ""

    def measure(self, name: str, label: Text | None = None) -> str:
        """What a measure is called: its own label, else what is known here of its name, else its name."""
        known = label or _MEASURES.get(name)
        return self.of(known) if known else name.replace("_", " ")

    # --- time

    def date(self, day: dt.date) -> str:
        """`12 March 2026`, `1er mars 2026`."""
        number = "1er" if self.french and day.day == 1 else str(day.day)
        return f"{number}{_NBSP}{self.month(day)}"

    def month(self, day: dt.date, *, short: bool = False) -> str:
        """`March 2026`; `short`: `Mar`."""
        if short:
            return _SHORT_MONTHS[self.lang][day.month - 1]
        return f"{_MONTHS[self.lang][day.month - 1]} {day.year}"

    def instant(self, at: dt.datetime) -> str:
        """The day, and the time of day unless it is midnight, in UTC."""
        at = at.astimezone(dt.UTC)
        if (at.hour, at.minute) == (0, 0):
            return self.date(at.date())
        return f"{self.date(at.date())}, {at.hour:02}:{at.minute:02}{_NBSP}UTC"

    def period(self, period: Period) -> str:
        """`March 2026` for a whole month, `2026` for a whole year, else the first and the last day."""
        if period == Period.month(period.start.year, period.start.month):
            return self.month(period.start)
        last = period.end - dt.timedelta(days=1)
        if (period.start.month, period.start.day) == (1, 1) and (last.month, last.day) == (12, 31):
            years = f"{period.start.year}", f"{last.year}"
            return years[0] if years[0] == years[1] else f"{years[0]} {self.pick('to', 'à')} {years[1]}"
        if last == period.start:
            return self.date(last)
        return self.pick(
            f"{self.date(period.start)} to {self.date(last)}",
            f"du {self.date(period.start)} au {self.date(last)}",
        )

    # --- parts

    def _in_unit(self, value: float, unit: str, digits: int, *, trim: bool = True) -> str:
        if not math.isfinite(value):
            return NOTHING
        text = self._bare(value, unit, digits)
        if trim:
            text = _trimmed(text, self.french)
        if unit == "share":
            return f"{text}{_NBSP}%" if self.french else f"{text}%"
        if unit in _OF_TIME:
            return f"{text}{_NBSP}{self.noun(_OF_TIME[unit], round(value, digits))}"
        if unit in {"amount", "count"}:
            return text
        return f"{text}{_NBSP}{unit}"

    def _bare(self, value: float, unit: str, digits: int) -> str:
        if unit == "share":
            return self.number(value * 100, digits)
        for least, size, en, fr in _LARGE if unit == "amount" else ():
            if abs(value) >= least:
                digits = 0 if abs(value) >= 100 * size else 1
                return f"{_trimmed(self.number(value / size, digits), self.french)}{_NBSP}{self.pick(en, fr)}"
        return self.number(value, digits)


def _digits(value: float, unit: str) -> int:
    # As many decimals as tell something: 27.3 %, 99.97 %, 48.2 days, 0.04 days.
    if not math.isfinite(value):
        return 0
    size = abs(value)
    if unit == "share":
        digits = 1
        percent = size * 100
        while digits < 4 and round(percent, digits) in {0, 100} and percent not in {0, 100}:
            digits += 1
        return digits
    if unit == "count" and value == int(value):
        return 0
    if size >= 100:
        return 0
    if size >= 0.1 or size == 0:
        return 1
    return min(6, 1 - math.floor(math.log10(size)))


def _trimmed(text: str, french: bool) -> str:
    return text.partition("," if french else ".")[0] if _is_whole(text, french) else text


def _is_whole(text: str, french: bool) -> bool:
    rest = text.partition("," if french else ".")[2]
    return rest.isdigit() and not rest.strip("0")
