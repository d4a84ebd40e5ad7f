"""Deals held high, then lost: what it must find and must not stands beside its mirror, in test_sandbagging."""

from __future__ import annotations

from crmusage.detectors.pipeline._happy_ears import HappyEars
from crmusage.history import History

from .company import judged, only
from .life import FAR
from .test_sandbagging import company, hoped_for


def shown() -> History:
    """A history in which it finds something."""
    return company(hoped_for)


def test_it_shows_only_deals_that_were_lost() -> None:
    history = shown()
    found = only(judged(HappyEars(), history))
    lost = history.cases.filter((history.cases["outcome"] == "lost") & (history.cases["unit"] == FAR))
    assert set(found.cases) <= set(lost["case_id"].to_list())
    assert len(found.cases) == 20
