"""Where one has been, for going back and forward; knows places by their ids only."""

from __future__ import annotations

LIMIT = 50


class History:
    """Remembers places as a browser remembers pages: whoever goes elsewhere cannot go forward."""

    def __init__(self) -> None:
        self._back: list[str] = []
        self._forward: list[str] = []

    @property
    def can_go_back(self) -> bool:
        """Whether there was a place before."""
        return bool(self._back)

    @property
    def can_go_forward(self) -> bool:
        """Whether somebody went back from a place."""
        return bool(self._forward)

    def leave(self, place: str) -> None:
        """The person leaves this place for one of their choice."""
        self._back.append(place)
        del self._back[:-LIMIT]
        self._forward.clear()

    def back(self, here: str) -> str | None:
        """The place before; ``None`` when there is none."""
        return _move(here, self._back, self._forward)

    def forward(self, here: str) -> str | None:
        """The place from which the person went back; ``None`` when there is none."""
        return _move(here, self._forward, self._back)


def _move(here: str, source: list[str], target: list[str]) -> str | None:
    if not source:
        return None
    target.append(here)
    return source.pop()
