from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import attrs

from crmusage.errors import ContractError
from crmusage.model import Text
from crmusage.requests._event import Misfit
from crmusage.requests._kind import RequestKind, value_of
from crmusage.requests._request import Request
from crmusage.requests._state import Command
from crmusage.requests._steps import steps
from crmusage.requests._units import MIN_GROUP, is_reported

Responsibilities = Mapping[str, tuple[str, ...]]


def _several(value: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {name: (those,) if isinstance(those, str) else tuple(those) for name, those in value.items()}


@attrs.frozen
class Doer:
    """Somebody, a team or a queue that can be asked."""

    id: str
    unit: str | None = None
    roles: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    skills: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    responsibilities: Responsibilities = attrs.field(factory=dict, converter=_several, hash=False)
    """What they answer for, by the fact that divides it: {"region": ("North", "East")}."""


@attrs.frozen
class Routing:
    """Whether somebody is the right doer for a request, and what is missing."""

    doer: str
    misfits: tuple[tuple[Misfit, str], ...]
    """Why not, with the role, skill or fact that is missing; empty: nothing speaks against it."""
    unknown: tuple[str, ...]
    """Facts by which responsibility is divided and that the request does not say."""
    text: Text

    @property
    def fits(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.misfits


def check_routing(request: Request, kind: RequestKind, doer: Doer) -> Routing:
    """Whether a doer has the role, the skills and the responsibility that a request of its kind takes."""
    misfits: list[tuple[Misfit, str]] = []
    if kind.roles and not set(kind.roles) & set(doer.roles):
        misfits.append((Misfit.ROLE, " / ".join(kind.roles)))
    misfits += [(Misfit.SKILL, skill) for skill in kind.skills if skill not in doer.skills]
    unknown = []
    for fact in kind.responsibility:
        value = value_of(request, fact)
        if value is None:
            unknown.append(fact)
        elif str(value) not in doer.responsibilities.get(fact, ()):
            misfits.append((Misfit.RESPONSIBILITY, f"{fact} = {value}"))
    return Routing(doer.id, tuple(misfits), tuple(unknown), _told(misfits, unknown))


def right_doers(request: Request, kind: RequestKind, doers: Iterable[Doer]) -> tuple[Doer, ...]:
    """Those against whom nothing speaks, by id."""
    fitting = (doer for doer in doers if check_routing(request, kind, doer).fits)
    return tuple(sorted(fitting, key=lambda doer: doer.id))


@attrs.frozen
class TrainingNeed:
    """A skill that a unit was asked for and did not have. No person is named."""

    unit: str
    skill: str
    refusals: int
    requests: tuple[str, ...]
    """Ids of the requests that it was missing for, in id order."""
    holders: int
    """How many of the unit are known to have it."""
    text: Text


@attrs.frozen
class TrainingNeeds:
    """The needs, the most asked for first, and how many refusals were not reported."""

    needs: tuple[TrainingNeed, ...]
    withheld: int
    """Refusals in units that are too small, or by somebody whose unit is not known."""


def training_needs(
    requests: Iterable[Request], doers: Iterable[Doer], *, min_group: int = MIN_GROUP
) -> TrainingNeeds:
    """What doers have to learn: refusals and reroutings for want of a skill, by unit and skill.

    Args:
        requests: any requests.
        doers: everybody who can be asked; a unit's size is how many of them it has.
        min_group: units with fewer doers are not reported.

    Raises:
        ContractError: when a doer is there twice.
    """
    by_id = doers_by_id(doers)
    sizes = Counter(doer.unit for doer in by_id.values() if doer.unit is not None)
    cases: dict[tuple[str, str], list[str]] = defaultdict(list)
    withheld = 0
    for request in requests:
        for step in steps(request):
            lacking = step.event.reason is Misfit.SKILL and step.command in {Command.REFUSE, Command.REROUTE}
            if not lacking:
                continue
            asked = by_id.get(step.before.doer or "")
            unit = step.event.unit if asked is None else asked.unit
            if unit is None or not is_reported(unit, sizes, min_group):
                withheld += 1
            else:
                cases[unit, step.event.skill or "?"].append(request.id)
    needs = [
        _need(unit, skill, ids, [doer for doer in by_id.values() if doer.unit == unit])
        for (unit, skill), ids in cases.items()
    ]
    return TrainingNeeds(tuple(sorted(needs, key=lambda n: (-n.refusals, n.unit, n.skill))), withheld)


def doers_by_id(doers: Iterable[Doer]) -> dict[str, Doer]:
    """The doers by id.

    Raises:
        ContractError: when one is there twice.
    """
    by_id: dict[str, Doer] = {}
    for doer in doers:
        if doer.id in by_id:
            raise ContractError(f"the doer {doer.id!r} is there more than once: give each one once")
        by_id[doer.id] = doer
    return by_id


def _need(unit: str, skill: str, ids: list[str], members: list[Doer]) -> TrainingNeed:
    holders = sum(skill in doer.skills for doer in members)
    n, size = len(ids), len(members)
    text = Text(
        f"{unit}: {skill} was missing {n} {'time' if n == 1 else 'times'}; {holders} of {size} have it.",
        f"{unit} : la compétence {skill} a manqué {n} fois ; elle est acquise pour {holders} sur {size}.",
    )
    return TrainingNeed(unit, skill, n, tuple(sorted(ids)), holders, text)


_MISSING = {
    Misfit.ROLE: Text("the role", "le rôle"),
    Misfit.SKILL: Text("the skill", "la compétence"),
    Misfit.RESPONSIBILITY: Text("the responsibility", "la responsabilité"),
}


def _told(misfits: list[tuple[Misfit, str]], unknown: list[str]) -> Text:
    if misfits:
        en, fr = (
            ", ".join(f"{_MISSING[why].into(lang)} {what}" for why, what in misfits) for lang in ("en", "fr")
        )
        return Text(
            f"Not the right doer: {en} is missing.", f"Ce n'est pas le bon faiseur ; il lui manque {fr}."
        )
    if unknown:
        names = ", ".join(unknown)
        return Text(
            f"Nothing speaks against it, but the request does not say: {names}.",
            f"Rien ne s'y oppose, mais la demande ne précise pas : {names}.",
        )
    return Text("The right doer.", "C'est le bon faiseur.")
