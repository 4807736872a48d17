"""One line to type into."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.actions import SkipAction
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input

if TYPE_CHECKING:
    from textual import events
    from textual.timer import Timer

    from cognitui.tui.app import CognituiApp

MAX_LENGTH = 2048
REVEALED_S = 30


class Entry(Input):
    """A compact input whose letters cost no layout.

    Textual lays out the whole screen when an input's text grows, since its width might depend on
    it. Ours is as wide as its place, so that a key costs one line drawn.
    """

    virtual_size = Reactive(Size(0, 0))

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002
        is_secret: bool = False,
        max_length: int = MAX_LENGTH,
        select_on_focus: bool = False,
    ) -> None:
        super().__init__(
            value,
            placeholder=placeholder,
            id=id,
            password=is_secret,
            compact=True,
            max_length=max_length,
            select_on_focus=select_on_focus,
        )
        self._is_secret = is_secret

    def action_copy(self) -> None:
        """Copy what is selected; a secret for a while only."""
        if not self._is_secret:
            super().action_copy()
        elif self.selected_text:
            self._copy_secret()
        else:
            raise SkipAction

    def action_cut(self) -> None:
        """The same, and take it out."""
        if not self._is_secret:
            super().action_cut()
        elif self.selected_text:
            self._copy_secret()
            self.delete_selection()

    def _copy_secret(self) -> None:
        from cognitui.tui.secret_clipboard import CLEARED_WORDS

        cast("CognituiApp", self.app).copy_secret(self.selected_text)
        self.notify(f"The secret was {CLEARED_WORDS}.", markup=False)


class SecretEntry(Entry):
    """Shows dots; what was revealed is hidden again when one leaves it, and after a while."""

    _hides: Timer | None = None

    def reveal(self) -> None:
        """Show what stands here."""
        self.hide()
        self.password = False
        self._hides = self.set_timer(REVEALED_S, self.hide, name="hide a secret")

    def hide(self) -> None:
        """Show dots again."""
        self.password = True
        if self._hides is not None:
            self._hides.stop()
            self._hides = None

    def on_blur(self, event: events.Blur) -> None:
        """Somebody else may look at the screen later."""
        del event
        self.hide()
