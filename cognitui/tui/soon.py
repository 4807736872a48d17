"""Work that follows typing, done once the typing pauses.

A handler that is busy at each key does harm beyond the delay: letters go straight to the focused
field while backspace takes the way of key bindings, so on a busy screen letters overtake it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message_pump import MessagePump
    from textual.timer import Timer

DELAY_S = 0.05
"""How long a pause is; 0 does the work at each key."""


class Soon:
    """Runs ``work`` a moment after the last time it was asked for.

    Args:
        owner: Whose timer it is.
        work: What to do.
        pauses: How many moments; more for what asks a network.
    """

    def __init__(self, owner: MessagePump, work: Callable[[], None], *, pauses: int = 1) -> None:
        self._owner = owner
        self._work = work
        self._pauses = pauses
        self._timer: Timer | None = None

    def ask(self) -> None:
        """Run soon; asking again before that starts the moment anew."""
        self.cancel()
        if DELAY_S > 0:
            self._timer = self._owner.set_timer(DELAY_S * self._pauses, self._run)
        else:
            self._run()

    def cancel(self) -> None:
        """Do not run: it was done already, or is no longer wanted."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _run(self) -> None:
        self._timer = None
        self._work()
