"""What Browse does to several webhooks at once."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from cognitui.tui.browse_order import Sort
from cognitui.tui.browse_view import GROUP, WEBHOOK, WEBHOOKS
from cognitui.tui.bulk_text import DOING, question, result_words
from cognitui.tui.production import is_meant
from cognitui.tui.screens.browse_detail import BrowseDetail
from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.soon import Paced
from cognitui.tui.widgets.bulk_line import BulkLine
from cognitui.webhooks.words import counted
from cognitui.workspace.bulk import BulkAction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.workspace.bulk import Bulk

RESULTS_EVERY_S = 0.5
TYPE_IT_FROM = {BulkAction.DELETE: 10, BulkAction.DISABLE: 50}
"""From so many on a key is not enough: their number has to be typed."""


class BrowseBulk(BrowseDetail):
    """Browse, with marks and what they are for. One thing at a time is done to several."""

    def __init__(self) -> None:
        super().__init__()
        self._bulk: Bulk | None = None
        self._ended: set[str] = set()
        self._results = Paced(self, self._show_results, RESULTS_EVERY_S)

    @property
    def is_bulk_under_way(self) -> bool:
        """Whether something is being done to several webhooks."""
        return self._bulk is not None

    @property
    def targets(self) -> list[RegisteredWebhook]:
        """The marked webhooks; without any, the one that the cursor is on.

        On the heading of the webhooks: all that are shown.
        """
        view, loaded = self.shown, self.shown.chosen
        if loaded is None:
            return []
        held = loaded.webhooks.items
        if self.rows.marks:
            names = [key.removeprefix(WEBHOOK) for key in self.rows.marks]
            return [held[name] for name in names if name in held]
        if self.rows.cursor_key == GROUP + WEBHOOKS:
            return [held[name] for name in view.webhook_ids() if name in held]
        webhook = self.webhook
        return [webhook] if webhook is not None else []

    def begin_bulk(self, action: BulkAction, webhooks: Sequence[RegisteredWebhook]) -> None:
        """Do something to these webhooks, after asking where it changes them."""
        if self._bulk is not None:
            self.tell("Still at it: esc stops what is under way.", warning=True)
            return
        self.start_once(self._ask_and_run(action, webhooks), "bulk")

    def stop_bulk(self) -> None:
        """Begin no more of them."""
        if self._bulk is not None:
            self._bulk.stop()

    async def _ask_and_run(self, action: BulkAction, webhooks: Sequence[RegisteredWebhook]) -> None:
        if action is not BulkAction.CHECK and not await self._agreed(action, webhooks):
            return
        self._bulk = bulk = self.workspace.webhooks.bulk(action, webhooks)
        line = self.query_one(BulkLine)
        line.follow(lambda: bulk.progress)
        self.refresh_bindings()
        try:
            # Closed here and now, so that nothing goes on behind a console that is left.
            async with aclosing(bulk.run()) as items:
                async for item in items:
                    if item.report is not None:
                        self.shown.note_report(item.webhook.id, item.report)
                    self._ended.add(WEBHOOK + item.webhook.id)
                    self._results.ask()
        finally:
            self._bulk = None
            if self.is_laid_out:
                line.leave()
                self._keep_marks(bulk)
                self.draw()
        words, is_good = result_words(bulk.result, self.app.with_keys)
        self.tell(words, warning=not is_good)

    async def _agreed(self, action: BulkAction, webhooks: Sequence[RegisteredWebhook]) -> bool:
        shown = set(self.shown.webhook_ids())
        hidden = sum(webhook.id not in shown for webhook in webhooks)
        title, consequence, word = question(action, webhooks, hidden)
        if len(webhooks) >= TYPE_IT_FROM.get(action, len(webhooks) + 1):
            from cognitui.tui.screens.confirm_many import ConfirmMany

            dialog: Confirm | ConfirmMany = ConfirmMany(
                title, consequence, action=word, number=len(webhooks)
            )
        else:
            dialog = Confirm(title, consequence, action=word, key="y")
        doing = f"{DOING[action]} {counted(len(webhooks), 'webhook')}"
        return await is_meant(self, doing, dialog)

    def _show_results(self) -> None:
        """Show all at once what has ended since: a screen that is always being drawn is slow."""
        ended, self._ended = self._ended, set()
        if self._bulk is None or not self.is_laid_out:
            return
        self.query_one(BulkLine).look()
        self.rows.redraw(ended)
        if self._bulk.action is not BulkAction.CHECK or self.shown.order.sort is Sort.STATE:
            self.draw()  # the rows themselves are others now
        elif self.rows.cursor_key == GROUP + WEBHOOKS:
            self.show_detail()

    def _keep_marks(self, bulk: Bulk) -> None:
        """What went well loses its mark; what did not is marked, to be tried again."""
        if bulk.action is BulkAction.CHECK:
            return
        result = bulk.result
        done = {WEBHOOK + item.webhook.id for item in result.done}
        rest = [item.webhook for item in result.failed] + list(result.not_begun)
        marks = [key for key in self.rows.marks if key not in done]
        self.rows.set_marks([*marks, *(WEBHOOK + webhook.id for webhook in rest)])
