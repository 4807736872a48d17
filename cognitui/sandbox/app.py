"""All routes in one application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router

from cognitui.sandbox.answers import ApiProblem
from cognitui.sandbox.bots import BotRoutes
from cognitui.sandbox.config import API_PREFIX
from cognitui.sandbox.control import ControlRoutes
from cognitui.sandbox.effects import FOREIGN_PATH
from cognitui.sandbox.endpoints import EndpointRoutes
from cognitui.sandbox.front import Front
from cognitui.sandbox.monitor import MonitorRoutes
from cognitui.sandbox.webhooks import WebhookRoutes

if TYPE_CHECKING:
    from starlette.requests import Request

    from cognitui.sandbox.auth import Guard
    from cognitui.sandbox.engine import Engine
    from cognitui.sandbox.faults import FaultBoard
    from cognitui.sandbox.state import Tenant


def make_app(tenant: Tenant, guard: Guard, faults: FaultBoard, engine: Engine) -> Front:
    """The application that the server serves."""
    api = [
        Route("/auth/token", guard.exchange, methods=["POST"]),
        *BotRoutes(tenant, guard).routes(),
        *WebhookRoutes(tenant, guard).routes(),
    ]
    app = Starlette(
        routes=[
            Mount(API_PREFIX, app=Router(api, redirect_slashes=False)),
            Route(f"{FOREIGN_PATH}{{rest:path}}", _elsewhere),
            *EndpointRoutes(tenant).routes(),
            *MonitorRoutes(tenant).routes(),
            *ControlRoutes(tenant, guard, faults, engine).routes(),
        ],
        exception_handlers={ApiProblem: _refused, HTTPException: _unrouted, 500: _failed},
    )
    app.router.redirect_slashes = False
    return Front(app, tenant, faults)


async def _elsewhere(_request: Request) -> Response:
    """Where foreign page links and redirects lead: no client should ever be seen here."""
    return JSONResponse({"items": [], "nextPage": None})


async def _refused(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ApiProblem):
        raise error
    return error.response()


async def _unrouted(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    known = {404: "not_found", 405: "method_not_allowed"}
    message = {
        404: f"There is nothing at {request.url.path}.",
        405: f"{request.method} is not possible at {request.url.path}.",
    }.get(error.status_code, error.detail)
    code = known.get(error.status_code, "refused")
    return ApiProblem(error.status_code, code, message, headers=error.headers).response()


async def _failed(_request: Request, _error: Exception) -> Response:
    return ApiProblem(500, "internal_error", "The sandbox itself failed.").response()
