"""From an answer that says no to an error that says what to do: pure functions."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from cognitui.cognigy.errors import (
    BadRequest,
    Forbidden,
    InvalidAnswer,
    LimitReached,
    NotFound,
    NotSupported,
    RateLimited,
    ServerError,
    StatusError,
    Unauthorized,
    UnexpectedStatus,
)
from cognitui.cognigy.retry import parse_retry_after

if TYPE_CHECKING:
    from datetime import datetime

    from cognitui.cognigy.answer import Answer
    from cognitui.cognigy.operation import Operation

T = TypeVar("T", bound=BaseModel)

MAX_WORDS = 300
SHORTEST_SECRET = 8
# What a terminal obeys, what turns text around, and halves of characters that cannot be printed.
_CONTROLS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+"
)
_SCOPE = re.compile(r"\b(?:bot:read|bot:write|webhook:manage)\b")
_COUNT = re.compile(r"\b(\d{1,6})\s*/\s*(\d{1,6})\b")
OK, MULTIPLE_CHOICES, SERVER_ERRORS = 200, 300, 500


def is_success(answer: Answer) -> bool:
    """Whether the status is a 2xx."""
    return OK <= answer.status < MULTIPLE_CHOICES


def parse(model: type[T], answer: Answer, operation: Operation) -> T:
    """The answer's body as a model.

    Raises:
        InvalidAnswer: It is not JSON, or not of that shape.
    """
    try:
        return model.model_validate_json(answer.body)
    except ValidationError as error:
        failure = _unreadable(error, answer, operation)
    # Raised here, so that it brings no frame along that holds the body, which may hold a token.
    raise failure


def status_error(answer: Answer, operation: Operation, now: datetime) -> StatusError:  # noqa: PLR0911
    """The typed error for an answer that is not a 2xx."""
    status = answer.status
    problem = _Problem.read(answer.body, operation)
    words, what = problem.message, f"{operation.method} {operation.path}"
    said = f" The tenant says: {words}" if words else ""
    if status in {400, 409, 422}:
        return _refused(status, problem, what)
    if status == HTTPStatus.UNAUTHORIZED:
        return Unauthorized(
            f"The tenant did not accept the key or the secret.{said}",
            status=status,
            tenant_message=words,
            hint="Check both for this tenant; a key of another tenant or kind answers the same.",
        )
    if status == HTTPStatus.FORBIDDEN:
        scope = _scope_in(words) or operation.scope
        return Forbidden(
            f"The key lacks the scope {scope}, which {what} needs.",
            scope=scope,
            status=status,
            tenant_message=words,
            hint=f"Let the tenant's administrator add {scope} to the key, or use another key.",
        )
    if status == HTTPStatus.NOT_FOUND:
        return NotFound(
            f"The tenant knows nothing at {operation.path}.{said}",
            status=status,
            tenant_message=words,
            hint="Check the id and the bot it belongs to; or the key may not be allowed to see it.",
        )
    if status in {405, 501}:
        return NotSupported(
            f"This tenant does not offer {what}.", status=status, tenant_message=words
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return rate_limited(parse_retry_after(answer.headers.get("retry-after"), now), words)
    if status >= SERVER_ERRORS:
        return ServerError(
            f"The tenant failed with {status} at {what}.{said}",
            status=status,
            tenant_message=words,
            hint="Nothing is wrong on this side. Try again, and look at the bot's status.",
        )
    return _unexpected(answer, what, words)


def rate_limited(retry_after_s: float | None, words: str = "") -> RateLimited:
    """The error for a key whose requests of this minute are used up."""
    when = "in a minute" if retry_after_s is None else f"in {retry_after_s:.0f} s"
    return RateLimited(
        f"The key's requests of this minute are used up; try again {when}.",
        retry_after_s=retry_after_s,
        tenant_message=words,
        hint="Another program that uses the same key counts too.",
    )


class _Problem:
    """What a tenant's error body says, in whichever of the common shapes it came."""

    def __init__(self, code: str, message: str, field: str | None) -> None:
        self.code = code
        self.message = message
        self.field = field

    @classmethod
    def read(cls, body: bytes, operation: Operation) -> _Problem:
        try:
            data = json.loads(body[:65536])
        except (ValueError, RecursionError):
            return cls("", "", None)
        inner = data.get("error", data) if isinstance(data, dict) else {}
        if isinstance(inner, str):
            inner = {"message": inner}
        if not isinstance(inner, dict):
            return cls("", "", None)
        message = _first_text(inner, "message", "detail", "title", "error_description")
        field = _first_text(inner, "field") or _first_text(_first_detail(inner), "field")
        return cls(
            _first_text(inner, "code"),
            _harmless(message, operation),
            _harmless(field, operation) or None,
        )


def _first_detail(inner: dict[str, Any]) -> dict[str, Any]:
    details = inner.get("details")
    if isinstance(details, list) and details and isinstance(details[0], dict):
        return details[0]
    return {}


def _first_text(mapping: dict[str, Any], *names: str) -> str:
    return next((v for n in names if isinstance(v := mapping.get(n), str) and v), "")


def _harmless(text: str, operation: Operation) -> str:
    """Tenant's words without what we sent in confidence, control characters or excess."""
    for secret in operation.secrets:
        value = secret.get_secret_value()
        # Shorter ones are words: to blot out every "key" would say more than it hides.
        if len(value) >= SHORTEST_SECRET:
            text = text.replace(value, "[secret]")
    text = _CONTROLS.sub(" ", text).strip()
    return text if len(text) <= MAX_WORDS else text[:MAX_WORDS] + "…"


def _refused(status: int, problem: _Problem, what: str) -> StatusError:
    words = problem.message
    if "limit" in problem.code.lower():
        count = _COUNT.search(words)
        used = f" ({count[1]}/{count[2]})" if count else ""
        return LimitReached(
            f"The bot cannot take another webhook{used}.",
            status=status,
            tenant_message=words,
            hint="Delete a webhook that is no longer needed, or use another bot.",
        )
    where = f" in {problem.field}" if problem.field else ""
    return BadRequest(
        f"The tenant refused the request{where}: {words}" if words
        else f"The tenant refused {what} with {status} and did not say why.",
        status=status,
        tenant_message=words,
        field=problem.field,
        hint=f"Correct {problem.field} and send it again." if problem.field else "",
    )  # fmt: skip


def _scope_in(words: str) -> str | None:
    match = _SCOPE.search(words)
    return match[0] if match else None


def _unexpected(answer: Answer, what: str, words: str) -> UnexpectedStatus:
    if MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        return UnexpectedStatus(
            f"The tenant redirects {what} elsewhere; that was not followed.",
            status=answer.status,
            hint="Check the base URL: it must be the API's own, ending in /api/v1.",
        )
    return UnexpectedStatus(
        f"The tenant answered {what} with {answer.status}, which this API does not speak of.",
        status=answer.status,
        tenant_message=words,
    )


def _unreadable(error: ValidationError, answer: Answer, operation: Operation) -> InvalidAnswer:
    content_type = answer.headers.get("content-type", "").split(";")[0].strip().lower()[:60]
    what = f"{operation.method} {operation.path}"
    if content_type == "text/html":
        return InvalidAnswer(
            f"{what} was answered with a web page instead of JSON.",
            hint="The base URL probably points at the user interface; the API ends in /api/v1.",
        )
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])[:80]
    if first["type"] == "json_invalid":
        return InvalidAnswer(f"The answer to {what} is not valid JSON ({len(answer.body)} bytes).")
    return InvalidAnswer(
        f"The answer to {what} does not have the expected shape: {where or 'it'} is wrong.",
        hint="The tenant may be newer or older than this program.",
    )
