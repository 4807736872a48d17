"""How the console ends: because somebody quits, or because it broke."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from cognitui.tui.crash import cause_of, is_harmless
from cognitui.tui.moving import Moving

if TYPE_CHECKING:
    from cognitui.settings import Settings
    from cognitui.tui.whereabouts import Whereabouts

SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
LEAVING_S = 1.0
"""So long work that is cut off may take to end; whoever leaves does not wait for more."""


class Leaving(Moving):
    """The part of the app that ends it, with nothing lost that was typed."""

    settings: Settings
    whereabouts: Whereabouts

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self.is_leaving = False

    def clear_clipboard(self) -> None:
        """Take a secret that was copied off the clipboard."""
        raise NotImplementedError

    def listen_to_signals(self) -> None:
        """A terminal that is closed, or a polite kill: leave it as it was found."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self._end_by, number)

    def action_ask_quit(self) -> None:
        """Quit; ask first when something would be lost."""
        if "webhook" in self.places and self.places.webhook.is_dirty:
            from cognitui.tui.screens.confirm import Confirm

            question = Confirm(
                "Quit with an unregistered webhook?",
                "What you typed is kept as a draft, its secret is not.",
                action="Quit",
                key="y",
            )
            self.push_screen(question, lambda yes: self._leave() if yes else None)
        else:
            self._leave()

    async def action_quit(self) -> None:
        """Quit without a question; what was typed is kept as a draft."""
        self._leave()

    def _end_by(self, number: int) -> None:
        self._leave(128 + number)

    def _leave(self, return_code: int = 0) -> None:
        if self.is_leaving:
            return
        if "webhook" in self.places:
            self.places.webhook.keep_draft()
        if self.is_ready:
            self.whereabouts.note()
        # Keys that are still on their way must find nothing to act on.
        self.is_leaving = True
        # On its own: what an app is to do next is lost when something before it breaks, or when a
        # worker that does it, because it opens a dialog, is cancelled.
        self._ending = asyncio.create_task(self._end(return_code), name="end")

    async def _end(self, return_code: int) -> None:
        # Work that is cut off says so on the screen: it has to end while there is one.
        workers = list(self.workers)
        self.workers.cancel_all()
        ends = asyncio.gather(*(worker.wait() for worker in workers), return_exceptions=True)
        with suppress(TimeoutError):
            await asyncio.wait_for(ends, LEAVING_S)
        self.clear_clipboard()
        self.exit(return_code=return_code)

    def action_help_quit(self) -> None:
        """Somebody pressed ctrl+c, which copies in a terminal program."""
        words = "{app.quit} quits; while you type, ctrl+q does."
        self.notify(self.with_keys(words), markup=False)

    def _handle_exception(self, error: Exception) -> None:
        from cognitui.logs import log_crash

        if is_harmless(error, self):
            log_crash(cause_of(error), "late")
            return
        # Those that can draw themselves are not let: nobody knows what they would show.
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._fatal_error()

    def _fatal_error(self) -> None:
        # Textual would print a traceback with the local variables, secrets among them.
        from cognitui.logs import log_crash

        error = cause_of(self._exception)
        log_crash(error)
        self.clear_clipboard()
        if "webhook" in self.places:
            self.places.webhook.keep_draft()
        if self._exit_renderables:
            return  # what broke after that, while it ended, is in the log alone
        self._exit_renderables.append(
            f"cognitui stopped because of a mistake of its own ({type(error).__name__}).\n"
            "Your drafts and the audit log are safe. Where it happened stands in\n"
            f"{self.settings.paths.state / 'logs' / 'cognitui.log'}"
        )
        self._close_messages_no_wait()
