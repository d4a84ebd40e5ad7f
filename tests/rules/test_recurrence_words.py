from __future__ import annotations

import pytest

from crmusage.model import Text
from crmusage.rules import Review
from crmusage.rules._recurrence import recurrence


@pytest.mark.parametrize(
    ("rrule", "en", "fr"),
    [
        ("FREQ=DAILY", "every day", "chaque jour"),
        ("FREQ=YEARLY", "every year", "chaque année"),
        ("FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1", "every year on 1 May", "chaque année, le 1er mai"),
        ("FREQ=YEARLY;INTERVAL=2", "every 2 years", "tous les 2 ans"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day", "chaque mois, le dernier jour"),
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=15", "every 3 months on day 15", "tous les 3 mois, le 15"),
        (
            "FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=17;BYMINUTE=30",
            "every month on the last Friday at 17:30",
            "chaque mois, le dernier vendredi à 17 h 30",
        ),
        ("FREQ=WEEKLY;BYDAY=MO,TH", "every Monday and Thursday", "chaque lundi et chaque jeudi"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
            "every 2 weeks on Monday and Thursday",
            "toutes les 2 semaines, le lundi et le jeudi",
        ),
        (
            "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9",
            "every day from Monday to Friday at 9:00",
            "chaque jour du lundi au vendredi à 9 h",
        ),
        *(
            (rrule, f"at each instant of {rrule}", f"à chaque échéance de {rrule}")
            for rrule in (
                "FREQ=DAILY;COUNT=3",
                "FREQ=HOURLY",
                "FREQ=MONTHLY;BYMONTHDAY=1,15",
                "FREQ=YEARLY;BYMONTHDAY=1,15;BYMONTH=1",
                "FREQ=MONTHLY;BYDAY=MO",
                "FREQ=WEEKLY;BYDAY=1MO",
                "FREQ=DAILY;BYHOUR=9,17",
                "FREQ=DAILY;BYMINUTE=5",
                "FREQ=YEARLY;BYMONTH=5",
            )
        ),
    ],
)
def test_a_recurrence_is_said_as_people_say_it_or_as_it_is_written(rrule: str, en: str, fr: str) -> None:
    Review(rrule)

    assert recurrence(rrule) == Text(en, fr)
