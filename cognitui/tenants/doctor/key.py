"""What the token endpoint says to a key: pure functions from its answer to a line."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from cognitui.cognigy.answers import is_success, parse, status_error
from cognitui.cognigy.errors import (
    ApiError,
    Forbidden,
    InvalidAnswer,
    NotFound,
    NotSupported,
    RateLimited,
    ServerError,
    TimedOut,
    TransportError,
    Unauthorized,
    UnexpectedStatus,
)
from cognitui.cognigy.models import Token
from cognitui.network.outcome import Outcome
from cognitui.tenants.doctor.api import is_page
from cognitui.tenants.doctor.key_form import guesses
from cognitui.tenants.doctor.line import Cause, CheckName, Line, shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cognitui.cognigy.answer import Answer
    from cognitui.cognigy.credentials import Credentials
    from cognitui.cognigy.operation import Operation

MAX_PAGE = 65_536
_OTHER_KINDS = (
    "Check both for this tenant. A key of another tenant, of an endpoint, of Voice Gateway or of "
    "the REST API v2.0 is answered the same way."
)


def token_in(answer: Answer, operation: Operation, now: datetime) -> Token:
    """The token.

    Raises:
        ApiError: It is none.
    """
    if not is_success(answer):
        raise status_error(answer, operation, now)
    return parse(Token, answer, operation)


def accepted(token: Token, scopes: Sequence[str]) -> Line:
    """The line for a key that opens the tenant."""
    told = f" for {', '.join(scopes)}" if scopes else ""
    summary = f"accepted; a token of {token.expires_in:,.0f} s{told}"
    return Line(CheckName.KEY, Outcome.OK, shown(summary, 200))


def copied_wrongly(slips: Sequence[str]) -> Line:
    """The line for a key that opens the tenant once it is tidied."""
    return Line(
        CheckName.KEY,
        Outcome.FAIL,
        f"The tenant accepts the key, but not as it is stored here: with {' and '.join(slips)}.",
        "Enter it again without that.",
        cause=Cause.KEY_FORM,
    )


def swapped() -> Line:
    """The line for a pair that opens the tenant the other way round."""
    return Line(
        CheckName.KEY,
        Outcome.FAIL,
        "The tenant accepts the two the other way round.",
        "Enter each in the other's place.",
        cause=Cause.KEY_SWAPPED,
    )


def refused(error: Unauthorized, credentials: Credentials, slips: Sequence[str]) -> Line:
    """The line for a key that opens nothing, with a guess at what it is instead."""
    said = f" The tenant says: {error.tenant_message}" if error.tenant_message else ""
    hints = list(guesses(credentials)) or [_OTHER_KINDS]
    if slips:
        hints.insert(0, f"There is {' and '.join(slips)}, but that alone is not it.")
    return Line(
        CheckName.KEY,
        Outcome.FAIL,
        shown(f"The tenant does not accept the key or the secret.{said}", 300),
        " ".join(hints),
        cause=Cause.KEY,
    )


def failed(name: CheckName, error: ApiError, answer: Answer | None) -> Line:
    """The line for any other way in which a request with a key can fail."""
    summary, hint, cause = error.message, error.hint, _cause_of(error)
    if answer is not None and is_page(answer.headers, answer.body[:MAX_PAGE]):
        cause = Cause.PROXY if answer.status >= HTTPStatus.BAD_REQUEST else Cause.WEB_PAGE
        summary = f"A web page answers instead of the API ({answer.status})."
        hint = "A proxy, gateway or firewall answers for the tenant: tell its operator."
    elif isinstance(error, Forbidden) and name is CheckName.KEY:
        said = f" The tenant says: {error.tenant_message}" if error.tenant_message else ""
        summary = f"The tenant gives no token to this key or to this address (403).{said}"
        hint = "The key may be locked, or only some addresses are let in: ask the administrator."
        cause = Cause.KEY_LOCKED
    elif isinstance(error, InvalidAnswer) and name is CheckName.KEY:
        hint = "Something else answers there: check the base URL."
    return Line(name, Outcome.FAIL, shown(summary, 300), shown(hint), cause=cause)


def _cause_of(error: ApiError) -> Cause:  # noqa: PLR0911 - one for each kind of error
    match error:
        case RateLimited():
            return Cause.RATE
        case Unauthorized():
            return Cause.KEY
        case Forbidden():
            return Cause.KEY_LOCKED
        case ServerError():
            return Cause.FAILING
        case NotFound() | NotSupported():
            return Cause.WRONG_PATH
        case UnexpectedStatus() if error.status < HTTPStatus.BAD_REQUEST:
            return Cause.REDIRECT
        case TimedOut():
            return Cause.NO_ANSWER
        case TransportError():
            return Cause.NO_ANSWER
    return Cause.NOT_THE_API
