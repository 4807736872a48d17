"""Plays random deeds on the whole console, in this process, and notices what breaks."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size
from textual.worker import Worker, WorkerState

from cognitui.sandbox import Sandbox, SandboxConfig, parse_fault
from cognitui.tui.app import CognituiApp
from cognitui.tui.places import PLACES
from cognitui.tui.screens.help import Help
from cognitui.tui.screens.place import Place
from tests.fuzz.drafts import DraftWatch, is_settled
from tests.fuzz.hands import Deed, input_of
from tests.fuzz.mishaps import Mishaps, cheap_and_harmless
from tests.tui.support import Console, offering, settings_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from textual.message import Message

    from cognitui.sandbox import SandboxInfo

FAULTS = (
    "429:every=23,seconds=0",
    "500:every=17",
    "503:every=29",
    "401:every=41",
    "403:every=53",
    "foreign-page:every=7",
    "loop-page:every=13",
    "empty-page:every=11",
    "lost-answer:method=POST,every=3",
    "content-type:every=31",
    "cut:every=37,bytes=40",
    "huge:every=101,bytes=3000000",
    "redirect:every=43,to=http://127.0.0.1:9/",
    "slow:every=19,seconds=0.3",
    "hang:every=47,seconds=1.5",
    "500:path=monitor,every=2",
)
FIRST_SIZE, LAST_SIZE = (110, 30), (120, 40)
REMEMBERED = 50
LONG_MS = 100.0
LOOKS_AT_ALL = 25
"""After so many deeds the whole screen is drawn and read, and every field compared."""
MOST_ESCAPES = 12
WEBHOOKS, LIMIT, REQUESTS = 60, 300, 100_000


class Broken(AssertionError):
    """The console did what it must never do."""


@dataclass(slots=True)
class Played:
    """What there is to tell of a run.

    Attributes:
        deeds: How many were done.
        starts: How often the console was started.
        slow: Deeds that kept the event loop from everything else: milliseconds of processor time.
        visited: How often each screen was in front.
        last: The last deeds.
    """

    deeds: int = 0
    starts: int = 0
    slow: list[tuple[float, str]] = field(default_factory=list)
    visited: dict[str, int] = field(default_factory=dict)
    last: deque[Deed] = field(default_factory=lambda: deque(maxlen=REMEMBERED))


class Player:
    """Plays deeds on consoles that share one home, one after another.

    Args:
        home: Where they write.
        seed: The rhythm of the deeds follows from it.
        on_deed: Told of each deed before it is done.
    """

    def __init__(
        self, home: Path, seed: int, on_deed: Callable[[int, Deed], None] = lambda *_: None
    ) -> None:
        self.played = Played()
        self._home, self._on_deed = home, on_deed
        self._rhythm = random.Random(seed)
        self._size = FIRST_SIZE
        self._watch = DraftWatch()
        self._mishaps = Mishaps()

    async def play(self, deeds: Iterable[Deed]) -> None:
        """Do all of it.

        Raises:
            Broken: The console does not answer, or something went wrong beside it.
            DraftLost: Something typed is gone.
            Exception: Whatever ended the console.
        """
        config = SandboxConfig(
            webhook_limit=LIMIT,
            webhooks=WEBHOOKS,
            requests_per_minute=REQUESTS,
            faults=tuple(parse_fault(spec) for spec in FAULTS),
        )
        hands, is_over = iter(deeds), False
        with (
            cheap_and_harmless(self._home, self._rhythm),
            self._mishaps.watched(),
            Sandbox(config) as info,
        ):
            while not is_over:
                is_over = await self._run_once(hands, info)
        self._mishaps_are_none()

    async def _run_once(self, hands: Iterator[Deed], info: SandboxInfo) -> bool:
        """One console from its start to its end; whether no deed is left."""
        prepare = offering(
            info.base_url,
            key=info.api_key,
            secret=info.api_secret,
            monitor_url=info.monitor_url,
            webhook_limit=LIMIT,
            requests_per_minute=REQUESTS,
        )
        app = CognituiApp(settings_in(self._home), prepare)
        app.animation_level = "none"
        self.played.starts += 1
        is_over = False
        async with app.run_test(
            size=self._size, notifications=True, message_hook=self._hear
        ) as pilot:
            console = Console(app, pilot)
            await console.until(lambda: app.is_ready)
            parser = XTermParser()
            for deed in hands:
                if deed.is_new_start:
                    self._remember(deed)
                    app.run_worker(app.action_quit(), exit_on_error=True)
                    break
                await self._do(console, parser, deed)
                if app._exit or not app.is_running:
                    break
                self._look(console)
            else:
                await self._answers(console, parser)
                is_over = True
            await self._ends(app)
        if app.return_code != 0:
            raise Broken(f"it ended with status {app.return_code}")
        self._watch.ended(app.settings.paths.state)
        return is_over

    # Doing

    async def _do(self, console: Console, parser: XTermParser, deed: Deed) -> None:
        self._remember(deed)
        app = console.app
        began = time.thread_time()
        if deed.size is not None:
            await self._resize(app, deed.size)
        for message in _messages(parser, deed.data):
            assert app._driver is not None
            app._driver.process_message(message)
        await _drain()
        if self._rhythm.random() < 0.5:
            await console.drawn()
        took = (time.thread_time() - began) * 1000
        if took > LONG_MS:
            self.played.slow.append((took, f"{deed.what} in {_name(app)}"))
        if self._rhythm.random() < 0.1:
            # Let time pass, for what answers from elsewhere.
            await asyncio.sleep(self._rhythm.choice((0.001, 0.005, 0.02)))

    async def _resize(self, app: CognituiApp, size: tuple[int, int]) -> None:
        self._size = size
        if isinstance(app._driver, HeadlessDriver):
            app._driver._size = size
        app.post_message(events.Resize(Size(*size), Size(*size)))

    def _remember(self, deed: Deed) -> None:
        self.played.deeds += 1
        self.played.last.append(deed)
        self._on_deed(self.played.deeds, deed)

    # Looking

    def _hear(self, message: Message) -> None:
        if isinstance(message, Worker.StateChanged) and message.state is WorkerState.ERROR:
            self._mishaps.tell(message.worker.error, f"work of {message.worker.group}")

    def _look(self, console: Console) -> None:
        app = console.app
        if app._exception is not None:
            raise app._exception
        self._mishaps_are_none()
        name = _name(app)
        self.played.visited[name] = self.played.visited.get(name, 0) + 1
        if is_settled(app):
            self._watch.look(app)
        if self.played.deeds % LOOKS_AT_ALL == 0:
            self._watch.fields_hold_it(app)
            if "Traceback" in console.text:
                raise Broken(f"a traceback is on the screen:\n{console.text}")

    def _mishaps_are_none(self) -> None:
        if self._mishaps.seen:
            raise Broken(self._mishaps.seen[0])

    # The end

    async def _answers(self, console: Console, parser: XTermParser) -> None:
        """After all that it still goes everywhere, explains itself and leaves when asked to."""
        app = console.app

        async def press(key: str) -> None:
            await self._do(console, parser, Deed(key, input_of(key)))

        await self._do(console, parser, Deed("resize", size=LAST_SIZE))
        for _ in range(MOST_ESCAPES):
            if isinstance(app.screen, Place) and not _takes_letters(app):
                break
            await press("escape")
        for place in PLACES:
            await press(place.key)
            await console.until(lambda place=place: app.screen is app.places[place.id])  # type: ignore[misc]
            # A place that is new puts the cursor into its first field once it is drawn.
            await console.settle()
            if _takes_letters(app):
                await press("escape")
        await press("f1")
        await console.until(lambda: isinstance(app.screen, Help))
        await press("escape")
        await console.until(lambda: isinstance(app.screen, Place))
        self._look(console)
        await press("q")
        if not app._exit:
            await console.until(lambda: app._exit or not isinstance(app.screen, Place))
            await press("y")

    async def _ends(self, app: CognituiApp) -> None:
        deadline = time.monotonic() + 10
        while app.is_running:
            if time.monotonic() > deadline:
                raise Broken("it did not end when it was asked to")
            await asyncio.sleep(0.001)


def _messages(parser: XTermParser, data: str) -> Iterator[Message]:
    if not data:
        return
    yield from parser.feed(data)
    if parser._timeout_time is not None:
        # Nothing follows an escape key; nobody has to wait to know that.
        parser._timeout_time = 0.0
        yield from parser.tick()


def _takes_letters(app: CognituiApp) -> bool:
    """Whether a key types where it is: into a field, or to find something in an open list."""
    return app.focused is not None and app.focused.check_consume_key("1", "1")


def _name(app: CognituiApp) -> str:
    screen = app.screen
    return screen.PLACE if isinstance(screen, Place) else type(screen).__name__


async def _drain() -> None:
    """Let everything run that can run now."""
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    for _ in range(10_000):
        await asyncio.sleep(0)
        if not ready:
            return
