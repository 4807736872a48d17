"""Going from place to place, and what works in all of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ScreenStackError, SystemCommand
from textual.await_complete import AwaitComplete

from cognitui.tui.history import History
from cognitui.tui.screens.place import Place
from cognitui.tui.telling import Telling
from cognitui.tui.widgets.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.command import Provider
    from textual.screen import Screen

    from cognitui.cognigy.models import RegisteredWebhook, Skill
    from cognitui.tui.commands import Command
    from cognitui.tui.connection import Connection
    from cognitui.tui.screens.places import Places
    from cognitui.tui.screens.webhook import WebhookPlace
    from cognitui.workspace import Workspace

PALETTE_HINT = "A command, or a webhook, skill, bot or tenant"
# Textual's own commands that nothing of ours does already, in our words.
TEXTUALS = {
    "Screenshot": ("Save a picture", "Save this screen as an SVG file"),
}


def _palette_provider() -> type[Provider]:
    """Loaded when the palette is opened first."""
    from cognitui.tui.palette import PaletteProvider

    return PaletteProvider


class Moving(Telling):
    """The part of the app that goes about.

    Attributes:
        places: Where one can go.
        history: Where one has been.
    """

    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette_provider}

    places: Places
    connection: Connection
    is_ready: bool
    is_leaving: bool

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self.history = History()
        self.under_way.on_change = self._show_progress

    @property
    def workspace(self) -> Workspace:
        """What the console holds open."""
        raise NotImplementedError

    def with_keys(self, text: str) -> str:
        """Text in which ``{browse.new}`` stands for the key of that command."""
        raise NotImplementedError

    def note_whereabouts(self) -> None:
        """Keep where the person is for the next run."""
        raise NotImplementedError

    @property
    def screen_of_place(self) -> Place:
        """The place that is shown, or that lies below a dialog.

        Raises:
            ScreenStackError: The console is leaving; what asks for it then may be missed.
        """
        for place in self.shown_places:
            return place
        raise ScreenStackError("there is no place any more")

    @property
    def shown_places(self) -> list[Place]:
        """The place that is shown or lies below a dialog; none at the very start and end."""
        if self.is_leaving:
            return []
        return [s for s in reversed(self.screen_stack) if isinstance(s, Place)]

    def _show_progress(self) -> None:
        for place in self.shown_places[:1]:
            for progress in place.query(Progress):  # a new place has none for a moment
                progress.follow()

    @property
    def is_at_the_beginning(self) -> bool:
        """Whether nobody has gone anywhere yet."""
        return not self.history.can_go_back and self.shown_places[:1] == [self.screen]

    def action_go(self, place_id: str) -> None:
        """Go to a place."""
        if self._may_go and place_id != (current := self.screen_of_place.PLACE):
            self.history.leave(current)
            self._switch_to(place_id)

    def action_go_back(self) -> None:
        """Go to the place before."""
        if self._may_go:
            self._go_to_visited(self.history.back(self.screen_of_place.PLACE))

    def action_go_forward(self) -> None:
        """Go to where one went back from."""
        if self._may_go:
            self._go_to_visited(self.history.forward(self.screen_of_place.PLACE))

    @property
    def _may_go(self) -> bool:
        # A key that is still on its way finds a dialog in front, or the console leaving.
        return not self.is_leaving and isinstance(self.screen, Place)

    def _go_to_visited(self, place_id: str | None) -> None:
        if place_id is not None:
            self._switch_to(place_id)

    def _switch_to(self, place_id: str) -> None:
        self.screen_of_place.left()
        self.switch_screen(self.places[place_id])
        if self.is_ready:
            self.call_after_refresh(self.note_whereabouts)

    def action_jump(self) -> None:
        """Put letters over the parts of the place."""
        if isinstance(self.screen, Place):
            self.screen.begin_jump()

    def action_reconnect(self) -> None:
        """Connect to the open tenant again."""
        if name := self.workspace.tenant_name:
            self.connection.open(name)

    def reason_against(self, command: Command) -> str:
        """Why a command that works anywhere cannot be used now; empty when it can."""
        match command.name:
            case "back" if not self.history.can_go_back:
                return self.with_keys("There is no place to go back to. {app.quit} quits.")
            case "forward" if not self.history.can_go_forward:
                return "Forward is for after going back."
            case "reconnect" if not self.is_ready or not self.workspace.tenant_name:
                return self.with_keys("No tenant is open: {app.go-tenants} shows those there are.")
        return ""

    def action_undo(self) -> None:
        """Undo the last change or deletion of a webhook."""
        place = self.screen
        if not isinstance(place, Place):
            return
        from cognitui.tui.undoing import undo_last

        place.start_once(undo_last(place), "undo")

    def write_webhook(self, skill: Skill | None, skills: Sequence[Skill]) -> None:
        """Go to the editor with a new webhook."""
        self._with_editor(lambda editor: editor.write(skill, skills))

    def edit_webhook(self, webhook: RegisteredWebhook, skills: Sequence[Skill]) -> None:
        """Go to the editor with a registered webhook."""
        self._with_editor(lambda editor: editor.edit(webhook, skills))

    def target_webhook(self, webhook: RegisteredWebhook) -> None:
        """Go to the simulator, aimed at a webhook."""
        place = self.places.callbacks
        self.action_go("callbacks")
        place.call_after_refresh(place.target, webhook)

    def duplicate_webhook(self, webhook: RegisteredWebhook, skills: Sequence[Skill]) -> None:
        """Go to the editor with a new webhook like a registered one."""
        self._with_editor(lambda editor: editor.duplicate(webhook, skills))

    def _with_editor(self, then: Callable[[WebhookPlace], None]) -> None:
        editor = self.places.webhook
        self.action_go("webhook")
        editor.call_after_refresh(then, editor)

    def pop_screen(self) -> AwaitComplete:
        """Take a dialog away. A place stays: it is gone to and gone from, never taken away.

        Textual's palette asks for this once for each of two quick clicks.
        """
        return AwaitComplete() if isinstance(self.screen, Place) else super().pop_screen()

    async def _flush_next_callbacks(self) -> None:
        # A worker that opens a dialog does what the app was to do next, such as taking the dialog
        # before away. That goes on when the worker is cancelled.
        if self._next_callbacks:
            await asyncio.shield(super()._flush_next_callbacks())

    def action_help(self) -> None:
        """Explain the part that has the focus, and list the keys."""
        from cognitui.tui.screens.help import Help, sheet_of

        if isinstance(self.screen, Help):
            self.screen.dismiss(None)
        else:
            self.push_screen(Help(sheet_of(self.screen)))

    def action_command_palette(self) -> None:
        """Open the palette."""
        from cognitui.tui.screens.palette import Palette

        if not isinstance(self.screen, Palette):
            # Without an id: the one before may not have gone yet.
            self.push_screen(Palette(placeholder=PALETTE_HINT))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What Textual brings along and nothing of ours does, in our words."""
        for theirs in super().get_system_commands(screen):
            if (words := TEXTUALS.get(theirs.title)) is not None:
                yield SystemCommand(*words, theirs.callback)

    def do_elsewhere(self, command: Command) -> None:
        """Go to a command's place, and do it there."""
        place = self.places[command.scope]
        self.action_go(command.scope)
        place.call_after_refresh(place.do, command)

    def switch_tenant(self, name: str) -> None:
        """Connect to a tenant; where its key is locked away, Tenants asks for the passphrase."""
        if any(e.profile.name == name and e.has_key for e in self.workspace.tenants.entries()):
            self.connection.open(name)
            return
        self.action_go("tenants")
        place = self.places.tenants
        place.call_after_refresh(place.connect, name)
