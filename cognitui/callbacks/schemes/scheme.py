"""What a scheme is made of. `ready` has those that are known; `custom` reads a person's own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

BODY, TIMESTAMP, ID = "{body}", "{timestamp}", "{id}"
SIGNATURE, SECRET, SECRET_BASE64 = "{signature}", "{secret}", "{secret_base64}"


class Algorithm(StrEnum):
    """The hash beneath the HMAC."""

    SHA256 = "sha256"
    SHA1 = "sha1"
    SHA512 = "sha512"


class Encoding(StrEnum):
    """How the bytes of a signature are written."""

    HEX = "hex"
    BASE64 = "base64"


class KeyForm(StrEnum):
    """Which bytes a secret stands for. ``whsec_…`` means three things in the field."""

    LITERAL = "literal"
    """Its UTF-8, prefix and all: Cognigy, GitHub, Stripe."""
    WHSEC = "whsec"
    """What is base64 after ``whsec_``, with or without the prefix: Standard Webhooks, Svix."""


class Unit(StrEnum):
    """What a timestamp counts."""

    MS = "ms"
    S = "s"

    @property
    def digits(self) -> int:
        """How many digits a moment of this age has."""
        return 13 if self is Unit.MS else 10

    @property
    def in_ms(self) -> int:
        """Milliseconds of one."""
        return 1 if self is Unit.MS else 1000


@dataclass(frozen=True, slots=True)
class SignedHeaders:
    """Headers of which one holds an HMAC.

    Attributes:
        header: The signature's header.
        value: What it says: ``{signature}``, and ``{timestamp}`` where it has the time too.
        signs: What is signed: ``{body}``, and ``{timestamp}`` and ``{id}`` where they are covered.
        timestamp_header: The timestamp's own header; empty where there is none.
        id_header: The delivery id's header; empty where there is none.
        separator: What stands between several signatures; empty where there is only one.
    """

    header: str
    value: str
    signs: str = BODY
    encoding: Encoding = Encoding.HEX
    algorithm: Algorithm = Algorithm.SHA256
    key: KeyForm = KeyForm.LITERAL
    timestamp_header: str = ""
    unit: Unit = Unit.MS
    id_header: str = ""
    separator: str = ""

    @property
    def covers_timestamp(self) -> bool:
        """Whether a changed timestamp breaks the signature."""
        return TIMESTAMP in self.signs

    @property
    def covers_id(self) -> bool:
        """Whether a changed delivery id breaks the signature."""
        return ID in self.signs

    @property
    def has_timestamp(self) -> bool:
        """Whether a timestamp is sent at all."""
        return bool(self.timestamp_header) or TIMESTAMP in self.value


@dataclass(frozen=True, slots=True)
class StaticHeader:
    """A header that says the secret itself. It proves nothing about the body.

    Attributes:
        header: Its name.
        value: What it says: ``{secret}``, or ``{secret_base64}`` as Basic wants it.
    """

    header: str
    value: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """How callbacks of a webhook are signed.

    Attributes:
        id: Its name in commands and settings.
        title: Its name on the screen.
        parts: The headers that are sent, all of them. Whoever verifies takes the first part that a
            request has any header of.
    """

    id: str
    title: str
    parts: tuple[SignedHeaders | StaticHeader, ...]

    @property
    def headers(self) -> tuple[str, ...]:
        """The names of all headers that it sends, in order."""
        names: list[str] = []
        for part in self.parts:
            names += headers_of(part)
        return tuple(names)

    @property
    def is_signed(self) -> bool:
        """Whether anything is proven about the body."""
        return any(isinstance(part, SignedHeaders) for part in self.parts)

    @property
    def covers_timestamp(self) -> bool:
        """Whether every signature covers the timestamp, so that none can be made fresh again."""
        signed = [part for part in self.parts if isinstance(part, SignedHeaders)]
        return bool(signed) and all(part.covers_timestamp for part in signed)

    @property
    def warning(self) -> str:
        """What this scheme does not protect against; empty when it protects all of it."""
        if not self.is_signed:
            return "nothing is signed: whoever has seen one callback can send any other"
        if not self.covers_timestamp:
            return (
                "the timestamp is not signed: a captured callback can be sent again with a new one"
            )
        return ""


def headers_of(part: SignedHeaders | StaticHeader) -> tuple[str, ...]:
    """The names of the headers of one part, in the order in which they are sent."""
    if isinstance(part, StaticHeader):
        return (part.header,)
    return tuple(name for name in (part.id_header, part.timestamp_header, part.header) if name)
