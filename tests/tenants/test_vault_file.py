from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.tenants.errors import VaultDamaged, VaultError, WrongPassphrase
from cognitui.tenants.vault_file import (
    Argon2idParameters,
    ScryptParameters,
    canonical,
    decode,
)

from .support import CREDENTIALS, OTHER, PASSPHRASE, vault

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.tenants.vault import Vault

    Change = Callable[[dict[str, Any]], object]

FIRST = Path(__file__).parent / "data" / "vault_version_1.json"


def refused(path: Path) -> bool:
    fresh = vault(path)
    try:
        fresh.unlock(PASSPHRASE)
        fresh.get("acme")
    except VaultDamaged:
        return True
    return False


def test_every_flipped_bit_is_noticed(path: Path, opened: Vault) -> None:
    content = path.read_bytes()
    for offset in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[offset] ^= 1 << bit
            with pytest.raises(VaultDamaged):
                decode(path, bytes(changed))


@pytest.mark.parametrize("version", [1, 2])
def test_every_flipped_bit_is_refused_by_the_vault_itself(
    path: Path, opened: Vault, version: int
) -> None:
    if version == 1:
        shutil.copy(FIRST, path)
    content = path.read_bytes()
    fresh, is_open = vault(path), vault(path)
    is_open.unlock(PASSPHRASE)
    for offset in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[offset] ^= 1 << bit
            path.write_bytes(changed)
            for attempt in (lambda: fresh.unlock(PASSPHRASE), lambda: is_open.get("acme")):
                with pytest.raises(VaultDamaged) as caught:
                    attempt()
                assert caught.value.hint
    path.write_bytes(content)
    fresh.unlock(PASSPHRASE)
    assert fresh.get("acme") == CREDENTIALS


@pytest.mark.parametrize("version", [1, 2])
def test_a_changed_digit_is_refused_whatever_the_checksum_says(
    path: Path, opened: Vault, version: int
) -> None:
    if version == 1:
        shutil.copy(FIRST, path)
    text = path.read_text()
    places = [place for place, sign in enumerate(text) if sign in "0123456789abcdef"]
    for place in places:
        for bit in range(4):
            digit = f"{int(text[place], 16) ^ 1 << bit:x}"
            try:
                values = json.loads(text[:place] + digit + text[place + 1 :])
                path.write_bytes(with_checksum(values))
            except (ValueError, KeyError):
                continue  # no JSON any more, or no checksum: as above
            if path.read_text() == text:
                continue  # the checksum itself, put right again
            fresh = vault(path)
            with pytest.raises((VaultDamaged, WrongPassphrase)):
                fresh.unlock(PASSPHRASE)
            assert not fresh.is_unlocked


def test_every_truncation_is_refused(path: Path, opened: Vault) -> None:
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        assert refused(path), length
    path.write_bytes(content)
    assert not refused(path)


def doctored(path: Path, change: Change) -> None:
    """Change the file as somebody would who can compute the checksum, but not the MAC."""
    values = json.loads(path.read_bytes())
    change(values)
    path.write_bytes(with_checksum(values))


def with_checksum(values: dict[str, Any]) -> bytes:
    values.pop("checksum")
    return canonical(values | {"checksum": hashlib.sha256(canonical(values)).hexdigest()})


def swap(values: dict[str, Any]) -> None:
    held = values["credentials"]
    held["acme"], held["beta"] = held["beta"], held["acme"]


@pytest.mark.parametrize(
    "change",
    [
        swap,
        lambda values: values["credentials"].pop("beta"),
        lambda values: values["credentials"].update(gamma=values["credentials"]["acme"]),
        lambda values: values.update(mac="0" * 64),
    ],
    ids=["swapped", "removed", "copied", "mac"],
)
def test_what_somebody_changed_on_purpose_is_refused(
    path: Path, opened: Vault, change: Change
) -> None:
    opened.put("beta", OTHER)
    doctored(path, change)
    with pytest.raises(VaultDamaged):
        vault(path).unlock(PASSPHRASE)
    with pytest.raises(VaultDamaged):
        opened.get("acme")
    with pytest.raises(VaultDamaged):
        opened.put("acme", CREDENTIALS)


def test_weaker_parameters_do_not_open_the_vault(path: Path, opened: Vault) -> None:
    doctored(path, lambda values: values["kdf"].update(memory_kib=9))
    with pytest.raises(WrongPassphrase):
        vault(path).unlock(PASSPHRASE)


@pytest.mark.parametrize(
    "asked",
    [
        {"memory_kib": 64 * 1024 * 1024},
        {"memory_kib": 256 * 1024 + 1},
        {"memory_kib": 10**400},
        {"memory_kib": -1},
        {"memory_kib": 1e9},
        {"memory_kib": 8.5},
        {"memory_kib": "8"},
        {"memory_kib": True},
        {"lanes": 9, "memory_kib": 72},
        {"lanes": 10**6},
        {"lanes": -1},
        {"lanes": 0},
        {"lanes": 2},
        {"iterations": 2**31},
        {"iterations": 11},
        {"iterations": -1},
        {"iterations": 1.0},
        {"iterations": None},
        {"iterations": [1]},
        {"iterations": 10**30},
        {"iterations": 0},
        {"salt": ""},
        {"salt": "00" * 1000},
        {"salt": "zz" * 16},
        {"name": "md5"},
        {"log2_n": 17},
        {"name": None},
    ],
    ids=lambda asked: str(asked)[:40],
)
def test_a_doctored_header_cannot_ask_for_more_than_its_bounds(
    path: Path, opened: Vault, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the key derivation was run")

    monkeypatch.setattr(Argon2idParameters, "derive", never)
    monkeypatch.setattr(ScryptParameters, "derive", never)
    doctored(path, lambda values: values["kdf"].update(asked))
    with pytest.raises(VaultDamaged):
        vault(path).unlock(PASSPHRASE)


@pytest.mark.parametrize("log2_n", [0, 19, 40, -3])
def test_a_doctored_scrypt_header_cannot_either(path: Path, opened: Vault, log2_n: int) -> None:
    header = {"name": "scrypt", "salt": "00" * 16, "log2_n": log2_n}
    doctored(path, lambda values: values.update(kdf=header))
    with pytest.raises(VaultDamaged):
        vault(path).unlock(PASSPHRASE)


def test_the_doctoring_itself_is_sound(path: Path, opened: Vault) -> None:
    before = path.read_bytes()
    doctored(path, lambda _: None)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"null", b"[" * 100_000, b"\xff\xfe", b" " * 2_000_000, b'{"version":2}'],
    ids=range(7),
)
def test_something_else_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(VaultDamaged) as caught:
        vault(path).unlock(PASSPHRASE)
    assert str(path) in caught.value.message
    assert path.read_bytes() == content


@pytest.mark.parametrize("spelling", [b" \n", b""])
def test_only_one_spelling_of_a_document_is_accepted(
    path: Path, opened: Vault, spelling: bytes
) -> None:
    values = json.loads(path.read_bytes())
    indented = json.dumps(values, indent=2 if not spelling else None).encode() + spelling
    path.write_bytes(indented)
    with pytest.raises(VaultDamaged):
        vault(path).unlock(PASSPHRASE)


def test_random_bytes_never_raise_anything_else(path: Path, opened: Vault) -> None:
    content = path.read_bytes()
    for round_ in range(200):
        start = round_ * 7 % len(content)
        path.write_bytes(content[:start] + os.urandom(round_ % 40) + content[start + 5 :])
        with pytest.raises(VaultError):
            vault(path).unlock(PASSPHRASE)


def test_one_of_a_later_version_is_not_called_damaged(path: Path, opened: Vault) -> None:
    later = json.loads(path.read_bytes()) | {"version": 3, "more": True}
    path.write_bytes(with_checksum(later))
    before = path.read_bytes()
    with pytest.raises(VaultDamaged, match="later version") as caught:
        vault(path).unlock(PASSPHRASE)
    assert "move it away" not in caught.value.hint
    assert path.read_bytes() == before
