"""Find what is wrong with the settings: in the file, the variables, the keys and the schemes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.cli.output import add_json, emit, say
from cognitui.config import Config, ConfigBroken
from cognitui.settings import Paths, problems_of
from cognitui.tui.commands import COMMANDS
from cognitui.tui.commands.keymap import resolve

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

EXAMPLE = "cognitui config check --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Check, and return 0; 1 when something is wrong."""
    paths = Paths.default()
    found = problems_of(paths) or _wrong_choices(paths.config_file)
    if args.json:
        problems = [{**problem.as_dict(), "line": problem.line} for problem in found]
        emit({"path": str(paths.config_file), "ok": not found, "problems": problems})
    elif found:
        for problem in found:
            say(f"✗ {problem.message}")
    elif paths.config_file.is_file():
        say(f"✓ {paths.config_file}")
    else:
        say(f"✓ {paths.config_file} is not there: every setting has its default.")
    return 1 if found else 0


def _wrong_choices(path: Path) -> list[ConfigBroken]:
    """What only those can judge who use it: keys that no command has, schemes that sign nothing."""
    config = Config.load(path)
    found = resolve(COMMANDS, config)[1]
    if config.schemes:
        # Loads what signs, which who has no scheme of their own should not wait for.
        from cognitui.callbacks.schemes.custom import problems_of as wrong_schemes

        found = [*found, *wrong_schemes(config)]
    return sorted(found, key=lambda problem: problem.line or 0)
