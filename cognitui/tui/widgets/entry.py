"""One line to type into."""

from __future__ import annotations

from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input

MAX_LENGTH = 2048


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
