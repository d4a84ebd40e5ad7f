"""What a notice says besides the rule itself: why it comes now, and what it asks for."""

from __future__ import annotations

import datetime as dt

from crmusage.model import LANGUAGES, Text, Wording
from crmusage.rules._change import Change
from crmusage.rules._notice import Why
from crmusage.rules._rule import Status, UsageRule

_REASONS = {
    Why.NEW: Text("This rule is new to you.", "Cette règle est nouvelle pour vous."),
    Why.NEWCOMER: Text(
        "You joined us on {since}: this is how we go about it.",
        "Vous nous avez rejoints le {since} : voici comment nous procédons.",
    ),
    Why.AMENDED: Text(
        "You read version {version} on {read}. The rule has changed since.",
        "Vous avez lu la version {version} le {read}. La règle a changé depuis.",
    ),
    Why.RENEWAL: Text(
        "You read this rule on {read}, and it still holds. Read it again: what is not repeated gets lost.",
        "Vous avez lu cette règle le {read}, et elle est toujours en vigueur. Relisez-la : ce qui n'est pas "
        "répété finit par s'oublier.",
    ),
    Why.RETIRED: Text("This rule no longer holds.", "Cette règle ne s'applique plus."),
}
_IN_FORCE = Text("It has been in force since {since}.", "Elle est en vigueur depuis le {since}.")
_TO_COME = Text("It comes into force on {since}.", "Elle entre en vigueur le {since}.")
_FORBIDDEN = Text("This way of working is not to be used.", "Cette pratique n'est pas admise.")
_CHANGED = Text("Version {version}, {day}: {why}", "Version {version}, {day} : {why}")
_CONFIRM = Text(
    "Please confirm that you have read it{due}.",
    "Merci de confirmer que vous en avez pris connaissance{due}.",
)
_DUE = Text(" by {day}", " d'ici le {day}")
_ASK = Text(
    "A question, or a case that it does not foresee?", "Une question, ou un cas qu'elle ne prévoit pas ?"
)
_OWNER = Text("Tell {owner}.", "Parlez-en à {owner}.")
_NOBODY = Text("Say so: that is how rules get better.", "Dites-le : la règle y gagnera.")


def reason(
    rule: UsageRule, why: Why, since: dt.date | None, read: tuple[int, dt.date] | None, on: dt.date
) -> Text:
    """Why it comes on a day, and what has changed since it was read, a paragraph each."""
    return Text(*("\n\n".join(_reason(rule, why, since, read, on, Wording(lang))) for lang in LANGUAGES))


def _reason(
    rule: UsageRule,
    why: Why,
    since: dt.date | None,
    read: tuple[int, dt.date] | None,
    on: dt.date,
    words: Wording,
) -> list[str]:
    version, read_on = read or (rule.version, None)
    head = [
        words.of(_REASONS[why]).format(
            since="" if since is None else words.date(since),
            version=version,
            read="" if read_on is None else words.date(read_on),
        )
    ]
    if rule.status is Status.FORBIDDEN:
        head.append(words.of(_FORBIDDEN))
    elif why is Why.NEW and since is not None:
        head.append(words.of(_IN_FORCE if since <= on else _TO_COME).format(since=words.date(since)))
    # A change's reason is in the language of who made it; what is different was put in words for both.
    changes = [
        " ".join(
            [
                words.of(_CHANGED).format(
                    version=change.version,
                    day=words.date(change.at.astimezone(dt.UTC).date()),
                    why=_as_sentence(change.why),
                ),
                *([] if change.what is None else [words.of(change.what)]),
            ]
        )
        for change in _changes(rule, version)
    ]
    return [" ".join(head), *changes]


def _changes(rule: UsageRule, read: int) -> list[Change]:
    """What made each later version than the one read; what left it as it was, such as another owner, is not told."""
    told: list[Change] = []
    for change in rule.history:
        if change.version > (told[-1].version if told else read):
            told.append(change)
    return told


def request(rule: UsageRule, why: Why, due: dt.date | None) -> Text:
    """What the person is asked for; `due` None: no day to name, or one that has passed and blames nobody."""
    return Text(*(" ".join(_request(rule, why, due, Wording(lang))) for lang in LANGUAGES))


def _request(rule: UsageRule, why: Why, due: dt.date | None, words: Wording) -> list[str]:
    by = "" if due is None else words.of(_DUE).format(day=words.date(due))
    confirm = words.of(_CONFIRM).format(due=by)
    if why is Why.RETIRED:
        return [confirm]
    whom = _NOBODY if rule.owner is None else _OWNER
    return [confirm, words.of(_ASK), words.of(whom).format(owner=rule.owner)]


def _as_sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "\N{HORIZONTAL ELLIPSIS}")) else f"{text}."
