"""List the console's commands with the keys they are on.

A command is put on other keys in config.toml, in the table [keys], by the name in the first column:

  [keys]
  browse.delete = "ctrl+d"
  browse.check = ["h", "f5"]
  app.quit = "off"
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from cognitui.cli.output import add_json, emit, say, talk
from cognitui.settings import Settings
from cognitui.tui.commands import COMMANDS
from cognitui.tui.commands.key_names import key_text
from cognitui.tui.commands.keymap import EVERYWHERE, Keymap, keymap
from cognitui.tui.places import PLACES

if TYPE_CHECKING:
    import argparse

    from cognitui.tui.commands import Command

EXAMPLE = "cognitui keys --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """List, and return 0.

    Raises:
        ConfigBroken: A setting cannot be used as it stands.
    """
    keys = keymap(COMMANDS, Settings.load().config)
    if args.json:
        emit([_described(command, keys) for command in COMMANDS])
    else:
        say(_listing(keys))
        if any(keys[command.id] != command.keys for command in COMMANDS):
            talk("* as chosen in config.toml")
    return 0


def _described(command: Command, keys: Keymap) -> dict[str, object]:
    return {
        "id": command.id,
        "scope": command.scope,
        "keys": [key_text(key) for key in keys[command.id]],
        "default_keys": [key_text(key) for key in command.keys],
        "title": command.title,
        "help": command.help,
        "writes": command.writes,
        "asks": command.dangerous,
    }


def _listing(keys: Keymap) -> str:
    """One part for each place; the columns are the same in all of them."""
    rows = {
        command.id: (command.id, _keys_text(command, keys), command.help) for command in COMMANDS
    }
    widths = [max(len(row[column]) for row in rows.values()) for column in range(2)]
    parts = []
    for scope, commands in groupby(COMMANDS, key=lambda command: command.scope):
        lines = [_title(scope)]
        for command in commands:
            *left, help_ = rows[command.id]
            cells = [cell.ljust(width) for cell, width in zip(left, widths, strict=True)]
            lines.append(f"  {'  '.join(cells)}  {help_}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _keys_text(command: Command, keys: Keymap) -> str:
    """Its keys; a change is marked, so that nobody wonders where a key went."""
    words = ", ".join(key_text(key) for key in keys[command.id]) or "off"
    return words if keys[command.id] == command.keys else f"{words} *"


def _title(scope: str) -> str:
    if scope == EVERYWHERE:
        return "Everywhere"
    return next(place.title for place in PLACES if place.id == scope)
