"""From a host to addresses: what the resolver says counts, and every address is checked."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from pydantic import SecretStr

from cognitui.callbacks.burst.burst import Burst
from cognitui.callbacks.burst.plan import BurstPlan
from cognitui.callbacks.burst.request import BurstContent
from cognitui.callbacks.compose import compose
from cognitui.callbacks.delivery import DeliveryStatus
from cognitui.callbacks.errors import BurstError
from cognitui.callbacks.forward import Forwarder
from cognitui.callbacks.schemes.ready import COGNIGY
from cognitui.callbacks.send import CallbackSender
from cognitui.callbacks.tamper.probe import probe
from cognitui.cognigy.models import TriggerEvent
from cognitui.network.addresses import Reach
from cognitui.network.connecting import at_first
from cognitui.network.errors import AddressRefused, UnknownHost
from cognitui.network.resolve import Resolved, remark_on, resolve
from cognitui.webhooks.endpoint import check_endpoint
from tests.support.listening import listening
from tests.support.resolver import Resolver
from tests.support.servers import Server, reply, serving

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cognitui.callbacks.received import Forwarded

SECRET = SecretStr("a signing secret of 32 characters or more")
METADATA = "169.254.169.254"
# The list of what a guard has to block, with the spellings that resolvers read as addresses.
NEVER = """
169.254.169.254 169.254.1.1 0.0.0.0 100.100.100.200 168.63.129.16 192.0.0.192 192.0.2.1
192.88.99.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255 :: fe80::1
fec0::1 ff02::1 100::1 2001:db8::1 3fff::1 5f00::1 fd00:ec2::254 64:ff9b::a9fe:a9fe
64:ff9b:1::a9fe:a9fe 2002:a9fe:a9fe:: ::ffff:169.254.169.254 ::ffff:a9fe:a9fe ::a9fe:a9fe
::ffff:0:a9fe:a9fe 2600::5efe:a9fe:a9fe
0xa9fea9fe 2852039166 0251.0376.0251.0376 0xa9.0xfe.0xa9.0xfe 169.254.43518
"""
HERE = "127.0.0.1 127.1 0177.0.0.1 2130706433 0x7f.1 0x7f000001 017700000001 ::1 ::ffff:7f00:1"
WIDE_DIGITS = "".join(chr(ord(digit) + 0xFEE0) for digit in "127001")
PRIVATE = "10.0.0.1 172.16.0.1 192.168.1.1 0xa000001 167772161 fd12::1 64:ff9b::a00:1"
PUBLIC = "8.8.8.8 0x8080808 134744072 1.1.1.1 2606:4700:4700::1111 ::ffff:8.8.8.8 64:ff9b::808:808"


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    found = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", found)
    return found


@pytest.mark.parametrize("host", NEVER.split())
async def test_what_is_refused(host: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        await resolve(host, 80)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("host", "reach"),
    [
        *((host, Reach.LOOPBACK) for host in HERE.split()),
        *((host, Reach.PRIVATE) for host in PRIVATE.split()),
        *((host, Reach.PUBLIC) for host in PUBLIC.split()),
    ],
)
async def test_what_is_allowed(host: str, reach: Reach) -> None:
    (found,) = await resolve(host, 80)
    assert found.reach is reach
    assert bool(remark_on([found])) is (reach is Reach.PRIVATE)


async def test_digits_of_another_script_are_what_the_resolver_makes_of_them() -> None:
    dots = [WIDE_DIGITS[:3], WIDE_DIGITS[3], WIDE_DIGITS[4], WIDE_DIGITS[5]]
    (found,) = await resolve(".".join(dots), 80)
    assert found == Resolved("127.0.0.1", 80, Reach.LOOPBACK)


async def test_one_address_that_is_refused_spoils_the_others(resolver: Resolver) -> None:
    resolver.answers["mixed.example"] = [["8.8.8.8", METADATA]]
    with pytest.raises(AddressRefused, match=f"mixed.example leads to {METADATA}"):
        await resolve("mixed.example", 80)


async def test_a_name_that_nobody_knows(resolver: Resolver) -> None:
    resolver.answers["nowhere.example"] = [[]]
    with pytest.raises(UnknownHost):
        await resolve("a" * 80 + ".example", 80)
    with pytest.raises(UnknownHost):
        await resolve("nowhere.example", 80)


# Whoever sends


def callback() -> Any:
    return compose(event=TriggerEvent.ON_MESSAGE, skill_id="s", secret=SECRET)


async def sent(url: str) -> str:
    async with CallbackSender() as sender:
        delivery = await sender.send(url, callback(), timeout_ms=2000)
    assert delivery.status in {DeliveryStatus.BLOCKED, DeliveryStatus.DELIVERED}
    return delivery.attempts[0].error or ""


async def probed(url: str) -> str:
    try:
        card = await probe(url, COGNIGY, SECRET, allow_elsewhere=True)
    except AddressRefused as error:
        return error.message
    return card.control


async def burst(url: str) -> str:
    plan = BurstPlan(1)
    content = BurstContent(TriggerEvent.ON_MESSAGE, "s")
    host = url.split("/")[2].partition(":")[0]
    running = Burst(url, plan, content, secret=SECRET, confirmed_host=host, apart=False)
    try:
        await running.run()
    except BurstError as error:
        return error.message
    return ""


async def forwarded(url: str) -> str:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Forwarded] = loop.create_future()
    forwarder = Forwarder(url, anywhere=True)
    forwarder.report_to(lambda _number, outcome: ended.set_result(outcome))
    forwarder.submit(1, [], b"{}")
    return (await ended).error or ""


SENDERS: dict[str, Callable[[str], Awaitable[str]]] = {
    "send": sent,
    "probe": probed,
    "burst": burst,
    "forward": forwarded,
}


@pytest.mark.parametrize("address", [METADATA, "fe80::1", "64:ff9b::a9fe:a9fe"])
@pytest.mark.parametrize("sender", SENDERS)
async def test_nobody_sends_to_what_is_refused(
    sender: str, address: str, resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*_: object) -> None:
        pytest.fail("a connection was tried")

    resolver.answers["inside.example"] = [[address]]
    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", connect)
    said = await SENDERS[sender]("http://inside.example/latest/meta-data")
    assert f"inside.example leads to {address}, which is an address that nothing is" in said
    assert resolver.asked == ["inside.example"]


@pytest.mark.parametrize("sender", SENDERS)
async def test_a_name_that_changes_after_it_was_checked(sender: str, resolver: Resolver) -> None:
    """The connection goes to the address that was checked; it is not asked for again."""
    resolver.answers["rebind.example"] = [["127.0.0.1"], [METADATA]]
    async with serving(lambda _: reply(200)) as server:
        said = await SENDERS[sender](f"http://rebind.example:{server.port}/hook")
        assert_reached(server)
    if sender == "probe":  # each of its attacks is a connection of its own, and checked anew
        assert f"leads to {METADATA}" in said
        assert resolver.asked == ["rebind.example"] * 2
    else:
        assert said == ""
        assert resolver.asked == ["rebind.example"]


def assert_reached(server: Server) -> None:
    (request,) = server.requests
    assert request.headers["host"] == f"rebind.example:{server.port}"


@pytest.mark.parametrize("sender", SENDERS)
async def test_the_next_address_is_tried(sender: str, resolver: Resolver) -> None:
    resolver.answers["two.example"] = [["127.0.0.9", "127.0.0.1"]]
    async with serving(lambda _: reply(200)) as server:
        await SENDERS[sender](f"http://two.example:{server.port}/hook")
        assert server.requests


@pytest.mark.parametrize("sender", [*SENDERS, "check"])
async def test_an_address_that_never_answers_is_passed_over(
    sender: str, resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = asyncio.SelectorEventLoop.sock_connect

    async def swallow(loop: Any, sock: socket.socket, address: Any) -> None:
        if address[0] == "127.0.0.9":
            await asyncio.Event().wait()
        await connect(loop, sock, address)

    async def checked(url: str) -> str:
        report = await check_endpoint(url)
        return report.summary

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", swallow)
    monkeypatch.setattr("cognitui.network.connecting.PASSED_OVER_S", 0.02)
    monkeypatch.setattr("cognitui.callbacks.pinned.PASSED_OVER_S", 0.02)
    resolver.answers["two.example"] = [["127.0.0.9", "127.0.0.1"]]
    async with serving(lambda _: reply(200)) as server:
        await (SENDERS | {"check": checked})[sender](f"http://two.example:{server.port}/hook")
        assert server.requests


async def test_none_of_several_uses_up_the_time_of_all() -> None:
    async def connect(address: str) -> str:
        if address != "good":
            await asyncio.Event().wait()
        return f"to {address}"

    async with asyncio.timeout(5.0):
        found = await at_first(["dead", "good"], connect, within_s=0.02)
    assert found == ("good", "to good")


async def test_who_answers_wrongly_ends_the_search() -> None:
    tried: list[str] = []

    async def connect(address: str) -> None:
        tried.append(address)
        raise ssl.SSLError("not who it should be")

    with pytest.raises(ssl.SSLError):
        await at_first(["one", "two"], connect)
    assert tried == ["one"]


async def test_a_kept_connection_is_not_another_hosts(resolver: Resolver) -> None:
    """Two names at one address: each gets a connection, and with TLS a certificate, of its own."""
    resolver.answers |= {"one.example": [["127.0.0.1"]], "two.example": [["127.0.0.1"]]}
    authority = trustme.CA()
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("one.example").configure_cert(server_side)
    context = ssl.create_default_context()
    authority.configure_trust(context)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with listening(talk, tls=server_side) as port, CallbackSender(ssl_context=context) as one:
        first = await one.send(f"https://one.example:{port}/", callback())
        second = await one.send(f"https://two.example:{port}/", callback())
    assert first.is_delivered
    assert second.attempts[0].error_code == "tls_failed"
