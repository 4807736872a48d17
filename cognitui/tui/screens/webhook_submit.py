"""Registers what is in the editor, or changes the webhook that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.cognigy.bots_v1 import WebhookChange
from cognitui.tui.production import is_meant
from cognitui.tui.webhook_text import correct_first
from cognitui.webhooks.draft import Draft, narrowed
from cognitui.webhooks.preflight import Step
from cognitui.webhooks.words import duration

if TYPE_CHECKING:
    from cognitui.cognigy.models import RegisteredWebhook, Webhook
    from cognitui.tui.screens.webhook import WebhookPlace


class Submit:
    """One registration or change at a time.

    Args:
        place: The editor.

    Attributes:
        is_under_way: Whether the tenant is asked right now.
    """

    def __init__(self, place: WebhookPlace) -> None:
        self._place = place
        self.is_under_way = False

    async def run(self) -> None:
        """Check the form, then register or change what it holds.

        Raises:
            CognituiError: The tenant said no, or could not be heard.
        """
        place = self._place
        place.form.touch_all()
        if place.problems:
            place.form.focus_on(next(iter(place.problems)))
            place.checks.steps.close(f"✗ {correct_first(place.problems)}", "$error")
            return
        name = place.draft.webhook_id
        if not await is_meant(place, f"Changing {name}" if name else "Registering this webhook"):
            return
        place.workers.cancel_group(place, "webhook.checks")
        self.is_under_way = True
        try:
            webhook = place.form.checked.webhook
            if place.draft.webhook_id is not None:
                await self._change(place.draft.webhook_id)
            elif webhook is not None:
                await self._register(webhook)
        finally:
            self.is_under_way = False
            place.checks.steps.stop()

    async def _register(self, webhook: Webhook) -> None:
        place = self._place
        steps, submitted, home, key = place.checks.steps, place.draft, place.home, place.desk.key
        place.checks.submitted()
        steps.begin()
        async for event in place.workspace.webhooks.register(webhook):
            if isinstance(event, Step):
                steps.end(event)
            elif event.webhook is not None:
                words = f"registered as {event.webhook.id} in {duration(event.latency_ms)}"
                steps.close(f"✓ {words} · t prepares a callback to it (esc first)", "$success")
                self._done(event.webhook, submitted, home, key)
                return
            elif event.error is not None:
                steps.close(f"✗ {event.outcome}", "$error")
                place.form.focus_on_wire(event.error.field)
                raise event.error
        steps.close("✗ not registered: see above", "$error")

    async def _change(self, webhook_id: str) -> None:
        place = self._place
        steps, submitted, home, key = place.checks.steps, place.draft, place.home, place.desk.key
        change = place.form.checked.change
        if change is None:
            return
        workspace = place.workspace
        # A draft of last time knows only the id.
        before = place.before or await workspace.client.webhook(workspace.bot_id, webhook_id)
        base = place.saved if place.opening.is_base_known else Draft.of(before)
        change = narrowed(change, submitted, base)
        if change == WebhookChange():
            place.tell("Nothing is changed.")
            return
        after = await workspace.webhooks.update(before, change)
        steps.close(f"✓ {after.id} is changed · u undoes it (esc first)", "$success")
        self._done(after, submitted, home, key)

    def _done(self, webhook: RegisteredWebhook, submitted: Draft, home: str, key: str) -> None:
        place = self._place
        place.app.webhook_registered(webhook)
        place.desk.give_up(key)
        if place.desk.key == key:
            place.opening.registered(webhook, submitted, home)
        else:
            place.tell(f"{webhook.id} is at the tenant; the form holds something else by now.")
