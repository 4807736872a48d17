from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cognitui.tenants import files
from cognitui.tenants.errors import NotStored
from cognitui.tenants.profiles import Profile, ProfileStore

from .support import CREDENTIALS, OTHER, PASSPHRASE, vault

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.cognigy.credentials import Credentials
    from cognitui.tenants.vault import Vault

CRASHING = """
import os, pathlib, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from support import OTHER, PASSPHRASE, vault
from cognitui.tenants import files

def crash(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

opened = vault(Path(sys.argv[1]))
opened.unlock(PASSPHRASE)
owner, name = {
    "empty": (os, "fchmod"),
    "unsynced": (os, "fsync"),
    "written": (pathlib.Path, "replace"),
    "renamed": (files, "_sync_directory"),
}[sys.argv[3]]
setattr(owner, name, crash)
opened.put("acme", OTHER)
"""


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("empty", CREDENTIALS),
        ("unsynced", CREDENTIALS),
        ("written", CREDENTIALS),
        ("renamed", OTHER),
    ],
)
def test_after_a_crash_the_old_or_the_new_vault_opens(
    path: Path, opened: Vault, request: pytest.FixtureRequest, moment: str, found: Credentials
) -> None:
    here = str(request.path.parent)
    command = [sys.executable, "-c", CRASHING, str(path), here, moment]
    killed = subprocess.run(command, timeout=20, capture_output=True, text=True, check=False)
    assert (killed.returncode, killed.stderr) == (-signal.SIGKILL, "")
    again = vault(path)
    again.unlock(PASSPHRASE)
    assert again.get("acme") == found
    left_behind = path.with_name(".vault.json.new")
    assert left_behind.exists() is (moment != "renamed")
    again.put("beta", OTHER)  # what the crash left is in nobody's way, its lock included
    assert not left_behind.exists()


@pytest.mark.parametrize("failing", ["fsync", "fchmod"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    path: Path, opened: Vault, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, failing, full)
        with pytest.raises(NotStored, match="No space left") as caught:
            opened.put("acme", OTHER)
    assert caught.value.hint
    assert path.read_bytes() == before
    assert sorted(file.name for file in path.parent.iterdir()) == [".vault.json.lock", "vault.json"]
    assert opened.get("acme") == CREDENTIALS


def test_a_directory_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    with pytest.raises(NotStored):
        vault(tmp_path / "file" / "vault.json").create(PASSPHRASE)
    profile = Profile(name="acme", base_url="https://acme.example")
    with pytest.raises(NotStored):
        ProfileStore(tmp_path / "file" / "deeper" / "profiles.json").save(profile)


def test_a_link_in_the_place_of_the_new_file_is_not_followed(path: Path, opened: Vault) -> None:
    victim = path.parent / "victim"
    victim.write_text("precious")
    path.with_name(".vault.json.new").symlink_to(victim)
    opened.put("acme", OTHER)
    assert victim.read_text() == "precious"
    assert not path.is_symlink()
    assert opened.get("acme") == OTHER


def test_a_file_has_a_greatest_size(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert files.read(path) is None
    path.write_bytes(b"x" * files.MAX_BYTES)
    assert files.read(path) == b"x" * files.MAX_BYTES
    path.write_bytes(b"x" * (files.MAX_BYTES + 1))
    with pytest.raises(ValueError):
        files.read(path)
