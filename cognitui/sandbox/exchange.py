"""One request and its answer below the routes, where faults can get at both."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cognitui.sandbox.answers import ApiProblem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 1 << 20
# A client that is still sending when the connection is closed may never see the answer, so a
# body that is too large is read to its end and thrown away, within reason.
MAX_DRAINED = 16 << 20
BODY_TIMEOUT_S = 30.0


@dataclass(slots=True)
class Captured:
    """An answer that was made but not sent."""

    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""


class Exchange:
    """A request whose body has been read, and the way back to its client."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, body: bytes) -> None:
        self.scope = scope
        self.send = send
        self._receive = receive
        self._body: bytes | None = body

    async def receive(self) -> Message:
        """The body, then whatever else the client does."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        return await self._receive()

    async def hung_up(self) -> None:
        """Return when the connection is gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def drop(self) -> None:
        """Cut the connection: what was written is still sent, then it is closed."""
        self.scope["state"]["hang_up"]()
        await self.hung_up()

    async def capture(self, app: ASGIApp) -> Captured:
        """Let the request take effect and keep its answer back."""
        captured = Captured()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                captured.status = message["status"]
                captured.headers = list(message["headers"])
            else:
                captured.body += message.get("body", b"")

        await app(self.scope, self.receive, keep)
        return captured

    async def answer(self, captured: Captured) -> None:
        """Send an answer, with the length that it has now."""
        headers = [pair for pair in captured.headers if pair[0] != b"content-length"]
        headers.append((b"content-length", str(len(captured.body)).encode()))
        await self.begin(captured.status, headers)
        await self.send({"type": "http.response.body", "body": captured.body})

    async def begin(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Send the head of an answer."""
        await self.send({"type": "http.response.start", "status": status, "headers": headers})


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """The whole body of a request, as long as it is not too large or too slow.

    Raises:
        ApiProblem: 413 above 1 MiB, 408 when it does not arrive.
    """
    declared = int(dict(scope["headers"]).get(b"content-length", b"0"))
    body = bytearray()
    size = 0
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            more = True
            while more:
                message: dict[str, Any] = dict(await receive())
                part = message.get("body", b"")
                more = message.get("more_body", False)
                size += len(part)
                if size <= MAX_BODY:
                    body += part
                elif max(size, declared) > MAX_DRAINED:
                    raise _too_large()
    except TimeoutError:
        raise ApiProblem(
            408, "body_timeout", "The body did not arrive.", headers={"Connection": "close"}
        ) from None
    if size > MAX_BODY:
        raise _too_large()
    return bytes(body)


def _too_large() -> ApiProblem:
    return ApiProblem(
        413,
        "body_too_large",
        f"The body is larger than {MAX_BODY} bytes.",
        headers={"Connection": "close"},
    )
