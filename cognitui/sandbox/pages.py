"""Lists in pages: a cursor that says after which item the next page begins."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from starlette.responses import JSONResponse

from cognitui.sandbox.answers import ApiProblem
from cognitui.sandbox.config import LOOPBACK_HOSTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

MAX_LIMIT = 25

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_AFTER, _AFTER_GAP = "after", "after-gap"


class Listed(Protocol):
    """What can be in a list."""

    @property
    def seq(self) -> int:
        """Its place in the order."""
        ...

    def as_wire(self) -> dict[str, Any]:
        """How it is shown."""
        ...


def page(request: Request, items: Iterable[Listed], page_size: int) -> JSONResponse:
    """The page of a list that a request asks for.

    Raises:
        ApiProblem: 400 when the cursor or the limit cannot be read.
    """
    after = _read_cursor(request.query_params.get("cursor"))
    limit = _read_limit(request.query_params.get("limit"), page_size)
    rest = [item for item in sorted(items, key=lambda item: item.seq) if item.seq > after]
    shown = rest[:limit]
    following = None
    if len(rest) > limit:
        query = {"cursor": _cursor(_AFTER, shown[-1].seq)}
        if "limit" in request.query_params:
            query["limit"] = str(limit)
        following = f"{origin(request)}{request.url.path}?{urlencode(query)}"
    return JSONResponse({"items": [item.as_wire() for item in shown], "nextPage": following})


def origin(request: Request) -> str:
    """The start of links to this server, under the name that the client knows it by."""
    host = request.headers.get("host", "")
    name = host.rsplit(":", 1)[0].strip("[]").lower()
    if name not in LOOPBACK_HOSTS:
        address, port = request.scope["server"]
        host = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    return f"http://{host}"


def gap_before(request: Request) -> str | None:
    """The link from an empty page to the one that was asked for.

    ``None`` when the request already comes from such a page. The cursor itself tells, because a
    client may take no more than that from a link.
    """
    word, seq = _parse_cursor(request.query_params.get("cursor"))
    if word == _AFTER_GAP:
        return None
    query = {**request.query_params, "cursor": _cursor(_AFTER_GAP, seq)}
    return f"{origin(request)}{request.url.path}?{urlencode(query)}"


def _cursor(word: str, seq: int) -> str:
    return base64.urlsafe_b64encode(f"{word}:{seq}".encode()).decode().rstrip("=")


def _read_cursor(text: str | None) -> int:
    word, seq = _parse_cursor(text)
    if word not in {_AFTER, _AFTER_GAP}:
        raise ApiProblem(
            400, "invalid_cursor", "The cursor is not one of this list.", field="cursor"
        )
    return seq


def _parse_cursor(text: str | None) -> tuple[str, int]:
    if text is None:
        return _AFTER, -1
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        word, _, number = decoded.partition(":")
        return word, int(number)
    except ValueError:
        return "", -1


def _read_limit(text: str | None, page_size: int) -> int:
    if text is None:
        return page_size
    if not _NUMBER.fullmatch(text):
        raise ApiProblem(
            400, "validation_failed", "limit must be a whole number from 1.", field="limit"
        )
    return min(int(text), MAX_LIMIT)
