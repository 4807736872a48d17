from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from cognitui.callbacks.sign import digest, generate_secret, secret_bytes, sign
from cognitui.errors import UsageError

# RFC 4231, test cases 1 to 4, 6 and 7; the fifth is of a truncated code.
RFC_4231 = [
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (
        b"\xaa" * 20,
        b"\xdd" * 50,
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    ),
    (
        bytes(range(1, 26)),
        b"\xcd" * 50,
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    ),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        b"\xaa" * 131,
        (
            b"This is a test using a larger than block-size key and a larger than block-size "
            b"data. The key needs to be hashed before being used by the HMAC algorithm."
        ),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
]


@pytest.mark.parametrize(("key", "data", "expected"), RFC_4231)
def test_rfc_4231(key: bytes, data: bytes, expected: str) -> None:
    assert sign(data, key) == f"sha256={expected}"


def test_the_tutorials_own_computation_agrees(secret: str) -> None:
    body = b'{"skillId": "skill_abc123", "message": "\xc3\xa9"}'
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert sign(body, secret) == sign(body, SecretStr(secret)) == f"sha256={expected}"
    assert sign(body, secret.encode()) == f"sha256={expected}"


@pytest.mark.parametrize("empty", ["", b"", SecretStr("")])
def test_an_empty_secret_signs_nothing(empty: str | bytes | SecretStr) -> None:
    with pytest.raises(UsageError, match="empty") as caught:
        sign(b"{}", empty)
    assert caught.value.field == "secret"
    assert caught.value.hint


@given(st.binary(), st.text(st.characters(exclude_categories=()), min_size=1))
def test_any_text_is_a_secret(body: bytes, secret: str) -> None:
    assert digest(body, secret_bytes(secret)).hex() == sign(body, secret).removeprefix("sha256=")


def test_generated_secrets_are_long_and_differ() -> None:
    made = {generate_secret().get_secret_value() for _ in range(50)}
    assert len(made) == 50
    assert all(len(value) == 44 and len(base64.b64decode(value)) == 32 for value in made)
