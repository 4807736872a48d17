"""Examines a tenant, and shows each check as it ends and what to put right first."""

from __future__ import annotations

from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from cognitui.tenants.doctor.line import CheckName
from cognitui.tenants.doctor.report import Report
from cognitui.tui.doctor_text import STOPPED, checks_text, state_text
from cognitui.tui.render import plain
from cognitui.tui.screens.dialog import Dialog, is_at_work
from cognitui.tui.widgets.show import show

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.worker import Worker

    from cognitui.tenants.doctor.line import Line
    from cognitui.tui.parts import Keys

HELP = "↑↓ scroll · y copies · r tests again · esc stops, then closes"
NO_CORRECTION = "There is no better base URL to take over."
FROM_ENVIRONMENT = "This tenant comes from the environment: set COGNITUI_BASE_URL there."


class Doctor(Dialog[str | None]):
    """The examination of one tenant. Answers the base URL to take over, or ``None``.

    Args:
        title: Which tenant.
        start: Begins an examination.
        can_use: Whether a corrected base URL can be taken over.

    Attributes:
        report: What was found by now.
        running: The check under way; ``None`` when it is over.
    """

    AUTO_FOCUS = "#doctor-scroll"
    KEYS: ClassVar[Keys] = (
        ("↑↓", "Scroll"),
        ("u", "Take over the base URL that was found"),
        ("y", "Copy the report as text, for a ticket"),
        ("r", "Test again"),
        ("esc", "Stop; when it is over, close"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="dialog.cancel"),
        Binding("u", "use", "Take over", id="doctor.use"),
        Binding("y", "copy", "Copy", id="doctor.copy"),
        Binding("r", "again", "Again", id="doctor.again"),
    ]

    def __init__(
        self, title: str, start: Callable[[], AsyncGenerator[Line, None]], *, can_use: bool
    ) -> None:
        super().__init__()
        self._title, self._start, self._can_use = title, start, can_use
        self._worker: Worker[None] | None = None
        self.report = Report(())
        self.running: CheckName | None = None

    def compose(self) -> ComposeResult:
        """What to do, the checks, the keys."""
        with Vertical(classes="dialog lab doctor"):
            yield Static(plain(f"Testing {self._title}"), classes="dialog-title")
            yield Static("", id="doctor-state")
            with VerticalScroll(id="doctor-scroll", can_focus=True):
                yield Static("", id="doctor-checks")
            yield Static(HELP, classes="dialog-help")

    def on_mount(self) -> None:
        """Begin."""
        self.action_again()

    def on_resize(self) -> None:
        """The lines end elsewhere now."""
        self.once_drawn(self._draw)

    async def _run(self) -> None:
        names = list(CheckName)
        async with aclosing(self._start()) as lines:
            async for line in lines:
                self.report = Report((*self.report.lines, line))
                done = len(self.report.lines)
                self.running = names[done] if done < len(names) else None
                self._draw()

    def _draw(self) -> None:
        scroll = self.query_one("#doctor-scroll")
        width = scroll.scrollable_content_region.width
        show(
            self.query_one("#doctor-state", Static),
            state_text(self.report, self.running, can_use=self._can_use),
        )
        show(
            self.query_one("#doctor-checks", Static),
            checks_text(self.report, self.running, width),
        )

    @property
    def is_over(self) -> bool:
        """Whether all checks have ended."""
        return len(self.report.lines) == len(CheckName)

    def action_again(self) -> None:
        """Test, from the beginning."""
        self.report, self.running = Report(()), CheckName.URL
        self._draw()
        self._worker = self.run_worker(
            partial(self._run), group="doctor", exclusive=True, exit_on_error=True
        )

    def action_use(self) -> None:
        """Answer the corrected base URL, where there is one."""
        if not (self.is_over and self.report.correction):
            self.app.notify(NO_CORRECTION, severity="warning", markup=False)
        elif not self._can_use:
            self.app.notify(FROM_ENVIRONMENT, severity="warning", markup=False)
        else:
            self.dismiss(self.report.correction)

    def action_copy(self) -> None:
        """Copy the report as text, for a ticket."""
        self.copy_report(self.report.as_text(self._title) if self.is_over else None)

    def action_close(self) -> None:
        """Stop it while it runs; else close."""
        if is_at_work(self._worker):
            self._worker.cancel()
            self.running = None
            self._draw()
            show(self.query_one("#doctor-state", Static), plain(STOPPED))
        else:
            self.dismiss(None)
