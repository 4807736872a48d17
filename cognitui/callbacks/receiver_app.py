"""The receiver's answers to HTTP requests. Imported when a receiver starts, for its imports' sake.

It works on the bytes of the wire: starlette neither decodes nor decompresses a body.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
import struct
from time import perf_counter
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from cognitui.callbacks.answers import Ending
from cognitui.callbacks.body import (
    MAX_BODY_BYTES,
    delivery_id_of,
    event_of,
    read_object,
    sent_at_of,
    skill_id_of,
)
from cognitui.callbacks.listener import is_loopback_header
from cognitui.callbacks.received import Received
from cognitui.callbacks.replay import ReplayGlance
from cognitui.callbacks.schemes.judging import judge
from cognitui.clock import Clock, unix_ms
from cognitui.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from cognitui.callbacks.answers import AnswerStep
    from cognitui.callbacks.forward import Forwarder
    from cognitui.callbacks.metrics.tally import CallbackTally
    from cognitui.callbacks.received import Inbox
    from cognitui.callbacks.replay import ReplayCache
    from cognitui.callbacks.rules import Rules

MAX_PATH = 1000
TRANSPORT = "cognitui.transport"
"""Where the server puts the connection into a request's scope."""

_GONE_LIMIT_S = 1.0
_ALLOW = {"Allow": "POST"}
# What is left of such a request is not worth reading.
_OK = b'{"status":"ok"}'
_OK_HEADERS = [(b"content-length", b"15"), (b"content-type", b"application/json")]
_EMPTY_HEADERS = [(b"content-length", b"0")]
_CLOSE = {"Connection": "close"}
# Tells the system to drop what is unsent and to say so to the other side.
_RESET = struct.pack("ii", 1, 0)


class _TooLong(Exception):
    """The body is longer than is read."""


class ReceiverApp:
    """An ASGI application that judges what is posted to it, at any path, and keeps it.

    Args:
        inbox: Where it is kept.
        replay: The memory of accepted callbacks.
        rules: Asked at each request for what to judge by.
        answers: Asked at each request for what it was told to answer; ``None`` is as usual.
        forwarder: Asked at each request for who else is to get what was accepted.
        tally: Asked at each request for what counts it.
        clock: Tells the time.
        read_limit_s: Seconds that a body may take to arrive.
    """

    def __init__(
        self,
        *,
        inbox: Inbox,
        replay: ReplayCache,
        rules: Callable[[], Rules],
        clock: Clock,
        read_limit_s: float,
        answers: Callable[[], AnswerStep | None] = lambda: None,
        forwarder: Callable[[], Forwarder | None] = lambda: None,
        tally: Callable[[], CallbackTally | None] = lambda: None,
    ) -> None:
        self._inbox = inbox
        self._replay = replay
        self._glance = ReplayGlance(replay)
        self._rules = rules
        self._answers = answers
        self._forwarder = forwarder
        self._tally = tally
        self._clock = clock
        self._read_limit_s = read_limit_s
        self._log = get_logger()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request, send)
        except ClientDisconnect:
            return
        if response is not None:
            await response(scope, receive, send)

    async def _answer(self, request: Request, send: Send) -> Response | None:
        """The response; ``None`` when it was sent already, or there is to be none."""
        if not is_loopback_header(_header(request, b"host")):
            return self._refuse(421, _CLOSE)
        if request.method != "POST":
            return self._refuse(204 if request.method == "OPTIONS" else 405, _ALLOW)
        try:
            async with asyncio.timeout(self._read_limit_s):
                body = await _read(request)
        except TimeoutError:
            return self._refuse(408, _CLOSE)
        except _TooLong:
            return self._refuse(413, _CLOSE)
        started = perf_counter()
        step = self._answers()
        received = self._take(request, body, step)
        if step is None:
            # The sender's clock is running: answer first.
            await _send_ordinary(send, received)
            self._handled(received, started)
            self._inbox.announce(received)
            return None
        response = await self._as_told(request, received, step)
        self._handled(received, started)
        return response

    def _refuse(self, status: int, headers: dict[str, str]) -> Response:
        tally = self._tally()
        if tally is not None:
            tally.refused(status)
        return Response(status_code=status, headers=headers)

    def _handled(self, received: Received, started: float) -> None:
        tally = self._tally()
        if tally is not None:
            tally.handled(received, perf_counter() - started)

    def _take(self, request: Request, body: bytes, step: AnswerStep | None) -> Received:
        received = self._inbox.add(self._judge(request, body, step))
        self._log.info(
            "callback_received",
            verdict=received.verdict.reason,
            status=received.status,
            size=len(body),
        )
        forwarder = self._forwarder()
        if forwarder is not None and (received.verdict.accepted or forwarder.takes_all):
            forwarder.submit(received.number, request.scope["headers"], body)
        return received

    def _judge(self, request: Request, body: bytes, step: AnswerStep | None) -> Received:
        at = self._clock.now()
        now_ms = unix_ms(at)
        rules = self._rules()
        secrets, matches = rules.secrets_at(now_ms)
        verdict = judge(
            rules.scheme,
            body,
            request.scope["headers"],
            secrets=secrets,
            now_ms=now_ms,
            replay=self._replay if step is None or step.takes else self._glance,
        )
        fields = read_object(body)
        heads = rules.read(request.scope["headers"])
        sent_at_ms = sent_at_of(fields)
        if sent_at_ms is None and verdict.age_ms is not None:
            sent_at_ms = now_ms - verdict.age_ms
        matched = verdict.matched_secret
        return Received(
            number=self._inbox.next_number(),
            at=at,
            method=request.method,
            path=request.scope["path"][:MAX_PATH],
            headers=heads.shown,
            other_headers=heads.others,
            body=body,
            body_sha256=hashlib.sha256(body).hexdigest(),
            verdict=verdict,
            event=event_of(fields),
            skill_id=skill_id_of(fields),
            status=_status(step, accepted=verdict.accepted),
            raw_headers=heads.raw,
            scheme_id=rules.scheme.id,
            delivery_id=verdict.delivery_id or delivery_id_of(fields),
            sent_at_ms=sent_at_ms,
            secret=None if matched is None else matches[matched],
            told=step,
        )

    async def _as_told(
        self, request: Request, received: Received, step: AnswerStep
    ) -> Response | None:
        # Whoever looks on should not have to wait as long as the sender has to.
        self._inbox.announce(received)
        if step.delay_ms:
            await self._clock.sleep(step.delay_ms / 1000)
        if step.ending is not Ending.ANSWER:
            await _end(request, reset=step.ending is Ending.RESET)
            return None
        headers = {} if step.retry_after_s is None else {"Retry-After": str(step.retry_after_s)}
        if step.status is None and not step.body:
            response = _ordinary(received)
            response.headers.update(headers)
            return response
        return Response(
            step.body.encode("utf-8") or None,
            status_code=received.status,
            headers=headers,
            media_type="text/plain" if step.body else None,
        )


def _status(step: AnswerStep | None, *, accepted: bool) -> int:
    if step is not None and step.ending is not Ending.ANSWER:
        return 0
    if step is not None and step.status is not None:
        return step.status
    return 200 if accepted else 401


def _ordinary(received: Received) -> Response:
    if received.verdict.accepted:
        return Response(_OK, media_type="application/json")
    return Response(status_code=received.status)


async def _send_ordinary(send: Send, received: Received) -> None:
    """What `_ordinary` says, without the objects: there may be thousands a second."""
    body, headers = (_OK, _OK_HEADERS) if received.verdict.accepted else (b"", _EMPTY_HEADERS)
    await send({"type": "http.response.start", "status": received.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _end(request: Request, *, reset: bool) -> None:
    """End the connection, and wait until it has ended: the server would answer 500 otherwise."""
    transport = request.scope[TRANSPORT]
    if reset:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
    async with asyncio.timeout(_GONE_LIMIT_S):
        while (await request.receive())["type"] != "http.disconnect":
            pass


async def _read(request: Request) -> bytes:
    declared = _header(request, b"content-length")
    if declared and int(declared[0]) > MAX_BODY_BYTES:
        raise _TooLong
    piece, is_over = await _piece(request)
    if is_over:  # as nearly always
        body = piece
    else:
        pieces = bytearray(piece)
        while not is_over and len(pieces) <= MAX_BODY_BYTES:
            piece, is_over = await _piece(request)
            pieces += piece
        body = bytes(pieces)
    if len(body) > MAX_BODY_BYTES:
        raise _TooLong
    return body


async def _piece(request: Request) -> tuple[bytes, bool]:
    """The next piece of the body, and whether it is the last."""
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message.get("body", b""), not message.get("more_body", False)


def _header(request: Request, name: bytes) -> list[bytes]:
    return [value for key, value in request.scope["headers"] if key == name]
