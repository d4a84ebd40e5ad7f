from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmusage.model import (
    Distortion,
    Evidence,
    Measure,
    Onset,
    Proposal,
    Telling,
    Text,
    Undefined,
    Verb,
    Wording,
    passages,
)
from tests.report import sample
from tests.report.reports import FINDINGS

EN, FR = Wording("en"), Wording("fr")


def told(text):
    """Without what only the eye needs."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_an_explanation_gives_every_number_and_every_case():
    text = told(sample.late_creation().explain())
    for part in (
        "Grand Ouest: late creation\nparasitic usage, serious · CU112 late-creation · 1 October 2025 to 31 October 2026",
        "already won when entered: 94.1% (302 of 321; 95% interval 91.0 to 96.2%); peers 4.3%, usual range 0.8 to 11.7% (43 peers); adjusted p < 0.001",
        "typical sales cycle: 0.9 days (n = 312; 95% interval 0.8 to 1.1 days); peers 48 days, usual range 31 to 74 days (43 peers); adjusted p = 0.009",
        "win rate: 27.3% with the unit, 25.8% without it (+1.5 points); lost in its usual ups and downs (±2.3 points)",
        "Since about 14 September 2025 (between 1 August 2025 and 20 October 2025): 7% before, 94% since.",
        "No: of the 3 company figures it bends, none moves by more than it does anyway",
        "- Announce: Tell the people of Grand Ouest",
        "(rule first-contact)",
        "Imports (14 cases)",
        "006-18214, 006-18251",
    ):
        assert part in text


def test_an_explanation_is_as_complete_in_french():
    text = told(sample.late_creation().explain("fr"))
    for part in (
        "Grand Ouest : création tardive\nusage parasite, grave · CU112 late-creation · du 1er octobre 2025",
        "taux de succès : 99 % (309 sur 312 ; intervalle à 95 % 97,2 à 99,7 %) ; ses pairs 26,1 %, plage habituelle 15 à 38 % (43 autres unités) ; p ajusté < 0,001",
        "cycle de vente moyen : 46,8 jours avec l’unité, 48,2 jours sans elle (−1,4 jour) ; noyé dans ses variations",
        "Non : des 3 chiffres de l’entreprise qu’il fausse",
        "- Communiquer : Rappeler",
        "(règle first-contact)",
        "Dossiers qui le montrent\n006-18214",
    ):
        assert part in text
    assert len(passages(sample.late_creation(), "fr")) == len(passages(sample.late_creation(), "en"))


def test_parts_with_nothing_to_say_are_left_out():
    bare = attrs.evolve(
        sample.late_creation(),
        evidence=(),
        onset=None,
        distortions=(),
        proposals=(),
        reasoning=None,
        cases=(),
    )
    assert [passage.topic for passage in passages(bare)] == ["peers"]


def test_the_findings_own_measure_is_told_once():
    finding = sample.late_creation()
    assert [e.measure.name for e in Telling(finding, EN).evidence] == [
        "late_share",
        "win_rate",
        "typical_cycle",
    ]
    bare = attrs.evolve(finding, evidence=finding.evidence[1:])
    assert [e.measure.name for e in Telling(bare, EN).evidence] == ["late_share", "win_rate", "typical_cycle"]


def test_a_p_that_was_not_adjusted_is_said_to_be_that():
    evidence = Evidence(Measure("win_rate", 0.5), None, 0.02, None)
    telling = Telling(sample.late_creation(), EN)
    assert told(telling.evidence_line(evidence)) == "win rate: 50%; p = 0.020 (not adjusted)"


def test_a_figure_that_does_not_exist_is_told_with_its_reason():
    evidence = Evidence(Undefined("win_rate", "nothing was closed"))
    assert (
        Telling(sample.late_creation(), EN).evidence_line(evidence) == "win rate: \u2014 (nothing was closed)"
    )


def test_the_rule_of_a_proposal_is_named_before_the_full_stop():
    proposal = Proposal(Verb.ANNOUNCE, Text("Tell them.", "Dites-le."), "first-contact")
    line = Telling(sample.late_creation(), FR).proposal_line(proposal)
    assert told(line) == "Communiquer : Dites-le (règle first-contact)."
    bare = Proposal(Verb.ANNOUNCE, Text("Tell them", "Dites-le"), "first-contact")
    line = Telling(sample.late_creation(), EN).proposal_line(bare)
    assert line == "Announce: Tell them (rule first-contact)"


def test_the_reason_is_told_in_the_language_of_the_reader():
    evidence = Evidence(Undefined("win_rate", Text("nothing was closed", "rien n'a été clôturé")))
    line = Telling(sample.late_creation(), FR).evidence_line(evidence)
    assert told(line) == "taux de succès : \u2014 (rien n\u2019a été clôturé)"


@pytest.mark.parametrize(
    ("distortions", "answer"),
    [
        ((), ""),
        ((Distortion("a", 1, 2, hidden=True, spread=1),), "No: the company’s figure moves by less"),
        ((Distortion("a", 1, 2, hidden=True, spread=1),) * 2, "No: of the 2 company figures"),
        ((Distortion("a", 1, 9, hidden=False, spread=1),), "Yes: the company’s figures move by more"),
        (
            (Distortion("a", 1, 9, hidden=False, spread=1), Distortion("b", 1, 2, hidden=True, spread=1)),
            "In part: it shows in some of the company’s figures (a)",
        ),
        ((Distortion("a", 1, 9, hidden=False, spread=None),), "Not known: there are too few periods"),
    ],
)
def test_whether_anyone_could_have_seen_it_follows_from_the_figures(distortions, answer):
    telling = Telling(attrs.evolve(sample.late_creation(), distortions=distortions), EN)
    assert telling.visibility.startswith(answer)
    assert bool(telling.visibility) == bool(answer)


@pytest.mark.parametrize(
    ("onset", "en"),
    [
        (Onset(None), "For as long as the data go back."),
        (Onset(None, after=0.94), "For as long as the data go back: 94%."),
        (Onset(sample.AS_OF.date()), "Since about 31 October 2026."),
    ],
)
def test_since_when_is_told_as_far_as_it_is_known(onset, en):
    assert told(Telling(attrs.evolve(sample.late_creation(), onset=onset), EN).onset) == en


def test_another_language_is_refused():
    with pytest.raises(ValueError, match="en and fr"):
        sample.late_creation().explain("de")


@given(FINDINGS, st.sampled_from(("en", "fr")))
def test_any_finding_can_be_explained(finding, lang):
    text = finding.explain(lang)
    assert text.endswith("\n")
    assert "\x1b" not in text
    text.encode("utf-8")


def test_figures_without_peers_are_not_said_to_be_held_against_them():
    alone = attrs.evolve(sample.late_creation(), norm=None, evidence=())
    assert passages(alone)[0].heading == "The figures"
    assert Telling(alone, EN).contrast == "94.1%"
    assert Telling(attrs.evolve(alone, measure=Undefined("a", "b")), EN).contrast == ""


def test_a_norm_without_limits_has_no_usual_range():
    norm = attrs.evolve(sample.late_creation().norm, low=float("-inf"))
    assert told(Telling(sample.late_creation(), EN).usual(norm, "share")) == "4.3% (43 peers)"
