"""What all places share: the frame, the footer, and one boundary for everything that goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Footer, Input, TextArea
from textual.worker import WorkerState

from cognitui.callbacks.display import safe_text
from cognitui.errors import CognituiError
from cognitui.tui.render import error_sentence
from cognitui.tui.widgets.frame import Frame

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.worker import Worker

    from cognitui.tui.app import CognituiApp
    from cognitui.workspace import Workspace

ERROR_SECONDS = 8


class Place(Screen[None]):
    """One of the console's places. Subclasses say what stands between frame and footer."""

    PLACE: ClassVar[str] = ""
    AUTO_FOCUS = ""  # each place says itself where the person begins
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-narrow"),
        (110, "-wide"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", show=False, id="place.leave"),
    ]

    app: CognituiApp

    def compose(self) -> ComposeResult:
        """The frame, the body, the footer."""
        yield Frame(self.PLACE, lambda: self.app.workspace_status)
        yield from self.compose_body()
        yield Footer(show_command_palette=False)

    def compose_body(self) -> ComposeResult:
        """What this place shows."""
        raise NotImplementedError

    @property
    def workspace(self) -> Workspace:
        """The open workspace."""
        return self.app.workspace

    def tenant_changed(self) -> None:
        """Another tenant or bot was chosen; what is shown is no longer true."""

    def entered(self) -> None:
        """The person has come here."""

    def on_screen_suspend(self) -> None:
        """Another place is shown; whoever comes back should not find number keys to be letters."""
        if isinstance(self.focused, (Input, TextArea)):
            self.set_focus(None)

    def on_screen_resume(self) -> None:
        """Textual shows this screen again."""
        if self.app.is_ready:
            self.query_one(Frame).refresh_status()
            self.entered()

    def action_leave(self) -> None:
        """Out of a text field, else to the place before."""
        if isinstance(self.focused, (Input, TextArea)):
            self.set_focus(None)
        else:
            self.app.action_go_back()

    def start(self, work: Coroutine[Any, Any, None], group: str) -> Worker[None]:
        """Run work beside the interface; a newer one of the same group replaces it.

        Whatever the core raises becomes a sentence on the screen.
        """
        return self.run_worker(
            self._guarded(work), group=f"{self.PLACE}.{group}", exclusive=True, exit_on_error=True
        )

    def start_once(self, work: Coroutine[Any, Any, None], group: str) -> None:
        """Run work that changes something; it is neither doubled nor cut off by the same key."""
        name = f"{self.PLACE}.{group}"
        under_way = {WorkerState.PENDING, WorkerState.RUNNING}
        if any(worker.group == name and worker.state in under_way for worker in self.workers):
            work.close()
            self.tell("Still at it: wait for the answer.", warning=True)
            return
        self.run_worker(self._guarded(work), group=name, exit_on_error=True)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except CognituiError as error:
            self.show_error(error)
        finally:
            self._tell_what_was_not_recorded()
            if self.is_attached:
                self.query_one(Frame).refresh_status()

    def show_error(self, error: CognituiError) -> None:
        """Tell what went wrong and what to do."""
        self.notify(
            error_sentence(error.message, error.hint),
            severity="error",
            timeout=ERROR_SECONDS,
            markup=False,
        )

    def _tell_what_was_not_recorded(self) -> None:
        problem = self.workspace.trail.problem if self.app.is_ready else None
        if problem is not None:
            self.tell(f"Not recorded in the audit log: {problem.message}", warning=True)

    def tell(self, text: str, *, warning: bool = False) -> None:
        """Tell something in passing; what a tenant said in it is made harmless."""
        text = safe_text(text, 600, multiline=True)
        self.notify(text, severity="warning" if warning else "information", markup=False)
