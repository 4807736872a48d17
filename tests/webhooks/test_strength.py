from __future__ import annotations

import pytest
from pydantic import SecretStr

from cognitui.callbacks.sign import generate_secret
from cognitui.webhooks.strength import Strength, strength


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Strength.SHORT),
        ("x" * 31, Strength.SHORT),
        ("x" * 1000, Strength.WEAK),
        ("abab" * 10, Strength.WEAK),
        ("password password password passwo", Strength.FAIR),
        ("a signing secret of 32 characters or more", Strength.STRONG),
    ],
)
def test_what_a_secret_looks_like(text: str, expected: Strength) -> None:
    assert strength(SecretStr(text)) is expected


def test_a_generated_one_is_strong() -> None:
    assert {strength(generate_secret()) for _ in range(200)} == {Strength.STRONG}
