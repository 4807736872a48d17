"""Show every setting, its value, and where the value comes from. Secrets are not shown."""

from __future__ import annotations

import os
from dataclasses import fields
from typing import TYPE_CHECKING

from cognitui.cli.flags import add_flags, given
from cognitui.cli.output import add_json, emit, say, table, talk
from cognitui.config import KEYS, OFF, PREFIX, SCHEMES, SETTINGS
from cognitui.settings import HOME, Environment, Settings
from cognitui.tui.commands import COMMANDS
from cognitui.tui.commands.keymap import keymap

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from cognitui.config import Config

EXAMPLE = "cognitui config show --json"
NOTHING = "–"
HIDDEN = "set, not shown"
# All others are secrets, or may be.
SHOWN = frozenset({HOME, *(PREFIX + name for name in ("BASE_URL", "BOT_ID", "MONITOR_URL"))})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_flags(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Show, and return 0.

    Raises:
        ConfigBroken: A setting cannot be used as it stands.
    """
    settings = Settings.load(flags=given(args))
    config = settings.config
    keymap(COMMANDS, config)
    rows = [*_settings(config), *_keys(config), *_schemes(config), *_variables()]
    if args.json:
        names = ("name", "value", "source", "place")
        shown = [dict(zip(names, row, strict=True)) for row in rows]
        emit({"path": str(settings.paths.config_file), "settings": shown})
        return 0
    cells = [[name, _text(value), place] for name, value, _, place in rows]
    say(table(["SETTING", "VALUE", "FROM"], cells))
    is_there = "" if config.file else ", which is not there"
    talk(f"The file is {settings.paths.config_file}{is_there}.")
    return 0


Row = tuple[str, object, str, str]


def _settings(config: Config) -> Iterator[Row]:
    for setting in SETTINGS:
        value = getattr(config, setting.name)
        if setting.is_secret and value:
            value = _fingerprint(value)
        elif isinstance(value, str):
            value = _without_credentials(value)
        yield setting.name, value, config.source(setting.name), config.place(setting.name)


def _keys(config: Config) -> Iterator[Row]:
    if config.file is None:
        return
    for name, (keys, path) in config.keys.items():
        place = f"{config.file.path.name}, line {config.file.line(KEYS, *path)}"
        yield f"{KEYS}.{name}", list(keys) or OFF, "file", place


def _schemes(config: Config) -> Iterator[Row]:
    if config.file is None:
        return
    for name, fields_of in config.schemes.items():
        place = f"{config.file.path.name}, line {config.file.line(SCHEMES, name)}"
        header = fields_of.get("header", "") if isinstance(fields_of, dict) else ""
        yield f"{SCHEMES}.{name}", str(header), "file", place


def _variables() -> Iterator[Row]:
    """The variables that are not settings: where things lie, and the tenant."""
    for name in [HOME, *(PREFIX + one.name.upper() for one in fields(Environment))]:
        value = os.environ.get(name, "").strip()
        if value:
            shown = _without_credentials(value) if name in SHOWN else HIDDEN
            yield name, shown, "environment", "environment"


def _fingerprint(secret: str) -> str:
    # pydantic takes longer to load than all else that is shown here.
    from pydantic import SecretStr

    from cognitui.cognigy.credentials import fingerprint

    return fingerprint(SecretStr(secret))


def _without_credentials(value: str) -> str:
    """The value without what somebody may have put into a URL to be let in."""
    if "://" not in value:
        return value
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(value)
    except ValueError:
        return HIDDEN
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(value)
    return str(value) or NOTHING
