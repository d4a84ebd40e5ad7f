from __future__ import annotations

import datetime as dt

import numpy as np

from crmusage.conformance import unseen, witnesses
from crmusage.history import History, acknowledgements_of
from crmusage.knowledge import Gathered, gather, trained_by
from crmusage.rules import Rulebook
from crmusage.signals._use import Acts

_KNEW = "fulfilled"


def readings(history: History, book: Rulebook, done: Acts) -> Gathered:
    """How many still keep a rule so many months after they last read it: what the decay of knowledge is fitted to.

    Each person counts once, with the last case in which a rule that they had read called for something of them: so
    the answers are of one person each, as a fit needs them. Persons are those of `done`; rules that the history cannot
    show are left out.

    Args:
        history: what happened; `acknowledgements` tells who read what when.
        book: its rules in force.
        done: whose acts count.
    """
    read = acknowledgements_of(history)
    rules = [rule for rule in book.active if not unseen(history, rule)] if read else []
    if not rules:
        return Gathered((), 0, 0, 0)
    trained = {(person, rule.id): day for rule in rules for person, day in trained_by(read, rule.id).items()}
    rows = witnesses(history, rules, (_KNEW, "violated"))
    place = {case: k for k, case in enumerate(history.cases["case_id"].to_list())}
    actors, owners = history.events["actor"].to_list(), history.cases["owner"].to_list()
    last: dict[str, tuple[dt.date, str, bool]] = {}
    # A case as a whole is its owner's, from when it was decided on, or should have been.
    when = rows["at"].zip_with(rows["at"].is_not_null(), rows["decided_at"])
    when = when.zip_with(when.is_not_null(), rows["deadline"])
    named = rows.select("rule", "case_id", "event", "verdict").iter_rows()
    for (rule, case, event, verdict), at in zip(named, when.to_list(), strict=True):
        person = actors[event] if event is not None else owners[place[case]]
        if person is None or at is None or trained.get((person, rule), dt.date.max) > at.date():
            continue
        # Of two on one day the one that was broken counts: who failed once does not surely know.
        sight = (at.date(), rule, verdict == _KNEW)
        before = last.get(person)
        if before is None or (sight[0], not sight[2], sight[1]) > (before[0], not before[2], before[1]):
            last[person] = sight
    known = {done.persons[k] for k in np.unique(done.person)}
    return gather(
        {person: trained[person, rule] for person, (_, rule, _) in last.items()},
        [(person, day, knew) for person, (day, _, knew) in last.items() if person in known],
    )
