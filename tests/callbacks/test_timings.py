"""Where the time of an attempt goes, over real connections."""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import trustme

from cognitui.callbacks.compose import compose_raw
from cognitui.callbacks.send import CallbackSender
from cognitui.callbacks.timings import Stopwatch, Timings
from tests.support.listening import listening

from .support import SECRET, answer, scripted

if TYPE_CHECKING:
    from datetime import datetime

    from cognitui.callbacks.delivery import Attempt

    from .support import FakeClock

CALLBACK = compose_raw(b"{}", secret=SECRET)


async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Two requests of one connection: 80 ms until the answer begins, 60 ms until it ends."""
    for _ in range(2):
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(2)
        await asyncio.sleep(0.08)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n12")
        await writer.drain()
        await asyncio.sleep(0.06)
        writer.write(b"34")
        await writer.drain()


def timings_of(attempt: Attempt) -> Timings:
    assert attempt.timings is not None
    return attempt.timings


async def test_the_steps_of_a_first_and_of_a_second_attempt(sender: CallbackSender) -> None:
    async with listening(slow) as port:
        url = f"http://127.0.0.1:{port}/"
        first = timings_of((await sender.send(url, CALLBACK)).attempts[0])
        second = timings_of((await sender.send(url, CALLBACK)).attempts[0])
    assert not first.reused
    assert (first.dns_ms, first.tls_ms) == (None, None)
    for timings in (first, second):
        assert timings.wait_ms is not None
        assert timings.read_ms is not None
        assert 75 <= timings.wait_ms < 2000
        assert 50 <= timings.read_ms < 2000
    assert first.connect_ms is not None
    assert first.connect_ms < 75
    assert second.reused
    assert (second.dns_ms, second.connect_ms) == (None, None)
    assert [name for name, _ in first.steps] == ["connect", "send", "wait", "read"]
    assert first.words.startswith("connect ")
    assert second.words.startswith("connection reused · send ")


async def test_a_name_and_tls_are_told_apart(clock: FakeClock) -> None:
    authority = trustme.CA()
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server_context)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    async with (
        listening(slow, tls=server_context) as port,
        CallbackSender(clock=clock, ssl_context=context) as sender,
    ):
        delivery = await sender.send(f"https://localhost:{port}/", CALLBACK)
    timings = timings_of(delivery.attempts[0])
    assert delivery.is_delivered
    assert [name for name, _ in timings.steps] == ["dns", "connect", "tls", "send", "wait", "read"]
    assert timings.tls_ms is not None
    assert timings.tls_ms > 0
    told = timings.as_dict()
    assert told["reused"] is False
    assert told["tls_ms"] == round(timings.tls_ms, 3)


async def test_what_was_waited_for_in_vain_is_counted(sender: CallbackSender) -> None:
    async with scripted(b"", hang=True) as script:
        delivery = await sender.send(script.url, CALLBACK, timeout_ms=600)
    timings = timings_of(delivery.attempts[0])
    assert delivery.attempts[0].error_code == "timeout"
    assert timings.wait_ms is not None
    assert 50 <= timings.wait_ms < 2000
    assert timings.read_ms is None


async def test_a_name_that_has_no_address(sender: CallbackSender) -> None:
    delivery = await sender.send("http://nowhere.invalid/", CALLBACK)
    attempt = delivery.attempts[0]
    assert attempt.error_code == "no_such_host"
    timings = timings_of(attempt)
    assert timings.dns_ms is not None
    assert (timings.connect_ms, timings.send_ms) == (None, None)


async def test_each_wait_is_told_beforehand(sender: CallbackSender, clock: FakeClock) -> None:
    told: list[tuple[int, float, datetime, int]] = []

    def on_wait(number: int, delay_s: float, at: datetime) -> None:
        told.append((number, delay_s, at, len(clock.slept)))

    began = clock.now()
    async with scripted(answer(503), answer(503, b"", "Retry-After: 7"), answer(200)) as script:
        delivery = await sender.send(script.url, CALLBACK, retries=5, on_wait=on_wait)
    assert delivery.is_delivered
    assert [each[0] for each in told] == [2, 3]
    assert [each[1] for each in told] == clock.slept == [0.5, 8.0]
    assert [each[2] for each in told] == [
        began + timedelta(seconds=0.5),
        began + timedelta(seconds=8.5),
    ]
    assert [each[3] for each in told] == [0, 1]


async def test_no_wait_is_told_after_the_last_attempt(sender: CallbackSender) -> None:
    told: list[int] = []
    async with scripted(answer(503)) as script:
        await sender.send(
            script.url, CALLBACK, retries=1, on_wait=lambda n, _s, _at: told.append(n)
        )
    assert told == [2]


def test_nothing_at_all() -> None:
    timings = Stopwatch().timings()
    assert timings == Timings()
    assert timings.words == "nothing was sent"


@pytest.mark.parametrize(("ms", "word"), [(0.04, "0.0"), (9.94, "9.9"), (41.6, "42")])
def test_words(ms: float, word: str) -> None:
    assert Timings(wait_ms=ms).words == f"wait {word} ms"
