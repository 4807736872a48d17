"""The vault's file: its form, its bounds, and how a passphrase becomes a key.

::

    {"checksum": …,              SHA-256 of all the rest: tells damage from a wrong passphrase
     "mac": …,                   HMAC of all the rest under the data key: tells tampering
     "version": 2,
     "id": …,                    the vault's own, for good
     "kdf": {"name": "argon2id", "salt": …, "memory_kib": 65536, "iterations": 3, "lanes": 4},
     "wrapped_key": {"nonce": …, "sealed": …},        the data key under the passphrase's key
     "credentials": {"<profile>": {"nonce": …, "sealed": …}, …}}

What the passphrase seals is bound to ``kdf`` and ``id``, what the data key seals to ``id`` and the
profile's name: so a new passphrase, with a salt of its own, leaves the credentials as they are. In
version 1, which had no ``id``, all of it was bound to ``kdf``; the next change of the passphrase
makes version 2 of it.

Whoever can write the file can put an older one of ours in its place; nothing in the file can tell.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cognitui.tenants.errors import VaultDamaged

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import SecretStr

VERSION: Final = 2
KEY_BYTES = 32
MAX_MEMORY_KIB = 256 * 1024
_VERSION = re.compile(rb'"version":([0-9]{1,4})[,}]')
_Hex = r"^(?:[0-9a-f]{2})*\z"
_Salt = Annotated[str, Field(min_length=32, max_length=32, pattern=_Hex)]
_Digest = Annotated[str, Field(min_length=64, max_length=64, pattern=_Hex)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Argon2idParameters(_Part):
    """Argon2id, RFC 9106's second recommendation: about 0.15 s and 64 MiB.

    The bounds are what we do for a file that we did not write ourselves.
    """

    name: Literal["argon2id"] = "argon2id"
    salt: _Salt = Field(default_factory=lambda: os.urandom(16).hex())
    memory_kib: Annotated[int, Field(ge=8, le=MAX_MEMORY_KIB)] = 64 * 1024
    iterations: Annotated[int, Field(ge=1, le=10)] = 3
    lanes: Annotated[int, Field(ge=1, le=8)] = 4

    @model_validator(mode="after")
    def _enough_for_each_lane(self) -> Argon2idParameters:
        if self.memory_kib < 8 * self.lanes:
            raise ValueError("Argon2id needs 8 KiB for each lane")
        return self

    def derive(self, passphrase: SecretStr) -> SecretBytes:
        """The key of this passphrase.

        Raises:
            cryptography.exceptions.UnsupportedAlgorithm: This build has no Argon2id.
        """
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        kdf = Argon2id(
            salt=bytes.fromhex(self.salt),
            length=KEY_BYTES,
            iterations=self.iterations,
            lanes=self.lanes,
            memory_cost=self.memory_kib,
        )
        return SecretBytes(kdf.derive(_encoded(passphrase)))


class ScryptParameters(_Part):
    """Scrypt, where Argon2id is not available: about 0.28 s and 128 MiB."""

    name: Literal["scrypt"] = "scrypt"
    salt: _Salt = Field(default_factory=lambda: os.urandom(16).hex())
    log2_n: Annotated[int, Field(ge=1, le=18)] = 17

    def derive(self, passphrase: SecretStr) -> SecretBytes:
        """The key of this passphrase."""
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

        kdf = Scrypt(salt=bytes.fromhex(self.salt), length=KEY_BYTES, n=1 << self.log2_n, r=8, p=1)
        return SecretBytes(kdf.derive(_encoded(passphrase)))


class Sealed(_Part):
    """Something encrypted with AES-256-GCM, in hex."""

    nonce: Annotated[str, Field(min_length=24, max_length=24, pattern=_Hex)]
    sealed: Annotated[str, Field(min_length=32, pattern=_Hex)]


KdfParameters = Annotated[Argon2idParameters | ScryptParameters, Field(discriminator="name")]


class VaultDocument(_Part):
    """The whole file."""

    version: Literal[1, 2] = VERSION
    id: _Salt | None = None
    kdf: KdfParameters
    wrapped_key: Sealed
    credentials: dict[str, Sealed]
    mac: _Digest
    checksum: _Digest

    @classmethod
    def empty(cls, kdf: Argon2idParameters | ScryptParameters) -> VaultDocument:
        """A new vault's document; its data key is sealed and its MAC made afterwards."""
        return cls(
            id=new_id(),
            kdf=kdf,
            wrapped_key=Sealed(nonce="0" * 24, sealed="0" * 32),
            credentials={},
            mac="0" * 64,
            checksum="0" * 64,
        )

    @model_validator(mode="after")
    def _id_where_there_is_one(self) -> VaultDocument:
        if (self.id is None) != (self.version == 1):
            raise ValueError("the id does not fit the version")
        return self

    @property
    def identity(self) -> str:
        """What tells this vault from others; in version 1 until the passphrase is changed."""
        return self.id or self.kdf.salt

    def key_data(self) -> bytes:
        """What the wrapped data key is bound to: this format, the vault and the header."""
        return self._bound({"for": "data key", "name": "", "kdf": self.kdf.model_dump()})

    def entry_data(self, name: str) -> bytes:
        """What a profile's credentials are bound to: this format, the vault and the profile."""
        header = {"kdf": self.kdf.model_dump()} if self.version == 1 else {}
        return self._bound({"for": "credentials", "name": name} | header)

    def _bound(self, data: dict[str, Any]) -> bytes:
        vault = {} if self.id is None else {"id": self.id}
        return canonical({"version": self.version} | vault | data)

    def authenticated(self) -> bytes:
        """What the MAC is over."""
        return canonical(self.model_dump(exclude={"mac", "checksum"}, exclude_none=True))

    def encode(self) -> bytes:
        """The file's content, with the checksum made anew."""
        body = self.model_dump(exclude={"checksum"}, exclude_none=True)
        return canonical(body | {"checksum": _checksum(body)})


class SecretBytes:
    """Key material that shows nothing of itself where local variables are printed."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def __repr__(self) -> str:
        return "SecretBytes(…)"


def decode(path: Path, content: bytes) -> VaultDocument:
    """The document in the file's content; every byte of it counts.

    Raises:
        VaultDamaged: It is not a vault, not whole, or asks for more than its bounds.
    """
    try:
        document = VaultDocument.model_validate_json(content)
    except (ValidationError, RecursionError):
        raise (_newer(path) if _is_newer(content) else damaged(path)) from None
    # Only one spelling of a document is accepted: no byte can be changed without being noticed.
    if document.encode() != content:
        raise damaged(path)
    return document


def new_id() -> str:
    """An id for a vault that has none yet."""
    return os.urandom(16).hex()


def canonical(value: Any) -> bytes:
    """The one spelling of a JSON value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def damaged(path: Path) -> VaultDamaged:
    """The error for a file that is not as we wrote it."""
    return VaultDamaged(
        f"The vault {path} is damaged or was changed by something else.",
        hint="It was left as it is. Restore it from a backup, or move it away and enter the keys "
        "again.",
    )


def _is_newer(content: bytes) -> bool:
    """Whether a version after this one may have written it; nothing else in it is looked at."""
    found = _VERSION.search(content)
    return found is not None and int(found[1]) > VERSION


def _newer(path: Path) -> VaultDamaged:
    return VaultDamaged(
        f"The vault {path} is of a later version than this cognitui knows.",
        hint="It was left as it is. Open it with the cognitui that wrote it, or update this one.",
    )


def _checksum(body: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(body)).hexdigest()


def _encoded(passphrase: SecretStr) -> bytes:
    return passphrase.get_secret_value().encode("utf-8", "surrogatepass")
