from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import socket
import ssl
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from cognitui.callbacks.compose import compose, compose_raw
from cognitui.callbacks.delivery import Attempt, DeliveryStatus
from cognitui.callbacks.exchange import MAX_ANSWER_BYTES, MAX_EXCERPT_BYTES, check_url
from cognitui.callbacks.send import CallbackSender
from cognitui.callbacks.verify import verify
from cognitui.cognigy.models import TriggerEvent
from cognitui.cognigy.operation import traced
from cognitui.errors import UsageError
from tests.support.listening import listening

from .support import SECRET, answer, scripted

if TYPE_CHECKING:
    from cognitui.callbacks.compose import Callback

    from .support import FakeClock


@pytest.fixture
def callback(clock: FakeClock) -> Callback:
    return compose(
        event=TriggerEvent.ON_SKILL_START,
        skill_id="skill_1",
        secret=SECRET,
        text="Grüße",
        clock=clock,
    )


def parts(request: bytes) -> tuple[dict[str, str], bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    return {
        name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
    }, body


async def test_the_exact_bytes_arrive(sender: CallbackSender, callback: Callback) -> None:
    async with scripted(answer(200, b"thanks", "X-Request-Id: 7", "Set-Cookie: a=b")) as script:
        delivery = await sender.send(script.url, callback)
    assert delivery.status is DeliveryStatus.DELIVERED
    assert delivery.is_delivered
    (attempt,) = delivery.attempts
    assert (attempt.number, attempt.status, attempt.error, attempt.error_code) == (
        1,
        200,
        None,
        None,
    )
    assert attempt.response_excerpt == b"thanks"
    assert dict(attempt.response_headers) == {"content-length": "6", "x-request-id": "7"}
    assert attempt.body_sha256 == hashlib.sha256(callback.body).hexdigest()
    headers, body = parts(script.requests[0])
    assert body == callback.body
    assert script.requests[0].startswith(b"POST /hook?token=query-secret HTTP/1.1\r\n")
    assert {name.lower(): value for name, value in callback.headers}.items() <= headers.items()
    assert headers["accept-encoding"] == "identity"


async def test_any_bytes_can_be_sent(sender: CallbackSender) -> None:
    body = bytes(range(256)) * 300
    async with scripted(answer(204)) as script:
        assert (await sender.send(script.url, compose_raw(body, secret=SECRET))).is_delivered
    assert parts(script.requests[0])[1] == body


async def test_cookies_are_not_kept(sender: CallbackSender, callback: Callback) -> None:
    async with scripted(answer(200, b"", "Set-Cookie: poison=\xff")) as script:
        for _ in range(2):
            assert (await sender.send(script.url, callback)).is_delivered
    assert b"cookie" not in script.requests[1].lower()


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 422])
async def test_a_no_is_not_repeated(
    sender: CallbackSender, callback: Callback, status: int
) -> None:
    async with scripted(answer(status, b"", "Location: http://127.0.0.1:9/")) as script:
        delivery = await sender.send(script.url, callback, retries=3)
    assert delivery.status is DeliveryStatus.REJECTED
    assert len(delivery.attempts) == len(script.requests) == 1
    assert delivery.attempts[0].error_code == f"http_{status}"
    assert delivery.reason.startswith(f"{status}: ")


async def test_a_401_hints_at_the_secret(sender: CallbackSender, callback: Callback) -> None:
    async with scripted(answer(401)) as script:
        delivery = await sender.send(script.url, callback)
    assert "the endpoint did not accept the signature" in delivery.reason


async def test_each_attempt_is_signed_anew(
    sender: CallbackSender, callback: Callback, clock: FakeClock
) -> None:
    heard: list[Attempt] = []
    answers = [answer(503), b"not http\r\n\r\n", answer(429), answer(200)]
    async with scripted(*answers) as script:
        delivery = await sender.send(script.url, callback, retries=5, on_attempt=heard.append)
    assert delivery.status is DeliveryStatus.DELIVERED
    assert tuple(heard) == delivery.attempts
    assert [attempt.error_code for attempt in heard] == ["http_503", "not_http", "http_429", None]
    assert clock.slept == [0.5, 1.0, 2.0]
    assert delivery.ms >= 3500
    stamps = []
    for request in script.requests:
        headers, body = parts(request)
        stamp = int(headers["x-cognigy-timestamp"])
        verdict = verify(
            body,
            headers["x-cognigy-signature"],
            headers["x-cognigy-timestamp"],
            secrets=[SECRET],
            now_ms=stamp,
        )
        assert verdict.accepted
        assert json.loads(body)["sessionId"] == json.loads(callback.body)["sessionId"]
        stamps.append(stamp - callback.timestamp_ms)
    assert stamps == [0, 500, 1500, 3500]


async def test_attempts_end(sender: CallbackSender, callback: Callback) -> None:
    async with scripted(answer(500, b"same body each time")) as script:
        delivery = await sender.send(script.url, callback, retries=2)
    assert delivery.status is DeliveryStatus.EXHAUSTED
    assert [attempt.number for attempt in delivery.attempts] == [1, 2, 3]
    assert "Not delivered in 3 attempts" in delivery.reason


async def test_retry_after_is_respected(
    sender: CallbackSender, callback: Callback, clock: FakeClock
) -> None:
    async with scripted(answer(429, b"", "Retry-After: 7"), answer(200)) as script:
        assert (await sender.send(script.url, callback, retries=1)).is_delivered
    assert clock.slept == [7.5]


async def test_an_endpoint_that_wants_an_hour_is_left_alone(
    sender: CallbackSender, callback: Callback, clock: FakeClock
) -> None:
    async with scripted(answer(503, b"", "Retry-After: 3600")) as script:
        delivery = await sender.send(script.url, callback, retries=3)
    assert delivery.status is DeliveryStatus.EXHAUSTED
    assert len(delivery.attempts) == 1
    assert clock.slept == []


async def test_nothing_listens(sender: CallbackSender, callback: Callback) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        delivery = await sender.send(f"http://127.0.0.1:{port}/", callback, retries=1)
    assert delivery.status is DeliveryStatus.EXHAUSTED
    assert [attempt.error_code for attempt in delivery.attempts] == ["connect_failed"] * 2
    assert f"Nothing answers at 127.0.0.1:{port}." in delivery.reason


async def test_there_is_no_such_host(
    sender: CallbackSender, callback: Callback, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    delivery = await sender.send("http://nowhere.example/", callback)
    assert delivery.attempts[0].error_code == "no_such_host"
    assert "There is no host called nowhere.example." in delivery.reason


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"", "took the callback but did not answer within 400 ms, the timeout of this delivery"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "began to answer but did not end within 400 ms"),
        (b"HTTP/1.1 200 OK\r\nX: ", "did not answer within 400 ms"),
    ],
)
async def test_a_timeout_says_whose_it_is(
    sender: CallbackSender, callback: Callback, sent: bytes, words: str
) -> None:
    async with scripted(sent, hang=True) as script:
        delivery = await sender.send(script.url, callback, timeout_ms=400)
    assert delivery.status is DeliveryStatus.EXHAUSTED
    assert delivery.attempts[0].error_code == "timeout"
    assert words in delivery.reason


async def test_a_full_backlog_is_a_timeout_of_the_connection(
    sender: CallbackSender, callback: Callback
) -> None:
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        delivery = await sender.send(url, callback, timeout_ms=400)
    assert delivery.attempts[0].error_code == "connect_timeout"
    assert "127.0.0.1 did not accept a connection within 400 ms" in delivery.reason


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", "connection_lost"),
        (b"\x16\x03\x01 something else\r\n\r\n", "not_http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "not_http"),
        (b"HTTP/1.1 999999 OK\r\n\r\n", "not_http"),
    ],
)
async def test_what_is_no_answer(
    sender: CallbackSender, callback: Callback, sent: bytes, code: str
) -> None:
    async with scripted(sent) as script:
        delivery = await sender.send(script.url, callback)
    assert delivery.status is DeliveryStatus.EXHAUSTED
    assert delivery.attempts[0].error_code == code


@pytest.mark.parametrize("head", [b"", b"Location: http://[\r\n", b"Content-Encoding: gzip\r\n"])
async def test_odd_answers_are_answers(
    sender: CallbackSender, callback: Callback, head: bytes
) -> None:
    async with scripted(b"HTTP/1.1 200 OK\r\nX-Odd: \xff\xfe\r\n" + head + b"\r\nbody") as script:
        delivery = await sender.send(script.url, callback)
    assert delivery.is_delivered
    assert delivery.attempts[0].response_excerpt == b"body"


async def test_an_endless_answer_is_cut(sender: CallbackSender, callback: Callback) -> None:
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MAX_ANSWER_BYTES + 200_000)
    async with scripted(endless, hang=True) as script:
        delivery = await sender.send(script.url, callback, timeout_ms=5000)
    assert delivery.is_delivered
    assert delivery.attempts[0].response_excerpt == b"x" * MAX_EXCERPT_BYTES


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "must begin with"),
        ("ftp://hooks.example/", "must begin with"),
        ("hooks.example/x", "must begin with"),
        ("htps://hooks.example", "must begin with"),
        ("http://", "names no host"),
        ("http:///path", "names no host"),
        ("https://u:hunter2@hooks.example/", "user name or password"),
        ("https://u@hooks.example/", "user name or password"),
        ("http://a\nb/", "not a URL"),
        ("http://[::1/", "not a URL"),
        ("http://h:99999/", "from 1 to 65535"),
        ("http://h:0/", "from 1 to 65535"),
        ("http://h:x/", "not a URL"),
        ("http://hooks.example/" + "x" * 3000, "longer than 2048"),
    ],
)
async def test_urls_that_cannot_be_used(
    sender: CallbackSender, callback: Callback, url: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        await sender.send(url, callback)
    assert caught.value.field == "url"
    assert "hunter2" not in f"{caught.value!r} {caught.value}"


def test_urls_that_can() -> None:
    for url in ("http://127.0.0.1:8080/callback", "https://hooks.example", "HTTPS://[::1]:1/?a=b"):
        assert check_url(url).host


@pytest.mark.parametrize(
    "wrong", [{"timeout_ms": 0}, {"timeout_ms": 60_001}, {"retries": -1}, {"retries": 11}]
)
async def test_numbers_that_cannot_be_used(
    sender: CallbackSender, callback: Callback, wrong: dict[str, Any]
) -> None:
    with pytest.raises(UsageError) as caught:
        await sender.send("http://127.0.0.1/", callback, **wrong)
    assert caught.value.field in wrong


async def test_an_untrusted_certificate_blocks(clock: FakeClock, callback: Callback) -> None:
    authority = trustme.CA()
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(server_side)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with (
        listening(_ok, tls=server_side) as port,
        CallbackSender(clock=clock) as wary,
        CallbackSender(ssl_context=trusting) as fine,
    ):
        url = f"https://127.0.0.1:{port}/"
        delivery = await wary.send(url, callback, retries=3)
        assert (await fine.send(url, callback)).is_delivered
        plain = await fine.send(url.replace("https", "http"), callback)
    assert delivery.status is DeliveryStatus.BLOCKED
    assert len(delivery.attempts) == 1
    assert "certificate" in delivery.reason
    assert "nothing was sent" in delivery.reason
    assert plain.status is DeliveryStatus.EXHAUSTED


async def _ok(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(answer(200))


async def test_a_handshake_that_never_ends(sender: CallbackSender, callback: Callback) -> None:
    async with scripted(answer(200)) as script:
        url = script.url.replace("http:", "https:")
        delivery = await sender.send(url, callback, timeout_ms=200)
    assert delivery.attempts[0].error_code == "connect_timeout"
    assert "127.0.0.1 did not agree on TLS within 200 ms" in delivery.reason


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "gopher://proxy"])
async def test_no_proxy_is_asked(
    clock: FakeClock, callback: Callback, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)
    async with CallbackSender(clock=clock) as sender, scripted(answer(200)) as script:
        assert (await sender.send(script.url, callback)).is_delivered
        named = script.url.replace("127.0.0.1", "localhost")
        assert (await sender.send(named, callback)).is_delivered


async def test_closing_cancels_an_attempt_under_way(clock: FakeClock, callback: Callback) -> None:
    sender = CallbackSender(clock=clock)
    async with scripted(b"", hang=True) as script:
        task = asyncio.create_task(sender.send(script.url, callback, timeout_ms=30_000))
        await script.heard.wait()
        await sender.aclose()
        delivery = await asyncio.wait_for(task, 2)
    assert delivery.status is DeliveryStatus.CANCELLED
    assert delivery.attempts == ()
    assert (await sender.send(script.url, callback)).status is DeliveryStatus.CANCELLED
    await sender.aclose()


async def test_closing_cancels_a_wait(callback: Callback) -> None:
    sender = CallbackSender(uniform=lambda: 1.0)
    async with scripted(answer(503, b"", "Retry-After: 60")) as script:
        task = asyncio.create_task(
            sender.send(script.url, callback, retries=1, on_attempt=lambda _: ended.set())
        )
        ended = asyncio.Event()
        await ended.wait()
        await sender.aclose()
        delivery = await asyncio.wait_for(task, 2)
    assert delivery.status is DeliveryStatus.CANCELLED
    assert len(delivery.attempts) == 1
    assert delivery.reason == "Cancelled after 1 attempt."


async def test_a_cancelled_task_is_cancelled(sender: CallbackSender, callback: Callback) -> None:
    async with scripted(b"", hang=True) as script:
        task = asyncio.create_task(sender.send(script.url, callback))
        await script.heard.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_many_at_once_share_one_client(sender: CallbackSender, callback: Callback) -> None:
    async with scripted(answer(200)) as script:
        sends = [sender.send(script.url, callback) for _ in range(40)]
        deliveries = await asyncio.gather(*sends)
    assert all(delivery.is_delivered for delivery in deliveries)


async def test_each_attempt_is_one_event_without_query_or_secret(
    sender: CallbackSender, callback: Callback, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="cognitui")
    async with scripted(answer(503), answer(200)) as script:
        with traced("op_test"):
            delivery = await sender.send(script.url, callback, retries=1)
    assert delivery.operation_id == "op_test"
    events = [json.loads(r.getMessage()) for r in caplog.records if r.name == "cognitui"]
    assert [(e["event"], e["attempt"], e["status"], e["outcome"]) for e in events] == [
        ("callback_attempt", 1, 503, "http_503"),
        ("callback_attempt", 2, 200, "ok"),
    ]
    assert {(e["method"], e["host"], e["path"], e["operation_id"]) for e in events} == {
        ("POST", "127.0.0.1", "/hook", "op_test")
    }
    assert "query-secret" not in json.dumps(events)
    assert SECRET not in caplog.text
