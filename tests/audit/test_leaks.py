"""What the monitor and the collector are told stays between them and us."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from pydantic import SecretStr

from cognitui.audit.monitor_post import MonitorPost
from cognitui.audit.otlp.export import OtlpExport
from cognitui.audit.otlp.target import OtlpTarget
from tests.support.leak_server import LeakServer, leaking
from tests.support.resolver import Resolver
from tests.support.servers import reply, serving

from .support import record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

URL_TOKEN, OTLP_KEY = "mon-the-token-in-the-url", "otlp-the-key-of-the-collector"
SECRETS = (URL_TOKEN, OTLP_KEY)
REDIRECTS = (301, 302, 303, 307, 308)
PATIENCE_S = 30.0


@pytest.fixture
async def leak(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[LeakServer]:
    """Everything in the environment leads there."""
    async with leaking() as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, server.proxy)
            monkeypatch.setenv(name.lower(), server.proxy)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "")
        netrc = tmp_path / ".netrc"
        netrc.write_text("default login somebody password netrc-password-of-another\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        authorities = tmp_path / "authorities.pem"
        server.authority.cert_pem.write_to_path(authorities)
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
            monkeypatch.setenv(name, str(authorities))
        resolver = Resolver()
        for name in ("monitor.example", "collector.example"):
            resolver.answers[name] = [["127.0.0.1"]]
        monkeypatch.setattr("socket.getaddrinfo", resolver)
        yield server


@pytest.mark.parametrize("status", REDIRECTS)
async def test_the_monitor_leads_nowhere_else(status: int, leak: LeakServer) -> None:
    location = f"Location: {leak.proxy}/sync?token={URL_TOKEN}"
    async with serving(lambda _: reply(status, b"", location)) as server:
        async with MonitorPost(f"{server.origin}/sync?token={URL_TOKEN}") as post:
            answer = await post.send(b"{}", "k")
        assert answer.status == status
        assert URL_TOKEN not in post.refused(answer).message
        assert len(server.requests) == 1
    assert leak.heard == []


async def test_a_monitor_in_clear_is_asked_without_a_proxy(leak: LeakServer) -> None:
    """A proxy would read the whole URL, and a token in it."""
    async with serving(lambda _: reply(200)) as server:
        url = f"http://monitor.example:{server.port}/sync?token={URL_TOKEN}"
        async with MonitorPost(url) as post:
            assert (await post.send(b"{}", "k")).is_success
        (request,) = server.requests
        assert not {"authorization", "cookie"} & set(request.headers)
    assert leak.heard == []


async def test_a_proxy_hears_nothing_but_the_name_of_the_monitor(leak: LeakServer) -> None:
    port = leak.ports["https"]
    async with MonitorPost(f"https://monitor.example:{port}/sync?token={URL_TOKEN}") as post:
        with pytest.raises(Exception, match=r"monitor\.example") as caught:
            await post.send(b"{}", "k")
    assert URL_TOKEN not in str(caught.value)
    assert [heard.split(b"\r\n")[0] for heard in leak.heard][:1] == [
        f"CONNECT monitor.example:{port} HTTP/1.1".encode()
    ]
    assert leak.credentials(SECRETS) == []


@pytest.mark.parametrize("status", REDIRECTS)
async def test_the_collector_leads_nowhere_else(status: int, leak: LeakServer) -> None:
    location = f"Location: {leak.proxy}/v1/logs"
    async with serving(lambda _: reply(status, b"", location)) as server:
        target = OtlpTarget.of(server.origin, SecretStr(f"api-key={OTLP_KEY}"))
        await send(target)
        assert {request.headers["api-key"] for request in server.requests} == {OTLP_KEY}
    assert leak.heard == []


async def test_a_netrc_is_not_for_the_collector(
    leak: LeakServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its password is somebody else's, and it would take the place of the collector's key."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name)
        monkeypatch.delenv(name.lower())
    async with serving(lambda _: reply(200), tls=leak.server_context()) as server:
        headers = SecretStr(f"authorization=Bearer {OTLP_KEY}")
        await send(OtlpTarget.of(f"https://collector.example:{server.port}", headers))
        assert server.requests
        proofs = {request.headers["authorization"] for request in server.requests}
    assert proofs == {f"Bearer {OTLP_KEY}"}


async def test_a_proxy_hears_nothing_but_the_name_of_the_collector(leak: LeakServer) -> None:
    headers = SecretStr(f"authorization=Bearer {OTLP_KEY}")
    await send(OtlpTarget.of(f"https://collector.example:{leak.ports['https']}", headers))
    assert leak.heard
    assert {heard.split(b" ")[0] for heard in leak.heard if heard[:4] == b"CONN"} == {b"CONNECT"}
    assert leak.credentials(SECRETS) == []


async def send(target: OtlpTarget) -> None:
    export = OtlpExport(target, deadline_s=PATIENCE_S)
    export.observe(record(1))
    await asyncio.wait_for(export.aclose(), PATIENCE_S)


@pytest.mark.parametrize("spelled", ["a%2Fb%2Bc%3D1234", "plain-token-1234"])
async def test_the_token_of_the_url_is_cut_out_of_what_the_monitor_says(spelled: str) -> None:
    said = f"You asked for /sync?token={spelled}&x=1, which is {unquote(spelled)}."
    async with serving(lambda _: reply(401, said.encode())) as server:
        async with MonitorPost(f"{server.origin}/sync?token={spelled}&x=1") as post:
            answer = await post.send(b"{}", "k")
        refused = post.refused(answer)
    assert answer.excerpt == "You asked for /sync?token=[secret]&x=1, which is [secret]."
    assert spelled not in f"{refused!r} {refused.answer} {refused.message}"
