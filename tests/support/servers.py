"""Small real servers, for what the sandbox cannot be made to do."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.support.listening import listening

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable

    Handler = Callable[["Request"], "bytes | Awaitable[bytes]"]

HANG = b""
"""As an answer: say nothing, and keep the connection open until the other side gives up."""


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass
class Server:
    """What a small server was asked, and where it is."""

    handler: Handler
    port: int = 0
    scheme: str = "http"
    requests: list[Request] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def asked(self, method: str, path: str) -> int:
        """How often."""
        return sum(r.method == method and r.path == path for r in self.requests)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _read(reader)
        self.requests.append(request)
        answer = self.handler(request)
        answer = answer if isinstance(answer, bytes) else await answer
        writer.write(answer)
        await writer.drain()
        if answer == HANG:
            await reader.read()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, target, headers, body)


@asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """A server on loopback; the handler gives the raw bytes of each answer."""
    server = Server(handler, scheme="https" if tls else "http")
    async with listening(server.serve, tls=tls) as server.port:
        yield server


def reply(status: int, body: Any = b"", *headers: str) -> bytes:
    """A whole answer; what is not bytes goes as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(raw)}", "Connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + raw


def token_reply(token: str = "token-of-the-small-server", **more: Any) -> bytes:
    """What a token endpoint answers."""
    return reply(200, {"access_token": token, "expires_in": 3600, **more})


def tenant(handler: Handler) -> Handler:
    """A tenant with a good token endpoint, and the handler for everything else."""

    def handle(request: Request) -> bytes | Awaitable[bytes]:
        return token_reply() if request.path.endswith("/auth/token") else handler(request)

    return handle
