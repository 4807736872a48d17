"""Handing on what was received, to real servers on this machine."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from cognitui.callbacks.compose import compose
from cognitui.callbacks.forward import MAX_WAITING, Forwarder, is_loopback
from cognitui.cognigy.models import TriggerEvent
from cognitui.errors import UsageError
from tests.support.listening import listening

from .support import answer
from .wire import OTHER, SECRET, post, post_raw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cognitui.callbacks.compose import Callback
    from cognitui.callbacks.receive import Receiver
    from cognitui.callbacks.received import Forwarded


class Target:
    """A server in a thread of its own that keeps the requests and gives one answer."""

    def __init__(self, reply: bytes, gate: threading.Event) -> None:
        self.reply = reply
        self.gate = gate
        self.requests: list[bytes] = []
        self.ready = threading.Event()
        self.url = ""
        self._stop = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        self.requests.append(head + await reader.readexactly(length))
        await asyncio.to_thread(self.gate.wait, 10)
        writer.write(self.reply)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with listening(self._serve) as port:
            self.url = f"http://127.0.0.1:{port}/in?token=1"
            self.ready.set()
            await self._stop.wait()

    def run(self) -> None:
        asyncio.run(self._run())

    def stop(self) -> None:
        assert self._loop is not None
        self.gate.set()
        self._loop.call_soon_threadsafe(self._stop.set)


@contextmanager
def target(reply: bytes = b"", *, open_gate: bool = True) -> Iterator[Target]:
    gate = threading.Event()
    if open_gate:
        gate.set()
    one = Target(reply or answer(202), gate)
    thread = threading.Thread(target=one.run)
    thread.start()
    assert one.ready.wait(5)
    try:
        yield one
    finally:
        one.stop()
        thread.join(5)


def fresh(secret: str = SECRET) -> Callback:
    return compose(event=TriggerEvent.ON_MESSAGE, skill_id="s", secret=secret, text="Grüße")


def until(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def outcome(receiver: Receiver, number: int = 1) -> Forwarded:
    until(lambda: receiver.received[number - 1].forwarded)
    forwarded = receiver.received[number - 1].forwarded
    assert forwarded is not None
    return forwarded


def test_what_was_accepted_is_handed_on_as_it_came(receiver: Receiver) -> None:
    with target() as there:
        receiver.set_forwarder(Forwarder(there.url))
        one = fresh()
        head = (*one.headers, ("X-Mine", "gr\u00fc\u00df"), ("Authorization", "Bearer t"))
        post_raw(receiver, head, one.body)
        forwarded = outcome(receiver)
    assert (forwarded.status, forwarded.error) == (202, None)
    assert forwarded.ms > 0
    (request,) = there.requests
    first, _, rest = request.partition(b"\r\n")
    assert first == b"POST /in?token=1 HTTP/1.1"
    lines, _, body = rest.partition(b"\r\n\r\n")
    assert body == one.body
    sent = {name.lower().encode(): value.encode() for name, value in head}
    arrived = dict(line.split(b": ", 1) for line in lines.split(b"\r\n"))
    assert arrived == sent | {
        b"host": there.url.split("/")[2].encode(),
        b"content-length": b"%d" % len(one.body),
        b"connection": b"close",
    }


def test_a_forgery_is_not_handed_on_unless_told(receiver: Receiver) -> None:
    with target() as there:
        receiver.set_forwarder(Forwarder(there.url))
        post(receiver, fresh(OTHER))
        post(receiver, fresh())
        outcome(receiver, 2)
        assert receiver.received[0].forwarded is None
        receiver.set_forwarder(Forwarder(there.url, takes_all=True))
        assert post(receiver, fresh(OTHER))[0] == 401
        outcome(receiver, 3)
        receiver.set_forwarder(None)
        post(receiver, fresh())
    assert len(there.requests) == 2


def test_a_slow_program_does_not_hold_up_the_sender(receiver: Receiver) -> None:
    with target(open_gate=False) as there:
        receiver.set_forwarder(Forwarder(there.url))
        for _ in range(MAX_WAITING + 3):
            assert post(receiver, fresh())[0] == 200
        refused = [item.forwarded for item in receiver.received if item.forwarded]
        # One is under way and the queue is full.
        assert len(refused) == 2
        assert all("others wait" in (item.error or "") for item in refused)
        there.gate.set()
        until(lambda: all(item.forwarded for item in receiver.received))
    statuses = [item.forwarded.status for item in receiver.received if item.forwarded]
    assert statuses.count(202) == MAX_WAITING + 1


@pytest.mark.parametrize(
    ("reply", "part"),
    [(b"SSH-2.0\r\n\r\n", "not HTTP"), (b"HTTP/1.1 2", "not HTTP")],
)
def test_what_is_no_answer_is_told(receiver: Receiver, reply: bytes, part: str) -> None:
    with target(reply) as there:
        receiver.set_forwarder(Forwarder(there.url))
        post(receiver, fresh())
        forwarded = outcome(receiver)
    assert forwarded.status is None
    assert part in (forwarded.error or "")


def test_nobody_there_and_nobody_answering(receiver: Receiver) -> None:
    receiver.set_forwarder(Forwarder("http://127.0.0.1:1/"))
    post(receiver, fresh())
    assert "Nothing answers" in (outcome(receiver).error or "")
    with target(open_gate=False) as there:
        receiver.set_forwarder(Forwarder(there.url, timeout_s=0.1))
        post(receiver, fresh())
        assert "within 0.1 s" in (outcome(receiver, 2).error or "")


def test_it_goes_on_after_the_receiver_was_started_again(receiver: Receiver) -> None:
    with target() as there:
        receiver.set_forwarder(Forwarder(there.url))
        post(receiver, fresh())
        outcome(receiver)
        receiver.stop()
        receiver.start()
        post(receiver, fresh())
        assert outcome(receiver, 2).status == 202


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://127.0.0.1/",
        "http://",
        "http://user:word@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX: y",
        "http://[::1/",
        "http://hooks.acme.example/",
        "http://127.0.0.1.acme.example/",
        "http://10.0.0.1/",
    ],
)
def test_where_nothing_is_handed_on_to(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Forwarder(url)
    assert caught.value.field == "forward"
    assert "word" not in caught.value.message.replace("password", "")


def test_elsewhere_only_when_confirmed() -> None:
    assert Forwarder("https://hooks.acme.example/", anywhere=True).url
    assert is_loopback("127.9.9.9")
    assert is_loopback("::1")
    assert is_loopback("LocalHost.")
    assert not is_loopback("localhost.acme.example")
