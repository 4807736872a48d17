"""A webhook's secret never travels, and what has to travel goes to the endpoint alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from cognitui.callbacks.burst.burst import Burst
from cognitui.callbacks.burst.plan import BurstPlan
from cognitui.callbacks.burst.request import BurstContent
from cognitui.callbacks.compose import compose
from cognitui.callbacks.forward import Forwarder
from cognitui.callbacks.schemes.ready import BASIC, COGNIGY, JAMBONZ, KEY, STANDARD, TRANSITIONAL
from cognitui.callbacks.send import CallbackSender
from cognitui.callbacks.tamper.probe import probe
from cognitui.cognigy.models import TriggerEvent
from cognitui.webhooks.endpoint import check_endpoint
from tests.support.leak_server import LeakServer, leaking, spellings
from tests.support.resolver import Resolver
from tests.support.servers import reply, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from cognitui.callbacks.received import Forwarded
    from cognitui.callbacks.schemes.scheme import Scheme

SECRET = "whsec_dGhlIHNpZ25pbmcgc2VjcmV0IG9mIHRoZSB3ZWJob29r"
SIGNED = (COGNIGY, STANDARD, TRANSITIONAL, JAMBONZ)
STATIC = (BASIC, KEY)
REDIRECTS = (301, 302, 303, 307, 308)


@pytest.fixture
async def leak(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LeakServer]:
    """Every proxy in the environment is the leak server."""
    async with leaking() as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, server.proxy)
            monkeypatch.setenv(name.lower(), server.proxy)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "")
        resolver = Resolver()
        resolver.answers["hooks.example"] = [["127.0.0.1"]]
        monkeypatch.setattr("socket.getaddrinfo", resolver)
        yield server


async def send(url: str, scheme: Scheme) -> None:
    event = TriggerEvent.ON_MESSAGE
    callback = compose(event=event, skill_id="s", secret=SecretStr(SECRET), scheme=scheme)
    async with CallbackSender() as sender:
        await sender.send(url, callback)


async def attack(url: str, scheme: Scheme) -> None:
    await probe(url, scheme, SecretStr(SECRET), allow_elsewhere=True)


async def burst(url: str, scheme: Scheme, *, apart: bool = False) -> None:
    running = Burst(
        url,
        BurstPlan(2),
        BurstContent(TriggerEvent.ON_MESSAGE, "s"),
        secret=SecretStr(SECRET),
        scheme=scheme,
        confirmed_host="hooks.example",
        apart=apart,
    )
    await running.run()


async def burst_apart(url: str, scheme: Scheme) -> None:
    await burst(url.replace("hooks.example", "127.0.0.1"), scheme, apart=True)


async def forward(url: str, scheme: Scheme) -> None:
    ended: asyncio.Future[Forwarded] = asyncio.get_running_loop().create_future()
    event = TriggerEvent.ON_MESSAGE
    callback = compose(event=event, skill_id="s", secret=SecretStr(SECRET), scheme=scheme)
    headers = [(name.lower().encode(), value.encode()) for name, value in callback.headers]
    forwarder = Forwarder(url, anywhere=True)
    forwarder.report_to(lambda _number, outcome: ended.set_result(outcome))
    forwarder.submit(1, headers, callback.body)
    await ended


async def check(url: str, _scheme: Scheme) -> None:
    await check_endpoint(url)


WAYS: dict[str, Callable[[str, Scheme], Awaitable[None]]] = {
    "send": send,
    "probe": attack,
    "burst": burst,
    "burst apart": burst_apart,
    "forward": forward,
    "check": check,
}


@pytest.mark.parametrize("scheme", [*SIGNED, *STATIC], ids=lambda scheme: scheme.id)
@pytest.mark.parametrize("way", WAYS)
async def test_nobody_else_hears_of_a_callback(way: str, scheme: Scheme, leak: LeakServer) -> None:
    if way == "probe" and scheme in STATIC:
        pytest.skip("a probe attacks signatures")
    statuses = iter(REDIRECTS * 100)

    def redirect(_: object) -> bytes:
        location = f"{leak.proxy}/hook?secret={SECRET}"
        return reply(next(statuses), b"", f"Location: {location}", f"Refresh: 0; url={location}")

    async with serving(redirect) as server:
        for _ in REDIRECTS:
            await WAYS[way](f"http://hooks.example:{server.port}/hook", scheme)
        assert server.requests
        whole = [repr(request).encode() for request in server.requests]
    assert leak.heard == []
    if scheme in SIGNED:
        assert not [one for one in whole for mark in spellings(SECRET) if mark in one]
    elif way != "check":
        assert all(any(mark in one for mark in spellings(SECRET)) for one in whole)
