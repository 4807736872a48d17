"""A key is seen by its tenant and by nobody else, whatever the tenant or the environment says."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING

import httpx
import pytest
from pydantic import SecretStr

from cognitui.cognigy.answer import Timeouts
from cognitui.cognigy.credentials import Credentials
from cognitui.cognigy.errors import ApiError, OriginRefused
from cognitui.cognigy.models import Webhook
from cognitui.cognigy.retry import RetryPolicy
from tests.support.leak_server import LeakServer, leaking
from tests.support.resolver import Resolver
from tests.support.servers import Request, reply, serving, token_reply

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from cognitui.cognigy.bots_v1 import CognigyClient
    from tests.support.fixtures import Connect

KEY, SECRET, TOKEN = "ck-the-key-5d1a", "cs-the-secret-77b0", "tok-the-token-e91c"
SIGNING = "whs-the-signing-secret-of-a-webhook"
PAIR = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
SECRETS = (KEY, SECRET, TOKEN, SIGNING, PAIR)
CREDENTIALS = Credentials(SecretStr(KEY), SecretStr(SECRET))
WEBHOOK = Webhook.model_validate(
    {
        "skill_id": "s",
        "endpoint_url": "https://hooks.example.com/x",
        "triggers": [{"event": "ON_MESSAGE"}],
        "secret_key": SIGNING,
    }
)
CALLS: dict[str, Callable[[CognigyClient], Awaitable[object]]] = {
    "token": lambda client: client.authenticate(),
    "list": lambda client: client.webhooks("bot").all(),
    "get": lambda client: client.webhook("bot", "w"),
    "post": lambda client: client.create_webhook("bot", WEBHOOK),
    "status": lambda client: client.status("bot"),
}
WIDE = "".join(chr(ord(letter) + 0xFEE0) for letter in "localhost")
# {own} is the tenant's port, the others are those of the leak server.
FORMS = (
    "http://127.0.0.1:{http}/api/v1/bots",
    "//127.0.0.1:{http}/api/v1/bots",
    "///127.0.0.1:{http}/api/v1/bots",
    "http:///127.0.0.1:{http}/api/v1/bots",
    "http://127.0.0.2:{other}/api/v1/bots",
    "http://[::1]:{six}/api/v1/bots",
    "http://[::ffff:127.0.0.1]:{http}/api/v1/bots",
    "https://127.0.0.1:{https}/api/v1/bots",
    "https://localhost:{https}/api/v1/bots",
    "http://localhost:{own}/api/v1/bots",
    "http://LOCALHOST:{http}/api/v1/bots",
    "HTTP://LocalHost.:{http}/api/v1/bots",
    "http://127.0.0.1.:{http}/api/v1/bots",
    "http://127.0.0.1.:{own}/api/v1/bots",
    "https://127.0.0.1:{own}/api/v1/bots",
    "http://127.1:{http}/api/v1/bots",
    "http://2130706433:{http}/api/v1/bots",
    "http://0x7f.1:{http}/api/v1/bots",
    "http://0177.0.0.1:{http}/api/v1/bots",
    "http://①②⑦.⓪.⓪.①:{http}/api/v1/bots",
    "http://127\u30020\u30020\u30021:{http}/api/v1/bots",
    f"http://{WIDE}:{{http}}/api/v1/bots",
    "http://127.0.0.1:{own}@127.0.0.1:{http}/api/v1/bots",
    "http://key:password@127.0.0.1:{http}/api/v1/bots",
    "http://key:password@127.0.0.1:{own}/api/v1/bots",
    "http://127.0.0.1:{own}\\@127.0.0.1:{http}/api/v1/bots",
    "http://127.0.0.1:{own}#@127.0.0.1:{http}/api/v1/bots",
    "http://127.0.0.1:{own}?@127.0.0.1:{http}/api/v1/bots",
    "http://127.0.0.1:{own}%2F@127.0.0.1:{http}/api/v1/bots",
    "\\\\127.0.0.1:{http}\\api\\v1\\bots",
    "/\\127.0.0.1:{http}/api/v1/bots",
    "http:\\\\127.0.0.1:{http}/api/v1/bots",
    "\thttp://127.0.0.1:{http}/api/v1/bots",
    "ht\ttp://127.0.0.1:{http}/api/v1/bots",
    "http://127.0.0.1\t:{http}/api/v1/bots",
    "http://127.0.0.1:0/api/v1/bots",
    "http://127.0.0.1:{http}0000000/api/v1/bots",
    "http://127.0.0.1:80/api/v1/bots",
    "http://127.0.0.1/api/v1/bots",
    "../../../../../admin",
    "ftp://127.0.0.1:{http}/api/v1/bots",
    "data:application/json,{{}}",
)  # fmt: skip
# Only a nextPage can have a line end in it: a header would end there.
LINES = (
    "\nhttp://127.0.0.1:{http}/api/v1/bots",
    "http://127.0.0.1:{own}\n@127.0.0.1:{http}/api/v1/bots",
    "//127.0.0.1\r\n:{http}/api/v1/bots",
)
REDIRECTS = (301, 302, 303, 307, 308)
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture
async def leak() -> AsyncIterator[LeakServer]:
    async with leaking() as server:
        yield server


@pytest.fixture
def hostile_environment(leak: LeakServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every variable and file that tells a client library where else to go, or as whom."""
    for name in PROXIES:
        monkeypatch.setenv(name, leak.proxy)
        monkeypatch.setenv(name.lower(), leak.proxy)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login somebody password netrc-password-of-another\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))


@pytest.fixture
def trusting(leak: LeakServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients trust the certificates of the tests."""
    context = leak.client_context()
    monkeypatch.setattr("cognitui.cognigy.engine._tls_context", lambda _: context)


def form_of(form: str, leak: LeakServer, own: int) -> str:
    return form.format(own=own, **leak.ports)


def raw_reply(status: int, body: bytes, *headers: str) -> bytes:
    """Like `reply`, for headers that are no Latin-1."""
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


MATRIX = [
    *(("http", status, call) for status in REDIRECTS for call in CALLS),
    *(("https", status, call) for status in (302, 307) for call in ("token", "get")),
]


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize(("scheme", "status", "call"), MATRIX)
async def test_no_redirect_is_followed(
    scheme: str,
    status: int,
    call: str,
    leak: LeakServer,
    connect: Connect,
) -> None:
    location = ""

    def handle(request: Request) -> bytes:
        if request.path.endswith("/auth/token") and call != "token":
            return token_reply(TOKEN)
        link = f"Link: <{location}>; rel=next"
        headers = (f"Location: {location}", f"Content-Location: {location}", link)
        return raw_reply(status, b"", *headers, f"Refresh: 0; url={location}")

    tls = leak.server_context() if scheme == "https" else None
    async with serving(handle, tls=tls) as server:
        for form in FORMS:
            location = form_of(form, leak, server.port)
            client = connect(
                f"{server.origin}/api/v1", CREDENTIALS, policy=RetryPolicy(max_attempts=1)
            )
            before = len(server.requests)
            # What cannot be read as a header at all is an answer that was lost.
            with pytest.raises(ApiError):
                await CALLS[call](client)
            assert len(server.requests) - before == (1 if call == "token" else 2), form
    assert leak.heard == []


@pytest.mark.parametrize("form", [*FORMS, *LINES], ids=ascii)
async def test_no_next_page_leads_elsewhere(form: str, leak: LeakServer, connect: Connect) -> None:
    def handle(request: Request) -> bytes:
        if request.path.endswith("/auth/token"):
            return token_reply(TOKEN)
        return reply(200, {"items": [], "nextPage": form_of(form, leak, server.port)})

    async with serving(handle) as server:
        client = connect(f"{server.origin}/api/v1", CREDENTIALS)
        with pytest.raises(OriginRefused):
            await client.webhooks("bot").all()
        assert len(server.requests) == 2
    assert leak.heard == []


async def test_a_link_header_is_no_next_page(leak: LeakServer, connect: Connect) -> None:
    def handle(request: Request) -> bytes:
        if request.path.endswith("/auth/token"):
            return token_reply(TOKEN)
        link = f'Link: <{leak.proxy}/api/v1/bots>; rel="next"'
        return reply(200, {"items": []}, link, "Set-Cookie: session=1; Domain=127.0.0.1; Path=/")

    async with serving(handle) as server:
        client = connect(f"{server.origin}/api/v1", CREDENTIALS)
        for call in ("list", "list"):
            await CALLS[call](client)
        assert not [request for request in server.requests if "cookie" in request.headers]
    assert leak.heard == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "tenant.example"])
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.usefixtures("hostile_environment")
async def test_neither_a_proxy_nor_a_netrc_of_the_environment_has_a_say(
    scheme: str, host: str, leak: LeakServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    if scheme == "http" and host == "tenant.example":
        pytest.skip("a base URL beyond this machine has to be https")
    resolver = Resolver()
    resolver.answers["tenant.example"] = [["127.0.0.1"]]
    monkeypatch.setattr("socket.getaddrinfo", resolver)
    trusting = leak.client_context()
    monkeypatch.setattr("cognitui.cognigy.engine._tls_context", lambda _: trusting)

    def handle(request: Request) -> bytes:
        if request.path.endswith("/auth/token"):
            return token_reply(TOKEN)
        return reply(200, {"items": [], "status": "healthy", "id": "w"})

    tls = leak.server_context() if scheme == "https" else None
    async with serving(handle, tls=tls) as server:
        client = connect(f"{scheme}://{host}:{server.port}/api/v1", CREDENTIALS)
        await client.webhooks("bot").all()
        await client.create_webhook("bot", WEBHOOK)
        proofs = [request.headers["authorization"] for request in server.requests]
    assert proofs == [f"Basic {PAIR}", *[f"Bearer {TOKEN}"] * 2]
    assert leak.heard == []


@pytest.mark.parametrize("own", ["http", "https"])
async def test_the_other_scheme_at_the_same_port_gets_nothing(
    own: str, leak: LeakServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tenant whose server answers the wrong protocol is not tried with the other one."""
    context: ssl.SSLContext = leak.client_context()
    monkeypatch.setattr("cognitui.cognigy.engine._tls_context", lambda _: context)
    port = leak.ports["https" if own == "http" else "http"]
    client = connect(
        f"{own}://127.0.0.1:{port}/api/v1",
        CREDENTIALS,
        policy=RetryPolicy(max_attempts=1),
        timeouts=Timeouts(connect=0.3, read=0.3, total=0.6),
    )
    with pytest.raises(ApiError):
        await client.authenticate()
    await asyncio.sleep(0)
    assert leak.credentials(SECRETS) == []


async def test_a_link_that_only_looks_absolute_stays_at_home(
    leak: LeakServer, connect: Connect
) -> None:
    def handle(request: Request) -> bytes:
        if request.path.endswith("/auth/token"):
            return token_reply(TOKEN)
        link = f"http:127.0.0.1:{leak.ports['http']}/bots" if len(server.requests) < 3 else None
        return reply(200, {"items": [], "nextPage": link})

    async with serving(handle) as server:
        await connect(f"{server.origin}/api/v1", CREDENTIALS).webhooks("bot").all()
        assert len(server.requests) == 3
    assert leak.heard == []


async def test_what_leaks_would_be_heard(leak: LeakServer) -> None:
    """The tests above are not deaf: a careless client is caught, whatever it sends."""
    for careless in (
        {"headers": {"X-API-Key": "anything"}},
        {"headers": {"Authorization": "anything"}},
        {"headers": {"Cookie": "session=anything"}},
        {"content": f"secret={SIGNING}"},
        {"content": base64.b64encode(SECRET.encode())},
        {"content": TOKEN.encode().hex()},
    ):
        location = f"Location: {leak.proxy}/"
        heard = len(leak.heard)
        async with (
            serving(lambda _, to=location: reply(307, b"", to)) as server,  # type: ignore[misc]
            httpx.AsyncClient(follow_redirects=True, trust_env=False) as client,
        ):
            await client.post(f"{leak.proxy}/", **careless)
            assert len(leak.credentials(SECRETS)) == heard + 1
            await client.post(server.origin)
            assert len(leak.heard) == heard + 2
        leak.heard.pop()
