"""The form of the editor: it holds the draft, and shows what the models say about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import SecretStr
from textual import on
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Checkbox, Input, Static, TextArea

from cognitui.callbacks.display import safe_text
from cognitui.cognigy.models import TriggerEvent
from cognitui.tui.soon import Soon
from cognitui.tui.webhook_text import secret_note, skill_note
from cognitui.tui.widgets.entry import Entry, SecretEntry
from cognitui.tui.widgets.field import Field
from cognitui.tui.widgets.template_editor import TemplateEditor
from cognitui.tui.widgets.tick import Tick
from cognitui.webhooks.draft import Checked, Draft, check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from cognitui.cognigy.models import Skill

INPUTS = ("skill_id", "endpoint_url", "secret_key", "timeout_ms", "retry_count")
# What the tenant calls the fields, when it complains about one.
WIRE_NAMES = {
    "skillId": "skill_id",
    "url": "endpoint_url",
    "secret": "secret_key",
    "timeout": "timeout_ms",
    "retries": "retry_count",
}
MAX_DIGITS = 6
MAX_SHOWN = 65_536
ROOM_FOR_FINGERPRINT = 78
NEW_SECRET, KEPT_SECRET = "32 characters or more", "stays as it is"


class WebhookForm(VerticalScroll):
    """One field a line, each with its message; a message waits until its field was touched.

    Attributes:
        draft: What stands in the fields, up to date at each key.
        checked: What the models say about it, up to date after a pause.
    """

    class Edited(Message):
        """Something was typed, ticked or loaded, and was checked."""

    ALLOW_MAXIMIZE: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__(id="webhook-form", can_focus=False)
        self.draft = Draft()
        self.checked = Checked(None, None, {})
        self._skills: Sequence[Skill] = ()
        self._skills_state = ""
        self._touched: set[str] = set()
        self._soon = Soon(self, self.refresh_checks)
        self._shown_triggers = ""

    def compose(self) -> ComposeResult:
        """The fields."""
        yield Static("", id="webhook-title")
        yield Field("skill_id", "Skill", _entry("skill_id", "skill id, or F2 to choose"), "")
        yield Field("endpoint_url", "Endpoint", _entry("endpoint_url", "https://… (F6: receiver)"))
        with Vertical(id="field-triggers", classes="field"):
            with Horizontal(classes="field-row triggers"):
                yield Static("Triggers", classes="field-label")
                with Vertical(id="triggers"):
                    for event in TriggerEvent:
                        yield Tick(event, id=f"on-{event}", compact=True)
            yield Static("", classes="field-message", id="triggers-message")
        secret = SecretEntry(placeholder=NEW_SECRET, id="secret_key", is_secret=True)
        yield Field("secret_key", "Secret", secret, "")
        with Horizontal(id="delivery"):
            yield Field("timeout_ms", "Timeout", _number("timeout_ms"), "ms  500–10000")
            yield Field("retry_count", "Retries", _number("retry_count"), "0–5")
        yield TemplateEditor()

    @property
    def template(self) -> TemplateEditor:
        """The part that edits the templates."""
        return self.query_one(TemplateEditor)

    # From outside

    def load(self, draft: Draft) -> None:
        """Put a draft into the form."""
        self.draft, self._touched = draft, set()
        self.hide_secret()
        with self.prevent(Input.Changed, Checkbox.Changed, TextArea.Changed):
            for name in INPUTS:
                value = getattr(draft, name)
                self.query_one(f"#{name}", Input).value = _shown(value)
            for event in TriggerEvent:
                self.query_one(f"#on-{event}", Checkbox).value = event in draft.triggers
            self.template.load(draft.templates, draft.triggers)
        self.refresh_checks()

    def set_skills(self, skills: Sequence[Skill], state: str) -> None:
        """The skills whose names stand beside their ids, as far as they are loaded."""
        self._skills, self._skills_state = skills, state
        self._show_notes()

    def fill(self, name: str, text: str) -> None:
        """Write into a field as if it were typed."""
        self.query_one(f"#{name}", Input).value = text

    def touch_all(self) -> None:
        """Show every message from now on."""
        self._touched = {*INPUTS, "triggers"}
        self.refresh_checks()

    def focus_on(self, problem: str) -> None:
        """Put the cursor where something is wrong; in a template, at its line and column."""
        if problem in INPUTS:
            self.query_one(f"#{problem}").focus()
        elif problem == "triggers":
            self.query_one(Tick).focus()
        else:
            self.template.choose(problem.removeprefix("templates."))
            if not self.template.area.go_to_fault():
                self.template.area.focus()

    def focus_on_wire(self, field: str | None) -> None:
        """Put the cursor into the field that the tenant complains about, by its wire name."""
        name = WIRE_NAMES.get((field or "").rsplit(".", 1)[-1])
        if name is not None:
            self.focus_on(name)

    def set_title(self, title: Content) -> None:
        """What stands above the fields."""
        self.query_one("#webhook-title", Static).update(title)

    def reveal_secret(self) -> None:
        """Show the secret until one leaves its field; hide it when it is shown."""
        box = self.query_one("#secret_key", SecretEntry)
        is_hidden = box.password
        box.focus()
        box.reveal() if is_hidden else box.hide()

    def hide_secret(self) -> None:
        """Dots again."""
        self.query_one("#secret_key", SecretEntry).hide()

    # Typing

    def take_in(self) -> None:
        """Let the draft be what the fields show, should the last keys not have reached it yet."""
        for name in INPUTS:
            text = self.query_one(f"#{name}", Input).value
            if text != _shown(getattr(self.draft, name)):
                self.draft = self.draft.with_(**{name: _value(name, text)})

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        name = event.input.id or ""
        # What another draft held a moment ago is not this one's.
        if event.value == event.input.value:
            self._change(name, **{name: _value(name, event.value)})

    @on(Checkbox.Changed)
    def _ticked(self, event: Checkbox.Changed) -> None:
        event.stop()
        ticked = tuple(
            str(event) for event in TriggerEvent if self.query_one(f"#on-{event}", Checkbox).value
        )
        # Events that this program does not know stay as the tenant had them.
        unknown = tuple(e for e in self.draft.triggers if e not in set(TriggerEvent))
        self._change("triggers", triggers=ticked + unknown)

    @on(TemplateEditor.Edited)
    def _template_typed(self, event: TemplateEditor.Edited) -> None:
        event.stop()
        if not event.is_current:
            return
        templates = dict(self.draft.templates) | {event.event: event.text}
        kept = {name: text for name, text in templates.items() if text.strip()}
        self._change("template", templates=kept)

    @on(Input.Submitted)
    def _next(self) -> None:
        self.screen.focus_next()

    def _change(self, name: str, **changes: object) -> None:
        self._touched.add(name)
        self.draft = self.draft.with_(**changes)
        self._soon.ask()

    # Checking

    def refresh_checks(self) -> None:
        """Validate with the models that are sent, and show what they say under the fields."""
        self._soon.cancel()
        self.checked = check(self.draft)
        problems = self.checked.problems
        for name in INPUTS:
            shown = problems.get(name, "") if name in self._touched else ""
            self.query_one(f"#field-{name}", Field).set_problem(shown)
        self._show_triggers(problems.get("triggers", "") if "triggers" in self._touched else "")
        self.template.update(self.draft, self.checked.templates)
        self._show_notes()
        self.post_message(self.Edited())

    def _show_triggers(self, problem: str) -> None:
        if problem != self._shown_triggers:
            self._shown_triggers = problem
            message = self.query_one("#triggers-message", Static)
            message.update(Content(f"✗ {problem}" if problem else ""))
            self.query_one("#field-triggers").set_class(bool(problem), "-invalid")

    def _show_notes(self) -> None:
        draft = self.draft
        note = skill_note(draft.skill_id, self._skills, state=self._skills_state)
        self.query_one("#field-skill_id", Field).set_note(note)
        box = self.query_one("#secret_key", Input)
        box.placeholder = NEW_SECRET if draft.webhook_id is None else KEPT_SECRET
        is_wide = self.size.width >= ROOM_FOR_FINGERPRINT
        note = secret_note(draft.secret_key, is_wide=is_wide)
        self.query_one("#field-secret_key", Field).set_note(note)


def _shown(value: str | SecretStr) -> str:
    """What a field shows: a tenant's signs are made harmless, the draft keeps what they were."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return safe_text(value, MAX_SHOWN)


def _value(name: str, text: str) -> str | SecretStr:
    return SecretStr(text) if name == "secret_key" else text


def _number(name: str) -> Entry:
    """A short number: what is typed takes the place of what is there."""
    return Entry(id=name, max_length=MAX_DIGITS, select_on_focus=True)


def _entry(name: str, placeholder: str = "") -> Entry:
    return Entry(placeholder=placeholder, id=name)
