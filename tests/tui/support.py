"""The console under test: what a person at it can do and see, without pixels."""

from __future__ import annotations

import asyncio
import io
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr
from rich.console import Console as RichConsole
from textual.notifications import Notify
from textual.widgets import Input, Static, TextArea
from textual.worker import WorkerState

from cognitui.cli.demo import TENANT, offer
from cognitui.cognigy.credentials import Credentials
from cognitui.settings import Environment, Paths, Settings
from cognitui.tenants.profiles import Profile
from cognitui.tui.app import CognituiApp
from cognitui.tui.screens.audit import AuditPlace
from cognitui.tui.screens.browse import BrowsePlace
from cognitui.tui.screens.callbacks import CallbacksPlace
from cognitui.tui.screens.health import HealthPlace
from cognitui.tui.screens.place import Place
from cognitui.tui.screens.tenants import TenantsPlace
from cognitui.tui.screens.webhook import WebhookPlace
from cognitui.tui.widgets.field import Field
from cognitui.tui.widgets.frame import Frame
from cognitui.tui.widgets.row_list import RowList
from tests.support.tenants import API_KEY, API_SECRET

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from textual._compositor import Compositor
    from textual.message import Message
    from textual.pilot import Pilot
    from textual.widget import Widget

    from cognitui.audit.records import AuditRecord
    from cognitui.sandbox import Sandbox
    from cognitui.workspace import Workspace

# The smallest terminal that all of it works in, and one that is wide enough for two panes.
NARROW, WIDE = (80, 24), (110, 30)
PATIENCE_S = 10.0
MOMENT_S, MANY = 0.0015, 100_000
SECRET = "a signing secret of 32 characters or more"


def written(home: Path, name: str = "*") -> bytes:
    """The contents of all files of that name below a directory."""
    return b"".join(path.read_bytes() for path in home.rglob(name) if path.is_file())


async def wait_until_idle(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Wait until nothing on the event loop can run: Textual's own, but quicker and exact.

    Textual's guesses from the processor time of the whole process, the sandbox's thread with it,
    and so takes 20 ms at least, and is wrong on a machine that is busy otherwise.
    """
    await _drain()
    # What was put off for a moment, such as work that follows typing.
    await asyncio.sleep(MOMENT_S)
    await _drain()


async def _drain() -> None:
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    for _ in range(MANY):
        await asyncio.sleep(0)
        if not ready:
            return


def paint_when_asked(render_update: Callable[..., Any]) -> Callable[..., Any]:
    """Leave out the painting of every change, which a headless run throws away.

    Whole screens are painted all the same, for `Console.text` and for pictures.
    """

    def render(compositor: Compositor, full: bool = False, **options: Any) -> Any:
        if full:
            return render_update(compositor, full=True, **options)
        compositor._dirty_regions.clear()
        return None

    return render


def settings_in(home: Path, environment: Environment | None = None) -> Settings:
    """Settings that write below this directory only."""
    paths = Paths(home / "config", home / "data", home / "state")
    return Settings(paths, environment or Environment())


@dataclass
class Console:
    """A running console.

    Attributes:
        told: What it told in passing, oldest first.
    """

    app: CognituiApp
    pilot: Pilot[None]
    told: list[str] = field(default_factory=list)

    @property
    def workspace(self) -> Workspace:
        return self.app.workspace

    # Doing

    async def press(self, *keys: str) -> None:
        """Press keys and let everything that follows from them end."""
        await self.pilot.press(*keys)
        await self.settle()

    async def resize(self, width: int, height: int) -> None:
        """Pull at the corner of the window, and wait until the screen is as large as that."""
        await self.pilot.resize_terminal(width, height)
        await self.until(lambda: self.app.screen.size == (width, height))
        await self.settle()

    async def connected(self) -> None:
        """Wait until the tenant was asked for all that the frame shows."""
        await self.until(lambda: self.workspace.status.webhooks_used is not None)
        await self.settle()

    async def settle(self) -> None:
        """Wait until no work is under way, except what waits for an answer in a dialog."""
        while True:
            await self._happens(lambda: self._waits or not self._busy)
            await self.drawn()
            if self._waits or not self._busy:
                return

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for something that happens beside the keys."""
        await self._happens(is_so)
        await self.drawn()

    async def drawn(self) -> None:
        """Wait until all that was asked to be shown is laid out, without waiting for the clock."""
        await wait_until_idle()
        for _ in range(MANY):
            screen = self.app.screen
            if not (
                screen._layout_required
                or screen._scroll_required
                or screen._repaint_required
                or screen._recompose_required
                or screen._dirty_widgets
                or screen._callbacks
            ):
                return
            screen._on_timer_update()
            await _drain()

    async def _happens(self, is_so: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE_S
        while not is_so():
            assert loop.time() < deadline, f"it did not happen in time; the screen:\n{self.text}"
            assert self.app.is_running, "the console has ended"
            await asyncio.sleep(MOMENT_S)

    async def answered(self, *keys: str) -> None:
        """Press keys that open a dialog, and wait until it has the focus."""
        await self.pilot.press(*keys)
        await self.until(lambda: self._waits)

    async def go(self, place: str) -> None:
        """Go to a place and let it load."""
        self.app.action_go(place)
        await self.until(lambda: place == self.place.PLACE)
        await self.settle()

    async def type(self, selector: str, text: str) -> None:
        """Put text into a field, as pasting it would."""
        widget = self.screen_one(selector)
        if isinstance(widget, Input):
            widget.value = text
        else:
            assert isinstance(widget, TextArea)
            widget.text = text
        await self.drawn()

    @property
    def _busy(self) -> bool:
        under_way = {WorkerState.PENDING, WorkerState.RUNNING}
        return any(worker.state in under_way for worker in self.app.workers)

    @property
    def _waits(self) -> bool:
        return not isinstance(self.app.screen, Place)

    # Seeing

    @property
    def text(self) -> str:
        """The screen as lines of text."""
        width, height = self.app.size
        out = RichConsole(
            file=io.StringIO(), width=width, height=height, record=True, color_system=None
        )
        update = self.app.screen._compositor.render_update(
            full=True, screen_stack=self.app._background_screens
        )
        out.print(update)
        lines = [line.rstrip() for line in out.export_text().splitlines()]
        return "\n".join(lines).rstrip() + "\n"

    @property
    def place(self) -> Place:
        """The place that is shown, below a dialog perhaps."""
        return next(
            screen for screen in reversed(self.app.screen_stack) if isinstance(screen, Place)
        )

    @property
    def tenants(self) -> TenantsPlace:
        place = self.app.places["tenants"]
        assert isinstance(place, TenantsPlace)
        return place

    @property
    def browse(self) -> BrowsePlace:
        place = self.app.places["browse"]
        assert isinstance(place, BrowsePlace)
        return place

    @property
    def editor(self) -> WebhookPlace:
        place = self.app.places["webhook"]
        assert isinstance(place, WebhookPlace)
        return place

    @property
    def callbacks(self) -> CallbacksPlace:
        place = self.app.places["callbacks"]
        assert isinstance(place, CallbacksPlace)
        return place

    @property
    def audit(self) -> AuditPlace:
        place = self.app.places["audit"]
        assert isinstance(place, AuditPlace)
        return place

    @property
    def health(self) -> HealthPlace:
        place = self.app.places["health"]
        assert isinstance(place, HealthPlace)
        return place

    def screen_one(self, selector: str) -> Widget:
        """The one widget of the screen in front."""
        return self.app.screen.query_one(selector)

    def shows(self, selector: str) -> str:
        """The text of a static widget, empty while it is hidden."""
        widget = self.app.screen.query_one(selector, Static)
        return str(widget.render()) if widget.display else ""

    def value(self, selector: str) -> str:
        """What stands in an input."""
        return self.app.screen.query_one(selector, Input).value

    def problem(self, name: str) -> str:
        """The message under a field, empty while it takes no room."""
        held = self.app.screen.query_one(f"#field-{name}")
        if isinstance(held, Field):
            return held.problem
        message = held.query_one(".field-message", Static)
        is_shown = held.has_class("-invalid") and message.display
        return str(message.render()).removeprefix("✗ ") if is_shown else ""

    def note(self, name: str) -> str:
        """What stands beside a field."""
        return self.app.screen.query_one(f"#field-{name}", Field).note

    def rows(self, selector: str) -> list[list[str]]:
        """The cells of a list."""
        table = self.app.screen.query_one(selector, RowList)
        rows = [table.source.row(index) for index in range(len(table.source))]
        return [["".join(text for text, _ in cell) for cell in row.cells] for row in rows]

    @property
    def focused(self) -> str:
        """The id of the widget that has the focus."""
        widget = self.app.focused
        return (widget.id or type(widget).__name__) if widget else ""

    @property
    def status(self) -> str:
        """The header's first line."""
        return self.place.query_one(Frame).status_line

    @property
    def last_told(self) -> str:
        return self.told[-1] if self.told else ""

    async def records(self) -> list[AuditRecord]:
        """The audit log, newest first."""
        return await self.workspace.reports.recent()


@asynccontextmanager
async def run_console(
    settings: Settings,
    prepare: Callable[[Workspace], Awaitable[str]] | None = None,
    *,
    size: tuple[int, int] = WIDE,
    adjust: Callable[[CognituiApp], None] = lambda _: None,
) -> AsyncIterator[Console]:
    """A console that runs while the block does; it must end without an error of its own."""
    app = CognituiApp(settings, prepare)
    adjust(app)
    app.animation_level = "none"
    told: list[str] = []

    def listen(message: Message) -> None:
        # Every pump on the way hands it on; it is told once.
        if isinstance(message, Notify) and id(message) not in heard:
            heard[id(message)] = message
            told.append(message.notification.message)

    heard: dict[int, Notify] = {}
    async with app.run_test(size=size, notifications=True, message_hook=listen) as pilot:
        console = Console(app, pilot, told)
        await console.until(lambda: app.is_ready)
        yield console
        if app.is_leaving:
            await console.until(lambda: not app.is_running)
        # As Textual does when the console is left; to the end of `run_test` it forgets to.
        app.workers.cancel_all()


def offering(
    base_url: str, *, name: str = "acme", key: str = API_KEY, secret: str = API_SECRET, **more: Any
) -> Callable[[Workspace], Awaitable[str]]:
    """Any tenant, for this session."""

    async def prepare(workspace: Workspace) -> str:
        credentials = Credentials(SecretStr(key), SecretStr(secret))
        profile = Profile.model_validate({
            "name": name,
            "base_url": base_url,
            "key_fingerprint": credentials.fingerprint,
            **more,
        })  # fmt: skip
        workspace.tenants.add_session(profile, credentials)
        return name

    return prepare


def with_sandbox(
    sandbox: Sandbox, *, receiver: bool = False
) -> Callable[[Workspace], Awaitable[str]]:
    """What the demo does before the console is of use."""

    async def prepare(workspace: Workspace) -> str:
        offer(workspace, sandbox)
        if receiver:
            await workspace.callbacks.start_receiver()
        return TENANT

    return prepare
