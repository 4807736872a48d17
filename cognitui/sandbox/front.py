"""The front of the server: every request is written down, read, and perhaps struck by a fault."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from cognitui.sandbox.answers import ApiProblem
from cognitui.sandbox.config import API_PREFIX
from cognitui.sandbox.effects import slowed, strike
from cognitui.sandbox.exchange import Exchange, read_body
from cognitui.sandbox.ledger import RequestRecord

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from cognitui.sandbox.faults import Fault, FaultBoard
    from cognitui.sandbox.state import Tenant

CONTROL_PREFIX = "/sandbox"


class Front:
    """The outermost ASGI application."""

    def __init__(self, app: ASGIApp, tenant: Tenant, faults: FaultBoard) -> None:
        self._app = app
        self._tenant = tenant
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        record = _record_of(scope)
        scope["sandbox.record"] = record
        if not scope["path"].startswith(CONTROL_PREFIX):
            self._tenant.request_log.add(record)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                record.status = message["status"]
            await send(message)

        try:
            body = await read_body(scope, receive)
        except ApiProblem as problem:
            await problem.response()(scope, receive, answer)
            return
        try:
            await self._serve(Exchange(scope, receive, answer, body), record)
        except asyncio.CancelledError:
            # Only the server cancels a request, when it stops; the connection is gone by then.
            return

    async def _serve(self, exchange: Exchange, record: RequestRecord) -> None:
        due = self._due(exchange.scope)
        record.faults = tuple(fault.kind for fault in due)
        for fault in due:
            if fault.kind == "slow":
                exchange.send = slowed(exchange.send, fault.seconds)
            else:
                await strike(fault, exchange, self._app)
                return
        await self._app(exchange.scope, exchange.receive, exchange.send)

    def _due(self, scope: Scope) -> list[Fault]:
        path: str = scope["path"]
        if path.startswith(CONTROL_PREFIX):
            return []
        in_api = path.startswith(f"{API_PREFIX}/")
        name = path.removeprefix(API_PREFIX) if in_api else path
        return self._faults.due(scope["method"], name.strip("/"), in_api=in_api)


def _record_of(scope: Scope) -> RequestRecord:
    headers = dict(scope["headers"])
    return RequestRecord(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        host=headers.get(b"host", b"").decode("latin-1"),
        time=time.time(),
        authorized=b"authorization" in headers,
    )
