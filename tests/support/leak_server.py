"""Servers at other origins than the one that is meant: whatever reaches them has leaked."""

from __future__ import annotations

import base64
import ssl
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

import trustme

from tests.support.listening import listening

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Sequence

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\n{"items":[]}'
CREDENTIAL_HEADERS = (b"authorization:", b"x-api-key:", b"cookie:", b"proxy-authorization:")
NAMES = (
    "127.0.0.1",
    "127.0.0.2",
    "::1",
    "localhost",
    "tenant.example",
    "monitor.example",
    "collector.example",
    "hooks.example",
)


@dataclass
class LeakServer:
    """Listens at several origins, and keeps every byte that comes.

    Attributes:
        ports: Where: ``http``, ``other`` (127.0.0.2), ``six`` (::1), ``https``.
        heard: What came on each connection, decrypted where it was TLS.
        authority: Signed its certificate.
    """

    authority: trustme.CA = field(default_factory=trustme.CA)
    ports: dict[str, int] = field(default_factory=dict)
    heard: list[bytes] = field(default_factory=list)

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self.ports['http']}"

    def server_context(self) -> ssl.SSLContext:
        """With a certificate for every name of the tests."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(*NAMES).configure_cert(context)
        return context

    def client_context(self) -> ssl.SSLContext:
        """Trusts it."""
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context

    def credentials(self, secrets: Sequence[str]) -> list[bytes]:
        """What was heard that holds a credential in any of its spellings."""
        marks = [mark for secret in secrets for mark in spellings(secret)]
        return [
            heard
            for heard in self.heard
            if any(mark in heard for mark in marks)
            or any(name in heard.lower() for name in CREDENTIAL_HEADERS)
        ]

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at = len(self.heard)
        self.heard.append(b"")
        while data := await reader.read(65_536):
            self.heard[at] += data
            if b"\r\n\r\n" in self.heard[at]:
                writer.write(ANSWER)
                await writer.drain()


def spellings(secret: str) -> list[bytes]:
    """A secret as it may travel."""
    raw = secret.encode()
    encoded = [base64.b64encode(raw), base64.urlsafe_b64encode(raw)]
    return [
        raw,
        *(each.rstrip(b"=") for each in encoded),
        raw.hex().encode(),
        quote(secret, safe="").encode(),
    ]


@asynccontextmanager
async def leaking() -> AsyncIterator[LeakServer]:
    """The servers, for as long as the block runs."""
    server = LeakServer()
    async with AsyncExitStack() as stack:
        for name, host, tls in (
            ("http", "127.0.0.1", None),
            ("other", "127.0.0.2", None),
            ("six", "::1", None),
            ("https", "127.0.0.1", server.server_context()),
        ):
            port = await stack.enter_async_context(listening(server.hear, host=host, tls=tls))
            server.ports[name] = port
        yield server
