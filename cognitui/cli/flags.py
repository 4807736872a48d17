"""The settings as flags of the console, made from their declarations."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from cognitui.config import SETTING, SETTINGS, Setting, Value

if TYPE_CHECKING:
    from collections.abc import Mapping


def add_flags(parser: argparse.ArgumentParser, *names: str) -> None:
    """The flags of these settings; of all of them without names."""
    for name in names or SETTING:
        setting = SETTING[name]
        if not setting.flags:
            continue
        if isinstance(setting.default, bool):
            parser.add_argument(
                setting.flags[0],
                action=argparse.BooleanOptionalAction,
                default=None,
                help=setting.help,
            )
        else:
            parser.add_argument(setting.flags[0], metavar=setting.metavar, help=help_of(setting))


def given(args: argparse.Namespace) -> dict[str, Value]:
    """What the flags set, by the settings' names."""
    values = {setting.name: getattr(args, setting.name, None) for setting in SETTINGS}
    return {name: value for name, value in values.items() if value is not None}


def as_arguments(values: Mapping[str, Value]) -> list[str]:
    """The arguments that set these values for another console."""
    arguments = []
    for name, value in values.items():
        flags = SETTING[name].flags
        if isinstance(value, bool):
            arguments.append(flags[0] if value else flags[1])
        else:
            arguments.append(f"{flags[0]}={value}")
    return arguments


def is_flag(word: str) -> bool:
    """Whether an argument sets something for the console."""
    return word.partition("=")[0] in console_flags()


def console_flags() -> list[str]:
    """Every flag of every setting."""
    return [flag for setting in SETTINGS for flag in setting.flags]


def overview() -> list[tuple[str, str]]:
    """The flags as the overview of all commands lists them: how to write one, what it does.

    A switch is listed by the flag that changes something.
    """
    rows = []
    for setting in SETTINGS:
        if not setting.flags:
            continue
        if isinstance(setting.default, bool):
            rows.append((setting.flags[1 if setting.default else 0], setting.flag_help))
        else:
            rows.append((f"{setting.flags[0]} {setting.metavar}", help_of(setting)))
    return rows


def help_of(setting: Setting) -> str:
    """What a setting does, and the values that it can have."""
    return f"{setting.help}: {', '.join(setting.choices)}" if setting.choices else setting.help
