"""What the console tells in passing, and what it tells while it works."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual.app import App
from textual.content import Content
from textual.notifications import Notification, Notify
from textual.widgets import Input, TextArea
from textual.worker import get_current_worker

from cognitui.callbacks.display import safe_text
from cognitui.tui.render import error_sentence
from cognitui.tui.toasts import Toast, Toasts, group_of_error
from cognitui.tui.under_way import UnderWay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.notifications import SeverityLevel

    from cognitui.errors import CognituiError
    from cognitui.tui.under_way import Work

ERROR_SECONDS = 8
TOAST_HEIGHT = 9
"""Rows at the bottom that toasts may cover."""
LEAST_S = 0.01


class Told(Notification):
    """A notification that is never drawn with less than no time left.

    It may end between the moment when Textual sees that it has not and the moment when its toast
    is made. A timer of less than nothing would keep the event loop for ever.
    """

    @property
    def time_left(self) -> float:
        """Seconds until it goes."""
        return max(LEAST_S, super().time_left)

    @property
    def has_expired(self) -> bool:
        """Whether it is over."""
        return super().time_left <= 0


class Telling(App[None]):
    """The part of the app that tells.

    Attributes:
        under_way: What takes a while; each place shows what belongs to it.
    """

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self.under_way = UnderWay()
        self._toasts = Toasts()
        self._gone: set[str] = set()

    @contextmanager
    def taking(
        self, words: str, *, place: str = "", total: int = 0, limit_s: float = 0.0
    ) -> Iterator[Work]:
        """Tell that a worker is busy with this while the block runs; esc stops it.

        Args:
            words: What it is, such as ``connecting to acme``.
            place: The place that tells it; without one it is told everywhere.
            total: How many things there are to do; 0 when they are not counted.
            limit_s: After how many seconds it gives up by itself; 0 when it does not.
        """
        worker = get_current_worker()

        def cancel() -> None:
            worker.cancel()
            self.notify(f"Stopped {safe_text(words, 100)}.", markup=False)

        with self.under_way.work(
            words, cancel=cancel, place=place, total=total, limit_s=limit_s
        ) as work:
            yield work

    def show_error(self, error: CognituiError) -> None:
        """Tell what went wrong and what to do."""
        words = error_sentence(error.message, error.hint)
        self._toast(words, "error", ERROR_SECONDS, group=group_of_error(error.code))

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Tell something in passing, as plain text; it replaces what says the same.

        Textual's own parts use markup here, ours never do.
        """
        del title
        text = Content.from_markup(message).plain if markup else message
        self._toast(text, severity, timeout or self.NOTIFICATION_TIMEOUT)

    async def copy_text(self, text: str, what: str) -> None:
        """Copy a text, and tell where it went.

        Args:
            text: The text.
            what: What it is, as the start of a sentence.
        """
        from cognitui.tui.clipboard import copy

        copied = await copy(text, self.copy_to_clipboard)
        severity: SeverityLevel = "information" if copied.is_good else "warning"
        self.notify(safe_text(copied.words(what), 600), severity=severity, markup=False)

    def _toast(
        self, message: str, severity: SeverityLevel, seconds: float, *, group: str = ""
    ) -> None:
        told = Told(message, severity=severity, timeout=seconds)
        now = told.raised_at
        toast = Toast(told.identity, message, now + seconds, group, severity == "error")
        self._gone |= {old.id for old in self._toasts.add(toast, now)}
        for notification in list(self._notifications):
            if notification.identity in self._gone:
                self._gone.discard(notification.identity)
                self._unnotify(notification, refresh=False)
        self._keep_toasts_off_the_cursor()
        self.post_message(Notify(told))

    def on_notify(self, event: Notify) -> None:
        """Textual shows it now, unless it had to give way before that."""
        if event.notification.identity in self._gone:
            self._gone.discard(event.notification.identity)
            event.prevent_default()

    def _keep_toasts_off_the_cursor(self) -> None:
        """Toasts stand at the bottom right, unless somebody is typing there."""
        screen, focused = self.screen, self.screen.focused
        is_below = (
            focused is not None
            and isinstance(focused, (Input, TextArea))
            and focused.region.bottom > self.size.height - TOAST_HEIGHT
            and focused.region.right > self.size.width // 2
        )
        screen.set_class(is_below, "-toasts-above")
