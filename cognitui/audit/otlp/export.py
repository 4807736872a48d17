"""Hands records to a collector without anybody here waiting for it."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from concurrent.futures import Future
from typing import TYPE_CHECKING

from cognitui.logs import get_logger

if TYPE_CHECKING:
    from cognitui.audit.otlp.target import OtlpTarget
    from cognitui.audit.records import AuditRecord

MAX_WAITING = 2048
"""Records that wait to be handed on; beyond these the newest are dropped and counted."""

DEADLINE_S = 2.0
"""How long the end waits for what is still to be sent, whatever the collector does."""

LOAD_PATIENCE_S = 10.0
"""How long it waits for what speaks OTLP to be loaded, which no collector has a part in."""


class OtlpExport:
    """Takes records as they are written, and sends them from a thread of its own.

    What speaks OTLP is loaded in that thread, when the first record comes.

    Attributes:
        dropped: How many records the collector will never see because it was too slow.
    """

    def __init__(
        self, target: OtlpTarget, *, most: int = MAX_WAITING, deadline_s: float = DEADLINE_S
    ) -> None:
        self._target = target
        self._most = most
        self._deadline_s = deadline_s
        self._waiting: deque[AuditRecord] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._loaded: Future[None] = Future()
        self._ended: Future[None] = Future()
        self.dropped = 0

    def observe(self, record: AuditRecord) -> None:
        """A record was written. Returns at once."""
        with self._changed:
            if self._stopping or len(self._waiting) >= self._most:
                self.dropped += 1
                return
            self._waiting.append(record)
            self._changed.notify()
            if self._thread is None:
                # A daemon: a collector that hangs cannot keep the program alive.
                self._thread = threading.Thread(target=self._run, name="cognitui-otlp", daemon=True)
                self._thread.start()

    async def aclose(self) -> None:
        """Send what waits, if the collector takes it before the deadline."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread is not None:
            await asyncio.wait({asyncio.wrap_future(self._loaded)}, timeout=LOAD_PATIENCE_S)
            ended = asyncio.wrap_future(self._ended)
            done, _ = await asyncio.wait({ended}, timeout=self._deadline_s)
            if not done:
                get_logger().warning("otlp_not_finished", count=len(self._waiting))
        if self.dropped:
            get_logger().warning("otlp_dropped", count=self.dropped)

    def _run(self) -> None:
        try:
            self._send()
        except Exception as error:  # noqa: BLE001 - nobody waits for this thread, so it is logged
            get_logger().error("otlp_failed", error_type=type(error).__name__)
            with self._changed:
                self._stopping = True
                self.dropped += len(self._waiting)
        finally:
            if not self._loaded.done():
                self._loaded.set_result(None)
            self._ended.set_result(None)

    def _send(self) -> None:
        from cognitui.audit.otlp.pipeline import Pipeline

        pipeline = Pipeline(self._target)
        self._loaded.set_result(None)
        while (record := self._next()) is not None:
            pipeline.emit(record)
        pipeline.close(self._deadline_s)

    def _next(self) -> AuditRecord | None:
        with self._changed:
            while not self._waiting:
                if self._stopping:
                    return None
                self._changed.wait()
            return self._waiting.popleft()
