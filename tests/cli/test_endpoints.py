"""What is said of an endpoint before anything is sent there."""

from __future__ import annotations

import pytest

from cognitui.cli.endpoints import warn_of_private


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://10.1.2.3/hook", "Note: 10.1.2.3 is in a private network.\n"),
        ("https://[fd12::1]:8443/", "Note: fd12::1 is in a private network.\n"),
        ("http://127.0.0.1:8000/", ""),
        ("http://8.8.8.8/", ""),
        ("http://169.254.169.254/", ""),  # refused by whoever sends
        ("no url", ""),
    ],
)
async def test_a_private_network_is_warned_of(
    url: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await warn_of_private(url)
    assert capsys.readouterr().err == said
