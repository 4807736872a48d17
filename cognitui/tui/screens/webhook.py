"""Place 3: the editor, where a webhook is written, checked and registered."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Container, VerticalScroll
from textual.widgets import Static

from cognitui.callbacks.sign import generate_secret
from cognitui.errors import UsageError
from cognitui.tui.bindings import bindings
from cognitui.tui.commands import WEBHOOK
from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.screens.place import Place
from cognitui.tui.screens.webhook_checks import Checks
from cognitui.tui.screens.webhook_drafts import DraftDesk
from cognitui.tui.screens.webhook_opening import Opening
from cognitui.tui.screens.webhook_parts import PARTS
from cognitui.tui.screens.webhook_pickers import Pickers
from cognitui.tui.screens.webhook_reasons import reason_against
from cognitui.tui.screens.webhook_submit import Submit
from cognitui.tui.screens.webhook_views import Views
from cognitui.tui.webhook_text import correct_first, title_text
from cognitui.tui.widgets.steps import Steps
from cognitui.tui.widgets.tab_line import TabLine
from cognitui.tui.widgets.template_editor import TemplateEditor
from cognitui.tui.widgets.webhook_form import WebhookForm
from cognitui.webhooks.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from cognitui.cognigy.models import RegisteredWebhook, Skill
    from cognitui.tui.commands import Command
    from cognitui.tui.parts import Part

SLIM = 76  # three triggers do not fit beside each other


class WebhookPlace(Place):
    """The form on the left; what will be sent, and the preflight, on the right.

    Attributes:
        before: The registered webhook in the form, as the tenant had it last; ``None`` for a new
            one, and until it is known.
        saved: The draft that has nothing to lose; of an edit, what the tenant has.
    """

    PLACE = "webhook"
    HELP = "Every field is checked as you type. ctrl+s checks everything and registers."
    PLACE_COMMANDS: ClassVar[Sequence[Command]] = WEBHOOK
    PARTS: ClassVar[Sequence[Part]] = PARTS
    BINDINGS: ClassVar[list[BindingType]] = bindings(WEBHOOK)
    CSS_PATH = "../styles/webhook.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (22, "-tall")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.form = WebhookForm()
        self.before: RegisteredWebhook | None = None
        self.saved = Draft()
        self.checks = Checks(self)
        self.views = Views(self)
        self.opening = Opening(self)
        self.pickers = Pickers(self)
        self.submit = Submit(self)
        self._was_here = False
        self._shown: object = None

    @cached_property
    def desk(self) -> DraftDesk:
        """Where drafts are kept."""
        return DraftDesk(self, self.app.settings.paths.state)

    @property
    def draft(self) -> Draft:
        """What stands in the form."""
        return self.form.draft

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong with it, as of the last pause."""
        return self.form.checked.problems

    @property
    def is_dirty(self) -> bool:
        """Whether something was typed that the tenant does not have, or would be lost."""
        return self.is_mounted and (self.has_changes or self.desk.has_secrets)

    @property
    def has_changes(self) -> bool:
        """Whether the form holds something that the tenant does not have."""
        return self.draft != self.saved

    @property
    def home(self) -> str:
        """The tenant and bot that are open, which a registered webhook belongs to."""
        bot = self.workspace.bot
        return f"{self.workspace.tenant_name}/{bot.id if bot else ''}"

    def compose_body(self) -> ComposeResult:
        """The form, the views and the steps."""
        with Container(id="webhook"):
            yield self.form
            yield TabLine("webhook-tabs")
            with VerticalScroll(id="webhook-view"):
                yield Static("", id="view")
            yield Steps()

    def on_mount(self) -> None:
        """An empty form, and the draft of last time once it is read."""
        self.opening.load(Draft())
        self.start(self.opening.go_on(), "open")

    def entered(self) -> None:
        """The first time into the first field that needs something."""
        if self.focused is None and not self._was_here:
            self.form.focus_on("endpoint_url" if self.draft.skill_id else "skill_id")
        self._was_here = True
        self.pickers.load_skills()
        self.opening.look_again()
        self._show()

    def tenant_changed(self) -> None:
        """Skills belong to a bot."""
        self.pickers.forget_skills()
        self.checks.follow()
        if self.is_current:
            self.pickers.load_skills()
        self._show()

    def on_resize(self, event: events.Resize) -> None:
        """Other views fit another size."""
        self.set_class(event.size.width < SLIM, "-slim")
        self.views.draw()

    # What is in the form

    def load(self, draft: Draft) -> None:
        """Put a draft into the form, as one with nothing to lose."""
        self.opening.load(draft)

    def write(self, skill: Skill | None, skills: Sequence[Skill]) -> None:
        """Begin a new webhook for a skill, or go on with the one begun that has none yet."""
        self.opening.write(skill, skills)

    def edit(self, webhook: RegisteredWebhook, skills: Sequence[Skill]) -> None:
        """Change a registered webhook; what is in the form stays a draft."""
        self.opening.edit(webhook, skills)

    def duplicate(self, webhook: RegisteredWebhook, skills: Sequence[Skill]) -> None:
        """Begin a new webhook like a registered one."""
        self.opening.duplicate(webhook, skills)

    def webhook_changed(self, webhook: RegisteredWebhook) -> None:
        """A webhook was changed from elsewhere, by an undo perhaps: show it as it is now."""
        is_open = self.is_mounted and self.draft.webhook_id == webhook.id
        if is_open and self.draft.home == self.home and not self.is_submitting:
            self.opening.refresh(webhook)

    # Typing

    @on(WebhookForm.Edited)
    def _edited(self) -> None:
        self.desk.note(self.draft, is_dirty=self.has_changes)
        self.checks.follow()
        self._show()

    @on(TemplateEditor.Chosen)
    def _template_chosen(self) -> None:
        self.views.draw()

    @on(TabLine.Chosen)
    def _view_chosen(self, event: TabLine.Chosen) -> None:
        self.views.choose(event.tab)

    def keep_draft(self) -> None:
        """Write what was typed last, before the console ends in whatever way."""
        if self.is_mounted:
            self.desk.note(self.draft, is_dirty=self.has_changes)
            self.desk.write()

    def _show(self) -> None:
        """The title, the views, and what can be done."""
        bot = self.workspace.bot if self.app.is_ready else None
        name = (bot.name or bot.id) if bot else ""
        self.form.set_title(title_text(self.draft, name, is_dirty=self.has_changes))
        self.views.draw()
        now = (self.draft.webhook_id, self.has_changes, tuple(self.problems), name)
        if now != self._shown:
            self._shown = now
            self.refresh_bindings()

    # What can be done here

    def reason_against(self, command: Command) -> str:
        """Why something cannot be done with what is in the form."""
        return super().reason_against(command) or reason_against(self, command)

    def is_stood_in_for(self, command: Command) -> bool:
        """One key, two names: a new webhook is registered, one that exists is saved."""
        if command.name in {"register", "save"} and self.is_mounted:
            return (command.name == "save") == (self.draft.webhook_id is None)
        return super().is_stood_in_for(command)

    def refused(self, command: Command, reason: str) -> None:
        """A key that cannot be used now: show what is in its way, where that is on the screen."""
        if command.name not in {"register", "save"}:
            super().refused(command, reason)
            return
        self.form.touch_all()
        if not self.reason_against(command):
            self.action_register()  # what was typed a moment ago has made it possible
        elif self.problems:
            self.form.focus_on(next(iter(self.problems)))
            self.checks.steps.close(f"✗ {correct_first(self.problems)}", "$error")
        else:
            super().refused(command, reason)

    @property
    def is_submitting(self) -> bool:
        """Whether the webhook is being registered or changed right now."""
        return self.submit.is_under_way

    def action_leave(self) -> None:
        """Stop the steps that are under way, else out of a view or the form, else back.

        Out of all of the form, not only of its text fields: its letters are commands then, wherever
        in it one was.
        """
        if self.checks.steps.is_under_way and not self.submit.is_under_way:
            self.workers.cancel_group(self, "webhook.checks")
            self.checks.cancel()
        elif self.views.leave() or self.focused is not None:
            self.set_focus(None)
        else:
            super().action_leave()

    def action_register(self) -> None:
        """Check everything, then register or change the webhook."""
        self.start_once(self.submit.run(), "submit")

    def action_save(self) -> None:
        """Check the form, then change the webhook at the tenant."""
        self.action_register()

    def action_preflight(self) -> None:
        """Find out whether a registration would go well."""
        if self.is_submitting:
            self.tell("Still at it: wait for the answer.", warning=True)
            return
        self.form.touch_all()
        self.start(self.checks.run(), "checks")

    def action_next_view(self) -> None:
        """Show the next view."""
        self.query_one(TabLine).step()

    def action_problem(self) -> None:
        """Put the cursor where something is wrong."""
        self.form.touch_all()
        problems = [*self.problems]
        if problems:
            self.form.focus_on(problems[0])
        else:
            self.form.template.area.go_to_fault()

    def action_generate(self) -> None:
        """Make a new secret."""
        self.form.fill("secret_key", generate_secret().get_secret_value())

    def action_reveal(self) -> None:
        """Show the secret until its field is left."""
        self.form.reveal_secret()

    def action_use_receiver(self) -> None:
        """Make the receiver on this machine the endpoint."""
        self.start(self._use_receiver(), "receiver")

    async def _use_receiver(self) -> None:
        self.form.fill("endpoint_url", await self.app.ensure_receiver())

    def action_clear(self) -> None:
        """Take back what was typed; where nothing was, begin anew."""
        self.start(self._clear(), "clear")

    async def _clear(self) -> None:
        if not self.has_changes:
            self.load(Draft())
        elif await self.app.push_screen_wait(self._question()):
            self.opening.take_back()
        self.form.focus_on("endpoint_url" if self.draft.skill_id else "skill_id")

    def _question(self) -> Confirm:
        if self.draft.webhook_id is None:
            return Confirm(
                "Clear the form?",
                "What you typed is not registered, and would be gone with its secret.",
                action="Clear",
                key="y",
            )
        return Confirm(
            f"Take back what you changed of {self.draft.webhook_id}?",
            "The form would say again what the tenant has.",
            action="Take back",
            key="y",
        )

    def action_new(self) -> None:
        """Begin a new webhook; what was typed stays a draft."""
        self.opening.write(None, (), anew=True)

    def action_duplicate(self) -> None:
        """Begin a new webhook like the one in the form."""
        self.opening.copy(self.draft.as_new(), self.draft.webhook_id or "your draft")

    def action_drafts(self) -> None:
        """Go on with another draft."""
        self.start(self._pick_draft(), "pick")

    async def _pick_draft(self) -> None:
        key = await self.app.push_screen_wait(self.desk.picker())
        kept = self.desk.kept(key) if key is not None else None
        if kept is not None:
            self.opening.go_on_with(kept)
            self.form.focus_on("endpoint_url")

    def action_pick_skill(self) -> None:
        """Choose a skill of the bot."""
        self.start(self.pickers.pick_skill(), "pick")

    def action_pick_bot(self) -> None:
        """Choose the bot."""
        self.start(self.pickers.pick_bot(), "pick")

    def action_copy_as(self) -> None:
        """Copy the webhook in another form."""
        self.start(self.pickers.copy_as(), "pick")

    def action_placeholder(self) -> None:
        """Insert a placeholder into the template."""
        self.start(self.pickers.pick_placeholder(), "pick")

    def action_format(self) -> None:
        """Write the template anew, one value a line."""
        self.form.template.format()

    def action_test(self) -> None:
        """Send the webhook a test callback."""
        if self.before is None:
            raise UsageError("The webhook is not registered.")
        self.app.target_webhook(self.before)
