"""Back and forward, by the names of places alone."""

from __future__ import annotations

from cognitui.tui.history import LIMIT, History


class Walker:
    """Somebody who is at a place."""

    def __init__(self) -> None:
        self.history = History()
        self.at = "tenants"

    def go(self, *places: str) -> Walker:
        for place in places:
            self.history.leave(self.at)
            self.at = place
        return self

    def back(self) -> str:
        self.at = self.history.back(self.at) or self.at
        return self.at

    def forward(self) -> str:
        self.at = self.history.forward(self.at) or self.at
        return self.at


def test_at_the_start_there_is_neither_back_nor_forward() -> None:
    walker = Walker()
    assert not walker.history.can_go_back
    assert not walker.history.can_go_forward
    assert (walker.back(), walker.forward()) == ("tenants", "tenants")


def test_back_and_forward_and_back_again() -> None:
    walker = Walker().go("browse", "webhook")
    assert [walker.back(), walker.back(), walker.back()] == ["browse", "tenants", "tenants"]
    assert not walker.history.can_go_back
    assert [walker.forward(), walker.forward(), walker.forward()] == [
        "browse", "webhook", "webhook",
    ]  # fmt: skip
    assert not walker.history.can_go_forward
    assert walker.back() == "browse"


def test_going_elsewhere_ends_what_is_ahead() -> None:
    walker = Walker().go("browse", "webhook")
    walker.back()
    walker.go("audit")
    assert walker.forward() == "audit"
    assert [walker.back(), walker.back()] == ["browse", "tenants"]


def test_it_does_not_grow_for_ever() -> None:
    walker = Walker().go(*(f"place-{number}" for number in range(3 * LIMIT)))
    steps = 0
    while walker.history.can_go_back:
        walker.back()
        steps += 1
    assert steps == LIMIT
