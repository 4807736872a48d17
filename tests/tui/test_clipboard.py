"""Copying by every way there is, and telling which: real tools, in processes of their own."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from cognitui.tui import clipboard
from cognitui.tui.clipboard import MOST_BYTES, Copied, copy

if TYPE_CHECKING:
    from pathlib import Path

TAKES = '#!/bin/sh\ncat > "$(dirname "$0")/taken"; echo "$@" > "$(dirname "$0")/arguments"\n'
REFUSES = "#!/bin/sh\ncat > /dev/null; exit 1\n"
HANGS = "#!/bin/sh\nexec sleep 60\n"


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A desktop whose tools are those that a test puts there."""
    monkeypatch.setattr("sys.platform", "linux")
    path = f"{tmp_path}:{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    return {"DISPLAY": ":0", "PATH": str(tmp_path)}


def tool(home: Path, name: str, script: str) -> None:
    file = home / name
    file.write_text(script)
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


async def test_the_terminal_is_told_first_and_then_the_systems_tool(
    tmp_path: Path, desktop: dict[str, str]
) -> None:
    tool(tmp_path, "xclip", TAKES)
    sent: list[str] = []
    copied = await copy("wh_1 'ü\n$HOME", sent.append, desktop)
    assert sent == ["wh_1 'ü\n$HOME"]
    assert copied == Copied(is_sent=True, tool="xclip", size=14)
    assert (tmp_path / "taken").read_text() == "wh_1 'ü\n$HOME"
    # What is copied is nobody's business who lists processes.
    assert (tmp_path / "arguments").read_text() == "-selection clipboard\n"


@pytest.mark.parametrize("variable", ["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"])
async def test_elsewhere_only_the_terminal_is_told(
    tmp_path: Path, desktop: dict[str, str], variable: str
) -> None:
    tool(tmp_path, "xclip", TAKES)
    copied = await copy("x", lambda _: None, desktop | {variable: "10.0.0.1 22"})
    assert copied == Copied(is_sent=True, tool="", size=1)
    assert not (tmp_path / "taken").exists()


@pytest.mark.parametrize("script", [REFUSES, "no script at all"])
async def test_a_tool_that_fails_is_not_claimed(
    tmp_path: Path, desktop: dict[str, str], script: str
) -> None:
    tool(tmp_path, "wl-copy", script)
    copied = await copy("x", lambda _: None, {**desktop, "WAYLAND_DISPLAY": "wayland-0"})
    assert copied.tool == ""


async def test_a_tool_that_hangs_is_given_up(
    tmp_path: Path, desktop: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "TOOL_S", 0.05)
    tool(tmp_path, "xclip", HANGS)
    copied = await copy("x" * 70_000, lambda _: None, desktop)
    assert copied.tool == ""


async def test_without_a_desktop_there_is_no_tool(tmp_path: Path, desktop: dict[str, str]) -> None:
    tool(tmp_path, "xclip", TAKES)
    del desktop["DISPLAY"]
    assert (await copy("x", lambda _: None, desktop)).tool == ""


async def test_what_is_too_long_for_the_terminal_is_not_sent_there(
    tmp_path: Path, desktop: dict[str, str]
) -> None:
    sent: list[str] = []
    text = "x" * (MOST_BYTES + 1)
    copied = await copy(text, sent.append, desktop)
    assert sent == []
    assert not copied.is_good
    tool(tmp_path, "xclip", TAKES)
    copied = await copy(text, sent.append, desktop)
    assert (copied.is_good, copied.tool) == (True, "xclip")


@pytest.mark.parametrize(
    ("copied", "words"),
    [
        (Copied(True, "", 7), "wh_1 was sent to the terminal's clipboard (OSC 52)."),
        (
            Copied(True, "wl-copy", 7),
            (
                "wh_1 was sent to the terminal's clipboard (OSC 52) and put on the clipboard by "
                "wl-copy."
            ),
        ),
        (
            Copied(True, "", 7, is_in_tmux=True),
            (
                "wh_1 was sent to the terminal's clipboard (OSC 52); tmux passes it on where "
                "set-clipboard is on."
            ),
        ),
        (Copied(False, "pbcopy", 80_000), "wh_1 was put on the clipboard by pbcopy."),
        (
            Copied(False, "", 80_000),
            (
                "wh_1 was not copied: it has 80,000 bytes, and terminals take 74,994 bytes (OSC 52). "
                "`cognitui webhooks list --json` writes it to a file."
            ),
        ),
    ],
)
def test_what_is_told(copied: Copied, words: str) -> None:
    assert copied.words("wh_1") == words
