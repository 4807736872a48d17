"""The payload template of each trigger: which one, its JSON, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Select, Static, TextArea

from cognitui.callbacks.display import safe_json
from cognitui.callbacks.template import parse_template
from cognitui.callbacks.template_problem import find_problem
from cognitui.cognigy.models import TriggerEvent
from cognitui.tui.widgets.chooser import Chooser
from cognitui.tui.widgets.json_area import JsonArea

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from textual.app import ComposeResult

    from cognitui.callbacks.template_problem import TemplateProblem
    from cognitui.webhooks.draft import Draft

PLACEHOLDER = '{"session": "{{sessionId}}"}  adds fields to the callback'


class TemplateEditor(Vertical):
    """Edits one template at a time; the others are kept as they are.

    Attributes:
        event: The trigger whose template is shown.
        loads: How many drafts were shown so far.
    """

    class Edited(Message):
        """The template of an event was changed."""

        def __init__(self, editor: TemplateEditor, text: str) -> None:
            super().__init__()
            self.event, self.text = editor.event, text
            self._editor, self._load = editor, editor.loads

        @property
        def is_current(self) -> bool:
            """Whether the draft it was typed into is still the one that is edited."""
            return self._load == self._editor.loads

    class Chosen(Message):
        """Another event's template is shown."""

    def __init__(self) -> None:
        super().__init__(id="field-template", classes="field")
        self.event = str(TriggerEvent.ON_MESSAGE)
        self.loads = 0
        self._templates: Mapping[str, str] = {}
        self._ticked: Collection[str] = ()
        self._found: Mapping[str, TemplateProblem] = {}
        self._shown: object = None

    def compose(self) -> ComposeResult:
        """The chooser, the text, and a line for what is wrong."""
        with Horizontal(classes="field-row"):
            yield Static(Content("Template"), classes="field-label")
            events = [(event, str(event)) for event in TriggerEvent]
            yield Chooser(events, self.event, id="template-event")
            yield Static("", classes="field-note")
        yield JsonArea(id="template", placeholder=PLACEHOLDER)
        yield Static("", classes="field-message", id="template-message")

    @property
    def area(self) -> JsonArea:
        """Where the JSON is written."""
        return self.query_one(JsonArea)

    @property
    def text(self) -> str:
        """The template that is shown."""
        return self._templates.get(self.event, "")

    @property
    def problem(self) -> TemplateProblem | None:
        """What is wrong with the template that is shown, whether it will be sent or not."""
        if self.event in self._ticked:
            return self._found.get(self.event)
        return find_problem(self.text) if self.text.strip() else None

    def load(self, templates: Mapping[str, str], ticked: Collection[str]) -> None:
        """Show the templates of another draft; `update` tells what is wrong with them."""
        self.loads += 1
        self._templates, self._ticked = templates, ticked
        if self.event not in ticked and not self.text:
            # The first one that is of any use.
            self._choose(next((event for event in TriggerEvent if event in ticked), self.event))
        self._show_text()

    def update(self, draft: Draft, found: Mapping[str, TemplateProblem]) -> None:
        """The draft was checked: show what that says about its templates.

        Args:
            draft: As it stands.
            found: What is wrong with the templates that would be sent.
        """
        added = [event for event in draft.triggers if event not in self._ticked]
        self._templates, self._ticked, self._found = draft.templates, draft.triggers, found
        if (
            added
            and added[0] in set(TriggerEvent)
            and self.event not in self._ticked
            and not self.text
        ):
            self._choose(added[0])
            self._show_text()
        self._show_state()

    def choose(self, event: str) -> None:
        """Show the template of this event."""
        self._choose(event)
        self._show_text()
        self._show_state()
        self.post_message(self.Chosen())

    def format(self) -> None:
        """Write the template anew, one value a line.

        Raises:
            TemplateError: It is broken.
        """
        text = safe_json(parse_template(self.text))
        if text != self.area.text:
            self.area.replace(text, (0, 0), self.area.document.end)

    def _choose(self, event: str) -> None:
        self.event = event
        with self.prevent(Select.Changed):
            self.query_one("#template-event", Select).value = event

    def _show_text(self) -> None:
        with self.prevent(TextArea.Changed):
            self.area.text = self.text

    @on(Select.Changed)
    def _event_chosen(self, event: Select.Changed) -> None:
        event.stop()
        if str(event.value) != self.event:
            self.choose(str(event.value))

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.post_message(self.Edited(self, event.text_area.text))

    def _show_state(self) -> None:
        """What is wrong, where, and whether it will be sent at all."""
        problem = self.problem
        self.area.set_fault(*((problem.line, problem.column) if problem else (None, None)))
        words, sign = "", "✗"
        if problem is not None:
            sign = "✗" if problem.blocks else "!"
            words = f"{problem.sentence} {problem.hint}".strip()
        elif self.text.strip() and self.event not in self._ticked:
            words, sign = f"Tick {self.event} above, or this template is not sent.", "!"
        else:
            words = self._elsewhere()
        note = self._note()
        if (words, sign, note) == self._shown:
            return
        self._shown = (words, sign, note)
        self.query_one("#template-message", Static).update(
            Content(f"{sign} {words}" if words else "")
        )
        self.set_class(bool(words), "-invalid")
        self.set_class(bool(words) and sign == "!", "-remark")
        self.query_one(".field-note", Static).update(note)

    def _elsewhere(self) -> str:
        """What is wrong in a template that is out of sight and would be sent."""
        return next(
            (
                f"{event}: {problem.sentence}"
                for event, problem in self._found.items()
                if problem.blocks
            ),
            "",
        )

    def _note(self) -> str:
        others = sum(
            1 for event, text in self._templates.items() if event != self.event and text.strip()
        )
        return f"and {others} more" if others else "optional JSON"
