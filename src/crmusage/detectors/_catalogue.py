from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from crmusage.detectors._base import Detector


def built_in(package: str, places: list[str]) -> tuple[Detector, ...]:
    """The detectors in the families of a package, by code: to add one is to add its file.

    A family is a package in it, and every class of its modules that has a code, and is defined there, is a
    detector.

    Args:
        package: its name.
        places: its `__path__`.
    """
    classes = [
        cls
        for family in pkgutil.iter_modules(places)
        if family.ispkg
        for cls in _classes(f"{package}.{family.name}")
    ]
    return tuple(sorted((cls() for cls in classes), key=lambda one: one.code))


def _classes(family: str) -> Iterator[type[Detector]]:
    for found in pkgutil.iter_modules(importlib.import_module(family).__path__):
        module = importlib.import_module(f"{family}.{found.name}")
        for value in vars(module).values():
            here = isinstance(value, type) and value.__module__ == module.__name__
            # What has a code and is written here is meant to be a detector, unless it only says what has one.
            if here and hasattr(value, "code") and not getattr(value, "_is_protocol", False):
                yield value
