"""The routes that list, register, change and delete webhooks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cognitui.sandbox.answers import ApiProblem, Detail, invalid, read_json
from cognitui.sandbox.bots import find_bot
from cognitui.sandbox.connectivity import find_fault
from cognitui.sandbox.data import BOT_READ, BOT_WRITE, WEBHOOK_MANAGE
from cognitui.sandbox.pages import page
from cognitui.sandbox.state import Webhook, iso
from cognitui.sandbox.validation import (
    DEFAULT_RETRIES,
    DEFAULT_TIMEOUT,
    check_format,
    check_shape,
    check_skill,
    without,
)

if TYPE_CHECKING:
    from starlette.requests import Request

    from cognitui.sandbox.auth import Guard
    from cognitui.sandbox.state import Bot, Tenant

MANAGE = (BOT_WRITE, WEBHOOK_MANAGE)


class WebhookRoutes:
    """Everything about webhooks. Registering twice makes two: there is no idempotency key."""

    def __init__(self, tenant: Tenant, guard: Guard) -> None:
        self._tenant = tenant
        self._guard = guard

    def routes(self) -> list[Route]:
        """Where what is served."""
        one = "/bots/{bot_id}/webhooks/{webhook_id}"
        return [
            _by_method("/bots/{bot_id}/webhooks", GET=self.webhooks, POST=self.register),
            _by_method(one, GET=self.webhook, PATCH=self.change, DELETE=self.delete),
        ]

    async def webhooks(self, request: Request) -> Response:
        """The webhooks of a bot, page by page."""
        self._guard.admit(request, BOT_READ)
        bot = find_bot(self._tenant, request)
        return page(request, bot.webhooks.values(), self._tenant.config.page_size)

    async def webhook(self, request: Request) -> Response:
        """One webhook."""
        self._guard.admit(request, BOT_READ)
        bot = find_bot(self._tenant, request)
        return JSONResponse(_find(bot, request).as_wire())

    async def register(self, request: Request) -> Response:
        """A new webhook, once it is valid, there is room for it and its endpoint answers."""
        self._guard.admit(request, *MANAGE)
        bot = find_bot(self._tenant, request)
        body = await read_json(request)
        data: Any = body.get("webhook")
        _refuse_invalid(body, data, bot)
        self._refuse_above_limit(bot)
        if body.get("testConnectivity", False):
            await self._refuse_unreachable(data["url"], data["auth"]["secret"])
            # The test took a while, others may have registered in the meantime.
            self._refuse_above_limit(bot)
        seq, webhook_id = self._tenant.next_webhook_id()
        webhook = _build(data, seq, webhook_id, iso(datetime.now(UTC)))
        bot.webhooks[webhook_id] = webhook
        location = {"Location": f"{request.url.path}/{webhook_id}"}
        return JSONResponse(webhook.as_wire(), status_code=201, headers=location)

    async def change(self, request: Request) -> Response:
        """A webhook with some of its fields replaced; what is not named stays as it is."""
        self._guard.admit(request, *MANAGE)
        bot = find_bot(self._tenant, request)
        old = _find(bot, request)
        body = await read_json(request)
        change = body.get("webhook", body)
        flags = body if "webhook" in body else {}
        if not isinstance(change, dict) or not change:
            raise invalid([Detail("webhook", "must be an object with at least one field")])
        data = _merge(old, change)
        _refuse_invalid(flags, data, bot)
        if flags.get("testConnectivity", False):
            await self._refuse_unreachable(data["url"], data["auth"]["secret"])
            # The test took a while, others may have changed or deleted it in the meantime.
            data = _merge(_find(bot, request), change)
        new = _build(data, old.seq, old.id, old.created_at)
        bot.webhooks[old.id] = new
        return JSONResponse(new.as_wire())

    async def delete(self, request: Request) -> Response:
        """A webhook no more."""
        self._guard.admit(request, *MANAGE)
        bot = find_bot(self._tenant, request)
        del bot.webhooks[_find(bot, request).id]
        return Response(status_code=204)

    def _refuse_above_limit(self, bot: Bot) -> None:
        limit = self._tenant.config.webhook_limit
        used = len(bot.webhooks)
        if used >= limit:
            raise ApiProblem(
                409,
                "webhook_limit_reached",
                f"Bot {bot.id} has {used}/{limit} webhooks; delete one first.",
                extra={"used": used, "limit": limit},
            )

    async def _refuse_unreachable(self, url: str, secret: str) -> None:
        fault = await find_fault(url, secret, self._tenant.config.connectivity_timeout_s)
        if fault:
            raise ApiProblem(
                400,
                "connectivity_failed",
                f"The connectivity test failed: {fault}.",
                field="webhook.url",
                details=[Detail("webhook.url", fault)],
            )


def _by_method(path: str, **handlers: Any) -> Route:
    """One route for all methods of a path, so that the 405 of the others names them all."""

    async def serve(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        response: Response = await handlers[method](request)
        return response

    return Route(path, serve, methods=list(handlers))


def _find(bot: Bot, request: Request) -> Webhook:
    webhook_id = request.path_params["webhook_id"]
    webhook = bot.webhooks.get(webhook_id)
    if webhook is None:
        raise ApiProblem(
            404, "webhook_not_found", f"There is no webhook {webhook_id} in bot {bot.id}."
        )
    return webhook


def _refuse_invalid(flags: dict[str, Any], data: Any, bot: Bot) -> None:
    found = [
        Detail(name, "must be true or false")
        for name in ("testConnectivity", "validateFormat")
        if not isinstance(flags.get(name, True), bool)
    ]
    misshapen = check_shape(data)
    found += misshapen
    if isinstance(data, dict):
        sound = without(data, misshapen)
        found += check_skill(sound, bot)
        if flags.get("validateFormat", True):
            found += check_format(sound, bot)
    if found:
        raise invalid(found)


def _build(data: dict[str, Any], seq: int, webhook_id: str, created_at: str) -> Webhook:
    delivery = data.get("delivery", {})
    return Webhook(
        seq=seq,
        id=webhook_id,
        skill_id=data["skillId"],
        url=data["url"],
        triggers=tuple(
            {"event": each["event"], "payload_template": each.get("payload_template")}
            for each in data["triggers"]
        ),
        secret=data["auth"]["secret"],
        timeout_ms=delivery.get("timeout", DEFAULT_TIMEOUT),
        retries=delivery.get("retries", DEFAULT_RETRIES),
        enabled=data.get("enabled", True),
        created_at=created_at,
    )


def _merge(old: Webhook, change: dict[str, Any]) -> dict[str, Any]:
    """The whole webhook as it will be; objects are merged, lists and values replaced."""
    whole = old.as_wire()
    fixed = {name: whole.pop(name) for name in ("id", "createdAt")}
    whole["auth"]["secret"] = old.secret
    for name, value in change.items():
        if name in fixed and value == fixed[name]:
            continue
        if isinstance(value, dict) and isinstance(whole.get(name), dict):
            whole[name] = {**whole[name], **value}
        else:
            whole[name] = value
    return whole
