"""The field for the log's filter, and the line below it that helps or says what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from cognitui.audit.wanted import Wanted, read_filter
from cognitui.errors import UsageError
from cognitui.tui.audit_filter import (
    EXAMPLE,
    FilterSuggester,
    completion,
    help_line,
    problem_line,
)
from cognitui.tui.widgets.entry import Entry
from cognitui.tui.widgets.show import show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from textual.app import ComposeResult

    from cognitui.audit.records import AuditRecord


class LogFilter(Vertical):
    """Reads the filter at each key; what it asks for is `wanted`.

    Args:
        now: The present, for ages such as ``since:2h``.
    """

    class Changed(Message):
        """The filter asks for something else; it is not told while it makes no sense."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(id="audit-filter-box")
        self._now = now
        self._suggester = FilterSuggester()

    def compose(self) -> ComposeResult:
        """The field, and the line."""
        box = Entry(placeholder=EXAMPLE, id="audit-filter")
        box.suggester = self._suggester
        yield box
        yield Static("", id="audit-note")

    def on_mount(self) -> None:
        """There is nothing to say yet."""
        self.query_one("#audit-note").display = False

    @property
    def box(self) -> Entry:
        """The field."""
        return self.query_one(Entry)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.box.value.strip()

    @property
    def wanted(self) -> Wanted | None:
        """What it asks for; ``None`` when it makes no sense."""
        try:
            return self.read()
        except UsageError:
            return None

    def read(self) -> Wanted:
        """What it asks for.

        Raises:
            UsageError: It makes no sense.
        """
        return read_filter(self.box.value, now=self._now().astimezone())

    @property
    def is_dated(self) -> bool:
        """Whether it says itself since when or until when."""
        wanted = self.wanted
        return wanted is not None and (wanted.since is not None or wanted.until is not None)

    @property
    def is_half_typed(self) -> bool:
        """Whether the last word has a beginning that can be completed, or a value to come."""
        text = self.box.value
        return text.endswith(":") or bool(completion(text, self._suggester.seen))

    def suggest_from(self, records: Sequence[AuditRecord]) -> None:
        """Suggest ids that occur in these records."""
        self._suggester.seen = records

    def check(self) -> bool:
        """Say what is wrong, or help while it is typed; whether it makes sense."""
        line = help_line(self.box.value) if self.box.has_focus else None
        is_good = True
        try:
            self.read()
        except UsageError as error:
            is_good = False
            # A word that is still being typed is no mistake yet.
            if line is None or not self.is_half_typed:
                line = problem_line(error)
        note = self.query_one("#audit-note", Static)
        note.display = line is not None
        if line is not None:
            show(note, line)
        return is_good

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.check():
            self.post_message(self.Changed())

    def on_descendant_focus(self) -> None:
        """Help is wanted."""
        self.check()

    def on_descendant_blur(self) -> None:
        """It is not any more."""
        self.call_after_refresh(self.check)
