"""Use that exists only because it is checked."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from crmusage.adoptability import _words
from crmusage.adoptability._indicator import Verdict
from crmusage.model import Measure, Text, Undefined

AROUND_CONTROLS = 0.5
"""Half of all use in the days around reviews and closings, or more, is taken for use under pressure (guessed)."""
BY_PRODUCT = 0.5
"""Half of the data or more caught as a by-product of work means that people are not paid for with forms (guessed)."""


@attrs.frozen
class Coercion:
    """Whether people use the tool of themselves, as far as two shares can tell."""

    around_controls: Measure | Undefined
    """The share of use that falls around controls."""
    by_product: Measure | Undefined
    """The share of data that is caught as work is done, against what is typed into forms."""
    verdict: Verdict
    """`poor`: kept up by pressure; `good`: it is not; `open`: cannot be told."""
    text: Text
    units: tuple[str, ...] = ()
    """Units of which a detector found it; none is too small to be named."""


def coercion(
    around_controls: Measure | Undefined, by_product: Measure | Undefined, units: Iterable[str] = ()
) -> Coercion:
    """Read the two shares; the first decides for the company, the second says where to begin.

    Args:
        around_controls: the share of use that falls around controls.
        by_product: the share of data that is caught as work is done.
        units: those of which a detector (CU201) found that their use falls around controls.
    """
    found = tuple(units)
    verdict = Verdict.OPEN
    if isinstance(around_controls, Measure):
        low = around_controls.value if around_controls.low is None else around_controls.low
        high = around_controls.value if around_controls.high is None else around_controls.high
        if low >= AROUND_CONTROLS:
            verdict = Verdict.POOR
        elif high < AROUND_CONTROLS:
            verdict = Verdict.GOOD
    forms = isinstance(by_product, Measure) and by_product.value < BY_PRODUCT
    text = _words.coerced(verdict.value, forms=forms, units=found)
    return Coercion(around_controls, by_product, verdict, text, found)
