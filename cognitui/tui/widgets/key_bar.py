"""The last line: what can be done here, and by which key."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content
from textual.widgets import Input, Static, TextArea

from cognitui.tui.bindings import character_of
from cognitui.tui.widgets.show import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from cognitui.tui.commands import Command
    from cognitui.tui.screens.place import Place


class Key(NamedTuple):
    """One key as the bar shows it."""

    label: str
    title: str
    action: str
    is_enabled: bool


class KeyBar(Static):
    """One line of text, not a widget per key: it follows every move of the cursor.

    Args:
        place: Whose commands are shown.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(id="key-bar")
        self._place = place
        self._shown: object = None

    def on_mount(self) -> None:
        """Follow the focus and what can be done."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh_keys())

    def on_resize(self, event: events.Resize) -> None:
        """Another width has room for other keys."""
        del event
        self.refresh_keys()

    def refresh_keys(self) -> None:
        """Draw the keys, if they are not what is drawn already."""
        width = self.size.width
        if not width or not self._place.is_current:
            return
        keys = self._keys(self._place.PLACE_COMMANDS), self._keys(self._place.app.COMMANDS_ANYWHERE)
        if (keys, width) != self._shown:
            self._shown = (keys, width)
            show(self, key_line(*keys, width))

    def _keys(self, commands: Sequence[Command]) -> list[Key]:
        """What works while the focused part has the focus; letters do not while one types."""
        place, focused = self._place, self._place.focused
        keys = []
        if commands is place.PLACE_COMMANDS and isinstance(focused, (Input, TextArea)):
            # Letters and digits are text as long as the cursor is in it.
            keys.append(Key("esc", "Leave field", "screen.leave", is_enabled=True))
        for command in commands:
            bound = place.app.keys_of(command)
            if not command.footer or not bound or place.is_stood_in_for(command):
                continue
            key = bound[0]
            if not command.priority and focused is not None:
                free = [k for k in bound if not focused.check_consume_key(k, character_of(k))]
                if not free:
                    continue
                key = free[0]
            namespace = "app" if command.scope == "app" else "screen"
            keys.append(
                Key(
                    place.app.key_label(key),
                    command.title,
                    f"{namespace}.{command.action}",
                    not place.reason_against(command),
                )
            )
        return keys


def key_line(here: Sequence[Key], anywhere: Sequence[Key], width: int) -> Content:
    """As many keys as fit; those that work anywhere at the right, the first of them always."""
    right = [_key(key) for key in anywhere]
    room = width - sum(part.cell_length for part in right)
    left: list[Content] = []
    for key in here:
        part = _key(key)
        while right[1:] and part.cell_length > room:
            room += right.pop().cell_length
        if part.cell_length > room:
            break
        left.append(part)
        room -= part.cell_length
    return Content.assemble(*left, " " * max(0, room), *right)


def _key(key: Key) -> Content:
    if not key.is_enabled:
        return Content.styled(f" {key.label} {key.title} ", "$foreground-disabled")
    click = f"@click={key.action}"
    return Content.assemble(
        (f" {key.label}", f"bold $footer-key-foreground {click}"), (f" {key.title} ", click)
    )
