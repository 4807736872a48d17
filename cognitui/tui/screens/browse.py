"""Place 2: the tenant's bots, their skills and webhooks."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from textual import on

from cognitui.callbacks.display import safe_text
from cognitui.cognigy.models import Bot, RegisteredWebhook, Skill
from cognitui.tui.bindings import bindings
from cognitui.tui.browse_order import Sort
from cognitui.tui.browse_reasons import reason_against
from cognitui.tui.browse_text import as_json
from cognitui.tui.browse_view import NOTE
from cognitui.tui.commands import BROWSE
from cognitui.tui.production import is_meant
from cognitui.tui.screens.browse_bulk import BrowseBulk
from cognitui.tui.screens.browse_detail import HISTORY, JSON, OVERVIEW
from cognitui.tui.screens.browse_parts import PARTS
from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.widgets.row_list import RowList
from cognitui.workspace.bulk import BulkAction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import PurePath

    from textual.binding import BindingType

    from cognitui.tui.commands import Command
    from cognitui.tui.memory import View
    from cognitui.tui.parts import Part

MAX_FILTER = 200


class BrowsePlace(BrowseBulk):
    """A list of bots, skills and webhooks, and the detail of what is chosen in it."""

    PLACE = "browse"
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        "../styles/row_list.tcss",
        "../styles/browse.tcss",
    ]
    HELP = (
        "Enter opens a branch, or a webhook in the editor; ← and → fold and unfold. What is done "
        "while webhooks are marked is done to all of them. A click on a column's title sorts."
    )
    PLACE_COMMANDS: ClassVar[Sequence[Command]] = BROWSE
    PARTS: ClassVar[Sequence[Part]] = PARTS
    BINDINGS: ClassVar[list[BindingType]] = bindings(BROWSE)

    def reason_against(self, command: Command) -> str:
        """Why a command cannot be used where the cursor is."""
        reason = super().reason_against(command)
        if reason or command.scope != self.PLACE or not self.is_laid_out:
            return reason
        return reason_against(command, self)

    # What is kept between runs

    def view(self) -> View:
        """The order, the filter and the view of the detail."""
        order = self.shown.order
        return {
            "sort": str(order.sort),
            "descending": order.is_descending,
            "filter": self.shown.filter.typed,
            "tab": self._tab,
        }

    def show_view(self, view: View) -> None:
        """See it as before; what makes no sense is left out."""
        order = self.shown.order
        if view.get("sort") in list(Sort):
            order.sort = Sort(view["sort"])
        order.is_descending = view.get("descending") is True
        if view.get("tab") in (OVERVIEW, JSON, HISTORY):
            self._tab = view["tab"]
        if isinstance(typed := view.get("filter"), str):
            self.filter_by(typed[:MAX_FILTER])
        self.draw()

    # Moving about

    @on(RowList.Selected, "#browse-list")
    def _selected(self, event: RowList.Selected) -> None:
        item = self.shown.item(event.key)
        if isinstance(item, Bot) and item != self.workspace.bot:
            self.open_bot(item)
        elif isinstance(item, RegisteredWebhook):
            self.action_edit()
        elif isinstance(item, Skill):
            self.action_new()
        elif event.key is not None and event.key.startswith(NOTE):
            self.action_reload()
        elif event.key is not None:
            self.shown.toggle(event.key)
            self.draw()

    def action_filter(self) -> None:
        """Type to filter."""
        self.box.focus()

    def action_leave(self) -> None:
        """Stop, out of the detail, out of the filter, clear it, unmark, then back."""
        if self.is_bulk_under_way:
            self.stop_bulk()
        elif self.is_in_detail:
            self.rows.focus()
        elif self.focused is self.box or self.box.value:
            self.box.value = ""
            self.rows.focus()
        elif self.rows.marks:
            self.rows.set_marks(())
        else:
            self.app.action_go_back()

    def action_reload(self) -> None:
        """Load everything again."""
        self.start(self._reload(), "load")

    def action_open_bot(self) -> None:
        """Choose a bot, or type the id of one that the tenant does not list."""
        self.start(self._choose_bot(), "bot")

    async def _choose_bot(self) -> None:
        from cognitui.tui.screens.open_bot import OpenBot

        bots = [loaded.bot for loaded in self.workspace.catalogue.bots.values()]
        chosen = await self.app.push_screen_wait(OpenBot(bots))
        if chosen is None:
            return
        known = self.workspace.catalogue.bots.get(chosen)
        if known is None:
            # Asked for its status first, so that a wrong id is told here and nothing is shown.
            await self.workspace.client.status(chosen)
        self.open_bot(known.bot if known is not None else Bot(id=chosen))

    # One webhook

    def action_new(self) -> None:
        """Write a new webhook, for the skill under the cursor."""
        item, skills = self.item, self.skills()
        if isinstance(item, RegisteredWebhook):
            item = next((skill for skill in skills if skill.id == item.skill_id), None)
        self.app.write_webhook(item if isinstance(item, Skill) else None, skills)

    def action_edit(self) -> None:
        """Open the webhook under the cursor in the editor."""
        if (webhook := self.webhook) is not None:
            self.app.edit_webhook(webhook, self.skills())

    def action_callback(self) -> None:
        """Send a test callback to the webhook under the cursor."""
        if (webhook := self.webhook) is not None:
            self.app.target_webhook(webhook)

    def action_switch(self) -> None:
        """Let the tenant call the webhook, or stop it from doing so; with marks, ask which."""
        if self.rows.marks:
            self.start(self._ask_which_way(), "switch")
        elif (webhook := self.webhook) is not None:
            self.start_once(self._switch(webhook), "change")

    async def _switch(self, webhook: RegisteredWebhook) -> None:
        if not await is_meant(self, f"Switching {webhook.id} {'off' if webhook.enabled else 'on'}"):
            return
        with self._doing(webhook, "switching"):
            after = await self.workspace.webhooks.set_enabled(webhook, enabled=not webhook.enabled)
        self.tell(f"{after.id} is {'on' if after.enabled else 'off'}.")

    async def _ask_which_way(self) -> None:
        from cognitui.tui.screens.switch_many import SwitchMany

        webhooks = self.targets
        wanted = await self.app.push_screen_wait(SwitchMany(webhooks))
        if wanted is not None:
            self.begin_bulk(wanted, webhooks)

    @contextmanager
    def _doing(self, webhook: RegisteredWebhook, word: str) -> Iterator[None]:
        """Show in its line that something is being done to a webhook."""
        self.shown.doing[webhook.id] = word
        self.webhook_changed(webhook)
        try:
            yield
        finally:
            self.shown.doing.pop(webhook.id, None)
            self.webhook_changed(webhook)

    # One or several

    def action_check(self) -> None:
        """Find out whether the endpoints can be reached."""
        targets = self.targets
        if len(targets) == 1:
            self.start(self._check(targets[0]), "check")
        elif targets:
            self.begin_bulk(BulkAction.CHECK, targets)

    async def _check(self, webhook: RegisteredWebhook) -> None:
        with self._doing(webhook, "checking"):
            self.shown.note_report(webhook.id, await self.workspace.webhooks.check(webhook))

    def action_enable(self) -> None:
        """Let the tenant call the webhooks."""
        self.begin_bulk(BulkAction.ENABLE, self.targets)

    def action_disable(self) -> None:
        """Stop the tenant from calling the webhooks."""
        self.begin_bulk(BulkAction.DISABLE, self.targets)

    def action_delete(self) -> None:
        """Delete the webhooks, after asking."""
        if self.rows.marks:
            self.begin_bulk(BulkAction.DELETE, self.targets)
        elif (webhook := self.webhook) is not None:
            self.start_once(self._delete(webhook), "change")

    async def _delete(self, webhook: RegisteredWebhook) -> None:
        question = Confirm(
            f"Delete webhook {webhook.id}?",
            f"The tenant stops calling {webhook.url}. Its configuration stays in the audit log.",
            action="Delete",
            key="y",
        )
        if await is_meant(self, f"Deleting {webhook.id}", question):
            with self._doing(webhook, "deleting"):
                await self.workspace.webhooks.delete(webhook)
            self.tell(
                f"{webhook.id} is deleted; {self.app.with_keys('{app.undo}')} takes that back."
            )

    # Marks

    def action_mark(self) -> None:
        """Mark the webhook under the cursor, or take its mark away."""
        self.rows.action_mark()

    def action_mark_all(self) -> None:
        """Mark all webhooks that are shown, or unmark them."""
        self.rows.action_mark_all()

    def action_unmark(self) -> None:
        """Take all marks away."""
        self.rows.set_marks(())

    def action_stop(self) -> None:
        """Stop what is being done to many."""
        self.stop_bulk()

    # Copying

    def action_copy(self) -> None:
        """Copy the ids of what is marked, or of what is under the cursor."""
        if self.rows.marks:
            ids = [webhook.id for webhook in self.targets]
            self._copy("\n".join(ids), ids[0] if len(ids) == 1 else f"A list of {len(ids)} ids")
        elif (item := self.item) is not None:
            self._copy(item.id, item.id)

    def action_copy_url(self) -> None:
        """Copy the endpoint's URL."""
        if (webhook := self.webhook) is not None:
            self._copy(webhook.url, "The URL")

    def action_copy_json(self) -> None:
        """Copy what the tenant tells of it."""
        if (item := self.item) is not None:
            self._copy(as_json(item), f"The JSON of {item.id}")

    def action_copy_curl(self) -> None:
        """Copy a script that registers a webhook like this one."""
        if (webhook := self.webhook) is not None:
            from cognitui.webhooks.copy_as import Target, as_curl, wire_of_registered

            target = Target(self.workspace.client.base_url, self.workspace.bot_id)
            script = as_curl(target, wire_of_registered(webhook))
            self._copy(script, f"A script that registers {webhook.id} again")

    def _copy(self, text: str, what: str) -> None:
        self.start(self.app.copy_text(text, safe_text(what, 80)), "copy")

    # Sorting

    def action_sort(self) -> None:
        """Sort by the next column."""
        orders = list(Sort)
        at = orders.index(self.shown.order.sort)
        self._sort(orders[(at + 1) % len(orders)])

    def action_reverse(self) -> None:
        """Turn the order round."""
        order = self.shown.order
        order.is_descending = not order.is_descending
        self.show_from_top()

    def action_sort_tenant(self) -> None:
        """As the tenant lists them."""
        self._sort(Sort.TENANT)

    def action_sort_id(self) -> None:
        """By id."""
        self._sort(Sort.ID)

    def action_sort_skill(self) -> None:
        """By skill."""
        self._sort(Sort.SKILL)

    def action_sort_endpoint(self) -> None:
        """By endpoint."""
        self._sort(Sort.ENDPOINT)

    def action_sort_state(self) -> None:
        """By state, what fails first."""
        self._sort(Sort.STATE)

    def _sort(self, sort: Sort) -> None:
        self.shown.order.is_descending = False
        self.shown.order.sort = sort
        self.show_from_top()
