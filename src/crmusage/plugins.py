"""The detectors: built in, and installed by others under the entry-point group `crmusage.detectors`."""

from __future__ import annotations

import warnings
from importlib.metadata import entry_points

from crmusage.detectors import BUILT_IN, Detector
from crmusage.errors import CrmUsageWarning, PluginError

__all__ = ["GROUP", "detectors"]

GROUP = "crmusage.detectors"


def detectors() -> tuple[Detector, ...]:
    """Every detector there is, by code.

    An entry point names a detector, or a class that makes one without arguments. One that cannot be loaded is
    left out with a warning.

    Raises:
        PluginError: when two detectors have one code.

    Warns:
        CrmUsageWarning: for each entry point that gives no detector.
    """
    found: dict[str, tuple[Detector, str]] = {one.code: (one, "crmusage") for one in BUILT_IN}
    for point in entry_points(group=GROUP):
        try:
            loaded = point.load()
            detector = loaded() if isinstance(loaded, type) else loaded
        except Exception as error:  # noqa: BLE001 — whatever a plugin raises while it loads, it is told
            warnings.warn(
                f"the detector {point.name} ({point.value}) cannot be loaded: {error}",
                CrmUsageWarning,
                stacklevel=2,
            )
            continue
        if not isinstance(detector, Detector):
            warnings.warn(
                f"{point.value}, installed as {point.name}, is no detector: it needs code, name, title, about, needs, "
                "tally, merge and judge",
                CrmUsageWarning,
                stacklevel=2,
            )
            continue
        if detector.code in found:
            raise PluginError(
                f"the code {detector.code} is taken twice: by {found[detector.code][1]} and by {point.value}; "
                "uninstall one of them"
            )
        found[detector.code] = (detector, point.value)
    return tuple(found[code][0] for code in sorted(found))
