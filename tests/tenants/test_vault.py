from __future__ import annotations

import os
import stat
import threading
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from pydantic import SecretStr

from cognitui.errors import CognituiError, UsageError
from cognitui.tenants.errors import (
    CredentialsNotFound,
    VaultDamaged,
    VaultError,
    VaultExists,
    VaultLocked,
    VaultMissing,
    WrongPassphrase,
)
from cognitui.tenants.vault import Vault
from cognitui.tenants.vault_file import Argon2idParameters, ScryptParameters

from .support import CREDENTIALS, KEY, OTHER, PASSPHRASE, SECRET, vault

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_put_comes_back_with_the_passphrase(path: Path, opened: Vault) -> None:
    again = vault(path)
    again.unlock(PASSPHRASE)
    assert again.get("acme") == CREDENTIALS


def test_the_life_of_a_vault(path: Path) -> None:
    new = vault(path)
    assert (new.exists, new.is_unlocked, new.names()) == (False, False, [])
    with pytest.raises(VaultMissing):
        new.unlock(PASSPHRASE)
    with pytest.raises(VaultMissing):
        new.get("acme")
    new.create(PASSPHRASE)
    assert (new.exists, new.is_unlocked, new.names()) == (True, True, [])
    new.put("beta", OTHER)
    new.put("acme", OTHER)
    new.put("acme", CREDENTIALS)
    assert new.names() == ["acme", "beta"]
    assert new.get("acme") == CREDENTIALS
    assert new.forget("beta")
    assert not new.forget("beta")
    new.lock()
    assert (new.exists, new.is_unlocked, new.names()) == (True, False, ["acme"])


def test_a_locked_vault_gives_and_takes_nothing(opened: Vault) -> None:
    opened.lock()
    for attempt in (
        lambda: opened.get("acme"),
        lambda: opened.put("acme", OTHER),
        lambda: opened.forget("acme"),
    ):
        with pytest.raises(VaultLocked):
            attempt()
    assert not opened.forget("never-stored")  # nothing to remove needs no passphrase
    opened.unlock(PASSPHRASE)
    assert opened.get("acme") == CREDENTIALS


@pytest.mark.parametrize("wrong", ["", "Correct horse battery", "correct horse battery "])
def test_a_wrong_passphrase(opened: Vault, wrong: str) -> None:
    opened.lock()
    with pytest.raises(WrongPassphrase) as caught:
        opened.unlock(SecretStr(wrong))
    assert not opened.is_unlocked
    assert caught.value.hint


def test_a_wrong_passphrase_does_not_lock_what_is_open(opened: Vault) -> None:
    with pytest.raises(WrongPassphrase):
        opened.unlock(SecretStr("something else"))
    assert opened.get("acme") == CREDENTIALS


@pytest.mark.parametrize("short", ["", "1234567"])
def test_a_short_passphrase_is_refused(path: Path, short: str) -> None:
    with pytest.raises(UsageError) as caught:
        vault(path).create(SecretStr(short))
    assert caught.value.field == "passphrase"
    assert not path.exists()


def test_a_vault_is_never_created_over_another(path: Path, opened: Vault) -> None:
    before = path.read_bytes()
    with pytest.raises(VaultExists):
        vault(path).create(PASSPHRASE)
    assert path.read_bytes() == before


def test_the_nearest_name_is_offered(opened: Vault) -> None:
    with pytest.raises(CredentialsNotFound) as caught:
        opened.get("acne")
    assert caught.value.hint == "Did you mean 'acme'?"


@pytest.mark.parametrize("text", ["", "ünïcödé 🔑", "\ud800", '"\\', "x" * 100_000])
def test_any_text_can_be_a_secret(opened: Vault, text: str) -> None:
    from cognitui.cognigy.credentials import Credentials

    odd = Credentials(SecretStr(text), SecretStr(text))
    opened.put("odd", odd)
    assert opened.get("odd") == odd


def test_nothing_in_the_file_is_readable_and_nobody_else_may_read_it(
    path: Path, opened: Vault
) -> None:
    content = path.read_bytes()
    for secret in (KEY, SECRET, PASSPHRASE.get_secret_value()):
        assert secret.encode() not in content
        assert secret.encode().hex().encode() not in content
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_same_secret_is_never_sealed_the_same_way(path: Path, opened: Vault) -> None:
    seen = set()
    for _ in range(50):
        opened.put("acme", CREDENTIALS)
        seen.add(path.read_bytes())
    assert len(seen) == 50


def test_two_consoles_share_a_vault(path: Path, opened: Vault) -> None:
    other = vault(path)
    other.unlock(PASSPHRASE)

    def store(which: Vault, prefix: str) -> None:
        for number in range(20):
            which.put(f"{prefix}{number}", OTHER)

    threads = [
        threading.Thread(target=store, args=(which, prefix))
        for which, prefix in ((opened, "a"), (other, "b"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened.names()) == 41
    assert other.get("a19") == opened.get("b19") == OTHER


def test_a_vault_that_was_replaced_meanwhile_is_not_written_to(path: Path, opened: Vault) -> None:
    path.unlink()
    vault(path).create(PASSPHRASE)
    before = path.read_bytes()
    for attempt in (lambda: opened.put("acme", OTHER), lambda: opened.get("acme")):
        with pytest.raises(VaultDamaged):
            attempt()
    assert path.read_bytes() == before


def test_scrypt_takes_over_where_argon2id_is_not_available(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: object) -> None:
        raise UnsupportedAlgorithm("no Argon2id here")

    quick = ScryptParameters(log2_n=4)
    with monkeypatch.context() as patch:
        patch.setattr(Argon2idParameters, "derive", unsupported)
        patch.setattr("cognitui.tenants.vault.ScryptParameters", lambda: quick)
        new = vault(path)
        new.create(PASSPHRASE)
        new.put("acme", CREDENTIALS)
    assert b'"name":"scrypt"' in path.read_bytes()
    again = vault(path)
    again.unlock(PASSPHRASE)
    assert again.get("acme") == CREDENTIALS


def test_a_vault_of_a_better_installation_is_not_called_a_wrong_passphrase(
    opened: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: object) -> None:
        raise UnsupportedAlgorithm("no Argon2id here")

    monkeypatch.setattr(Argon2idParameters, "derive", unsupported)
    with pytest.raises(VaultError, match="argon2id"):
        opened.unlock(PASSPHRASE)


def test_the_cost_that_people_get(tmp_path: Path) -> None:
    new = Vault(tmp_path / "vault.json")
    new.create(PASSPHRASE)
    content = new.path.read_bytes()
    assert b'"iterations":3,"lanes":4,"memory_kib":65536,"name":"argon2id"' in content
    assert ScryptParameters().log2_n == 17


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_vault_that_may_not_be_read(path: Path, opened: Vault) -> None:
    path.chmod(0)
    with pytest.raises(VaultError):
        opened.get("acme")


def shown(error: BaseException) -> str:
    """Everything that a crash screen with local variables would print."""
    texts: list[str] = []
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        texts += [str(one), repr(one), repr(one.__dict__)]
        waiting += [one.__cause__, one.__context__]
        step = one.__traceback__
        while step is not None:
            if "tests" not in step.tb_frame.f_code.co_filename:
                texts += [repr(value) for value in step.tb_frame.f_locals.values()]
            step = step.tb_next
    return "\n".join(texts)


def failures(opened: Vault) -> list[Any]:
    def break_file() -> None:
        opened.path.write_bytes(opened.path.read_bytes().replace(b'"version":2', b'"version":1'))
        opened.put("acme", CREDENTIALS)

    def no_room() -> None:
        opened.path.parent.joinpath(".vault.json.new").mkdir()
        opened.put("acme", CREDENTIALS)

    return [
        lambda: opened.unlock(SecretStr(PASSPHRASE.get_secret_value() + "!")),
        lambda: opened.create(PASSPHRASE),
        lambda: opened.get("nobody"),
        no_room,
        break_file,
    ]


@pytest.mark.parametrize("number", range(5))
def test_no_failure_shows_a_secret(opened: Vault, number: int) -> None:
    assert opened._key is not None
    forbidden = [KEY, SECRET, PASSPHRASE.get_secret_value(), repr(opened._key.raw)]
    with pytest.raises(CognituiError) as caught:
        failures(opened)[number]()
    text = shown(caught.value) + repr(opened) + repr(opened.__dict__)
    assert not [secret for secret in forbidden if secret in text]
