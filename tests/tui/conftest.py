from __future__ import annotations

import asyncio
import gc
from contextlib import ExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

import pytest
import pytest_asyncio
from textual._compositor import Compositor

from cognitui.clock import SystemClock
from cognitui.sandbox import Sandbox, SandboxConfig

from .support import (
    WIDE,
    Console,
    paint_when_asked,
    run_console,
    settings_in,
    wait_until_idle,
    with_sandbox,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from cognitui.settings import Settings

# Lists have one page each: every page is drawn, and that takes a while.
ONE_PAGE = 100


class OpenConsole(Protocol):
    """Opens a console that is connected to a sandbox, and closes it again."""

    def __call__(
        self, *, size: tuple[int, int] = ..., receiver: bool = ...
    ) -> AbstractAsyncContextManager[Console]: ...


@pytest.fixture(scope="package", autouse=True)
def _quick() -> Iterator[None]:
    """No wait is longer than it has to be, and the terminal that runs the tests has no say."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NO_COLOR", raising=False)
        patch.setattr("textual.app.wait_for_idle", wait_until_idle)
        patch.setattr("textual.pilot.wait_for_idle", wait_until_idle)
        patch.setattr(Compositor, "render_update", paint_when_asked(Compositor.render_update))
        patch.setattr("cognitui.tui.soon.DELAY_S", 0)
        # A console is some 100,000 objects that die together; looking for others costs a third.
        usual = gc.get_threshold()
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 50, 50)
        yield
        gc.set_threshold(*usual)
        gc.unfreeze()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried at once: the waits in between are not the point."""
    monkeypatch.setattr(SystemClock, "sleep", lambda *_: asyncio.sleep(0))


@pytest.fixture
def start() -> Iterator[Callable[..., Sandbox]]:
    """Starts sandboxes and stops them all."""
    with ExitStack() as stack:

        def start_one(**config: Any) -> Sandbox:
            sandbox = Sandbox(SandboxConfig(**config))
            stack.enter_context(sandbox)
            return sandbox

        yield start_one


@pytest.fixture
def sandbox(start: Callable[..., Sandbox]) -> Sandbox:
    return start(page_size=ONE_PAGE)


@pytest.fixture
def open_console(settings: Settings, sandbox: Sandbox) -> OpenConsole:
    @asynccontextmanager
    async def open_one(
        *, size: tuple[int, int] = WIDE, receiver: bool = False
    ) -> AsyncIterator[Console]:
        async with run_console(
            settings, with_sandbox(sandbox, receiver=receiver), size=size
        ) as console:
            await console.connected()
            yield console

    return open_one


@pytest_asyncio.fixture(loop_scope="module")
async def console(open_console: OpenConsole) -> AsyncIterator[Console]:
    """A console that is connected to the sandbox; its receiver is off."""
    async with open_console() as console:
        yield console


@pytest.fixture(scope="module")
def shared_sandbox() -> Iterator[Sandbox]:
    """For tests that change nothing in it."""
    sandbox = Sandbox(SandboxConfig(page_size=ONE_PAGE))
    with sandbox:
        yield sandbox


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(
    shared_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Console]:
    """One console for the tests of a module that leave it as they find it."""
    settings = settings_in(tmp_path_factory.mktemp("shared"))
    async with run_console(settings, with_sandbox(shared_sandbox)) as console:
        await console.connected()
        yield console
