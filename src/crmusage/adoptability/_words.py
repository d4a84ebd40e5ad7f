"""The sentences on adoptability, in both languages."""

from __future__ import annotations

from collections.abc import Iterable

from crmusage.adoptability._survey import Criterion
from crmusage.model import Text, Wording

_EN, _FR = Wording("en"), Wording("fr")

ADVICE = {
    Criterion.COMPATIBILITY: Text(
        "Go along for a day and see what the tool makes people do twice or otherwise than they would.",
        "Accompagnez les gens une journée et relevez ce que l'outil leur fait faire en double ou autrement.",
    ),
    Criterion.ACCESSIBILITY: Text(
        "Count the steps of the three commonest tasks, on a telephone too, and halve them.",
        "Comptez les étapes des trois tâches les plus courantes, y compris sur téléphone, et divisez-les par deux.",
    ),
    Criterion.AVAILABILITY: Text(
        "Stability first: no new function while entries get lost or pages hang.",
        "La stabilité d'abord : aucune nouveauté tant que des saisies se perdent ou que des pages se figent.",
    ),
    Criterion.REASSURANCE: Text(
        "Say what entries are used for and what they are not; managers begin with their own.",
        "Dites à quoi servent les saisies et à quoi elles ne servent pas ; les managers commencent par les leurs.",
    ),
    Criterion.ADVANTAGE: Text(
        "Give users something that earns them time or sales before asking anything more of them.",
        "Donnez d'abord aux utilisateurs de quoi gagner du temps ou des ventes avant de leur en demander plus.",
    ),
}
"""By criterion, where to begin if it is the weakest."""


def advice_on(criterion: Criterion) -> Text:
    """Where to begin if a criterion is the weakest."""
    return ADVICE[criterion]


VERDICTS = {
    "good": Text("good", "favorable"),
    "poor": Text("poor", "défavorable"),
    "open": Text("not settled", "indécis"),
}
ABOUT = {"product": Text("the product", "le produit"), "project": Text("the project", "le projet")}
RETURNS = {
    "performance": Text("performance of users", "performance des utilisateurs"),
    "data": Text("collection of data", "collecte de données"),
}


_SET_ASIDE = {
    "survey: no statement answered": "aucune affirmation renseignée",
    **{
        f"survey: fewer than half of the statements on {criterion} answered": (
            f"moins de la moitié des affirmations renseignées pour le critère « {criterion.text.fr} »"
        )
        for criterion in Criterion
    },
}


def set_aside(reason: str) -> Text:
    """Why answers do not count; a reason that is not known here stays as it is."""
    return Text(reason, _SET_ASIDE.get(reason, reason))


def listed(texts: Iterable[Text]) -> Text:
    """`a`, `a and b`, `a, b and c`."""
    parts = list(texts)
    return Text(_listed([one.en for one in parts], "and"), _listed([one.fr for one in parts], "et"))


def _listed(parts: list[str], last: str) -> str:
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}" if len(parts) > 1 else "".join(parts)


def disagrees(criterion: Criterion, said: str, what: Text) -> Text:
    """Answers and a figure say opposite things."""
    name = criterion.text
    if said == "good":
        return Text(
            f"On {name.en}, people answer well of it, and the figure speaks against it: {what.en}. Ask what they do "
            "instead.",
            f"Sur le critère « {name.fr} », les réponses sont favorables et le chiffre dit le contraire : {what.fr}. "
            "Demandez comment ils font autrement.",
        )
    return Text(
        f"On {name.en}, people answer poorly of it, and the figure speaks for it: {what.en}. Look at what the figure "
        "leaves out.",
        f"Sur le critère « {name.fr} », les réponses sont défavorables et le chiffre dit le contraire : {what.fr}. "
        "Cherchez ce que le chiffre ne voit pas.",
    )


def conflict(feature: Text, pay: Iterable[Text], gain: Iterable[Text]) -> Text:
    """Some pay for what others gain."""
    who, whom = listed(pay), listed(gain)
    return Text(
        f"{feature.en}: paid for by {who.en}, to the gain of {whom.en}.",
        f"{feature.fr} : qui paie, {who.fr} ; qui y gagne, {whom.fr}.",
    )


def conflict_of_whole(pays: float, gains: float) -> Text:
    """What is in place serves others at the users' cost."""
    return Text(
        f"As a whole: users pay {_en(pays)} a week more than they gain, and others gain {_en(gains)}.",
        f"Dans l'ensemble : les utilisateurs paient {_fr(pays)} par semaine de plus qu'ils ne gagnent, et les autres "
        f"y gagnent {_fr(gains)}.",
    )


def burden(feature: Text, costs: float, gains: float) -> Text:
    """Something in place costs more than anybody gains."""
    return Text(
        f"{feature.en}: {_en(costs)} a week go in, {_en(gains)} come out. Cut it down, or let the work fill it in.",
        f"{feature.fr} : {_fr(costs)} par semaine dépensées, {_fr(gains)} gagnées. À réduire, ou à alimenter au fil "
        "du travail.",
    )


def placed(users: float, others: float, after: float) -> Text:
    """Why a feature stands where it stands in the backlog."""
    if users <= 0 and others <= 0:
        en = "Nobody gains by it: ask who needs it before it is built."
        fr = "Personne n'y gagne : demandez à qui cela sert avant de le réaliser."
    elif users > 0:
        en = f"Users gain {_en(users)} a week by it: what serves them comes first."
        fr = f"Les utilisateurs y gagnent {_fr(users)} par semaine : ce qui les sert passe d'abord."
    elif users == 0:
        en = f"Costs users nothing and gives others {_en(others)} a week: it comes once users have gained."
        fr = f"Ne coûte rien aux utilisateurs et rapporte {_fr(others)} par semaine aux autres : après leurs gains."
    else:
        en = f"Users pay {_en(-users)} a week for it and others gain {_en(others)}: it comes last."
        fr = f"Les utilisateurs y laissent {_fr(-users)} par semaine, les autres y gagnent {_fr(others)} : en dernier."
        if after < 0:
            en += " Not yet: users would pay more than they get from the whole."
            fr += " Pas encore : les utilisateurs paieraient plus que l'ensemble ne leur rapporte."
        else:
            en += " What they have gained before pays for it."
            fr += " Ce qu'ils ont gagné auparavant le finance."
    return Text(en, fr)


def _en(minutes: float) -> str:
    return f"{_EN.number(minutes)} min"


def _fr(minutes: float) -> str:
    return f"{_FR.number(minutes)} min"


def coerced(verdict: str, *, forms: bool, units: tuple[str, ...] = ()) -> Text:
    """Whether use is kept up by pressure, in the company and in units."""
    told = {
        "poor": Text(
            "Most use falls around controls: it is kept up by pressure, and will end with it.",
            "L'essentiel de l'usage se concentre autour des contrôles : il tient à la pression et cessera avec elle.",
        ),
        "good": Text(
            "Use is not confined to the days around controls.",
            "L'usage ne se limite pas aux jours qui entourent les contrôles.",
        ),
        "open": Text(
            "Whether use is kept up by pressure cannot be told.",
            "On ne peut pas dire si l'usage tient à la pression.",
        ),
    }[verdict]
    if units:
        names = listed(Text(one, one) for one in units)
        told = Text(
            f"{told.en} In these units it falls around controls: {names.en}.",
            f"{told.fr} Dans ces unités, il se concentre autour des contrôles : {names.fr}.",
        )
    if not forms or not (units or verdict == "poor"):
        return told
    return Text(
        f"{told.en} Most data are typed into forms: catch more of them as the work is done.",
        f"{told.fr} La plupart des données sont saisies dans des formulaires : captez-les au fil du travail.",
    )
