"""A text area for JSON, with colours and a mark where something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.strip import Strip
from textual.widgets import TextArea

from cognitui.tui.json_text import Kind, pieces

if TYPE_CHECKING:
    from rich.text import Text
    from textual import events

MAX_COLOURED = 50_000
INDENT = "  "
_FAULT = "json-area--fault"


class JsonArea(TextArea):
    """Edits JSON. Only lines in sight are coloured, so that a key costs the same in a long text.

    Attributes:
        fault: Line and column, both from 0, of what is wrong; ``None`` when nothing is.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {_FAULT, *(f"json-area--{kind}" for kind in Kind)}

    def __init__(self, *, placeholder: str = "", **options: Any) -> None:
        self._is_plain = False
        super().__init__(
            compact=True,
            placeholder=placeholder,
            highlight_cursor_line=False,
            show_line_numbers=True,
            **options,
        )
        self.fault: tuple[int, int] | None = None

    def _build_highlight_map(self) -> None:
        """Called at each edit: a good moment to see how long the text is."""
        super()._build_highlight_map()
        self._is_plain = len(self.text) > MAX_COLOURED

    def get_line(self, line_index: int) -> Text:
        """A line with its colours."""
        line = super().get_line(line_index)
        if self._is_plain:
            return line
        for start, end, kind in pieces(line.plain):
            line.stylize(
                self.get_component_rich_style(f"json-area--{kind}", partial=True), start, end
            )
        if self.fault is not None and self.fault[0] == line_index:
            column = self.fault[1]
            if column >= len(line):
                line.pad_right(column + 1 - len(line))
            style = self.get_component_rich_style(_FAULT, partial=True)
            line.stylize(style, column, column + 1)
        return line

    def render_line(self, y: int) -> Strip:
        """A line as it is drawn. Textual cannot break its placeholder where there is no room."""
        width = self.content_size.width
        return super().render_line(y) if width > 0 else Strip.blank(self.size.width)

    def set_fault(self, line: int | None, column: int | None) -> None:
        """Mark a place, both from 1 as people count; ``None`` takes the mark away."""
        fault = None if line is None or column is None else (line - 1, column - 1)
        if fault != self.fault:
            self.fault = fault
            self._line_cache.clear()
            self.refresh()

    def go_to_fault(self) -> bool:
        """Put the cursor where something is wrong; false when nothing is."""
        if self.fault is None:
            return False
        self.focus()
        self.move_cursor(self.fault, center=True)
        return True

    async def _on_key(self, event: events.Key) -> None:
        """Enter goes on as deep as the line before, and deeper after an opening bracket."""
        if event.key == "enter" and not self.read_only:
            event.stop()
            event.prevent_default()
            self._restart_blink()
            start, end = self.selection
            before = self.document.get_line(min(start, end)[0])[: min(start, end)[1]]
            indent = before[: len(before) - len(before.lstrip(" "))]
            if before.rstrip().endswith(("{", "[")):
                indent += INDENT
            self._replace_via_keyboard(f"\n{indent}", start, end)
            return
        await super()._on_key(event)
