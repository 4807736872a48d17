"""The unlock key in a keyring: a real one that encrypts a file, and those that do not work."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import keyring
import pytest
from keyring.backends import fail, null
from keyrings.alt.file import EncryptedKeyring, PlaintextKeyring
from pydantic import SecretStr

from cognitui.tenants import errors
from cognitui.tenants.vault_keyring import SERVICE, VaultKeyring

from .keyrings import Broken, Locked, usable, use
from .support import CREDENTIALS, OTHER, PASSPHRASE, vault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keyring.backend import KeyringBackend

    from cognitui.tenants.vault import Vault

# What the keyring of the tests encrypts with says of itself that it is not what it should be.
pytestmark = pytest.mark.filterwarnings("ignore:PBKDF2:DeprecationWarning")
NEW = SecretStr("a new passphrase altogether")


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


@pytest.fixture
def real(tmp_path: Path) -> EncryptedKeyring:
    return usable(tmp_path)


@pytest.fixture
def kept(opened: Vault, real: EncryptedKeyring) -> VaultKeyring:
    one = VaultKeyring(opened)
    assert one.remember(PASSPHRASE)
    return one


def test_the_keyring_opens_the_vault(path: Path, kept: VaultKeyring) -> None:
    later = vault(path)
    assert VaultKeyring(later).is_on
    VaultKeyring(later).unlock()
    assert later.get("acme") == CREDENTIALS


def test_it_holds_neither_the_passphrase_nor_the_data_key(
    opened: Vault, kept: VaultKeyring, real: EncryptedKeyring
) -> None:
    held = real.get_password(SERVICE, opened.identity)
    assert held is not None
    assert len(held) == 64
    assert opened._key is not None
    assert held != opened._key.raw.hex()
    assert PASSPHRASE.get_secret_value() not in held


def test_the_note_beside_the_vault_is_private_and_says_nothing(
    path: Path, opened: Vault, kept: VaultKeyring
) -> None:
    note = path.with_name("vault.json.keyring")
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert note.read_text() == opened.identity


def test_forgetting(path: Path, opened: Vault, kept: VaultKeyring, real: EncryptedKeyring) -> None:
    assert kept.forget()
    assert not kept.is_on
    assert real.get_password(SERVICE, opened.identity) is None
    assert not kept.forget()
    with pytest.raises(errors.KeyringStale):
        kept.unlock()


def test_forgetting_what_the_keyring_has_lost(kept: VaultKeyring, real: EncryptedKeyring) -> None:
    Path(real.file_path).unlink()
    assert kept.forget()
    assert not kept.is_on


def test_an_open_vault_is_not_enough_to_remember(opened: Vault, real: EncryptedKeyring) -> None:
    assert opened.is_unlocked
    with pytest.raises(errors.WrongPassphrase):
        VaultKeyring(opened).remember(NEW)
    assert not VaultKeyring(opened).is_on
    assert real.get_password(SERVICE, opened.identity) is None


def test_a_new_passphrase_makes_what_is_kept_worthless(
    path: Path, opened: Vault, kept: VaultKeyring
) -> None:
    opened.change_passphrase(PASSPHRASE, NEW)
    with pytest.raises(errors.KeyringStale) as caught:
        VaultKeyring(vault(path)).unlock()
    assert caught.value.hint
    kept.remember(NEW)
    VaultKeyring(vault(path)).unlock()


def test_another_vault_in_its_place_is_not_opened(
    path: Path, opened: Vault, kept: VaultKeyring, real: EncryptedKeyring
) -> None:
    before = opened.identity
    path.unlink()
    other = vault(path)
    other.create(NEW)
    other.put("beta", OTHER)
    other.lock()
    with pytest.raises(errors.KeyringStale):
        VaultKeyring(other).unlock()
    VaultKeyring(other).remember(NEW)
    assert real.get_password(SERVICE, before) is None  # nobody needs it any more
    VaultKeyring(other).unlock()
    assert other.get("beta") == OTHER


@pytest.mark.parametrize("held", ["", "zz" * 32, "00" * 32, "00", "ünï", "00" * 33])
def test_something_else_in_the_keyring(
    opened: Vault, kept: VaultKeyring, real: EncryptedKeyring, held: str
) -> None:
    real.set_password(SERVICE, opened.identity, held)
    opened.lock()
    with pytest.raises(errors.KeyringStale):
        kept.unlock()
    assert not opened.is_unlocked


@pytest.mark.parametrize(
    ("backend", "error"),
    [
        (fail.Keyring, errors.NoKeyring),
        (null.Keyring, errors.NoKeyring),
        (PlaintextKeyring, errors.NoKeyring),
        (Locked, errors.KeyringLocked),
        (Broken, errors.KeyringFailed),
    ],
)
def test_keyrings_that_do_not_work(
    opened: Vault, backend: type[KeyringBackend], error: type[errors.KeyringError]
) -> None:
    use(backend)
    with pytest.raises(error) as caught:
        VaultKeyring(opened).remember(PASSPHRASE)
    assert caught.value.hint
    assert caught.value.message.endswith(".")
    assert "Reset" not in caught.value.hint
    assert not VaultKeyring(opened).is_on
    assert opened.get("acme") == CREDENTIALS


@pytest.mark.parametrize(
    ("backend", "error"),
    [
        (fail.Keyring, errors.NoKeyring),
        (null.Keyring, errors.KeyringStale),
        (Locked, errors.KeyringLocked),
        (Broken, errors.KeyringFailed),
    ],
)
def test_a_keyring_that_no_longer_works(
    opened: Vault,
    kept: VaultKeyring,
    backend: type[KeyringBackend],
    error: type[errors.KeyringError],
) -> None:
    opened.lock()
    use(backend)
    with pytest.raises(error):
        kept.unlock()
    assert not opened.is_unlocked
    if backend is not null.Keyring:
        with pytest.raises(error):
            kept.forget()
        assert kept.is_on


def test_the_package_is_loaded_only_when_it_is_asked(path: Path, opened: Vault) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.tenants.support import vault;"
        "from cognitui.tenants.vault_keyring import VaultKeyring;"
        "assert not VaultKeyring(vault(Path(sys.argv[1]))).is_on;"
        "assert 'keyring' not in sys.modules"
    )
    command = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_the_extra_it_says_what_to_install(
    opened: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(errors.NoKeyring) as caught:
        VaultKeyring(opened).remember(PASSPHRASE)
    assert "cognitui[keyring]" in caught.value.hint


def test_no_failure_shows_the_key(
    path: Path, opened: Vault, kept: VaultKeyring, real: EncryptedKeyring
) -> None:
    from .test_vault import shown

    held = str(real.get_password(SERVICE, opened.identity))
    opened.change_passphrase(PASSPHRASE, NEW)
    with pytest.raises(errors.KeyringStale) as caught:
        kept.unlock()
    told = shown(caught.value)
    use(Broken)
    with pytest.raises(errors.KeyringFailed) as failed:
        kept.remember(NEW)
    assert failed.value.__context__ is None
    told += shown(failed.value)
    new = opened.unlock_key(NEW).key.raw
    for secret in (held, repr(bytes.fromhex(held)), new.hex(), repr(new)):
        assert secret not in told
