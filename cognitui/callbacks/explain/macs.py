"""Ways to make a digest, the scheme's own and those that are taken for it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cognitui.callbacks.explain.cause import Cause

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.callbacks.schemes.scheme import SignedHeaders

ALGORITHMS = {20: "sha1", 28: "sha224", 32: "sha256", 48: "sha384", 64: "sha512"}


@dataclass(frozen=True, slots=True)
class Mac:
    """A way to make a digest.

    Attributes:
        causes: How it differs from the scheme's; empty when it does not.
        of: Makes it, from the key and what is signed.
    """

    causes: tuple[Cause, ...]
    of: Callable[[bytes, bytes], bytes] = field(repr=False)


ALGORITHM = Cause(
    "algorithm_other",
    "with {}",
    "The sender computes the signature with another hash than this scheme.",
    "Use the hash of the scheme on both sides.",
)
NO_KEY = Cause(
    "no_key",
    "with {} of what is signed, without any secret",
    "The sender hashes the body and signs nothing: anybody can compute this, so it proves nothing.",
    "Compute an HMAC with the secret, not a plain hash.",
)
CONCATENATED = Cause(
    "hash_concatenated",
    "with a plain {} of {}",
    "The sender hashes the secret together with the body in place of an HMAC; such hashes can be "
    "extended without the secret.",
    "Compute an HMAC with the secret as its key.",
)
SWAPPED = Cause(
    "key_body_swapped",
    "with the secret and the body swapped",
    "The sender calls its HMAC function with the arguments in the wrong order.",
    "Pass the secret as the key and the body as the message.",
)


def macs_of(part: SignedHeaders, sizes: set[int]) -> list[Mac]:
    """Every way to try for signatures of these sizes, beginning with the scheme's own."""
    own = str(part.algorithm)
    macs = [Mac((), _hmac(own))]
    names = [name for size, name in ALGORITHMS.items() if size in sizes]
    for name in names:
        shown = name.upper().replace("SHA", "SHA-")
        if name != own:
            macs.append(Mac((ALGORITHM.named(f"HMAC-{shown}"),), _hmac(name)))
        macs += [
            Mac((SWAPPED,), _swapped(name)),
            Mac((NO_KEY.named(shown),), _plain(name, lambda _, content: content)),
            Mac((_concatenated(shown, "the secret and then the body"),),
                _plain(name, lambda key, content: key + content)),
            Mac((_concatenated(shown, "the body and then the secret"),),
                _plain(name, lambda key, content: content + key)),
        ]  # fmt: skip
    for name, size in (("sha3_256", 32), ("blake2s", 32), ("sha512_256", 32), ("sha3_512", 64)):
        if size in sizes and name in hashlib.algorithms_available:
            macs.append(Mac((ALGORITHM.named(f"HMAC-{name}"),), _hmac(name)))
    return macs


def _concatenated(name: str, what: str) -> Cause:
    cause = CONCATENATED
    return Cause(cause.code, f"with a plain {name} of {what}", cause.meaning, cause.remedy)


def _hmac(name: str) -> Callable[[bytes, bytes], bytes]:
    return lambda key, content: hmac.digest(key, content, name)


def _swapped(name: str) -> Callable[[bytes, bytes], bytes]:
    return lambda key, content: hmac.digest(content, key, name)


def _plain(name: str, joined: Callable[[bytes, bytes], bytes]) -> Callable[[bytes, bytes], bytes]:
    return lambda key, content: hashlib.new(name, joined(key, content)).digest()
