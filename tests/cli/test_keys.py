"""The list of commands and their keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cognitui.tui.commands import COMMANDS
from tests.cli.test_config import configure

if TYPE_CHECKING:
    from .support import Cli


def test_every_command_is_listed_with_its_keys(empty: Cli) -> None:
    result = empty.run("keys")
    assert (result.status, result.err) == (0, "")
    for command in COMMANDS:
        assert re.search(
            rf"^  {command.id} +\S.*  {re.escape(command.help)}$", result.out, re.MULTILINE
        )
    assert re.search(r"^  app\.help +f1, \?  ", result.out, re.MULTILINE)
    titles = re.findall(r"^(\w+)$", result.out, re.MULTILINE)
    assert titles == ["Everywhere", "Tenants", "Browse", "Webhook", "Callbacks", "Health", "Audit"]


def test_the_list_fits_most_terminals(empty: Cli) -> None:
    assert max(len(line) for line in empty.run("keys").out.splitlines()) <= 100


def test_what_was_changed_is_marked(empty: Cli) -> None:
    configure(empty, '[keys]\nbrowse.delete = ["ctrl+D", "del"]\napp.quit = "off"\n')
    result = empty.run("keys")
    out = result.out
    assert result.err == "* as chosen in config.toml\n"
    assert re.search(r"^  browse\.delete +ctrl\+d, delete \* +Delete", out, re.MULTILINE)
    assert re.search(r"^  app\.quit +off \* +Quit", out, re.MULTILINE)
    assert out.count("*") == 2


def test_for_machines(empty: Cli) -> None:
    configure(empty, '[keys]\nbrowse.delete = "X"\n')
    listed = {row["id"]: row for row in empty.run("keys", "--json").json}
    assert listed.keys() == {command.id for command in COMMANDS}
    delete = listed["browse.delete"]
    assert (delete["scope"], delete["keys"], delete["default_keys"]) == ("browse", ["X"], ["d"])
    assert (delete["writes"], delete["asks"]) == (True, True)
    assert listed["app.help"]["keys"] == ["f1", "?"]
    assert not {"title", "help"} - delete.keys()


def test_the_example_in_its_help_is_right(empty: Cli) -> None:
    result = empty.run("keys", "--help")
    example = result.out[result.out.index("[keys]\n") : result.out.index("options:")]
    configure(empty, "\n".join(line.strip() for line in example.splitlines()))
    assert empty.run("config", "check").status == 0
