"""Routes that steer the sandbox itself: no token, but only for this machine's own programs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cognitui.errors import UsageError
from cognitui.sandbox.answers import ApiProblem, Detail, invalid, read_json
from cognitui.sandbox.config import LOOPBACK_HOSTS
from cognitui.sandbox.faults import parse_fault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from cognitui.sandbox.auth import Guard
    from cognitui.sandbox.engine import Engine
    from cognitui.sandbox.faults import FaultBoard
    from cognitui.sandbox.state import Tenant


class ControlRoutes:
    """What answers below ``/sandbox``."""

    def __init__(self, tenant: Tenant, guard: Guard, faults: FaultBoard, engine: Engine) -> None:
        self._tenant = tenant
        self._guard = guard
        self._faults = faults
        self._engine = engine

    def routes(self) -> list[Route]:
        """Where what is served."""
        return [
            Route("/sandbox/events", _local(self.fire), methods=["POST"]),
            Route("/sandbox/deliveries", _local(self.deliveries), methods=["GET"]),
            Route("/sandbox/requests", _local(self.requests), methods=["GET"]),
            Route("/sandbox/tokens/revoke", _local(self.revoke), methods=["POST"]),
            Route("/sandbox/faults", _local(self.faults), methods=["GET", "POST", "DELETE"]),
        ]

    async def fire(self, request: Request) -> Response:
        """Let something happen in a bot."""
        body = await read_json(request)
        values = {
            "botId": body.get("botId"),
            "skillId": body.get("skillId"),
            "event": body.get("event"),
            "text": body.get("text", "Hello"),
            "sessionId": body.get("sessionId", "sess_sandbox"),
        }
        found = [
            Detail(name, "must be a string")
            for name, value in values.items()
            if not isinstance(value, str)
        ]
        if found:
            raise invalid(found)
        bot = self._tenant.bots.get(values["botId"])
        if bot is None:
            raise invalid([Detail("botId", "there is no such bot")])
        if values["skillId"] not in bot.skills:
            raise invalid([Detail("skillId", f"bot {bot.id} has no such skill")])
        if values["event"] not in bot.triggers:
            runs = ", ".join(bot.triggers)
            raise invalid([Detail("event", f"the engine of bot {bot.id} runs {runs}")])
        deliveries = self._engine.fire(
            bot,
            values["skillId"],
            values["event"],
            text=values["text"],
            session_id=values["sessionId"],
        )
        return JSONResponse({"deliveries": [each.id for each in deliveries]}, status_code=202)

    async def deliveries(self, _request: Request) -> Response:
        """What the engine sent, and what came of it."""
        return JSONResponse({"items": [each.as_dict() for each in self._tenant.deliveries]})

    async def requests(self, _request: Request) -> Response:
        """What was asked of the sandbox."""
        return JSONResponse({"items": [each.as_dict() for each in self._tenant.requests]})

    async def revoke(self, _request: Request) -> Response:
        """Make every bearer token worthless."""
        return JSONResponse({"revoked": self._guard.revoke_all()})

    async def faults(self, request: Request) -> Response:
        """Show, add or lift faults."""
        if request.method == "DELETE":
            self._faults.clear()
            return Response(status_code=204)
        if request.method != "POST":
            return JSONResponse({"items": self._faults.listed()})
        spec = (await read_json(request)).get("fault")
        if not isinstance(spec, str):
            raise invalid([Detail("fault", "must be a string such as 429:every=3")])
        try:
            fault = parse_fault(spec)
        except UsageError as error:
            raise invalid([Detail("fault", error.message)]) from None
        self._faults.inject(fault)
        return JSONResponse({"fault": fault.spec}, status_code=201)


def _local(handler: Callable[[Request], Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    """Only for requests that name this machine, and that no other web page made.

    A page in a browser can make a foreign name resolve to 127.0.0.1, but cannot change what the
    browser says in Host and Origin.
    """

    async def guarded(request: Request) -> Response:
        origin = request.headers.get("origin")
        if not _is_loopback(f"//{request.headers.get('host', '')}") or (
            origin is not None and not _is_loopback(origin)
        ):
            raise ApiProblem(
                403, "not_local", "The sandbox is only steered from this machine, by its address."
            )
        return await handler(request)

    return guarded


def _is_loopback(url: str) -> bool:
    try:
        return urlsplit(url).hostname in LOOPBACK_HOSTS
    except ValueError:
        return False
