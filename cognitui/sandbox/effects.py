"""What each kind of fault does to a request."""

from __future__ import annotations

import asyncio
import json
import math
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from cognitui.sandbox.answers import ApiProblem
from cognitui.sandbox.config import API_PREFIX
from cognitui.sandbox.pages import gap_before, origin

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Message, Send

    from cognitui.sandbox.exchange import Exchange
    from cognitui.sandbox.faults import Fault

    Effect = Callable[[Fault, Exchange, ASGIApp], Awaitable[None]]

DEFAULT_SLOW_S = 2.0
DEFAULT_HUGE = 64 << 20
CHUNK = b" " * 65_536
FOREIGN_PATH = "/elsewhere"

_STATUS_ERRORS = {
    401: ("token_invalid", "The bearer token is not accepted."),
    403: ("forbidden", "The tenant does not allow this."),
    429: ("rate_limit_exceeded", "Too many requests."),
    500: ("internal_error", "The tenant failed."),
    502: ("bad_gateway", "The bot engine gave no answer that can be used."),
    503: ("unavailable", "The bot engine is locked during configuration."),
    504: ("gateway_timeout", "The bot engine did not answer in time."),
}


async def strike(fault: Fault, exchange: Exchange, app: ASGIApp) -> None:
    """Serve a request the way a fault wants it."""
    if fault.status is not None:
        await _refuse(fault, exchange)
    else:
        await _EFFECTS[fault.kind](fault, exchange, app)


def slowed(send: Send, seconds: float | None) -> Send:
    """The way back to the client with a wait before the answer; the request has taken effect."""

    async def delayed(message: Message) -> None:
        if message["type"] == "http.response.start":
            await asyncio.sleep(DEFAULT_SLOW_S if seconds is None else seconds)
        await send(message)

    return delayed


async def _refuse(fault: Fault, exchange: Exchange) -> None:
    status = fault.status or 500
    code, message = _STATUS_ERRORS.get(status, ("server_error", "The tenant failed."))
    headers = {}
    if status == HTTPStatus.TOO_MANY_REQUESTS or fault.seconds is not None:
        headers["Retry-After"] = str(1 if fault.seconds is None else math.ceil(fault.seconds))
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="sandbox"'
    await _respond(exchange, ApiProblem(status, code, message, headers=headers).response())


async def _hang(fault: Fault, exchange: Exchange, _app: ASGIApp) -> None:
    try:
        async with asyncio.timeout(fault.seconds):
            await exchange.hung_up()
    except TimeoutError:
        await exchange.drop()


async def _cut(fault: Fault, exchange: Exchange, app: ASGIApp) -> None:
    whole = await exchange.capture(app)
    length = max(len(whole.body), 1)
    headers = [pair for pair in whole.headers if pair[0] != b"content-length"]
    headers.append((b"content-length", str(length).encode()))
    sent = length // 2 if fault.bytes is None else min(fault.bytes, length - 1)
    await exchange.begin(whole.status, headers)
    part = {"type": "http.response.body", "body": whole.body[:sent], "more_body": True}
    await exchange.send(part)
    await exchange.drop()


async def _lost_answer(_fault: Fault, exchange: Exchange, app: ASGIApp) -> None:
    await exchange.capture(app)
    await exchange.drop()


async def _content_type(_fault: Fault, exchange: Exchange, _app: ASGIApp) -> None:
    page = "<!doctype html><title>Sign in</title><p>Please sign in to the guest network.</p>"
    await _respond(exchange, HTMLResponse(page))


async def _huge(fault: Fault, exchange: Exchange, _app: ASGIApp) -> None:
    """Valid JSON without a declared length: only counting helps against it."""
    left = DEFAULT_HUGE if fault.bytes is None else fault.bytes
    await exchange.begin(200, [(b"content-type", b"application/json")])
    while left > 0:
        chunk = CHUNK[:left]
        left -= len(chunk)
        await exchange.send({"type": "http.response.body", "body": chunk, "more_body": True})
        # Without this a client that hung up would be noticed only at the end.
        await asyncio.sleep(0)
    end = json.dumps({"items": [], "nextPage": None}).encode()
    await exchange.send({"type": "http.response.body", "body": end})


async def _redirect(fault: Fault, exchange: Exchange, _app: ASGIApp) -> None:
    target = fault.to or _foreign(exchange)
    await _respond(exchange, Response(status_code=307, headers={"Location": target}))


async def _foreign_page(fault: Fault, exchange: Exchange, app: ASGIApp) -> None:
    await _with_next_page(exchange, app, fault.to or _foreign(exchange))


async def _loop_page(_fault: Fault, exchange: Exchange, app: ASGIApp) -> None:
    await _with_next_page(exchange, app, _self_link(exchange))


async def _empty_page(_fault: Fault, exchange: Exchange, app: ASGIApp) -> None:
    """An empty page goes before the real one, which its cursor leads to."""
    following = gap_before(Request(exchange.scope))
    if following is None:
        await app(exchange.scope, exchange.receive, exchange.send)
    else:
        await _with_next_page(exchange, app, following, emptied=True)


async def _with_next_page(
    exchange: Exchange, app: ASGIApp, link: str, *, emptied: bool = False
) -> None:
    whole = await exchange.capture(app)
    if whole.status == HTTPStatus.OK:
        data = json.loads(whole.body)
        data["nextPage"] = link
        if emptied:
            data["items"] = []
        whole.body = json.dumps(data, separators=(",", ":")).encode()
    await exchange.answer(whole)


def _self_link(exchange: Exchange) -> str:
    request = Request(exchange.scope)
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{origin(request)}{request.url.path}{query}"


def _foreign(exchange: Exchange) -> str:
    """This server under another name: another origin to a client, but the ledger sees it."""
    port = exchange.scope["server"][1]
    name = Request(exchange.scope).headers.get("host", "")
    other = "127.0.0.1" if name.startswith("localhost") else "localhost"
    below = exchange.scope["path"].removeprefix(API_PREFIX)
    return f"http://{other}:{port}{FOREIGN_PATH}{below}"


async def _respond(exchange: Exchange, response: Response) -> None:
    await response(exchange.scope, exchange.receive, exchange.send)


_EFFECTS: dict[str, Effect] = {
    "hang": _hang,
    "cut": _cut,
    "content-type": _content_type,
    "huge": _huge,
    "redirect": _redirect,
    "foreign-page": _foreign_page,
    "loop-page": _loop_page,
    "empty-page": _empty_page,
    "lost-answer": _lost_answer,
}
