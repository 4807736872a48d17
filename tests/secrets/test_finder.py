"""The finder finds: one leak is planted for each place where it looks."""

from __future__ import annotations

import base64
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from .finder import Finding, spellings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .finder import Finder

SPELLED: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "its begin": lambda secret: secret[: len(secret) * 2 // 3],
    "backwards": lambda secret: secret[::-1],
    "in hex": lambda secret: secret.encode().hex(),
    "in HEX": lambda secret: secret.encode().hex().upper(),
    "percent-encoded": lambda secret: quote(secret, safe=""),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64url": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
}


@pytest.mark.parametrize("before", ["", "a", "ab", "key:"])
@pytest.mark.parametrize("after", ["", ":x", "yz"])
@pytest.mark.parametrize("spelling", SPELLED)
def test_in_every_spelling(finder: Finder, spelling: str, before: str, after: str) -> None:
    for name, secret in finder.secrets.items():
        finder.findings.clear()
        if spelling.startswith("base64"):
            text = SPELLED[spelling](f"{before}{secret}{after}")
        else:
            text = f"{before}{SPELLED[spelling](secret)}{after}"
        finder.look_at("here", f"something {text} else")
        assert name in {finding.secret for finding in finder.findings}


def test_on_disk(finder: Finder, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_text(f"x{finder.secrets['token']}")
    (tmp_path / f"b-{finder.secrets['monitor_token']}").touch()
    assert finder.look_below(tmp_path) == 2
    assert {finding.secret for finding in finder.findings} == {"token", "monitor_token"}


def test_in_an_error(finder: Finder) -> None:
    def inner(secret: str) -> None:
        held = {"secret": secret}
        raise ValueError(len(held))

    with pytest.raises(ValueError, match="1") as caught:
        inner(finder.secrets["api_key"])
    finder.look_into("a test", caught.value)
    wheres = {finding.where for finding in finder.findings}
    assert {"a test: the traceback's locals", "a test: the drawn traceback"} <= wheres
    finder.findings.clear()
    words = ValueError(finder.secrets["token"])
    finder.look_into("its words", words)
    assert Finding("token", "as it is", "its words: ValueError") in finder.findings


def test_in_a_picture(finder: Finder) -> None:
    shown = finder.secrets["passphrase"].replace(" ", "&#160;")
    finder.look_at_picture("svg", f"<text>{shown}</text>")
    assert finder.findings


def test_in_an_argument(finder: Finder) -> None:
    with finder.watching_processes() as watch:
        program = "import sys; sys.stdin.read()"
        argv = [sys.executable, "-c", program, f"--key={finder.secrets['api_key']}"]
        with subprocess.Popen(argv, stdin=subprocess.PIPE) as child:
            watch.wait_for_another()
            child.communicate()
    assert {finding.where for finding in finder.findings} == {"a process's command line"}


def test_what_is_harmless_is_not_found(finder: Finder) -> None:
    finder.look_at("here", "sha256:7f3a91d0 ck/Planted cs/Plant [secret] ••••")
    assert not finder.findings
    assert all(
        len(mark) >= 9 for secret in finder.secrets.values() for _, mark in spellings(secret)
    )
