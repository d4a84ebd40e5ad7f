"""The detectors: built in, and installed by others under the entry-point group `crmusage.detectors`."""

from __future__ import annotations

import re
import warnings
from importlib.metadata import EntryPoint, entry_points

import attrs

from crmusage.detectors import BUILT_IN, Detector
from crmusage.errors import CrmUsageWarning, PluginError
from crmusage.model import Assessment, Outcome, Scope, Text

__all__ = ["GROUP", "Installed", "detectors", "installed"]

GROUP = "crmusage.detectors"

_CODE = re.compile(r"[A-Z][A-Z0-9]*[A-Z]\d{3}")
_OURS = re.compile(r"CU\d{3}")


@attrs.frozen
class Installed:
    """What is installed: the detectors that can be asked, and what is said of those that cannot."""

    detectors: tuple[Detector, ...]
    """By code."""
    broken: tuple[Assessment, ...] = ()
    """Not assessable, with the reason: one for each entry point that gives no detector, called by its name."""


def detectors() -> tuple[Detector, ...]:
    """Every detector there is, by code; one that cannot be loaded is left out with a warning.

    Raises:
        PluginError: when two detectors have one code.

    Warns:
        CrmUsageWarning: for each entry point that gives no detector.
    """
    return installed().detectors


def installed() -> Installed:
    """Every detector there is, and every entry point that gives none.

    An entry point names a detector, or a class that makes one without arguments.

    Raises:
        PluginError: when two detectors have one code: nobody could tell their findings apart.

    Warns:
        CrmUsageWarning: for each entry point that gives no detector.
    """
    found: dict[str, tuple[Detector, str]] = {one.code: (one, "crmusage") for one in BUILT_IN}
    broken = []
    for point in sorted(entry_points(group=GROUP), key=lambda one: (one.name, one.value)):
        detector = _loaded(point)
        if isinstance(detector, Text):
            warnings.warn(
                f"the detector {point.name} ({point.value}) {detector.en}", CrmUsageWarning, stacklevel=2
            )
            broken.append(Assessment(point.name, Scope(), Outcome.NOT_ASSESSABLE, detector))
            continue
        if detector.code in found:
            raise PluginError(
                f"the code {detector.code} is taken twice: by {found[detector.code][1]} and by {point.value}; "
                "uninstall one of them, or ask its author for another prefix"
            )
        found[detector.code] = (detector, point.value)
    return Installed(tuple(found[code][0] for code in sorted(found)), tuple(broken))


def _loaded(point: EntryPoint) -> Detector | Text:
    """The detector of an entry point; or what is wrong with it."""
    try:
        loaded = point.load()
        detector = loaded() if isinstance(loaded, type) else loaded
    except Exception as error:  # noqa: BLE001 — whatever a plugin raises while it loads, it is told
        what = f"{type(error).__name__}: {error}"
        return Text(en=f"cannot be loaded ({what})", fr=f"ne peut pas être chargé ({what})")
    if not isinstance(detector, Detector):
        return Text(
            en="is no detector: it needs code, name, title, about, needs, tally, merge and judge",
            fr="n'est pas un détecteur : il lui faut code, name, title, about, needs, tally, merge et judge",
        )
    code: object = detector.code
    if not isinstance(code, str) or not _CODE.fullmatch(code) or _OURS.fullmatch(code):
        return Text(
            en=f"has the code {code!r}: a code is a prefix of its author's own, in capitals (CU is "
            "crmusage's), and three digits, as in ACME101",
            fr=f"porte le code {code!r} : un code est formé d'un préfixe propre à son auteur, en capitales "
            "(CU est celui de crmusage), et de trois chiffres, comme ACME101",
        )
    return detector
