"""How the API says no, and how it reads what it is sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request


MAX_DETAILS = 50


@dataclass(frozen=True, slots=True)
class Detail:
    """What is wrong with one field."""

    field: str
    message: str


class ApiProblem(Exception):
    """A request that is answered with an error."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        field: str | None = None,
        details: Sequence[Detail] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.details = tuple(details)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    def response(self) -> JSONResponse:
        """The answer as the client gets it."""
        error = {
            "code": self.code,
            "message": self.message,
            "field": self.field,
            "details": [{"field": each.field, "message": each.message} for each in self.details],
            **self.extra,
        }
        return JSONResponse({"error": error}, status_code=self.status, headers=self.headers)


def invalid(details: Sequence[Detail]) -> ApiProblem:
    """A 400 that names every field that is wrong."""
    first = details[0]
    more = len(details) - 1
    tail = f" ({more} more)" if more else ""
    return ApiProblem(
        400,
        "validation_failed",
        f"{first.field}: {first.message}{tail}",
        field=first.field,
        details=details[:MAX_DETAILS],
    )


async def read_json(request: Request) -> dict[str, Any]:
    """The JSON object in the body of a request.

    Raises:
        ApiProblem: 415 when it is not declared as JSON, 400 when it is not a JSON object.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise ApiProblem(
            415,
            "unsupported_media_type",
            f"The body must be application/json, not {kind or 'undeclared'}.",
        )
    try:
        data = json.loads(await request.body(), parse_constant=_no_such_number)
        # What cannot be written again (half a surrogate pair, 1e999) could not be shown either.
        json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise ApiProblem(400, "invalid_json", f"The body is not JSON: {_reason(error)}.") from None
    if not isinstance(data, dict):
        raise ApiProblem(400, "invalid_json", "The body must be a JSON object.")
    return data


def _no_such_number(text: str) -> NoReturn:
    raise ValueError(f"JSON has no {text}")


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno} column {error.colno}"
    if isinstance(error, UnicodeError):
        return "it is not UTF-8"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error)
