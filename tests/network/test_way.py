"""The way to a host, stage by stage, as two different checks walk it."""

from __future__ import annotations

import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import trustme

from cognitui.network.exchange import MAX_BODY, Request
from cognitui.network.outcome import Outcome
from cognitui.network.stage import Cause, WayBlockedError
from cognitui.network.way import Way
from tests.support.servers import reply, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.servers import Server

HUSH = "a-secret-header"
AUTHORITY = trustme.CA()


@asynccontextmanager
async def secured(*names: str) -> AsyncIterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(*names).configure_cert(context)
    async with serving(lambda _: reply(200, b"x" * 2 * MAX_BODY), context) as server:
        yield server


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = ssl.create_default_context

    def with_ours() -> ssl.SSLContext:
        context = genuine()
        AUTHORITY.configure_trust(context)
        return context

    monkeypatch.setattr(ssl, "create_default_context", with_ours)


@pytest.mark.usefixtures("trusting")
async def test_each_stage_is_walked_and_noted_by_itself() -> None:
    async with secured("127.0.0.1") as server:
        way = Way(f"{server.origin}/x", 5.0)
        origin = way.parse()
        addresses = await way.resolve(origin)
        connection = await way.open(origin, addresses)
        assert [stage.name for stage in way.stages] == ["url", "dns", "policy", "tcp"]
        assert way.days_left() is None
        await way.secure(connection, origin, addresses)
        assert way.certificate is not None
        assert way.expires_soon is False
        request = Request("GET", "/x", (("X-Key", HUSH),), reads_body=True)
        answer = await way.exchange(connection, origin, request)
    assert [stage.name for stage in way.stages][-2:] == ["tls", "http GET"]
    assert all(stage.outcome is Outcome.OK for stage in way.stages)
    assert len(answer.body) == MAX_BODY  # and no more was kept
    assert HUSH not in repr(request) + repr(way.stages)
    assert server.requests[0].headers["x-key"] == HUSH


async def test_who_is_not_trusted_is_told_apart_from_who_speaks_no_tls() -> None:
    async with secured("127.0.0.1") as server:
        way = Way(server.origin, 5.0)
        origin = way.parse()
        addresses = await way.resolve(origin)
        with pytest.raises(WayBlockedError) as stop:
            await way.connect(origin, addresses)
        assert stop.value.cause is Cause.CERTIFICATE
        assert await way.speaks_tls(origin, addresses)
        assert server.requests == []
    async with serving(lambda _: reply(200)) as server:
        plain = Way(server.origin, 0.2)
        origin = plain.parse()
        assert not await plain.speaks_tls(origin, await plain.resolve(origin))
