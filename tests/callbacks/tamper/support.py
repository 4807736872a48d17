"""Endpoints to attack. What they verify with is written anew here, so that no mistake is shared."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import socket
import threading
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvicorn

from cognitui.accepting import TURNS, stop_accepting
from cognitui.callbacks.tamper.card import Mark
from cognitui.callbacks.tamper.wire import Limits
from tests.support.listening import StopListening, listening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from cognitui.callbacks.tamper.card import ReportCard

SECRET = "super_secret_hmac_key_minimum_32_chars_long"
TOLERANCE_MS = 300_000
MAX_BODY = 1024 * 1024
READ_LIMIT_S = 0.5
QUICK = Limits(answer_s=5.0, slow_s=3.0)
U, W, I = Mark.UNSOUND, Mark.WEAK, Mark.INCONCLUSIVE  # noqa: E741

NO_FRESHNESS = {
    "stale": U, "missing-timestamp": U, "timestamp-no-number": U,
    "future": W, "wrong-unit": W, "timestamp-exchanged": W,
}  # fmt: skip
NO_REPLAY_CHECK = {"replay": U, "replay-new-timestamp": U}
RESERIALISES = {
    "body-reserialised": U, "trailing-newline": U, "byte-order-mark": U, "honest-odd-bytes": W,
}  # fmt: skip


def findings(card: ReportCard) -> dict[str, Mark]:
    """All that is not sound."""
    return {r.case_id: r.mark for r in card.results if r.mark is not Mark.SOUND}


def right_signature(body: bytes, secret: str = SECRET) -> bytes:
    return b"sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()


def is_fresh(stamp: bytes) -> bool:
    return bool(re.fullmatch(rb"[0-9]{13}", stamp)) and (
        abs(int(stamp) - time.time() * 1000) <= TOLERANCE_MS
    )


def own_time(body: bytes) -> Any:
    """What the body says about its time; ``None`` where it says nothing."""
    try:
        decoded = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return decoded.get("timestamp") if isinstance(decoded, dict) else None


@dataclass
class Answer:
    status: int
    body: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)


class Verifier:
    """A sound verification of the cognigy scheme, each step of which can be done wrongly."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self._lock = threading.Lock()

    def __call__(self, body: bytes, headers: dict[bytes, bytes]) -> Answer:
        signature = headers.get(b"x-cognigy-signature")
        if not self.is_signed(signature, body) or not self.is_timed(
            headers.get(b"x-cognigy-timestamp"), body
        ):
            return self.refuse(body, headers)
        if self.is_replay(right_signature(self.signed(body))):
            return Answer(409)
        return self.accept(body, headers)

    def signed(self, body: bytes) -> bytes:
        return body

    def is_signed(self, signature: bytes | None, body: bytes) -> bool:
        return signature is not None and self.matches(signature, body)

    def matches(self, signature: bytes, body: bytes) -> bool:
        return hmac.compare_digest(right_signature(self.signed(body)), signature)

    def is_timed(self, stamp: bytes | None, body: bytes) -> bool:
        if stamp is None or not is_fresh(stamp):
            return False
        inside = own_time(body)
        return inside is None or inside == int(stamp)

    def is_replay(self, key: bytes) -> bool:
        with self._lock:
            known = key in self._seen
            self._seen.add(key)
            return known

    def refuse(self, _body: bytes, _headers: dict[bytes, bytes]) -> Answer:
        return Answer(401)

    def accept(self, _body: bytes, _headers: dict[bytes, bytes]) -> Answer:
        return Answer(200, b'{"status":"ok"}')


class TooLong(Exception):
    pass


@dataclass
class Endpoint:
    """An ASGI application around a verifier, for what a framework does not do by itself."""

    verify: Callable[[bytes, dict[bytes, bytes]], Answer]
    max_body: int = MAX_BODY
    read_limit_s: float = READ_LIMIT_S
    methods: tuple[str, ...] = ("POST",)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        answer = await self._answer(scope, receive)
        headers = [(b"content-length", str(len(answer.body)).encode()), *answer.headers]
        start = {"type": "http.response.start", "status": answer.status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Any, receive: Any) -> Answer:
        if scope["method"] not in self.methods:
            return Answer(405)
        try:
            async with asyncio.timeout(self.read_limit_s):
                body = await self._read(receive)
        except TimeoutError:
            return Answer(408, headers=[(b"connection", b"close")])
        except TooLong:
            return Answer(413, headers=[(b"connection", b"close")])
        return self.verify(body, first_values(scope["headers"]))

    async def _read(self, receive: Any) -> bytes:
        body: bytes = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > self.max_body:
                raise TooLong
            if not message.get("more_body"):
                return body


def first_values(headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The first value of each header, as most frameworks hand it over."""
    return {name.lower(): value for name, value in reversed(headers)}


def listener() -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.bind(("127.0.0.1", 0))
    found.listen(64)
    return found


class Served(uvicorn.Server):
    """Closes all connections when it ends, also those in the middle of a request."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await stop_accepting(sockets or [])
        await super().shutdown(sockets)
        for transport in list(getattr(asyncio.get_running_loop(), "_transports", {}).values()):
            transport.abort()
        for _ in range(TURNS):
            await asyncio.sleep(0)


@contextmanager
def serving(app: Any, **config: Any) -> Iterator[str]:
    """Serve an ASGI application in a thread of its own."""
    with listener() as taken:
        scheme = "https" if "ssl_certfile" in config else "http"
        server = Served(
            uvicorn.Config(
                app, log_config=None, log_level="critical", lifespan="off", ws="none", **config
            )
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.005)
            yield f"{scheme}://127.0.0.1:{taken.getsockname()[1]}/hook"
        finally:
            server.should_exit = True
            server.force_exit = True
            thread.join(5)


@asynccontextmanager
async def answering(
    *answers: bytes, then_gone: bool = False
) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers each connection with the next of these bytes, and at last the last."""
    left, requests = list(answers), []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        found = re.search(rb"content-length: ([0-9]+)", head.lower())
        requests.append(head + await reader.readexactly(int(found[1]) if found else 0))
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        if then_gone and len(left) == 1:
            raise StopListening

    async with listening(serve) as port:
        yield f"http://127.0.0.1:{port}/hook?token=hush", requests


def reply(status: int, body: bytes = b"", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body
