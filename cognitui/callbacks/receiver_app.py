"""The receiver's answers to HTTP requests. Imported when a receiver starts, for its imports' sake.

It works on the bytes of the wire: starlette neither decodes nor decompresses a body.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from cognitui.callbacks.body import MAX_BODY_BYTES, event_of, read_object, skill_id_of
from cognitui.callbacks.received import Received
from cognitui.callbacks.sign import SIGNATURE_HEADER, TIMESTAMP_HEADER
from cognitui.callbacks.verify import verify
from cognitui.clock import Clock, unix_ms
from cognitui.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import Receive, Scope, Send

    from cognitui.callbacks.received import Inbox
    from cognitui.callbacks.replay import ReplayCache
    from cognitui.callbacks.sign import Secret

MAX_PATH = 1000
MAX_HEADERS = 100
MAX_HEADER_VALUE = 300
SHOWN_HEADERS = frozenset({
    "accept", "content-encoding", "content-length", "content-type", "host", "transfer-encoding",
    "user-agent", SIGNATURE_HEADER.lower(), TIMESTAMP_HEADER.lower(),
})  # fmt: skip
_LOOPBACK_HOST = re.compile(
    rb"(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE
)
_ALLOW = {"Allow": "POST"}
# What is left of such a request is not worth reading.
_CLOSE = {"Connection": "close"}


class _TooLong(Exception):
    """The body is longer than is read."""


class ReceiverApp:
    """An ASGI application that verifies what is posted to it, at any path, and keeps it.

    Args:
        inbox: Where it is kept.
        replay: The memory of accepted callbacks.
        secrets: Asked at each request for the secrets to verify with.
        clock: Tells the time.
        read_limit_s: Seconds that a body may take to arrive.
    """

    def __init__(
        self,
        *,
        inbox: Inbox,
        replay: ReplayCache,
        secrets: Callable[[], Sequence[Secret]],
        clock: Clock,
        read_limit_s: float,
    ) -> None:
        self._inbox = inbox
        self._replay = replay
        self._secrets = secrets
        self._clock = clock
        self._read_limit_s = read_limit_s
        self._log = get_logger()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        # A web page whose name was made to point at this machine still sends its own name.
        if not _is_loopback(_header(request, "host")):
            return Response(status_code=421, headers=_CLOSE)
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_ALLOW)
        if request.method != "POST":
            return Response(status_code=405, headers=_ALLOW)
        try:
            async with asyncio.timeout(self._read_limit_s):
                body = await _read(request)
        except TimeoutError:
            return Response(status_code=408, headers=_CLOSE)
        except _TooLong:
            return Response(status_code=413, headers=_CLOSE)
        return self._take(request, body)

    def _take(self, request: Request, body: bytes) -> Response:
        received = self._inbox.add(self._judge(request, body))
        self._log.info(
            "callback_received",
            verdict=received.verdict.reason,
            status=received.status,
            size=len(body),
        )
        # The sender's clock is running: answer first.
        tell = BackgroundTask(_announce, self._inbox, received)
        if received.verdict.accepted:
            return JSONResponse({"status": "ok"}, background=tell)
        return Response(status_code=received.status, background=tell)

    def _judge(self, request: Request, body: bytes) -> Received:
        at = self._clock.now()
        verdict = verify(
            body,
            _header(request, SIGNATURE_HEADER),
            _header(request, TIMESTAMP_HEADER),
            secrets=self._secrets(),
            now_ms=unix_ms(at),
            replay=self._replay,
        )
        fields = read_object(body)
        shown, others = _headers(request)
        return Received(
            number=0,
            at=at,
            method=request.method,
            path=request.scope["path"][:MAX_PATH],
            headers=shown,
            other_headers=others,
            body=body,
            body_sha256=hashlib.sha256(body).hexdigest(),
            verdict=verdict,
            event=event_of(fields),
            skill_id=skill_id_of(fields),
            status=200 if verdict.accepted else 401,
        )


async def _announce(inbox: Inbox, received: Received) -> None:
    # A coroutine, because starlette would run a plain function in a thread, out of order.
    inbox.announce(received)


async def _read(request: Request) -> bytes:
    declared = _header(request, "content-length")
    if declared and int(declared[0]) > MAX_BODY_BYTES:
        raise _TooLong
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise _TooLong
    return bytes(body)


def _header(request: Request, name: str) -> list[bytes]:
    wanted = name.lower().encode("ascii")
    return [value for key, value in request.scope["headers"] if key == wanted]


def _headers(request: Request) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    shown: list[tuple[str, str]] = []
    others: list[str] = []
    for key, value in request.scope["headers"][:MAX_HEADERS]:
        name = key.decode("latin-1")[:MAX_HEADER_VALUE]
        if name in SHOWN_HEADERS:
            shown.append((name, value.decode("latin-1")[:MAX_HEADER_VALUE]))
        else:
            others.append(name)
    return tuple(shown), tuple(others)


def _is_loopback(hosts: list[bytes]) -> bool:
    return len(hosts) == 1 and _LOOPBACK_HOST.fullmatch(hosts[0]) is not None
