"""Why a host is not connected to."""

from __future__ import annotations

from cognitui.errors import CognituiError, ErrorKind


class AddressRefused(CognituiError):
    """A host leads to an address that nothing is ever sent to; no connection was made."""

    code = "address_refused"


class UnknownHost(CognituiError):
    """No address is known for a host."""

    code = "no_such_host"
    kind = ErrorKind.UNREACHABLE
