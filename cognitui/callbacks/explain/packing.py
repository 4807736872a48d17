"""The body compressed or decompressed, within bounds."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_UNPACKED = 4 * 1024 * 1024
MAX_PACKED = 256 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS
# What the programs write into the head of a gzip file: flags about the effort, and the system.
_HEADS = ((6, 0, 3), (6, 0, 255), (6, 0, 19), (9, 2, 255), (9, 2, 3), (1, 4, 255), (6, 0, 0))


def unpacked(body: bytes) -> Iterator[tuple[str, bytes]]:
    """What the body holds, where it is compressed."""
    for name, bits in (("gzip", _GZIP), ("zlib", zlib.MAX_WBITS), ("deflate", _RAW)):
        machine = zlib.decompressobj(bits)
        try:
            value = machine.decompress(body, MAX_UNPACKED)
        except zlib.error:
            continue
        # A few bytes of anything may begin a stream; only a whole one is meant.
        if machine.eof and value:
            yield name, value


def packed(body: bytes) -> Iterator[bytes]:
    """The body compressed as common programs do it, where the bytes are the same each time."""
    if len(body) > MAX_PACKED:
        return
    tail = zlib.crc32(body).to_bytes(4, "little") + (len(body) & 0xFFFFFFFF).to_bytes(4, "little")
    for level, effort, system in _HEADS:
        machine = zlib.compressobj(level, zlib.DEFLATED, _RAW)
        stream = machine.compress(body) + machine.flush()
        yield bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, effort, system)) + stream + tail
    yield zlib.compress(body)
