"""Endpoints that webhooks can point to: one that verifies, healthy ones, and ill ones."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cognitui.sandbox.ledger import Received
from cognitui.sandbox.signing import SIGNATURE, is_signed

if TYPE_CHECKING:
    from starlette.requests import Request

    from cognitui.sandbox.state import Tenant

RECEIVER_PATH = "/endpoints/receiver"
HOOKS_PATH = "/endpoints/hooks/"
KEPT_BODY = 64 * 1024
MAX_WAIT_MS = 60_000
STATUSES = range(200, 600)
ALLOW = {"Allow": "OPTIONS, POST"}

_ANY_METHOD = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
_KEPT_HEADERS = ("content-type", "user-agent", "x-cognigy-signature", "x-cognigy-timestamp")


class _Manner(NamedTuple):
    """How a hook answers."""

    post: int = 204
    other: int = 405
    options: int = 204
    wait_s: float = 0.0
    headers: tuple[tuple[str, str], ...] = ()


_MANNERS = {
    "missing": _Manner(404, 404, 404),
    "failing": _Manner(500, 500, 500),
    "maintenance": _Manner(503, 503, 503, headers=(("Retry-After", "30"),)),
    "gone": _Manner(410, 410, 410),
    "moved": _Manner(308, 308, 308, headers=(("Location", "/endpoints/hooks/orders"),)),
    "slow": _Manner(wait_s=1.5),
    # Frameworks that route POST only often answer 404 to everything else.
    "head-unfriendly": _Manner(other=404, options=404),
}


class EndpointRoutes:
    """What answers below ``/endpoints``; posts are kept for tests and onlookers."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self) -> list[Route]:
        """Where what is served."""
        return [
            Route(RECEIVER_PATH, self.receiver, methods=["HEAD", "OPTIONS", "POST"]),
            Route(f"{HOOKS_PATH}{{name}}", self.hook, methods=_ANY_METHOD),
            Route("/endpoints/status/{status:int}", self.status, methods=_ANY_METHOD),
            Route("/endpoints/slow/{wait_ms:int}", self.slow, methods=_ANY_METHOD),
        ]

    async def receiver(self, request: Request) -> Response:
        """Verifies with the secret that the sandbox tells when it starts."""
        if request.method == "HEAD":
            return Response(headers=ALLOW)
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=ALLOW)
        return await self._verify(request, [self._tenant.info.webhook_secret])

    async def hook(self, request: Request) -> Response:
        """Answers as its name says; any other name is a healthy endpoint."""
        name = request.path_params["name"]
        if name == "strict":
            if request.method == "POST":
                return await self._verify(request, self._secrets_for(request.url.path))
            return Response(status_code=405, headers=ALLOW)
        manner = _MANNERS.get(name, _Manner())
        await asyncio.sleep(manner.wait_s)
        if request.method == "POST":
            await self._keep(request, manner.post)
            return Response(status_code=manner.post, headers=dict(manner.headers))
        status = manner.options if request.method == "OPTIONS" else manner.other
        allow = ALLOW if status in {204, 405} else {}
        return Response(status_code=status, headers={**allow, **dict(manner.headers)})

    async def status(self, request: Request) -> Response:
        """Answers with the status in its path."""
        status = request.path_params["status"]
        if status not in STATUSES:
            status = 404
        await self._keep(request, status)
        return Response(status_code=status)

    async def slow(self, request: Request) -> Response:
        """Answers after so many milliseconds."""
        await asyncio.sleep(min(request.path_params["wait_ms"], MAX_WAIT_MS) / 1000)
        await self._keep(request, 204)
        return Response(status_code=204)

    def _secrets_for(self, path: str) -> list[str]:
        return [
            webhook.secret
            for bot in self._tenant.bots.values()
            for webhook in bot.webhooks.values()
            if webhook.url.endswith(path)
        ]

    async def _verify(self, request: Request, secrets: list[str]) -> Response:
        body = await request.body()
        header = request.headers.get(SIGNATURE, "")
        verified = sum(is_signed(body, secret, header) for secret in secrets) > 0
        status = 200 if verified else 401
        await self._keep(request, status, verified=verified)
        if not verified:
            # No reason is given: an endpoint that explains helps whoever is guessing.
            return Response(status_code=401)
        return JSONResponse({"status": "ok"})

    async def _keep(self, request: Request, status: int, *, verified: bool | None = None) -> None:
        if request.method != "POST":
            return
        self._tenant.endpoint_log.add(
            Received(
                time=time.time(),
                path=request.url.path,
                status=status,
                verified=verified,
                headers={
                    name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers
                },
                body=(await request.body())[:KEPT_BODY],
            )
        )
