"""Which toasts give way when another one comes, so that they never pile up; needs no screen."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 3
# Ways to say that the tenant does not answer. Whoever has lost it is told once, not per request.
_NO_ANSWER = frozenset({
    "transport", "connect_failed", "tls_failed", "answer_lost", "timeout", "circuit_open",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Toast:
    """Something told in passing.

    Attributes:
        id: Tells it from others that say the same.
        text: What it says.
        until: When it goes by itself, in seconds on any clock.
        group: Of one group only the newest stays; what says the same is one group anyway.
        is_error: Errors stay longest when there is no room for all.
    """

    id: str
    text: str
    until: float
    group: str = ""
    is_error: bool = False


def group_of_error(code: str) -> str:
    """The group of an error, by its code; empty when each is news."""
    return "no answer" if code in _NO_ANSWER else ""


class Toasts:
    """Those that are shown."""

    def __init__(self) -> None:
        self._shown: list[Toast] = []

    def add(self, toast: Toast, now: float) -> list[Toast]:
        """Show another one; answers those that have to go for it."""
        self._shown = [old for old in self._shown if old.until > now]
        gone = [old for old in self._shown if _is_like(old, toast)]
        kept = [old for old in self._shown if not _is_like(old, toast)]
        while len(kept) >= MOST:
            first = next((old for old in kept if not old.is_error), kept[0])
            kept.remove(first)
            gone.append(first)
        self._shown = [*kept, toast]
        return gone


def _is_like(old: Toast, new: Toast) -> bool:
    return old.text == new.text or (bool(new.group) and old.group == new.group)
