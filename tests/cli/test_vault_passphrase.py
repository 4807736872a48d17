"""Where a command gets the vault's passphrase from when nobody types it."""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from cognitui.tenants.profiles import Profile, ProfileStore
from tests.support.tenants import credentials_of
from tests.tenants.support import PASSPHRASE, vault

from .support import PATIENCE_S

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.sandbox import Sandbox

    from .support import Cli

LIST = ("webhooks", "list", "--json")


@pytest.fixture
def stored(empty: Cli, sandbox: Sandbox) -> Cli:
    """Commands with a stored sandbox, whose vault nothing opens yet."""
    info = sandbox.info
    ProfileStore(empty.home / "config" / "profiles.json").save(
        Profile(name="acme", base_url=info.base_url, bot_id=info.bot_id)
    )
    safe = vault(empty.home / "data" / "vault.json")
    safe.create(PASSPHRASE)
    safe.put("acme", credentials_of(sandbox))
    return empty


def writing_into(pipe: Path) -> int:
    """The pipe's other end, as soon as somebody reads."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_a_pipe_will_do(stored: Cli, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with stored.process(*LIST, "--vault-passphrase-file", str(pipe)) as process:
        with closing(os.fdopen(writing_into(pipe), "wb")) as file:
            file.write(PASSPHRASE.get_secret_value().encode())
        assert process.wait().status == 0


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["TERM", "INT"]
)
def test_who_waits_for_a_pipe_can_be_told_to_end(
    stored: Cli, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with stored.process(*LIST, "--vault-passphrase-file", str(pipe)) as process:
        held = writing_into(pipe)
        process.signal(number)
        assert process.wait().status == status
        os.close(held)


def test_a_file_that_is_too_large_is_no_passphrase(stored: Cli, tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(b"a" * (1024 * 1024 + 1))
    file.chmod(0o600)
    result = stored.run(*LIST, "--vault-passphrase-file", str(file))
    assert (result.status, result.json["error"]["code"]) == (2, "usage")
    assert "larger than 1024 KiB" in result.err
