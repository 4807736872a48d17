"""From declared commands to Textual's key bindings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingsMap
from textual.keys import key_to_character

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from textual.binding import BindingType
    from textual.dom import DOMNode

    from cognitui.config import Config
    from cognitui.tui.commands import Command

_CHARACTERS = {
    "slash": "/", "plus": "+", "minus": "-", "at": "@", "underscore": "_", "backslash": "\\",
}  # fmt: skip
_KEY = re.compile(r"\{([a-z]+\.[a-z-]+)(?::([0-9]+))?\}")


def bindings(
    commands: Iterable[Command],
    keys_of: Callable[[Command], tuple[str, ...]] = lambda command: command.keys,
) -> list[BindingType]:
    """The bindings of a place or the app; a command without a key has none.

    Args:
        commands: What can be done there.
        keys_of: The keys of each, where they are not those that it is declared with.
    """
    return [
        Binding(
            ",".join(keys),
            command.action,
            command.title,
            show=command.footer,
            priority=command.priority,
            tooltip=command.help,
            id=command.id,
        )
        for command in commands
        if (keys := keys_of(command))
    ]


def rebind(
    node: DOMNode, commands: Iterable[Command], keys_of: Callable[[Command], tuple[str, ...]]
) -> None:
    """Put a node's commands on other keys than those that they are declared with.

    Textual's own keymap cannot switch a command off, and drops whatever else is on a new key.
    """
    ids = {command.id for command in commands}
    kept = [binding for _, binding in node._bindings if binding.id not in ids]  # noqa: SLF001
    node._bindings = BindingsMap([*kept, *bindings(commands, keys_of)])  # noqa: SLF001


def character_of(key: str) -> str | None:
    """The character that a key types; ``None`` when it types none. Textual knows not all of them.

    Args:
        key: In Textual's names.
    """
    return _CHARACTERS.get(key) or key_to_character(key)


def chosen_keys(config: Config) -> Mapping[str, tuple[str, ...]]:
    """The keys of every command by its id; nothing when nobody chose any.

    Raises:
        ConfigBroken: The choice cannot be used as it stands.
    """
    if not config.keys:
        return {}
    from cognitui.tui.commands import COMMANDS
    from cognitui.tui.commands.keymap import keymap

    return keymap(COMMANDS, config)


def with_keys(text: str, label_of: Callable[[str], str]) -> str:
    """Text in which ``{browse.new}`` stands for the key of that command, whichever it is.

    ``{browse.new:3}`` is three columns wide, for keys that stand above each other.

    Args:
        text: What is told.
        label_of: The key of a command as it is shown, by the command's id.
    """
    return _KEY.sub(lambda found: label_of(found[1]).ljust(int(found[2] or 0)), text)
