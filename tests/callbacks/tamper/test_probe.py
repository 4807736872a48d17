"""What a probe says when the endpoint is away, busy, broken or elsewhere, and how it ends."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import TYPE_CHECKING

import pytest
import trustme

from cognitui.callbacks.schemes.ready import BASIC, COGNIGY, STANDARD
from cognitui.callbacks.schemes.scheme import Scheme, StaticHeader
from cognitui.callbacks.tamper.card import Mark
from cognitui.callbacks.tamper.cases import cases_for
from cognitui.callbacks.tamper.probe import EndpointUnreachable, probe
from cognitui.callbacks.tamper.wire import Limits, is_loopback
from cognitui.errors import ErrorKind, UsageError
from tests.callbacks.support import FakeClock
from tests.support.listening import listening

from .support import (
    QUICK,
    SECRET,
    Answer,
    Endpoint,
    I,
    Verifier,
    W,
    answering,
    findings,
    reply,
    serving,
)

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.callbacks.tamper.card import CaseResult

OK = reply(200)
NO = reply(401)
IMPATIENT = Limits(answer_s=0.2, slow_s=0.2)
SHORT = Limits(answer_s=5.0, slow_s=0.2)


async def test_results_come_one_by_one_as_the_cases_go_out() -> None:
    told: list[CaseResult] = []
    begun: list[str] = []
    with serving(Endpoint(Verifier())) as url:
        card = await probe(
            url,
            COGNIGY,
            SECRET,
            limits=QUICK,
            on_result=told.append,
            on_begin=lambda case: begun.append(case.id),
        )
    assert tuple(told) == card.results
    assert begun == [case.id for case in cases_for(COGNIGY)]
    assert card.ms > 0


async def test_a_refused_control_says_so_first_and_nothing_else_is_sent() -> None:
    with serving(Endpoint(Verifier())) as url:
        card = await probe(url, COGNIGY, "another secret altogether", limits=QUICK)
    assert card.has_failed
    assert card.conclusion.startswith(
        "Nothing can be concluded: the honest callback was refused, probably because the secret or "
        "the scheme is another one there. 401: "
    )
    assert {result.mark for result in card.results[1:]} == {Mark.INCONCLUSIVE}
    assert {result.statuses for result in card.results[1:]} == {()}
    assert len(card.results) == len(cases_for(COGNIGY))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(404), "404: there is nothing at this path"),
        (reply(302, b"", "Location: http://127.0.0.1:1/"), "302: the endpoint redirects"),
        (reply(500), "500: the endpoint failed"),
        (
            b"SSH-2.0-OpenSSH\r\n\r\n",
            "was not answered. What was answered is not HTTP, or was cut short.",
        ),
        (b"", "was not answered. The connection was closed without an answer."),
    ],
)
async def test_a_control_that_goes_wrong_is_told(answer: bytes, words: str) -> None:
    async with answering(answer) as (url, requests):
        card = await probe(url, COGNIGY, SECRET, limits=SHORT)
    assert words in card.conclusion
    assert len(requests) == 1  # no redirect is followed
    assert card.url == url.partition("?")[0]
    assert "hush" not in str(card.as_dict())


async def test_nobody_there_is_an_error_that_says_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(
            EndpointUnreachable, match=f"Nothing answers at 127.0.0.1:{port}"
        ) as caught:
            await probe(f"http://127.0.0.1:{port}/", COGNIGY, SECRET)
    assert caught.value.kind is ErrorKind.UNREACHABLE
    assert caught.value.hint


async def test_an_endpoint_that_goes_away_is_not_asked_for_ever() -> None:
    async with answering(OK, NO, NO, NO, then_gone=True) as (url, requests):
        card = await probe(url, COGNIGY, SECRET, limits=SHORT)
    assert [result.mark for result in card.results[:3]] == ["sound", "sound", "sound"]
    assert card.results[3].summary.startswith("Nothing answers at 127.0.0.1:")
    assert card.results[10].summary == "Not sent, because the endpoint no longer answers."
    assert (card.results[-1].case_id, card.results[-1].mark) == ("still-honest", "unsound")
    assert card.has_failed
    assert len(requests) == 3


async def test_an_endpoint_that_falls_silent_is_weak_and_soon_left_alone() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if not silent:
            silent.append(True)
            writer.write(OK)
        else:
            await reader.read()

    silent: list[bool] = []
    async with listening(serve) as port:
        card = await probe(f"http://127.0.0.1:{port}/", COGNIGY, SECRET, limits=IMPATIENT)
    assert [result.mark for result in card.results[:5]] == ["sound", W, W, W, I]
    assert card.results[1].summary == "There was no answer within 0.2 seconds."
    assert card.results[-1].mark is Mark.UNSOUND


async def test_a_busy_endpoint_is_asked_again_after_the_time_it_wants() -> None:
    clock = FakeClock()
    busy = reply(429, b"", "Retry-After: 3")
    async with answering(OK, busy, NO, busy, busy, NO) as (url, _):
        card = await probe(url, COGNIGY, SECRET, limits=SHORT, clock=clock)
    assert clock.slept == [3.0, 3.0]
    assert [result.mark for result in card.results[:4]] == ["sound", "sound", I, "sound"]
    assert "it had no time for the question" in card.results[2].summary


@pytest.mark.parametrize(("text", "seconds"), [("99999999", 10.0), ("soon", 2.0), ("-1", 2.0)])
async def test_an_endpoint_cannot_make_us_wait_for_long(text: str, seconds: float) -> None:
    clock = FakeClock()
    async with answering(OK, reply(503, b"", f"Retry-After: {text}"), NO) as (url, _):
        await probe(url, COGNIGY, SECRET, limits=SHORT, clock=clock)
    assert clock.slept == [seconds]


async def test_a_pause_lies_between_two_cases() -> None:
    clock = FakeClock()
    async with answering(OK, NO) as (url, _):
        card = await probe(url, COGNIGY, SECRET, limits=Limits(5.0, 0.2, 1.5), clock=clock)
    assert clock.slept == [1.5] * (len(card.results) - 1)


async def test_errors_and_closed_connections_are_weak() -> None:
    async with answering(OK, reply(500), b"", b"HTTP/1.1 200", reply(501), NO) as (url, _):
        card = await probe(url, COGNIGY, SECRET, limits=SHORT)
    assert [result.mark for result in card.results[1:6]] == [W, W, W, W, "sound"]
    assert card.results[1].summary.startswith("It answers 500: the verifier raised")
    assert {result.topic for result in card.results[1:5]} == {"parsing"}
    assert all(result.why.startswith("An exception is no answer") for result in card.results[1:5])


async def test_an_endless_answer_is_read_no_further_than_needed() -> None:
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 401 X\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(chunk)
            sent.append(len(chunk))
            await writer.drain()

    sent: list[int] = []
    async with listening(serve) as port:
        card = await probe(f"http://127.0.0.1:{port}/", COGNIGY, SECRET, limits=QUICK)
    assert card.results[0].statuses == (401,)
    assert sum(sent) < 32 * 1024 * 1024


async def test_an_answer_that_begins_but_never_ends_is_an_answer() -> None:
    async with answering(b"HTTP/1.1 401 X\r\nContent-Length: 9\r\n\r\nx") as (url, _):
        card = await probe(url, COGNIGY, SECRET, limits=IMPATIENT)
    assert card.results[0].statuses == (401,)


async def test_it_can_be_cancelled_in_the_middle_and_leaves_no_task_behind() -> None:
    begun = asyncio.Event()

    def begin(case: object) -> None:
        if getattr(case, "id", "") == "slow-body":
            begun.set()

    with serving(Endpoint(Verifier(), read_limit_s=60.0)) as url:
        before = asyncio.all_tasks()
        task = asyncio.create_task(
            probe(url, COGNIGY, SECRET, limits=Limits(5.0, 30.0), on_begin=begin)
        )
        await begun.wait()
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 2)
        assert asyncio.all_tasks() == before


# Elsewhere


@pytest.mark.parametrize(
    ("url", "is_here"),
    [
        ("http://127.0.0.1:8000/", True),
        ("http://127.9.9.9/", True),
        ("http://[::1]/", True),
        ("http://LocalHost/", True),
        ("http://localhost.example.com/", False),
        ("http://127.0.0.1.example.com/", False),
        ("http://10.0.0.1/", False),
        ("http://0.0.0.0/", False),
        ("https://hooks.acme.example/", False),
    ],
)
def test_what_counts_as_this_machine(url: str, is_here: bool) -> None:
    assert is_loopback(url) is is_here


async def test_nothing_goes_elsewhere_without_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object, **__: object) -> None:
        pytest.fail("a connection was opened")

    monkeypatch.setattr(asyncio, "open_connection", refuse)
    with pytest.raises(UsageError, match=r"hooks.acme.example is not this machine") as caught:
        await probe("https://hooks.acme.example/hook", COGNIGY, SECRET)
    assert "--yes" in caught.value.hint


async def test_a_name_that_leads_elsewhere_in_spite_of_its_looks_gets_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lead_elsewhere(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 80))]

    async def refuse(*_: object, **__: object) -> None:
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket, "getaddrinfo", lead_elsewhere)
    monkeypatch.setattr(asyncio, "open_connection", refuse)
    with pytest.raises(UsageError, match="localhost is not this machine"):
        await probe("http://localhost:9/", COGNIGY, SECRET)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "nonsense", "http://me:hush@127.0.0.1/"])
async def test_what_is_no_url_of_an_endpoint_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        await probe(url, COGNIGY, SECRET)
    assert "hush" not in str(caught.value)


async def test_what_cannot_be_signed_with_is_refused_before_anything_is_sent() -> None:
    async with answering(OK) as (url, requests):
        with pytest.raises(UsageError, match="The secret is empty"):
            await probe(url, COGNIGY, "")
        with pytest.raises(UsageError, match="reads the secret as base64"):
            await probe(url, STANDARD, "no base64 at all")
        with pytest.raises(UsageError, match="signs nothing"):
            await probe(url, BASIC, SECRET)
        with pytest.raises(UsageError, match="cannot be written as JSON"):
            await probe(url, COGNIGY, SECRET, fields={"text": "\ud800"})
    assert requests == []


async def test_a_secret_that_would_be_two_headers_is_refused_before_anything_is_sent() -> None:
    parts = (StaticHeader("X-Key", "{secret}"), *COGNIGY.parts)
    async with answering(OK) as (url, requests):
        with pytest.raises(UsageError, match="The header X-Key holds a line end") as caught:
            await probe(url, Scheme("both", "both", parts), "hush\nhush", limits=SHORT)
    assert requests == []
    assert "hush" not in str(caught.value)


async def test_fields_that_the_endpoint_demands_are_in_every_body() -> None:
    class Demands(Verifier):
        def accept(self, body: bytes, _headers: dict[bytes, bytes]) -> Answer:
            return Answer(200 if b'"tenant":"acme"' in body or b'"tenant": "acme"' in body else 422)

    with serving(Endpoint(Demands())) as url:
        refused = await probe(url, COGNIGY, SECRET, limits=QUICK)
        card = await probe(url, COGNIGY, SECRET, limits=QUICK, fields={"tenant": "acme"})
    assert "422" in refused.control
    assert findings(card) == {}


# TLS


async def test_over_tls_the_certificate_is_verified(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    certificate.cert_chain_pems[0].write_to_path(chain)
    certificate.private_key_pem.write_to_path(key)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    verifier = Verifier()
    with serving(Endpoint(verifier), ssl_certfile=str(chain), ssl_keyfile=str(key)) as url:
        with pytest.raises(EndpointUnreachable, match=r"certificate of .* was not accepted"):
            await probe(url, COGNIGY, SECRET, limits=QUICK)
        card = await probe(url, COGNIGY, SECRET, limits=QUICK, context=context)
    assert findings(card) == {}
