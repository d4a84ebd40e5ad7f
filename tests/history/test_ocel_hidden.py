"""Who hides persons sees no id of one in what an OCEL log could not be used for: any object may be a person."""

from __future__ import annotations

import pytest

from tests.history.test_ocel import EVER, ev, ocel, read, thing

__all__ = ["read"]

TORN = ocel(
    events=[ev("e1", "call", 2, ("o1", "order"), ("zoe", "seller"))],
    objects=[
        thing("o1", "order", ("yann", "placed by"), values=[("state", EVER, "new")]),
        thing("ann", "employee"),
        thing("ann", "employee"),
    ],
)


@pytest.mark.parametrize("secret", [None, "secret"])
def test_ids_of_objects_that_hang_in_the_air_are_hidden_with_the_others(read, secret: str | None) -> None:
    history = read(TORN, objects="order", **({} if secret is None else {"pseudonymise": secret}))
    shown = " ".join(example for entry in history.set_aside for example in entry.examples)
    assert len(history.set_aside) == 3
    assert [name in shown for name in ("ann", "zoe", "yann")] == [secret is None] * 3
    assert ("(hidden)" in shown) is (secret is not None)
