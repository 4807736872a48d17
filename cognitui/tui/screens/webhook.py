"""Place 3: the editor, where a webhook is written, checked and registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.highlight import highlight
from textual.widgets import Input, Static

from cognitui.callbacks.display import safe_text
from cognitui.callbacks.sign import generate_secret
from cognitui.cognigy.bots_v1 import WebhookChange
from cognitui.errors import UsageError
from cognitui.tui.bindings import bindings
from cognitui.tui.commands import WEBHOOK
from cognitui.tui.render import plain
from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.screens.picker import Choice, Picker
from cognitui.tui.screens.place import Place
from cognitui.tui.widgets.steps import Steps
from cognitui.tui.widgets.webhook_form import WebhookForm
from cognitui.webhooks.draft import Draft, narrowed, preview, question_of
from cognitui.webhooks.drafts import DraftStore
from cognitui.webhooks.outcome import Outcome
from cognitui.webhooks.preflight import Step
from cognitui.webhooks.words import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from cognitui.cognigy.models import RegisteredWebhook, Skill
    from cognitui.tui.commands import Command


SAVE_AFTER_S = 0.5
MAX_PREVIEW = 100_000


class WebhookPlace(Place):
    """The form on the left; what will be sent, and the preflight, on the right."""

    PLACE = "webhook"
    HELP = "Every field is checked as you type. ctrl+s checks everything and registers."
    PLACE_COMMANDS: ClassVar[Sequence[Command]] = WEBHOOK
    BINDINGS: ClassVar[list[BindingType]] = bindings(WEBHOOK)
    CSS_PATH = "../styles/webhook.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._saved = Draft()
        self._before: RegisteredWebhook | None = None
        self._skills: list[Skill] = []
        self._store: DraftStore | None = None
        self._saving: Timer | None = None
        self._examined: Draft | None = None
        self._was_here = False
        self._shown_id: str | None = None

    @property
    def _form(self) -> WebhookForm:
        return self.query_one(WebhookForm)

    @property
    def draft(self) -> Draft:
        """What stands in the form."""
        return self._form.draft

    @property
    def is_dirty(self) -> bool:
        """Whether something was typed that is not registered."""
        return self.is_mounted and self.draft != self._saved

    def compose_body(self) -> ComposeResult:
        """The form, the JSON and the steps."""
        with Horizontal(id="webhook"):
            yield WebhookForm()
            with Vertical(id="webhook-right"):
                with VerticalScroll(id="webhook-preview", can_focus=False):
                    yield Static("", id="preview")
                yield Steps()

    def on_mount(self) -> None:
        """Offer the draft of last time."""
        self._store = DraftStore(self.app.settings.paths.state / "draft.json")
        if (draft := self._store.load()) is not None:
            self.load(draft)
            self._saved = Draft()
            self._show()
            self.tell("Your draft of last time is back, without its secret. F8 clears it.")
        else:
            self.load(Draft())

    def entered(self) -> None:
        """The first time into the first field that needs something."""
        if self.focused is None and not self._was_here:
            self._form.focus_on("endpoint_url" if self.draft.skill_id else "skill_id")
        self._was_here = True

    @property
    def _home(self) -> str:
        """The tenant and bot that a registered webhook belongs to."""
        bot = self.workspace.bot
        return f"{self.workspace.tenant_name}/{bot.id if bot else ''}"

    def tenant_changed(self) -> None:
        """Skills belong to a bot."""
        self._skills = []
        self._form.set_skills([])

    def write(self, skill: Skill | None, skills: Sequence[Skill]) -> None:
        """Begin a new webhook, or go on with the one begun."""
        self._skills = list(skills)
        if self.draft.webhook_id is not None or not self.is_dirty:
            self.load(Draft(skill_id=skill.id if skill else ""))
        elif skill is not None:
            self._form.fill("skill_id", skill.id)
        self._form.focus_on("endpoint_url" if skill is not None else "skill_id")

    def edit(self, webhook: RegisteredWebhook, skills: Sequence[Skill]) -> None:
        """Change a registered webhook, after asking when that would drop something."""
        self.start(self._edit(webhook, skills), "edit")

    async def _edit(self, webhook: RegisteredWebhook, skills: Sequence[Skill]) -> None:
        question = Confirm(
            f"Leave what is not registered and edit {webhook.id}?",
            "What you typed would be gone, with its secret.",
            action="Edit",
            key="y",
        )
        if self.is_dirty and not await self.app.push_screen_wait(question):
            return
        self._skills = list(skills)
        self.load(Draft.of(webhook).with_(home=self._home))
        self._before = webhook
        self._form.focus_on("endpoint_url")

    def load(self, draft: Draft) -> None:
        """Put a draft into the form, as one with nothing to lose."""
        self._saved, self._before = draft, None
        self._form.set_skills(self._skills)
        self._form.load(draft)
        self.query_one(Steps).reset()
        self._show()

    @on(WebhookForm.Edited)
    def _edited(self) -> None:
        if self._examined is not None and self.draft != self._examined:
            # What the steps say is about another draft than the one that stands there now.
            self._examined = None
            self.query_one(Steps).reset()
        self._show()
        if self._saving is not None:
            self._saving.stop()
        self._saving = self.set_timer(SAVE_AFTER_S, self._save_draft)

    def keep_draft(self) -> None:
        """Write what was typed last before the console ends."""
        if self.is_mounted:
            self._save_draft()

    def _save_draft(self) -> None:
        if self._store is None:
            return
        if self.is_dirty:
            self._store.save(self.draft)
        else:
            self._store.clear()

    def _show(self) -> None:
        """The JSON that will be sent, and whether it is what the tenant has."""
        draft = self.draft
        json = safe_text(preview(draft), MAX_PREVIEW, multiline=True)
        self.query_one("#preview", Static).update(highlight(json, language="json"))
        what = f"Edit {draft.webhook_id}" if draft.webhook_id else "New webhook"
        state = "not saved" if draft.webhook_id else "not registered"
        mark = Content.styled(f"  ● {state}", "$warning") if self.is_dirty else Content("")
        if draft.webhook_id != self._shown_id:
            # Register becomes save, or the other way round.
            self._shown_id = draft.webhook_id
            self.refresh_bindings()
        self._form.set_title(Content.assemble(plain(what).stylize("bold"), mark))

    # What can be done here

    def reason_against(self, command: Command) -> str:
        """One key, two names: a new webhook is registered, one that exists is saved."""
        reason = super().reason_against(command)
        if not reason and command.name == "register" and self.draft.webhook_id is not None:
            reason = "It is registered already: save it."
        if not reason and command.name == "save" and self.draft.webhook_id is None:
            reason = "It is not registered yet: register it."
        return reason

    def action_save(self) -> None:
        """Check the form, then change the webhook at the tenant."""
        self.action_register()

    def action_toggle_json(self) -> None:
        """Show the JSON instead of the form, where there is no room for both."""
        self.toggle_class("-json")

    def action_generate(self) -> None:
        """Make a new secret."""
        self._form.fill("secret_key", generate_secret().get_secret_value())

    def action_reveal(self) -> None:
        """Show or hide the secret."""
        box = self.query_one("#secret_key", Input)
        box.password = not box.password

    def action_clear(self) -> None:
        """Begin anew, after asking when something would be lost."""
        self.start(self._clear(), "clear")

    async def _clear(self) -> None:
        question = Confirm(
            "Clear the form?",
            "What you typed is not registered, and would be gone with its secret.",
            action="Clear",
            key="y",
        )
        if self.is_dirty and not await self.app.push_screen_wait(question):
            return
        self.load(Draft())
        if self._store is not None:
            self._store.clear()
        self._form.focus_on("skill_id")

    def action_pick_skill(self) -> None:
        """Choose a skill of the bot."""
        self.start(self._pick_skill(), "pick")

    async def _pick_skill(self) -> None:
        if not self._skills:
            bot_id = self.workspace.bot_id
            self._skills = await self.workspace.client.skills(bot_id).all()
            self._form.set_skills(self._skills)
        choices = [Choice(skill.id, skill.name or skill.id, skill.id) for skill in self._skills]
        picker = Picker("Choose a skill", choices, empty="no skill matches")
        chosen = await self.app.push_screen_wait(picker)
        if chosen is not None:
            self._form.fill("skill_id", chosen)
            self._form.focus_on("endpoint_url")

    def action_use_receiver(self) -> None:
        """Make the receiver on this machine the endpoint."""
        self.start(self._use_receiver(), "receiver")

    async def _use_receiver(self) -> None:
        self._form.fill("endpoint_url", await self.app.ensure_receiver())

    def action_preflight(self) -> None:
        """Find out whether a registration would go well."""
        self.start_once(self._preflight(), "register")

    async def _preflight(self) -> None:
        if not self._is_complete():
            return
        steps = self.query_one(Steps)
        steps.begin()
        question = question_of(self.draft, self.workspace.bot_id)
        failed = False
        async for step in self.workspace.webhooks.preflight(question):
            failed = failed or step.outcome is Outcome.FAIL
            steps.end(step)
        if failed:
            steps.close("✗ it would not go well", "$error")
        else:
            what = "saves" if self.draft.webhook_id else "registers"
            steps.close(f"✓ ready: ctrl+s {what} it", "$success")

    def action_register(self) -> None:
        """Check everything, then register or change the webhook."""
        self.start_once(self._register(), "register")

    async def _register(self) -> None:
        if not self._is_complete():
            return
        if self.draft.webhook_id is not None:
            await self._update(self.draft.webhook_id)
            return
        webhook = self._form.checked.webhook
        if webhook is None:
            return
        steps, submitted, home = self.query_one(Steps), self.draft, self._home
        steps.begin()
        async for event in self.workspace.webhooks.register(webhook):
            if isinstance(event, Step):
                steps.end(event)
            elif event.webhook is not None:
                words = f"registered as {event.webhook.id} in {duration(event.latency_ms)}"
                steps.close(f"✓ {words}. To call it: esc, 4, ctrl+s", "$success")
                self._done(event.webhook, submitted, home)
                return
            elif event.error is not None:
                steps.close(f"✗ {event.outcome}", "$error")
                self._form.focus_on_wire(event.error.field)
                raise event.error
        steps.close("✗ not registered: see above", "$error")

    async def _update(self, webhook_id: str) -> None:
        change = self._form.checked.change
        if change is None:
            return
        if not self.is_dirty:
            self.tell("Nothing is changed.")
            return
        steps = self.query_one(Steps)
        steps.reset()
        workspace = self.workspace
        # A draft of last time knows only the id.
        before = self._before or await workspace.client.webhook(workspace.bot_id, webhook_id)
        submitted, home = self.draft, self._home
        change = narrowed(change, submitted, Draft.of(before))
        if change == WebhookChange():
            self.tell("Nothing is changed.")
            return
        after = await workspace.webhooks.update(before, change)
        steps.close(f"✓ {after.id} is changed", "$success")
        self._done(after, submitted, home)

    def _done(self, webhook: RegisteredWebhook, submitted: Draft, home: str) -> None:
        self.app.webhook_registered(webhook)
        if self.draft != submitted:
            # Another webhook was opened, or this one edited, while the tenant was at work.
            self.tell(f"{webhook.id} is at the tenant; the form holds something else by now.")
            return
        draft = submitted.with_(webhook_id=webhook.id, home=home)
        self._form.draft = self._saved = self._examined = draft
        self._before = webhook
        if self._store is not None:
            self._store.clear()
        self._form.refresh_checks()

    def _is_complete(self) -> bool:
        self._form.touch_all()
        self._examined = self.draft
        problems = self._form.checked.problems
        if problems:
            self._form.focus_on(next(iter(problems)))
            words = f"✗ {len(problems)} field{'s' if len(problems) > 1 else ''} to correct first"
            self.query_one(Steps).close(words, "$error")
            return False
        if self.draft.webhook_id is not None and self.draft.home != self._home:
            raise UsageError(
                f"{self.draft.webhook_id} belongs to {self.draft.home}, and {self._home} is open.",
                hint="Open that tenant and bot again, or clear the form with F8.",
            )
        if self.workspace.bot is None:
            raise UsageError("No bot is chosen.", hint="Press esc, then 2, and choose one.")
        return True
