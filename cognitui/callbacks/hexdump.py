"""Bytes as they are: where they stand, in hex, and as text where they are printable."""

from __future__ import annotations

COLUMNS = 16
DEFAULT_LIMIT = 4096


def hex_dump(body: bytes, limit: int = DEFAULT_LIMIT, *, columns: int = COLUMNS) -> str:
    """Lines of offset, bytes in hex, and their printable ASCII; the rest as dots.

    Args:
        body: Any bytes.
        limit: The most bytes shown; a last line says how many more there are.
        columns: Bytes in a line. With 16 it is 78 characters wide, with 8 it is 45.
    """
    shown = body[: max(limit, 0)]
    lines = [_line(at, shown[at : at + columns], columns) for at in range(0, len(shown), columns)]
    if len(body) > len(shown):
        lines.append(f"… {len(body) - len(shown):,} more bytes")
    return "\n".join(lines)


def _line(at: int, row: bytes, columns: int) -> str:
    half = columns // 2
    left, right = row[:half].hex(" "), row[half:].hex(" ")
    text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)  # noqa: PLR2004
    return f"{at:08x}  {left:<{3 * half - 1}}  {right:<{3 * half - 1}}  |{text}|"
