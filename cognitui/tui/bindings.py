"""From declared commands to Textual's key bindings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType

    from cognitui.tui.commands import Command


def bindings(commands: Iterable[Command]) -> list[BindingType]:
    """The bindings of a place or the app; a command without a key has none."""
    return [
        Binding(
            ",".join(command.keys),
            command.action,
            command.title,
            show=command.footer,
            priority=command.priority,
            tooltip=command.help,
            id=command.id,
        )
        for command in commands
        if command.keys
    ]
