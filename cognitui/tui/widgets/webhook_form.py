"""The form of the editor: it holds the draft, and shows what the models say about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import SecretStr
from textual import on
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Checkbox, Input, Select, Static, TextArea

from cognitui.callbacks.display import safe_text
from cognitui.cognigy.models import TriggerEvent
from cognitui.tui.render import plain
from cognitui.tui.soon import Soon
from cognitui.tui.widgets.entry import Entry
from cognitui.tui.widgets.field import Field
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
MAX_SHOWN = 65_536
TEMPLATE_HINT = '{"session": "{{sessionId}}"}  adds fields to the callback'


class WebhookForm(VerticalScroll):
    """One field a line, each with its message; a message waits until its field was touched."""

    class Edited(Message):
        """Something was typed, ticked or loaded; draft and checks are up to date."""

    ALLOW_MAXIMIZE: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__(id="webhook-form", can_focus=False)
        self.draft = Draft()
        self.checked = Checked(None, None, {})
        self._skills: Sequence[Skill] = ()
        self._touched: set[str] = set()
        self._template_event = str(TriggerEvent.ON_MESSAGE)
        self._soon = Soon(self, self.refresh_checks)

    def compose(self) -> ComposeResult:
        """The fields."""
        yield Static("", id="webhook-title")
        yield Field("skill_id", "Skill", _input("skill_id", "skill id, or F2 to choose"))
        yield Field("endpoint_url", "Endpoint", _input("endpoint_url", "https://… (F6: receiver)"))
        with Vertical(id="field-triggers", classes="field"):
            with Horizontal(classes="field-row triggers"):
                yield Static("Triggers", classes="field-label")
                with Vertical(id="triggers"):
                    for event in TriggerEvent:
                        yield Tick(event, id=f"on-{event}", compact=True)
            yield Static("", classes="field-message", id="triggers-message")
        yield Field("secret_key", "Secret", _input("secret_key", "F3 makes one", secret=True))
        yield Field("timeout_ms", "Timeout", _input("timeout_ms"), "ms  500–10000")
        yield Field("retry_count", "Retries", _input("retry_count"), "0–5")
        events = Select(
            [(event, str(event)) for event in TriggerEvent],
            value=self._template_event,
            allow_blank=False,
            compact=True,
            id="template-event",
        )
        yield Field("template", "Template", events, "optional JSON")
        yield TextArea(id="template", compact=True, placeholder=TEMPLATE_HINT)

    # From outside

    def load(self, draft: Draft) -> None:
        """Put a draft into the form."""
        self.draft, self._touched = draft, set()
        self.query_one("#secret_key", Input).password = True
        with self.prevent(Input.Changed, Checkbox.Changed, TextArea.Changed):
            for name in INPUTS:
                value = getattr(draft, name)
                # A tenant's signs are shown harmless; the draft keeps what they were.
                self.query_one(f"#{name}", Input).value = (
                    value.get_secret_value()
                    if isinstance(value, SecretStr)
                    else safe_text(value, MAX_SHOWN)
                )
            for event in TriggerEvent:
                self.query_one(f"#on-{event}", Checkbox).value = event in draft.triggers
            self._show_template_text()
        self.refresh_checks()

    def set_skills(self, skills: Sequence[Skill]) -> None:
        """The skills whose names stand beside their ids."""
        self._skills = skills
        self._show_notes()

    def fill(self, name: str, text: str) -> None:
        """Write into a field as if it were typed."""
        self.query_one(f"#{name}", Input).value = text

    def touch_all(self) -> None:
        """Show every message from now on."""
        self._touched = {*INPUTS, "triggers", "template"}
        self.refresh_checks()

    def focus_on(self, problem: str) -> None:
        """Put the cursor where something is wrong."""
        if problem in INPUTS:
            self.query_one(f"#{problem}").focus()
        elif problem == "triggers":
            self.query_one(Tick).focus()
        else:
            self.query_one("#template").focus()

    def focus_on_wire(self, field: str | None) -> None:
        """Put the cursor into the field that the tenant complains about, by its wire name."""
        name = WIRE_NAMES.get((field or "").rsplit(".", 1)[-1])
        if name is not None:
            self.focus_on(name)

    def set_title(self, title: Content) -> None:
        """What stands above the fields."""
        self.query_one("#webhook-title", Static).update(title)

    # Typing

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        name = event.input.id or ""
        value = SecretStr(event.value) if name == "secret_key" else event.value
        self._change(name, **{name: value})

    @on(Checkbox.Changed)
    def _ticked(self) -> None:
        ticked = tuple(
            str(event) for event in TriggerEvent if self.query_one(f"#on-{event}", Checkbox).value
        )
        # Events that this program does not know stay as the tenant had them.
        unknown = tuple(e for e in self.draft.triggers if e not in set(TriggerEvent))
        self._change("triggers", triggers=ticked + unknown)

    @on(TextArea.Changed, "#template")
    def _template_typed(self, event: TextArea.Changed) -> None:
        templates = dict(self.draft.templates) | {self._template_event: event.text_area.text}
        kept = {name: text for name, text in templates.items() if text.strip()}
        self._change("template", templates=kept)

    @on(Select.Changed, "#template-event")
    def _template_chosen(self, event: Select.Changed) -> None:
        self._template_event = str(event.value)
        with self.prevent(TextArea.Changed):
            self._show_template_text()
        self.refresh_checks()

    def _show_template_text(self) -> None:
        text = self.draft.templates.get(self._template_event, "")
        area = self.query_one("#template", TextArea)
        area.text = safe_text(text, MAX_SHOWN, multiline=True)

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
        self._show_template()
        self._show_notes()
        self.post_message(self.Edited())

    def _show_triggers(self, problem: str) -> None:
        message = self.query_one("#triggers-message", Static)
        message.update(Content(f"✗ {problem}" if problem else ""))
        self.query_one("#field-triggers").set_class(bool(problem), "-invalid")

    def _show_template(self) -> None:
        found = {
            name.removeprefix("templates."): text
            for name, text in self.checked.problems.items()
            if name.startswith("templates.")
        }
        event = self._template_event
        text = found.get(event) or next((f"{k}: {v}" for k, v in found.items()), "")
        if self.draft.templates.get(event) and event not in self.draft.triggers and not text:
            text = f"Tick {event} above, or this template is not sent."
        self.query_one("#field-template", Field).set_problem(text)

    def _show_notes(self) -> None:
        skill = next((s for s in self._skills if s.id == self.draft.skill_id.strip()), None)
        name = plain(skill.name, 24) if skill else Content("")
        note = Content.assemble("✓ ", name).stylize("$success") if skill else name
        self.query_one("#field-skill_id", Field).set_note(note)
        self.query_one("#field-secret_key", Field).set_note(self._secret_note())

    def _secret_note(self) -> Content:
        length = len(self.draft.secret_key.get_secret_value())
        if self.draft.webhook_id and not length:
            return Content("the tenant keeps the one it has")
        if "secret_key" in self.checked.problems:
            return Content.styled(f"{length} chars", "$foreground-muted")
        return Content.styled(f"{length} chars ✓", "$success")


def _input(name: str, placeholder: str = "", *, secret: bool = False) -> Input:
    return Entry(placeholder=placeholder, id=name, is_secret=secret)
