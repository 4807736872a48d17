"""Place 3: the editor, where a webhook is written, checked and registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import SecretStr
from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.highlight import highlight
from textual.widgets import Checkbox, Input, Select, Static, TextArea

from cognitui.callbacks.sign import generate_secret
from cognitui.cognigy.models import RegisteredWebhook, Skill, TriggerEvent
from cognitui.errors import UsageError
from cognitui.tui.screens.picker import Choice, Picker
from cognitui.tui.screens.place import Place
from cognitui.tui.widgets.field import Field
from cognitui.tui.widgets.steps import Steps
from cognitui.tui.widgets.tick import Tick
from cognitui.webhooks.draft import Checked, Draft, check, preview, question_of
from cognitui.webhooks.drafts import DraftStore
from cognitui.webhooks.outcome import Outcome
from cognitui.webhooks.preflight import Step
from cognitui.webhooks.words import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

INPUTS = ("skill_id", "endpoint_url", "secret_key", "timeout_ms", "retry_count")
SAVE_AFTER_S = 0.5
TEMPLATE_HINT = '{"session": "{{sessionId}}"}  adds fields to the callback'


class WebhookPlace(Place):
    """The form on the left; what will be sent, and the preflight, on the right."""

    PLACE = "webhook"
    HELP = "Every field is checked as you type. ctrl+s checks everything and registers."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "register", "Register", priority=True, id="webhook.register"),
        Binding("f5", "preflight", "Check", id="webhook.preflight"),
        Binding("f2", "pick_skill", "Skill", id="webhook.skill", tooltip="Choose a skill"),
        Binding("f3", "generate", "Secret", id="webhook.generate"),
        Binding("f4", "reveal", "Reveal", id="webhook.reveal", tooltip="Show the secret"),
        Binding("f6", "use_receiver", "Receiver", id="webhook.receiver",
                tooltip="Make this machine's receiver the endpoint"),
        Binding("f8", "clear", "Clear", show=False, id="webhook.clear"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._draft = Draft()
        self._saved = Draft()
        self._before: RegisteredWebhook | None = None
        self._skills: list[Skill] = []
        self._touched: set[str] = set()
        self._template_event = str(TriggerEvent.ON_MESSAGE)
        self._store: DraftStore | None = None
        self._checked = Checked(None, None, {})

    @property
    def is_dirty(self) -> bool:
        """Whether something was typed that is not registered."""
        return self._draft != self._saved

    def compose_body(self) -> ComposeResult:
        """The form, the JSON and the steps."""
        with Horizontal(id="webhook"):
            with VerticalScroll(id="webhook-form", can_focus=False):
                yield Static("", id="webhook-title")
                yield Field("skill_id", "Skill", _input("skill_id", "skill id, or F2 to choose"))
                yield Field(
                    "endpoint_url", "Endpoint", _input("endpoint_url", "https://… (F6: receiver)")
                )
                with Vertical(id="field-triggers", classes="field"):
                    with Horizontal(classes="field-row triggers"):
                        yield Static("Triggers", classes="field-label")
                        with Vertical(id="triggers"):
                            for event in TriggerEvent:
                                yield Tick(event, id=f"on-{event}", compact=True)
                    yield Static("", classes="field-message", id="triggers-message")
                yield Field(
                    "secret_key", "Secret", _input("secret_key", "F3 makes one", secret=True)
                )
                yield Field("timeout_ms", "Timeout", _input("timeout_ms"), "ms  500–10000")
                yield Field("retry_count", "Retries", _input("retry_count"), "0–5")
                yield Field(
                    "template",
                    "Template",
                    Select(
                        [(event, str(event)) for event in TriggerEvent],
                        value=self._template_event,
                        allow_blank=False,
                        compact=True,
                        id="template-event",
                    ),
                    "optional JSON",
                )
                yield TextArea(id="template", compact=True, placeholder=TEMPLATE_HINT)
            with Vertical(id="webhook-right"):
                with VerticalScroll(id="webhook-preview", can_focus=False):
                    yield Static("", id="preview")
                yield Steps()

    def on_mount(self) -> None:
        """Offer the draft of last time."""
        self._store = DraftStore(self.workspace.settings.paths.state / "draft.json")
        if (draft := self._store.load()) is not None:
            self.load(draft, draft.webhook_id)
            self._saved = Draft()
            self.tell("Your draft of last time is back, without its secret. F8 clears it.")
        else:
            self.load(Draft(), None)

    def entered(self) -> None:
        """Into the first field that needs something."""
        if self.focused is None:
            self.query_one("#endpoint_url" if self._draft.skill_id else "#skill_id").focus()

    def tenant_changed(self) -> None:
        """Skills belong to a bot."""
        self._skills = []
        self._check()

    def write(self, skill: Skill | None, skills: Sequence[Skill]) -> None:
        """Begin a new webhook, or go on with the one begun."""
        self._skills = list(skills)
        if self._before is not None or not self.is_dirty:
            self.load(Draft(skill_id=skill.id if skill else ""), None)
        elif skill is not None:
            self.query_one("#skill_id", Input).value = skill.id
        self._check()
        self.query_one("#endpoint_url" if self._draft.skill_id else "#skill_id").focus()

    def edit(self, webhook: RegisteredWebhook, skills: Sequence[Skill]) -> None:
        """Change a registered webhook."""
        self._skills = list(skills)
        self.load(Draft.of(webhook), webhook.id)
        self._before = webhook
        self._saved = self._draft
        self.query_one("#endpoint_url").focus()

    def load(self, draft: Draft, webhook_id: str | None) -> None:
        """Put a draft into the form."""
        self._draft = self._saved = draft.with_(webhook_id=webhook_id)
        self._before = None
        self._touched = set()
        with self.prevent(Input.Changed, Checkbox.Changed, TextArea.Changed):
            for name in INPUTS:
                value = getattr(draft, name)
                self.query_one(f"#{name}", Input).value = (
                    value.get_secret_value() if isinstance(value, SecretStr) else value
                )
            for event in TriggerEvent:
                self.query_one(f"#on-{event}", Checkbox).value = event in draft.triggers
            text = draft.templates.get(self._template_event, "")
            self.query_one("#template", TextArea).text = text
        self.query_one(Steps).reset()
        self._check()

    # Typing

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        name = event.input.id or ""
        value = event.value
        changed = SecretStr(value) if name == "secret_key" else value
        self._changed(name, **{name: changed})

    @on(Checkbox.Changed)
    def _ticked(self) -> None:
        ticked = tuple(
            str(event) for event in TriggerEvent if self.query_one(f"#on-{event}", Checkbox).value
        )
        self._changed("triggers", triggers=ticked)

    @on(TextArea.Changed, "#template")
    def _template_typed(self, event: TextArea.Changed) -> None:
        templates = dict(self._draft.templates) | {self._template_event: event.text_area.text}
        kept = {name: text for name, text in templates.items() if text.strip()}
        self._changed("template", templates=kept)

    @on(Select.Changed, "#template-event")
    def _template_chosen(self, event: Select.Changed) -> None:
        self._template_event = str(event.value)
        with self.prevent(TextArea.Changed):
            area = self.query_one("#template", TextArea)
            area.text = self._draft.templates.get(self._template_event, "")
        self._check()

    @on(Input.Submitted)
    def _next(self) -> None:
        self.focus_next()

    def _changed(self, name: str, **changes: object) -> None:
        self._touched.add(name)
        self._draft = self._draft.with_(**changes)
        self._check()
        self.set_timer(SAVE_AFTER_S, self._save_draft, name="save-draft")

    def _save_draft(self) -> None:
        if self._store is not None and self.is_dirty:
            self._store.save(self._draft)

    def _check(self, *, show_all: bool = False) -> None:
        """Validate with the models that are sent, and show what they say under the fields."""
        self._checked = check(self._draft)
        problems = self._checked.problems
        shown = {*INPUTS, "triggers", "template"} if show_all else self._touched
        for name in INPUTS:
            field = self.query_one(f"#field-{name}", Field)
            field.set_problem(problems.get(name, "") if name in shown else "")
        self._show_triggers(problems.get("triggers", "") if "triggers" in shown else "")
        self._show_template()
        self._show_notes()
        self.query_one("#preview", Static).update(highlight(preview(self._draft), language="json"))
        self._show_title()

    def _show_triggers(self, problem: str) -> None:
        message = self.query_one("#triggers-message", Static)
        message.update(Content(f"✗ {problem}" if problem else ""))
        self.query_one("#field-triggers").set_class(bool(problem), "-invalid")

    def _show_template(self) -> None:
        found = {
            name.removeprefix("templates."): text
            for name, text in self._checked.problems.items()
            if name.startswith("templates.")
        }
        event = self._template_event
        text = found.get(event) or next((f"{k}: {v}" for k, v in found.items()), "")
        has_text = bool(self._draft.templates.get(event))
        if has_text and event not in self._draft.triggers and not text:
            text = f"Tick {event} above, or this template is not sent."
        self.query_one("#field-template", Field).set_problem(text)

    def _show_notes(self) -> None:
        skill = next((s for s in self._skills if s.id == self._draft.skill_id.strip()), None)
        note = Content.styled(f"✓ {skill.name}", "$success") if skill else Content("")
        self.query_one("#field-skill_id", Field).set_note(note)
        length = len(self._draft.secret_key.get_secret_value())
        if self._draft.webhook_id and not length:
            text = Content("the tenant keeps the one it has")
        else:
            good = "secret_key" not in self._checked.problems
            text = Content.styled(
                f"{length} chars" + (" ✓" if good else ""),
                "$success" if good else "$foreground-muted",
            )
        self.query_one("#field-secret_key", Field).set_note(text)

    def _show_title(self) -> None:
        what = f"Edit {self._draft.webhook_id}" if self._draft.webhook_id else "New webhook"
        mark = Content.styled("  ● not registered", "$warning") if self.is_dirty else Content("")
        self.query_one("#webhook-title", Static).update(Content.assemble((what, "bold"), mark))

    # What can be done here

    def action_generate(self) -> None:
        """Make a new secret."""
        self.query_one("#secret_key", Input).value = generate_secret().get_secret_value()

    def action_reveal(self) -> None:
        """Show or hide the secret."""
        box = self.query_one("#secret_key", Input)
        box.password = not box.password

    def action_clear(self) -> None:
        """Begin anew."""
        self.load(Draft(), None)
        if self._store is not None:
            self._store.clear()
        self.query_one("#skill_id").focus()

    def action_pick_skill(self) -> None:
        """Choose a skill of the bot."""
        self.start(self._pick_skill(), "pick")

    async def _pick_skill(self) -> None:
        if not self._skills:
            bot_id = self.workspace.bot_id
            self._skills = await self.workspace.client.skills(bot_id).all()
        choices = [Choice(skill.id, skill.name or skill.id, skill.id) for skill in self._skills]
        picker = Picker("Choose a skill", choices, empty="no skill matches")
        chosen = await self.app.push_screen_wait(picker)
        if chosen is not None:
            self.query_one("#skill_id", Input).value = chosen
            self.query_one("#endpoint_url").focus()

    def action_use_receiver(self) -> None:
        """Make the receiver on this machine the endpoint."""
        self.start(self._use_receiver(), "receiver")

    async def _use_receiver(self) -> None:
        url = await self.app.ensure_receiver()
        self.query_one("#endpoint_url", Input).value = url

    def action_preflight(self) -> None:
        """Find out whether a registration would go well."""
        self.start(self._preflight(), "register")

    async def _preflight(self) -> None:
        if not self._is_complete():
            return
        steps = self.query_one(Steps)
        steps.begin()
        question = question_of(self._draft, self.workspace.bot_id)
        failed = False
        async for step in self.workspace.webhooks.preflight(question):
            failed = failed or step.outcome is Outcome.FAIL
            steps.end(step)
        if failed:
            steps.close("✗ it would not go well", "$error")
        else:
            steps.close("✓ ready: ctrl+s registers it", "$success")

    def action_register(self) -> None:
        """Check everything, then register or change the webhook."""
        self.start(self._register(), "register")

    async def _register(self) -> None:
        if not self._is_complete():
            return
        if self._before is not None:
            await self._update(self._before)
            return
        webhook = self._checked.webhook
        if webhook is None:
            return
        steps = self.query_one(Steps)
        steps.begin()
        async for event in self.workspace.webhooks.register(webhook):
            if isinstance(event, Step):
                steps.end(event)
            elif event.webhook is not None:
                words = f"registered as {event.webhook.id} in {duration(event.latency_ms)}"
                steps.close(f"✓ {words}: esc, then 4 sends it a callback", "$success")
                self._done(event.webhook)
                return
            elif event.error is not None:
                steps.close(f"✗ {event.outcome}", "$error")
                self._show_tenants_answer(event.error.field)
                raise event.error
        steps.close("✗ not registered: see above", "$error")

    async def _update(self, before: RegisteredWebhook) -> None:
        change = self._checked.change
        if change is None:
            return
        if not self.is_dirty:
            self.tell("Nothing is changed.")
            return
        steps = self.query_one(Steps)
        steps.reset()
        after = await self.workspace.webhooks.update(before, change)
        steps.close(f"✓ {after.id} is changed", "$success")
        self._done(after)

    def _done(self, webhook: RegisteredWebhook) -> None:
        self._draft = self._draft.with_(webhook_id=webhook.id)
        self._saved, self._before = self._draft, webhook
        if self._store is not None:
            self._store.clear()
        self._check()
        self.app.webhook_registered(webhook)

    def _show_tenants_answer(self, field: str | None) -> None:
        """Put the cursor into the field that the tenant complains about."""
        homes = {"skillId": "skill_id", "url": "endpoint_url", "secret": "secret_key",
                 "timeout": "timeout_ms", "retries": "retry_count"}  # fmt: skip
        name = homes.get((field or "").rsplit(".", 1)[-1])
        if name is not None:
            self.query_one(f"#{name}").focus()

    def _focus_on(self, problem: str) -> None:
        """Put the cursor where something is wrong."""
        if problem in INPUTS:
            self.query_one(f"#{problem}").focus()
        elif problem == "triggers":
            self.query_one(Tick).focus()
        else:
            self.query_one("#template").focus()

    def _is_complete(self) -> bool:
        self._check(show_all=True)
        self._touched = {*INPUTS, "triggers", "template"}
        if self._checked.problems:
            self._focus_on(next(iter(self._checked.problems)))
            count = len(self._checked.problems)
            words = f"✗ {count} field{'s' if count > 1 else ''} to correct first"
            self.query_one(Steps).close(words, "$error")
            return False
        if self.workspace.bot is None:
            raise UsageError("No bot is chosen.", hint="Press esc, then 2, and choose one.")
        return True


def _input(name: str, placeholder: str = "", *, secret: bool = False) -> Input:
    return Input(placeholder=placeholder, id=name, password=secret, compact=True, max_length=2048)
