"""From a host to the addresses that may be connected to: looked up once, and every one checked.

Whoever connects uses an address from here and not the name: asked again, a name server may give
another answer than the one that was checked. What is written in the URL does not count either,
since resolvers read ``2130706433`` and ``0x7f.1`` as addresses.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.cognigy.origin import Origin
from cognitui.errors import CognituiError
from cognitui.network.addresses import Reach, reach_of
from cognitui.network.errors import AddressRefused, UnknownHost
from cognitui.network.means import in_daemon_thread

if TYPE_CHECKING:
    from collections.abc import Iterable


REMARK_S = 2.0


@dataclass(frozen=True, slots=True)
class Resolved:
    """An address of a host that may be connected to.

    Attributes:
        address: An IPv4 or IPv6 address, which no resolver has to be asked about again.
        reach: Where it leads; never `Reach.REFUSED`.
    """

    address: str
    port: int
    reach: Reach


async def resolve(host: str, port: int) -> list[Resolved]:
    """The addresses of a host, the preferred first.

    Args:
        host: A name or an address, without brackets.
        port: The port that is going to be connected to.

    Raises:
        AddressRefused: One of them is for no endpoint. The others do not count then: whoever
            points a name there does not get to choose.
        UnknownHost: There are none.
    """
    found = await _look_up(host, port)
    resolved = [Resolved(address, port, reach_at(address)) for address in found]
    refused = next((each for each in resolved if each.reach is Reach.REFUSED), None)
    if refused is not None:
        leads = "" if refused.address == host else f" leads to {refused.address}, which"
        raise AddressRefused(
            f"{host}{leads} is an address that nothing is sent to.",
            hint="Link-local, metadata and reserved addresses are never connected to.",
            field="url",
        )
    return resolved


def remark_on(addresses: Iterable[Resolved]) -> str:
    """What a person should know about where these lead; empty when nothing."""
    private = next((each for each in addresses if each.reach is Reach.PRIVATE), None)
    return f"{private.address} is in a private network." if private is not None else ""


async def remark_about(url: str) -> str:
    """What a person should know before anything is sent to a URL; empty when nothing.

    What is wrong with the URL, or why it is refused, is for whoever sends to tell. Nobody waits
    long for a remark: a resolver that hangs makes none.
    """
    try:
        origin = Origin.of(url)
        async with asyncio.timeout(REMARK_S):
            return remark_on(await resolve(origin.host, origin.port))
    except (CognituiError, ValueError, TimeoutError):
        return ""


async def lookup(host: str, port: int) -> list[str]:
    """The addresses of a host, in the resolver's order, whatever they lead to.

    Only what is an address as it stands is taken for one; a resolver that hangs is left alone, and
    holds up neither other work nor the program's end.

    Raises:
        OSError: There is no such host.
        UnicodeError: It cannot be the name of one.
    """
    if is_address(host):
        await asyncio.sleep(0)  # so that whoever is cancelled never goes on to connect
        return [str(ipaddress.ip_address(host))]

    def ask() -> list[str]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    return await in_daemon_thread(ask)


async def _look_up(host: str, port: int) -> list[str]:
    try:
        found = await lookup(host, port)
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise UnknownHost(
            f"There is no host called {host}.",
            hint="Check the spelling, or the DNS of this machine.",
            field="url",
        )
    return found


def is_address(host: str) -> bool:
    """Whether a host is an address as it stands, which no resolver is asked about."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def reach_at(address: str) -> Reach:
    """Where an address of a resolver's leads; one that is none is refused."""
    try:
        return reach_of(address)
    except ValueError:
        return Reach.REFUSED  # a resolver that answers with something else is not believed
