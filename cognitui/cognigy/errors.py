"""Everything that can go wrong between cognitui and a tenant.

::

    CognituiError
    └── ApiError
        ├── TransportError        no answer
        │   ├── ConnectFailed       the request never left
        │   ├── TlsFailed           the tenant's certificate was not accepted
        │   ├── AnswerLost          the request left, the answer did not arrive
        │   ├── TimedOut            … within the time allowed
        │   └── ClientClosed        nobody asks any more: the client was closed
        ├── StatusError           an answer that says no
        │   ├── BadRequest          400, 422
        │   ├── LimitReached        400, 409: no room for another webhook
        │   ├── Unauthorized        401
        │   ├── Forbidden           403, with the missing scope
        │   ├── NotFound            404
        │   ├── NotSupported        405, 501: this tenant has no such call
        │   ├── RateLimited         429, with retry_after_s
        │   ├── ServerError         5xx
        │   └── UnexpectedStatus    anything else, redirects among them
        ├── InvalidAnswer         an answer that cannot be read
        ├── OriginRefused         a link that leads away from the tenant, or in a circle
        ├── CircuitOpen           not asked, because the tenant keeps failing
        └── CreateUnconfirmed     a create whose outcome nobody knows
"""

from __future__ import annotations

from typing import ClassVar

from cognitui.errors import CognituiError, ErrorKind


class ApiError(CognituiError):
    """A call to the tenant did not do what was asked."""

    code: ClassVar[str] = "api"


class TransportError(ApiError):
    """The tenant gave no answer."""

    code = "transport"
    kind = ErrorKind.UNREACHABLE


class ConnectFailed(TransportError):
    """No connection came about; the request was never sent."""

    code = "connect_failed"


class TlsFailed(TransportError):
    """The tenant's certificate was not accepted; nothing was sent."""

    code = "tls_failed"


class AnswerLost(TransportError):
    """The request was sent and the connection ended before the answer did."""

    code = "answer_lost"


class TimedOut(AnswerLost):
    """The request was sent and no whole answer came in time."""

    code = "timeout"


class ClientClosed(TransportError):
    """The client was closed, perhaps between two attempts; this one was not made."""

    code = "client_closed"


class StatusError(ApiError):
    """The tenant answered with a status that says no.

    Attributes:
        status: The HTTP status.
        tenant_message: The tenant's own words, made safe to show; empty when it gave none.
    """

    code = "status"

    def __init__(
        self,
        message: str,
        *,
        status: int,
        tenant_message: str = "",
        hint: str = "",
        field: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, field=field)
        self.status = status
        self.tenant_message = tenant_message


class BadRequest(StatusError):
    """The tenant does not accept what was sent; ``field`` names the part when it said so."""

    code = "bad_request"


class LimitReached(StatusError):
    """The bot holds as many webhooks as it may."""

    code = "limit_reached"


class Unauthorized(StatusError):
    """The key, the secret or the token was not accepted."""

    code = "unauthorized"
    kind = ErrorKind.UNREACHABLE


class Forbidden(StatusError):
    """The key lacks a scope.

    Attributes:
        scope: The scope that is missing, as far as known.
    """

    code = "forbidden"
    kind = ErrorKind.UNREACHABLE

    def __init__(
        self, message: str, *, scope: str, status: int, tenant_message: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, status=status, tenant_message=tenant_message, hint=hint)
        self.scope = scope


class NotFound(StatusError):
    """There is no such thing on this tenant, or the key may not see it."""

    code = "not_found"


class NotSupported(StatusError):
    """This tenant does not offer the call."""

    code = "not_supported"


class RateLimited(StatusError):
    """The key's requests of this minute are used up.

    Attributes:
        retry_after_s: Seconds until another request is welcome; ``None`` when nobody knows.
    """

    code = "rate_limited"
    kind = ErrorKind.UNREACHABLE

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float | None,
        status: int = 429,
        tenant_message: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message, status=status, tenant_message=tenant_message, hint=hint)
        self.retry_after_s = retry_after_s


class ServerError(StatusError):
    """The tenant failed while it worked on the request."""

    code = "server_error"
    kind = ErrorKind.UNREACHABLE


class UnexpectedStatus(StatusError):
    """A status that this API does not speak of."""

    code = "unexpected_status"
    kind = ErrorKind.UNREACHABLE


class InvalidAnswer(ApiError):
    """The tenant's answer cannot be read: not JSON, not the expected shape, or far too long."""

    code = "invalid_answer"
    kind = ErrorKind.UNREACHABLE


class OriginRefused(ApiError):
    """A link in an answer leads to another origin or back to a page already read; not followed."""

    code = "origin_refused"


class CircuitOpen(ApiError):
    """The tenant failed several times in a row and is left alone for a while.

    Attributes:
        retry_after_s: Seconds until it is tried again.
    """

    code = "circuit_open"
    kind = ErrorKind.UNREACHABLE

    def __init__(self, message: str, *, retry_after_s: float, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class CreateUnconfirmed(ApiError):
    """A create was sent and no usable answer came back, so it may or may not have happened.

    Attributes:
        reason: What went wrong with the answer.
    """

    code = "create_unconfirmed"
    kind = ErrorKind.UNREACHABLE

    def __init__(self, message: str, *, reason: ApiError, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.reason = reason
