"""Errors that Python or Textual would only have mentioned, and what keeps the hands at home."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
import threading
import traceback
import warnings
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

from textual._compositor import Compositor

from tests.fuzz.names import only_this_machine
from tests.tui.support import paint_when_asked, wait_until_idle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from random import Random

PAINTED = 0.25
SOON_S = 0.001
"""What waits for a pause in typing comes so soon after it: between two deeds, or after several."""


class Mishaps:
    """What went wrong where nobody waits for it."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def tell(self, error: BaseException | None, where: str) -> None:
        """Keep one."""
        trace = "".join(traceback.format_exception(error)) if error is not None else ""
        self.seen.append(f"{where}: {error!r}\n{trace}")

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Turn every warning into an error, and hear of errors in tasks, threads and finalizers."""
        loop = asyncio.get_running_loop()
        usual = sys.unraisablehook, threading.excepthook
        sys.unraisablehook = lambda e: self.tell(e.exc_value, str(e.err_msg or e.object))
        threading.excepthook = lambda e: self.tell(e.exc_value, "in a thread")
        loop.set_exception_handler(lambda _, context: self._of_the_loop(context))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                # anyio leaves a connection that is cut off while it opens to the collector.
                warnings.filterwarnings("ignore", "unclosed transport", ResourceWarning)
                yield
                gc.collect()
        finally:
            sys.unraisablehook, threading.excepthook = usual
            loop.set_exception_handler(None)

    def _of_the_loop(self, context: dict[str, Any]) -> None:
        self.tell(context.get("exception"), str(context.get("message")))


def now_and_then(paint: Callable[..., Any], rhythm: Random) -> Callable[..., Any]:
    """Paint one change in four, as on a slow terminal; whole screens always."""
    leave_out = paint_when_asked(paint)

    def render(compositor: Compositor, full: bool = False, **options: Any) -> Any:
        chosen = paint if rhythm.random() < PAINTED else leave_out
        return chosen(compositor, full=full, **options)

    return render


@contextmanager
def cheap_and_harmless(home: Path, rhythm: Random) -> Iterator[None]:
    """No wait is longer than it has to be, and nothing reaches beyond this machine or this home."""
    usual = gc.get_threshold()
    with ExitStack() as stack:
        for name in ("textual.app.wait_for_idle", "textual.pilot.wait_for_idle"):
            stack.enter_context(mock.patch(name, wait_until_idle))
        stack.enter_context(mock.patch("cognitui.tui.soon.DELAY_S", SOON_S))
        here = only_this_machine(socket.getaddrinfo)
        stack.enter_context(mock.patch("socket.getaddrinfo", here))
        stack.enter_context(mock.patch.dict(os.environ, HOME=str(home)))
        paint = now_and_then(Compositor.render_update, rhythm)
        stack.enter_context(mock.patch.object(Compositor, "render_update", paint))
        stack.callback(gc.set_threshold, *usual)
        gc.collect()
        gc.freeze()
        stack.callback(gc.unfreeze)
        gc.set_threshold(20_000, 50, 50)
        yield
