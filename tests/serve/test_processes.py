"""What runs behind a tab, and that it ends with the tab, with the server, and whatever happens."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import aiohttp
import pytest

from cognitui.serve.gate import new_token
from cognitui.serve.server import serving

from .support import Tab, children, served, wait_until_gone

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.support import Cli

MOUSE_ON, MOUSE_OFF = "\x1b[?1003h", "\x1b[?1003l"
ADDRESS = "https://hooks.acme.example/half-typed"


def about(pid: int) -> str:
    """The arguments and the environment of a process, as its owner can see them."""
    shown = subprocess.run(["ps", "eww", "-p", str(pid)], capture_output=True, check=True)
    return shown.stdout.decode()


def audit_logs(home: Path) -> list[Path]:
    """The audit logs that lie anywhere below a directory."""
    return list(home.rglob("audit.db"))


async def test_a_console_ends_with_its_tab_and_keeps_what_was_typed(cli: Cli) -> None:
    with served(cli) as server:
        async with server.tab() as first, server.tab():
            pids = await server.consoles(2)
            await first.type("3")
            await first.shows("Endpoint")
            await first.type("\t" + ADDRESS)
            await first.shows("half-typed")
        await wait_until_gone(*pids)
        assert await server.consoles(0) == []
    written = b"".join(path.read_bytes() for path in cli.home.rglob("*") if path.is_file())
    assert ADDRESS.encode() in written


async def test_two_demos_have_an_audit_log_each_which_ends_with_them(
    cli: Cli, tmp_path: Path
) -> None:
    cli.environment["TMPDIR"] = str(tmp_path)
    with served(cli) as server:
        async with server.tab():
            (first,) = audit_logs(tmp_path)
            async with server.tab():
                both = audit_logs(tmp_path)
                assert first in both
                assert len(both) == 2
        await server.consoles(0)
    assert audit_logs(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_all_end_with_the_server(cli: Cli, number: int) -> None:
    with served(cli) as server:
        async with server.tab() as first, server.tab() as second:
            pids = await server.consoles(2)
            server.process.signal(number)
            await first.ends()
            await second.ends()
            result = server.process.wait()
        await wait_until_gone(*pids)
    assert (result.status, result.out) == (0, "")
    assert result.err == (
        "Open this address in a browser. Ctrl-C stops it, and every console with it.\n"
    )


async def test_none_is_left_when_the_server_is_killed(cli: Cli) -> None:
    with served(cli) as server:
        async with server.tab():
            pids = await server.consoles(1)
            server.process.signal(signal.SIGKILL)
            await wait_until_gone(*pids)


async def test_one_that_does_not_end_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COGNITUI_HOME", str(tmp_path))
    monkeypatch.setattr("cognitui.serve.console.GRACE_S", 0.05)
    async with (
        serving(["demo"], host="127.0.0.1", port=0, token=None) as address,
        aiohttp.ClientSession() as http,
    ):
        origin = address.url.rstrip("/")
        async with http.ws_connect(f"{origin}/ws", headers={"Origin": origin}) as socket:
            await Tab(socket).shows("connected")
            (pid,) = children(os.getpid())
            os.kill(pid, signal.SIGSTOP)
        await wait_until_gone(pid)


async def test_a_console_is_this_cognitui_and_knows_no_token(cli: Cli) -> None:
    with served(cli, "--no-mouse", "--theme", "light") as server:
        async with server.tab() as tab:
            (pid,) = await server.consoles(1)
            console = about(pid)
            assert f"{sys.executable} -m cognitui demo --" in console
            assert {"--no-mouse", "--theme=light"} <= set(console.split())
            assert tab.seen.rindex(MOUSE_OFF) > tab.seen.rindex(MOUSE_ON)
            assert f"COGNITUI_HOME={cli.home}" in console
            assert server.token not in console
            assert server.token not in about(server.process.pid)
    written = b"".join(path.read_bytes() for path in cli.home.rglob("*") if path.is_file())
    assert b"console opened" in written
    assert server.token.encode() not in written


async def test_noise_is_not_spilt_on_the_terminal(cli: Cli) -> None:
    with served(cli) as server:
        for noise in (b"\x16\x03\x01\x00", b"GET / HTTP/9\r\n\r\n", b"A" * 20_000 + b"\r\n\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.url.port)
            writer.write(noise)
            writer.write_eof()
            assert b"200" not in (await reader.read()).partition(b"\r\n")[0]
            writer.close()
        server.process.signal(signal.SIGTERM)
        result = server.process.wait()
    assert (result.status, result.out) == (0, "")
    assert len(result.err.splitlines()) == 1


async def test_why_a_console_did_not_start_is_told_in_its_tab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COGNITUI_HOME", str(tmp_path))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "audit.db").write_text("no database")
    token = new_token()
    async with (
        serving([], host="127.0.0.1", port=0, token=token) as address,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http,
    ):
        async with http.get(address.url):
            origin = f"http://127.0.0.1:{address.port}"
        async with http.ws_connect(f"{origin}/ws", headers={"Origin": origin}) as socket:
            tab = Tab(socket)
            await tab.ends()
    assert "audit log" in tab.seen.rpartition("\x1b[H")[2]
    assert "Traceback" not in tab.seen
