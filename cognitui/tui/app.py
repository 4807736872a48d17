"""The console: it opens the workspace, owns the places, and moves between them."""

from __future__ import annotations

import asyncio
import os
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding
from textual.reactive import Reactive

from cognitui.config import DEFAULT_THEME
from cognitui.errors import CognituiError
from cognitui.tui.bindings import bindings, chosen_keys, rebind, with_keys
from cognitui.tui.commands import APP, COMMANDS
from cognitui.tui.connection import Connection
from cognitui.tui.garbage import tidy
from cognitui.tui.leaving import Leaving
from cognitui.tui.memory import FILE as MEMORY_FILE
from cognitui.tui.memory import Memory
from cognitui.tui.places import PLACES
from cognitui.tui.screens.place import Place
from cognitui.tui.screens.places import Places
from cognitui.tui.themes import AVAILABLE
from cognitui.tui.whereabouts import Whereabouts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import PurePath

    from textual.binding import BindingType
    from textual.theme import Theme
    from textual.worker import Worker

    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.settings import Settings
    from cognitui.tui.commands import Command
    from cognitui.tui.secret_clipboard import SecretClipboard
    from cognitui.workspace import TenantStatus, Workspace


MOST_NOTICE = 200
LOOK_FOR_IDLE_S = 20.0


class CognituiApp(Leaving):
    """The frame around the places.

    Args:
        settings: Where things lie, and what the environment says.
        prepare: Runs once the workspace is open and the first frame is drawn, for example to start
            a sandbox; returns the name of the tenant to open, or an empty string.

    Raises:
        ConfigBroken: The choice of keys cannot be used as it stands.
    """

    TITLE = "cognitui"
    CSS_PATH: ClassVar[list[str | PurePath]] = ["styles/app.tcss", "styles/tenants.tcss"]
    ENABLE_COMMAND_PALETTE = True
    COMMANDS_ANYWHERE: ClassVar[Sequence[Command]] = APP
    BINDINGS: ClassVar[list[BindingType]] = bindings(APP)
    theme: Reactive[str] = Reactive(DEFAULT_THEME)

    def __init__(
        self,
        settings: Settings,
        prepare: Callable[[Workspace], Awaitable[str]] | None = None,
    ) -> None:
        # Without colours nothing is coloured; Textual by itself would turn colours into greys.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.settings = settings
        self.is_ready = False
        self.read_only_reason = settings.config.read_only_reason
        self.failure: CognituiError | None = None
        self._chosen_keys = chosen_keys(settings.config)
        if self._chosen_keys:
            rebind(self, self.COMMANDS_ANYWHERE, self.keys_of)
        self.memory = Memory(settings.paths.state / MEMORY_FILE)
        self._last_theme = self.memory.theme(settings.config)
        if self._last_theme != self.theme:
            self.theme = self._last_theme
            # The first frame has its colours already, rather than those of the default.
            self.stylesheet.set_variables(self.get_css_variables())
        self.whereabouts = Whereabouts(self, self.memory)
        self.places = Places(self)
        self.connection = Connection(self)
        self._secret_clipboard: SecretClipboard | None = None
        self._workspace: Workspace | None = None
        self._prepare = prepare

    @property
    def workspace(self) -> Workspace:
        """What the console holds open. It loads the core, which the first frame does without."""
        if self._workspace is None:
            from cognitui.workspace import Workspace

            self._workspace = Workspace(self.settings)
            self._workspace.on_change = self.connection.status_changed
        return self._workspace

    @property
    def workspace_status(self) -> TenantStatus | None:
        """What the frame tells; ``None`` until there is anything to tell."""
        return self._workspace.status if self._workspace is not None else None

    @property
    def status_changes_in_s(self) -> float | None:
        """Seconds until that status changes by time alone; ``None`` when it will not."""
        return self._workspace.changes_in_s if self._workspace is not None else None

    @property
    def has_mouse(self) -> bool:
        """Whether clicks come to us rather than to the terminal."""
        return self._driver is not None and self._driver._mouse  # noqa: SLF001

    @property
    def available_themes(self) -> dict[str, Theme]:
        """The themes that can be chosen: ours, and those that leave the colours to the terminal."""
        return AVAILABLE

    def watch_theme(self, theme: str) -> None:
        """A theme that was chosen is kept."""
        if theme != self._last_theme:
            self._last_theme = theme
            if self.memory.choose_theme(theme, self.settings.config):
                self._write_soon()

    def _write_soon(self) -> None:
        _: Worker[None] = self.run_worker(self._write_memory, group="memory")

    async def _write_memory(self) -> None:
        await asyncio.to_thread(self.memory.write)

    def keys_of(self, command: Command) -> tuple[str, ...]:
        """The keys of a command, the one that is shown first; none when it is switched off."""
        return self._chosen_keys.get(command.id, command.keys)

    @property
    def place_keys(self) -> dict[str, str]:
        """The key that goes to each place, by the place's id; empty where there is none."""
        commands = {command.id: command for command in self.COMMANDS_ANYWHERE}
        keys = {place.id: self.keys_of(commands[f"app.go-{place.id}"]) for place in PLACES}
        return {name: self.key_label(found[0]) if found else "" for name, found in keys.items()}

    def with_keys(self, text: str) -> str:
        """Text in which ``{browse.new}`` stands for the key of that command; see `with_keys`."""
        return with_keys(text, self._label_of)

    def _label_of(self, command_id: str) -> str:
        """The key of a command; that of the palette, where all are, when it has none."""
        commands = {command.id: command for command in COMMANDS}
        keys = self.keys_of(commands[command_id]) or self.keys_of(commands["app.palette"])
        return self.key_label(keys[0]) if keys else "–"

    def put_on_keys(self, place: Place) -> None:
        """Let a new place have the keys that were chosen."""
        if self._chosen_keys:
            rebind(place, place.PLACE_COMMANDS, self.keys_of)

    def key_label(self, key: str) -> str:
        """A key as it is shown, such as ``^s`` for ``ctrl+s``."""
        return self.get_key_display(Binding(key, "", ""))

    def get_default_screen(self) -> Place:
        """The first place itself, rather than a blank screen below it that is drawn for nothing."""
        first = self.places["tenants"]
        # Textual takes one away when it switches, and gives one to pushed screens only.
        first._push_result_callback(first, None)  # noqa: SLF001
        return first

    def on_mount(self) -> None:
        """Open the workspace, once the first place is drawn."""
        self.listen_to_signals()
        self.call_after_refresh(self.run_worker, self._open, group="open", exit_on_error=True)

    async def on_event(self, event: events.Event) -> None:
        """Whoever does something keeps the vault open."""
        if self.is_ready and isinstance(event, (events.Key, events.MouseDown, events.Paste)):
            self.workspace.tenants.access.touch()
        await super().on_event(event)

    def _lock_when_idle(self) -> None:
        if self.is_ready and self.workspace.tenants.access.lock_if_idle():
            minutes = self.settings.config.vault_idle_minutes
            self.notify(
                f"The vault is locked: nobody pressed a key for {minutes} minutes. "
                "The open tenant stays open.",
                markup=False,
            )
            self.connection.status_changed()
            if "tenants" in self.places:
                self.places.tenants.connection_changed()

    def _tidy_when_idle(self) -> None:
        if self.workspace.tenants.access.idle_s >= LOOK_FOR_IDLE_S:
            tidy()

    async def on_key(self, event: events.Key) -> None:
        """Say why, when the key of a command is pressed that cannot be used now."""
        place = self.screen
        if isinstance(place, Place) and place.refuse(event.key):
            event.prevent_default()
            event.stop()

    async def _open(self) -> None:
        # Beside the event loop: the first frame is drawn and keys are taken meanwhile.
        await asyncio.to_thread(import_module, "cognitui.workspace")
        try:
            await self.workspace.__aenter__()
        except CognituiError as error:
            # Without its audit log nothing may be done, so there is nothing to stay open for.
            self.failure = error
            self.exit(return_code=error.kind.value)
            return
        self.is_ready = True
        self.set_interval(LOOK_FOR_IDLE_S, self._lock_when_idle)
        self.set_interval(LOOK_FOR_IDLE_S, self._tidy_when_idle)
        try:
            name = await self._prepare(self.workspace) if self._prepare else ""
        except CognituiError as error:
            name = ""
            self.show_error(error)
        self.connection.status_changed()
        self.screen_of_place.refresh_bindings()
        if self.screen_of_place.is_mounted:  # else it is entered once it is
            self.screen_of_place.entered()
        try:
            name = await self.whereabouts.begin(name)
        except CognituiError as error:
            self.show_error(error)
        else:
            if name:
                self.connection.open(name)

    def note_whereabouts(self) -> None:
        """Keep where the person is for the next run."""
        if self.shown_places and self.whereabouts.note():
            self._write_soon()

    def tenant_changed(self) -> None:
        """Let every place forget what belonged to the tenant or bot before."""
        self.note_whereabouts()
        for place in self.places.values():
            if place.is_mounted and place.is_running:  # neither being made nor taken away
                place.tenant_changed()

    def webhook_registered(self, webhook: RegisteredWebhook) -> None:
        """A webhook was registered or changed: all places show it as it is."""
        if "browse" in self.places:
            self.places.browse.webhook_changed(webhook)
        if "webhook" in self.places:
            self.places.webhook.webhook_changed(webhook)
        self.places.callbacks.suggest(webhook)

    def tell_desktop(self, text: str) -> None:
        """Ask the terminal to notify the desktop (OSC 9); one that cannot says nothing."""
        if self._driver is not None:
            words = "".join(c for c in text if c.isprintable())[:MOST_NOTICE]
            self._driver.write(f"\x1b]9;{words}\x07")

    async def ensure_receiver(self) -> str:
        """The receiver's URL, once it listens.

        Raises:
            ReceiverError: It cannot listen.
        """
        callbacks = self.workspace.callbacks
        if callbacks.receiver.is_running:
            return callbacks.receiver.url
        url = await callbacks.start_receiver()
        self.notify(f"The receiver listens at {url}.", markup=False)
        return url

    def copy_to_clipboard(self, text: str) -> None:
        """Send a text to the terminal's clipboard; a secret that was there is gone."""
        if self._secret_clipboard is not None:
            self._secret_clipboard.forget()
        super().copy_to_clipboard(text)

    def copy_secret(self, secret: str) -> None:
        """Send a secret there, for a minute or until the console ends."""
        if self._secret_clipboard is None:
            from cognitui.tui.secret_clipboard import SecretClipboard

            self._secret_clipboard = SecretClipboard(self, super().copy_to_clipboard)
        self._secret_clipboard.copy(secret)

    def clear_clipboard(self) -> None:
        """Take a secret that was copied off the clipboard."""
        if self._secret_clipboard is not None:
            self._secret_clipboard.clear()

    def hide_secrets(self) -> None:
        """Show dots wherever a secret was revealed."""
        from cognitui.tui.widgets.entry import SecretEntry

        for screen in self.screen_stack:
            for box in screen.query(SecretEntry):
                box.hide()

    def deliver_screenshot(
        self,
        filename: str | None = None,
        path: str | None = None,
        time_format: str | None = None,
    ) -> str | None:
        """Save a picture of the screen, in which no secret is to be seen."""
        self.hide_secrets()
        return super().deliver_screenshot(filename, path, time_format)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What cannot be used now is grey; nothing can be done any more once we are leaving."""
        if self.is_leaving:
            return False
        command = next((c for c in self.COMMANDS_ANYWHERE if c.action == action), None)
        asked = self.screen if isinstance(self.screen, Place) else self
        if command is not None and asked.reason_against(command):
            return None
        return super().check_action(action, parameters)

    async def close_workspace(self) -> None:
        """Close what was opened, once the screen is the terminal's again."""
        if self._workspace is not None:
            self._workspace.on_change = None  # there is no frame left to draw
        await self._write_memory()
        if self.is_ready:
            self.is_ready = False
            await self.workspace.__aexit__(None, None, None)

    async def on_unmount(self) -> None:
        """The console ends."""
        await self.close_workspace()
