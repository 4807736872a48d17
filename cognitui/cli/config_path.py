"""Tell where the file of settings is. It is made by hand, so it need not be there.

With --json also the directories of what the console keeps: data has the vault and the audit log,
state the log's key, drafts and logs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.cli.output import add_json, emit, say, talk
from cognitui.settings import Paths

if TYPE_CHECKING:
    import argparse

EXAMPLE = "cognitui config path"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Tell, and return 0."""
    paths = Paths.default()
    path = paths.config_file
    if args.json:
        told = {"path": str(path), "exists": path.is_file()}
        emit(told | {"data": str(paths.data), "state": str(paths.state)})
        return 0
    say(str(path))
    if not path.is_file():
        talk("It is not there yet: every setting has its default.")
    return 0
