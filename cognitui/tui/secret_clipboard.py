"""A secret on the clipboard, which does not stay there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App
    from textual.timer import Timer

CLEARED_AFTER_S = 60
CLEARED_WORDS = (
    "sent to the terminal's clipboard; it is cleared from there after "
    f"{CLEARED_AFTER_S} s, where the terminal lets us"
)
"""What is told of it, after its name and a verb."""


class SecretClipboard:
    """Sends a secret to the terminal's clipboard and takes it away again.

    Nobody can ask a terminal what is on its clipboard, so this goes by what we put there: what we
    copied after the secret is left alone.

    Args:
        app: Has the timer.
        send: Sends a text to the terminal's clipboard.
    """

    def __init__(self, app: App[None], send: Callable[[str], None]) -> None:
        self._app = app
        self._send = send
        self._timer: Timer | None = None

    def copy(self, secret: str) -> None:
        """Send it, for a while."""
        self.forget()
        self._send(secret)
        self._timer = self._app.set_timer(CLEARED_AFTER_S, self.clear, name="clear a secret")

    def forget(self) -> None:
        """Something else is there now."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def clear(self) -> None:
        """Take it away, should it still be there."""
        if self._timer is not None:
            self.forget()
            self._send("")
