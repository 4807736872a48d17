"""Sockets of this machine that others may connect to, and who is let in."""

from __future__ import annotations

import errno
import os
import re
import socket

from cognitui.callbacks.errors import ReceiverError
from cognitui.errors import UsageError

HOST = "127.0.0.1"
MAX_PORT = 65_535
_BACKLOG = 128
_LOOPBACK = r"(localhost|127(\.[0-9]{1,3}){3}|%s)"
_HOST = re.compile(_LOOPBACK % "::1", re.IGNORECASE | re.ASCII)
_HEADER = re.compile((_LOOPBACK % r"\[::1\]" + "(:[0-9]{1,5})?").encode(), re.IGNORECASE)


def is_loopback_host(host: str) -> bool:
    """Whether an address is reached from this machine only."""
    return _HOST.fullmatch(host) is not None


def is_loopback_header(hosts: list[bytes]) -> bool:
    """Whether a request's ``Host`` headers name this machine.

    A web page whose name was made to point at this machine still sends its own name.
    """
    return len(hosts) == 1 and _HEADER.fullmatch(hosts[0]) is not None


def listen(port: int, host: str = HOST) -> socket.socket:
    """A socket that listens.

    Args:
        port: The port; 0 for any that is free.
        host: An address of this machine.

    Raises:
        ReceiverError: The port is taken or needs more rights, or the address is not here.
        UsageError: There is no such port.
    """
    if not 0 <= port <= MAX_PORT:
        raise UsageError(f"There is no port {port}.", hint="Use 0 to 65535.", field="port")
    # asyncio turns Nagle's algorithm off only where it is told that this is TCP; with it, every
    # answer would be 40 ms late.
    listener = socket.socket(
        socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )
    try:
        if os.name == "posix":
            # Elsewhere this option would let two programs listen at one port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # Two sockets may be bound to a port, but only one may listen.
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _cannot_listen(host, port, error) from None
    except (ValueError, TypeError):  # letters that no name can have
        listener.close()
        raise UsageError("This is no address of a machine.", field="host") from None
    return listener


def _cannot_listen(host: str, port: int, error: OSError) -> ReceiverError:
    if error.errno == errno.EADDRINUSE:
        return ReceiverError(
            f"Port {port} of {host} is taken by another program.",
            hint="Choose another port, or 0 for any that is free.",
            field="port",
        )
    if error.errno == errno.EACCES:
        return ReceiverError(
            f"Port {port} of {host} needs administrator rights.",
            hint="Choose a port from 1024 up, or 0 for any that is free.",
            field="port",
        )
    return ReceiverError(
        f"Nothing can listen at port {port} of {host}: {error.strerror or type(error).__name__}.",
        hint="Choose another port, or 0 for any that is free; the address must be of this machine.",
        field="port",
    )
