"""Random hands type names of machines; nobody is to be asked about them."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

KNOWN = {None, "localhost", "127.0.0.1", "::1"}


def only_this_machine(resolve: Callable[..., Any]) -> Callable[..., Any]:
    """A look-up that knows this machine alone."""

    def resolve_here(host: Any, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in KNOWN:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *args, **options)

    return resolve_here
