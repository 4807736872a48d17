"""Where an address leads, whatever it is wrapped in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.network.addresses import Reach, reach_of

REFUSED = """
0.0.0.0 0.1.2.3 169.254.0.1 169.254.169.254 169.254.255.255 100.100.100.200 168.63.129.16
192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9
224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: fe80::1 fe80::1%eth0 febf::1 fec0::1
ff02::1 ff0e::1 100::1 2001:db8::1 3fff::1 3fff:fff::1 5f00::1 2001::1
2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:10::1 fd00:ec2::254 64:ff9b:1::1
64:ff9b:1:ffff::a9fe:a9fe ::ffff:169.254.169.254 ::ffff:0.0.0.0 ::ffff:0:169.254.169.254
::169.254.169.254 64:ff9b::169.254.169.254 64:ff9b::a9fe:a9fe 64:ff9b::6464:64c8
2002:a9fe:a9fe::1 2002:6464:64c8:: 2600::5efe:169.254.169.254 2600::200:5efe:169.254.169.254
fe80::5efe:8.8.8.8 fe80::200:5efe:808:808
"""
LOOPBACK = """
127.0.0.1 127.0.0.2 127.255.255.254 ::1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:0:127.0.0.1
::127.0.0.1 64:ff9b::127.0.0.1 2002:7f00:1:: 2600::5efe:127.0.0.1
"""
PRIVATE = """
10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 192.168.255.255 100.64.0.1
100.100.100.199 100.127.255.255 fc00::1 fd12:3456:789a::1 ::ffff:10.0.0.1 ::ffff:192.168.1.1
::ffff:0:10.0.0.1 ::10.0.0.1 64:ff9b::10.0.0.1 64:ff9b::c0a8:101 2002:a00:1::
2002:c0a8:0101:1::1 2600::5efe:10.0.0.1 2600::200:5efe:192.168.1.1 fd00::5efe:8.8.8.8
"""
PUBLIC = """
8.8.8.8 1.1.1.1 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1
169.253.255.255 169.255.0.1 172.15.255.255 172.32.0.1 192.0.1.1 192.167.255.255 192.169.0.1
198.17.255.255 198.20.0.1 223.255.255.255 168.63.129.15 2606:4700:4700::1111
2a00:1450:4001:80b::200e 2001:4860:4860::8888 2001:200::1 2003::1 ::ffff:8.8.8.8
::ffff:0:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808::1 2600::5efe:8.8.8.8
"""

TABLE = [
    (address, reach)
    for addresses, reach in (
        (REFUSED, Reach.REFUSED),
        (LOOPBACK, Reach.LOOPBACK),
        (PRIVATE, Reach.PRIVATE),
        (PUBLIC, Reach.PUBLIC),
    )
    for address in addresses.split()
]


@pytest.mark.parametrize(("address", "reach"), TABLE)
def test_reach(address: str, reach: Reach) -> None:
    assert reach_of(address) is reach


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f.1", "2130706433", "1.2.3.4.5"])
def test_what_is_no_address(text: str) -> None:
    """Only what the resolver returned is ever looked at, so other spellings need no guessing."""
    with pytest.raises(ValueError, match="does not appear to be"):
        reach_of(text)


@given(st.ip_addresses(v=4))
def test_no_wrapping_makes_an_address_look_better(inner: object) -> None:
    bare = reach_of(str(inner))
    number = int(inner)  # type: ignore[call-overload]
    high, low = number >> 16, number & 0xFFFF
    wrapped = [
        f"::ffff:{inner}",
        f"::ffff:0:{inner}",
        f"64:ff9b::{inner}",
        f"2002:{high:x}:{low:x}::1",
        f"2600::5efe:{inner}",
    ]
    assert {reach_of(address) for address in wrapped} == {bare}
