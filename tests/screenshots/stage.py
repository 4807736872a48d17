"""What a picture is taken of: a console that looks the same on every machine and at any time."""

from __future__ import annotations

import re
import tempfile
import zlib
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len
from textual.widgets import Input, TextArea

from cognitui.audit.store import AuditLog
from cognitui.callbacks.send import CallbackSender
from cognitui.network.stage import Stage as EndpointStage
from cognitui.sandbox import Sandbox, SandboxConfig
from cognitui.tui.widgets.frame import Frame
from cognitui.webhooks.preflight import Step
from cognitui.webhooks.words import duration
from tests.tui.support import Console, run_console, settings_in, wait_until_idle, with_sandbox
from tests.tui.walk import Standstill, standing_still, stop_the_clocks

from .svg import Cell, svg

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from cognitui.audit.records import AuditRecord
    from cognitui.tui.app import CognituiApp

SIZE = (120, 36)
# Of an address behind a dialog the beginning may be hidden.
PORT = re.compile(r"(?<=\d:)\d{5}(?!\d)")
# Ports that nothing has; they are as long as those that the machine hands out.
SHOWN_PORTS = ("48931", "48932", "48933")


class Ticking(Standstill):
    """Noon too, but whatever is measured has taken a few milliseconds."""

    def __init__(self) -> None:
        self._ms = 0.0

    def monotonic(self) -> float:
        self._ms += 9.0
        return self._ms / 1000


@dataclass
class Stage:
    """A connected console, and the sandbox that it is connected to."""

    console: Console
    sandbox: Sandbox

    async def go(self, place: str, selector: str) -> None:
        """Go to a place, let it load, and begin at this part of it, whatever had the focus."""
        await self.console.go(place)
        part = self.console.screen_one(selector)
        part.focus()
        await self.console.until(lambda: self.console.app.focused is part)

    async def shows(self, text: str) -> None:
        """Wait until this can be read on the screen."""
        await self.console.until(lambda: text in self.console.text)

    async def picture(self, title: str) -> str:
        """What the screen shows, as SVG."""
        app = self.console.app
        await self.console.settle()
        self.console.place.query_one(Frame).refresh_status()
        for field in app.screen.query("Input, TextArea"):
            assert isinstance(field, (Input, TextArea))
            field.cursor_blink = False
        app.clear_notifications()
        await self.console.until(lambda: not app.screen.query("Toast"))
        await self.console.settle()
        return svg(_steady(screen_of(self.console.app)), title)


@asynccontextmanager
async def stage(records: Iterable[AuditRecord] = ()) -> AsyncIterator[Stage]:
    """A console on a new sandbox, with its receiver on.

    Args:
        records: What the audit log has from before.
    """
    with tempfile.TemporaryDirectory() as home, quick_and_frozen():
        settings = settings_in(Path(home))
        async with await AuditLog.open(settings.paths.audit_log, settings.paths.state) as log:
            for record in records:
                await log.append(record)
        sandbox = Sandbox(SandboxConfig(page_size=100))
        with sandbox:
            prepare = with_sandbox(sandbox, receiver=True)
            async with run_console(settings, prepare, size=SIZE, adjust=_freeze) as console:
                await console.connected()
                yield Stage(console, sandbox)


@contextmanager
def quick_and_frozen() -> Iterator[None]:
    """No wait is longer than it must be, and what is measured depends on nothing but its name."""
    with standing_still(_shown), pytest.MonkeyPatch.context() as patch:
        patch.delenv("NO_COLOR", raising=False)
        patch.setattr("textual.app.wait_for_idle", wait_until_idle)
        patch.setattr("textual.pilot.wait_for_idle", wait_until_idle)
        patch.setattr("cognitui.tui.soon.DELAY_S", 0)
        # An axis tells where its steps lie; nothing of it was measured.
        patch.setattr("cognitui.tui.audit_axes.duration", duration)
        for measured in (Step, EndpointStage):
            patch.setattr(measured, "ms", property(_ms_by_name, _keep_nothing))
        yield


def _freeze(app: CognituiApp) -> None:
    stop_the_clocks(app)
    app.workspace.callbacks._sender = CallbackSender(clock=Ticking())


def _shown(ms: float) -> str:
    """Whole milliseconds were made up, and stay; what was really measured is the same each time."""
    return duration(ms if ms and ms.is_integer() else 12)


def _ms_by_name(measured: Any) -> float:
    return float(4 + zlib.crc32(measured.name.encode()) % 37)


def _keep_nothing(_measured: Any, _ms: float) -> None:
    """What was measured differs each time."""


def screen_of(app: CognituiApp) -> list[list[Cell]]:
    """The cells of the screen, line by line."""
    update: Any = app.screen._compositor.render_update(
        full=True, screen_stack=app._background_screens
    )
    rows: list[list[Cell]] = []
    for strips in update.strips:
        row: list[Cell] = []
        for segment in (segment for strip in strips for segment in strip if not segment.control):
            assert segment.style is not None
            for character in segment.text:
                if row and not cell_len(character):  # it goes onto the one before
                    row[-1] = row[-1]._replace(text=row[-1].text + character)
                else:
                    row.append(Cell(character, segment.style))
        rows.append(row)
    return rows


def _steady(rows: list[list[Cell]]) -> list[list[Cell]]:
    """The same with ports that do not change."""
    shown: dict[str, str] = {}
    steady = []
    for row in rows:
        text = "".join(cell.text for cell in row)
        assert len(text) == len(row), "a character of two parts would move the ports"
        for found in PORT.finditer(text):
            shown.setdefault(found[0], SHOWN_PORTS[len(shown)])
            start, end = found.span()
            row[start:end] = [
                cell._replace(text=digit)
                for cell, digit in zip(row[start:end], shown[found[0]], strict=True)
            ]
        steady.append(row)
    return steady
