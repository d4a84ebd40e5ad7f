"""What many detectors ask of the same history, worked out once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

T = TypeVar("T")


def once(work: Callable[[Any], T]) -> Callable[[Any], T]:
    """Remember what is worked out from a part of a history for as long as there is that part.

    Arrays are made read-only: whoever changes them would change them for all.
    """
    known: WeakKeyDictionary[Any, T] = WeakKeyDictionary()

    @wraps(work)
    def remembered(part: Any) -> T:
        if part not in known:
            found = work(part)
            for array in found if isinstance(found, tuple) else (found,):
                if isinstance(array, np.ndarray):
                    array.setflags(write=False)
            known[part] = found
        return known[part]

    return remembered
