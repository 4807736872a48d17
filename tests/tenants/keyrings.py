"""Keyrings for tests: one that works without a desktop, and some that do not work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import InitError, KeyringLocked
from keyrings.alt.file import EncryptedKeyring

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def usable(home: Path) -> EncryptedKeyring:
    """Use a keyring in a file, unlocked, as a desktop's is after the log-in."""
    made = EncryptedKeyring()
    made.file_path = str(home / "keyring.cfg")
    made.keyring_key = "the log-in"
    keyring.set_keyring(made)
    return made


def use(kind: Callable[[], KeyringBackend]) -> None:
    """Use a keyring of this kind from now on."""
    keyring.set_keyring(kind())


class Locked(KeyringBackend):
    """A keyring that a person did not unlock."""

    priority = 5

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("dismissed")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise InitError("dismissed")

    def delete_password(self, service: str, username: str) -> None:
        raise KeyringLocked("dismissed")


class Broken(KeyringBackend):
    """A keyring whose service went away, as D-Bus tells it: with an error of its own."""

    priority = 5

    def get_password(self, service: str, username: str) -> str | None:
        raise ConnectionResetError("org.freedesktop.DBus.Error.NoReply")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise ConnectionResetError("org.freedesktop.DBus.Error.NoReply")

    def delete_password(self, service: str, username: str) -> None:
        raise ConnectionResetError("org.freedesktop.DBus.Error.NoReply")
