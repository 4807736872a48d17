from __future__ import annotations

import pytest

from cognitui.network.shown import MAX_SHOWN, without_secrets


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("https://a.example/x?token=t#f", "https://a.example/x"),
        ("https://a.example/x#f?token=t", "https://a.example/x"),
        ("https://user:pw@a.example:8443/x", "https://a.example:8443/x"),
        ("https://us@er:pw@a.example/x", "https://a.example/x"),
        ("//user:pw@a.example/x", "//a.example/x"),
        ("/x?token=t", "/x"),
        ("https://a.example/x@y", "https://a.example/x@y"),
        ("https://a.example/\x1b[31m\u202e", "https://a.example/[31m"),
        ("https://[::1", "https://[::1"),
        ("", ""),
    ],
)
def test_what_may_be_shown_of_a_url(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


def test_it_is_bounded() -> None:
    assert len(without_secrets("https://a.example/" + "x" * 10_000)) == MAX_SHOWN
