"""Bytes as they are: where they stand, in hex, and as text where they are printable."""

from __future__ import annotations

COLUMNS = 16
DEFAULT_LIMIT = 4096


def hex_dump(body: bytes, limit: int = DEFAULT_LIMIT) -> str:
    """Lines of offset, sixteen bytes in hex, and their printable ASCII; the rest as dots.

    Args:
        body: Any bytes.
        limit: The most bytes shown; a last line says how many more there are.
    """
    shown = body[: max(limit, 0)]
    lines = [_line(at, shown[at : at + COLUMNS]) for at in range(0, len(shown), COLUMNS)]
    if len(body) > len(shown):
        lines.append(f"… {len(body) - len(shown):,} more bytes")
    return "\n".join(lines)


def _line(at: int, row: bytes) -> str:
    half = COLUMNS // 2
    left, right = row[:half].hex(" "), row[half:].hex(" ")
    text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)  # noqa: PLR2004
    return f"{at:08x}  {left:<{3 * half - 1}}  {right:<{3 * half - 1}}  |{text}|"
