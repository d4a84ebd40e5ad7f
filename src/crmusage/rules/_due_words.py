"""What is to be done about rules, in words: what is wrong, and what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from crmusage.model import LANGUAGES, Text, Wording
from crmusage.rules._gap import GapReport
from crmusage.rules._rule import UsageRule

TITLES: Mapping[str, Text] = {
    "contradiction": Text("cannot be kept", "impossible à respecter"),
    "owner_left": Text("owner gone", "responsable parti"),
    "owner_unknown": Text("owner unknown", "responsable inconnu"),
    "no_owner": Text("no owner", "sans responsable"),
    "review": Text("review", "révision"),
    "no_date": Text("review without a date", "révision sans date"),
    "nobody_to_tell": Text("nobody to tell", "personne à prévenir"),
    "never_told": Text("never announced", "jamais communiquée"),
    "not_told_again": Text("not repeated", "jamais rappelée"),
    "open_gap": Text("gap reported", "lacune signalée"),
    "dead": Text("dead rule", "règle morte"),
    "training_wheels": Text("training wheels", "petites roues"),
}
"""By task, what it is in a few words."""

_EN, _FR = (Wording(lang) for lang in LANGUAGES)


def _days(day: dt.date) -> tuple[str, str]:
    return _EN.date(day), _FR.date(day)


def no_owner() -> Text:
    """Nobody was ever named."""
    return Text(
        "Nobody looks after this rule. Name an owner.",
        "Personne n'est responsable de cette règle. Désignez un responsable.",
    )


def owner_unknown(owner: str) -> Text:
    """The owner is neither a person nor a group of people."""
    return Text(
        f"Its owner, {owner}, is no person, unit or profile that is known. Correct the name, or name an owner.",
        f"Son responsable, {owner}, ne correspond à aucune personne, unité ou profil connu. Corrigez le nom "
        "ou désignez un responsable.",
    )


def owner_left(owner: str, left: dt.date) -> Text:
    """The owner has left, or everybody of the group that is."""
    en, fr = _days(left)
    return Text(
        f"Its owner, {owner}, left on {en}. Name another one.",
        f"Son responsable, {owner}, est parti le {fr}. Désignez-en un autre.",
    )


def review(rule: UsageRule, when: dt.date, on: dt.date) -> Text:
    """It is time to look at it again, or will be."""
    en, fr = _days(when)
    last_en, last_fr = _days(rule.history[-1].at.astimezone(dt.UTC).date())
    if when < on:
        return Text(
            f"Its review has been due since {en}; it was last changed on {last_en}. Does it still fit?",
            f"Sa révision est due depuis le {fr} ; dernier changement le {last_fr}. Convient-elle encore ?",
        )
    return Text(
        f"Its review is due on {en}; it was last changed on {last_en}. Does it still fit?",
        f"Sa révision est prévue le {fr} ; dernier changement le {last_fr}. Convient-elle encore ?",
    )


def no_date() -> Text:
    """A review that cannot be counted from anything."""
    return Text(
        "It is to be reviewed, but its history does not say when it was last changed. Review it now, and "
        "amend it or note that it was looked at.",
        "Elle doit être révisée, mais son historique ne dit pas quand elle a changé. Révisez-la maintenant, "
        "puis modifiez-la ou notez qu'elle a été relue.",
    )


def nobody_to_tell(rule: UsageRule) -> Text:
    """An audience that nobody is in."""
    named = rule.communication.audience if rule.communication is not None else {}
    whom = "; ".join(f"{name}: {', '.join(of)}" for name, of in named.items())
    en, fr = (f" ({whom})", f" ({whom})") if whom else ("", "")
    return Text(
        f"Nobody is in its audience{en}. Name profiles, units or regions that there are.",
        f"Personne ne fait partie de ses destinataires{fr}. Nommez des profils, unités ou régions existants.",
    )


def never_told(since: dt.date | None) -> Text:
    """In force or forbidden, and nobody has read it."""
    if since is None:
        return Text(
            "It holds, and nobody has confirmed having read it. Announce it.",
            "Elle s'applique et personne n'a confirmé l'avoir lue. Communiquez-la.",
        )
    en, fr = _days(since)
    return Text(
        f"It has held since {en}, and nobody has confirmed having read it. Announce it.",
        f"Elle s'applique depuis le {fr} et personne n'a confirmé l'avoir lue. Communiquez-la.",
    )


def not_told_again(last: dt.date) -> Text:
    """Nobody has read it for a year."""
    en, fr = _days(last)
    return Text(
        f"Nobody has read it since {en}. Whoever came later knows it from colleagues, or not at all. Announce "
        "it again, and say how often (renew_every).",
        f"Personne ne l'a lue depuis le {fr}. Les arrivants ne la connaissent que par leurs collègues, ou pas "
        "du tout. Communiquez-la de nouveau et fixez une fréquence (renew_every).",
    )


def open_gap(report: GapReport) -> Text:
    """A report that waits for its answer; who filed it is not told here."""
    en, fr = _days(report.on)
    what = " ".join(report.words.split())
    where = "" if report.unit is None else f", {report.unit}"
    return Text(
        f"Reported on {en}{where}: \N{LEFT DOUBLE QUOTATION MARK}{what}\N{RIGHT DOUBLE QUOTATION MARK}. "
        "Answer it: with a rule, or with the reason why there will be none.",
        f"Signalée le {fr}{where} : « {what} ». Répondez : par une règle, ou par la raison de ne pas en faire.",
    )
