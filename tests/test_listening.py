"""The small server of the tests, as its peers can leave it behind."""

from __future__ import annotations

import asyncio
import gc
import logging
import ssl
import warnings
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
import trustme

from tests.support.listening import StopListening, listening

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def fill(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"x" * 20_000_000)
    await writer.drain()


async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"x" * 20_000_000)


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readexactly(7)


def tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 9, 99])
@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("serve", [hang, fill, leave, ask])
def test_nothing_outlives_the_loop(
    serve: Serve, turns: int, *, secure: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Some peers never begin, some are refused, and some read nothing."""

    async def run() -> None:
        async with listening(serve, tls=tls() if secure else None) as port:
            wary = ssl.create_default_context() if secure else None
            free = ssl._create_unverified_context() if secure else None
            calls = [
                asyncio.ensure_future(asyncio.open_connection("127.0.0.1", port, ssl=each))
                for each in (None, wary, free)
            ]
            for _ in range(turns):
                await asyncio.sleep(0)
        for call in calls:
            with suppress(OSError):
                _, writer = await call
                writer.transport.abort()
        await asyncio.sleep(0.01)

    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        asyncio.run(run(), debug=True)
        gc.collect()
    assert [each for each in caplog.records if each.levelno > logging.WARNING] == []


async def test_a_handler_that_fails_is_told_of() -> None:
    async def fail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the end of the block is what raises
        async with listening(fail) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await reader.read() == b""
            writer.close()
            await writer.wait_closed()


async def test_after_the_last_nobody_is_let_in() -> None:
    async def last(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"bye")
        raise StopListening

    async with listening(last) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b"bye"
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        await writer.wait_closed()
