"""Bursts over real sockets to a real endpoint."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING

import pytest
import trustme

from cognitui.callbacks.burst.snapshot import BurstSnapshot, BurstState
from cognitui.callbacks.errors import BurstError
from cognitui.callbacks.schemes.judging import judge
from cognitui.callbacks.schemes.ready import READY
from cognitui.clock import SYSTEM_CLOCK, unix_ms
from cognitui.errors import UsageError
from tests.support.listening import listening

from .support import CUT, OK, Post, always, burst, endpoint, read_post, run, status

if TYPE_CHECKING:
    from collections.abc import Iterator

HANG = 30.0
WHSEC = "whsec_" + "QUJD" * 11
"""A secret that every scheme can read."""


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    assert "cognitui-burst" not in {thread.name for thread in threading.enumerate()}


async def hang(post: Post) -> bytes:
    await asyncio.sleep(HANG)
    return OK


@pytest.mark.parametrize(("count", "in_flight"), [(1, 1), (1, 500), (57, 1), (500, 7), (600, 300)])
async def test_every_callback_arrives_once(count: int, in_flight: int) -> None:
    async with endpoint() as there:
        final = await run(there.url, count, in_flight=in_flight)
    assert (final.state, final.sent, final.ok, final.failed) == (
        BurstState.COMPLETE, count, count, 0,
    )  # fmt: skip
    assert final.all_delivered
    assert (final.in_flight, final.cancelled, final.eta_s) == (0, 0, 0.0)
    assert (dict(final.statuses), dict(final.failures)) == ({200: count}, {})
    assert len(there.posts) == count
    assert there.connections <= min(count, in_flight)
    assert sum(step.sent for step in final.timeline) == count
    assert sum(step.ok for step in final.timeline) == count
    assert sum(bar[2] for bar in final.bars) == count
    latency = final.latency
    assert 0 < latency.p50 <= latency.p90 <= latency.p95 <= latency.p99 <= latency.longest


@pytest.mark.parametrize("scheme", READY.values(), ids=list(READY))
async def test_every_callback_verifies_and_none_is_like_another(scheme: object) -> None:
    async with endpoint() as there:
        await run(there.url, 60, scheme=scheme, secret=WHSEC)
    ids, sessions = set(), set()
    for post in there.posts:
        assert post.line == "POST /hook?tenant=acme HTTP/1.1"
        headers = [(name, value) for name, value in post.headers]
        assert len({name.lower() for name, _ in headers}) == len(headers)
        verdict = judge(
            scheme,  # type: ignore[arg-type]
            post.body,
            headers,
            secrets=[WHSEC],
            now_ms=unix_ms(SYSTEM_CLOCK.now()),
        )
        assert verdict.accepted, verdict
        fields = json.loads(post.body)
        ids.add(fields["deliveryId"])
        sessions.add(fields["sessionId"])
        named = dict(headers).get("webhook-id")
        assert named in {None, fields["deliveryId"]}
    assert len(ids) == len(sessions) == 60


@pytest.mark.parametrize("in_flight", [1, 3, 16])
async def test_no_more_are_under_way_than_allowed(in_flight: int) -> None:
    async def slow(post: Post) -> bytes:
        await asyncio.sleep(0.005)
        return OK

    seen: list[BurstSnapshot] = []
    async with endpoint(slow) as there:
        final = await burst(there.url, 40 * in_flight, in_flight=in_flight).run(seen.append)
    assert there.most_in_flight == in_flight
    assert final.all_delivered
    assert max(snapshot.in_flight for snapshot in seen) <= in_flight
    assert seen[-1] == final


async def test_a_rate_is_kept() -> None:
    async with endpoint() as there:
        final = await run(there.url, 61, rate_per_s=100.0)
    # The last one is due after 0.6 s; it can never be sooner, and a busy machine makes it later.
    assert 0.598 <= final.elapsed_s < 10
    assert final.all_delivered
    assert there.connections <= 10


async def test_with_a_rate_the_time_counts_from_when_a_callback_was_due() -> None:
    first = True

    async def stall_once(post: Post) -> bytes:
        nonlocal first
        if first:
            first = False
            await asyncio.sleep(0.5)
        return OK

    async with endpoint(stall_once) as there:
        kept = await run(there.url, 50, rate_per_s=1000.0, in_flight=1)
    # All were due while the endpoint slept: none of them may look quick.
    assert kept.latency.p50 > 400
    first = True
    async with endpoint(stall_once) as there:
        loose = await run(there.url, 50, in_flight=1)
    assert loose.latency.longest > 400
    assert loose.latency.p50 < 400


async def test_statuses_are_counted_and_redirects_are_not_followed() -> None:
    answers = [OK, status(204), status(500), status(302, "Location: /elsewhere"), status(401)] * 8
    left = iter(answers)

    async def next_one(post: Post) -> bytes:
        return next(left)

    async with endpoint(next_one) as there:
        final = await run(there.url, 40, in_flight=4)
    assert dict(final.statuses) == {200: 8, 204: 8, 302: 8, 401: 8, 500: 8}
    assert dict(final.failures) == {"http_302": 8, "http_401": 8, "http_500": 8}
    assert (final.ok, final.failed, final.all_delivered) == (16, 24, False)
    assert len(there.posts) == 40
    assert all(post.line.startswith("POST /hook") for post in there.posts)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (None, "connection_lost"),
        (CUT, "connection_lost"),
        (b"HTTP/1.1 200 OK\r\nContent-Le" + CUT, "cut_short"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc" + CUT, "cut_short"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "not_http"),
        (b"HTTP/1.1 abc\r\n\r\n", "not_http"),
    ],
)
async def test_broken_answers_are_counted_by_kind(answer: bytes | None, kind: str) -> None:
    async with endpoint(always(answer)) as there:
        final = await run(there.url, 6, in_flight=2)
    assert dict(final.failures) == {kind: 6}
    assert (final.ok, final.failed, final.latency.longest) == (0, 6, 0.0)
    assert len(there.posts) == 6


async def test_timeouts_are_counted() -> None:
    async with endpoint(hang) as there:
        final = await run(there.url, 6, in_flight=3, timeout_ms=100)
    assert dict(final.failures) == {"timeout": 6}
    assert 0.2 <= final.elapsed_s < 10
    assert final.state is BurstState.COMPLETE


async def test_a_handshake_that_never_ends_is_a_connect_timeout(authority: trustme.CA) -> None:
    async with endpoint(hang) as there:
        url = there.url.replace("http://", "https://")
        final = await run(url, 2, timeout_ms=150, ssl_context=trusting(authority))
    assert dict(final.failures) == {"connect_timeout": 2}


async def test_where_nobody_listens_all_fail() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        final = await run(f"http://127.0.0.1:{taken.getsockname()[1]}/", 120, in_flight=60)
    assert dict(final.failures) == {"connect_failed": 120}
    assert (final.sent, final.state) == (120, BurstState.COMPLETE)


async def test_a_connection_that_the_endpoint_ends_is_replaced() -> None:
    async with endpoint(always(status(200, "Connection: close"))) as there:
        final = await run(there.url, 30, in_flight=3)
    assert final.all_delivered
    assert there.connections == 30


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n",
        b"HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ],
)
async def test_connections_are_kept(answer: bytes) -> None:
    async with endpoint(always(answer)) as there:
        final = await run(there.url, 30, in_flight=2)
    assert final.all_delivered
    assert there.connections <= 2


@pytest.mark.parametrize("last_words", [b"", b"HTTP/1.1 408 Request Timeout\r\n\r\n"])
async def test_a_connection_that_is_ended_while_it_rests_is_replaced(last_words: bytes) -> None:
    served = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal served
        await read_post(reader)
        served += 1
        writer.write(OK)
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.write(last_words)

    async with listening(serve) as port:
        final = await run(f"http://127.0.0.1:{port}/", 3, rate_per_s=2.0)
    assert final.all_delivered
    assert served == 3


async def test_stop_ends_it_at_once() -> None:
    async with endpoint(hang) as there:
        running = burst(there.url, 1000, in_flight=8, timeout_ms=60_000)
        task = asyncio.create_task(running.run())
        await there.arrived.wait()
        began = time.monotonic()
        running.stop()
        running.stop()
        final = await task
        assert time.monotonic() - began < 5
    assert final.state is BurstState.STOPPED
    assert final.is_stopped
    assert running.snapshot == final
    assert (final.ok, final.failed, final.in_flight) == (0, 0, 0)
    assert 1 <= final.cancelled <= 8
    assert final.sent == final.cancelled
    assert (
        final.reason == f"Stopped: 0 of 1,000 delivered, 0 failed, {1000 - final.sent:,} not sent."
    )


async def test_stop_ends_a_slow_rate_at_once() -> None:
    async with endpoint() as there:
        running = burst(there.url, 1000, rate_per_s=0.001)
        task = asyncio.create_task(running.run())
        await there.arrived.wait()
        running.stop()
        final = await asyncio.wait_for(task, 5)
    assert (final.state, final.sent) == (BurstState.STOPPED, 1)


async def test_what_is_stopped_before_it_begins_sends_nothing() -> None:
    async with endpoint() as there:
        running = burst(there.url, 1000)
        running.stop()
        final = await running.run()
    assert (final.state, final.sent, there.posts) == (BurstState.STOPPED, 0, [])


async def test_to_cancel_it_stops_it() -> None:
    async with endpoint(hang) as there:
        running = burst(there.url, 1000, timeout_ms=60_000)
        task = asyncio.create_task(running.run())
        await there.arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert running.snapshot.is_stopped


async def test_it_tells_how_it_stands_on_the_callers_loop() -> None:
    seen: list[tuple[str, BurstSnapshot]] = []

    def note(snapshot: BurstSnapshot) -> None:
        seen.append((threading.current_thread().name, snapshot))

    async with endpoint() as there:
        final = await burst(there.url, 60, rate_per_s=60.0).run(note)
    assert len(seen) >= 3
    assert {name for name, _ in seen} == {threading.current_thread().name}
    assert [each.state for _, each in seen[:-1]] == [BurstState.RUNNING] * (len(seen) - 1)
    assert seen[-1][1] == final
    sent = [each.sent for _, each in seen]
    assert sent == sorted(sent)
    middle = seen[len(seen) // 2][1]
    assert 0 < middle.sent < 60
    assert middle.eta_s is not None
    assert middle.reason.startswith(f"{middle.ok} of 60 delivered")


async def test_it_runs_once() -> None:
    async with endpoint() as there:
        running = burst(there.url, 1)
        await running.run()
        with pytest.raises(RuntimeError, match="once"):
            await running.run()


async def test_a_mistake_of_ours_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise ZeroDivisionError

    async with endpoint() as there:
        running = burst(there.url, 10)
        monkeypatch.setattr("cognitui.callbacks.burst.request.RequestMaker.request", broken)
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(running.run(), 10)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.9.9.9", "[::1]", "LOCALHOST"])
def test_this_machine_needs_no_confirmation(host: str) -> None:
    assert burst(f"http://{host}:9/").target.is_loopback


@pytest.mark.parametrize(
    ("host", "typed"),
    [
        ("hooks.acme.example", ""),
        ("hooks.acme.example", "hooks.acme"),
        ("hooks.acme.example", "https://hooks.acme.example"),
        ("localhost.acme.example", "localhost"),
        ("127.0.0.1.acme.example", ""),
        ("10.0.0.1", "127.0.0.1"),
        ("0.0.0.0", ""),
    ],
)
def test_other_machines_have_to_be_confirmed(host: str, typed: str) -> None:
    with pytest.raises(UsageError, match=f"burst.* {host}") as caught:
        burst(f"https://{host}/", confirmed_host=typed)
    assert caught.value.field == "confirmed_host"
    assert host in caught.value.hint


def test_what_is_confirmed_may_go() -> None:
    made = burst("https://hooks.acme.example:8443/x", confirmed_host="hooks.acme.example")
    assert not made.target.is_loopback


@pytest.mark.parametrize("url", ["", "hooks", "ftp://127.0.0.1/", "http://a:b@127.0.0.1/"])
def test_urls_that_cannot_be(url: str) -> None:
    with pytest.raises(UsageError):
        burst(url)


async def test_a_host_that_there_is_none_of_ends_it_before_it_begins() -> None:
    host = "nowhere.invalid"
    with pytest.raises(BurstError, match=f"There is no host called {host}"):
        await run(f"http://{host}/", confirmed_host=host)


async def test_proxies_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with endpoint() as there:
        assert (await run(there.url)).all_delivered


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def answering_as(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


async def test_over_tls(authority: trustme.CA) -> None:
    async with endpoint(tls=answering_as(authority, "127.0.0.1")) as there:
        url = there.url.replace("http://", "https://")
        final = await run(url, 50, in_flight=5, ssl_context=trusting(authority))
    assert final.all_delivered
    assert there.connections <= 5


@pytest.mark.parametrize("name", ["127.0.0.1", "other.example"])
async def test_a_certificate_that_is_not_accepted_lets_nothing_through(
    authority: trustme.CA, name: str
) -> None:
    context = trusting(authority) if name == "other.example" else None
    async with endpoint(tls=answering_as(authority, name)) as there:
        url = there.url.replace("http://", "https://")
        final = await run(url, 4, in_flight=2, ssl_context=context)
    assert dict(final.failures) == {"tls_failed": 4}
    assert there.posts == []


async def test_an_endpoint_that_speaks_no_tls() -> None:
    async with endpoint() as there:
        final = await run(there.url.replace("http://", "https://"), 2)
    assert set(final.failures) <= {"tls_error", "connect_failed", "connect_timeout"}
    assert final.failed == 2
