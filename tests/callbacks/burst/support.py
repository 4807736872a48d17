"""An endpoint that keeps its connections, and a burst against it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cognitui.callbacks.burst.burst import Burst
from cognitui.callbacks.burst.plan import BurstPlan
from cognitui.callbacks.burst.request import BurstContent
from cognitui.cognigy.models import TriggerEvent
from tests.callbacks.support import SECRET
from tests.support.listening import listening

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable

    from cognitui.callbacks.burst.snapshot import BurstSnapshot

    Handler = Callable[["Post"], Awaitable[bytes | None]]

CONTENT = BurstContent(TriggerEvent.ON_MESSAGE, "skill_1")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


CUT = b"(cut)"
"""At the end of an answer: the connection ends there."""


def status(code: int, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {code} X", "Content-Length: 0", *headers, "", ""]
    return "\r\n".join(lines).encode()


@dataclass(frozen=True)
class Post:
    line: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Endpoint:
    """What arrived, and how many at once.

    Its handler gives the bytes of each answer; ``None`` resets the connection.
    """

    handler: Handler
    port: int = 0
    posts: list[Post] = field(default_factory=list)
    connections: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?tenant=acme"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while await self._answer(reader, writer):
            pass

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        post = await read_post(reader)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        self.posts.append(post)
        self.arrived.set()
        try:
            answer = await self.handler(post)
        finally:
            self.in_flight -= 1
        if answer is None:
            writer.transport.abort()
            return False
        writer.write(answer.removesuffix(CUT))
        await writer.drain()
        return b"connection: close" not in answer.lower() and not answer.endswith(CUT)


async def read_post(reader: asyncio.StreamReader) -> Post:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *rest = head[:-4].split("\r\n")
    headers = [(name, value.strip()) for name, _, value in (each.partition(":") for each in rest)]
    length = int({name.lower(): value for name, value in headers}["content-length"])
    return Post(line, headers, await reader.readexactly(length))


async def ok(post: Post) -> bytes:
    return OK


def always(answer: bytes | None) -> Handler:
    async def handle(post: Post) -> bytes | None:
        return answer

    return handle


@asynccontextmanager
async def endpoint(
    handler: Handler = ok, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Endpoint]:
    found = Endpoint(handler)
    async with listening(found.serve, tls=tls, backlog=600) as found.port:
        yield found


def burst(url: str, count: int = 20, **changes: Any) -> Burst:
    names = ("rate_per_s", "in_flight", "timeout_ms")
    plan = BurstPlan(count, **{name: changes.pop(name) for name in names if name in changes})
    changes.setdefault("secret", SECRET)
    return Burst(url, plan, changes.pop("content", CONTENT), **changes)


async def run(url: str, count: int = 20, **changes: Any) -> BurstSnapshot:
    return await burst(url, count, **changes).run()
