"""Which network addresses an endpoint check may connect to.

An explicit table, because the flags of ``ipaddress`` miss a third of the addresses that lead to
private places (translation prefixes, tunnels, metadata services).
"""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Reach(StrEnum):
    """Where an address leads."""

    PUBLIC = "public"
    LOOPBACK = "loopback"
    PRIVATE = "private"
    REFUSED = "refused"


def _table(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(word) for word in text.split())


_LOOPBACK = _table("127.0.0.0/8 ::1/128")
_PRIVATE = _table("10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7")
# Link-local, metadata services, reserved, documentation, benchmarking, multicast, retired.
_REFUSED = _table(
    "0.0.0.0/8 169.254.0.0/16 100.100.100.200/32 168.63.129.16/32 192.0.0.0/24 192.0.2.0/24 "
    "192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 "
    "::/128 fd00:ec2::254/128 fe80::/10 fec0::/10 ff00::/8 100::/64 2001:db8::/32 3fff::/20 "
    "5f00::/16 2001::/23 64:ff9b:1::/48"
)
# Prefixes that carry an IPv4 address, and how far it is shifted.
_CARRIERS = (
    (IPv6Network("::ffff:0:0/96"), 0),
    (IPv6Network("::ffff:0:0:0/96"), 0),
    (IPv6Network("64:ff9b::/96"), 0),
    (IPv6Network("2002::/16"), 80),
    (IPv6Network("::/96"), 0),
)
_ISATAP = 0x5EFE
_IPV4_MASK = 0xFFFFFFFF


def reach_of(text: str) -> Reach:
    """Where an address as the resolver returned it leads.

    Raises:
        ValueError: It is no address.
    """
    outer = ip_address(text.split("%", 1)[0])
    # Both count: a tunnel to a public address may still begin on the local link.
    addresses = {outer, _carried(outer)}
    for networks, reach in (
        (_REFUSED, Reach.REFUSED),
        (_LOOPBACK, Reach.LOOPBACK),
        (_PRIVATE, Reach.PRIVATE),
    ):
        if any(address in network for address in addresses for network in networks):
            return reach
    return Reach.PUBLIC


def _carried(address: Address) -> Address:
    """The IPv4 address inside a translated or tunnelled one; else the address itself."""
    if isinstance(address, IPv4Address) or address in IPv6Network("::/127"):
        return address
    for network, shift in _CARRIERS:
        if address in network:
            return IPv4Address((int(address) >> shift) & _IPV4_MASK)
    if (int(address) >> 32) & 0xFFFF == _ISATAP:
        return IPv4Address(int(address) & _IPV4_MASK)
    return address
