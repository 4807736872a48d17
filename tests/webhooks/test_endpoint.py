"""The endpoint check, against servers that answer as servers in the world do."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import http.server
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import trustme
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from cognitui.network import way
from cognitui.network.certificate import CertificateFault
from cognitui.network.exchange import Reply
from cognitui.network.outcome import Outcome
from cognitui.network.stage import Cause, Stage
from cognitui.webhooks.endpoint import check_endpoint
from cognitui.webhooks.endpoint_report import EndpointReport, EndpointVerdict
from cognitui.webhooks.judging import judge
from tests.support.listening import listening
from tests.support.servers import HANG, reply, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognitui.sandbox import Sandbox

V = EndpointVerdict
POST = frozenset({"POST"})


def answered(method: str, status: int, allow: frozenset[str] = frozenset(), to: str = "") -> Reply:
    return Reply(method, status, allow, to)


@pytest.mark.parametrize(
    ("options", "head", "verdict"),
    [
        (answered("OPTIONS", 204, POST), None, V.PRESENT),
        (answered("OPTIONS", 405, POST), None, V.PRESENT),
        (answered("OPTIONS", 404, POST), None, V.PRESENT),
        (answered("OPTIONS", 405), None, V.PRESENT),
        (answered("OPTIONS", 401), None, V.PRESENT),
        (answered("OPTIONS", 403), None, V.PRESENT),
        (answered("OPTIONS", 429), None, V.PRESENT),
        (answered("OPTIONS", 410), None, V.GONE),
        (answered("OPTIONS", 301, to="https://b.example"), None, V.REDIRECTS),
        (answered("OPTIONS", 308), None, V.REDIRECTS),
        (answered("OPTIONS", 200), None, V.INCONCLUSIVE),
        (answered("OPTIONS", 204, frozenset({"GET"})), None, V.INCONCLUSIVE),
        (answered("OPTIONS", 404), None, V.INCONCLUSIVE),
        (answered("OPTIONS", 500), None, V.INCONCLUSIVE),
        (answered("OPTIONS", 501), None, V.INCONCLUSIVE),
        (answered("OPTIONS", 200), answered("HEAD", 200), V.PRESENT),
        (answered("OPTIONS", 404), answered("HEAD", 204), V.PRESENT),
        (answered("OPTIONS", 404), answered("HEAD", 405), V.PRESENT),
        (answered("OPTIONS", 404), answered("HEAD", 405, POST), V.PRESENT),
        (answered("OPTIONS", 404), answered("HEAD", 401), V.PRESENT),
        (answered("OPTIONS", 404), answered("HEAD", 404), V.INCONCLUSIVE),
        (answered("OPTIONS", 200), answered("HEAD", 404), V.INCONCLUSIVE),
        (answered("OPTIONS", 501), answered("HEAD", 501), V.INCONCLUSIVE),
        (answered("OPTIONS", 404), answered("HEAD", 410), V.GONE),
        (answered("OPTIONS", 404), answered("HEAD", 302, to="/x"), V.REDIRECTS),
        (answered("OPTIONS", 500), answered("HEAD", 500), V.SERVER_ERROR),
        (answered("OPTIONS", 404), answered("HEAD", 503), V.SERVER_ERROR),
        (answered("OPTIONS", 500), answered("HEAD", 200), V.PRESENT),
        (answered("OPTIONS", 400), answered("HEAD", 400), V.INCONCLUSIVE),
    ],
    ids=str,
)
def test_judge(options: Reply, head: Reply | None, verdict: EndpointVerdict) -> None:
    found, summary, hint, *_ = judge(options, head)
    assert found is verdict
    assert f"OPTIONS {options.status}" in summary
    assert bool(hint) == (verdict is not V.PRESENT)


def test_a_redirect_names_its_target() -> None:
    _, summary, hint, *_ = judge(answered("OPTIONS", 308, to="https://b.example/new"), None)
    assert summary == "it redirects to https://b.example/new (OPTIONS 308)"
    assert "do not follow redirects" in hint


@pytest.mark.parametrize(
    ("verdict", "stage", "outcome"),
    [
        (V.PRESENT, Outcome.OK, Outcome.OK),
        (V.PRESENT, Outcome.WARN, Outcome.WARN),
        (V.INCONCLUSIVE, Outcome.OK, Outcome.WARN),
        (V.GONE, Outcome.OK, Outcome.FAIL),
        (V.REDIRECTS, Outcome.OK, Outcome.FAIL),
        (V.SERVER_ERROR, Outcome.WARN, Outcome.FAIL),
        (V.UNREACHABLE, Outcome.WARN, Outcome.FAIL),
        (V.BLOCKED, Outcome.OK, Outcome.FAIL),
    ],
)
def test_what_a_verdict_means_for_a_registration(
    verdict: EndpointVerdict, stage: Outcome, outcome: Outcome
) -> None:
    stages = (Stage("policy", stage, "", 2.0), Stage("tcp", Outcome.OK, "", 3.0))
    report = EndpointReport(verdict, "", "", stages)
    assert report.outcome is outcome
    assert report.ms == 5.0


def names(report: EndpointReport) -> list[str]:
    return [stage.name for stage in report.stages]


@contextlib.contextmanager
def in_a_thread(server: Any, run: Any, stop: Any) -> Iterator[Any]:
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        stop()
        thread.join(5)


@pytest.fixture
def starlette_url() -> Iterator[str]:
    """A framework that routes POST and answers 405 with Allow to everything else."""

    async def hook(_request: Any) -> Response:
        return Response(status_code=204)

    app = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            asyncio.run(server.serve(sockets=[listener]))

        def stop() -> None:
            server.should_exit = True

        with in_a_thread(server, run, stop):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook"


@pytest.fixture
def http_server_url() -> Iterator[str]:
    """Python's own server, which answers 501 to every method that it has no code for."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with in_a_thread(server, lambda: server.serve_forever(0.01), server.shutdown):
        yield f"http://127.0.0.1:{server.server_port}/hook"
    server.server_close()


async def test_a_live_route_of_starlette_is_present(starlette_url: str) -> None:
    report = await check_endpoint(starlette_url)
    assert (report.verdict, report.outcome) == (V.PRESENT, Outcome.OK)
    assert names(report) == ["url", "dns", "policy", "tcp", "http OPTIONS"]
    assert report.stages[-1].summary == "405, Allow: POST"
    assert report.tls_days_left is None


async def test_a_missing_route_of_starlette_is_not_called_missing(starlette_url: str) -> None:
    """Others answer the same on a live one, so only a callback can tell."""
    report = await check_endpoint(f"{starlette_url}/nothing")
    assert (report.verdict, report.outcome) == (V.INCONCLUSIVE, Outcome.WARN)
    assert "test callback tells for sure" in report.hint


async def test_a_live_route_of_http_server_is_inconclusive(http_server_url: str) -> None:
    report = await check_endpoint(http_server_url)
    assert report.verdict is V.INCONCLUSIVE
    assert report.summary.endswith("(OPTIONS 501, HEAD 501)")
    assert names(report)[-4:] == ["tcp", "http OPTIONS", "tcp", "http HEAD"]


@pytest.mark.parametrize(
    ("hook", "verdict"),
    [
        ("orders", V.PRESENT),
        ("strict", V.PRESENT),
        ("head-unfriendly", V.INCONCLUSIVE),
        ("missing", V.INCONCLUSIVE),
        ("gone", V.GONE),
        ("moved", V.REDIRECTS),
        ("failing", V.SERVER_ERROR),
        ("maintenance", V.SERVER_ERROR),
    ],
)
async def test_the_sandboxs_endpoints(
    hook: str, verdict: EndpointVerdict, sandbox: Sandbox
) -> None:
    url = f"{sandbox.info.webhook_url.rsplit('/', 1)[0]}/hooks/{hook}"
    report = await check_endpoint(url)
    assert report.verdict is verdict
    assert {request.method for request in sandbox.tenant.requests} <= {"OPTIONS", "HEAD"}
    assert sandbox.tenant.endpoint_received == []  # nothing was set off there


async def test_a_redirect_is_not_followed() -> None:
    async with serving(lambda _: reply(200)) as elsewhere:
        location = f"Location: {elsewhere.origin}/new?token=secret\x1b[31m"
        async with serving(lambda _: reply(301, b"", location)) as server:
            report = await check_endpoint(f"{server.origin}/hook")
    assert report.verdict is V.REDIRECTS
    assert report.summary == f"it redirects to {elsewhere.origin}/new (OPTIONS 301)"
    assert elsewhere.requests == []


async def test_what_is_asked() -> None:
    async with serving(lambda _: reply(404)) as server:
        await check_endpoint(f"{server.origin}/a b/ü?q=ä&r=%20".replace(" ", "%20"))
    assert [(request.method, request.target) for request in server.requests] == [
        ("OPTIONS", "/a%20b/%C3%BC?q=%C3%A4&r=%20"),
        ("HEAD", "/a%20b/%C3%BC?q=%C3%A4&r=%20"),
    ]
    for request in server.requests:
        assert request.headers == {
            "host": f"127.0.0.1:{server.port}",
            "user-agent": "cognitui",
            "connection": "close",
        }


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "no answer within 0.2 s"),
        (b"HTTP/1.1 200 OK\r\nX-Half:", "the connection was closed"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "the answer is not HTTP"),
        (b"HTTP/1.1 999999 X\r\n\r\n", "the answer is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, "the answer is not HTTP"),
        (b"\x00" * 100, "the answer is not HTTP"),
    ],
    ids=["hang", "half", "ssh", "status", "endless", "zeros"],
)
async def test_what_is_no_answer(answer: bytes, words: str) -> None:
    async with serving(lambda _: answer) as server:
        report = await check_endpoint(f"{server.origin}/hook", timeout_s=0.2)
    assert (report.verdict, report.outcome) == (V.UNREACHABLE, Outcome.FAIL)
    assert report.summary == (
        f"127.0.0.1:{server.port} took the connection, but gave no answer to OPTIONS: {words}."
    )
    assert report.stages[-1].outcome is Outcome.FAIL


async def test_a_connection_that_is_closed_at_once() -> None:
    async def close(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        pass

    async with listening(close) as port:
        report = await check_endpoint(f"http://127.0.0.1:{port}/")
    assert report.verdict is V.UNREACHABLE
    assert "took the connection, but gave no answer" in report.summary


async def test_an_interim_answer_is_not_the_answer() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    async with serving(lambda _: early + reply(405, b"", "Allow: POST")) as server:
        report = await check_endpoint(server.origin)
    assert report.verdict is V.PRESENT


async def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    report = await check_endpoint(f"http://127.0.0.1:{port}/hook")
    assert report.verdict is V.UNREACHABLE
    assert report.summary == (
        f"Nothing accepts connections at 127.0.0.1:{port}: connection refused."
    )
    assert "Is the program running" in report.hint
    assert names(report)[-1] == "tcp"


async def test_no_such_host() -> None:
    report = await check_endpoint("https://nobody.invalid/hook")
    assert report.verdict is V.UNREACHABLE
    assert report.summary == "There is no host called nobody.invalid."
    assert names(report) == ["url", "dns"]


async def test_a_dns_that_does_not_know_does_not_mean_that_there_is_no_such_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreached(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", unreached)
    report = await check_endpoint("https://hooks.acme.example/x")
    assert (report.cause, names(report)) == (Cause.TIMEOUT, ["url", "dns"])
    assert report.summary == "The DNS gave no answer for hooks.acme.example."


async def test_a_machine_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unreachable(*_: object, **__: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(asyncio, "open_connection", unreachable)
    report = await check_endpoint("https://1.1.1.1/x")
    assert report.cause is Cause.NO_NETWORK
    assert report.summary.endswith("1.1.1.1:443: network is unreachable.")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hook",
        "ftp://a.example/",
        "https://user:pw@a.example/",
        "https://a b/",
        "http://127.0.0.1:0/",
        "http://" + "a" * 70 + ".example/",
        "http://[::1",
        "http://a.example/\ud800",
    ],
)
async def test_a_url_that_cannot_be_used(url: str) -> None:
    report = await check_endpoint(url)
    assert (report.verdict, report.hint) == (V.BLOCKED, "Correct the URL.")
    assert names(report) == ["url"]
    assert "pw@" not in report.summary


@pytest.mark.parametrize(
    ("found", "verdict", "policy"),
    [
        (["169.254.169.254"], V.BLOCKED, Outcome.FAIL),
        (["fd00:ec2::254"], V.BLOCKED, Outcome.FAIL),
        (["64:ff9b::a9fe:a9fe"], V.BLOCKED, Outcome.FAIL),
        (["127.0.0.1", "169.254.169.254"], V.BLOCKED, Outcome.FAIL),
        (["10.255.255.1"], V.UNREACHABLE, Outcome.WARN),
        (["127.0.0.1"], V.PRESENT, Outcome.OK),
    ],
)
async def test_every_address_of_a_name_is_looked_at_before_anything_is_sent(
    found: list[str],
    verdict: EndpointVerdict,
    policy: Outcome,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def lookup(_host: str, _port: int) -> list[str]:
        return found

    monkeypatch.setattr(way, "lookup", lookup)
    async with serving(lambda _: reply(405)) as server:
        report = await check_endpoint(f"http://hooks.example:{server.port}/x", timeout_s=0.2)
    assert report.verdict is verdict
    assert next(s.outcome for s in report.stages if s.name == "policy") is policy
    if verdict is V.BLOCKED:
        assert server.requests == []
        assert "no endpoint may use" in report.summary
    elif verdict is V.PRESENT:
        assert server.requests[0].headers["host"] == f"hooks.example:{server.port}"


async def test_the_next_address_is_tried_when_nobody_listens_at_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name such as localhost has two, and a program often listens at one of them."""

    async def lookup(_host: str, _port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    monkeypatch.setattr(way, "lookup", lookup)
    async with serving(lambda _: reply(405)) as server:
        report = await check_endpoint(f"http://localhost:{server.port}/")
    assert report.verdict is V.PRESENT


def tls_server(*names: str, **options: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(*names, **options).configure_cert(context)
    return context


AUTHORITY = trustme.CA()


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets this machine trust the authority of the tests."""
    genuine = ssl.create_default_context

    def with_ours() -> ssl.SSLContext:
        context = genuine()
        AUTHORITY.configure_trust(context)
        return context

    monkeypatch.setattr(ssl, "create_default_context", with_ours)


async def test_a_certificate_that_nobody_here_trusts_is_refused() -> None:
    async with serving(lambda _: reply(405), tls_server("127.0.0.1")) as server:
        report = await check_endpoint(f"{server.origin}/hook")
    assert (report.verdict, report.outcome) == (V.UNREACHABLE, Outcome.FAIL)
    assert report.summary.startswith(f"The certificate of 127.0.0.1:{server.port} is from an auth")
    assert "trustme" in report.summary
    assert report.cause is Cause.CERTIFICATE
    assert report.faults == (CertificateFault.UNKNOWN_ISSUER,)
    assert "the tenant has to know it as well" in report.hint
    assert server.requests == []
    assert names(report)[-1] == "tls"


async def test_a_certificate_that_signed_itself_is_refused() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority = trustme.CA()
    with authority.private_key_pem.tempfile() as key, authority.cert_pem.tempfile() as certificate:
        context.load_cert_chain(certificate, key)
    async with serving(lambda _: reply(405), context) as server:
        report = await check_endpoint(f"{server.origin}/hook")
    assert report.summary.endswith("is for no host at all and is self-signed.")


@pytest.mark.usefixtures("trusting")
async def test_a_good_certificate_and_its_days() -> None:
    async with serving(lambda _: reply(405), tls_server("127.0.0.1")) as server:
        report = await check_endpoint(f"{server.origin}/hook")
    assert (report.verdict, report.outcome) == (V.PRESENT, Outcome.OK)
    assert report.tls_days_left is not None
    assert report.tls_days_left > 300
    assert names(report) == ["url", "dns", "policy", "tcp", "tls", "http OPTIONS"]


@pytest.mark.usefixtures("trusting")
async def test_a_certificate_that_ends_soon() -> None:
    soon = datetime.now(UTC) + timedelta(days=9, hours=1)
    async with serving(lambda _: reply(405), tls_server("127.0.0.1", not_after=soon)) as server:
        report = await check_endpoint(f"{server.origin}/hook")
    assert (report.verdict, report.outcome, report.tls_days_left) == (V.PRESENT, Outcome.WARN, 9)
    tls = next(stage for stage in report.stages if stage.name == "tls")
    assert tls.summary == "the certificate expires in 9 days"


@pytest.mark.usefixtures("trusting")
async def test_a_certificate_that_has_ended() -> None:
    ended = datetime.now(UTC) - timedelta(days=1)
    async with serving(lambda _: reply(405), tls_server("127.0.0.1", not_after=ended)) as server:
        report = await check_endpoint(f"{server.origin}/hook")
    assert report.summary.endswith(f"The certificate of 127.0.0.1:{server.port} expired 1 day ago.")


@pytest.mark.usefixtures("trusting")
async def test_a_certificate_of_another_name() -> None:
    async with serving(lambda _: reply(405), tls_server("other.example")) as server:
        report = await check_endpoint(f"{server.origin}/hook")
    assert report.summary.endswith("is for other.example.")


@pytest.mark.parametrize("answer", [reply(400), HANG], ids=["plain HTTP", "silence"])
async def test_a_port_that_does_not_speak_tls(answer: bytes) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await reader.read(100)
        if answer == HANG:
            await reader.read()

    async with listening(plain) as port:
        report = await check_endpoint(f"https://127.0.0.1:{port}/", timeout_s=0.3)
    assert report.verdict is V.UNREACHABLE
    assert report.summary.startswith(f"No secure connection to 127.0.0.1:{port} came about: ")
    assert "_ssl.c" not in report.summary
