"""The console: it opens the workspace, owns the places, and moves between them."""

from __future__ import annotations

import asyncio
import signal
import traceback
from contextlib import suppress
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding

from cognitui.errors import CognituiError
from cognitui.logs import get_logger
from cognitui.tui.places import PLACES
from cognitui.tui.render import error_sentence
from cognitui.tui.screens.audit import AuditPlace
from cognitui.tui.screens.browse import BrowsePlace
from cognitui.tui.screens.callbacks import CallbacksPlace
from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.screens.help import Help
from cognitui.tui.screens.place import Place
from cognitui.tui.screens.tenants import TenantsPlace
from cognitui.tui.screens.webhook import WebhookPlace
from cognitui.tui.widgets.frame import Frame
from cognitui.workspace import TenantStatus, Workspace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from textual.binding import BindingType
    from textual.screen import Screen

    from cognitui.cognigy.models import RegisteredWebhook, Skill
    from cognitui.settings import Settings


SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


class CognituiApp(App[None]):
    """The frame around the places.

    Args:
        settings: Where things lie, and what the environment says.
        prepare: Runs once the workspace is open and the first frame is drawn, for example to start
            a sandbox; returns the name of the tenant to open, or an empty string.
    """

    TITLE = "cognitui"
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        "styles/app.tcss",
        "styles/dialogs.tcss",
        *[f"styles/{place.id}.tcss" for place in PLACES],
    ]
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *[
            Binding(
                place.key,
                f"go('{place.id}')",
                place.title,
                show=False,
                id=f"go.{place.id}",
                tooltip=place.help,
            )
            for place in PLACES
        ],
        Binding("f1,question_mark", "show_keys", "Help", id="app.help", key_display="f1"),
        Binding("ctrl+p", "command_palette", "Palette", show=False, id="app.palette"),
        Binding("q", "ask_quit", "Quit", id="app.quit"),
    ]

    def __init__(
        self,
        settings: Settings,
        prepare: Callable[[Workspace], Awaitable[str]] | None = None,
    ) -> None:
        super().__init__()
        self.workspace = Workspace(settings)
        self.workspace.on_change = self._refresh_frame
        self.is_ready = False
        self.failure: CognituiError | None = None
        self._is_leaving = False
        self._prepare = prepare
        self._visited: list[str] = []
        self.places: dict[str, Place] = {}

    @property
    def workspace_status(self) -> TenantStatus:
        """What the frame tells."""
        return self.workspace.status

    def on_mount(self) -> None:
        """Draw the first place, then open the workspace beside it."""
        for place in (TenantsPlace, BrowsePlace, WebhookPlace, CallbacksPlace, AuditPlace):
            screen = place()
            self.places[place.PLACE] = screen
            self.install_screen(screen, place.PLACE)
        self.push_screen("tenants")
        # A terminal that is closed, or a polite kill: leave it as it was found.
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self._end_by, number)
        self.run_worker(self._open(), group="open", exit_on_error=True)

    async def _open(self) -> None:
        try:
            await self.workspace.__aenter__()
        except CognituiError as error:
            # Without its audit log nothing may be done, so there is nothing to stay open for.
            self.failure = error
            self.exit(return_code=error.kind.value)
            return
        self.is_ready = True
        try:
            name = await self._prepare(self.workspace) if self._prepare else ""
            self.places["tenants"].entered()
            if name:
                await self.open_tenant(name)
        except CognituiError as error:
            self.show_error(error)

    async def open_tenant(self, name: str) -> None:
        """Connect to a tenant, choose its first bot, and let every place know.

        Raises:
            CognituiError: It could not be opened; the places know that too.
        """
        try:
            await self.workspace.tenants.open(name)
            await self._choose_first_bot()
        finally:
            self.tenant_changed()

    async def _choose_first_bot(self) -> None:
        workspace = self.workspace
        if workspace.bot is None:
            bots = await workspace.bots()
            if bots:
                workspace.choose_bot(bots[0])
        if workspace.bot is not None:
            await asyncio.gather(workspace.refresh_bot_status(), workspace.list_webhooks())

    def _refresh_frame(self) -> None:
        if isinstance(self.screen, Place):
            for frame in self.screen.query(Frame):
                frame.refresh_status()

    def tenant_changed(self) -> None:
        """Let every place forget what belonged to the tenant or bot before."""
        for place in self.places.values():
            if place.is_running:
                place.tenant_changed()

    def action_go(self, place_id: str) -> None:
        """Go to a place."""
        current = self.screen
        if not isinstance(current, Place) or place_id == current.PLACE:
            return
        self._visited.append(current.PLACE)
        self.switch_screen(place_id)

    def action_go_back(self) -> None:
        """Go to the place before."""
        if self._visited:
            self.switch_screen(self._visited.pop())

    def write_webhook(self, skill: Skill | None, skills: Sequence[Skill]) -> None:
        """Go to the editor with a new webhook."""
        self._with_editor(lambda editor: editor.write(skill, skills))

    def edit_webhook(self, webhook: RegisteredWebhook, skills: Sequence[Skill]) -> None:
        """Go to the editor with a registered webhook."""
        self._with_editor(lambda editor: editor.edit(webhook, skills))

    def target_webhook(self, webhook: RegisteredWebhook) -> None:
        """Go to the simulator, aimed at a webhook."""
        place = self.places["callbacks"]
        self.action_go("callbacks")
        if isinstance(place, CallbacksPlace):
            place.call_after_refresh(place.target, webhook)

    def webhook_registered(self, webhook: RegisteredWebhook) -> None:
        """The editor registered or changed a webhook: others show it too."""
        browse, callbacks = self.places["browse"], self.places["callbacks"]
        if isinstance(browse, BrowsePlace) and browse.is_running:
            browse.webhook_changed(webhook)
        if isinstance(callbacks, CallbacksPlace):
            callbacks.suggest(webhook)

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

    def _with_editor(self, then: Callable[[WebhookPlace], None]) -> None:
        editor = self.places["webhook"]
        self.action_go("webhook")
        if isinstance(editor, WebhookPlace):
            editor.call_after_refresh(then, editor)

    def action_show_keys(self) -> None:
        """Show the keys of this place."""
        place = self.screen
        if not isinstance(place, Place):
            return
        title = next(info.title for info in PLACES if info.id == place.PLACE)
        keys = [
            (self.get_key_display(binding), binding.tooltip or binding.description)
            for binding in self._bindings_of(place)
        ]
        self.push_screen(Help(title, place.HELP or "", keys))

    def action_ask_quit(self) -> None:
        """Quit; ask first when something would be lost."""
        editor = self.places.get("webhook")
        if isinstance(editor, WebhookPlace) and editor.is_running and editor.is_dirty:
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
        editor = self.places.get("webhook")
        if isinstance(editor, WebhookPlace) and editor.is_running:
            editor.keep_draft()
        # Keys that are still on their way must find nothing to act on.
        self._is_leaving = True
        self.exit(return_code=return_code)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing can be done any more once we are leaving."""
        return False if self._is_leaving else super().check_action(action, parameters)

    def action_help_quit(self) -> None:
        """Somebody pressed ctrl+c, which copies in a terminal program."""
        self.notify("q quits; while you type, ctrl+q does.", markup=False)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: what this place offers, the places, then Textual's own commands."""
        if isinstance(screen, Place):
            yield from self._place_commands(screen)
        for place in PLACES:
            yield SystemCommand(
                f"Go to {place.title}", place.help, lambda place=place: self.action_go(place.id)
            )
        yield from super().get_system_commands(screen)

    def _place_commands(self, place: Place) -> Iterable[SystemCommand]:
        """The keys of a place that work right now, as commands."""
        enabled = {a.binding.id for a in place.active_bindings.values() if a.enabled}
        for binding in self._bindings_of(place):
            if binding.id in enabled:
                yield SystemCommand(
                    binding.tooltip or binding.description,
                    f"key {self.get_key_display(binding)}",
                    partial(self.run_action, binding.action, place),
                )

    @staticmethod
    def _bindings_of(place: Place) -> list[Binding]:
        """The place's own keys, in the order in which it declares them."""
        prefix = f"{place.PLACE}."
        return [b for b in Binding.make_bindings(place.BINDINGS) if (b.id or "").startswith(prefix)]

    def show_error(self, error: CognituiError) -> None:
        """Tell what went wrong and what to do."""
        self.notify(
            error_sentence(error.message, error.hint), severity="error", timeout=8, markup=False
        )

    async def close_workspace(self) -> None:
        """Close what was opened, once the screen is the terminal's again."""
        self.workspace.on_change = None  # there is no frame left to draw
        if self.is_ready:
            self.is_ready = False
            await self.workspace.__aexit__(None, None, None)

    async def on_unmount(self) -> None:
        """The console ends."""
        await self.close_workspace()

    def _fatal_error(self) -> None:
        # Textual would print a traceback with the local variables, secrets among them.
        error = self._exception
        # Where it happened, without values: not even the message, which may quote some.
        frames = traceback.extract_tb(error.__traceback__)[-5:] if error else []
        where = " < ".join(f"{PurePath(f.filename).name}:{f.lineno}" for f in reversed(frames))
        get_logger().error("crash", error_type=type(error).__name__, frames=where)
        self._exit_renderables.append(
            f"cognitui stopped because of a mistake of its own ({type(error).__name__}).\n"
            "Your drafts and the audit log are safe. Where it happened stands in\n"
            f"{self.workspace.settings.paths.state / 'logs' / 'cognitui.log'}"
        )
        self._close_messages_no_wait()
