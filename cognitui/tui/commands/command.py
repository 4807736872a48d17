"""What a command is: its name, its keys, its words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be done.

    Attributes:
        id: Scope, dot, name, such as ``browse.delete``; what a keymap refers to. The scope is the
            id of a place, or ``app`` for what can be done anywhere.
        keys: The keys by default, in Textual's names; the first is the one that is shown.
        title: One or two words, for the key bar and the palette.
        help: What it does, in a sentence.
        footer: Whether the key bar has room for it.
        writes: Whether it changes something at the tenant or sends something to an endpoint, and so
            is refused in a read-only console.
        dangerous: Whether it asks first.
        priority: Whether its key works while a text field has the focus.
        elsewhere: Whether the palette offers it in other places too, from where it goes there
            first: it needs nothing that is chosen there.
        call: The action, where it is not the name itself.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    help: str
    footer: bool = True
    writes: bool = False
    dangerous: bool = False
    priority: bool = False
    elsewhere: bool = False
    call: str = ""

    @property
    def scope(self) -> str:
        """The place it belongs to, or ``app``."""
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        """Its id within the scope."""
        return self.id.partition(".")[2]

    @property
    def action(self) -> str:
        """The action as Textual writes it; ``action_…`` on the place or the app handles it."""
        return self.call or self.name.replace("-", "_")
