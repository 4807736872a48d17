"""The routes that show bots, their skills and the health of their engines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.routing import Route

from cognitui.sandbox.answers import ApiProblem
from cognitui.sandbox.data import BOT_READ
from cognitui.sandbox.pages import page
from cognitui.sandbox.state import iso

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from cognitui.sandbox.auth import Guard
    from cognitui.sandbox.state import Bot, Tenant


def find_bot(tenant: Tenant, request: Request) -> Bot:
    """The bot that a path names.

    Raises:
        ApiProblem: 404 when the tenant has none with this id.
    """
    bot_id = request.path_params["bot_id"]
    bot = tenant.bots.get(bot_id)
    if bot is None:
        raise ApiProblem(404, "bot_not_found", f"There is no bot {bot_id}.", field="botId")
    return bot


class BotRoutes:
    """Everything about bots that only reads."""

    def __init__(self, tenant: Tenant, guard: Guard) -> None:
        self._tenant = tenant
        self._guard = guard

    def routes(self) -> list[Route]:
        """Where what is served."""
        return [
            Route("/bots", self.bots, methods=["GET"]),
            Route("/bots/{bot_id}", self.bot, methods=["GET"]),
            Route("/bots/{bot_id}/status", self.status, methods=["GET"]),
            Route("/bots/{bot_id}/skills", self.skills, methods=["GET"]),
            Route("/bots/{bot_id}/skills/{skill_id}", self.skill, methods=["GET"]),
        ]

    async def bots(self, request: Request) -> Response:
        """All bots, page by page."""
        self._guard.admit(request, BOT_READ)
        return page(request, self._tenant.bots.values(), self._tenant.config.page_size)

    async def bot(self, request: Request) -> Response:
        """One bot."""
        self._guard.admit(request, BOT_READ)
        return JSONResponse(find_bot(self._tenant, request).as_wire())

    async def status(self, request: Request) -> Response:
        """How the engine of a bot is, and which triggers it runs."""
        self._guard.admit(request, BOT_READ)
        bot = find_bot(self._tenant, request)
        return JSONResponse(
            {
                "botId": bot.id,
                "status": bot.status,
                "engineVersion": bot.engine_version,
                "supportedTriggers": list(bot.triggers),
                "issues": list(bot.issues),
                "webhooks": {
                    "used": len(bot.webhooks),
                    "limit": self._tenant.config.webhook_limit,
                },
                "checkedAt": iso(datetime.now(UTC)),
            }
        )

    async def skills(self, request: Request) -> Response:
        """The skills of a bot, page by page."""
        self._guard.admit(request, BOT_READ)
        bot = find_bot(self._tenant, request)
        return page(request, bot.skills.values(), self._tenant.config.page_size)

    async def skill(self, request: Request) -> Response:
        """One skill; 404 means that it is not in this bot."""
        self._guard.admit(request, BOT_READ)
        bot = find_bot(self._tenant, request)
        skill_id = request.path_params["skill_id"]
        skill = bot.skills.get(skill_id)
        if skill is None:
            raise ApiProblem(
                404, "skill_not_found", f"There is no skill {skill_id} in bot {bot.id}."
            )
        return JSONResponse(skill.as_wire())
