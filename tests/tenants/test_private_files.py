"""Who can read the vault's and the profiles' files, where links lead, and several at once."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cognitui.tenants import files
from cognitui.tenants.errors import NotStored, VaultError
from cognitui.tenants.vault_file import Sealed

from .support import CREDENTIALS, OTHER, PASSPHRASE, vault

if TYPE_CHECKING:
    from cognitui.tenants.vault import Vault

ROOT = Path(__file__).parents[2]
STORING = """
import sys
from pathlib import Path
from tests.tenants.support import OTHER, PASSPHRASE, vault
path, prefix = Path(sys.argv[1]), sys.argv[2]
one = vault(path)
one.unlock(PASSPHRASE)
for number in range(25):
    one.put(f"{prefix}{number}", OTHER)
    if number % 5 == 4:
        assert one.forget(f"{prefix}{number}")
print("done")
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0, 0o777])
def test_all_is_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "data" / "vault.json"
    (tmp_path / "data").mkdir(mode=0o700)
    before = os.umask(umask)
    try:
        one = vault(path)
        one.create(PASSPHRASE)
        one.put("acme", CREDENTIALS)
    finally:
        os.umask(before)
    assert mode(path) == 0o600
    assert one.get("acme") == CREDENTIALS


def test_a_directory_that_is_made_is_private(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        vault(tmp_path / "data" / "vault.json").create(PASSPHRASE)
    finally:
        os.umask(before)
    assert mode(tmp_path / "data") == 0o700
    assert {mode(file) for file in (tmp_path / "data").iterdir()} == {0o600}


def test_what_others_could_read_is_private_after_the_next_change(path: Path, opened: Vault) -> None:
    path.chmod(0o644)
    opened.put("beta", OTHER)
    assert mode(path) == 0o600


def test_who_holds_an_old_new_file_open_reads_nothing_from_it(path: Path, opened: Vault) -> None:
    left = path.with_name(".vault.json.new")
    left.write_bytes(b"left")
    left.chmod(0o666)
    with left.open("rb") as reader:
        opened.put("beta", OTHER)
        assert reader.read() == b"left"
    assert not left.exists()


def test_a_vault_that_is_a_link_stays_one(path: Path, opened: Vault, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere" / "mine.json"
    real.parent.mkdir()
    path.rename(real)
    path.symlink_to(real)
    opened.put("beta", OTHER)
    assert path.is_symlink()
    again = vault(real)
    again.unlock(PASSPHRASE)
    assert again.get("beta") == OTHER
    assert sorted(file.name for file in real.parent.iterdir()) == [".mine.json.lock", "mine.json"]


def test_a_link_that_leads_round_in_a_circle(path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(path)
    with pytest.raises(VaultError) as caught:
        vault(path).unlock(PASSPHRASE)
    assert caught.value.hint
    vault(path).create(PASSPHRASE)  # it leads to nothing that could be lost
    assert not path.is_symlink()


def test_a_link_in_the_place_of_the_lock_is_not_followed(path: Path, opened: Vault) -> None:
    lock, victim = path.with_name(".vault.json.lock"), path.parent / "victim"
    lock.unlink()
    lock.symlink_to(victim)
    with pytest.raises(NotStored):
        opened.put("beta", OTHER)
    assert not victim.exists()


def test_a_pipe_in_the_place_of_the_vault_is_not_waited_for(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    with pytest.raises(VaultError, match="cannot be read"):
        vault(path).unlock(PASSPHRASE)


def test_more_than_could_be_read_again_is_not_written(
    path: Path, opened: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()
    monkeypatch.setattr(
        "cognitui.tenants.vault.seal",
        lambda *_: Sealed(nonce="00" * 12, sealed="00" * files.MAX_BYTES),
    )
    with pytest.raises(NotStored, match="larger than 1 MiB"):
        opened.put("beta", OTHER)
    assert path.read_bytes() == before


def test_several_processes_at_once_lose_nothing(path: Path, opened: Vault) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", STORING, str(path), prefix],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for prefix in "xyz"
    ]
    for number in range(25):
        opened.put(f"w{number}", OTHER)
    for process in running:
        assert process.communicate(timeout=50) == ("done\n", "")
    names = opened.names()
    assert len(names) == 1 + 25 + 3 * 20
    assert opened.get("x23") == opened.get("z0") == OTHER
