from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from cognitui.cognigy.credentials import Credentials
from cognitui.tenants.vault import Vault
from cognitui.tenants.vault_file import Argon2idParameters

if TYPE_CHECKING:
    from pathlib import Path

PASSPHRASE = SecretStr("correct horse battery")
KEY, SECRET = "the-api-key-itself", "the-api-secret-itself"
CREDENTIALS = Credentials(SecretStr(KEY), SecretStr(SECRET))
OTHER = Credentials(SecretStr("other-key"), SecretStr("other-secret"))


def cheap() -> Argon2idParameters:
    """As little work as Argon2id allows."""
    return Argon2idParameters(memory_kib=8, iterations=1, lanes=1)


def vault(path: Path) -> Vault:
    return Vault(path, new_kdf=cheap)
