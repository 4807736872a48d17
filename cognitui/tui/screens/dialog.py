"""What all dialogs share: they answer once, explain themselves, and look alike."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeGuard, TypeVar

from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.screen import ModalScreen

from cognitui.tui.screens.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.binding import BindingType
    from textual.worker import Worker

    from cognitui.tui.app import CognituiApp
    from cognitui.tui.parts import Keys, Part

Answer = TypeVar("Answer")


def is_at_work(worker: Worker[Any] | None) -> TypeGuard[Worker[Any]]:
    """Whether work goes on that nobody has told to stop.

    Textual never calls work finished that was stopped before its first step.
    """
    return worker is not None and not worker.is_finished and not worker.is_cancelled


class Dialog(ModalScreen[Answer], Selection):
    """A question in front of a place.

    It tells its keys itself, on its buttons or in a line; help explains the part that has the focus
    as well.

    Keys and clicks may follow each other faster than a dialog goes away. The second would take away
    whatever is in front by then.
    """

    app: CognituiApp
    CSS_PATH = "../styles/dialogs.tcss"
    PARTS: ClassVar[Sequence[Part]] = ()
    KEYS: ClassVar[Keys] = (("esc", "Cancel"),)
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "app.help", show=False, id="dialog.help"),
        # After Textual's own, which copies what is selected.
        Binding("ctrl+c", "app.help_quit", show=False, id="dialog.help_quit"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that is quicker than the dialog has nothing to work on."""
        return self.is_mounted and super().check_action(action, parameters)

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Answer and go away; what comes after that is ignored."""
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def once_drawn(self, do: Callable[[], None]) -> None:
        """Do something when this is drawn; not if it was closed by then.

        Textual lets the screen do it that is in front.
        """
        self.call_after_refresh(lambda: do() if self in self.app.screen_stack else None)

    def copy_report(self, text: str | None) -> None:
        """Copy what a dialog found out, and say where it went.

        Args:
            text: The report; ``None`` before there is one.
        """
        if text is None:
            self.app.notify("There is no report before the end.", severity="warning", markup=False)
            return
        work = partial(self.app.copy_text, text, "The report")
        _: Worker[None] = self.run_worker(work, group="copy", exit_on_error=True)
