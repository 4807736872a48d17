"""What is said of an endpoint before anything is sent there."""

from __future__ import annotations

from cognitui.cli.output import talk
from cognitui.cognigy.origin import Origin
from cognitui.errors import CognituiError


async def warn_of_private(url: str) -> None:
    """Say it when an endpoint is in a private network: that may not be what was meant.

    What else is the matter with the URL is for whoever sends to tell.
    """
    from cognitui.network.resolve import remark_on, resolve

    try:
        origin = Origin.of(url)
        remark = remark_on(await resolve(origin.host, origin.port))
    except (CognituiError, ValueError):
        return
    if remark:
        talk(f"Note: {remark}")
