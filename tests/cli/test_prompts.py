"""What is asked at a terminal, and Ctrl-C there."""

from __future__ import annotations

import io
import os
import pty
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cognitui.cli.asking import ask_line
from cognitui.errors import UsageError

from .support import MODULE, PATIENCE_S

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox

    from .support import Cli

CTRL_C, CTRL_D = b"\x03", b"\x04"


def at_a_terminal(cli: Cli, *arguments: str, prompt: str, keys: bytes) -> tuple[int, str]:
    """Run a command at a terminal of its own, press keys at the prompt, and wait for the end."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*MODULE, *arguments],
        env={**cli.full_environment, "TERM": "dumb"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    try:
        while prompt.encode() not in shown:
            shown += os.read(ours, 4096)
        if keys == CTRL_C:
            # What a terminal makes of it, for the processes that it controls.
            process.send_signal(signal.SIGINT)
        else:
            os.write(ours, keys)
        status = process.wait(PATIENCE_S)
        try:
            while more := os.read(ours, 4096):
                shown += more
        except OSError:
            pass  # how Linux says that the other side has gone
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return status, shown.decode()


@pytest.mark.parametrize(
    ("keys", "status", "last"),
    [
        (CTRL_C, 130, "Interrupted."),
        (CTRL_D, 1, "Nothing was deleted."),
        (b"no\n", 1, "Nothing was deleted."),
    ],
)
def test_before_something_is_deleted(
    cli: Cli, sandbox: Sandbox, keys: bytes, status: int, last: str
) -> None:
    webhook_id = sandbox.tenant.webhooks(sandbox.info.bot_id)[0].id
    arguments = ("webhooks", "delete", webhook_id)
    ended, shown = at_a_terminal(cli, *arguments, prompt="to confirm:\r\n", keys=keys)
    assert (ended, shown.splitlines()[-1]) == (status, last)
    assert webhook_id in sandbox.tenant.bots[sandbox.info.bot_id].webhooks


@pytest.mark.parametrize(
    ("keys", "status", "last"),
    [
        (CTRL_C, 130, "Interrupted."),
        (CTRL_D, 2, "  Set COGNITUI_WEBHOOK_SECRET or give --secret-file."),
    ],
)
def test_for_a_secret(cli: Cli, sandbox: Sandbox, keys: bytes, status: int, last: str) -> None:
    cli.forget("WEBHOOK_SECRET")
    arguments = ("callback", "send", sandbox.info.webhook_url)
    ended, shown = at_a_terminal(cli, *arguments, prompt="Webhook secret: ", keys=keys)
    assert (ended, shown.splitlines()[-1].removeprefix("Webhook secret: ")) == (status, last)
    assert sandbox.tenant.endpoint_received == []


def test_a_secret_is_not_shown(cli: Cli, sandbox: Sandbox) -> None:
    secret = cli.environment.pop("COGNITUI_WEBHOOK_SECRET")
    arguments = ("callback", "send", sandbox.info.webhook_url)
    keys = f"{secret}\n".encode()
    status, shown = at_a_terminal(cli, *arguments, prompt="Webhook secret: ", keys=keys)
    assert status == 0
    assert secret not in shown


def test_what_is_no_text_is_refused_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xffhush\n"), "utf-8"))
    with pytest.raises(UsageError, match="not UTF-8 text") as caught:
        ask_line("?")
    assert caught.value.__context__ is None
