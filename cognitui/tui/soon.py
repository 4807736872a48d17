"""Work that follows typing, done once the typing pauses.

A handler that is busy at each key does harm beyond the delay: letters go straight to the focused
field while backspace takes the way of key bindings, so on a busy screen letters overtake it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message_pump import MessagePump
    from textual.timer import Timer

DELAY_S = 0.05
"""How long a pause is; 0 does the work at each key."""
REST = 30
"""What is paced rests so many times as long as it took, so that few keys ever wait for it."""
MOST_REST_S = 3.0
HANDS_S = 0.3
"""So long after a key what is paced waits for the next one, as it would hold that up."""
MOST_WAIT_S = 5.0
"""Whoever never rests sees what is new after so long all the same."""


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


class Paced:
    """Runs ``work`` when it is asked for, and then not again for a moment, however often it is.

    For what follows something that goes on and on, such as pages that arrive: waiting for it to
    pause, as `Soon` does, would mean waiting for its end.

    Args:
        owner: Whose timer it is.
        work: What to do.
        every_s: How long the moment is at least; it is longer where the work takes long.
        idle_s: For how many seconds nobody has pressed a key: while somebody does, the work after
            the first waits a little. Without it it never does.
    """

    def __init__(
        self,
        owner: MessagePump,
        work: Callable[[], None],
        every_s: float,
        *,
        idle_s: Callable[[], float] | None = None,
    ) -> None:
        self._owner = owner
        self._work = work
        self._every_s = every_s
        self._idle_s = idle_s
        self._timer: Timer | None = None
        self._is_due = False
        self._last = 0.0

    def ask(self) -> None:
        """Run now, or as soon as the moment since the last time is over."""
        if self._timer is not None:
            self._is_due = True
            return
        if DELAY_S > 0:
            self._timer = self._owner.set_timer(self._every_s, self._over)
        self._last = began = time.perf_counter()
        self._work()
        rest_s = min(REST * (time.perf_counter() - began), MOST_REST_S)
        if self._timer is not None and rest_s > self._every_s:
            self._timer.stop()
            self._timer = self._owner.set_timer(rest_s, self._over)

    def _over(self) -> None:
        self._timer = None
        if not self._is_due:
            return
        if (wait_s := self._wait_s()) > 0:
            self._timer = self._owner.set_timer(wait_s, self._over)
        else:
            self._is_due = False
            self.ask()

    def _wait_s(self) -> float:
        """Seconds until the hands may rest; 0 when they do, or when it waited for long enough."""
        if self._idle_s is None or time.perf_counter() - self._last >= MOST_WAIT_S:
            return 0.0
        return max(0.0, HANDS_S - self._idle_s())
