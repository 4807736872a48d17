"""Texts as PostgreSQL takes them."""

from __future__ import annotations


def storable(value: str) -> str:
    """The text without zero bytes and half pairs, which are written out in its place."""
    return value.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")
