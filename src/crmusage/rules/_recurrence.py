"""Recurrence rules as people say them: `every Monday at 12:00`."""

from __future__ import annotations

import datetime as dt

from crmusage.model import Text, Wording

_DAYS = {
    "MO": Text("Monday", "lundi"),
    "TU": Text("Tuesday", "mardi"),
    "WE": Text("Wednesday", "mercredi"),
    "TH": Text("Thursday", "jeudi"),
    "FR": Text("Friday", "vendredi"),
    "SA": Text("Saturday", "samedi"),
    "SU": Text("Sunday", "dimanche"),
}
_WORKING_DAYS = {"MO", "TU", "WE", "TH", "FR"}
_EVERY = {
    "DAILY": Text("every day", "chaque jour"),
    "WEEKLY": Text("every week", "chaque semaine"),
    "MONTHLY": Text("every month", "chaque mois"),
    "YEARLY": Text("every year", "chaque année"),
}
_SEVERAL = {
    "DAILY": Text("every {} days", "tous les {} jours"),
    "WEEKLY": Text("every {} weeks", "toutes les {} semaines"),
    "MONTHLY": Text("every {} months", "tous les {} mois"),
    "YEARLY": Text("every {} years", "tous les {} ans"),
}
_PLACES = {
    "1": Text("first", "premier"),
    "2": Text("second", "deuxième"),
    "3": Text("third", "troisième"),
    "4": Text("fourth", "quatrième"),
    "-1": Text("last", "dernier"),
}
_SAID = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYHOUR", "BYMINUTE"})


def recurrence(rrule: str) -> Text:
    """When it comes round, as it stands in a sentence; a rule too rich for words, as it is written."""
    parts = dict(part.split("=", 1) for part in rrule.split(";"))
    days, time = _days(parts), _time(parts)
    if days is None or time is None or not parts.keys() <= _SAID:
        return Text(f"at each instant of {rrule}", f"à chaque échéance de {rrule}")
    return Text(days.en + time.en, days.fr + time.fr)


def _days(parts: dict[str, str]) -> Text | None:
    frequency, count = parts["FREQ"], parts.get("INTERVAL", "1")
    if frequency not in _EVERY:
        return None
    every = _EVERY[frequency]
    if count != "1":
        every = Text(_SEVERAL[frequency].en.format(count), _SEVERAL[frequency].fr.format(count))
    match frequency, [name for name in ("BYDAY", "BYMONTHDAY", "BYMONTH") if name in parts]:
        case _, []:
            return every
        case "WEEKLY", ["BYDAY"]:
            return _weekdays(parts["BYDAY"].split(","), None if count == "1" else every)
        case "MONTHLY", ["BYDAY"]:
            on = _placed_weekday(parts["BYDAY"])
        case "MONTHLY", ["BYMONTHDAY"]:
            on = _day_of_month(parts["BYMONTHDAY"])
        case "YEARLY", ["BYMONTHDAY", "BYMONTH"]:
            on = _day_of_year(parts["BYMONTHDAY"], parts["BYMONTH"])
        case _:
            on = None
    return on and Text(f"{every.en} on {on.en}", f"{every.fr}, le {on.fr}")


def _weekdays(names: list[str], every: Text | None) -> Text | None:
    """The days of each week; of some weeks only, said by `every`."""
    if not set(names) <= _DAYS.keys():
        return None
    en = _listed([_DAYS[name].en for name in names], "and")
    if every is not None:
        fr = _listed([f"le {_DAYS[name].fr}" for name in names], "et")
        return Text(f"{every.en} on {en}", f"{every.fr}, {fr}")
    if set(names) == _WORKING_DAYS:
        return Text("every day from Monday to Friday", "chaque jour du lundi au vendredi")
    return Text(f"every {en}", _listed([f"chaque {_DAYS[name].fr}" for name in names], "et"))


def _placed_weekday(text: str) -> Text | None:
    place, day = _PLACES.get(text[:-2].removeprefix("+")), _DAYS.get(text[-2:])
    if place is None or day is None:
        return None
    return Text(f"the {place.en} {day.en}", f"{place.fr} {day.fr}")


def _day_of_month(text: str) -> Text | None:
    if text == "-1":
        return Text("the last day", "dernier jour")
    return Text(f"day {text}", _ordinal(text)) if text.isdigit() else None


def _day_of_year(day: str, month: str) -> Text | None:
    if not day.isdigit() or not month.isdigit():
        return None
    first = dt.date(2000, int(month), 1)
    en, fr = (Wording(lang).month(first).removesuffix(" 2000") for lang in ("en", "fr"))
    return Text(f"{day} {en}", f"{_ordinal(day)} {fr}")


def _time(parts: dict[str, str]) -> Text | None:
    hour, minute = parts.get("BYHOUR"), parts.get("BYMINUTE", "0")
    if hour is None:
        return None if "BYMINUTE" in parts else Text("", "")
    if not hour.isdigit() or not minute.isdigit():
        return None
    past = f" {int(minute):02}" if int(minute) else ""
    return Text(f" at {int(hour)}:{int(minute):02}", f" à {int(hour)} h{past}")


def _ordinal(day: str) -> str:
    return "1er" if day == "1" else day


def _listed(parts: list[str], word: str) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"
