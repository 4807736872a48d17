"""``cognitui serve`` as a person starts it."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.cli.support import taken_port

if TYPE_CHECKING:
    from tests.cli.support import Cli

WARNING = "Careful: other machines can reach this one, the connection is not encrypted, and "


def test_for_people_the_address_stands_alone(cli: Cli) -> None:
    with cli.process("serve") as process:
        line = process.line()
        process.signal(signal.SIGTERM)
        result = process.wait()
    assert line.startswith("http://127.0.0.1:")
    assert "/?token=" in line
    assert (result.status, result.out) == (0, "")


@pytest.mark.parametrize("arguments", [(), ("--no-token",)])
async def test_other_machines_are_let_in_only_when_told_and_with_a_warning(
    cli: Cli, arguments: tuple[str, ...]
) -> None:
    with cli.process("serve", "--host", "0.0.0.0", "--json", *arguments) as process:
        line = process.line()
        port = int(line.partition('"port": ')[2].rstrip("}"))
        url = f"http://127.0.0.2:{port}/"
        async with aiohttp.ClientSession() as http, http.get(url) as answer:
            assert answer.status == (200 if arguments else 403)
        process.signal(signal.SIGTERM)
        result = process.wait()
    assert result.status == 0
    assert result.err.startswith(WARNING)
    assert ("token" in result.err.splitlines()[0]) is not bool(arguments)
    assert ("token=" in line) is not bool(arguments)


def test_without_the_extra_it_says_how_to_install_it(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    result = cli.run("serve", "--json")
    assert result.status == 2
    assert result.json["error"]["code"] == "usage"
    assert "which is not installed" in result.sentence
    assert "pip install 'cognitui[serve]'" in result.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--theme", "drak"], "drak"),
        (["--demo", "--theme", "drak"], "drak"),
        (["--demo", "--tenant", "acme"], "--demo does not go with --tenant."),
    ],
)
def test_a_setting_that_no_console_could_start_with_is_told_at_once(
    cli: Cli, arguments: list[str], sentence: str
) -> None:
    result = cli.run("serve", *arguments)
    assert (result.status, result.out) == (2, "")
    assert sentence in result.sentence


def test_a_port_that_is_taken(cli: Cli) -> None:
    with taken_port() as port:
        result = cli.run("serve", "--port", str(port))
    assert (result.status, result.out) == (2, "")
    assert result.sentence == f"127.0.0.1:{port} is taken by another program."
