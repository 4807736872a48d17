"""Jump mode: a letter over each part of a place, and one key goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.errors import NoWidget
from textual.widgets import Static

from cognitui.tui.jump import letters_for
from cognitui.tui.widgets.described import part_of_widget

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.screen import Screen
    from textual.widget import Widget

    from cognitui.tui.screens.place import Place

# They work as always, so that jump mode never stands between a person and the door.
NOT_TAKEN = {"ctrl+q", "ctrl+c"}


class Letter(Static):
    """One letter, over the first characters of what it goes to; a click goes there too."""

    def __init__(self, letter: str, target: Widget) -> None:
        super().__init__(f" {letter} ", markup=False)
        self._target = target

    def on_click(self) -> None:
        """Go there."""
        self.screen.set_focus(self._target)


class Jump(Static, can_focus=True):
    """Takes the next key: a letter goes to its part, a digit to a place, any other ends it.

    Only the letters and one line are drawn; what lies below is not touched.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(id="jump")
        self._place = place
        self._before = place.focused
        self._targets: dict[str, Widget] = {}
        self._letters: list[Letter] = []

    def on_mount(self) -> None:
        """Put the letters up and take the keys."""
        parts = [widget for widget in self._place.focus_chain if widget is not self]
        seen = [widget for widget in parts if _spot(self._place, widget) is not None]
        names = [part_of_widget(widget, self._place.PARTS).name for widget in seen]
        for letter, widget in zip(letters_for(names), seen, strict=True):
            spot = _spot(self._place, widget)
            if letter and spot is not None:
                self._targets[letter] = widget
                label = Letter(letter, widget)
                label.styles.offset = spot
                self._letters.append(label)
        self.update(_line(self._place.app.place_keys.values()))
        self.screen.mount_all(self._letters)
        self.focus(scroll_visible=False)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Every key is ours, those of the place and the app among them."""
        del character
        return key not in NOT_TAKEN

    def on_key(self, event: events.Key) -> None:
        """Go where the key leads."""
        if event.key in NOT_TAKEN:
            return
        event.stop()
        event.prevent_default()
        app = self._place.app
        self._place.set_focus(self._targets.get(event.key, self._before))
        for command in app.COMMANDS_ANYWHERE:
            if command.name.startswith("go-") and event.key in app.keys_of(command):
                app.action_go(command.name.removeprefix("go-"))

    def on_blur(self) -> None:
        """Whatever took the focus, the mouse perhaps, ends it."""
        for label in self._letters:
            label.remove()
        self.remove()


def _spot(screen: Screen[None], widget: Widget) -> tuple[int, int] | None:
    """Where a widget can be seen; ``None`` when it is scrolled away, or not laid out yet."""
    try:
        region = screen.find_widget(widget).visible_region
    except NoWidget:
        return None
    return (region.x, region.y) if region.area else None


def _line(keys: Iterable[str]) -> Content:
    places = "".join(key for key in keys if len(key) == 1)
    style = "bold $footer-key-foreground"
    parts: list[tuple[str, str] | str] = [(" a letter", style), " goes to its part"]
    if places:
        parts += ["   ", (places, style), " to a place"]
    return Content.assemble(*parts, "   ", ("esc", style), " stays here")
