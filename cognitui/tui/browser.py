"""The console's terminal when it is a browser tab: see `cognitui.serve`."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from threading import Event
from typing import Any

from textual.drivers.web_driver import WebDriver

POLL_S = 0.1


class BrowserDriver(WebDriver):
    """Ends the console when nobody is left to read or type, as a closed terminal would."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._is_drawn = Event()

    def start_application_mode(self) -> None:
        """Take the terminal; the mouse too, unless it was to be left to the browser."""
        super().start_application_mode()
        self._app.call_later(self._is_drawn.set)
        if not self._mouse:
            self._disable_mouse_support()

    def run_input_thread(self) -> None:
        """Read what is typed until the console ends, or the server does."""
        # A new size that comes before the first frame would be undone by the first size.
        while not self._is_drawn.wait(POLL_S):
            if self.exit_event.is_set():
                return
        super().run_input_thread()
        if not self.exit_event.is_set():
            os.kill(os.getpid(), signal.SIGHUP)

    def write(self, data: str) -> None:
        """Draw. A server that has gone is met where its silence is read, not here."""
        with suppress(BrokenPipeError):
            super().write(data)

    def write_meta(self, data: dict[str, object]) -> None:
        """Tell the page something."""
        with suppress(BrokenPipeError):
            super().write_meta(data)
