"""What is said of an endpoint before anything is sent there."""

from __future__ import annotations

from cognitui.cli.output import talk


async def warn_of_private(url: str) -> None:
    """Say it when an endpoint is in a private network: that may not be what was meant."""
    from cognitui.network.resolve import remark_about

    if remark := await remark_about(url):
        talk(f"Note: {remark}")
