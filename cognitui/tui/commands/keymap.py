"""Which keys each command is on, once a person's own choices are taken into account."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from cognitui.config import KEYS, OFF
from cognitui.config_reader import first_of
from cognitui.errors import did_you_mean
from cognitui.tui.commands.key_names import is_typed, key_name, key_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from cognitui.config import Config, ConfigBroken, KeyChoice
    from cognitui.config_file import ConfigFile
    from cognitui.tui.commands.command import Command

EVERYWHERE = "app"
# What the frame itself needs, and nobody could do without.
RESERVED = {
    "escape": "goes back",
    "tab": "goes to the next part",
    "shift+tab": "goes to the part before",
    "ctrl+q": "quits",
}

Keymap = dict[str, tuple[str, ...]]


def keymap(commands: Sequence[Command], config: Config) -> Keymap:
    """The keys of every command by its id, in Textual's names; none for one switched off.

    Raises:
        ConfigBroken: The choices name a command or a key that does not exist, or put two commands
            on one key; says in which line.
    """
    resolved, problems = resolve(commands, config)
    if problems:
        raise first_of(problems)
    return resolved


def resolve(commands: Sequence[Command], config: Config) -> tuple[Keymap, list[ConfigBroken]]:
    """The keys of every command, and all that is wrong with the choices, by their lines."""
    resolved = {command.id: command.keys for command in commands}
    if config.file is None or not config.keys:
        return resolved, []
    chosen, problems = _chosen(commands, config.keys, config.file)
    resolved |= chosen
    problems += [
        config.file.problem(reason, KEYS, *config.keys[name].path)
        for name, reason in _clashes(commands, resolved, chosen)
    ]
    return resolved, sorted(problems, key=lambda problem: problem.line or 0)


def _chosen(
    commands: Sequence[Command], choices: Mapping[str, KeyChoice], file: ConfigFile
) -> tuple[Keymap, list[ConfigBroken]]:
    known = {command.id: command for command in commands}
    taken = RESERVED.keys() - {key for command in commands for key in command.keys}
    chosen: Keymap = {}
    problems: list[ConfigBroken] = []
    for name, (keys, path) in choices.items():
        try:
            if name not in known:
                advice = did_you_mean(name, known)
                raise ValueError(f"there is no such command. {advice}".rstrip(". "))  # noqa: TRY301
            chosen[name] = tuple(dict.fromkeys(_usable(key, known[name], taken) for key in keys))
        except ValueError as error:
            problems.append(file.problem(f"{name!r}: {error}", KEYS, *path))
    return chosen, problems


def _usable(text: str, command: Command, taken: Collection[str]) -> str:
    """The name of a key that this command can be on; why it cannot is a `ValueError`."""
    name = key_name(text)
    if name in taken:
        raise ValueError(f"{text!r} always {RESERVED[name]}: choose another key")
    if command.priority and is_typed(name):
        raise ValueError(
            f"it works while you type, so {text!r} cannot be its key: try one with ctrl"
        )
    return name


def _clashes(
    commands: Sequence[Command], keys: Keymap, chosen: Keymap
) -> Iterator[tuple[str, str]]:
    """The choices that put two commands on one key where both could be meant, and the reason."""
    for one, other in combinations(commands, 2):
        if one.id not in chosen and other.id not in chosen:
            continue
        if one.scope != other.scope and EVERYWHERE not in {one.scope, other.scope}:
            continue
        if set(one.keys) & set(other.keys):
            continue  # made to share: only one of them can ever be used
        for key in keys[one.id]:
            if key in keys[other.id]:
                mine, rival = (one, other) if one.id in chosen else (other, one)
                reason = (
                    f"{mine.id} and {rival.id} are both on {key_text(key)}. Give one of them "
                    f'another key, or "{OFF}"'
                )
                yield mine.id, reason
