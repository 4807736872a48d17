"""What all places share: the frame, the key bar, and one boundary for what goes wrong."""

from __future__ import annotations

import weakref
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual._styles_cache import StylesCache
from textual.binding import Binding
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, TextArea
from textual.worker import WorkerState

from cognitui.callbacks.display import safe_text
from cognitui.errors import CognituiError
from cognitui.tui.screens.selection import Selection
from cognitui.tui.widgets.frame import LEAST, Frame
from cognitui.tui.widgets.key_bar import KeyBar
from cognitui.tui.widgets.progress import Progress
from cognitui.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from contextlib import AbstractContextManager

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.worker import Worker

    from cognitui.tui.app import CognituiApp
    from cognitui.tui.commands import Command
    from cognitui.tui.memory import View
    from cognitui.tui.parts import Part
    from cognitui.tui.under_way import Work
    from cognitui.workspace import Workspace

SLIM, HUGE, SHORT = 80, 150, 20
OPENING = "Still opening: one moment."


class Place(Selection, Screen[None]):
    """One of the console's places. Subclasses say what stands between frame and key bar."""

    PLACE: ClassVar[str] = ""
    PLACE_COMMANDS: ClassVar[Sequence[Command]] = ()
    PARTS: ClassVar[Sequence[Part]] = ()
    # Selectors of its first part and its last: they come and go one after the other.
    ENDS: ClassVar[Sequence[str]] = ()
    AUTO_FOCUS = ""  # each place says itself where the person begins
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-narrow"),
        (110, "-wide"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel_or_leave", "Back", show=False, id="place.leave"),
    ]

    app: CognituiApp

    def compose(self) -> ComposeResult:
        """The frame, the body, the key bar."""
        yield Frame(self.PLACE, self.app.place_keys)
        yield from self.compose_body()
        yield Progress(self.app.under_way, self.PLACE)
        yield KeyBar(self)

    def compose_body(self) -> ComposeResult:
        """What this place shows."""
        raise NotImplementedError

    def on_resize(self, event: events.Resize) -> None:
        """Say in classes what there is room for; Textual's breakpoints give one class only."""
        width, height = event.size
        self.set_class(width < SLIM, "-slim")
        self.set_class(width >= HUGE, "-huge")
        self.set_class(height < SHORT, "-short")
        self.set_class(width < LEAST[0] or height < LEAST[1], "-tiny")

    @property
    def is_laid_out(self) -> bool:
        """Whether all of its parts are there: a moment after it is mounted, until it is left."""
        try:
            ends = [self.query_one(part) for part in self.ENDS]
        except NoMatches:
            return False
        # A part that went is found all the same: Textual remembers where it was.
        return self.is_attached and all(part.is_attached for part in ends)

    @property
    def workspace(self) -> Workspace:
        """The open workspace."""
        return self.app.workspace

    def tenant_changed(self) -> None:
        """Another tenant or bot was chosen; what is shown is no longer true."""

    def connection_changed(self) -> None:
        """The console is connecting, is connected, or could not be; the frame tells it already."""

    def entered(self) -> None:
        """The person has come here."""

    def view(self) -> View:
        """How it is looked at, such as its filter: kept for the next run. Nothing secret."""
        return {}

    def show_view(self, view: View) -> None:
        """Look at it as in an earlier run, which may have been another version's."""

    def left(self) -> None:
        """The person goes elsewhere. Whoever comes back should not find number keys to be letters.

        Textual tells a screen later that it is not in front any more, and by then it may be again.
        """
        if self.focused is not None and self.focused.check_consume_key("1", "1"):
            self.set_focus(None)

    def on_screen_suspend(self) -> None:
        """Another place or a dialog is in front."""
        self.query_one(Progress).rest()
        self.query_one(Frame).rest()
        # Lines of a place that nobody looks at are drawn again when somebody does: Textual would
        # keep them all, an eighth of the console's memory.
        for widget in (self, *self.query(Widget)):
            widget._styles_cache.clear()  # noqa: SLF001
            if isinstance(widget, RowList):
                widget.rest()

    def on_screen_resume(self) -> None:
        """Textual shows this screen again."""
        # It keeps the drawn lines of a thousand parts that are gone, of dialogs above all.
        StylesCache.get_inner_outer.cache_clear()
        if self.app.is_ready:
            self.query_one(Frame).refresh_status()
            self.app.connection.refresh_health()
            self.app.whereabouts.show_again(self)
            self.entered()
        self.query_one(Progress).follow()
        self.query_one(KeyBar).refresh_keys()

    def action_cancel_or_leave(self) -> None:
        """Stop what the line above the key bar tells of; without one, leave."""
        work = self.query_one(Progress).shown
        if work is not None and work.cancel is not None:
            work.cancel()
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Out of a text field, else to the place before."""
        if isinstance(self.focused, (Input, TextArea)):
            self.set_focus(None)
        else:
            self.app.action_go_back()

    def begin_jump(self) -> None:
        """Put a letter over each part; the next key goes there."""
        from cognitui.tui.widgets.jump import Jump

        if not self.query(Jump):
            self.mount(Jump(self))

    # What can be done

    def reason_against(self, command: Command) -> str:
        """Why a command cannot be used now, and what to do about it; empty when it can.

        Subclasses ask this first, then add their own reasons. It is asked at every move of the
        cursor, so it only looks at what is at hand.
        """
        if command.scope == "app" and not command.writes:
            return self.app.reason_against(command)
        if not self.app.is_ready or not self.is_mounted:
            return OPENING
        return self.app.read_only_reason if command.writes else ""

    def is_stood_in_for(self, command: Command) -> bool:
        """Whether another command of the same key is shown instead, as save for register."""
        if not self.reason_against(command):
            return False
        if command.scope == "app":
            return False
        commands, keys_of = self.PLACE_COMMANDS, self.app.keys_of
        keys = set(keys_of(command))
        twins = [c for c in commands if c is not command and keys & set(keys_of(c))]
        at = commands.index(command)
        return any(not self.reason_against(twin) or commands.index(twin) < at for twin in twins)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A command that cannot be used now is grey; it is hidden where another takes its key."""
        if not self.is_mounted:
            return False  # a key that is quicker than the place has nothing to work on
        command = next((c for c in self.PLACE_COMMANDS if c.action == action), None)
        if command is None:
            return super().check_action(action, parameters)
        if not self.reason_against(command):
            return True
        return False if self.is_stood_in_for(command) else None

    def refuse(self, key: str) -> bool:
        """Say why the command of this key cannot be used now; false when nothing stands against."""
        if not self.is_mounted:
            return False  # nothing to say it on yet
        refused = [
            (command, self.reason_against(command))
            for command in (*self.PLACE_COMMANDS, *self.app.COMMANDS_ANYWHERE)
            if key in self.app.keys_of(command) and not self.is_stood_in_for(command)
        ]
        if not refused or not all(reason for _, reason in refused):
            return False
        self.refused(*refused[0])
        return True

    def refused(self, command: Command, reason: str) -> None:
        """A command was asked for that cannot be used now; subclasses may show more than why."""
        del command
        self.tell(reason, warning=True)

    async def do(self, command: Command) -> None:
        """Do what a command does, as its key would; or tell why not."""
        if reason := self.reason_against(command):
            self.refused(command, reason)
        else:
            owner = self.app if command.scope == "app" else self
            await self.app.run_action(command.action, owner)

    # Work

    def start(self, work: Coroutine[Any, Any, None], group: str) -> Worker[None]:
        """Run work beside the interface; a newer one of the same group replaces it.

        Whatever the core raises becomes a sentence on the screen.
        """
        return self._run(work, f"{self.PLACE}.{group}", exclusive=True)

    def start_once(self, work: Coroutine[Any, Any, None], group: str) -> None:
        """Run work that changes something; it is neither doubled nor cut off by the same key."""
        name = f"{self.PLACE}.{group}"
        under_way = {WorkerState.PENDING, WorkerState.RUNNING}
        if any(worker.group == name and worker.state in under_way for worker in self.workers):
            work.close()
            self.tell("Still at it: wait for the answer.", warning=True)
            return
        self._run(work, name)

    def _run(
        self, work: Coroutine[Any, Any, None], group: str, *, exclusive: bool = False
    ) -> Worker[None]:
        worker: Worker[None] = self.run_worker(
            partial(self._guarded, work), group=group, exclusive=exclusive, exit_on_error=True
        )
        # What is replaced before it has begun would be reported as forgotten.
        weakref.finalize(worker, work.close)
        return worker

    def taking(
        self, words: str, *, total: int = 0, limit_s: float = 0.0
    ) -> AbstractContextManager[Work]:
        """Tell, while the block runs and is not over in a moment, that this is under way.

        For work that `start` or `start_once` runs: esc stops it. What waits for an answer in a
        dialog belongs outside of the block.

        Args:
            words: What it is, such as ``sending the callback``.
            total: How many things there are to do; then `Work.advance` counts those that are done.
            limit_s: After how many seconds it gives up by itself.
        """
        return self.app.taking(words, place=self.PLACE, total=total, limit_s=limit_s)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except CognituiError as error:
            self.show_error(error)
        finally:
            self._tell_what_was_not_recorded()
            # None, where it ends while the console goes away.
            for frame in self.query(Frame):
                frame.refresh_status()

    def show_error(self, error: CognituiError) -> None:
        """Tell what went wrong and what to do."""
        self.app.show_error(error)

    def _tell_what_was_not_recorded(self) -> None:
        problem = self.workspace.trail.problem if self.app.is_ready else None
        if problem is not None:
            self.tell(f"Not recorded in the audit log: {problem.message}", warning=True)

    def tell(self, text: str, *, warning: bool = False) -> None:
        """Tell something in passing; what a tenant said in it is made harmless."""
        text = safe_text(text, 600, multiline=True)
        self.notify(text, severity="warning" if warning else "information", markup=False)
