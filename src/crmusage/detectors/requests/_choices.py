"""Whether a team does first what matters more, or what came first."""

from __future__ import annotations

from collections import deque
from typing import Any

import attrs
import numpy as np

from crmusage.detectors._deals import Bool, Int64


@attrs.frozen(eq=False)
class Choices:
    """One entry for each request that came while another one of a lower priority was still waiting."""

    came: Int64
    """In minutes."""
    passed_over: Bool
    """The oldest of those that waited was begun before it."""


def choices(came: Any, begun: Any, rank: Any, *, notice: int) -> Choices:
    """What a team began first, each time that a more important request came in after another one.

    Args:
        came: when each request came, in minutes.
        begun: when it was begun.
        rank: its priority; 1 is the highest.
        notice: what is begun within so many minutes of the arrival was begun already, as it were: no choice.
    """
    order = np.lexsort((begun, rank, came))
    times, starts, ranks = (np.asarray(one)[order].astype(np.int64).tolist() for one in (came, begun, rank))
    # By rank, those that wait in the order in which they came; one that was begun is dropped when it gets to the front.
    waiting: dict[int, deque[int]] = {}
    found: list[tuple[int, bool]] = []
    for one, (at, of_rank) in enumerate(zip(times, ranks, strict=True)):
        lower: list[int] = []
        for other_rank, line in waiting.items():
            while line and starts[line[0]] <= at + notice:
                line.popleft()
            if line and other_rank > of_rank:
                lower.append(line[0])
        if lower:
            found.append((at, starts[min(lower)] < starts[one]))
        waiting.setdefault(of_rank, deque()).append(one)
    return Choices(
        np.array([at for at, _ in found], dtype=np.int64), np.array([over for _, over in found], dtype=bool)
    )
