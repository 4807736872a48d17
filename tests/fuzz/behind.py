"""The program for random hands on a terminal: it knows the names of this machine alone.

Asked by a signal, it writes what it waits for: how one learns why it does not answer.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cognitui.__main__ import main
from tests.fuzz.names import only_this_machine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

WAITS_FILE = "COGNITUI_FUZZ_WAITS"
ASK_FOR_WAITS = signal.SIGUSR1


def tell_waits(signal_number: int, frame: FrameType | None) -> None:
    """Write where it is, and where each task stands that waits for more than its next message."""
    told = ["".join(traceback.format_stack(frame, limit=6))]
    for task in asyncio.all_tasks():
        frames = list(_frames(task.get_coro()))
        if not any("_get_message" in line for line in frames):
            told += [task.get_name()[:200], *frames]
    Path(os.environ[WAITS_FILE]).write_text("\n".join(told), encoding="utf-8")


def _frames(awaited: Any) -> Iterator[str]:
    while awaited is not None:
        at = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if at is None:
            yield f"    {awaited!r}"[:1000]
            return
        yield f"    {at.f_code.co_filename}:{at.f_lineno} {at.f_code.co_qualname}"
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)


if __name__ == "__main__":
    if WAITS_FILE in os.environ:
        signal.signal(ASK_FOR_WAITS, tell_waits)
    socket.getaddrinfo = only_this_machine(socket.getaddrinfo)
    sys.exit(main())
