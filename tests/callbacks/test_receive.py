from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from cognitui.callbacks import receiver_server
from cognitui.callbacks.body import MAX_BODY_BYTES
from cognitui.callbacks.compose import compose, compose_raw
from cognitui.callbacks.errors import ReceiverError
from cognitui.callbacks.receive import Receiver
from cognitui.callbacks.received import MAX_RECEIVED, MAX_RECEIVED_BYTES, Inbox, Received
from cognitui.callbacks.send import CallbackSender
from cognitui.callbacks.sign import sign
from cognitui.callbacks.verdict import Freshness, Replay, SignatureVerdict, Verdict
from cognitui.clock import SYSTEM_CLOCK, unix_ms
from cognitui.cognigy.models import TriggerEvent
from cognitui.errors import UsageError

from .support import SECRET

if TYPE_CHECKING:
    from cognitui.callbacks.compose import Callback


def fresh(text: str = "hello") -> Callback:
    return compose(event=TriggerEvent.ON_MESSAGE, skill_id="skill_1", secret=SECRET, text=text)


def port_of(receiver: Receiver) -> int:
    return int(receiver.url.rpartition(":")[2].partition("/")[0])


def talk(receiver: Receiver, request: bytes, *, timeout: float = 5) -> bytes:
    """Send these bytes and read until the connection ends."""
    with closing(socket.create_connection(("127.0.0.1", port_of(receiver)), timeout)) as connection:
        connection.sendall(request)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(65_536):
                answer += chunk
        return answer


def ask(
    receiver: Receiver,
    method: str = "POST",
    path: str = "/callback",
    *,
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
    host: str | None = None,
) -> tuple[int, str, bytes]:
    """One request on a connection of its own: the status, the head and the body of the answer."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{port_of(receiver)}'}"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    answer = talk(receiver, "\r\n".join(lines).encode("latin-1") + body)
    head, _, rest = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), head.decode("latin-1").lower(), rest


def post(receiver: Receiver, callback: Callback, path: str = "/callback") -> int:
    return ask(receiver, "POST", path, headers=callback.headers, body=callback.body)[0]


async def test_what_is_sent_is_received_and_verified(
    receiver: Receiver, sender: CallbackSender
) -> None:
    callback = fresh("Grüße")
    delivery = await sender.send(receiver.url, callback)
    assert delivery.is_delivered
    assert json.loads(delivery.attempts[0].response_excerpt) == {"status": "ok"}
    (received,) = receiver.received
    assert received.body == callback.body
    assert received.body_sha256 == delivery.attempts[0].body_sha256
    assert received.verdict.accepted
    assert received.verdict.timestamp_authenticated
    assert (received.number, received.method, received.path) == (1, "POST", "/callback")
    assert (received.event, received.skill_id) == (TriggerEvent.ON_MESSAGE, "skill_1")
    assert received.status == 200
    assert dict(received.headers)["x-cognigy-signature"] == callback.signature


def test_what_does_not_verify_gets_a_bare_401(receiver: Receiver) -> None:
    forged = compose_raw(fresh().body, secret="another secret of thirty-two chars")
    status, head, body = ask(receiver, headers=forged.headers, body=forged.body)
    assert (status, body) == (401, b"")
    assert sign(forged.body, SECRET)[7:] not in head
    (received,) = receiver.received
    assert received.verdict.signature is SignatureVerdict.INVALID
    assert received.status == 401
    assert received.event is TriggerEvent.ON_MESSAGE


def test_the_three_verdicts_are_separate(receiver: Receiver) -> None:
    callback = fresh()
    old = compose_raw(b"{}", secret=SECRET, timestamp_ms=unix_ms(SYSTEM_CLOCK.now()) - 600_000)
    assert [post(receiver, callback), post(receiver, callback), post(receiver, old)] == [
        200,
        401,
        401,
    ]
    assert ask(receiver, body=b"")[0] == 401
    first, replayed, stale, bare = (item.verdict for item in receiver.received)
    assert first.accepted
    assert (replayed.signature, replayed.freshness, replayed.replay, replayed.seen_count) == (
        SignatureVerdict.VALID,
        Freshness.FRESH,
        Replay.SEEN,
        2,
    )
    assert (stale.signature, stale.freshness, stale.replay) == (
        SignatureVerdict.VALID,
        Freshness.STALE,
        Replay.NEW,
    )
    assert (bare.signature, bare.freshness) == (SignatureVerdict.MISSING, Freshness.MISSING)


def test_repeated_headers_are_malformed(receiver: Receiver) -> None:
    callback = fresh()
    status, _, _ = ask(
        receiver, headers=callback.headers + callback.headers[1:2], body=callback.body
    )
    assert status == 401
    assert receiver.received[0].verdict.signature is SignatureVerdict.MALFORMED


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe\x00", b"[" * 50_000, b'{"trigger":[1],"skillId":{}}', b"\xef\xbb\xbf{}"],
)
def test_any_body_is_taken_as_it_is(receiver: Receiver, body: bytes) -> None:
    assert post(receiver, compose_raw(body, secret=SECRET)) == 200
    (received,) = receiver.received
    assert received.body == body
    assert (received.event, received.skill_id) == (None, None)


def test_a_compressed_body_is_not_decompressed(receiver: Receiver) -> None:
    callback = compose_raw(b"\x1f\x8b not really", secret=SECRET)
    headers = (*callback.headers, ("Content-Encoding", "gzip"))
    assert ask(receiver, headers=headers, body=callback.body)[0] == 200
    assert receiver.received[0].body == callback.body


def test_chunks_are_put_together(receiver: Receiver) -> None:
    callback = fresh()
    head = "".join(f"{name}: {value}\r\n" for name, value in callback.headers)
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(part), part) for part in (callback.body[:10], callback.body[10:])
    )
    request = f"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}"
    request += "Transfer-Encoding: chunked\r\n\r\n"
    assert b" 200 " in talk(receiver, request.encode() + chunks + b"0\r\n\r\n")
    assert receiver.received[0].body == callback.body


@pytest.mark.parametrize("path", ["/", "/callback", "/any/where?x=1", "/%1b%5B31m"])
def test_any_path_will_do(receiver: Receiver, path: str) -> None:
    assert post(receiver, fresh(), path) == 200


@pytest.mark.parametrize(
    ("method", "status"),
    [("HEAD", 405), ("GET", 405), ("PUT", 405), ("DELETE", 405), ("OPTIONS", 204)],
)
def test_other_methods_show_that_it_is_there(receiver: Receiver, method: str, status: int) -> None:
    answered, head, body = ask(receiver, method)
    assert (answered, body) == (status, b"")
    assert "\r\nallow: post" in head
    assert "access-control" not in head
    assert receiver.received == ()


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1", True),
        ("localhost:8080", True),
        ("LOCALHOST", True),
        ("[::1]:80", True),
        ("evil.example", False),
        ("evil.example:80", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("0.0.0.0", False),
        ("x@localhost", False),
    ],
)
def test_pages_of_other_hosts_are_refused(receiver: Receiver, host: str, allowed: bool) -> None:
    callback = fresh()
    status, _, _ = ask(receiver, headers=callback.headers, body=callback.body, host=host)
    assert status == (200 if allowed else 421)
    assert len(receiver.received) == int(allowed)


def test_a_request_without_a_host_is_refused(receiver: Receiver) -> None:
    assert b" 421 " in talk(receiver, b"POST / HTTP/1.0\r\nContent-Length: 0\r\n\r\n")


def test_a_body_of_the_full_size_is_taken(receiver: Receiver) -> None:
    assert post(receiver, compose_raw(b"x" * MAX_BODY_BYTES, secret=SECRET)) == 200


def test_a_longer_body_is_refused_before_it_is_read(receiver: Receiver) -> None:
    for length in (MAX_BODY_BYTES + 1, 10**19):
        head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
        assert b" 413 " in talk(receiver, head.encode())
    assert receiver.received == ()


def test_a_body_without_a_length_is_counted(receiver: Receiver) -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    assert b" 413 " in talk(receiver, head + chunk * 17)
    assert receiver.received == ()


def test_a_slow_body_is_given_up() -> None:
    receiver = Receiver([SECRET], read_limit_s=0.1)
    receiver.start()
    try:
        head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc"
        assert b" 408 " in talk(receiver, head)
    finally:
        receiver.stop()


def test_a_slow_head_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver_server, "HEAD_LIMIT_S", 0.1)
    receiver = Receiver([SECRET])
    receiver.start()
    begin = b"POST / HTTP/1.1\r\nHost: loc"
    try:
        assert talk(receiver, b"") == b""
        assert talk(receiver, begin) == b""
        address = ("127.0.0.1", port_of(receiver))
        with closing(socket.create_connection(address, 2)) as connection:
            connection.sendall(b"OPTIONS / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(1000).startswith(b"HTTP/1.1 204")
            connection.sendall(begin)
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(1000) == b""
    finally:
        receiver.stop()


def test_noise_is_answered_and_nothing_is_printed(
    receiver: Receiver, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert b" 400 " in talk(receiver, b"\x16\x03\x01\x00\r\n\r\n")
    with closing(socket.create_connection(("127.0.0.1", port_of(receiver)))) as gone:
        gone.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc")
    assert post(receiver, fresh()) == 200
    assert capfd.readouterr() == ("", "")
    assert not [record for record in caplog.records if record.name.startswith("uvicorn")]


def test_secrets_change_while_it_runs(receiver: Receiver) -> None:
    receiver.set_secrets(["x" * 32])
    assert post(receiver, fresh()) == 401
    receiver.set_secrets(["x" * 32, SECRET])
    assert post(receiver, fresh()) == 200
    assert receiver.received[1].verdict.matched_secret == 1
    receiver.set_secrets([])
    assert post(receiver, fresh()) == 401
    assert receiver.received[2].verdict.hints == ("there is no secret to verify with",)


def test_subscribers_hear_of_everything_until_they_leave(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, logger="cognitui")
    heard: list[Received] = []
    threads: set[str] = set()
    twice = threading.Semaphore(0)

    def broken(received: Received) -> None:
        raise RuntimeError(f"about {received.number} {SECRET}")

    def listen(received: Received) -> None:
        threads.add(threading.current_thread().name)
        heard.append(received)
        twice.release()

    receiver.subscribe(broken)
    leave = receiver.subscribe(listen)
    assert post(receiver, fresh()) == post(receiver, fresh()) == 200
    assert twice.acquire(timeout=5)
    assert twice.acquire(timeout=5)
    leave()
    leave()
    assert post(receiver, fresh()) == 200
    assert heard == list(receiver.received[:2])
    assert threads == {"cognitui-receiver"}
    assert "RuntimeError" in caplog.records[0].getMessage()
    assert SECRET not in caplog.records[0].getMessage()


def test_headers_of_strangers_are_cut_and_hidden(receiver: Receiver) -> None:
    headers = (("Authorization", "Bearer token-value"), ("User-Agent", "x" * 1000), ("X-\x7c", "y"))
    ask(receiver, headers=headers)
    (received,) = receiver.received
    shown = dict(received.headers)
    assert shown["user-agent"] == "x" * 300
    assert {"authorization", "x-|"} <= set(received.other_headers)
    assert "token-value" not in str(received.headers) + str(received.other_headers)


def test_a_taken_port_says_which_and_what_to_do(receiver: Receiver) -> None:
    port = port_of(receiver)
    with pytest.raises(ReceiverError, match=f"Port {port} of 127.0.0.1 is taken") as caught:
        Receiver().start(port)
    assert "another port" in caught.value.hint


@pytest.mark.parametrize("port", [-1, 65_536])
def test_ports_that_do_not_exist(port: int) -> None:
    with pytest.raises(UsageError, match=f"no port {port}"):
        Receiver().start(port)


def test_it_can_be_stopped_and_started_again() -> None:
    receiver = Receiver([SECRET])
    receiver.stop()
    with pytest.raises(ReceiverError, match="does not listen"):
        _ = receiver.url
    receiver.start()
    receiver.start()
    port = port_of(receiver)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/callback", receiver.url)
    assert post(receiver, fresh()) == 200
    receiver.stop()
    receiver.stop()
    assert not receiver.is_running
    assert len(receiver.received) == 1
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1)
    receiver.start(port)
    assert port_of(receiver) == port
    assert post(receiver, fresh()) == 200
    assert [item.number for item in receiver.received] == [1, 2]
    receiver.clear()
    assert [item.number for item in receiver.received] == []
    receiver.stop()


def test_stopping_is_quick_with_connections_open() -> None:
    receiver = Receiver([SECRET])
    receiver.start()
    half = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc"
    open_ones = [socket.create_connection(("127.0.0.1", port_of(receiver))) for _ in range(3)]
    for connection, sent in zip(open_ones, (b"", b"POST", half), strict=True):
        connection.sendall(sent)
    time.sleep(0.05)
    began = time.monotonic()
    receiver.stop()
    assert time.monotonic() - began < 1
    assert "cognitui-receiver" not in {thread.name for thread in threading.enumerate()}
    for connection in open_ones:
        connection.close()


async def test_answers_are_not_held_back(receiver: Receiver) -> None:
    async with CallbackSender() as sender:
        took = [(await sender.send(receiver.url, fresh())).attempts[0].ms for _ in range(5)]
    assert min(took) < 30


async def test_many_at_once_lose_nothing(receiver: Receiver, sender: CallbackSender) -> None:
    sends = [sender.send(receiver.url, fresh(str(number))) for number in range(50)]
    assert all(delivery.is_delivered for delivery in await asyncio.gather(*sends))
    assert [item.number for item in receiver.received] == list(range(1, 51))
    assert all(item.verdict.accepted for item in receiver.received)


def item(body: bytes = b"") -> Received:
    return Received(
        number=0,
        at=SYSTEM_CLOCK.now(),
        method="POST",
        path="/",
        headers=(),
        other_headers=(),
        body=body,
        body_sha256="",
        verdict=Verdict(SignatureVerdict.MISSING, Freshness.MISSING),
        event=None,
        skill_id=None,
        status=401,
    )


def test_the_inbox_is_bounded_in_count() -> None:
    inbox = Inbox()
    for _ in range(MAX_RECEIVED + 5):
        inbox.add(item())
    kept = inbox.snapshot()
    assert len(kept) == MAX_RECEIVED
    assert (kept[0].number, kept[-1].number) == (6, MAX_RECEIVED + 5)


def test_the_inbox_is_bounded_in_size() -> None:
    inbox = Inbox()
    body = b"x" * MAX_BODY_BYTES
    fitting = MAX_RECEIVED_BYTES // MAX_BODY_BYTES
    for _ in range(fitting + 3):
        inbox.add(item(body))
    assert len(inbox.snapshot()) == fitting
    assert inbox.snapshot()[-1].number == fitting + 3


def test_importing_it_loads_no_server() -> None:
    code = (
        "import sys; import cognitui.callbacks.receive; "
        "assert not {'starlette', 'uvicorn', 'h11'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
