"""The bot engine: an event becomes signed callbacks to the webhooks that wait for it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from typing import TYPE_CHECKING, Any

from cognitui.sandbox.ledger import Attempt, Delivery
from cognitui.sandbox.outgoing import NoAnswerError, send
from cognitui.sandbox.signing import signed_headers
from cognitui.sandbox.templates import render

if TYPE_CHECKING:
    from cognitui.sandbox.state import Bot, Tenant, Webhook

AT_ONCE = 16
OK, REDIRECTS, SERVER_ERRORS = 200, 300, 500
TRY_AGAIN = frozenset({408, 425, 429})
WORTH_ANOTHER_TRY = frozenset({"timeout", "connect", "dns", "protocol"})


class Engine:
    """Delivers callbacks in the background, each webhook with its own timeout and retries."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._running: set[asyncio.Task[None]] = set()
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._count = 0

    def fire(
        self, bot: Bot, skill_id: str, event: str, *, text: str, session_id: str
    ) -> list[Delivery]:
        """Start a delivery to every webhook that is switched on for this skill and event."""
        message = {"text": text, "type": "text"}
        content = {"sessionId": session_id, "message": message}
        started = []
        for webhook in list(bot.webhooks.values()):
            trigger = _trigger_for(webhook, skill_id, event)
            if trigger is None:
                continue
            self._count += 1
            delivery = Delivery(
                id=f"dl_{self._count:04d}",
                webhook_id=webhook.id,
                bot_id=bot.id,
                skill_id=skill_id,
                event=event,
                url=webhook.url,
                session_id=session_id,
            )
            self._tenant.delivery_log.add(delivery)
            task = asyncio.create_task(self._deliver(delivery, webhook, trigger, content))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            started.append(delivery)
        return started

    async def stop(self) -> None:
        """Give up whatever is still on its way."""
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(
        self, delivery: Delivery, webhook: Webhook, trigger: dict[str, Any], content: dict[str, Any]
    ) -> None:
        try:
            for number in range(1, webhook.retries + 2):
                if number > 1:
                    await asyncio.sleep(self._tenant.config.retry_delay_s)
                async with self._at_once:
                    attempt, again = await _attempt(number, delivery, webhook, trigger, content)
                delivery.attempts.append(attempt)
                if not again:
                    delivered = attempt.status is not None and OK <= attempt.status < REDIRECTS
                    delivery.state = "delivered" if delivered else "rejected"
                    return
            delivery.state = "exhausted"
        except asyncio.CancelledError:
            delivery.state = "cancelled"
            raise


async def _attempt(
    number: int,
    delivery: Delivery,
    webhook: Webhook,
    trigger: dict[str, Any],
    content: dict[str, Any],
) -> tuple[Attempt, bool]:
    """One try, signed afresh, and whether another may follow."""
    timestamp = int(time.time() * 1000)
    body = _body(delivery, trigger, timestamp, content)
    status, error, again = None, None, False
    began = time.perf_counter()
    try:
        answer = await send(
            "POST",
            webhook.url,
            headers=signed_headers(body, webhook.secret, timestamp),
            body=body,
            timeout_s=webhook.timeout_ms / 1000,
        )
        status = answer.status
        again = status in TRY_AGAIN or status >= SERVER_ERRORS
    except NoAnswerError as failure:
        error = f"{failure.reason}: {failure.message}"
        again = failure.reason in WORTH_ANOTHER_TRY
    took = round((time.perf_counter() - began) * 1000, 1)
    digest = hashlib.sha256(body).hexdigest()
    return Attempt(number, timestamp, took, status, error, digest), again


def _body(
    delivery: Delivery, trigger: dict[str, Any], timestamp: int, content: dict[str, Any]
) -> bytes:
    standard = {
        "skillId": delivery.skill_id,
        "trigger": delivery.event,
        "timestamp": timestamp,
        **content,
    }
    template = trigger.get("payload_template")
    whole = render(template, standard) if template else standard
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _trigger_for(webhook: Webhook, skill_id: str, event: str) -> dict[str, Any] | None:
    if not webhook.enabled or webhook.skill_id != skill_id:
        return None
    return next((each for each in webhook.triggers if each["event"] == event), None)
