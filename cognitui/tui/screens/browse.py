"""Place 2: the tenant's bots, their skills and webhooks."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import on
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static, Tree

from cognitui.callbacks.display import safe_text
from cognitui.cognigy.errors import NotFound, NotSupported
from cognitui.cognigy.models import Bot, RegisteredWebhook, Skill
from cognitui.errors import CognituiError
from cognitui.tui.bindings import bindings
from cognitui.tui.browse_text import detail_of, label_of, matches
from cognitui.tui.commands import BROWSE
from cognitui.tui.render import runs_text
from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.screens.place import Place
from cognitui.tui.soon import Soon

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widgets.tree import TreeNode

    from cognitui.tui.commands import Command
    from cognitui.webhooks.endpoint import EndpointReport

Item = Bot | Skill | RegisteredWebhook
EMPTY = "\nNothing to browse yet.\n\n  1   open a tenant first"
LOADING = "\n◌ loading …"
TRY_AGAIN = "  r   try again\n  1   another tenant"
NO_BOTS = f"\nThis tenant has no bots, or the key may not see them.\n\n{TRY_AGAIN}"
NOT_LISTED = """
This tenant does not list its bots.

  1   go to the tenant, then e: type the bot's id
"""
SHOWN_AT_ONCE = 500
NEED_A_WEBHOOK = {"edit", "callback", "check", "switch", "delete"}


@dataclass(slots=True)
class _Loaded:
    """What is known of one bot so far."""

    bot: Bot
    skills: list[Skill] = field(default_factory=list)
    webhooks: list[RegisteredWebhook] = field(default_factory=list)
    is_complete: bool = False


class BrowsePlace(Place):
    """A tree of bots, skills and webhooks, and the detail of what is chosen in it."""

    PLACE = "browse"
    HELP = "Enter opens a branch, or a webhook in the editor. / filters what is loaded."
    PLACE_COMMANDS: ClassVar[Sequence[Command]] = BROWSE
    BINDINGS: ClassVar[list[BindingType]] = bindings(BROWSE)
    CSS_PATH = "../styles/browse.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._bots: dict[str, _Loaded] = {}
        self._reports: dict[str, EndpointReport] = {}
        self._is_stale = True
        self._state = EMPTY
        self._soon = Soon(self, self._draw)

    def compose_body(self) -> ComposeResult:
        """The filter over the tree, and the detail."""
        with Horizontal(id="browse"):
            with Vertical(id="browse-left"):
                yield Input(placeholder="/ filter", id="browse-filter", compact=True)
                tree: Tree[Item | str] = Tree("", id="browse-tree")
                tree.show_root = False
                tree.guide_depth = 2
                yield tree
                yield Static("", id="browse-empty")
            with VerticalScroll(id="browse-right", can_focus=False):
                yield Static("", id="browse-detail")

    @property
    def _tree(self) -> Tree[Item | str]:
        return self.query_one("#browse-tree", Tree)

    def tenant_changed(self) -> None:
        """Start over when it is looked at next."""
        self._is_stale = True
        self._bots, self._reports = {}, {}
        if self.is_current:
            self.entered()

    def entered(self) -> None:
        """Load, unless it is loaded."""
        is_open = bool(self.workspace.status.tenant)
        if is_open and self._is_stale:
            self._is_stale = False
            self.start(self._load(), "load")
        elif not is_open:
            self._state = EMPTY
            self._draw()
        if is_open and self.focused is None:
            self._tree.focus()

    # Loading

    async def _load(self) -> None:
        """The bots, then what the chosen one has. What is shown stays until the new is there."""
        if not self._bots:
            self._state = LOADING
            self._draw()
        try:
            bots = await self.workspace.bots()
            self._bots = {bot.id: self._bots.get(bot.id, _Loaded(bot)) for bot in bots}
            self._state = NO_BOTS
        except (NotFound, NotSupported):
            self._state = NOT_LISTED
        except CognituiError as error:
            self._is_stale = True
            self._state = f"\n✗ {error.message}\n{error.hint}\n\n{TRY_AGAIN}"
            raise
        finally:
            self._draw()
        chosen = self.workspace.bot
        if chosen is not None and chosen.id in self._bots:
            await self._load_bot(chosen)

    async def _load_bot(self, bot: Bot) -> None:
        """A bot's skills and webhooks: the first time drawn page by page, later at once."""
        self.workspace.choose_bot(bot)
        fresh = _Loaded(bot)
        if not self._bots[bot.id].is_complete:
            self._bots[bot.id] = fresh
        client = self.workspace.client
        with suppress(NotFound, NotSupported):  # then a skill's id has to be typed
            await self._collect(client.skills(bot.id).pages(), fresh.skills)
        await self._collect(client.webhooks(bot.id).pages(), fresh.webhooks)
        fresh.is_complete = True
        self._bots[bot.id] = fresh
        self.workspace.webhooks_used = len(fresh.webhooks)
        await self.workspace.refresh_bot_status()
        self._draw()

    async def _collect(self, pages: AsyncIterable[Any], into: list[Any]) -> None:
        async for page in pages:
            into.extend(page.items)
            self._draw()

    # Drawing

    def _draw(self) -> None:
        """Build the tree from what is loaded, with the cursor on the thing it was on."""
        empty = self.query_one("#browse-empty", Static)
        empty.display = not self._bots
        empty.update(Content(safe_text(self._state, 600, multiline=True)))
        tree = self._tree
        tree.display = bool(self._bots)
        # Hiding the focused tree would move the focus here, where "r" is a letter and no command.
        self.query_one("#browse-filter").disabled = not self._bots
        kept = tree.cursor_node.data if tree.cursor_node else None
        typed = self.query_one("#browse-filter", Input).value
        tree.clear()
        chosen = self.workspace.bot
        for loaded in self._bots.values():
            is_open = chosen is not None and loaded.bot.id == chosen.id
            node = tree.root.add(self._label(loaded.bot), loaded.bot, expand=is_open)
            if is_open:
                self._draw_bot(node, loaded, typed)
        self._restore_cursor(kept)
        self._show_detail()

    def _draw_bot(self, node: TreeNode[Item | str], loaded: _Loaded, typed: str) -> None:
        skills = [skill for skill in loaded.skills if matches(skill, typed)]
        webhooks = [hook for hook in loaded.webhooks if matches(hook, typed, loaded.skills)]
        more = "" if loaded.is_complete else " …"
        limit = self.workspace.status.webhook_limit
        branch = node.add(Text(f"Skills ({len(loaded.skills)}){more}"), "skills", expand=True)
        for skill in skills[:SHOWN_AT_ONCE]:
            branch.add_leaf(self._label(skill), skill)
        title = f"Webhooks ({len(loaded.webhooks)}/{limit}){more}"
        branch = node.add(Text(title), "webhooks", expand=True)
        for hook in webhooks[:SHOWN_AT_ONCE]:
            branch.add_leaf(self._label(hook), hook)

    def _label(self, item: Item) -> Text:
        status = self.workspace.status if item == self.workspace.bot else None
        skills = self._skills()
        report = self._reports.get(item.id) if isinstance(item, RegisteredWebhook) else None
        runs = label_of(item, skills, status, report)
        return runs_text(runs, self.app.theme_variables)

    def _skills(self) -> list[Skill]:
        bot = self.workspace.bot
        return self._bots[bot.id].skills if bot is not None and bot.id in self._bots else []

    def _restore_cursor(self, kept: Item | str | None) -> None:
        wanted = kept if isinstance(kept, str) or kept is None else kept.id

        def walk(node: TreeNode[Item | str]) -> TreeNode[Item | str] | None:
            data = node.data
            if data is not None and wanted == (data if isinstance(data, str) else data.id):
                return node
            return next((found for child in node.children if (found := walk(child))), None)

        node = walk(self._tree.root) if wanted is not None else None
        if node is None and self._tree.root.children:
            node = self._tree.root.children[0]
        if node is not None:
            self.call_after_refresh(self._tree.move_cursor, node)

    @property
    def _item(self) -> Item | str | None:
        node = self._tree.cursor_node
        return node.data if node is not None else None

    @property
    def _webhook(self) -> RegisteredWebhook | None:
        item = self._item
        return item if isinstance(item, RegisteredWebhook) else None

    @on(Tree.NodeHighlighted)
    def _show_detail(self) -> None:
        item = self._item
        detail = self.query_one("#browse-detail", Static)
        if item is None or isinstance(item, str):
            detail.update("")
        else:
            report = self._reports.get(item.id) if isinstance(item, RegisteredWebhook) else None
            detail.update(detail_of(item, self._skills(), self.workspace.status, report))
        self.refresh_bindings()

    @on(Tree.NodeSelected)
    def _selected(self, event: Tree.NodeSelected[Item | str]) -> None:
        item = event.node.data
        if isinstance(item, Bot) and item != self.workspace.bot:
            self.workspace.choose_bot(item)
            self.start(self._load_bot(item), "load")
        elif isinstance(item, RegisteredWebhook):
            self.action_edit()
        elif isinstance(item, Skill):
            self.action_new()

    # What can be done here

    def reason_against(self, command: Command) -> str:
        """Keys that need a webhook wait until the cursor is on one."""
        reason = super().reason_against(command)
        if not reason and command.name in NEED_A_WEBHOOK and self._webhook is None:
            reason = "Move to a webhook first: this is done to one."
        return reason

    def action_filter(self) -> None:
        """Type to filter."""
        self.query_one("#browse-filter").focus()

    @on(Input.Changed, "#browse-filter")
    def _filtered(self) -> None:
        if self._bots:
            self._soon.ask()

    @on(Input.Submitted, "#browse-filter")
    def _filter_done(self) -> None:
        self._tree.focus()

    def action_leave(self) -> None:
        """Out of the filter, then clear it, then back."""
        box = self.query_one("#browse-filter", Input)
        if self.focused is box or box.value:
            box.value = ""
            self._tree.focus()
        else:
            self.app.action_go_back()

    def action_reload(self) -> None:
        """Load everything again."""
        self.start(self._load(), "load")

    def action_new(self) -> None:
        """Write a new webhook, for the skill under the cursor."""
        item = self._item
        if isinstance(item, Bot) and item != self.workspace.bot:
            self.tell(f"enter opens {safe_text(item.name or item.id, 40)} first.", warning=True)
            return
        self.app.write_webhook(item if isinstance(item, Skill) else None, self._skills())

    def action_edit(self) -> None:
        """Open the webhook under the cursor in the editor."""
        if (webhook := self._webhook) is not None:
            self.app.edit_webhook(webhook, self._skills())

    def action_callback(self) -> None:
        """Send a test callback to the webhook under the cursor."""
        if (webhook := self._webhook) is not None:
            self.app.target_webhook(webhook)

    def action_copy(self) -> None:
        """Copy the id of what is under the cursor."""
        item = self._item
        if item is not None and not isinstance(item, str):
            self.app.copy_to_clipboard(item.id)
            self.tell(f"{item.id} was sent to the terminal's clipboard.")

    def action_check(self) -> None:
        """Find out whether the endpoint can be reached."""
        if (webhook := self._webhook) is not None:
            self.tell(f"Checking {webhook.id} …")
            self.start(self._check(webhook), "check")

    async def _check(self, webhook: RegisteredWebhook) -> None:
        self._reports[webhook.id] = await self.workspace.webhooks.check(webhook)
        self._draw()

    def action_switch(self) -> None:
        """Let the tenant call the webhook under the cursor, or stop it from doing so."""
        if (webhook := self._webhook) is not None:
            self.start_once(self._switch(webhook), "change")

    async def _switch(self, webhook: RegisteredWebhook) -> None:
        after = await self.workspace.webhooks.set_enabled(webhook, enabled=not webhook.enabled)
        self._replace(webhook, after)
        self.tell(f"{after.id} is {'on' if after.enabled else 'off'}.")

    def action_delete(self) -> None:
        """Delete the webhook under the cursor, after asking."""
        if (webhook := self._webhook) is not None:
            self.start_once(self._delete(webhook), "change")

    async def _delete(self, webhook: RegisteredWebhook) -> None:
        question = Confirm(
            f"Delete webhook {webhook.id}?",
            f"The tenant stops calling {webhook.url}. Its configuration stays in the audit log.",
            action="Delete",
            key="y",
        )
        if await self.app.push_screen_wait(question):
            await self.workspace.webhooks.delete(webhook)
            self._step_aside()
            self._replace(webhook, None)
            self.tell(f"{webhook.id} is deleted.")

    def _step_aside(self) -> None:
        """Off a line that is about to go, to its neighbour."""
        node = self._tree.cursor_node
        if node is not None:
            self._tree.move_cursor(node.next_sibling or node.previous_sibling or node.parent)

    def webhook_changed(self, webhook: RegisteredWebhook) -> None:
        """The editor registered or changed a webhook."""
        bot = self.workspace.bot
        if bot is None or bot.id not in self._bots:
            return
        known = self._bots[bot.id].webhooks
        if any(old.id == webhook.id for old in known):
            self._replace(webhook, webhook)
        else:
            known.append(webhook)
            self._draw()

    def _replace(self, before: RegisteredWebhook, after: RegisteredWebhook | None) -> None:
        bot = self.workspace.bot
        if bot is None or bot.id not in self._bots:
            return
        loaded = self._bots[bot.id]
        replaced = (after if hook.id == before.id else hook for hook in loaded.webhooks)
        loaded.webhooks = [hook for hook in replaced if hook is not None]
        self._draw()
