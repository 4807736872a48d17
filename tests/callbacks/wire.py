"""Requests written by hand onto a socket, and what came back."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import TYPE_CHECKING

from .support import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cognitui.callbacks.compose import Callback
    from cognitui.callbacks.receive import Receiver

OTHER = "another secret of more than thirty-two characters"
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
__all__ = ["OTHER", "SECRET", "WHSEC", "post", "post_raw", "split_answer"]


def post_raw(
    receiver: Receiver, headers: Iterable[tuple[str, str]], body: bytes, path: str = "/callback"
) -> bytes:
    """The whole answer; empty when the connection was closed, an error when it was reset."""
    address = receiver.url.split("/")[2]
    host, _, port = address.partition(":")
    lines = [f"POST {path} HTTP/1.1", f"Host: {address}"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    with closing(socket.create_connection((host, int(port)), 5)) as connection:
        connection.sendall("\r\n".join(lines).encode("utf-8", "surrogateescape") + body)
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk
        return answer


def split_answer(answer: bytes) -> tuple[int, str, bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), head.decode("latin-1").lower(), body


def post(receiver: Receiver, callback: Callback) -> tuple[int, str, bytes]:
    return split_answer(post_raw(receiver, callback.headers, callback.body))
