from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.model import Period, Text, Wording, printable

EN, FR = Wording("en"), Wording("fr")


@pytest.mark.parametrize(
    ("value", "unit", "en", "fr"),
    [
        (0.273, "share", "27.3%", "27,3\u00a0%"),
        (0.99, "share", "99%", "99\u00a0%"),
        (0.9997, "share", "99.97%", "99,97\u00a0%"),
        (0.0004, "share", "0.04%", "0,04\u00a0%"),
        (1.0, "share", "100%", "100\u00a0%"),
        (0.0, "share", "0%", "0\u00a0%"),
        (0.9, "days", "0.9\u00a0days", "0,9\u00a0jour"),
        (1.0, "days", "1\u00a0day", "1\u00a0jour"),
        (1.5, "days", "1.5\u00a0days", "1,5\u00a0jour"),
        (48.2, "days", "48.2\u00a0days", "48,2\u00a0jours"),
        (0.042, "hours", "0.042\u00a0hours", "0,042\u00a0heure"),
        (312.4, "days", "312\u00a0days", "312\u00a0jours"),
        (1234, "count", "1,234", "1\u202f234"),
        (2.5, "count", "2.5", "2,5"),
        (41_800_000, "amount", "41.8\u00a0M", "41,8\u00a0M"),
        (2_000_000_000, "amount", "2\u00a0bn", "2\u00a0Md"),
        (12_500.4, "amount", "12.5\u00a0k", "12,5\u00a0k"),
        (442_201, "amount", "442\u00a0k", "442\u00a0k"),
        (9_999, "amount", "9,999", "9\u202f999"),
        (1.02, "months", "1\u00a0month", "1\u00a0mois"),
        (-3.25, "clicks", "\u22123.2\u00a0clicks", "\u22123,2\u00a0clicks"),
        (math.nan, "share", "\u2014", "\u2014"),
        (math.inf, "days", "\u2014", "\u2014"),
    ],
)
def test_a_figure_is_written_as_its_language_writes_it(value, unit, en, fr):
    assert EN.value(value, unit) == en
    assert FR.value(value, unit) == fr


@pytest.mark.parametrize(
    ("low", "high", "unit", "en", "fr"),
    [
        (0.910, 0.962, "share", "91.0 to 96.2%", "91,0 à 96,2\u00a0%"),
        (0.15, 0.38, "share", "15 to 38%", "15 à 38\u00a0%"),
        (0.8, 1.1, "days", "0.8 to 1.1\u00a0days", "0,8 à 1,1\u00a0jour"),
    ],
)
def test_both_ends_of_an_interval_are_as_precise(low, high, unit, en, fr):
    assert EN.interval(low, high, unit) == en
    assert FR.interval(low, high, unit) == fr


@pytest.mark.parametrize(
    ("value", "unit", "en", "fr"),
    [
        (0.015, "share", "+1.5\u00a0points", "+1,5\u00a0point"),
        (-0.021, "share", "\u22122.1\u00a0points", "\u22122,1\u00a0points"),
        (0.0004, "share", "+0.04\u00a0points", "+0,04\u00a0point"),
        (0.0, "share", "0\u00a0points", "0\u00a0point"),
        (0.0198, "share", "+2\u00a0points", "+2\u00a0points"),
        (0.0101, "share", "+1\u00a0point", "+1\u00a0point"),
        (-1.4, "days", "\u22121.4\u00a0days", "\u22121,4\u00a0jour"),
        (math.nan, "share", "\u2014", "\u2014"),
    ],
)
def test_a_change_has_a_sign_and_that_of_a_share_is_in_points(value, unit, en, fr):
    assert EN.difference(value, unit) == en
    assert FR.difference(value, unit) == fr


@pytest.mark.parametrize(
    ("p", "en"), [(2e-11, "<\u00a00.001"), (0.0123, "0.012"), (0.3, "0.30"), (math.nan, "\u2014")]
)
def test_a_probability_is_no_more_precise_than_it_means(p, en):
    assert EN.chance(p) == en


def test_counts_take_the_number_of_their_language():
    assert [EN.count(n, "case") for n in (0, 1, 2)] == ["0\u00a0cases", "1\u00a0case", "2\u00a0cases"]
    assert [FR.count(n, "case") for n in (0, 1, 2)] == ["0\u00a0dossier", "1\u00a0dossier", "2\u00a0dossiers"]


def test_dates_are_written_as_their_language_writes_them():
    assert EN.date(dt.date(2026, 3, 12)) == "12\u00a0March 2026"
    assert FR.date(dt.date(2026, 3, 12)) == "12\u00a0mars 2026"
    assert FR.date(dt.date(2026, 8, 1)) == "1er\u00a0août 2026"
    paris = dt.timezone(dt.timedelta(hours=2))
    assert EN.instant(dt.datetime(2026, 3, 12, 2, tzinfo=paris)) == "12\u00a0March 2026"
    assert FR.instant(dt.datetime(2026, 3, 12, 15, 5, tzinfo=dt.UTC)) == "12\u00a0mars 2026, 15:05\u00a0UTC"


@pytest.mark.parametrize(
    ("start", "end", "en", "fr"),
    [
        ("2026-03-01", "2026-04-01", "March 2026", "mars 2026"),
        ("2025-01-01", "2026-01-01", "2025", "2025"),
        ("2024-01-01", "2026-01-01", "2024 to 2025", "2024 à 2025"),
        ("2026-03-05", "2026-03-06", "5\u00a0March 2026", "5\u00a0mars 2026"),
        (
            "2026-03-05",
            "2026-03-09",
            "5\u00a0March 2026 to 8\u00a0March 2026",
            "du 5\u00a0mars 2026 au 8\u00a0mars 2026",
        ),
    ],
)
def test_a_period_is_told_with_its_last_day_inside(start, end, en, fr):
    period = Period(dt.date.fromisoformat(start), dt.date.fromisoformat(end))
    assert EN.period(period) == en
    assert FR.period(period) == fr


def test_a_measure_without_a_name_here_is_called_by_its_identifier():
    assert EN.measure("win_rate") == "win rate"
    assert FR.measure("win_rate") == "taux de succès"
    assert FR.measure("own_figure") == "own figure"


def test_french_signs_have_their_spaces():
    assert (
        FR.pick("", "Quoi ? « Ici » : 5 % ; l'un")
        == "Quoi\u202f? «\u00a0Ici\u00a0»\u00a0: 5\u00a0%\u202f; l\u2019un"
    )


def test_only_the_two_languages_have_words():
    with pytest.raises(ValueError, match="en and fr"):
        Wording("de")


@given(st.floats(-1e12, 1e12), st.sampled_from(("share", "days", "hours", "amount", "count", "x")))
def test_a_french_figure_is_the_english_one_in_other_signs(value, unit):
    def plain(text):
        return text.translate(str.maketrans({"\u202f": None, "\u00a0": None, ",": ".", "%": None}))

    words = {"jours": "days", "jour": "day", "heures": "hours", "heure": "hour", "Md": "bn"}
    french = plain(FR.value(value, unit))
    for fr, en in words.items():
        french = french.replace(fr, en)
    english = plain(EN.value(value, unit).replace(",", ""))
    assert french.rstrip("s") == english.rstrip("s")


@given(st.floats(-1, 2))
def test_no_share_is_rounded_to_all_or_nothing(value):
    text = EN.value(value, "share")
    if 0.999_999 > value > 0.000_001:
        assert text not in {"0%", "100%"}
    assert abs(float(text.rstrip("%").replace("\u2212", "-")) / 100 - value) <= 0.000_51


@given(st.text())
def test_what_is_printable_drives_no_terminal_and_can_be_written(text):
    shown = printable(text)
    shown.encode("utf-8")
    assert len(shown) == len(text)
    assert not any((ord(sign) < 32 and sign != "\n") or 127 <= ord(sign) < 160 for sign in shown)


def test_a_figure_is_called_by_its_own_label_before_anything_else():
    label = Text(en="amounts that look guessed", fr="montants qui semblent estimés")
    assert Wording("fr").measure("win_rate", label) == label.fr
    assert Wording("fr").measure("win_rate") == "taux de succès"
    assert Wording("en").measure("round_amounts") == "round amounts"
